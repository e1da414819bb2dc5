"""Temporary-file limit: how much disk SQLite's sorts, groups and materialised subqueries may take.

SQLite unlinks them when it makes them, so only the process that has them open sees them. Linux tells how much a thread
has written, and the sizes of open files; elsewhere there is no bound.

Source: https://www.sqlite.org/tempfiles.html
"""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Final

_THREADS: Final = Path("/proc/self/task")
_OPEN: Final = Path("/proc/self/fd")
_FIELD: Final = b"wchar: "


class TemporaryDisk:
    """The limit of one statement: `most` bytes at a time, 0 for no limit.

    A statement exceeds them where it has written so much itself and the process has so much in files without a name.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._thread = 0
        self._written = 0
        self._began: int | None = None
        self._next_look = most

    def begin(self) -> None:
        """Take note that the statement runs, in this thread from now on."""
        self._thread, self._began = threading.get_native_id(), None

    def end(self) -> None:
        """Take note that the statement rests."""
        if self._began is not None:
            self._written += _written(self._thread) - self._began
            self._began = None

    def is_exceeded(self) -> bool:
        """Tell whether the statement has taken more than it may; asked now and then while it runs, in any thread."""
        if not self._most:
            return False
        now = _written(self._thread)
        if self._began is None:
            self._began = now
        written = self._written + now - self._began
        if written <= self._next_look:
            return False
        left = self._most - _in_files_without_name()
        self._next_look = written + left
        return left < 0


def _written(thread: int) -> int:
    """Return how many bytes a thread has written to files, 0 where the system does not tell."""
    try:
        _, _, rest = (_THREADS / str(thread) / "io").read_bytes().partition(_FIELD)
        return int(rest.partition(b"\n")[0])
    except (OSError, ValueError):
        return 0


def _in_files_without_name() -> int:
    """Return how many bytes are in files that the process has open and that have no name any more."""
    total = 0
    for name in os.listdir(_OPEN):  # noqa: PTH208 - no object for each
        try:
            found = os.stat(_OPEN / name)  # noqa: PTH116 - as above
        except OSError:  # the one that lists them
            continue
        if stat.S_ISREG(found.st_mode) and not found.st_nlink:
            total += found.st_size
    return total
