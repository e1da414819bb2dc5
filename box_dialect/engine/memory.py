"""Memory that the connections of a process share by a name.

SQLite's own shared memory lets nobody read while somebody writes. A file with a write-ahead log does, so the memory is
a file that only this process can find, and that ends with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Final

import apsw

_lock = threading.Lock()
_files: Final[dict[str, _Folder]] = {}
_of_parents: Final[dict[str, _Folder]] = {}


class _Folder:
    """A folder that is removed with the object, or at the end of the process that made it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="box-dialect-"))
        self.remove = weakref.finalize(self, _removed, self.path, os.getpid())


def shared_file(name: str) -> Path:
    """Return the file of the memory with that name; it is made at the first use in the process.

    In a forked child it begins with what the parent's holds then, where the parent has one and still runs.
    """
    with _lock:
        folder = _files.get(name)
        if folder is None:
            folder = _files[name] = _Folder()
            with_log = apsw.Connection(str(folder.path / _FILE))
            if name in _of_parents:
                _copy(_of_parents[name].path / _FILE, with_log)
            with_log.pragma("journal_mode", "wal")
            with_log.close()
        return folder.path / _FILE


def forget(name: str) -> None:
    """Let go of the memory with that name; connections that use it keep it until they are closed.

    The garbage collector may call it at any time, also from a thread that holds the lock, so it takes none.
    """
    _of_parents.pop(name, None)
    folder = _files.pop(name, None)
    if folder is not None:
        folder.remove()


_FILE: Final = "local.db"


def _removed(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child leaves its parent's folder alone
        shutil.rmtree(path, ignore_errors=True)


def _copy(path: Path, memory: apsw.Connection) -> None:
    with contextlib.suppress(apsw.Error):  # the parent has ended, and its memory with it
        parents = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        with memory.backup("main", parents, "main") as backup:
            backup.step()
        parents.close()


def _after_fork() -> None:
    """Begin anew in a child: the connections that it inherits must not be used, and it makes its own memory."""
    global _lock
    _lock = threading.Lock()
    _of_parents.update(_files)
    _files.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
