"""Connections of SQLite's in a child of `fork()`, which has inherited them.

Beside its connections SQLite notes for each file which locks the process has. A child inherits that note and not the
locks: as long as it stands, a child that opens the file takes none, and its parent throws away what the child writes.

Source: https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import apsw

from box_dialect.errors import OperationalError

_kept: Final[list[apsw.Connection]] = []
"""Those that may not even be closed."""

_of_kept: Final[set[tuple[int, int]]] = set()
"""Their files."""


def leave_to_parent(connection: apsw.Connection, file: str, *, is_running: bool) -> None:
    """Close a connection of the parent's, so that SQLite forgets its locks, and leave its file alone.

    `file` is the path of its database, empty for one in memory. Where to close it would disturb the parent, which
    writes to the file by it or is at work with it in another thread, it stays as it is, and `check_not_inherited`
    refuses the file in this process from then on.
    """
    with contextlib.suppress(apsw.Error):  # which it raises where another thread was in it
        if file and not is_running and connection.txn_state("main") != apsw.SQLITE_TXN_WRITE:
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.close(True)
            return
    _kept.append(connection)
    if file:
        with contextlib.suppress(OSError):
            _of_kept.add(_identity(Path(file)))


def check_not_inherited(path: Path) -> None:
    """Raise OperationalError for a file that the parent was using when this process was forked."""
    with contextlib.suppress(OSError):
        if _identity(path) in _of_kept:
            raise OperationalError(
                f"property LocalDatabase: {path} was in use, by a transaction that writes or a statement that ran, "
                "when this process was forked, and SQLite cannot open it here; fork when nothing is under way"
            )


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
