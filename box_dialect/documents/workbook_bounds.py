"""What a workbook would take of memory, found before it is opened: the reader of workbooks has no bounds of its own.

A workbook of few bytes may inflate to very many. Two cells far from each other make all cells between them, and one
long text that a million cells refer to is copied for each.

Source: ECMA-376, parts 1 and 2
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from box_dialect.errors import DataError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKBOOK_BYTES: Final = 64 << 20
"""Bytes of a workbook."""

INFLATED_BYTES: Final = 1 << 30
"""Bytes of what is compressed in a workbook, all together."""

CELLS: Final = 20_000_000
"""Cells of a sheet, empty ones between others too."""

TEXT_BYTES: Final = 1 << 30
"""Bytes of the texts of all cells, each counted as often as it is there."""

_PARTS: Final = 10_000
_OLE: Final = b"\xd0\xcf\x11\xe0"
_CHUNK: Final = 1 << 20
_LONGEST_TAG: Final = 1 << 16

_TAG: Final = re.compile(rb"<(?:\w+:)?(c|row)\b(?:[^<]*?\br\s*=\s*[\"']([A-Za-z]{0,3})([0-9]{1,10})[\"'])?")
_SHARED: Final = re.compile(
    rb"<(?:\w+:)?c\b(?>[^<]*?\bt\s*=\s*[\"']s[\"'])[^<]*+(?:<(?:\w+:)?v\b[^<>]*+>\s*+([0-9]{1,9})\s*+</)?"
)
"""A cell with a shared text, and its number, where nothing stands between. In time that is linear."""

_TEXT: Final = re.compile(rb"<(?:\w+:)?si\b")


def check_workbook(name: str, data: bytes) -> None:
    """Raise DataError for a workbook beyond the bounds, and NotSupportedError for a kind of workbook that has none.

    Those of `.xlsx` and `.xlsm` are read, and of `.xls`, whose sheets are small and not compressed.
    """
    if data.startswith(_OLE):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, struct.error) as error:
        raise DataError(f"{name} is no workbook: {error}") from error
    kinds = {part.filename.lower() for part in parts}
    if "xl/workbook.xml" not in kinds or kinds & {"xl/workbook.bin", "content.xml"}:
        raise NotSupportedError(f"{name} is no workbook of the kinds that are read, which are .xlsx, .xlsm and .xls")
    if len(parts) > _PARTS:
        raise DataError(f"{name} has more than {_PARTS:,} parts")
    _check_parts(name, data, parts)


def _check_parts(name: str, data: bytes, parts: list[zipfile.ZipInfo]) -> None:
    left = INFLATED_BYTES
    longest, cells = 0, 0
    for part in parts:
        sheet = _Sheet()
        for chunk in _inflated(name, data, part):
            left -= len(chunk)
            if left < 0:
                raise DataError(f"{name} has more than {INFLATED_BYTES:,} bytes when it is not compressed")
            sheet.add(chunk)
        if sheet.cells > CELLS:
            raise DataError(f"{name} has a sheet of more than {CELLS:,} cells, with the empty ones between others")
        longest = max(longest, sheet.longest_text)
        cells += sheet.count
    if longest * cells > TEXT_BYTES:
        _check_texts(name, data, parts)


def _check_texts(name: str, data: bytes, parts: list[zipfile.ZipInfo]) -> None:
    """Raise DataError where texts that cells share would be too many bytes, counted for each cell.

    Which part has the texts is not looked for, so each is taken to be as long as the longest of its number. A cell
    that does not plainly say its number is taken to have the longest of all.
    """
    lengths: list[int] = []
    for part in parts:
        text = b"".join(_inflated(name, data, part))
        starts = [*(found.start() for found in _TEXT.finditer(text)), len(text)]
        lengths.extend([0] * (len(starts) - 1 - len(lengths)))
        for index, (start, end) in enumerate(pairwise(starts)):
            lengths[index] = max(lengths[index], end - start)
    longest = max(lengths, default=0)
    count = 0
    for part in parts:
        for found in _SHARED.finditer(b"".join(_inflated(name, data, part))):
            index = -1 if found[1] is None else int(found[1])
            count += longest if index < 0 else lengths[index] if index < len(lengths) else 0
            if count > TEXT_BYTES:
                raise DataError(f"{name} has more than {TEXT_BYTES:,} bytes of texts, counted for each cell")


def _inflated(name: str, data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a part inflates to, whatever the directory says of its size."""
    start = part.header_offset + 30
    header = data[part.header_offset : start]
    if len(header) < 30 or part.flag_bits & 1:
        raise DataError(f"{name} is broken, or encrypted")
    start += sum(struct.unpack("<HH", header[26:30]))
    raw = memoryview(data)[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield bytes(raw)
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotSupportedError(f"{name} is compressed in a way that is not read")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pending: bytes | memoryview = raw
    try:
        while chunk := inflater.decompress(pending, _CHUNK):
            yield chunk
            pending = inflater.unconsumed_tail
    except zlib.error as error:
        raise DataError(f"{name} is broken: {error}") from error


class _Sheet:
    """How far the cells of a part reach, and how long its longest shared text is, by chunks of it."""

    def __init__(self) -> None:
        self.count = self.longest_text = 0
        self._rows = self._columns = self._loose_rows = self._loose_cells = 0
        self._tail = b""
        self._since_text = -1

    def add(self, chunk: bytes) -> None:
        """Add what comes next."""
        text = self._tail + chunk
        end = text.rfind(b"<", max(0, len(text) - _LONGEST_TAG))
        text, self._tail = (text[:end], text[end:]) if end > 0 else (text, b"")
        for kind, letters, number in _TAG.findall(text):
            self._note(kind == b"c", letters, number)
        self._note_texts(text)

    def _note(self, is_cell: bool, letters: bytes, number: bytes) -> None:
        self.count += is_cell
        if not number:
            self._loose_cells += is_cell
            self._loose_rows += not is_cell
            return
        self._rows = max(self._rows, int(number))
        if is_cell:
            column = 0
            for letter in letters.upper():
                column = column * 26 + letter - 64
            self._columns = max(self._columns, column)

    def _note_texts(self, text: bytes) -> None:
        place = 0
        for found in _TEXT.finditer(text):
            if self._since_text >= 0:
                self.longest_text = max(self.longest_text, self._since_text + found.start() - place)
            place, self._since_text = found.start(), 0
        if self._since_text >= 0:
            self._since_text += len(text) - place
            self.longest_text = max(self.longest_text, self._since_text)

    @property
    def cells(self) -> int:
        """The cells of the rectangle that holds all; those that do not say where they are may be anywhere."""
        return (self._rows + self._loose_rows) * (self._columns + self._loose_cells)
