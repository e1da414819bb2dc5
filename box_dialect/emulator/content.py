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
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

Pieces: TypeAlias = "Generator[bytes | memoryview]"
"""Bytes in their order, a bounded number at a time."""

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO is not waited for

_DECODER = codecs.getincrementaldecoder("utf-8")
_PIECE = 1 << 20  # bytes that are held at once where more are passed on


class Content:
    """Bytes of one file version, with their size in bytes; the SHA-1 is computed when it is first asked for."""

    size: int
    is_indexed = False  # whether search finds the words of its text

    def length(self) -> int:
        """Return how many bytes there are as of now; raise OSError for what can no longer be read."""
        return self.size

    def pieces(self, first: int = 0, end: int | None = None) -> Pieces:
        """Yield the bytes from one place up to another, or up to the last, in pieces of a bounded size.

        Raises OSError for what can no longer be read.
        """
        raise NotImplementedError

    def read(self, first: int = 0, end: int | None = None) -> bytes:
        """Return the bytes from one place up to another, by default all; raise OSError as `pieces` does."""
        return b"".join(self.pieces(first, end))

    def text(self, limit: int | None = None) -> str:
        """Return the text of all bytes, or of the first `limit` ones, if they are text in UTF-8; else nothing."""
        data = self.read(0, limit)
        try:
            return "" if b"\0" in data else _DECODER().decode(data)
        except UnicodeDecodeError:
            return ""

    @cached_property
    def sha1(self) -> str:
        """The SHA-1 of the bytes in hexadecimal."""
        digest = hashlib.sha1(usedforsecurity=False)
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


class MemoryContent(Content):
    """Bytes that were uploaded or written by a seed."""

    is_indexed = True

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def pieces(self, first: int = 0, end: int | None = None) -> Pieces:
        """Yield the bytes, without a copy of them."""
        view = memoryview(self.data)[first:end]
        for start in range(0, len(view), _PIECE):
            yield view[start : start + _PIECE]


class PartedContent(Content):
    """Bytes that were uploaded in parts, which stay what they were."""

    is_indexed = True

    def __init__(self, parts: Iterable[Content]) -> None:
        self.parts = tuple(parts)
        self.size = sum(part.size for part in self.parts)

    def pieces(self, first: int = 0, end: int | None = None) -> Pieces:
        """Yield the bytes of the parts, one after the other."""
        end = self.size if end is None else end
        for part in self.parts:
            yield from part.pieces(max(0, min(first, part.size)), max(0, min(end, part.size)))
            first, end = first - part.size, end - part.size


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

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        with self.directory.opened(self.place) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "It is no longer a file")
            yield descriptor

    def length(self) -> int:
        """Return how large the file is as of now; raise OSError for what is no longer a file."""
        with self._opened() as descriptor:
            return os.fstat(descriptor).st_size

    def pieces(self, first: int = 0, end: int | None = None) -> Pieces:
        """Yield the bytes; raise OSError for what is no longer a file."""
        with self._opened() as descriptor:
            while piece := os.pread(descriptor, _PIECE if end is None else max(0, min(_PIECE, end - first)), first):
                yield piece
                first += len(piece)


class PatternContent(Content):
    """Bytes that repeat a line of text up to a size."""

    def __init__(self, line: str, size: int) -> None:
        self.line = line
        self.size = size

    def pieces(self, first: int = 0, end: int | None = None) -> Pieces:
        """Yield the bytes, which are made piece by piece."""
        pattern = f"{self.line}\n".encode()
        end = self.size if end is None else min(end, self.size)
        while first < end:
            lead, size = first % len(pattern), min(_PIECE, end - first)
            yield (pattern * ((lead + size) // len(pattern) + 1))[lead : lead + size]
            first += size
