"""Locked files: those in which a transfer keeps how far it has come, each for one transfer at a time."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from box_dialect.errors import OperationalError, ProgrammingError

if TYPE_CHECKING:
    import io
    from pathlib import Path


def lock_file(file: io.FileIO, path: Path, transfer: str) -> None:
    """Lock an open file until it is closed, where the system has such locks (flock).

    Raises ProgrammingError for what is no file, OperationalError where another `transfer` has locked it, or has put
    another file in its place.
    """
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise ProgrammingError(f"{path} is no file; remove it, or give another path")
    with contextlib.suppress(ImportError):
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_own = path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())
        except BlockingIOError:
            is_own = False
        if not is_own:
            raise OperationalError(f"another {transfer} writes {path}; wait for its end")
