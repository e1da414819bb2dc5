"""Documents that are compressed as a whole, `sales.csv.gz` or `log.ndjson.bz2`, read as what they hold.

What comes out of a few bytes may fill any memory and any disk: a document that expands beyond a bound is refused while
it is read.
"""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from box_dialect.documents.model import Document

MOST_BYTES: Final = 64 << 30
"""Bytes that a compressed document may hold."""

MOST_RATIO: Final = 250
"""How many times its size a compressed document may hold, beyond `UNBOUNDED_BYTES`."""

UNBOUNDED_BYTES: Final = 64 << 20
"""Bytes that come out of any document, however small it is."""

_OPENERS: Final[dict[str, Callable[[BinaryIO], BinaryIO]]] = {
    ".gz": lambda source: gzip.GzipFile(fileobj=source, mode="rb"),  # type: ignore[dict-item,return-value]
    ".bz2": lambda source: bz2.BZ2File(source),  # type: ignore[dict-item,return-value]
}


def plain_name(name: str) -> str:
    """Return a file's name without the ending of a compression, `sales.csv` of `sales.csv.gz`."""
    suffix = _suffix(name)
    return name[: -len(suffix)] if suffix else name


def expanded(document: Document) -> Document:
    """Return a document as it is before compression: itself, where its name has no ending of one.

    What it opens is no longer seekable, but for a start over. Raises DataError while it is read, where it is not what
    its name says, ends early, or holds more than the bounds allow.
    """
    suffix = _suffix(document.name)
    return Expanded(document, suffix) if suffix else document


def _suffix(name: str) -> str:
    return next((suffix for suffix in _OPENERS if name.lower().endswith(suffix)), "")


@dataclass(frozen=True)
class Expanded:
    """A compressed document as what it holds; `size` is that of the compressed one."""

    document: Document
    suffix: str

    @property
    def name(self) -> str:
        """The name of the compressed file, for messages."""
        return self.document.name

    @property
    def size(self) -> int:
        """Bytes of the compressed document."""
        return self.document.size

    def open(self) -> BinaryIO:
        """Open what the document holds, from its beginning."""
        return io.BufferedReader(_Expansion(self), 1 << 18)


class _Expansion(io.RawIOBase):
    """The bytes that come out of a compressed document, counted."""

    def __init__(self, expanded: Expanded) -> None:
        self._name = expanded.name
        self._source = expanded.document.open()
        self._stream = _OPENERS[expanded.suffix](self._source)
        self._count = 0
        self._most = min(MOST_BYTES, max(UNBOUNDED_BYTES, MOST_RATIO * expanded.size))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            data = self._stream.read(len(memoryview(buffer)))
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{self._name} cannot be decompressed: {error}") from error
        self._count += len(data)
        if self._count > self._most:
            raise DataError(
                f"{self._name} expands to more than {self._most:,} bytes, which is more than is read of a compressed "
                f"document of its size: give it without compression"
            )
        memoryview(buffer)[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._source.close()
        super().close()
