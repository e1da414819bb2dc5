"""Temporary folders that are owned by the process that made them: they go with it, however it ends.

A process cannot remove its folder where it is killed, or ends by `os._exit()`. It holds a lock in the folder, which
the system lets go of at its end; the next process that makes such a folder removes those whose lock it can take.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Final

PREFIX: Final = "box-dialect-memory-"
DATABASE: Final = "local.db"
_LOCK: Final = "owner.lock"
_FILES: Final = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal", _LOCK)
"""All that may be in such a folder; what else there is was put there by somebody else, and stays."""
_IS_WINDOWS: Final = sys.platform == "win32"


class TemporaryFolder:
    """A folder for one database, removed with the object, and at the end of the process that made it.

    Raises OSError where there is no folder for temporary files that can be written to.
    """

    def __init__(self) -> None:
        self.path, self._lock = _made()
        self.remove = weakref.finalize(self, _end, self.path, self._lock, os.getpid())

    @property
    def database(self) -> Path:
        """Where the database is, or will be."""
        return self.path / DATABASE

    def leave_to_parent(self) -> None:
        """Let go of the lock in a forked child, so that the parent alone holds it."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


def remove_dead() -> None:
    """Remove the folders of processes that have ended without doing so.

    Only those in the user's own hands are looked at, and only what this module names is removed. Another process may
    do the same meanwhile.
    """
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_own(entry):
                _remove_if_dead(Path(entry.path))


def _made() -> tuple[Path, int]:
    """Make a folder, and return it with the descriptor that holds its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        if _take(lock) is not False and (path / _LOCK).exists():
            return path, lock
        os.close(lock)  # somebody who removes dead folders came between


def _end(path: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:  # a forked child leaves its parent's folder alone
        _remove(path, lock)


def _is_own(entry: os.DirEntry[str]) -> bool:
    """Tell whether it is a folder, no link to one, that nobody but the user can have put something into."""
    with contextlib.suppress(OSError):
        found = entry.stat(follow_symlinks=False)
        is_private = _IS_WINDOWS or (found.st_uid == os.geteuid() and not found.st_mode & 0o077)
        return stat.S_ISDIR(found.st_mode) and is_private
    return False


def _remove_if_dead(path: Path) -> None:
    with contextlib.suppress(OSError):  # without a lock it is none of these folders
        lock = os.open(path / _LOCK, os.O_RDWR)
        if _take(lock):
            _remove(path, lock)
        else:
            os.close(lock)


def _remove(path: Path, lock: int) -> None:
    """Remove a folder whose lock is held, the lock last; Windows removes it only once it is closed."""
    _unlink(path)
    os.close(lock)
    if _IS_WINDOWS:
        _unlink(path)
    with contextlib.suppress(OSError):
        path.rmdir()


def _unlink(path: Path) -> None:
    for name in _FILES:
        with contextlib.suppress(OSError):
            (path / name).unlink()


if sys.platform == "win32":
    import msvcrt

    def _take(lock: int) -> bool | None:
        """Take a lock, unless somebody has it; None where the file system has no locks."""
        try:
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(lock: int) -> bool | None:
        """Take a lock, unless somebody has it; None where the file system has no locks."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True
