"""The rows of a CSV text as they stand there, by regular expressions: for the header, and to say where a fault is.

The bulk of the rows goes through pyarrow, which is many times as fast and knows no lines. Both read alike: a quote is
one at the beginning of a field only, two are one within it, what follows the closing one belongs to the value, and a
line break between quotes is part of the value. Empty lines are no rows.

Source: RFC 4180
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_ROW: Final = 1 << 20
"""Bytes that a row may have."""

_CHUNK: Final = 1 << 18
_QUOTED: Final = re.compile(rb'"((?:[^"]++|"")*+)"')
_BREAK: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row as it stands in the text, without its line break, and the line where it begins, from 1."""

    line: int
    text: bytes


class UnclosedQuoteError(DataError):
    """A quote without an end: all that follows it would be one value."""


class CsvLexer:
    """Rows of a CSV text in UTF-8, one after another.

    `rest()` gives what has been read and not given as a row. Raises UnclosedQuoteError where a quote is not closed up
    to the end of the text, and DataError for a row of more than `LONGEST_ROW` bytes.
    """

    def __init__(self, name: str, stream: BinaryIO, delimiter: bytes) -> None:
        self._name, self._stream = name, stream
        inner = rb"[^\r\n" + re.escape(delimiter) + rb"]*+"
        field = rb'(?:"(?:[^"]++|"")*+"' + inner + rb'|(?!")' + inner + rb")"
        self._delimiter = delimiter
        self._field = re.compile(field)
        self._row = re.compile(field + rb"(?:" + re.escape(delimiter) + field + rb")*+(?:\r\n|\r|\n|\Z)")
        self._complete = re.compile(rb"(?:" + field + re.escape(delimiter) + rb")*+")
        self._text, self._place, self._is_whole = b"", 0, False
        self.line = 1

    def lines(self, count: int) -> None:
        """Pass over lines, whatever stands in them."""
        for _ in range(count):
            while (found := _BREAK.search(self._text, self._place)) is None or found.end() == len(self._text):
                if self._is_whole or not self._read():
                    break
            self._place = len(self._text) if found is None else found.end()
            self.line += 1

    def __iter__(self) -> Iterator[CsvRow]:
        """Yield the rows that are not empty lines."""
        while True:
            found = self._row.match(self._text, self._place)
            if not self._is_whole and (found is None or found.end() == len(self._text)):
                self._read(is_open=found is None)
                continue
            if self._place == len(self._text):
                return
            if found is None:
                raise self._unclosed()
            row = CsvRow(self.line, found[0].rstrip(b"\r\n"))
            if len(row.text) > LONGEST_ROW:
                raise self._too_long()
            self._place = found.end()
            self.line += len(_BREAK.findall(found[0]))
            if row.text:
                yield row

    def give_back(self, row: CsvRow) -> None:
        """Have the row that was given last come once more."""
        self._text, self._place, self.line = row.text + b"\n" + self.rest(), 0, row.line

    def fields(self, row: CsvRow) -> list[str]:
        """Return the values of a row; raises DataError for one that is not UTF-8."""
        values, place = [], 0
        while place <= len(row.text):
            found = self._field.match(row.text, place)
            assert found is not None  # noqa: S101 - a row is made of fields
            try:
                values.append(_value(found[0]))
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{self._name}, line {row.line}: the row is not UTF-8 ({error.reason}); name its charset"
                ) from error
            place = found.end() + len(self._delimiter)
        return values

    def rest(self) -> bytes:
        """Return what has been read and not given."""
        return self._text[self._place :]

    def _read(self, *, is_open: bool = False) -> bool:
        """Read on, within a quote that `is_open` perhaps; tell whether anything came."""
        if len(self._text) - self._place > LONGEST_ROW:
            if is_open:
                raise self._unclosed(f"within {LONGEST_ROW:,} bytes")
            raise DataError(
                f"{self._name}, line {self.line}: the row that begins here has more than {LONGEST_ROW:,} bytes"
            )
        chunk = self._stream.read(_CHUNK)
        self._text, self._place = self._text[self._place :] + chunk, 0
        self._is_whole = not chunk
        return bool(chunk)

    def _too_long(self) -> DataError:
        return DataError(
            f"{self._name}, line {self.line}: the row that begins here has more than {LONGEST_ROW:,} bytes"
        )

    def _unclosed(self, where: str = "up to the end") -> UnclosedQuoteError:
        before = self._complete.match(self._text, self._place)
        assert before is not None  # noqa: S101 - it matches nothing too
        lines = list(_BREAK.finditer(before[0]))
        line = self.line + len(lines)
        column = 1 + len(before[0][lines[-1].end() if lines else 0 :].decode(errors="replace"))
        return UnclosedQuoteError(
            f"{self._name}, line {line}, column {column}: the quote that begins here is not closed {where}"
        )


def _value(field: bytes) -> str:
    quoted = _QUOTED.match(field)
    value = field if quoted is None else quoted[1].replace(b'""', b'"') + field[quoted.end() :]
    return value.decode()
