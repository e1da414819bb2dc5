"""Locked files: those in which a transfer keeps how far it has come, each for one transfer at a time."""

from __future__ import annotations

import io
import os
import stat
import time
from typing import TYPE_CHECKING, Final

from box_dialect.errors import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from pathlib import Path

_WAIT_SECONDS: Final = 5.0
"""How long a lock is waited for: a transfer that was just cancelled lets go of its file a moment later."""

_LOOK_SECONDS: Final = 0.02
"""How long it takes until the lock is tried again."""

_MOST_BYTES_OF_BEGINNING: Final = 100
"""Bytes of a file's name that the one beside it begins with; systems take no more than 255 in all."""


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file in the same folder, named after what a path begins with; systems bound the bytes."""
    beginning = os.fsencode(path.name)[:_MOST_BYTES_OF_BEGINNING].decode(errors="ignore")
    return path.with_name(f"{beginning}.{ending}")


def locked_file(path: Path, flags: int, mode: int, transfer: str) -> io.FileIO:
    """Open a file for reading and writing as `os.open` does, and lock it until it is closed (flock).

    Where the system has no such locks, it is only opened. Raises ProgrammingError for what is no file, OperationalError
    where another `transfer` goes on holding it.
    """
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        file = io.FileIO(os.open(path, flags, mode), "r+b")
        try:
            _check_regular(file, path)
            if _is_locked(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()
        if time.monotonic() > end:
            raise OperationalError(f"another {transfer} writes {path}; wait for its end")
        time.sleep(_LOOK_SECONDS)


def _check_regular(file: io.FileIO, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ProgrammingError(f"{path} is no file; remove it, or give another path")


def _is_locked(file: io.FileIO, path: Path) -> bool:
    """Lock a file; False where another has it, or has put another one in its place."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        return True
    try:
        flock(file, LOCK_EX | LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
