"""Hold the bytes of files in memory, on disk, or as a rule that generates them."""

import codecs
import hashlib
from functools import cached_property
from pathlib import Path

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
