"""Engine spec: what Superset knows of Box beyond its SQLAlchemy dialect.

Each method is a hook of Superset's by that name, with the same signature in 5.0, 6.0 and 6.1.
Source: https://github.com/apache/superset/blob/6.1.0/superset/db_engine_specs/base.py
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app
from marshmallow import Schema, fields
from sqlalchemy import types
from sqlalchemy.engine import make_url
from superset.databases.schemas import EncryptedString, encrypted_field_properties
from superset.db_engine_specs.base import BaseEngineSpec
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetErrorsException
from superset.sql.parse import SQLGLOT_DIALECTS
from superset.utils.core import GenericDataType

import box_dialect
from box_dialect.dbapi import functions
from box_dialect.integrations.sqlglot import Box
from box_dialect.integrations.superset import (
    application,
    bounds,
    costs,
    errors,
    form,
    grains,
    previews,
    stop,
)
from box_dialect.integrations.superset.viewers import ViewerSignIn

if TYPE_CHECKING:
    from datetime import datetime

box_dialect.restrict_urls()  # whoever may add a database writes its URL
SQLGLOT_DIALECTS.setdefault("box", Box)  # the configuration's, if it names one, goes before


class BoxParametersSchema(Schema):
    """The fields of the form, as `form` reads them."""

    username = fields.String(allow_none=True, metadata={"description": "Client ID of the Box application"})
    password = fields.String(allow_none=True, metadata={"description": "Client secret of the Box application"})
    account = fields.String(allow_none=True, metadata={"description": "Enterprise ID that the service account is of"})
    query = fields.Dict(
        keys=fields.String(), values=fields.Raw(), metadata={"description": "Other properties of the connection"}
    )
    oauth2_client_info = EncryptedString(
        required=False,
        allow_none=True,
        metadata={
            "description": "The OAuth2 client by which each viewer signs in",
            "default": dict(form.OAUTH2_DEFAULTS),
        },
    )


class BoxEngineSpec(ViewerSignIn, BaseEngineSpec):
    """Box for Superset: its name, form, time grains, types, errors, costs, and how a statement is stopped."""

    engine = "box"
    engine_name = "Box"
    drivers: ClassVar[dict[str, str]] = {"apsw": "SQLite virtual tables through APSW"}
    default_driver = "apsw"
    sqlalchemy_uri_placeholder = form.PLACEHOLDER
    metadata: ClassVar[dict[str, Any]] = {  # since 6.1
        "description": "Box (box.com) as a SQL database.",
        "homepage_url": "https://www.box.com/",
        "categories": ["Other Databases", "Proprietary"],
        "pypi_packages": ["box-dialect[superset]"],
        "connection_string": form.PLACEHOLDER,
        "install_instructions": 'pip install "box-dialect[superset]"',
    }

    parameters_schema = BoxParametersSchema()
    encrypted_extra_sensitive_fields: ClassVar[dict[str, str]] = {
        "$.oauth2_client_info.secret": "OAuth2 client secret",
        "$.connect_args.*": "Connection properties",
    }

    supports_file_upload = False
    disable_ssh_tunneling = True

    _time_grain_expressions = grains.GRAINS
    column_type_mappings = (  # beside Superset's own
        (re.compile("^(json|clob|uuid|enum)", re.IGNORECASE), types.Text(), GenericDataType.STRING),
        (re.compile(r"^num\b", re.IGNORECASE), types.Numeric(), GenericDataType.NUMERIC),  # as CREATE TABLE AS declares
        (re.compile("^blob", re.IGNORECASE), types.LargeBinary(), GenericDataType.STRING),
    )
    custom_errors: ClassVar[dict[re.Pattern[str], tuple[str, SupersetErrorType, dict[str, Any]]]] = {
        errors.pattern(part): (errors.template(error), SupersetErrorType[error.type], {})
        for part, error in errors.ERRORS.items()
    }

    @classmethod
    def epoch_to_dttm(cls) -> str:
        """Return the moment of a column that holds seconds since 1970."""
        return grains.EPOCH

    @classmethod
    def epoch_ms_to_dttm(cls) -> str:
        """Return the moment of a column that holds milliseconds since 1970."""
        return grains.EPOCH_MILLISECONDS

    @classmethod
    def convert_dttm(cls, target_type: str, dttm: datetime, db_extra: dict[str, Any] | None = None) -> str | None:
        """Return what a column of a type is compared with in a filter of times."""
        return grains.literal(target_type, dttm)

    @classmethod
    def get_function_names(cls, database: Any) -> list[str]:
        """Return the functions that SQL Lab completes."""
        with database.get_raw_connection() as connection:
            return functions.names(connection)

    @classmethod
    def _extract_error_message(cls, ex: Exception) -> str:
        """Return the text of an error, by which `custom_errors` finds what it means."""
        return errors.message_of(ex)

    @classmethod
    def extract_error_message(cls, ex: Exception) -> str:
        """Return the text of an error in SQL Lab; Superset's own has the name of the engine before it."""
        return cls._extract_error_message(ex)

    @classmethod
    def get_allow_cost_estimate(cls, extra: dict[str, Any]) -> bool:
        """Have SQL Lab offer to estimate, where the feature ESTIMATE_QUERY_COST and a database's own setting are on."""
        return True

    @classmethod
    def estimate_statement_cost(cls, database: Any, statement: str, cursor: Any) -> dict[str, Any]:
        """Return the cost of one statement, which is not run; raises SupersetErrorsException for a wrong one."""
        try:
            return costs.cost_of(cursor.connection.estimate(statement))
        except box_dialect.Error as error:
            raise SupersetErrorsException(cls.extract_errors(error), status=400) from error

    @classmethod
    def query_cost_formatter(cls, raw_cost: list[dict[str, Any]]) -> list[dict[str, str]]:
        """Return the costs of a script's statements as SQL Lab shows them."""
        return costs.shown(raw_cost)

    @classmethod
    def has_implicit_cancel(cls) -> bool:
        """Tell that the process that runs a statement sees by itself when it is stopped."""
        return True

    @classmethod
    def execute_with_cursor(cls, cursor: Any, sql: str, query: Any) -> None:
        """Run a statement for SQL Lab; it is watched from here on until its rows are fetched."""
        seconds = current_app.config["DB_POLL_INTERVAL_SECONDS"].get(cls.engine, 1)
        stop.begin(cursor, stop.reader(query.id), seconds)
        try:
            super().execute_with_cursor(cursor, sql, query)
        except BaseException:
            stop.end(cursor)
            raise

    @classmethod
    def fetch_data(cls, cursor: Any, limit: int | None = None) -> list[tuple[Any, ...]]:
        """Fetch the rows of a statement, and watch it no more."""
        try:
            rows: list[tuple[Any, ...]] = super().fetch_data(cursor, limit)
        finally:
            stop.end(cursor)
        return rows

    @classmethod
    def update_params_from_encrypted_extra(cls, database: Any, params: dict[str, Any]) -> None:
        """Complete what an engine is made of, bound previews, and warn where nothing bounds its statements."""
        super().update_params_from_encrypted_extra(database, params)
        if calls := previews.current_calls(is_shared=application.shows_rows_of_others(database)):
            params["connect_args"]["PreviewCalls"] = calls
        if database.database_name:  # a connection that is tested has none yet
            bounds.warn(database.database_name, make_url(database.sqlalchemy_uri).query, params["connect_args"])

    @staticmethod
    def mutate_db_for_connection_test(database: Any) -> None:
        """Have the test of a connection sign in at Box, which nothing else does before the first query."""
        extra = json.loads(database.extra or "{}")
        extra.setdefault("engine_params", {}).setdefault("connect_args", {})["InitiateOAuth"] = "REFRESH"
        database.extra = json.dumps(extra)

    @classmethod
    def get_impersonation_key(cls, user: Any) -> Any:
        """Return what keeps the cached rows of a viewer apart from those of others, and of previews.

        Superset asks for it only where it does not show the rows that it keeps to all viewers.
        """
        calls, key = previews.current_calls(), super().get_impersonation_key(user)
        return f"{key} in {calls} calls" if calls else key

    @classmethod
    def build_sqlalchemy_uri(cls, parameters: dict[str, Any], encrypted_extra: dict[str, Any] | None = None) -> str:
        """Return the URL that the form stands for."""
        return form.url_of(parameters)

    @classmethod
    def get_parameters_from_uri(cls, uri: str, encrypted_extra: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the form shows of a database that it changes."""
        signed_in = (encrypted_extra or {}).get("oauth2_client_info")
        return form.parameters_of(uri) | ({"oauth2_client_info": signed_in} if signed_in else {})

    @classmethod
    def validate_parameters(cls, properties: dict[str, Any]) -> list[SupersetError]:
        """Tell what is wrong with the form, while it is filled in and when it is sent."""
        problem = form.problem_of(properties.get("parameters") or {})
        if problem is None:
            return []
        message, names = problem
        is_missing = names != ["query"]
        return [
            SupersetError(
                message=message,
                error_type=SupersetErrorType.CONNECTION_MISSING_PARAMETERS_ERROR
                if is_missing
                else SupersetErrorType.INVALID_PAYLOAD_SCHEMA_ERROR,
                level=ErrorLevel.WARNING if is_missing else ErrorLevel.ERROR,
                extra={"missing" if is_missing else "invalid": names},
            )
        ]

    @classmethod
    def parameters_json_schema(cls) -> dict[str, Any]:
        """Return the form as OpenAPI has it; fields of `EncryptedString` say so."""
        plugin = MarshmallowPlugin()
        document = APISpec(title="Box", version="1.0.0", openapi_version="3.0.2", plugins=[plugin])
        plugin.converter.add_attribute_function(encrypted_field_properties)
        document.components.schema(cls.__name__, schema=cls.parameters_schema)
        schema: dict[str, Any] = document.to_dict()["components"]["schemas"][cls.__name__]
        return schema
