"""Make rows for SQLite out of Box's objects, with the columns that a statement reads and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeAlias

from box_dialect.catalog.model import Column, Endpoint, JsonObject, Location, Table
from box_dialect.catalog.values import READERS, SqliteValue
from box_dialect.errors import DataError

Row: TypeAlias = tuple[SqliteValue, ...]
"""The rowid, then the values of the columns that are read."""

Keys: TypeAlias = Mapping[str, str]

_Read: TypeAlias = Callable[[JsonObject, Location | None, Keys], Any]

RowMaker: TypeAlias = Callable[[JsonObject, Location | None, Keys], Row]

_COLUMNS_TOLD: Final = 63
"""SQLite tells of each of the first 63 columns whether it is used, and of all others together."""


def used_columns(told: Collection[int], table: Table) -> frozenset[int]:
    """Return the columns of a table that a statement uses, as far as SQLite tells."""
    others = range(_COLUMNS_TOLD, len(table.columns) if _COLUMNS_TOLD in told else 0)
    return frozenset(number for number in told if number < min(_COLUMNS_TOLD, len(table.columns))).union(others)


def row_maker(table: Table, numbers: Sequence[int], endpoint: Endpoint) -> RowMaker:
    """Return the function that makes a row of an endpoint's object; it raises DataError for one of another form."""
    reads = [_reader(table.columns[number], endpoint) for number in numbers]
    rowid, key = table.rowid, table.key

    def make(entry: JsonObject, location: Location | None, keys: Keys) -> Row:
        try:
            number = rowid(entry)
            identity = _hash(entry[key]) if number is None else number
            return (identity, *[read(entry, location, keys) for read in reads])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"Box answered {endpoint.operation} with an object that is not as its reference says "
                f"({type(error).__name__}: {error})"
            ) from None

    return make


def fields(table: Table, numbers: Sequence[int], endpoint: Endpoint, *, in_folder: bool) -> set[str]:
    """Return the fields of Box's objects that rows need, without the column values that the endpoint tells itself."""
    needed = {*table.fields, *(place.split(".")[0] for place in endpoint.keep)}
    for number in numbers:
        column = table.columns[number]
        if column.name not in endpoint.given and column.name not in endpoint.known:
            needed.update(column.fields(in_folder=in_folder))
    if endpoint.own:
        needed.add(endpoint.own.split(".")[0])
    return needed


def _reader(column: Column, endpoint: Endpoint) -> _Read:
    name = column.name
    if name in endpoint.known:
        return lambda _entry, _location, keys: keys[name]
    if name in endpoint.given:
        value = endpoint.given[name]
        return lambda _entry, _location, _keys: value
    if column.derived is not None:
        derive = column.derived.function
        return lambda entry, location, _keys: derive(entry, location)
    return _plain_reader(column)


def _plain_reader(column: Column) -> _Read:
    convert = READERS[column.type]
    first, *rest = column.place
    if not rest:
        return lambda entry, _location, _keys: convert(entry.get(first))

    def read(entry: JsonObject, _location: Location | None, _keys: Keys) -> SqliteValue:
        value: Any = entry.get(first)
        for key in rest:
            if value is None:
                return None
            value = value.get(key)
        return convert(value)

    return read


def _hash(identity: str) -> int:
    """Return a negative number of 63 bits that is the same in every process."""
    return -1 - (int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "big") >> 1)
