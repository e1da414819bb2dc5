"""Documents as their readers see them: downloaded to a file, or fetched by ranges."""

from __future__ import annotations

import io
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from box_dialect.api.remote_file import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.api.remote_content import RemoteContent
    from box_dialect.api.remote_file import Run

_READ_AT_ONCE: Final = 1 << 18


class StoredDocument:
    """A document in a file of this machine, which is closed where it was let go of and nobody reads it any more.

    `check` is asked while it is read, and raises what stops the statement; `freed` is told the size at the end.
    """

    def __init__(self, name: str, descriptor: int, check: Callable[[], None], freed: Callable[[int], None]) -> None:
        self.name, self.size = name, os.fstat(descriptor).st_size
        self._descriptor, self._check = descriptor, check
        self._lock = threading.Lock()
        self._readers, self._is_let_go = 0, False
        self._freed = freed
        self._close = weakref.finalize(self, os.close, descriptor)  # of which `freed` would keep what reads it alive

    def open(self) -> BinaryIO:
        """Return a file to read it from, which can be sought in; each has a place of its own."""
        with self._lock:
            self._readers += 1
        return cast("BinaryIO", io.BufferedReader(_Reading(self), _READ_AT_ONCE))

    def let_go(self) -> None:
        """Take note that nobody is going to open it again."""
        with self._lock:
            self._is_let_go = True
            self._end()

    def left(self) -> None:
        """Take note that a reader has closed its file."""
        with self._lock:
            self._readers -= 1
            self._end()

    def _end(self) -> None:
        if self._is_let_go and not self._readers and self._close.alive:
            self._close()
            self._freed(self.size)

    def read(self, place: int, size: int) -> bytes:
        """Return so many bytes from a place on, fewer at the end."""
        self._check()
        with self._lock:
            os.lseek(self._descriptor, place, os.SEEK_SET)
            return os.read(self._descriptor, size)


class RemoteDocument:
    """A document at Box, of which that is fetched which is read."""

    def __init__(self, name: str, content: RemoteContent, run: Run) -> None:
        self.name, self.size = name, content.size
        self._content, self._run = content, run

    def open(self) -> BinaryIO:
        """Return a file to read it from, which can be sought in."""
        return cast("BinaryIO", RemoteFile(self._content, self._run, self.name))


class _Reading(io.RawIOBase):
    """One reading of a document."""

    def __init__(self, document: StoredDocument) -> None:
        self._document, self._place = document, 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought in."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, and return how many bytes."""
        found = self._document.read(self._place, len(buffer))
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, and return it."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._document.size}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def close(self) -> None:
        """Leave the document."""
        if not self.closed:
            self._document.left()
        super().close()
