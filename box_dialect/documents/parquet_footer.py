"""The footer of a Parquet document, checked before pyarrow is given it.

pyarrow takes for granted that a row group has a chunk for each leaf of the schema, that a chunk has metadata, and more:
where that does not hold, it ends the process instead of raising an error.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from box_dialect.documents.compact_thrift import BINARY, I32, I64, CompactReader, Field, List, Struct
from box_dialect.errors import DataError, NotSupportedError, printable

ELEMENTS: Final = 20_000
"""The most elements of a schema: columns, and the groups that hold them."""

LEVELS: Final = 100
"""The most levels of elements, as in pyarrow 26."""

PATH_BYTES: Final = 16 << 20
"""The most bytes of the paths of all columns."""

CHUNKS: Final = 500_000
"""The most chunks of columns in all row groups."""

_WIDTHS: Final = {0: 1, 1: 4, 2: 8, 4: 4, 5: 8}
"""Bytes of a bound in statistics by the physical type: BOOLEAN, INT32, INT64, FLOAT, DOUBLE."""

_BYTE_ARRAY: Final = 6
_FIXED_LEN_BYTE_ARRAY: Final = 7
_TYPES: Final = range(8)
_REQUIRED, _OPTIONAL, _REPEATED = range(3)
_DECIMAL: Final = 5

_ELEMENT: Final = Struct(
    "a SchemaElement",
    {
        1: Field("type", I32, optional=True),
        2: Field("type_length", I32, optional=True),
        3: Field("repetition_type", I32, optional=True),
        4: Field("name", BINARY),
        5: Field("num_children", I32, optional=True),
        6: Field("converted_type", I32, optional=True),
        10: Field(
            "logicalType", Struct("a LogicalType", {5: Field("DECIMAL", Struct("", {}), optional=True)}), optional=True
        ),
    },
)
_STATISTICS: Final = Struct(
    "the Statistics",
    {
        1: Field("max", BINARY, optional=True),
        2: Field("min", BINARY, optional=True),
        5: Field("max_value", BINARY, optional=True),
        6: Field("min_value", BINARY, optional=True),
    },
)
_SIZE_STATISTICS: Final = Struct(
    "the SizeStatistics",
    {
        1: Field("unencoded_byte_array_data_bytes", I64, optional=True),
        2: Field("repetition_level_histogram", List(I64, LEVELS + 2), optional=True),
        3: Field("definition_level_histogram", List(I64, LEVELS + 2), optional=True),
    },
)
_METADATA: Final = Struct(
    "a ColumnMetaData",
    {
        1: Field("type", I32),
        3: Field("path_in_schema", List(BINARY, LEVELS + 1)),
        5: Field("num_values", I64),
        6: Field("total_uncompressed_size", I64),
        7: Field("total_compressed_size", I64),
        9: Field("data_page_offset", I64),
        11: Field("dictionary_page_offset", I64, optional=True),
        12: Field("statistics", _STATISTICS, optional=True),
        16: Field("size_statistics", _SIZE_STATISTICS, optional=True),
    },
)
_CHUNK: Final = Struct(
    "a ColumnChunk",
    {
        1: Field("file_path", BINARY, optional=True),
        3: Field("meta_data", _METADATA, optional=True),
        8: Field("crypto_metadata", Struct("", {}), optional=True),
    },
)
_GROUP: Final = Struct("a RowGroup", {1: Field("columns", List(_CHUNK, ELEMENTS)), 3: Field("num_rows", I64)})
_GROUPS: Final = List(_GROUP, CHUNKS)
_FOOTER: Final = Struct(
    "the footer",
    {
        2: Field("schema", List(_ELEMENT, ELEMENTS)),
        4: Field("row_groups", _GROUPS),
    },
)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A column of the schema; bounds in its statistics have at least so many bytes as `width` says."""

    path: tuple[bytes, ...]
    type: int
    width: int
    repetition: int
    definition: int

    @property
    def name(self) -> str:
        return printable(b".".join(self.path).decode(errors="replace"))


@dataclass(slots=True)
class _Group:
    """A group of the schema, of whose children so many are to come; levels are those of values in it."""

    left: int
    path: tuple[bytes, ...] = ()
    repetition: int = 0
    definition: int = 0


def check_footer(name: str, footer: bytes, end: int) -> None:
    """Raise DataError for a footer that pyarrow must not be given, and NotSupportedError for what is not read.

    `end` is where the footer begins in the document, before which all chunks have to end.
    """
    try:
        _check(name, CompactReader(footer), end)
    except ValueError as error:
        raise DataError(f"{name} has a broken footer: {error}") from error


def _check(name: str, reader: CompactReader, end: int) -> None:
    leaves: list[_Leaf] | None = None
    chunks = 0
    for field, kind in reader.fields(_FOOTER):
        if field.name == "schema":
            leaves = _leaves(reader.value(field.kind, kind))
            continue
        if leaves is None:
            raise ValueError("its row groups come before its schema")
        for group in reader.list(_GROUPS):
            chunks += len(group["columns"])
            if chunks > CHUNKS:
                raise ValueError(f"it has more than {CHUNKS:,} chunks of columns")
            _check_group(name, group, leaves, end)


