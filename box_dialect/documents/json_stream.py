"""A JSON document as it is read: events, or values at one place, or, of NDJSON, a value for each line.

Source: https://github.com/ICRAR/ijson
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import ijson
import msgspec

from box_dialect.documents.bounds import NESTING, ROW_BYTES, VALUE_BYTES
from box_dialect.documents.charsets import utf8
from box_dialect.documents.decompression import expanded, plain_name
from box_dialect.documents.json_nesting import Nesting
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from box_dialect.documents.model import Document

_CHUNK: Final = 64 << 10
_HEAD: Final = 1 << 20
_SHOWN: Final = re.compile(rb"\n( *)([^\n]*)\n( *\(right here\) ------)\^")
_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
_TOO_LARGE: Final = "a number has too many digits, or too large an exponent"
_NO_TEXT: Final = "a text has an escape that is no character of Unicode, but half a surrogate pair"
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


class JSONStream:
    """Read a JSON document, whose encoding is a charset, or what its byte order mark tells, or else UTF-8.

    Raises DataError that names line and column where the text is no JSON, nested too deep, or has more bytes between
    two values than are read at once.
    """

    def __init__(self, document: Document, charset: str | None) -> None:
        self._document = expanded(document)
        self._charset = charset

    def is_lines(self) -> bool:
        """Tell whether each line is a JSON text, by the name of the file, or since its first line is a whole one."""
        if plain_name(self._document.name).lower().endswith((".ndjson", ".jsonl")):
            return True
        with self._document.open() as file:
            head = self._text(file).read(_HEAD).lstrip()
        first, _, rest = head.partition(b"\n")
        if not first.startswith(b"{") or not rest.strip():
            return False
        try:
            msgspec.json.decode(first)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield the events of the document, as `ijson.basic_parse()` gives them."""
        with self._document.open() as file:
            watched = _Watched(self._text(file), self._document.name)
            try:
                yield from ijson.basic_parse(watched, buf_size=_CHUNK)
            except ijson.JSONError as error:
                raise watched.malformed(error) from None
            except ArithmeticError:
                raise watched.unreadable(_TOO_LARGE) from None
            except UnicodeDecodeError:
                raise watched.unreadable(_NO_TEXT) from None

    def values(self, prefix: str) -> Iterator[Any]:
        """Yield the values at a prefix, as `ijson.items()` gives them."""
        with self._document.open() as file:
            watched = _Watched(self._text(file), self._document.name)
            try:
                for value in ijson.items(watched, prefix, buf_size=_CHUNK):
                    watched.bytes_since_value = 0
                    yield value
            except ijson.JSONError as error:
                raise watched.malformed(error) from None
            except ArithmeticError:
                raise watched.unreadable(_TOO_LARGE) from None
            except UnicodeDecodeError:
                raise watched.unreadable(_NO_TEXT) from None

    def lines(self) -> Iterator[tuple[int, Any]]:
        """Yield the number of each line that is not blank, from 1, and its value, or the DataError for its lack."""
        with self._document.open() as file:
            for number, line in enumerate(_lines(self._text(file), self._document.name), 1):
                if not line.strip():
                    continue
                try:
                    yield number, _DECODER.decode(line)
                except RecursionError:
                    yield number, DataError(f"{self._document.name}, line {number}: it is nested too deep")
                except (msgspec.DecodeError, msgspec.ValidationError) as error:
                    yield number, DataError(f"{self._document.name}, line {number}{_column(str(error), line)}: {error}")
                except ArithmeticError:
                    yield number, DataError(f"{self._document.name}, line {number}: {_TOO_LARGE}")

    def _text(self, file: BinaryIO) -> BinaryIO:
        return utf8(self._document.name, file, self._charset)


class _Watched:
    """A text that is read by ijson: counts its lines, and refuses what would be too much."""

    def __init__(self, source: BinaryIO, name: str) -> None:
        self.bytes_since_value = 0
        self._source = source
        self._name = name
        self._nesting = Nesting()
        self._lines = 0
        self._column = 0
        self._chunk = b""

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        if not size:
            return b""
        self._count(self._chunk)
        self._chunk = chunk = self._source.read(size)
        self.bytes_since_value += len(chunk)
        if self.bytes_since_value > ROW_BYTES:
            raise DataError(
                f"{self._name} has more than {ROW_BYTES >> 20} MiB between two rows, line {self._lines + 1}"
            )
        if self._nesting.is_too_deep(chunk):
            raise DataError(f"{self._name}, after line {self._lines}: it is nested in more than {NESTING:,} levels")
        if self._nesting.has_long_number:
            raise self.unreadable(_TOO_LARGE)
        return chunk

    def malformed(self, error: Exception) -> DataError:
        """Return the error for what ijson cannot parse: the place is where its message shows the text."""
        said = error.args[0]
        message = said if isinstance(said, bytes) else str(said).encode()
        reason = printable(message.partition(b"\n")[0].partition(b": ")[2].decode("utf-8", "replace"), 200)
        if "EOF" in reason:
            self._count(self._chunk)
            return DataError(f"{self._name}, line {self._lines + 1}, column {self._column + 1}: it is cut short")
        if (shown := _SHOWN.search(message)) is not None:
            before, text = len(shown[3]) - len(shown[1]), shown[2].rstrip()
            found = self._chunk.translate(_ONE_LINE).find(text)
            self._count(self._chunk[: max(found + before, 0)])
        return DataError(f"{self._name}, line {self._lines + 1}, column {max(self._column, 1)}: {reason}")

    def unreadable(self, reason: str) -> DataError:
        """Return the error for a value that is JSON, and that Python does not read."""
        self._count(self._chunk)
        return DataError(f"{self._name}, at or before line {self._lines + 1}: {reason}")

    def _count(self, chunk: bytes) -> None:
        lines = chunk.count(b"\n")
        self._column = len(chunk) - chunk.rfind(b"\n") - 1 if lines else self._column + len(chunk)
        self._lines += lines


def _lines(source: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the lines of a text; raises DataError for one that is longer than a value may be."""
    rest: list[bytes] = []
    size = 0
    while chunk := source.read(_CHUNK):
        first, *more = chunk.split(b"\n")
        rest.append(first)
        size += len(first)
        if more:
            yield b"".join(rest)
            yield from more[:-1]
            rest, size = [more[-1]], len(more[-1])
        if size > VALUE_BYTES:
            raise DataError(f"{name} has a line of more than {VALUE_BYTES >> 20} MiB")
    yield b"".join(rest)


def _column(message: str, line: bytes) -> str:
    """Return where a line cannot be read, as a message of msgspec says it: one that is cut short, at its end."""
    found = re.search(r"\(byte (\d+)\)", message)
    if found is None:
        return f", column {len(line) + 1}" if "truncated" in message else ""
    return f", column {int(found[1]) + 1}"
