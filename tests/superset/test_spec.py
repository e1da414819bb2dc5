"""The engine spec in Superset itself, by the functions that its pages call."""

from __future__ import annotations

import json
import runpy
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS, wait_until
from sweep import sweep

import box_dialect
from box_dialect.integrations.superset.grains import GRAINS
from box_dialect.properties import gathered
from box_dialect.properties.restriction import are_urls_restricted

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

COUNTS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def database(add_database: Callable[..., Any], small: Box) -> Any:
    return add_database(small)


@pytest.fixture
def spec(database: Any) -> Any:
    return database.db_engine_spec


@pytest.fixture
def sql_lab(session: Any) -> Callable[..., Any]:
    """Return a function that runs SQL in a database as SQL Lab does, and returns the query and what it answers."""
    from superset.models.sql_lab import Query
    from superset.sql_lab import get_sql_results

    def run(database: Any, sql: str, **values: Any) -> tuple[Any, dict[str, Any]]:
        query = Query(
            database=database, sql=sql, client_id=f"{time.monotonic_ns() % 10**11}", limit=100, start_time=1.0, **values
        )
        session.add(query)
        session.commit()
        number = query.id
        answer = get_sql_results(number, sql)
        session.add(database)  # it has ended the session
        return session.query(Query).get(number), answer

    return run


def test_superset_offers_box(spec: Any) -> None:
    from superset.db_engine_specs import get_available_engine_specs, get_engine_spec

    from box_dialect.integrations.superset import BoxEngineSpec

    assert get_engine_spec("box") is spec is BoxEngineSpec
    assert get_engine_spec("box", "apsw") is spec
    assert "apsw" in get_available_engine_specs()[spec]
    assert not spec.get_public_information()["supports_file_upload"]


def test_the_names_of_superset_are_those_that_the_spec_has(spec: Any) -> None:
    from superset.common.db_query_status import QueryStatus
    from superset.constants import TimeGrain
    from superset.errors import SupersetErrorType
    from superset.sql.parse import SQLGLOT_DIALECTS

    from box_dialect.integrations.sqlglot import Box as Dialect
    from box_dialect.integrations.superset import stop

    assert GRAINS.keys() == {None, *(grain.value for grain in TimeGrain)}
    assert {QueryStatus.STOPPED, QueryStatus.TIMED_OUT} == stop.STOPPED
    assert all(kind in SupersetErrorType for _, kind, _ in spec.custom_errors.values())
    assert SQLGLOT_DIALECTS["box"] is Dialect


@sweep("grain", GRAINS)
@sweep("date_format", [None, "epoch_s", "epoch_ms"])
def test_a_chart_with_each_grain(database: Any, spec: Any, grain: str | None, date_format: str | None) -> None:
    source = {
        None: "modified_at",
        "epoch_s": "unixepoch(modified_at)",
        "epoch_ms": "(unixepoch(modified_at) * 1000)",
    }[date_format]
    moment = spec.get_timestamp_expr(sa.literal_column(source, sa.TIMESTAMP()), date_format, grain).label("moment")
    files = sa.text("files")
    query = sa.select(moment, sa.func.count().label("rows")).select_from(files).group_by(moment)
    query = query.where(sa.text("parent_id = '0' AND modified_at IS NOT NULL"))
    frame = database.get_df(database.compile_sqla_query(query))
    with database.get_raw_connection() as connection:
        cursor = connection.cursor()
        cursor.execute(
            f"SELECT {GRAINS[grain].replace('{col}', 'modified_at')}, count(*) FROM files "
            "WHERE parent_id = '0' AND modified_at IS NOT NULL GROUP BY 1"
        )
        expected = {_naive(at): count for at, count in cursor.fetchall()}
    assert {_naive(at): count for at, count in zip(frame["moment"], frame["rows"], strict=True)} == expected


def _naive(at: Any) -> Any:
    import pandas as pd

    return pd.Timestamp(at).tz_localize(None)


def test_types_of_results_and_of_datasets(database: Any, sql_lab: Callable[..., Any]) -> None:
    from superset.connectors.sqla.utils import get_physical_table_metadata
    from superset.sql.parse import Table

    _, answer = sql_lab(database, "SELECT * FROM files LIMIT 3")
    columns = {column["name"]: column for column in answer["columns"]}
    expected = {
        "name": (1, False),
        "size": (0, False),
        "modified_at": (2, True),
        "tags": (1, False),
        "is_package": (3, False),
    }
    assert {name: (columns[name]["type_generic"], columns[name]["is_dttm"]) for name in expected} == expected
    described = get_physical_table_metadata(database, Table("files", "main"), normalize_columns=True)
    known = {column["name"]: (column["type_generic"], column["is_dttm"]) for column in described}
    assert {name: known[name] for name in expected} == expected
    assert {"content", "search", "files"}.isdisjoint(known)
    assert all(kind is not None for kind, _ in known.values())


