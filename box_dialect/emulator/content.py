"""Hold the bytes of files in memory, on disk, or as a rule that generates them."""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import os
import stat
import weakref
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO is not waited for

_DECODER = codecs.getincrementaldecoder("utf-8")


class Content:
    """Bytes of one file version, with their size in bytes; the SHA-1 is computed when it is first asked for."""

    size: int
    is_indexed = False  # whether search finds the words of its text

    def read(self) -> bytes:
        """Return all bytes."""
        raise NotImplementedError

    def text(self, limit: int | None = None) -> str:
        """Return the text of all bytes, or of the first `limit` ones, if they are text in UTF-8; else nothing."""
        data = self.read()[:limit]
        try:
            return "" if b"\0" in data else _DECODER().decode(data)
        except UnicodeDecodeError:
            return ""

    @cached_property
    def sha1(self) -> str:
        """The SHA-1 of the bytes in hexadecimal."""
        return hashlib.sha1(self.read(), usedforsecurity=False).hexdigest()


class MemoryContent(Content):
    """Bytes that were uploaded or written by a seed."""

    is_indexed = True

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.data


class Directory:
    """A directory of this machine that is kept open, so that all is found below this one, whatever its path names now.

    Nothing below it is reached by a symbolic link. Raises OSError for a path that is no directory.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._descriptor)

    @contextlib.contextmanager
    def opened(self, place: tuple[str, ...]) -> Iterator[int]:
        """Yield a descriptor of the file or directory at a place below; raise OSError where a link leads there."""
        descriptor = os.dup(self._descriptor)
        try:
            for name in place:
                below = os.open(name, _OPEN, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)


class DiskContent(Content):
    """Bytes of a file at a place below a directory on disk, which is read anew for every download."""

    def __init__(self, directory: Directory, place: tuple[str, ...], size: int) -> None:
        self.directory, self.place = directory, place
        self.size = size

    def read(self) -> bytes:
        """Return all bytes; raise OSError for what is no longer a file."""
        with self.directory.opened(self.place) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "It is no longer a file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()


class PatternContent(Content):
    """Bytes that repeat a line of text up to a size."""

    def __init__(self, line: str, size: int) -> None:
        self.line = line
        self.size = size

    def read(self) -> bytes:
        """Return all bytes."""
        pattern = f"{self.line}\n".encode()
        return (pattern * (self.size // len(pattern) + 1))[: self.size]
