"""Text documents in any encoding, read as UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.errors import DataError, ProgrammingError, printable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CHUNK: Final = 1 << 18


def codec_of(charset: str) -> codecs.CodecInfo:
    """Return Python's codec of a charset; raises ProgrammingError where it is none, or no text encoding."""
    try:
        codec = codecs.lookup(charset)
    except (LookupError, ValueError) as error:  # that of a NUL in the name
        raise ProgrammingError(f"there is no charset {charset!r}; known are utf-8, utf-16, windows-1252 …") from error
    if not codec._is_text_encoding:  # noqa: SLF001 - Python tells it nowhere else
        raise ProgrammingError(f"{charset!r} is not the charset of a text")
    return codec


def utf8(name: str, stream: BinaryIO, charset: str | None = None) -> BinaryIO:
    """Return a text as UTF-8 without a byte order mark, from where `stream` stands.

    Without a charset a byte order mark tells it, and else it is UTF-8. What is UTF-8 already passes unchecked. Raises
    DataError, while it is read, for bytes that the charset does not have.
    """
    start = stream.read(4)
    found = next(((mark, encoding) for mark, encoding in _MARKS if start.startswith(mark)), None)
    named = codec_of(charset).name if charset else None
    if named in {None, "utf-8"}:
        if found is None or found[1] == "utf-8":
            return io.BufferedReader(_Joined(start[len(found[0]) if found else 0 :], stream), _CHUNK)
        named = found[1] if named is None else named
    return io.BufferedReader(_Transcoded(name, _Joined(start, stream), named or "utf-8"), _CHUNK)


class _Joined(io.RawIOBase):
    """Bytes, and a stream after them."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start, self._stream = start, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._start[: len(view)] or self._stream.read(len(view))
        self._start = self._start[len(view) :]
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class _Transcoded(io.RawIOBase):
    """A text of another encoding as UTF-8."""

    def __init__(self, name: str, stream: _Joined, encoding: str) -> None:
        self._name, self._stream, self._encoding = name, stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._pending, self._count = b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._pending:
            chunk = self._stream.read(_CHUNK) or b""
            self._pending = self._utf8(chunk)
            self._count += len(chunk)
            if not chunk:
                break
        view = memoryview(buffer)
        data = self._pending[: len(view)]
        self._pending = self._pending[len(view) :]
        view[: len(data)] = data
        return len(data)

    def _utf8(self, chunk: bytes) -> bytes:
        try:
            return self._decoder.decode(chunk, final=not chunk).encode()
        except UnicodeError as error:
            place, reason = 0, printable(str(error), 100)
            if isinstance(error, UnicodeDecodeError | UnicodeEncodeError):
                place, reason = error.start, error.reason
            raise DataError(
                f"{self._name} is not {self._encoding} at about byte {max(self._count + place, 0):,} ({reason});"
                " name its charset"
            ) from error

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
