"""Turn what a statement binds into Box's query parameters: the same rows or more, never fewer."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.datetimes import datetime_of
from box_dialect.catalog.model import EXACT, RANGE, Bound, Filter, Op

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECOND: Final = timedelta(seconds=1)
_FIRST_SECOND: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all that is compared here
_LAST_SECOND: Final = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - UTC, as all that is compared here


def one_of(column: str, parameter: str, accepts: str = r"[^,\s]+") -> Filter:
    """Send the values of `=` or `IN` as a list with commas."""
    form = re.compile(accepts)

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        for op, values in bound:
            texts = [value for value in values if isinstance(value, str) and form.fullmatch(value)]
            if op in {Op.EQ, Op.IN} and texts and len(texts) == len(values) <= 50:
                return {parameter: ",".join(texts)}
        return {}

    return Filter(column, EXACT, render)


BOOLEANS: Final = {"1": "true", "0": "false"}
"""How Box spells the booleans of SQLite in a query."""


def equals(
    column: str,
    parameter: str | None = None,
    accepts: str = r".{1,1024}",
    spelled: Mapping[str, str] = MappingProxyType({}),
) -> Filter:
    """Send the value that the column is equal to, as the parameter of that name or of the column's.

    Only a value that `accepts` matches is sent: where Box takes a few words, those. `spelled` are the values which Box
    spells otherwise, such as `BOOLEANS`.
    """
    form = re.compile(accepts, re.DOTALL)

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        for op, (value, *others) in bound:
            if op in {Op.EQ, Op.IN} and not others and isinstance(value, str) and form.fullmatch(value):
                return {parameter or column: spelled.get(value, value)}
        return {}

    return Filter(column, EXACT, render)


def starts_with(column: str, parameter: str) -> Filter:
    """Send what the column begins with, for an endpoint that compares beginnings in any case of letters."""

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        for op, (value, *others) in bound:
            if others or not isinstance(value, str):
                continue
            text = re.split("[%_]", value, maxsplit=1)[0] if op is Op.LIKE else value
            # Other alphabets fold in ways that SQLite and Box need not agree on.
            if text.strip() and text.isascii():
                return {parameter: text}
        return {}

    return Filter(column, frozenset({Op.EQ, Op.LIKE}), render)


def number_range(column: str, parameter: str) -> Filter:
    """Send bounds as `low,high`, both inclusive, either one empty."""

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        low, high = "", ""
        for op, value in _single(bound):
            if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
                low = str(max(0, math.floor(value))) if op in {Op.GT, Op.GE, Op.EQ} else low
                high = str(max(0, math.ceil(value))) if op in {Op.LT, Op.LE, Op.EQ} else high
        return {parameter: f"{low},{high}"} if low or high else {}

    return Filter(column, RANGE | {Op.EQ}, render)


def time_range(column: str, parameter: str) -> Filter:
    """Send bounds as `from,to` in RFC 3339, either one empty."""

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        low, high = bounds(bound)
        return {parameter: f"{low},{high}"} if low or high else {}

    return Filter(column, RANGE | {Op.EQ}, render)


def time_between(column: str, after: str, before: str) -> Filter:
    """Send the bounds in RFC 3339 as two parameters, of which Box takes neither moment itself."""

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
        low, high = bounds(bound)
        earliest = _FIRST_SECOND if not low else datetime.fromisoformat(low).replace(tzinfo=None)
        low = f"{(earliest - _SECOND).isoformat()}Z" if earliest > _FIRST_SECOND else ""
        return {name: value for name, value in ((after, low), (before, high)) if value}

    return Filter(column, RANGE | {Op.EQ}, render)


def bounds(bound: Bound) -> tuple[str, str]:
    """Return the earliest and the latest moment that is asked for, in RFC 3339; empty where there is no bound.

    Box counts whole seconds, so both are rounded outwards, and takes no moment before 1970.
    """
    low, high = "", ""
    for op, value in _single(bound):
        moment = datetime_of(value)
        if moment is None:
            continue
        second = max(moment.replace(microsecond=0), _FIRST_SECOND)
        if op in {Op.GT, Op.GE, Op.EQ}:
            low = f"{second.isoformat()}Z"
        if op in {Op.LT, Op.LE, Op.EQ} and second < _LAST_SECOND:
            high = f"{(second + _SECOND).isoformat()}Z"
    return low, high


def _single(bound: Bound) -> Iterator[tuple[Op, Any]]:
    return ((op, values[0]) for op, values in bound)
