"""The columns of a Parquet document, found in its schema: those of structs flattened, lists and maps as JSON.

The layout of a table is `{"places": […]}`, a place for each column.
"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from box_dialect.documents.arrow_values import column_type
from box_dialect.documents.bounds import COLUMNS, NESTING
from box_dialect.documents.headers import unique_names
from box_dialect.documents.model import DocumentColumn, DocumentTable, stem
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from box_dialect.documents.model import Document
    from box_dialect.documents.options import Options


Place: TypeAlias = "tuple[str | int, ...]"
"""Where a column is: the names of the fields that lead to it, and the indexes of elements of lists."""


def found_table(document: Document, schema: pa.Schema, options: Options) -> DocumentTable:
    """Return the table of a schema. Raises DataError for what has more columns or levels than a table may have."""
    places = list(islice(_places((), schema, options, 0), COLUMNS + 1))
    names = unique_names(document.name, (options.separator.join(map(str, place)) for place, _ in places))
    columns = tuple(DocumentColumn(name, column_type(kind)) for name, (_, kind) in zip(names, places, strict=True))
    return DocumentTable(stem(document), columns, layout={"places": [list(place) for place, _ in places]})


def _places(
    above: Place, fields: Iterable[pa.Field], options: Options, depth: int
) -> Iterator[tuple[Place, pa.DataType]]:
    for field in fields:
        yield from _within((*above, field.name), field.type, options, depth + 1)


def _within(place: Place, arrow: pa.DataType, options: Options, depth: int) -> Iterator[tuple[Place, pa.DataType]]:

    if depth > NESTING:
        raise DataError(f"the document has more than {NESTING:,} levels of fields, one within the other")
    if is_.is_struct(arrow) and options.flatten_objects and arrow.num_fields:
        yield from _places(place, (arrow.field(each) for each in range(arrow.num_fields)), options, depth)
        return
    if (is_.is_list(arrow) or is_.is_large_list(arrow)) and options.flatten_arrays:
        for index in range(options.flatten_arrays):
            yield from _within((*place, index), arrow.value_type, options, depth + 1)
        return
    yield place, arrow


def read_path(place: Place) -> str:
    """Return the path of what has to be read for a column, as Parquet spells it."""
    return ".".join(str(step) for step in takewhile(lambda step: isinstance(step, str), place))


def picked(table: pa.Table | pa.RecordBatch, place: Place) -> pa.Array:
    """Return the column of a batch that a place leads to; raises KeyError where it is not there."""
    step = place[0]
    index = table.schema.get_field_index(step)
    if index < 0:
        raise KeyError(step)
    array = table.column(index)
    for step in place[1:]:
        if isinstance(step, int):
            array = _element(array, step)
        else:
            index = array.type.get_field_index(step)
            if index < 0:
                raise KeyError(step)
            array = pc.struct_field(array, [index])
    return array


def _element(array: pa.Array, index: int) -> pa.Array:
    """Return the elements of lists at an index, null where a list is shorter."""
    is_there = pc.greater(pc.list_value_length(array), index)
    offsets = array.offsets.slice(0, len(array))
    indices = pc.if_else(is_there, pc.add(offsets, index), pa.scalar(None, offsets.type))
    return array.values.take(indices)