@sweep(
    ("declared", "kind"),
    [
        *(
            (declared, 0)
            for declared in ("INTEGER", "BIGINT", "INT", "NUM", "REAL", "NUMERIC(10, 2)", "DOUBLE PRECISION")
        ),
        *((declared, 1) for declared in ("TEXT", "VARCHAR(9)", "JSON TEXT", "CLOB", "UUID", "BLOB")),
        *((declared, 2) for declared in ("TIMESTAMP TEXT", "TIMESTAMP WITH TIME ZONE", "DATETIME", "DATE", "TIME")),
        ("BOOLEAN", 3),
        ("", None),
    ],
)
def test_declared_types(spec: Any, declared: str, kind: int | None) -> None:
    """What Box's columns and one's own are declared as, also by CREATE TABLE AS."""
    described = spec.get_column_spec(spec.get_datatype(declared))
    assert (described and described.generic_type) == kind


@sweep("with_columns", [False, True])
def test_a_preview_of_a_table_has_no_hidden_columns(database: Any, with_columns: bool) -> None:
    from superset.sql.parse import Table

    sql = database.select_star(Table("files", "main"), show_cols=with_columns)
    frame = database.get_df(sql)
    assert {"content", "search", "files"}.isdisjoint(frame.columns)
    assert "permissions" in frame.columns


@sweep(
    ("sql", "kind", "message"),
    [
        ("SELECT nam FROM files", "COLUMN_DOES_NOT_EXIST_ERROR", "no such column: nam; did you mean name?"),
        ("SELECT * FROM filez", "TABLE_DOES_NOT_EXIST_ERROR", "no such table: filez; did you mean files?"),
        ("DESCRIBE filez", "TABLE_DOES_NOT_EXIST_ERROR", "no such table: filez; did you mean files?"),
        (
            "SHOW INDEXES FROM files",
            "SYNTAX_ERROR",
            (
                "the statement is wrong at character 6: SHOW is there for TABLES, VIEWS, COLUMNS, PROCEDURES, "
                "PROPERTIES, SCHEMAS; DESCRIBE tells the columns of a table, or what a procedure takes"
            ),
        ),
    ],
)
def test_errors_are_the_drivers_own(
    database: Any, sql_lab: Callable[..., Any], sql: str, kind: str, message: str
) -> None:
    query, answer = sql_lab(database, sql)
    (error,) = answer["errors"]
    assert (error["error_type"], error["message"]) == (kind, message)
    assert query.error_message == answer["error"] == message
    assert error["extra"]["engine_name"] == "Box"


def test_tables_columns_and_procedures_are_shown(database: Any, sql_lab: Callable[..., Any]) -> None:
    for sql, name in {
        "SHOW TABLES LIKE 'folder_sizes'": "folder_sizes",
        "-- its columns\nDESCRIBE files;": "id",
        "SHOW TABLES; DESC PROCEDURE MoveItem": "ItemId",
    }.items():
        query, answer = sql_lab(database, sql)
        assert query.status == "success", query.error_message
        assert answer["data"][0]["name"] == name


def test_errors_of_pages_are_told_without_the_statement(database: Any, spec: Any) -> None:
    with database.get_sqla_engine() as engine, engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError) as caught:
            connection.execute(sa.text("SELECT nam FROM files"))
        (error,) = spec.extract_errors(caught.value)
    assert error.message == "no such column: nam; did you mean name?"


