"""JSON and NDJSON documents as tables. Needs the extra `documents`: `pip install 'box-dialect[documents]'`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from box_dialect.documents.bounds import BATCH_ROWS
from box_dialect.documents.json_scan import ROOT, scanned
from box_dialect.documents.json_stream import JSONStream
from box_dialect.documents.json_values import JSON_CONVERSIONS, JSONRows, below, encoded, listed
from box_dialect.documents.model import ColumnType, stem
from box_dialect.documents.nested_tables import NestedTables
from box_dialect.documents.paths import read_paths
from box_dialect.documents.row_plan import RowPlan
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from box_dialect.documents.model import Comparison, Document, DocumentTable
    from box_dialect.documents.options import Options


def tables(document: Document, options: Options) -> tuple[DocumentTable, ...]:
    """Return the tables of a document, the outermost first; reads what `row_scan_depth` rows take.

    Raises DataError for what is no JSON, ProgrammingError for an `xpath` that is none, or is not in the document.
    """
    return _found(document, options).tables()


def table_at(document: Document, options: Options, name: str) -> DocumentTable | None:
    """Return the table of a dotted name, such as `people.vehicles`, or None."""
    return _found(document, options).table_at(name)


def rows(
    document: Document,
    options: Options,
    table: DocumentTable,
    columns: Sequence[int],
    comparisons: Sequence[Comparison],  # noqa: ARG001 - JSON has nothing to prune by
    skipped: Callable[[str], None],
) -> Iterator[list[tuple[object, ...]]]:
    """Yield batches of rows as the document is read.

    Raises DataError where it is malformed or no longer fits the table; with `on_error='skip'`, a line or a value that
    does not fit is left out, and what is malformed ends the rows of a document that is no NDJSON, with a warning each.
    """
    plan = RowPlan(table, columns, JSON_CONVERSIONS.get)
    made = _made(document, options, table, plan, skipped)
    while batch := list(islice(made, BATCH_ROWS)):
        yield batch


def records(document: Document, options: Options, skipped: Callable[[str], None]) -> Iterator[str]:
    """Yield each value of the outermost table as it is in the document."""
    table = tables(document, options)[0]
    for value, _ in _values(document, options, table, skipped):
        yield encoded(value)


def _found(document: Document, options: Options) -> NestedTables:
    paths = () if options.xpath is None else tuple((ROOT, *path) for path in read_paths(options.xpath))
    shape = scanned(document, options, paths)
    return NestedTables(shape, document.name, stem(document), options, paths, ColumnType.JSON)


def _made(
    document: Document, options: Options, table: DocumentTable, plan: RowPlan, skipped: Callable[[str], None]
) -> Iterator[tuple[object, ...]]:
    reader = JSONRows(plan)
    for number, (value, parent) in enumerate(_values(document, options, table, skipped), 1):
        try:
            yield from reader.of(value, number, parent)
        except DataError as error:
            if options.on_error == "fail":
                raise DataError(f"{document.name}, row {number}: {error}") from None
            skipped(f"{document.name}, row {number}: {error}")


def _values(
    document: Document, options: Options, table: DocumentTable, skipped: Callable[[str], None]
) -> Iterator[tuple[Any, int]]:
    """Yield the values that are rows, each with the ordinal of its parent; 1 where the table counts none."""
    path, parents = table.layout["rows"], table.layout["parent"]
    stream = JSONStream(document, options.charset)
    if stream.is_lines():
        level, found = 0, _of_lines(stream, options, skipped)
    else:
        arrays = [level for level, repeats in enumerate(table.layout["repeats"]) if repeats]
        level = arrays[0] if arrays else len(path) - 1
        found = _at_place(stream, document, ".".join(path[1 : level + 1]), bool(arrays), options, skipped)
    values: Iterator[tuple[Any, int]] = (
        (value, number if parents == level + 1 else 1) for number, value in enumerate(found, 1)
    )
    for depth in range(level + 1, len(path)):
        values = below(values, path[depth], are_parents=parents == depth + 1)
    return values


def _of_lines(stream: JSONStream, options: Options, skipped: Callable[[str], None]) -> Iterator[Any]:
    for _, value in stream.lines():
        if not isinstance(value, DataError):
            yield value
        elif options.on_error == "fail":
            raise value
        else:
            skipped(str(value))


def _at_place(
    stream: JSONStream,
    document: Document,
    prefix: str,
    is_array: bool,
    options: Options,
    skipped: Callable[[str], None],
) -> Iterator[Any]:
    """Yield the items of the array at a prefix, or what stands in its place.

    ijson's name for the items of an array is also that of an object's key `item`: so where there was no array, none is
    looked for.
    """
    items = stream.values(f"{prefix}.item" if prefix else "item") if is_array else iter(())
    try:
        first = list(islice(items, 1))
        yield from first
        yield from items if first else listed(_at(stream, document, prefix))
    except DataError as error:
        if options.on_error == "fail":
            raise
        skipped(f"{error}; the rows before it are all that there are")


def _at(stream: JSONStream, document: Document, prefix: str) -> Any:
    for value in stream.values(prefix):
        return value
    raise DataError(f"{document.name} no longer fits its table: it has nothing at {printable(prefix)}")
