"""Authorizer: what SQL may do on this machine, since a statement may come from a stranger.

Source: https://www.sqlite.org/c3ref/set_authorizer.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

import apsw

from box_dialect.catalog.model import DocumentRelation, View
from box_dialect.catalog.model.procedure import Procedure
from box_dialect.documents.formats import FORMATS
from box_dialect.engine.local.database import is_file
from box_dialect.errors import NotSupportedError, ProgrammingError, ReadonlyError

if TYPE_CHECKING:
    from box_dialect.catalog.model import Relation

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

_SETTINGS: Final = frozenset({"foreign_keys", "defer_foreign_keys", "foreign_key_check", "read_uncommitted"})
"""PRAGMAs that change no more than how this connection treats its local tables."""

_FUNCTIONS: Final = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"})
"""SQL functions that reach files, native code or the log of the process."""

_SLOW: Final[Mapping[str, str]] = {
    **dict.fromkeys(("json_patch", "jsonb_patch"), "set each key by json_set()"),
    **dict.fromkeys(("geopoly_overlap", "geopoly_within"), "compare the geopoly_bbox() of each"),
}
"""SQL functions that nothing stops, and whose time grows with the product of what they are given; what else to do."""

UNCALLABLE: Final = _FUNCTIONS | _SLOW.keys()
"""SQL functions that no statement may call."""

_MODULES: Final = frozenset({"fts5", "fts5vocab", "rtree", *FORMATS})
"""Virtual tables that a user may create: they keep all they have in the local database, or read documents at Box."""

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
_WRITES: Final = frozenset({apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE})
_ROWS: Final = _WRITES | _READS - {apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT}
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
_DROPS: Final = frozenset(
    {apsw.SQLITE_DROP_TABLE, apsw.SQLITE_DROP_TEMP_TABLE, apsw.SQLITE_DROP_VTABLE, apsw.SQLITE_DROP_TEMP_VIEW}
)

MOST_BYTES_OF_VALUE: Final = 1 << 28
"""Bytes that a value has at most."""

MOST_BYTES_OF_STATEMENT: Final = 1 << 24
"""Bytes of the text of a statement."""

_LIMITS: Final = (
    (apsw.SQLITE_LIMIT_ATTACHED, 0),
    (apsw.SQLITE_LIMIT_LENGTH, MOST_BYTES_OF_VALUE),
    (apsw.SQLITE_LIMIT_SQL_LENGTH, MOST_BYTES_OF_STATEMENT),
    (apsw.SQLITE_LIMIT_FUNCTION_ARG, 127),
)
"""What a stranger's SQL may make is bounded.

Databases besides, bytes of one value, of one statement, arguments of one function.
"""

MOST_MEGABYTES_OF_TABLES: Final = 1 << 10
"""Megabytes that temporary tables may take where no more is allowed."""

_BYTES_OF_MEGABYTE: Final = 1 << 20

_STEPS_BETWEEN_SIGNALS: Final = 1_000
"""SQLite's steps after which Python may handle a signal, such as Ctrl-C, or the end of what a statement may take."""

BoxNames: TypeAlias = Mapping[str, "Relation | Procedure"]
"""Box's tables, views and procedures by their names in lower case."""

ColumnRead: TypeAlias = tuple[str, str, str]
"""A column that a statement reads: its schema, its table and its name."""

Written: TypeAlias = dict[str, set[str]]
"""The tables that a statement writes, with the columns that an UPDATE sets, `''` for whole rows."""

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def install_authorizer(
    connection: apsw.Connection,
    names: BoxNames,
    location: str,
    must_stop: Callable[[], bool],
    read: set[ColumnRead],
    doubt: Callable[[], None],
    hidden: Collection[tuple[str, str]],
    tells_paths: Callable[[], bool],
    *,
    most_local: int,
    most_temporary: int,
    trusts_file: bool,
    readonly: bool,
    box_readonly: bool,
) -> Written:
    """Close a connection against everything but its local database and Box; with `readonly` against every write too.

    With `box_readonly` no table of Box may be written. `names` are Box's tables and procedures in lower case.
    `location` is where the local database is, `most_local` are the megabytes that it may take, and `most_temporary`
    those that the temporary files of one statement may take, 0 for no bound. `trusts_file` tells that views and
    triggers in a file may reach Box. `must_stop` is asked now and then whether the statement must not go on. When a
    statement is prepared, the columns that it reads are added to `read`, and the tables that it writes, its triggers
    too, to the mapping that is returned, each with the columns that an UPDATE sets, or `''` for whole rows.
    `doubt` is called for DDL, and for what begins or ends a transaction. The columns that are `hidden` then, by the
    names of table and column, are taken for NULL. `tells_paths` is asked whether a statement may tell where the local
    database is.
    """
    for limit, value in _LIMITS:
        connection.limit(limit, value)
    if most_local:
        _bound(connection, "main", most_local)
    if most_temporary:
        _bound(connection, "temp", max(most_temporary, MOST_MEGABYTES_OF_TABLES))
    connection.set_progress_handler(must_stop, _STEPS_BETWEEN_SIGNALS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    # The views and triggers in a file may be somebody else's; in memory this process wrote them.
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, int(trusts_file or not is_file(location)))
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    written: Written = {}
    connection.authorizer = _authorizer(
        names, written, read, doubt, hidden, tells_paths, readonly=readonly, box_readonly=box_readonly
    )
    return written


@contextmanager
def unguarded(connection: apsw.Connection) -> Iterator[None]:
    """Have SQLite ask the authorizer nothing within a block, for what the driver does beside a statement."""
    authorizer, connection.authorizer = connection.authorizer, None
    try:
        yield
    finally:
        connection.authorizer = authorizer