def _leaves(elements: list[dict[str, Any]]) -> list[_Leaf]:
    """Return the columns of a schema, whose elements are there depth first, each group before its children."""
    if not elements:
        raise ValueError("its schema has no elements")
    leaves: list[_Leaf] = []
    groups = [_Group(elements[0].get("num_children", 0))]
    for element in elements[1:]:
        while groups and not groups[-1].left:
            groups.pop()
        if not groups:
            raise ValueError("its schema has more elements than its groups have children")
        groups[-1].left -= 1
        found = _element(element, groups[-1])
        if isinstance(found, _Leaf):
            leaves.append(found)
        else:
            groups.append(found)
        if len(groups) > LEVELS:
            raise ValueError(f"its schema has more than {LEVELS} levels")
    if any(group.left for group in groups):
        raise ValueError("its schema has fewer elements than its groups have children")
    if sum(len(step) for leaf in leaves for step in leaf.path) > PATH_BYTES:
        raise ValueError(f"the paths of its columns have more than {PATH_BYTES:,} bytes")
    return leaves


def _element(element: dict[str, Any], above: _Group) -> _Leaf | _Group:
    path = (*above.path, element["name"])
    kind, children = element.get("repetition_type", _REQUIRED), element.get("num_children", 0)
    if kind not in {_REQUIRED, _OPTIONAL, _REPEATED} or children < 0:
        raise ValueError("its schema has an element of no known repetition, or of fewer children than none")
    repetition, definition = above.repetition + (kind == _REPEATED), above.definition + (kind != _REQUIRED)
    if children or "type" not in element:
        return _Group(children, path, repetition, definition)
    if element["type"] not in _TYPES:
        raise ValueError(f"its schema has a column of type {element['type']}, which there is not")
    return _Leaf(path, element["type"], _width(element), repetition, definition)


def _width(element: dict[str, Any]) -> int:
    """Return how many bytes bounds of a column have at least; those of what is no number may be cut."""
    if element["type"] != _FIXED_LEN_BYTE_ARRAY:
        return _WIDTHS.get(element["type"], 0)
    is_decimal = element.get("converted_type") == _DECIMAL or "DECIMAL" in element.get("logicalType", ())
    return element.get("type_length", 0) if is_decimal else 0


def _check_group(name: str, group: dict[str, Any], leaves: list[_Leaf], end: int) -> None:
    rows, chunks = group["num_rows"], group["columns"]
    if rows < 0:
        raise ValueError("a row group has fewer rows than none")
    if len(chunks) != len(leaves):
        raise ValueError(f"a row group has {len(chunks):,} chunks, and the schema {len(leaves):,} columns")
    for chunk, leaf in zip(chunks, leaves, strict=True):
        if "crypto_metadata" in chunk:
            raise NotSupportedError(f"{name} is encrypted, which is not read")
        if chunk.get("file_path"):
            raise NotSupportedError(f"{name} has its columns in other documents, which are not read")
        if "meta_data" not in chunk:
            raise ValueError(f"a chunk of {leaf.name} has no metadata")
        wrong = _what_is_wrong(chunk["meta_data"], leaf, rows, end)
        if wrong:
            raise ValueError(f"a chunk of {leaf.name} {wrong}")


def _what_is_wrong(chunk: dict[str, Any], leaf: _Leaf, rows: int, end: int) -> str | None:
    """Return what is wrong with a chunk, None where nothing is."""
    count, size, offset = chunk["num_values"], chunk["total_compressed_size"], chunk["data_page_offset"]
    start = min(offset, chunk.get("dictionary_page_offset") or offset)
    statistics, sizes = chunk.get("statistics", {}), chunk.get("size_statistics", {})
    repetitions, definitions = (sizes.get(f"{each}_level_histogram") for each in ("repetition", "definition"))
    wrong = {
        "is of another type than the column": chunk["type"] != leaf.type,
        "is of another path": tuple(chunk["path_in_schema"]) != leaf.path,
        f"has {count:,} values for {rows:,} rows": count < rows or (count > rows and not leaf.repetition),
        "has a size of less than no bytes": min(size, chunk["total_uncompressed_size"]) < 0,
        "is not within the document": start < 0 or max(start + size, offset) > end,
        "has statistics of another type": any(len(bound) < leaf.width for bound in statistics.values()),
        "has a histogram of other levels": (repetitions and len(repetitions) != leaf.repetition + 1)
        or (definitions and len(definitions) != leaf.definition + 1),
        "has a size of texts, and is of none": "unencoded_byte_array_data_bytes" in sizes and leaf.type != _BYTE_ARRAY,
    }
    return next((what for what, is_so in wrong.items() if is_so), None)
