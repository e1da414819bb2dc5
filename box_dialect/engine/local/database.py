"""Local database: a connection's own tables, in memory, in memory that connections share, or in a file.

Box's tables stand in SQLite's schema `temp` beside it, so that a statement on Box takes no lock of this database.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.engine.local.fork import check_not_inherited
from box_dialect.engine.local.shared_memory import shared_file
from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY: Final = ":memory:"
"""The database that belongs to one connection and ends with it."""

_SHARED: Final = "memory://"
_LOCK_WAIT_MS: Final = 5_000
"""How long a statement waits for another connection to end its transaction, as in Python's sqlite3."""
_EACH_TIME: Final[dict[str, Any]] = {"statementcachesize": 0}
"""Each execution is prepared anew, so that it tells the engine what it will look up."""


def open_local(location: str, *, readonly: bool) -> apsw.Connection:
    """Open the database at a path, in memory (`:memory:`), or in the memory called `memory://NAME`.

    Raises OperationalError for a file that cannot be opened or is no database, and where shared memory cannot be made.
    """
    if location == MEMORY:
        return apsw.Connection(MEMORY, **_EACH_TIME)
    if location.startswith(_SHARED):
        return _context(location.removeprefix(_SHARED))
    return _opened(Path(location).expanduser(), readonly=readonly)


def is_file(location: str) -> bool:
    """Tell whether the database is a file of the user's, which others may have written."""
    return location != MEMORY and not location.startswith(_SHARED)


def quoted(name: str) -> str:
    """Return a name as SQL has it, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def without_waiting(connection: apsw.Connection) -> Iterator[None]:
    """Have SQLite raise BusyError at once within a block, where another connection has a lock."""
    connection.set_busy_timeout(0)
    try:
        yield
    finally:
        connection.set_busy_timeout(_LOCK_WAIT_MS)


def _context(name: str) -> apsw.Connection:
    try:
        connection = apsw.Connection(str(shared_file(name)), **_EACH_TIME)
    except (OSError, apsw.Error) as error:
        raise OperationalError(
            "memory that connections share needs a folder for temporary files, and there is none that can be written "
            f"to ({error}); name one by the environment variable TMPDIR, or a file by the property LocalDatabase"
        ) from None
    connection.set_busy_timeout(_LOCK_WAIT_MS)
    connection.pragma("synchronous", "off")  # the file ends with the process
    return connection


def _opened(path: Path, *, readonly: bool) -> apsw.Connection:
    check_not_inherited(path)
    flags = apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=flags, **_EACH_TIME)
        connection.set_busy_timeout(_LOCK_WAIT_MS)
        if connection.pragma("page_count") == 0 and not readonly:
            # With a write-ahead log those who read and the one who writes do not wait for each other.
            with contextlib.suppress(apsw.BusyError):
                connection.pragma("journal_mode", "wal")
    except apsw.Error as error:
        if connection is not None:
            connection.close(True)
        raise OperationalError(
            f"property LocalDatabase: {path} cannot be opened as a database of SQLite: {error}"
        ) from None
    return connection
