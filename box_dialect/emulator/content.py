"""Hold the bytes of files in memory, on disk, or as a rule that generates them."""

import codecs
import hashlib
from functools import cached_property
from pathlib import Path

INDEXED = 10_000  # as many bytes of a text are found by search
_DECODER = codecs.getincrementaldecoder("utf-8")


class Content:
    """Bytes of one file version, with their size in bytes; the SHA-1 is computed when it is first asked for."""

    size: int

    def read(self) -> bytes:
        """Return all bytes."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the text that search finds words in: none, unless a kind of content knows better."""
        return ""

    @cached_property
    def sha1(self) -> str:
        """The SHA-1 of the bytes in hexadecimal."""
        return hashlib.sha1(self.read(), usedforsecurity=False).hexdigest()


class MemoryContent(Content):
    """Bytes that were uploaded or written by a seed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.data

    def text(self) -> str:
        """Return the beginning of the bytes if they are text in UTF-8, or nothing."""
        beginning = self.data[:INDEXED]
        try:
            return "" if b"\0" in beginning else _DECODER().decode(beginning)
        except UnicodeDecodeError:
            return ""


class DiskContent(Content):
    """Bytes of a file on disk, which is read anew for every download."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size

    def read(self) -> bytes:
        """Return all bytes."""
        return self.path.read_bytes()


class PatternContent(Content):
    """Bytes that repeat a line of text up to a size."""

    def __init__(self, line: str, size: int) -> None:
        self.line = line
        self.size = size

    def read(self) -> bytes:
        """Return all bytes."""
        pattern = f"{self.line}\n".encode()
        return (pattern * (self.size // len(pattern) + 1))[: self.size]
