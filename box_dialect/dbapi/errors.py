"""SQLite's errors as PEP 249 exceptions that say what to do."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.catalog.procedure import nearest
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.engine import MOST_BYTES_OF_PATTERN
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
    from collections.abc import Callable, Iterable, Mapping

    from box_dialect.catalog.model import Table
    from box_dialect.catalog.procedure import Procedure

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

_NO_TABLE: Final = re.compile(r"no such table: (.+)")
_NO_FUNCTION: Final = re.compile(r"no such function: (.+)")
_NO_COLUMN: Final = re.compile(r"no such column: (?:.*\.)?(.+?)(?: - .*)?")
_NO_INSERT_COLUMN: Final = re.compile(r"table (\S+) has no column named (.+)")


def from_sqlite(
    error: BaseException,
    tables: Mapping[str, Table],
    procedures: Mapping[str, Procedure] = PROCEDURES,
    told: Callable[[str], str] = str,
) -> Error:
    """Return the PEP 249 exception for what APSW raised, its message as `told` has it."""
    message = told(re.sub(r"^\w+Error: ", "", str(error)))
    kind = next((ours for theirs, ours in _CLASSES if isinstance(error, theirs)), DatabaseError)
    if message == "LIKE or GLOB pattern too complex":
        return ProgrammingError(f"{message}; LIKE and GLOB take {MOST_BYTES_OF_PATTERN} bytes at most")
    if message == "database is locked":
        return OperationalError(
            f"{message}: another connection writes to the local database, and has not ended its transaction"
        )
    if message == "no query solution" or "MATCH in the requested context" in message:
        return NotSupportedError(
            "Box cannot answer this combination of conditions; MATCH works on a table, as in files MATCH 'budget', "
            "joined with AND and not together with OR; a table that is not listed needs each of its keys, by = or IN"
        )
    if message.endswith('near "INTO": syntax error'):
        return ProgrammingError(f"{message}; for SELECT … INTO use CREATE TABLE … AS SELECT")
    if message.endswith("may not be modified"):
        return NotSupportedError(f"{message}: Box, or this driver, only reads it")
    if message.endswith("RETURNING is not available on virtual tables"):
        return NotSupportedError(f"{message}; SELECT the rows afterwards")
    if "UPSERT not implemented for virtual table" in message:
        return NotSupportedError(f"{message}; use INSERT OR IGNORE, or INSERT and UPDATE")
    return kind(message + _hint(message, tables, procedures))


def _hint(message: str, tables: Mapping[str, Table], procedures: Mapping[str, Procedure]) -> str:
    columns = [column.name for table in tables.values() for column in table.columns]
    if found := _NO_TABLE.fullmatch(message):
        name = found[1].rpartition(".")[2]
        return _near(name, tables) or _procedure(name, procedures) or f"; the tables are {', '.join(tables)}"
    if found := _NO_FUNCTION.fullmatch(message):
        return _procedure(found[1], procedures)
    if found := _NO_INSERT_COLUMN.fullmatch(message):
        table = tables.get(found[1])
        return _near(found[2], [column.name for column in table.columns] if table else columns)
    if found := _NO_COLUMN.fullmatch(message):
        return _near(found[1], columns)
    if "virtual table" in message:
        return "; a table of Box is one, and stays as Box has it: CREATE TABLE … AS SELECT makes one that is yours"
    return ""


def _near(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.strip('"').lower(), names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _procedure(name: str, procedures: Mapping[str, Procedure]) -> str:
    near = nearest(procedures, name)
    return f"; did you mean {near.name}?" if near else ""
