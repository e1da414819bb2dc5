"""What SQL may do on this machine: an authorizer, since a statement may come from a stranger.

Source: https://www.sqlite.org/c3ref/set_authorizer.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from box_dialect.catalog.model import Table
    from box_dialect.catalog.procedure import Procedure

_PRAGMAS_WITH_ARGUMENT: Final = frozenset(
    {"foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"}
)
_PRAGMAS: Final = _PRAGMAS_WITH_ARGUMENT | {
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "encoding",
    "foreign_keys",
    "function_list",
    "module_list",
    "page_size",
    "pragma_list",
    "query_only",
    "schema_version",
    "user_version",
}
"""PRAGMAs that only tell something; those of the first group take the name of a table or an index."""

_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"})
"""SQL functions that reach files, native code or the log of the process."""

_RENAME: Final = "sqlite_rename_table"
"""What SQLite runs within `ALTER TABLE … RENAME TO`; it tells nobody of the new name."""

_MODULES: Final = frozenset({"fts5", "fts5vocab", "rtree"})
"""Virtual tables that a user may create: they keep all they have in the connection's memory."""

_READS: Final = frozenset(
    {
        apsw.SQLITE_SELECT,
        apsw.SQLITE_READ,
        apsw.SQLITE_FUNCTION,
        apsw.SQLITE_RECURSIVE,
        apsw.SQLITE_PRAGMA,
        apsw.SQLITE_TRANSACTION,
        apsw.SQLITE_SAVEPOINT,
    }
)
_CALLS: Final = frozenset({apsw.SQLITE_FUNCTION, apsw.SQLITE_READ})
_CREATES: Final = frozenset(
    {
        apsw.SQLITE_CREATE_TABLE,
        apsw.SQLITE_CREATE_TEMP_TABLE,
        apsw.SQLITE_CREATE_VIEW,
        apsw.SQLITE_CREATE_TEMP_VIEW,
        apsw.SQLITE_CREATE_VTABLE,
    }
)

_LIMITS: Final = (
    (apsw.SQLITE_LIMIT_ATTACHED, 0),
    (apsw.SQLITE_LIMIT_LENGTH, 1 << 28),
    (apsw.SQLITE_LIMIT_SQL_LENGTH, 1 << 24),
)
"""What a stranger's SQL may make is bounded: databases besides, bytes of one value, bytes of one statement."""

_MOST_PAGES: Final = 1 << 18
"""Pages of 4 KiB that the user's own tables may take."""

_STEPS_BETWEEN_SIGNALS: Final = 1_000_000
"""SQLite's steps after which Python may handle a signal, such as Ctrl-C in a statement without end."""

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def guard(
    connection: apsw.Connection, tables: Mapping[str, Table], procedures: Mapping[str, Procedure], *, readonly: bool
) -> None:
    """Close a connection against everything but its own memory and Box; with `readonly` against every write too."""
    for limit, value in _LIMITS:
        connection.limit(limit, value)
    connection.pragma("max_page_count", _MOST_PAGES, schema="main")
    connection.pragma("max_page_count", _MOST_PAGES, schema="temp")
    connection.set_progress_handler(lambda: False, _STEPS_BETWEEN_SIGNALS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    # Only this connection's user wrote its schema, and the authorizer sees what its views and triggers do.
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.authorizer = _authorizer(tables, procedures, readonly=readonly)


def _authorizer(tables: Mapping[str, Table], procedures: Mapping[str, Procedure], *, readonly: bool) -> Authorizer:
    """Return the callback that SQLite asks while it prepares a statement; it raises for what is refused."""

    def authorize(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
        if readonly:
            _check_reads(procedures, action, (second if action == apsw.SQLITE_FUNCTION else first) or "")
        if action in {apsw.SQLITE_ATTACH, apsw.SQLITE_DETACH}:
            raise NotSupportedError("ATTACH, DETACH and VACUUM are refused: SQL cannot reach files of this machine")
        if action == apsw.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
            raise NotSupportedError(f"function {second} is refused: SQL cannot reach this machine")
        if action == apsw.SQLITE_FUNCTION and second == _RENAME:
            raise NotSupportedError(
                "ALTER TABLE … RENAME TO is refused, since the new name might hide a table of Box; "
                "CREATE TABLE … AS SELECT copies a table under another name"
            )
        if action == apsw.SQLITE_PRAGMA:
            _check_pragma(first or "", second)
        if action in _CREATES:
            _check_name(tables, procedures, first or "")
        if action == apsw.SQLITE_CREATE_VTABLE and (second or "").lower() not in _MODULES:
            raise NotSupportedError(f"virtual table module {second} is refused; allowed: {', '.join(sorted(_MODULES))}")
        if action == apsw.SQLITE_READ and (first or "").lower() in {"sqlite_dbpage", "dbstat"}:
            raise NotSupportedError(f"table {first} is refused")
        return apsw.SQLITE_OK

    return authorize


def _check_pragma(name: str, argument: str | None) -> None:
    allowed = _PRAGMAS_WITH_ARGUMENT if argument is not None else _PRAGMAS
    if name.lower() not in allowed:
        raise NotSupportedError(f"PRAGMA {name} is refused: only PRAGMAs that tell of tables are allowed")


def _check_reads(procedures: Mapping[str, Procedure], action: int, name: str) -> None:
    if action not in _READS:
        raise ProgrammingError("the connection has Readonly=true, so nothing may be written")
    procedure = procedures.get(name.lower()) if action in _CALLS else None
    if procedure is not None and procedure.side_effect:
        raise ProgrammingError(
            f"the connection has Readonly=true, so {procedure.name}, which has a side effect, may not be called"
        )


def _check_name(tables: Mapping[str, Table], procedures: Mapping[str, Procedure], name: str) -> None:
    kind = "table" if name.lower() in tables else "procedure" if name.lower() in procedures else None
    if kind is not None:
        raise ProgrammingError(
            f"{name} is a {kind} of Box, and a table or view of that name would hide it; choose another name"
        )