def test_box_is_read_only_unless_the_engine_parameters_say_otherwise(
    add_database: Callable[..., Any], sql_lab: Callable[..., Any], fresh: Box
) -> None:
    insert = "INSERT INTO folders (name, parent_id) VALUES ('Made in SQL Lab', '0')"
    look = "SELECT count(*) AS n FROM folders WHERE name = 'Made in SQL Lab' AND parent_id = '0'"
    not_said = add_database(fresh, url=f"{fresh.url}&Readonly=false", allow_dml=True)
    _, answer = sql_lab(not_said, insert)
    assert answer["errors"][0]["error_type"] == "DML_NOT_ALLOWED_ERROR"
    assert '{"connect_args": {"Readonly": false}}' in answer["errors"][0]["message"]
    said = add_database(fresh, connect_args={"Readonly": False}, allow_dml=False)
    assert sql_lab(said, insert)[1]["errors"][0]["error_type"] == "DML_NOT_ALLOWED_ERROR"
    assert sql_lab(said, look)[1]["data"] == [{"n": 0}]
    both = add_database(fresh, connect_args={"Readonly": False}, allow_dml=True)
    assert sql_lab(both, insert)[1]["status"] == "success"
    assert sql_lab(both, look)[1]["data"] == [{"n": 1}]


def test_stop_ends_a_statement_of_another_process(app: Any, database: Any, sql_lab: Callable[..., Any]) -> None:
    """Only the metadata database, which all processes share, tells of it."""
    from superset.daos.query import QueryDAO
    from superset.extensions import db
    from superset.models.sql_lab import Query

    def stop() -> None:
        wait_until(watches)  # it runs
        with app.app_context():
            running = db.session.query(Query).filter_by(sql=COUNTS, status="running").one()
            QueryDAO.stop_query(running.client_id)
            db.session.commit()

    wait_until(lambda: not watches())  # nor those of statements that have just ended
    began = time.monotonic()
    stopping = threading.Thread(target=stop)
    stopping.start()
    query, answer = sql_lab(database, COUNTS)
    stopping.join(PATIENCE_SECONDS)
    assert answer["status"] == query.status == "stopped"
    assert time.monotonic() < began + PATIENCE_SECONDS, "its Timeout ended it, and not the button"
    assert sql_lab(database, "SELECT 1 AS n")[1]["data"] == [{"n": 1}]
    wait_until(lambda: not watches())


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "box-dialect-stop"]


