"""Shared memory: a database in memory that the connections of a process share by its name.

SQLite's own shared memory lets nobody read while somebody writes. A file with a write-ahead log does, so the memory is
a file that only this process can find, and that ends with it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.engine.local.fork import check_not_inherited
from box_dialect.engine.local.temporary_folder import TemporaryFolder, remove_dead

if TYPE_CHECKING:
    from pathlib import Path

_lock = threading.Lock()
_has_cleared = False
_folders: Final[dict[str, TemporaryFolder]] = {}
_of_parents: Final[dict[str, TemporaryFolder]] = {}


def shared_file(name: str) -> Path:
    """Return the file of the memory with that name; it is made at the first use in the process.

    In a forked child it begins with what the parent's holds then, where the parent has one and still runs. Raises
    OSError where there is no folder for temporary files that can be written to, OperationalError where a write, or a
    statement of another thread, was under way at the fork.
    """
    with _lock:
        folder = _folders.get(name)
        if folder is None:
            if name in _of_parents:
                check_not_inherited(_of_parents[name].database)
            _clear()
            folder = TemporaryFolder()
            with_log = apsw.Connection(str(folder.database))
            if name in _of_parents:
                _copy(_of_parents[name].database, with_log)
            with_log.pragma("journal_mode", "wal")
            with_log.execute("ANALYZE")  # makes the tables of statistics, so that others roll back to them
            with_log.close()
            _folders[name] = folder
        return folder.database


def forget(name: str) -> None:
    """Let go of the memory with that name; connections that use it keep it until they are closed.

    The garbage collector may call it at any time, also from a thread that holds the lock, so it takes none.
    """
    _of_parents.pop(name, None)
    folder = _folders.pop(name, None)
    if folder is not None:
        folder.remove()


def _clear() -> None:
    """Remove what dead processes have left, once in the life of this one."""
    global _has_cleared
    if not _has_cleared:
        _has_cleared = True
        remove_dead()


def _copy(path: Path, memory: apsw.Connection) -> None:
    with contextlib.suppress(apsw.Error):  # the parent has ended, and its memory with it
        parents = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        with memory.backup("main", parents, "main") as backup:
            backup.step()
        parents.close()


def _after_fork() -> None:
    """Begin anew in a child: the connections that it inherits must not be used, and it makes its own memory."""
    global _lock, _has_cleared
    _lock, _has_cleared = threading.Lock(), False
    for folder in _folders.values():
        folder.leave_to_parent()
    _of_parents.update(_folders)
    _folders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
