"""CSV documents: pyarrow reads the columns asked for, block by block, and `csv_lexer` tells where a fault is.

What ends a value is told in `csv_lexer`. An empty value is NULL where it is not in quotes. A value that does not fit
the type of its column, beyond the rows that were scanned for that, stays the text that it is.

Source: RFC 4180
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.documents.bounds import BATCH_ROWS
from box_dialect.documents.csv_blocks import blocks
from box_dialect.documents.csv_text import opened
from box_dialect.documents.csv_values import typed
from box_dialect.documents.json_rows import json_objects
from box_dialect.documents.model import ColumnType, DocumentColumn, DocumentTable, stem
from box_dialect.documents.values import TypeDetection
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from box_dialect.documents.formats import Skipped
    from box_dialect.documents.model import Comparison, Document
    from box_dialect.documents.options import Options


def tables(document: Document, options: Options) -> tuple[DocumentTable, ...]:
    """Return the one table of a document, with types by its first rows; reads a block, or `row_scan_depth` rows."""
    with opened(document, options) as text:
        names = text.names
        if not names:
            raise DataError(f"{document.name} has no rows, and so no columns")
        kinds = [ColumnType.TEXT] * len(names)
        if options.type_detection != "None":
            read = blocks(document, options, text, range(len(names)), _unheard)
            kinds = _found_types(read, len(names), options.row_scan_depth)
    columns = tuple(DocumentColumn(name, kind) for name, kind in zip(names, kinds, strict=True))
    return (DocumentTable(stem(document), columns),)


def table_at(_document: Document, _options: Options, _name: str) -> DocumentTable | None:
    """Return None: a CSV document has one table."""
    return None


def rows(
    document: Document,
    options: Options,
    table: DocumentTable,
    columns: Sequence[int],
    comparisons: Sequence[Comparison],
    skipped: Skipped,
) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield batches of rows; columns are found by their names, in whatever order a document has them.

    A document that is empty has no rows.

    Raises DataError, which names the line, for a row with more or fewer values than the header, unless `on_error` is
    `skip`, and always for a quote that is not closed, a row that is longer than `csv_lexer.LONGEST_ROW`, and bytes that
    are not in the charset.
    """
    del comparisons
    with opened(document, options) as text:
        if not text.names:
            return
        places = _places(document.name, text.names, [table.columns[column].name for column in columns])
        kinds = [table.columns[column].type for column in columns]
        for block in blocks(document, options, text, places or [0], skipped):
            if not places:
                made: list[tuple[Any, ...]] = [()] * block.num_rows
            else:
                values = (typed(block.column(str(place)), kind) for place, kind in zip(places, kinds, strict=True))
                made = list(zip(*values, strict=True))
            for first in range(0, len(made), BATCH_ROWS):
                yield made[first : first + BATCH_ROWS]


def records(document: Document, options: Options, skipped: Skipped) -> Iterator[str]:
    """Yield each row as a JSON object by the names of the columns; none of a document that is empty."""
    with opened(document, options) as text:
        if not text.names:
            return
    (table,) = tables(document, options)
    yield from json_objects(table, rows(document, options, table, range(len(table.columns)), (), skipped))


def _unheard(_message: str) -> None:
    """Take no message."""


def _found_types(read: Iterator[pa.RecordBatch], count: int, depth: int) -> list[ColumnType]:
    """Return the types of so many columns, by the first rows; a depth of 0 is all of them."""
    found = [TypeDetection() for _ in range(count)]
    left = depth
    for block in read:
        scanned = block.slice(0, left) if depth else block
        for detection, column in zip(found, scanned.columns, strict=True):
            for value in column.unique().drop_null().to_pylist():
                detection.add_text(value)
        left -= scanned.num_rows
        if depth and left <= 0:
            break
    return [detection.type for detection in found]


def _places(name: str, there: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return where the columns of a table are in a document, which may have changed since the table was made."""
    places = {column.lower(): place for place, column in enumerate(there)}
    for column in wanted:
        if column.lower() not in places:
            raise DataError(
                f"{name} no longer fits its table, since it has no column {printable(column)!r}: create the table again"
            )
    return [places[column.lower()] for column in wanted]
