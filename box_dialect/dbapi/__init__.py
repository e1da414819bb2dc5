"""The PEP 249 driver.

Source: https://peps.python.org/pep-0249/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, overload

import apsw

from box_dialect import properties as _properties
from box_dialect.dbapi.connection import Connection
from box_dialect.dbapi.cursor import Cursor
from box_dialect.dbapi.estimates import Estimate
from box_dialect.dbapi.types import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    Date,
    DateFromTicks,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)
from box_dialect.errors import (
    BoxDocumentWarning,
    BoxIndexWarning,
    BoxTemplateWarning,
    BoxTransactionWarning,
    BoxUserWarning,
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,  # noqa: A004 - PEP 249's name
    called_without_frames,
)
from box_dialect.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.rows import Row, RowFactory

__all__ = [
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "Binary",
    "BoxDocumentWarning",
    "BoxIndexWarning",
    "BoxTemplateWarning",
    "BoxTransactionWarning",
    "BoxUserWarning",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "Estimate",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Warning",
    "apilevel",
    "connect",
    "paramstyle",
    "sqlite_version",
    "sqlite_version_info",
    "threadsafety",
]

apilevel: Final = "2.0"
threadsafety: Final = 1
"""Threads may share the module, and each has its own connections."""
paramstyle: Final = "qmark"
"""`?` in their order; `:name` with a mapping works too."""

sqlite_version: Final = apsw.sqlite_lib_version()
"""The version of the SQLite that runs the SQL."""
sqlite_version_info: Final = tuple(int(part) for part in sqlite_version.split("."))


@overload
def connect(
    url: str | Mapping[str, Any] | None = None, /, *, row_factory: RowFactory[Row], **properties: Any
) -> Connection[Row]: ...


@overload
def connect(url: str | Mapping[str, Any] | None = None, /, **properties: Any) -> Connection: ...


@called_without_frames
def connect(
    url: str | Mapping[str, Any] | None = None, /, *, row_factory: RowFactory[Any] = tuple_row, **properties: Any
) -> Connection[Any]:
    """Open a connection; nothing is sent to Box unless `InitiateOAuth` says so.

    `url` is `box://CLIENT_ID:CLIENT_SECRET@/?Name=value…`; properties may be given by name instead or besides, in any
    case or in snake_case, and go before those of the URL: `connect(oauth_access_token="…")`. See docs/properties.md.
    `row_factory` makes the rows that its cursors give (`box_dialect.rows`), tuples by default.
    A mapping in the place of the URL holds what a URL carries: where `restrict_urls()` bounds URLs, it bounds that too.
    Raises ProgrammingError for a wrong property, OperationalError for a sign-in that fails at once.
    """
    connection = Connection(_properties.gathered(url, properties), row_factory)
    if connection.signs_in:
        try:
            connection.session.portal.run(connection.session.client.sign_in)
        except BaseException:
            connection.close()
            raise
    return connection
