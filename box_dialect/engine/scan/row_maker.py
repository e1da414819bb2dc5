"""Row maker: a function made for a plan, which makes rows for SQLite of Box's objects, with no column too many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from box_dialect.catalog.model import (
    Column,
    Derive,
    Derived,
    Endpoint,
    JsonObject,
    Location,
    Table,
    Type,
    hashed_rowid,
    rowid_as_user,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.values import LARGEST, READERS, SMALLEST, SqliteValue, written
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from types import CodeType

    from box_dialect.engine.scan.struct_decoder import StructType

Row: TypeAlias = tuple[SqliteValue, ...]
"""The values of the columns that are read, in the order of the plan's layout, then the rowid."""

Keys: TypeAlias = Mapping[str, str]

RowMaker: TypeAlias = Callable[[JsonObject, Location | None, Keys], Row]

_NOTHING: Final[JsonObject] = {}

OTHER_FORMS: Final = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
"""What the reading of an object raises that is not as Box's reference says."""

COLUMNS_TOLD: Final = 63
"""SQLite tells of each of the first 63 columns whether it is used, and of all others together."""


def used_columns(told: Collection[int], table: Table, *, before: int = 0) -> frozenset[int]:
    """Return the columns of a table that a statement uses, as far as SQLite tells; so many others come `before`."""
    count, known = len(table.columns), COLUMNS_TOLD - before
    others = range(known, count if COLUMNS_TOLD in told else 0)
    return frozenset(number - before for number in told if before <= number < min(known, count) + before).union(others)


def row_maker(
    table: Table, layout: Sequence[int | None], endpoint: Endpoint, shape: StructType | None = None
) -> RowMaker:
    """Return the function that makes a row of an endpoint's object; it raises DataError for one of another form.

    The function is compiled for the columns that are read: it is called for every row that there is. Its objects are
    dictionaries, or of a shape.
    """
    source = _Source(shape)
    columns = [None if number is None else table.columns[number] for number in layout]
    make = source.compiled([*(source.column(each, endpoint) for each in columns), source.rowid(table, endpoint)])

    def checked(entry: JsonObject, location: Location | None, keys: Keys) -> Row:
        try:
            return make(entry, location, keys)
        except (*OTHER_FORMS, DataError) as error:
            column = next(
                (c.name for c in filter(None, columns) if not can_be_read(c, entry, location, keys)), table.keys[0]
            )
            raise of_another_form(endpoint, error, column) from None

    def can_be_read(column: Column, entry: JsonObject, location: Location | None, keys: Keys) -> bool:
        source = _Source(shape)
        try:
            source.compiled([source.column(column, endpoint)])(entry, location, keys)
        except (*OTHER_FORMS, DataError):
            return False
        return True

    return checked


def of_another_form(endpoint: Endpoint, error: Exception, column: str = "") -> DataError:
    """Return the error for an object that an endpoint answered and that is not as its reference says, in a column."""
    return DataError(
        f"Box answered {endpoint.operation} with an object that is not as its reference says"
        f"{column and f', in {column}'} ({type(error).__name__}: {printable(str(error), 200)})"
    )


def fields(table: Table, numbers: Sequence[int], endpoint: Endpoint, *, in_folder: bool) -> set[str]:
    """Return the fields of Box's objects that rows need, without the column values that the endpoint tells itself."""
    needed = {endpoint.field_of(place) for place in (*table.fields, *endpoint.keep, *filter(None, [endpoint.own]))}
    for number in {*numbers, *(table.numbers[name] for name in table.keys)}:
        column = table.columns[number]
        if column.name not in endpoint.given and column.name not in endpoint.known:
            if endpoint.rows:
                places = (".".join(column.place),) if column.derived is None else column.derived.fields
                needed.update(map(endpoint.field_of, places))
            else:
                needed.update(column.fields(in_folder=in_folder))
    return needed


