"""The types of values that are texts: how they are found, and what a value of a column is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.documents.bounds import VALUE_BYTES
from box_dialect.documents.model import ColumnType
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INTEGERS: Final = range(-(2**63), 2**63)
"""The whole numbers that SQLite has; larger ones are text."""

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT: Final = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.|(?=[eE])))(?:[eE][+-]?[0-9]{1,3})?"
)
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})([-/])([0-9]{1,2})\5([0-9]{4})")
_MOMENT: Final = re.compile(
    r"(\S{8,10})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)\s?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_TRUTH: Final = MappingProxyType({"true": True, "false": False})

_LONGEST: Final = 64
"""Characters of a text that may be a number, a date or a timestamp; a longer one is in no cache either."""

_ALL: Final = frozenset(ColumnType) - {ColumnType.TEXT, ColumnType.JSON}
_NONE: Final[frozenset[ColumnType]] = frozenset()
_WHOLE_NUMBERS: Final = frozenset({ColumnType.INTEGER, ColumnType.FLOAT})
_NUMBERS: Final = frozenset({ColumnType.FLOAT})
_TRUTHS: Final = frozenset({ColumnType.BOOLEAN})
_DATES: Final = frozenset({ColumnType.DATE, ColumnType.TIMESTAMP})
_MOMENTS: Final = frozenset({ColumnType.TIMESTAMP})


class TypeDetection:
    """The type of a column, as its values are added: the narrowest that all of them have, or text.

    A whole number has no zeros before it, as a postal code may, no plus, as a telephone number does, and 18 digits at
    most. `07-17-2017` and `7/17/2017`
    are dates, the month first. Blank values, and None, tell nothing.
    """

    __slots__ = ("_possible", "is_empty")

    def __init__(self) -> None:
        self._possible = _ALL
        self.is_empty = True

    def add_text(self, text: str) -> None:
        """Add a value that is written as text, as each is in XML and CSV."""
        text = text.strip()
        if text:
            self.is_empty = False
            if self._possible:
                self._possible &= _types_of(text)

    def add(self, value: object) -> None:
        """Add a value that has a type, as in JSON; only dates and timestamps are found in its texts."""
        if value is None:
            return
        self.is_empty = False
        if isinstance(value, bool):
            self._possible &= _TRUTHS
        elif isinstance(value, int):
            self._possible &= _WHOLE_NUMBERS if value in INTEGERS else _NONE
        elif isinstance(value, float | Decimal):
            self._possible &= _NUMBERS
        else:
            self._possible &= _types_of(value) & _DATES if isinstance(value, str) else _NONE

    @property
    def type(self) -> ColumnType:
        """The type; text where no value was added."""
        if self.is_empty:
            return ColumnType.TEXT
        return next((each for each in ColumnType if each in self._possible), ColumnType.TEXT)


def _types_of(text: str) -> frozenset[ColumnType]:
    if len(text) > _LONGEST:
        return _NONE
    if _INTEGER.fullmatch(text):
        return _WHOLE_NUMBERS
    if _FLOAT.fullmatch(text):
        return _NUMBERS
    if text.lower() in _TRUTH:
        return _TRUTHS
    if _date_of(text) is not None:
        return _DATES
    return _NONE if _moment_of(text) is None else _MOMENTS


def _date_of(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, first, _, second, last = found.groups()
    try:
        return date(int(year), int(month), int(day)) if year else date(int(last), int(first), int(second))
    except ValueError:
        return None


def _moment_of(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        day, time, zone = _date_of(text), "00:00", None
    else:
        day, time, zone = _date_of(found[1]), found[2], found[3]
    if day is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()} {time}{(zone or 'Z').upper()}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def integer(text: str) -> int | str | None:
    """Return the whole number that a text is, or the text; None where it is blank."""
    try:
        number = int(text)
    except ValueError:
        return text if text.strip() else None
    if str(number) == text and number in INTEGERS:
        return number
    return int(text) if _INTEGER.fullmatch(text.strip()) else text


def float_(text: str) -> float | str | None:
    """Return the number that a text is, or the text; None where it is blank."""
    stripped = text.strip()
    if _FLOAT.fullmatch(stripped) or _INTEGER.fullmatch(stripped):
        return float(stripped)
    return text if stripped else None


def boolean(text: str) -> bool | str | None:
    """Return what `true` and `false` say, in any case, or the text; None where it is blank."""
    stripped = text.strip()
    return _TRUTH.get(stripped.lower(), text) if stripped else None


def day(text: str) -> str | None:
    """Return a date as `YYYY-MM-DD`, or the text; None where it is blank."""
    stripped = text.strip()
    return (_spelled_day(stripped) if len(stripped) <= _LONGEST else None) or (text if stripped else None)


def moment(text: str) -> str | None:
    """Return a timestamp as `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, or the text; None where it is blank."""
    stripped = text.strip()
    return (_spelled_moment(stripped) if len(stripped) <= _LONGEST else None) or (text if stripped else None)


@lru_cache(maxsize=4096)
def _spelled_day(text: str) -> str | None:
    found = _date_of(text)
    return found.isoformat() if found else None


@lru_cache(maxsize=4096)
def _spelled_moment(text: str) -> str | None:
    found = _moment_of(text)
    return found.replace(tzinfo=None).isoformat(" ", "microseconds") if found else None


CONVERSIONS: Final[Mapping[ColumnType, Callable[[str], object]]] = MappingProxyType(
    {
        ColumnType.INTEGER: integer,
        ColumnType.FLOAT: float_,
        ColumnType.BOOLEAN: boolean,
        ColumnType.DATE: day,
        ColumnType.TIMESTAMP: moment,
    }
)
"""What makes a value of a type out of a text; a text that is no such value stays as it is. Text needs none."""


def bounded(text: str, of: str) -> str:
    """Return a text that is no longer than a value may be; raises DataError, with `of`, for one that is."""
    if len(text) > VALUE_BYTES or (len(text) * 4 > VALUE_BYTES and len(text.encode("utf-8", "replace")) > VALUE_BYTES):
        raise too_long(of)
    return text


def too_long(of: str) -> DataError:
    """Return the error for a value of `of` that is longer than one may be."""
    return DataError(f"{of} has a value of more than {VALUE_BYTES >> 20} MiB")
