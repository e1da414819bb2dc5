"""The hook of Airflow's connections of the type `box`, by which its operators for SQL run statements.

Source: https://airflow.apache.org/docs/apache-airflow-providers-common-sql/stable/operators.html
"""

from __future__ import annotations

from typing import Any, Final

from airflow.providers.common.sql.hooks.sql import DbApiHook
from sqlalchemy.engine import URL

from box_dialect.dbapi import Connection, connect
from box_dialect.dialect.url import masked
from box_dialect.errors import ProgrammingError
from box_dialect.integrations.airflow import CONNECTION_TYPE, PROFILE
from box_dialect.profiles import load
from box_dialect.properties import hosted, is_database, merged

_OF_HOOKS: Final = frozenset(
    {
        "dialect",
        "escape_column_names",
        "escape_word_format",
        "insert_statement_format",
        "placeholder",
        "replace_statement_format",
        "sqlalchemy_scheme",
    }
)
"""What `DbApiHook` itself reads in the extra fields of a connection."""


class BoxHook(DbApiHook):
    """Box by a connection of Airflow's: its login and password are the client's, its extra fields are properties.

    Where the field `profile` names a profile, its properties hold unless the connection has others. A host and a port
    stand for those of an emulator. What makes a connection raises ProgrammingError for a wrong field or profile, and
    OperationalError where the keyring does not give a secret of the profile.
    """

    conn_name_attr = "box_conn_id"
    default_conn_name = "box_default"
    conn_type = CONNECTION_TYPE
    hook_name = "Box"
    supports_autocommit = True
    supports_executemany = True
    _placeholder = "?"
    # One call, by which Box tells whether it takes the sign-in.
    _test_connection_sql = "SELECT id FROM users WHERE id = 'me'"

    def get_conn(self) -> Connection:
        """Open a connection of the driver; each is its caller's to close."""
        return connect(self._properties())

    def get_uri(self) -> str:
        """Return the URL of Box, with its secrets."""
        uri: str = self.sqlalchemy_url.render_as_string(hide_password=False)
        return uri

    @property
    def sqlalchemy_url(self) -> URL:
        """The URL of Box, whose text hides secrets."""
        query = {name: str(value) for name, value in self._properties().items()}
        return masked(URL.create("box", query=query))

    def _properties(self) -> dict[str, Any]:
        """Return the raw properties that the connection stands for."""
        fields = self.connection
        if not is_database(fields.schema or ""):
            raise ProgrammingError(f"the connection {self.get_conn_id()} has a schema; leave it out, or give main")
        extra = {name: value for name, value in self.connection_extra.items() if value is not None}
        profile = extra.pop(PROFILE, None)
        client = {"OAuthClientId": fields.login, "OAuthClientSecret": fields.password}
        return merged(
            {
                **(load(profile) if profile else {}),
                **hosted(fields.host, fields.port),
                **{name: value for name, value in client.items() if value},
            },
            [(name, value) for name, value in extra.items() if name not in _OF_HOOKS],
        )

    @staticmethod
    def _serialize_cell(cell: object, conn: object = None) -> object:  # noqa: ARG004 - Airflow's signature
        """Return a value of `insert_rows` as it is: the driver takes Python's."""
        return cell
