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

_PRAGMAS_WITH_ARGUMENT: Final = frozenset(
    {"foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"}
)
_PRAGMAS: Final = _PRAGMAS_WITH_ARGUMENT | {
    "application_id",
    "collation_list",
    "compile_options",
    "database_list",
    "encoding",
    "foreign_keys",
    "function_list",
    "module_list",
    "pragma_list",
    "query_only",
    "schema_version",
    "user_version",
}
"""PRAGMAs that only tell something; those of the first group take the name of a table or an index."""

_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
"""SQL functions that reach files or native code."""

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
_CREATES: Final = frozenset(
    {
        apsw.SQLITE_CREATE_TABLE,
        apsw.SQLITE_CREATE_TEMP_TABLE,
        apsw.SQLITE_CREATE_VIEW,
        apsw.SQLITE_CREATE_TEMP_VIEW,
        apsw.SQLITE_CREATE_VTABLE,
    }
)

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def guard(connection: apsw.Connection, tables: Mapping[str, Table], *, readonly: bool) -> None:
    """Close a connection against everything but its own memory and Box; with `readonly` against every write too."""
    connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.authorizer = _authorizer(tables, readonly=readonly)


def _authorizer(tables: Mapping[str, Table], *, readonly: bool) -> Authorizer:
    """Return the callback that SQLite asks while it prepares a statement; it raises for what is refused."""

    def authorize(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
        if readonly and action not in _READS:
            raise ProgrammingError("the connection has Readonly=true, so nothing may be written")
        if action in {apsw.SQLITE_ATTACH, apsw.SQLITE_DETACH}:
            raise NotSupportedError("ATTACH, DETACH and VACUUM are refused: SQL cannot reach files of this machine")
        if action == apsw.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
            raise NotSupportedError(f"function {second} is refused: SQL cannot reach files of this machine")
        if action == apsw.SQLITE_PRAGMA:
            _check_pragma(first or "", second)
        if action in _CREATES:
            _check_name(tables, first or "")
        if action == apsw.SQLITE_CREATE_VTABLE and (second or "").lower() not in _MODULES:
            raise NotSupportedError(f"virtual table module {second} is refused; allowed: {', '.join(sorted(_MODULES))}")
        if action == apsw.SQLITE_ALTER_TABLE:
            _check_name(tables, second or "")
        if action == apsw.SQLITE_READ and (first or "").lower() in {"sqlite_dbpage", "dbstat"}:
            raise NotSupportedError(f"table {first} is refused")
        return apsw.SQLITE_OK

    return authorize


def _check_pragma(name: str, argument: str | None) -> None:
    allowed = _PRAGMAS_WITH_ARGUMENT if argument is not None else _PRAGMAS
    if name.lower() not in allowed:
        raise NotSupportedError(f"PRAGMA {name} is refused: only PRAGMAs that tell of tables are allowed")


def _check_name(tables: Mapping[str, Table], name: str) -> None:
    if name.lower() in tables:
        raise ProgrammingError(
            f"{name} is a table of Box, and a table or view of that name would hide it; choose another name"
        )
