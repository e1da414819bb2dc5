"""SQLite's errors as PEP 249 exceptions that say what to do."""

from __future__ import annotations

import difflib
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.procedure import nearest
from box_dialect.engine import EXCLUDED_COLUMN
from box_dialect.engine.plan.planner import inputs
from box_dialect.errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from box_dialect.catalog.model import Table
    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement

_CLASSES: Final[tuple[tuple[type[BaseException], type[Error]], ...]] = (
    (apsw.BindingsError, ProgrammingError),
    (apsw.ConstraintError, IntegrityError),
    (apsw.ReadOnlyError, NotSupportedError),
    (apsw.AuthError, ProgrammingError),
    (apsw.TooBigError, DataError),
    (apsw.MismatchError, DataError),
    (apsw.RangeError, ProgrammingError),
    (apsw.SQLError, ProgrammingError),
    (apsw.InterruptError, OperationalError),
    (apsw.ThreadingViolationError, InterfaceError),
    (apsw.CursorClosedError, InterfaceError),
    (apsw.ConnectionClosedError, InterfaceError),
    (apsw.NoMemError, OperationalError),
    (apsw.FullError, OperationalError),
    (apsw.BusyError, OperationalError),
    (apsw.LockedError, OperationalError),
    (apsw.IOError, OperationalError),
    (apsw.CantOpenError, OperationalError),
    (apsw.CorruptError, OperationalError),
    (apsw.NotADBError, OperationalError),
    (apsw.InternalError, InternalError),
    (apsw.Error, DatabaseError),
    (OverflowError, DataError),
    (UnicodeDecodeError, DataError),
    (ValueError, ProgrammingError),
)

_NO_SOLUTION: Final = "no query solution"

_NO_MATCH: Final = (
    "Box cannot answer this combination of conditions; MATCH works on a table, as in files MATCH 'budget', joined with "
    "AND and not together with OR"
)

_UNTRUSTED: Final = (
    "{}: a view or trigger in the file of LocalDatabase reaches tables of Box only where the program vouches for it by "
    "TrustLocalDatabase=true, and a procedure that has a side effect never"
)

_MEANINGS: Final[tuple[tuple[str, type[Error], str], ...]] = (
    (
        "Recursion limit",
        ProgrammingError,
        "an expression or query is nested too deep; write it with fewer parentheses within each other",
    ),
    (
        "Expression tree is too large .*",
        ProgrammingError,
        "{}; use IN instead of many ORs, and parentheses in long sums",
    ),
    (
        "'utf-8' codec can't decode .*",
        DataError,
        "a text that the statement made is not UTF-8 ({}); select it by hex(), or as CAST(… AS BLOB)",
    ),
    (
        "database is locked",
        OperationalError,
        "{}: another connection writes to the local database, and has not ended its transaction",
    ),
    (
        f"{_NO_SOLUTION}|.*MATCH in the requested context.*",
        NotSupportedError,
        _NO_MATCH,
    ),
    (
        "unsafe use of virtual table .*",
        ProgrammingError,
        _UNTRUSTED,
    ),
    ('.*near "(?i:comment)": syntax error', ProgrammingError, "{}; COMMENT ON is for metadata templates, enterprise_…"),
    ('.*near "INTO": syntax error', ProgrammingError, "{}; for SELECT … INTO use CREATE TABLE … AS SELECT"),
    (".*may not be modified", NotSupportedError, "{}: Box, or this driver, only reads it"),
    (".*RETURNING is not available on virtual tables", NotSupportedError, "{}; SELECT the rows afterwards"),
    (
        ".*UPSERT not implemented for virtual table.*",
        NotSupportedError,
        "{}; use INSERT OR IGNORE, or INSERT and UPDATE",
    ),
)
"""Messages of SQLite's, the class of the error that they mean, and what is told in their place."""

_NO_TABLE: Final = re.compile(r"no such table: (.+)")
_NO_FUNCTION: Final = re.compile(r"no such function: (.+)")
_NO_COLUMN: Final = re.compile(r"no such column: (?:.*\.)?(.+?)(?: - .*)?")
_NO_INSERT_COLUMN: Final = re.compile(r"table (\S+) has no column named (.+)")


def from_sqlite(
    error: BaseException,
    tables: Mapping[str, Table],
    procedures: Mapping[str, Procedure] = MappingProxyType({}),
    statement: RewrittenStatement | None = None,
) -> Error:
    """Return the PEP 249 exception for what APSW raised, in a statement if there is one."""
    message = _message(error)
    message = message if statement is None else statement.told(message, procedures)
    kind = next((ours for theirs, ours in _CLASSES if isinstance(error, theirs)), DatabaseError)
    if message == _NO_SOLUTION and (needs := [*_lacks(named := _named(tables, statement), statement)]):
        # That a value is missing is mended in the SQL; people's tools take what is not supported as a fault of theirs.
        refused = ProgrammingError if any(table.needs for table in named) else NotSupportedError
        return refused("; ".join(needs))
    for pattern, meant, sentence in _MEANINGS:
        if re.fullmatch(pattern, message, re.DOTALL):
            return meant(sentence.format(message) + _elsewhere(message, tables, statement))
    return kind(message + _hint(message, tables, procedures, statement))


