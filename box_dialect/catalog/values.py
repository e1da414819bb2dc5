"""From Box's JSON to what SQLite stores, by a column's type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from box_dialect.catalog.model import Type
from box_dialect.errors import DataError

SqliteValue = str | int | float | bytes | None

_STORED_WIDTH: Final = len("2026-01-31 12:30:00.000000")

SMALLEST, LARGEST = -(1 << 63), (1 << 63) - 1
"""The whole numbers that SQLite has."""

Reader = Callable[[Any], SqliteValue]


def _text(value: Any) -> SqliteValue:
    if value is None or type(value) is str:
        return value
    return json_text(value)


def _integer(value: Any) -> SqliteValue:
    """Return a number of SQLite's; raises OverflowError for a larger one."""
    if value is None:
        return None
    number = int(value)  # Box writes large sizes in exponent form, which decodes as float
    if not SMALLEST <= number <= LARGEST:
        raise OverflowError("a number of more than 64 bits")
    return number


def _real(value: Any) -> SqliteValue:
    """Return a number with a fraction."""
    return None if value is None else float(value)


def _bytes(value: Any) -> SqliteValue:
    """Return bytes as they are."""
    if value is None or isinstance(value, bytes):
        return value
    raise TypeError("no bytes")


def json_text(value: Any) -> SqliteValue:
    """Return a value as JSON, without spaces; None where there is none."""
    return None if value is None else msgspec.json.encode(value).decode()


def comparable(value: Any) -> Any:
    """Return a whole number as the text that is equal to it, also one out of a column of type REAL."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) else value


_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


def numeric(value: Any) -> Any:
    """Return what a value is compared as with a column of numbers: the number that a text is, if it is one.

    Source: https://www.sqlite.org/datatype3.html, "Type Conversions Prior To Comparison"
    """
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    try:
        return int(value)
    except ValueError:
        return float(value)


@lru_cache(maxsize=256)  # permissions and the like are few
def written(text: bytes) -> SqliteValue:
    """Return JSON in the form that the driver gives it: without spaces, and nothing escaped that need not be."""
    return json_text(msgspec.json.decode(text))


@lru_cache(maxsize=1024)  # the times of one row are often alike
def timestamp(value: Any) -> SqliteValue:
    """Return an RFC 3339 timestamp as UTC in the fixed width `YYYY-MM-DD HH:MM:SS.ffffff`, so that text compares right.

    Raises DataError for anything else.
    """
    if value is None:
        return None
    try:
        return stored(datetime.fromisoformat(value))
    except (OverflowError, TypeError, ValueError):
        raise DataError(f"Box sent {str(value)[:60]!r} where its reference promises an RFC 3339 timestamp") from None


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a time zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def stored(moment: datetime) -> str:
    """Return a moment as the driver stores it; one without a time zone is taken as UTC."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC).isoformat(" ", "microseconds")[:_STORED_WIDTH]
    return moment.isoformat(" ", "microseconds")


READERS: Final[Mapping[Type, Reader]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.REAL: _real,
    Type.BOOLEAN: _integer,
    Type.DATE: _text,
    Type.TIMESTAMP: timestamp,
    Type.JSON: json_text,
    Type.BLOB: _bytes,
}