_EXPRESSIONS: Final[Mapping[Type, str]] = {
    Type.TEXT: "v if type(v := {value}) is str else {convert}(v)",
    Type.INTEGER: f"v if type(v := {{value}}) is int and {SMALLEST} <= v <= {LARGEST} else {{convert}}(v)",
    Type.JSON: "written(bytes(v)) if type(v := {value}) is raw else {convert}(v)",
    Type.BOOLEAN: "+v if type(v := {value}) is bool else {convert}(v)",
}
_EXPRESSION: Final = "None if (v := {value}) is None else {convert}(v)"


class _Source:
    """The source of a function that makes a row, and the names that it uses."""

    def __init__(self, shape: StructType | None) -> None:
        self._names: dict[str, Any] = {"nothing": _NOTHING, "raw": msgspec.Raw, "written": written}
        self._computed: dict[Derive, str] = {}
        self._nested: dict[tuple[str, ...], tuple[str, StructType | None]] = {(): ("entry", shape)}
        self._lines = ["def make(entry, location, keys):"]

    def column(self, column: Column | None, endpoint: Endpoint) -> str:
        """Return the expression of a column's value, and of NULL in the place of one that is not read."""
        if column is None:
            return "None"
        if column.name in endpoint.known:
            return f"keys[{column.name!r}]"
        if column.name in endpoint.given:
            return repr(endpoint.given[column.name])
        if column.derived is not None:
            value = self._derived(column.derived)
            is_remote = column.download_calls and AS_USER.name in endpoint.known
            return f"{value}._replace(as_user=keys[{AS_USER.name!r}])" if is_remote else value
        value, _ = self._value(column.place)
        convert = self._name(READERS[column.type])
        return _EXPRESSIONS.get(column.type, _EXPRESSION).format(value=value, convert=convert)

    def rowid(self, table: Table, endpoint: Endpoint) -> str:
        """Return the expression of the rowid."""
        key = ", ".join(f"({self.column(table.columns[table.numbers[name]], endpoint)})" for name in table.keys)
        hashed = f"{self._name(hashed_rowid)}({key})"
        number = (
            hashed
            if table.number is None
            else f"v if (v := {self._name(table.number)}(entry)) is not None else {hashed}"
        )
        if AS_USER.name not in endpoint.known:
            return number
        return f"{self._name(rowid_as_user)}({number}, keys[{AS_USER.name!r}])"

    def compiled(self, values: Sequence[str]) -> RowMaker:
        """Return the function that gives the values of the expressions."""
        lines = [*self._lines, f"    return ({''.join(f'({value}), ' for value in values)})"]
        exec(_code("\n".join(lines)), self._names)  # noqa: S102 - made of the catalog's declarations only
        made: RowMaker = self._names["make"]
        return made

    def _name(self, value: Any) -> str:
        name = f"f{len(self._names)}"
        self._names[name] = value
        return name

    def _derived(self, derived: Derived) -> str:
        """Return the expression of a computed value; a function that gives several is called once."""
        call = f"{self._name(derived.function)}(entry, location)"
        if derived.part is None:
            return call
        if derived.function not in self._computed:
            name = self._computed[derived.function] = f"d{len(self._computed)}"
            self._lines.append(f"    {name} = {call}")
        return f"{self._computed[derived.function]}[{derived.part}]"

    def _value(self, place: tuple[str, ...]) -> tuple[str, StructType | None]:
        """Return the expression of the value at a place, and its shape where it is a slotted object."""
        *outer, last = place
        name, shape = self._object(tuple(outer))
        if shape is None:
            return f"{name}.get({last!r})", None
        return (f"{name}.{last}" if shape.has(last) else "None"), shape.inner.get(last)

    def _object(self, place: tuple[str, ...]) -> tuple[str, StructType | None]:
        """Return the name of the object at a place, an empty one where there is none; each is looked up once."""
        if place not in self._nested:
            value, shape = self._value(place)
            name = f"o{len(self._nested)}"
            self._nested[place] = name, shape
            self._lines.append(f"    {name} = {value} or {'nothing' if shape is None else self._name(shape.type())}")
        return self._nested[place]


@lru_cache(maxsize=256)  # a join makes the same rows in each of its inner scans
def _code(source: str) -> CodeType:
    return compile(source, "<rows>", "exec")
