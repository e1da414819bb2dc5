"""The rows of a CSV document in blocks, as pyarrow reads them, with the faults that it does not tell."""

from __future__ import annotations

import secrets
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from box_dialect.documents.csv_lexer import LONGEST_ROW
from box_dialect.documents.csv_text import opened
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.documents.csv_lexer import CsvRow
    from box_dialect.documents.csv_text import CsvText
    from box_dialect.documents.formats import Skipped
    from box_dialect.documents.model import Document
    from box_dialect.documents.options import Options

_BLOCK: Final = LONGEST_ROW + 64
"""Bytes that pyarrow parses at once; no row may be longer."""


def blocks(
    document: Document, options: Options, text: CsvText, places: Sequence[int], skipped: Skipped
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a document with the texts of just some columns, by their places, which are their names.

    One row more is given to pyarrow at the end. Where a quote is not closed, that row becomes part of its value, which
    pyarrow takes for what was meant: so the last row has to be that one. Raises DataError as `csv_reader.rows` tells.
    """
    faults = _Faults(document, options, len(text.names), skipped)
    mark = secrets.token_hex(8).replace(text.delimiter, "_")
    before = None
    try:
        with _opened(text, sorted(set(places)), mark, faults) as reader:
            for block in reader:
                faults.tell()
                if block.num_rows:
                    if before is not None:
                        yield before
                    before = block
    except pa.ArrowInvalid as error:
        raise faults.explained(error) from error
    if before is None or before.column(0)[-1].as_py() != mark:
        raise faults.explained("a quote is not closed")
    yield before.slice(0, before.num_rows - 1)


def _opened(text: CsvText, places: Sequence[int], mark: str, faults: _Faults) -> pa_csv.CSVStreamingReader:
    names = [str(place) for place in range(len(text.names))]
    texts = {str(place): pa.string() for place in places}
    return pa_csv.open_csv(
        text.data(text.delimiter.join([mark] * len(names)).encode()),
        read_options=pa_csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
        parse_options=pa_csv.ParseOptions(
            delimiter=text.delimiter, newlines_in_values=True, invalid_row_handler=faults.note
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=[*texts],
            column_types=texts,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


class _Faults:
    """Rows that have too few or too many values, and what else pyarrow refuses, told with their lines.

    pyarrow counts rows, so that the document is read again, by its lexer, up to a row that is told of.
    """

    def __init__(self, document: Document, options: Options, width: int, skipped: Skipped) -> None:
        self._name, self._width, self._skipped = document.name, width, skipped
        self._skips = options.on_error == "skip"
        self._uneven: deque[tuple[int, int]] = deque()
        self._rows, self._count = _rows(document, options), 0

    def note(self, row: pa_csv.InvalidRow) -> str:
        """Note a row with too few or too many values, and tell pyarrow what to do about it."""
        self._uneven.append((row.number, row.actual_columns))
        return "skip" if self._skips else "error"

    def tell(self) -> None:
        """Tell of the rows that have been skipped."""
        while self._uneven:
            self._skipped(self._message())

    def explained(self, error: object) -> DataError:
        """Return what is wrong, and in which line."""
        try:
            if self._uneven:
                return DataError(self._message())
            for row in self._rows:
                _check(self._name, row)
        except DataError as fault:
            return fault
        return DataError(f"{self._name} cannot be read as CSV: {printable(str(error), 300)}")

    def _message(self) -> str:
        number, count = self._uneven.popleft()
        row = next(islice(self._rows, number - self._count - 1, None))
        self._count = number
        return f"{self._name}, line {row.line}: the row has {count} values, and the header {self._width}"


def _check(name: str, row: CsvRow) -> None:
    try:
        row.text.decode()
    except UnicodeDecodeError as fault:
        raise DataError(f"{name}, line {row.line}: the row is not UTF-8 ({fault.reason}); name its charset") from fault


def _rows(document: Document, options: Options) -> Iterator[CsvRow]:
    with opened(document, options) as text:
        yield from text.lexer
