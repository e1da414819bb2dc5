"""XML documents as tables. Needs the extra `documents`: `pip install 'box-dialect[documents]'`."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from box_dialect.documents.bounds import BATCH_ROWS
from box_dialect.documents.json_rows import json_objects
from box_dialect.documents.model import ColumnType, stem
from box_dialect.documents.nested_tables import NestedTables
from box_dialect.documents.paths import read_labelled_paths, read_paths
from box_dialect.documents.row_plan import RowPlan
from box_dialect.documents.shape import is_at
from box_dialect.documents.values import CONVERSIONS, TypeDetection
from box_dialect.documents.xml_rows import XMLRows
from box_dialect.documents.xml_scan import scanned
from box_dialect.documents.xml_stream import XMLStream, tags_to
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from box_dialect.documents.model import Comparison, Document, DocumentTable
    from box_dialect.documents.options import Options
    from box_dialect.documents.shape import Shape


def tables(document: Document, options: Options) -> tuple[DocumentTable, ...]:
    """Return the tables of a document, the outermost first; reads what `row_scan_depth` rows take.

    Raises DataError for what is no XML, ProgrammingError for an `xpath` that is none, or is not in the document.
    """
    if options.xml_format == "XMLTABLE":
        return (_labelled_table(document, options),)
    return _found(document, options).tables()


def table_at(document: Document, options: Options, name: str) -> DocumentTable | None:
    """Return the table of a dotted name, such as `people.vehicles`, or None."""
    return None if options.xml_format == "XMLTABLE" else _found(document, options).table_at(name)


def rows(
    document: Document,
    options: Options,
    table: DocumentTable,
    columns: Sequence[int],
    comparisons: Sequence[Comparison],  # noqa: ARG001 - XML has nothing to prune by
    skipped: Callable[[str], None],
) -> Iterator[list[tuple[object, ...]]]:
    """Yield batches of rows as the document is read.

    Raises DataError where it is malformed or no longer fits the table; with `on_error='skip'`, an element that does not
    fit is left out, and what is malformed ends the rows, with a warning each.
    """
    plan = RowPlan(table, columns, CONVERSIONS.get)
    try:
        for found in _streamed(document, options, table, plan, skipped):
            while batch := list(islice(found, BATCH_ROWS)):
                yield batch
    except DataError as error:
        if options.on_error == "fail":
            raise
        skipped(f"{error}; the rows before it are all that there are")


def records(document: Document, options: Options, skipped: Callable[[str], None]) -> Iterator[str]:
    """Yield each row of the outermost table as a JSON object."""
    table = tables(document, options)[0]
    shown = [index for index, column in enumerate(table.columns) if not column.hidden]
    visible = replace(table, columns=tuple(table.columns[index] for index in shown))
    return json_objects(visible, rows(document, options, table, shown, (), skipped))


def _found(document: Document, options: Options) -> NestedTables:
    paths = () if options.xpath is None else read_paths(options.xpath)
    shape = scanned(document, options, paths)
    return NestedTables(shape, document.name, stem(document), options, paths, ColumnType.TEXT)


def _labelled_table(document: Document, options: Options) -> DocumentTable:
    paths = read_labelled_paths(options.xpath)
    labels: dict[str, TypeDetection] = {}

    def ended(shape: Shape, element: Any) -> None:
        label = element.get(paths.attribute)
        if label and is_at(shape, paths.value):
            labels.setdefault(label, TypeDetection()).add_text(element.text or "")

    shape = scanned(document, options, (paths.row,), ended)
    return NestedTables(shape, document.name, stem(document), options, (paths.row,), ColumnType.TEXT).labelled(
        paths, labels
    )


def _streamed(
    document: Document, options: Options, table: DocumentTable, plan: RowPlan, skipped: Callable[[str], None]
) -> Iterator[Iterator[tuple[object, ...]]]:
    """Yield the rows of the elements that end in one chunk of bytes after the other."""
    path: list[str] = table.layout["rows"]
    above = path[: table.layout["parent"]] if plan.parent_slot >= 0 else []
    reader, number, parent = XMLRows(plan), 0, 0
    for events in XMLStream(document, options.charset, [path[-1], *above[-1:]], path).chunks():
        made = []
        for event, element in events:
            tag = element.tag
            if event == "start":
                if above and tag == above[-1] and tags_to(element) == above:
                    parent += 1
            elif tag == path[-1] and tags_to(element) == path:
                number += 1
                try:
                    made.append(reader.of(element, number, parent))
                except DataError as error:
                    if options.on_error == "fail":
                        raise DataError(f"{document.name}, {error}") from None
                    skipped(f"{document.name}, {error}")
        yield chain.from_iterable(made)