def _bound(connection: apsw.Connection, schema: str, megabytes: int) -> None:
    """Bound what the tables of a schema take; what they take already is not undone."""
    pages = megabytes * _BYTES_OF_MEGABYTE // connection.pragma("page_size", schema=schema)
    connection.pragma("max_page_count", pages, schema=schema)


def _authorizer(
    names: BoxNames,
    written: Written,
    read: set[ColumnRead],
    doubt: Callable[[], None],
    hidden: Collection[tuple[str, str]],
    tells_paths: Callable[[], bool],
    *,
    readonly: bool,
    box_readonly: bool,
) -> Authorizer:
    """Return the callback that SQLite asks while it prepares a statement; it raises for what is refused."""
    checks: dict[int, Callable[[str, str | None], None]] = {
        apsw.SQLITE_ATTACH: _refuse_files,
        apsw.SQLITE_DETACH: _refuse_files,
        apsw.SQLITE_FUNCTION: _check_function,
        apsw.SQLITE_PRAGMA: lambda name, argument: _check_pragma(name, argument, tells_paths=tells_paths()),
        apsw.SQLITE_READ: _check_read,
        apsw.SQLITE_ALTER_TABLE: lambda _, table: _check_own(names, table or "", "altered"),
        **dict.fromkeys(_DROPS, lambda name, _: _check_own(names, name, "dropped")),
        **dict.fromkeys(_WRITES, lambda name, column: written.setdefault(name, set()).add(column or "")),
        **dict.fromkeys(_CREATES, lambda name, module: _check_created(names, name, module)),
    }

    def authorize(action: int, first: str | None, second: str | None, database: str | None, _by: str | None) -> int:
        if action == apsw.SQLITE_READ:
            read.add((database or "", first or "", second or ""))
        elif action not in _ROWS:
            doubt()
        if readonly:
            _check_reads(names, action, (second if action == apsw.SQLITE_FUNCTION else first) or "")
        elif box_readonly and action in _WRITES:
            _check_local(names, first or "")
        if action in checks:
            checks[action](first or "", second)
        return apsw.SQLITE_IGNORE if action == apsw.SQLITE_READ and (first, second) in hidden else apsw.SQLITE_OK

    return authorize


def _refuse_files(_name: str, _: str | None) -> None:
    raise NotSupportedError("ATTACH, DETACH and VACUUM are refused: SQL cannot reach files of this machine")


def _check_function(_: str, name: str | None) -> None:
    known_as = (name or "").lower()
    if known_as in _FUNCTIONS:
        raise NotSupportedError(f"function {name} is refused: SQL cannot reach this machine")
    if known_as in _SLOW:
        raise NotSupportedError(f"function {name} is refused, since it may never end; {_SLOW[known_as]}")


def _check_read(table: str, _: str | None) -> None:
    if table.lower() in {"sqlite_dbpage", "dbstat"}:
        raise NotSupportedError(f"table {table} is refused")


def _check_own(names: BoxNames, name: str, change: str) -> None:
    found = names.get(name.lower())
    if found is not None:
        raise ProgrammingError(f"{name} is a {_kind(found)} of Box, which may not be {change}")


def _kind(found: Relation | Procedure) -> str:
    if isinstance(found, Procedure):
        return "procedure"
    return {View: "view", DocumentRelation: "document"}.get(type(found), "table")


def _check_created(names: BoxNames, name: str, module: str | None) -> None:
    check_name(names, name)
    if module is not None and module.lower() not in _MODULES:
        raise NotSupportedError(f"virtual table module {module} is refused; allowed: {', '.join(sorted(_MODULES))}")


def _check_pragma(name: str, argument: str | None, *, tells_paths: bool) -> None:
    if name.lower() in _SETTINGS:
        return
    allowed = _PRAGMAS_WITH_ARGUMENT if argument is not None else _PRAGMAS
    if name.lower() not in allowed:
        raise NotSupportedError(f"PRAGMA {name} is refused: only PRAGMAs that tell of tables are allowed")
    if name.lower() == "database_list" and not tells_paths:
        raise NotSupportedError(f"PRAGMA {name} is refused: it tells where files of this machine are")


def check_box_writable(name: str, *, readonly: bool, box_readonly: bool) -> None:
    """Raise ReadonlyError, or ProgrammingError in a restricted process, where something of Box may not be written."""
    if readonly:
        raise _readonly()
    if box_readonly:
        raise ProgrammingError(refused_write(name))


def _readonly() -> ReadonlyError:
    return ReadonlyError("the connection has Readonly=true, so nothing may be written")


def _check_reads(names: BoxNames, action: int, name: str) -> None:
    if action not in _READS:
        raise _readonly()
    called = names.get(name.lower()) if action in _CALLS else None
    if isinstance(called, Procedure) and called.side_effect and not called.reads_when:
        raise called.has_side_effect()


def _check_local(names: BoxNames, name: str) -> None:
    if name.lower() in names:
        raise ProgrammingError(refused_write(f"{name}, a table of Box,"))


def refused_write(name: str) -> str:
    """Say that something of Box may not be written in a process that restricts URLs."""
    return (
        f"nothing is written to {name} by a process that restricts URLs, unless the program itself passes "
        "Readonly=False by name, as in connect_args; see docs/security.md"
    )


def check_name(names: BoxNames, name: str) -> None:
    """Raise ProgrammingError for a name of Box's, which no other table or view may take."""
    found = names.get(name.lower())
    if found is not None:
        kind = _kind(found)
        raise ProgrammingError(
            f"{name} is a {kind} of Box, and a table or view of that name would hide it; choose another name"
        )