def unknown_table(error: BaseException) -> str | None:
    """Return the name of the table that SQLite says there is none of, None for another failure."""
    found = _NO_TABLE.fullmatch(_message(error))
    return None if found is None else found[1]


def names_unknown_column(error: BaseException) -> bool:
    """Tell whether SQLite says that a column is in none of the statement's tables."""
    message = _message(error)
    return bool(_NO_COLUMN.fullmatch(message) or _NO_INSERT_COLUMN.fullmatch(message))


def _message(error: BaseException) -> str:
    return re.sub(r"^\w+Error: ", "", str(error)).replace(EXCLUDED_COLUMN, "")


def _hint(
    message: str, tables: Mapping[str, Table], procedures: Mapping[str, Procedure], statement: RewrittenStatement | None
) -> str:
    """Return what may have been meant."""
    if found := _NO_TABLE.fullmatch(message):
        name = found[1].rpartition(".")[2]
        return _near(name, tables) or _procedure(name, procedures) or f"; the tables are {', '.join(tables)}"
    if found := _NO_FUNCTION.fullmatch(message):
        return _procedure(found[1], procedures)
    if found := _NO_INSERT_COLUMN.fullmatch(message):
        return _near(found[2], _columns(filter(None, [tables.get(found[1].lower())])))
    if found := _NO_COLUMN.fullmatch(message):
        named = _named(tables, statement)
        if tables.get(found[1].lower()) in named:
            return f"; Box searches only {', '.join(name for name, table in tables.items() if name in table.numbers)}"
        return _near(found[1], _columns(named))
    if "virtual table" in message:
        return "; a table of Box is one, and stays as Box has it: CREATE TABLE … AS SELECT makes one that is yours"
    return ""


def _named(tables: Mapping[str, Table], statement: RewrittenStatement | None) -> list[Table]:
    """Return the tables that a statement names."""
    names = set() if statement is None else statement.names()
    return [table for name, table in tables.items() if name in names]


def _elsewhere(message: str, tables: Mapping[str, Table], statement: RewrittenStatement | None) -> str:
    """Return by which tables the columns are written that a statement names of one that is only read."""
    if statement is None or not message.endswith("may not be modified"):
        return ""
    columns = [column for table in _named(tables, statement) for column in table.columns if column.written_in]
    found = {column.written_in or "" for column in columns if column.name.lower() in statement.names()}
    return f"; write to {' and '.join(sorted(found))}" if found else ""


def _lacks(tables: Iterable[Table], statement: RewrittenStatement | None) -> Iterator[str]:
    """Yield what each table cannot be read without, or is not read by."""
    names = set() if statement is None else statement.names()
    for table in tables:
        if table.needs:
            ways = dict.fromkeys(" and ".join(path.keys) for path in table.paths)
            yield f"{table.name} needs a value of {', or of '.join(ways)}, by = or IN, joined by AND"
        if told := [name for name in table.told_by_delete if name in names]:
            yield f"{table.name} takes {' and '.join(told)} by = in the WHERE of a DELETE"
        yield from _inputs_told(table, names)


def _inputs_told(table: Table, names: Collection[str]) -> Iterator[str]:
    """Yield of the inputs of a table that a statement names, and that cannot be compared alone, how they can."""
    alone = {narrow.column for path in table.paths for narrow in path.filters}.union(table.told_by_delete)
    for name in sorted(inputs(table).intersection(names).difference(alone, {AS_USER.name, table.name})):
        ways = [path.keys for path in table.paths if name in path.keys]
        if not ways:
            yield f"{name} of {table.name} is written alone, and Box does not tell it: compare another column"
        elif (name,) not in ways:
            others = " and ".join(key for key in ways[0] if key != name)
            yield f"{table.name} takes {name} beside {others}, by = or IN, joined by AND"


def _columns(tables: Iterable[Table]) -> list[str]:
    return [column.name for table in tables for column in table.columns]


def _near(name: str, names: Iterable[str]) -> str:
    """Return the name that is most like one; that very name is one of another table."""
    name = name.strip('"').lower()
    near = difflib.get_close_matches(name, [each for each in names if each != name], n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _procedure(name: str, procedures: Mapping[str, Procedure]) -> str:
    near = nearest(procedures, name)
    return f"; did you mean {near.name}?" if near else ""