def test_urls_are_restricted_once_the_spec_is_there(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert session
    monkeypatch.delenv("BOX_DIALECT_RESTRICT_URLS")
    runpy.run_module("box_dialect.integrations.superset.spec")
    assert are_urls_restricted()


def test_functions(database: Any) -> None:
    assert {"date_trunc", "regexp", "GetOAuthAccessToken", "json_each"} <= {*database.function_names}


def test_the_form(spec: Any, small: Box) -> None:
    from superset.databases.schemas import DatabasePostSchema
    from superset.models.core import Database
    from superset.utils.core import QuerySource

    properties = spec.parameters_json_schema()["properties"]
    assert set(properties) == {"username", "password", "account", "query", "oauth2_client_info"}
    assert properties["oauth2_client_info"]["x-encrypted-extra"]
    filled = spec.get_parameters_from_uri(small.url)
    assert spec.validate_parameters({"parameters": filled}) == []
    values = {"database_name": "Box", "engine": "box", "driver": "apsw", "configuration_method": "dynamic_form"}
    loaded = DatabasePostSchema().load({**values, "parameters": filled})
    database = Database(database_name="Box", extra="{}")
    database.set_sqlalchemy_uri(loaded["sqlalchemy_uri"])
    with database.get_raw_connection(source=QuerySource.SQL_LAB) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM users")
        assert cursor.fetchall()
    assert database.parameters["username"] == filled["username"]
    assert filled["password"] not in json.dumps(database.parameters)


def test_a_form_that_is_opened_and_sent_changes_nothing(add_database: Callable[..., Any], small: Box) -> None:
    """Superset shows secrets masked, and takes the mask for what it has."""
    from superset.databases.schemas import DatabasePutSchema

    client = {"id": "client", "secret": "s3cret", "scope": "", "authorization_request_uri": "", "token_request_uri": ""}
    extra = json.dumps({"oauth2_client_info": client, "connect_args": {"OAuthJWTCertPassword": "hunter2"}})
    database = add_database(small, encrypted_extra=extra)
    before, shown = database.sqlalchemy_uri_decrypted, database.parameters
    assert "s3cret" not in json.dumps(shown)
    assert "hunter2" not in database.masked_encrypted_extra
    sent = {**shown, "oauth2_client_info": json.dumps(shown["oauth2_client_info"])}
    values = {"engine": "box", "driver": "apsw", "configuration_method": "dynamic_form", "parameters": sent}
    loaded = DatabasePutSchema().load({**values, "masked_encrypted_extra": database.masked_encrypted_extra})
    database.set_sqlalchemy_uri(loaded["sqlalchemy_uri"])
    after = database.sqlalchemy_uri_decrypted
    assert gathered(after, {}) == gathered(before, {"MaxApiCalls": 10_000, "Timeout": 300})
    revealed = database.db_engine_spec.unmask_encrypted_extra(extra, loaded["masked_encrypted_extra"])
    assert json.loads(revealed) == json.loads(extra)


def test_what_the_form_lacks_is_told(spec: Any) -> None:
    (missing,) = spec.validate_parameters({"parameters": {"username": "client"}})
    assert missing.extra["missing"] == ["password", "account"]
    (wrong,) = spec.validate_parameters(
        {"parameters": {"username": "a", "password": "b", "account": "1", "query": {"LocalDatabase": "/etc/passwd"}}}
    )
    assert wrong.extra["invalid"] == ["query"]


def test_estimates(database: Any, sql_lab: Callable[..., Any]) -> None:
    from superset.commands.sql_lab.estimate import QueryEstimationCommand
    from superset.exceptions import SupersetErrorsException

    def estimated(sql: str) -> Any:
        command = QueryEstimationCommand(
            {"database_id": database.id, "sql": sql, "template_params": {}, "schema": "main"}
        )
        command.validate = lambda: None  # what the viewer may do is not asked here
        command._database = database
        return command.run()

    database.extra = json.dumps({**json.loads(database.extra), "cost_estimate_enabled": True})
    assert database.allows_cost_estimate
    by_id = "SELECT name FROM files WHERE id = '1200000000007'"
    (cost, other) = estimated(f"{by_id}; SELECT 1")
    assert (cost["API calls"], other["API calls"]) == ("1", "0")
    sql_lab(database, "SELECT count(*) FROM files")
    with pytest.raises(SupersetErrorsException) as wrong:
        estimated("SELECT nam FROM files")
    assert [error.error_type.name for error in wrong.value.errors] == ["COLUMN_DOES_NOT_EXIST_ERROR"]
    (walk,) = estimated("SELECT count(*) FROM files")
    assert walk["API calls"] in {"14", "1 to 14"}


@sweep(
    ("secret", "connect_args", "kind", "said"),
    [
        (None, {}, None, ""),
        ("wrong", {}, "CONNECTION_ACCESS_DENIED_ERROR", "Box refused the sign-in"),
        (None, {"AuthScheme": "OAuth"}, "CONNECTION_ACCESS_DENIED_ERROR", "no token is given"),
        (None, {"Timeout": "soon"}, "CONNECTION_MISSING_PARAMETERS_ERROR", "property Timeout"),
    ],
)
def test_the_test_of_a_connection_signs_in(
    session: Any, small: Box, secret: str | None, connect_args: dict[str, str], kind: str | None, said: str
) -> None:
    from superset.commands.database.test_connection import TestConnectionDatabaseCommand
    from superset.exceptions import SupersetErrorsException

    assert session
    extra = json.dumps({"engine_params": {"connect_args": connect_args}})
    url = sa.engine.make_url(small.url)
    url = url.set(password=secret or url.password).render_as_string(hide_password=False)
    command = TestConnectionDatabaseCommand({"sqlalchemy_uri": url, "extra": extra})
    if kind is None:
        command.run()
        return
    with pytest.raises(SupersetErrorsException) as caught:
        command.run()
    (error,) = caught.value.errors
    assert (error.error_type, said in error.message, "Background" in error.message) == (kind, True, False), error


def test_a_database_without_bounds_is_warned_of(
    add_database: Callable[..., Any], small: Box, caplog: pytest.LogCaptureFixture
) -> None:
    without = add_database(small)
    without.extra = "{}"
    secret = add_database(small, encrypted_extra='{"connect_args": {"Timeout": 5}}')
    secret.extra = '{"engine_params": {"connect_args": {"MaxApiCalls": 5}}}'
    for database in (without, secret, without):
        with database.get_raw_connection():
            pass
    (said,) = (each.getMessage() for each in caplog.records if "has no MaxApiCalls" in each.getMessage())
    assert without.database_name in said


def test_a_strangers_url_leads_nowhere(add_database: Callable[..., Any], small: Box, spec: Any) -> None:
    database = add_database(small, url=f"{small.url}&LocalDatabase=/etc/passwd")
    with pytest.raises(box_dialect.ProgrammingError) as caught, database.get_raw_connection():
        pass
    (error,) = spec.extract_errors(caught.value)
    assert error.error_type == "CONNECTION_DATABASE_PERMISSIONS_ERROR"
