"""PEP 249's type objects and constructors, and the way of values into SQLite and out of it."""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.datetimes import read_datetime
from box_dialect.catalog.values import stored
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Date = dt.date
Time = dt.time
Timestamp = dt.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> dt.date:
    """Return the date of a time in seconds since the epoch, UTC."""
    return TimestampFromTicks(ticks).date()


def TimeFromTicks(ticks: float) -> dt.time:
    """Return the time of day of a time in seconds since the epoch, UTC."""
    return TimestampFromTicks(ticks).time()


def TimestampFromTicks(ticks: float) -> dt.datetime:
    """Return the moment of a time in seconds since the epoch, UTC."""
    return dt.datetime.fromtimestamp(ticks, dt.UTC)


class TypeObject:
    """Equal to each declared type that it stands for, in any case, as PEP 249 compares `description[i][1]`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return _stands_for(other) is self if isinstance(other, str) else other is self

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name


STRING: Final = TypeObject("STRING")
BINARY: Final = TypeObject("BINARY")
NUMBER: Final = TypeObject("NUMBER")
DATETIME: Final = TypeObject("DATETIME")
ROWID: Final = TypeObject("ROWID")

_DECLARED: Final = (
    (re.compile("ROWID"), ROWID),
    (re.compile("DATE|TIME|INTERVAL"), DATETIME),
    (re.compile("INT"), NUMBER),
    (re.compile("CHAR|CLOB|TEXT|STRING|JSON|UUID|ENUM"), STRING),
    (re.compile("BLOB|BINARY|BYTEA"), BINARY),
    (re.compile("REAL|FLOA|DOUB|NUM|DEC|BOOL|BIT|MONEY|SERIAL"), NUMBER),
)
"""What tells the kind of a declared type, the first that it has in it.

SQLite takes any words for a type, and tells its affinity by such parts. Source: https://www.sqlite.org/datatype3.html
"""


@functools.lru_cache(maxsize=1024)  # a program declares few types
def _stands_for(declared: str) -> TypeObject | None:
    name = declared.upper()
    return next((kind for part, kind in _DECLARED if part.search(name)), None)


_LONGEST: Final = 80
"""Characters of a date or a time; a longer value is none, and is not kept."""


def _boolean(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _of_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return what reads a text, and leaves what is none of its kind: a column of that type may hold anything."""

    @functools.lru_cache(maxsize=1024, typed=True)  # the times of one row are often alike
    def known(value: Any) -> Any:
        try:
            return read(value)
        except (TypeError, ValueError, OverflowError):
            return value

    def converted(value: Any) -> Any:
        return value if isinstance(value, str | bytes) and len(value) > _LONGEST else known(value)

    return converted


_to_datetime: Final = _of_text(read_datetime)
_to_date: Final = _of_text(dt.date.fromisoformat)
_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "BOOL": _boolean,
    "BOOLEAN": _boolean,
    "DATE": _to_date,
    "DATETIME": _to_datetime,
    "TIME": _of_text(dt.time.fromisoformat),
    "TIMESTAMP": _to_datetime,
    "TIMESTAMPTZ": _to_datetime,
}
"""What the first word of a column's declared type makes of SQLite's value."""

_FIRST_WORD: Final = re.compile(r"\w*")


@functools.lru_cache(maxsize=1024)
def _converter_of(declared: str | None) -> Callable[[Any], Any] | None:
    word = _FIRST_WORD.match((declared or "").upper())
    return _CONVERTERS.get(word[0]) if word else None


def holds_datetimes(declared: str | None) -> bool:
    """Tell whether a column of a declared type holds moments, or dates, which are moments too."""
    return _converter_of(declared) in {_to_datetime, _to_date}


def is_timestamp(declared: str | None) -> bool:
    """Tell whether a column of a declared type holds moments that come as `datetime`."""
    return _converter_of(declared) is _to_datetime


@functools.lru_cache(maxsize=1024)
def type_code(declared: str | None) -> str | None:
    """Return what `description` says of a declared type; polars and others read these names.

    Every moment comes with its time zone, and so its type is told.
    """
    return "TIMESTAMP WITH TIME ZONE" if is_timestamp(declared) else declared


def converter(declared: Sequence[str | None]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return what makes of SQLite's rows those that are fetched, by the types that their columns declare."""
    each = enumerate(map(_converter_of, declared))
    converters = [(place, convert) for place, convert in each if convert is not None]
    if not converters:
        return tuple  # which gives a tuple as it is

    def converted(row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, convert in converters:
            if values[place] is not None:
                values[place] = convert(values[place])
        return tuple(values)

    return converted


_AS_THEY_ARE: Final = (int, float, str, bytes, bytearray, memoryview, type(None))
_NUMPY_NUMBERS: Final = frozenset("biuf")
"""NumPy's kinds of booleans, integers and floats. SQLite would take them for the bytes that hold them."""


def bind(value: Any) -> Any:
    """Return what SQLite stores for a Python value; raises ProgrammingError or DataError for one that it cannot.

    Moments without a time zone are taken as UTC; pandas' NaT is NULL.
    """
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise DataError(f"the integer {value if value.bit_length() < 128 else '…'} is beyond 64 bits")
    if isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, dt.datetime):
        return stored(value) if value == value else None  # NaT is not equal to itself
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None if value.is_nan() else float(value)
        return int(value) if value == value.to_integral_value() and abs(value) < 1 << 63 else float(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if getattr(getattr(value, "dtype", None), "kind", None) in _NUMPY_NUMBERS:
        return value.item()
    kind = type(value)
    raise ProgrammingError(f"a parameter of type {kind.__module__}.{kind.__qualname__} cannot be bound")
