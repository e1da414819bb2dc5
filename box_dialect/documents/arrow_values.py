"""Arrow's arrays as the values that SQLite takes, spelled as the driver stores them.

Moments and dates become text, in UTC where they have a zone; lists, structs and maps become JSON. A text that Arrow
keeps once for many rows is one object of Python's, so that a document of few bytes does not become one of many.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from box_dialect.documents.bounds import VALUE_BYTES
from box_dialect.documents.model import ColumnType
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable


Value: TypeAlias = "str | int | float | bytes | bool | None"

EXACT_DIGITS: Final = 15
"""Decimal digits that any float holds."""

_LARGEST: Final = (1 << 63) - 1
_KEPT_DICTIONARIES: Final = 64


def column_type(arrow: pa.DataType) -> ColumnType:
    """Return the type of a column by Arrow's; a decimal is a number only where a number of SQLite's holds it."""
    if is_.is_dictionary(arrow):
        return column_type(arrow.value_type)
    if is_.is_decimal(arrow):
        return _decimal_type(arrow)
    kinds: tuple[tuple[Callable[[pa.DataType], bool], ColumnType], ...] = (
        (is_.is_boolean, ColumnType.BOOLEAN),
        (is_.is_integer, ColumnType.INTEGER),
        (is_.is_floating, ColumnType.FLOAT),
        (is_.is_duration, ColumnType.FLOAT),
        (is_.is_date, ColumnType.DATE),
        (is_.is_timestamp, ColumnType.TIMESTAMP),
        (is_.is_nested, ColumnType.JSON),
    )
    return next((kind for holds, kind in kinds if holds(arrow)), ColumnType.TEXT)


def _decimal_type(arrow: pa.DataType) -> ColumnType:
    if arrow.precision > (EXACT_DIGITS if arrow.scale else EXACT_DIGITS + 3):
        return ColumnType.TEXT
    return ColumnType.FLOAT if arrow.scale else ColumnType.INTEGER


class ArrowValues:
    """Arrays of one document as lists of values; dictionaries that arrays share are read once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._dictionaries: dict[tuple[int, ...], tuple[Any, list[Any]]] = {}

    def sql(self, array: pa.Array) -> list[Any]:
        """Return the values of a column as SQLite takes them.

        Raises DataError for one that is longer than `VALUE_BYTES` as JSON.
        """
        if not is_.is_nested(array.type):
            return self._scalars(array)
        return [self._json(value) for value in self._objects(array)]

    def _scalars(self, array: pa.Array) -> list[Any]:
        arrow = array.type
        if is_.is_dictionary(arrow):
            return self._of_dictionary(array)
        if is_.is_floating(arrow):
            return [None if value != value else value for value in array.to_pylist()]  # NaN alone
        if is_.is_uint64(arrow):
            return [value if value is None or value <= _LARGEST else str(value) for value in array.to_pylist()]
        if is_.is_timestamp(arrow):
            return self._texts(array.cast(pa.timestamp("us"), safe=False))
        if is_.is_time(arrow):
            return self._texts(array.cast(pa.time64("us"), safe=False))
        if is_.is_date(arrow):
            return self._texts(array)
        if is_.is_duration(arrow):
            return [
                None if value is None else value / 1e6
                for value in array.cast(pa.duration("us"), safe=False).cast(pa.int64()).to_pylist()
            ]
        if is_.is_decimal(arrow):
            make = {ColumnType.INTEGER: int, ColumnType.FLOAT: float}.get(_decimal_type(arrow), str)
            return [None if value is None else make(value) for value in array.to_pylist()]
        return list(array.to_pylist())

    def _texts(self, array: pa.Array) -> list[Any]:
        return list(array.cast(pa.string()).to_pylist())

    def _of_dictionary(self, array: pa.DictionaryArray) -> list[Any]:
        """Return values of which equal ones are the same object.

        Raises DataError where the document has an index that the dictionary has no value at.
        """
        values = self._dictionary(array.dictionary)
        least, most = pc.min_max(array.indices).values()
        if least.is_valid and not 0 <= least.as_py() <= most.as_py() < len(values):
            raise DataError(f"{self._name} has a value that is not in its dictionary")
        return [None if index is None else values[index] for index in array.indices.to_pylist()]

    def _dictionary(self, dictionary: pa.Array) -> list[Any]:
        key = (
            *(0 if each is None else each.address for each in dictionary.buffers()),
            len(dictionary),
            dictionary.offset,
        )
        if key not in self._dictionaries:
            if len(self._dictionaries) > _KEPT_DICTIONARIES:
                self._dictionaries.clear()
            self._dictionaries[key] = dictionary, self._scalars(dictionary)  # while it is kept, no other lies there
        return self._dictionaries[key][1]

    def _objects(self, array: pa.Array) -> list[Any]:
        """Return nested values as what JSON is made of."""
        arrow = array.type
        if is_.is_struct(arrow):
            names = [arrow.field(place).name for place in range(arrow.num_fields)]
            columns = [self._objects(each) for each in array.flatten()]
            rows = zip(*columns, strict=True) if columns else ((),) * len(array)
            found: list[Any] = [dict(zip(names, row, strict=True)) for row in rows]
        elif is_.is_map(arrow):
            keys, items, starts, ends = self._map_parts(array)
            found = [dict(zip(keys[a:b], items[a:b], strict=True)) for a, b in zip(starts, ends, strict=True)]
        elif is_.is_fixed_size_list(arrow):
            size = arrow.list_size
            items = self._objects(array.values.slice(array.offset * size, len(array) * size))
            found = [items[place * size : (place + 1) * size] for place in range(len(array))]
        elif is_.is_list(arrow) or is_.is_large_list(arrow):
            offsets = array.offsets.to_pylist()
            items = self._objects(array.values.slice(offsets[0], offsets[-1] - offsets[0]))
            first = offsets[0]
            found = [items[a - first : b - first] for a, b in pairwise(offsets)]
        elif is_.is_nested(arrow):
            raise DataError(f"{self._name} has a column of Arrow's type {arrow}, which is not read")
        else:
            return [_plain(value) for value in self._scalars(array)]
        return [
            value if is_valid else None for value, is_valid in zip(found, array.is_valid().to_pylist(), strict=True)
        ]

    def _map_parts(self, array: pa.MapArray) -> tuple[list[str], list[Any], list[int], list[int]]:
        offsets = array.offsets.to_pylist()
        first, count = offsets[0], offsets[-1] - offsets[0]
        keys = [_key(key) for key in self._objects(array.keys.slice(first, count))]
        items = self._objects(array.items.slice(first, count))
        starts = [each - first for each in offsets]
        return keys, items, starts[:-1], starts[1:]

    def _json(self, value: Any) -> str | None:
        if value is None:
            return None
        if _weight(value, VALUE_BYTES) < 0:
            raise DataError(f"{self._name} has a value of more than {VALUE_BYTES:,} characters as JSON")
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Value) -> Any:
    """Return a value as JSON can hold it: bytes as Base64."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _weight(value: Any, left: int) -> int:
    """Return what is left of so many characters after a value, about, or less than none."""
    if left < 0:
        return left
    if isinstance(value, str):
        return left - len(value) - 2
    if isinstance(value, dict):
        for key, item in value.items():
            left = _weight(item, left - len(key) - 4)
            if left < 0:
                break
        return left
    if isinstance(value, list):
        for item in value:
            left = _weight(item, left - 1)
            if left < 0:
                break
        return left
    return left - 2


def stored(value: object) -> Value:
    """Return one value of Python's, as of a footer's statistics, as `ArrowValues.sql` gives it in a column."""
    if isinstance(value, dt.datetime):
        moment = value.astimezone(dt.UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, str | int | float | bytes) else None
