"""Insights: aggregates that Box computes, asked for and checked; what is not sure to be right is not taken.

Source: https://developer.box.com/reference/v2026.0/post-query-insights
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.api.paging import first
from box_dialect.engine.scan.listing import Listing
from box_dialect.engine.scan.page_call import page_call
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from box_dialect.api import ApiCall
    from box_dialect.catalog.model import Endpoint, Insights

_MOST_METRICS: Final = 10
_MOST_GROUPS: Final = 10
_DEFAULT: Final = "totalResultCount"
"""The metric that Box tells where none is asked for."""

_EXACT_NUMBERS: Final = 1 << 24
"""From here on Box may take neighbouring numbers for one. Source: …/guides/search/filters/metadata"""

Row = tuple[Any, ...]


class InexactError(Exception):
    """What is asked is nothing that Box tells for sure."""


class Question(NamedTuple):
    """What is asked of rows: the keys, what is sent of the condition, and the field that makes groups.

    `of_null` is sent for the rows without a value of that field, None where there are none.
    """

    endpoint: Endpoint
    keys: Mapping[str, str]
    sent: Mapping[str, Any]
    group: str | None = None
    of_null: Mapping[str, Any] | None = None


class Measures:
    """The metrics that columns of a result take; a column is a function of a column, of all rows, or the group."""

    def __init__(self, insights: Insights, columns: Sequence[tuple[str | None, str | None]]) -> None:
        self._insights, self._columns = insights, columns
        self._asked: dict[tuple[str, str], str] = {}
        for function, column in columns:
            if function == "count" and column is not None:
                self._ask("count", _field(insights.counted, column))
            elif function not in {None, "count"}:
                field = _field(insights.numbers, column)
                for kind in ("count", "min", "max", str(function)):  # these tell whether the last one is exact
                    self._ask(kind, field)
        if self._asked:
            self._ask("count", insights.each)
        if len(self._asked) > _MOST_METRICS:
            raise InexactError

    @property
    def metrics(self) -> dict[str, Any]:
        """What is sent of them."""
        return {alias: {"type": kind, "field": field} for (kind, field), alias in self._asked.items()}

    def count(self, told: Any) -> int:
        """Return how many rows were told of."""
        return self._count(told, self._insights.each)

    def row(self, told: Any, group: Any = None) -> Row:
        """Return the row of a result of what Box tells of all rows, or of a group."""
        return tuple(self._value(told, function, column, group) for function, column in self._columns)

    def _ask(self, kind: str, field: str) -> None:
        self._asked.setdefault((kind, field), f"m{len(self._asked)}")

    def _value(self, told: Any, function: str | None, column: str | None, group: Any) -> Any:
        if function is None:
            return group
        if function == "count":
            return self._count(told, self._insights.each if column is None else self._insights.counted[column])
        field = self._insights.numbers[str(column)]
        if not self._count(told, field):
            return None
        if any(abs(self._number(told, kind, field)) >= _EXACT_NUMBERS for kind in ("min", "max")):
            raise InexactError
        return self._number(told, function, field)

    def _count(self, told: Any, field: str) -> int:
        found = self._number(told, "count", field)
        if found < 0 or found != int(found):
            raise _unknown("a count")
        return int(found)

    def _number(self, told: Any, kind: str, field: str) -> float:
        alias = self._asked.get((kind, field), _DEFAULT)
        metric = told.get(alias) if isinstance(told, dict) else None
        values = metric.get("values") if isinstance(metric, dict) else None
        found = values.get(kind) if isinstance(values, dict) else None
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise _unknown(f"{kind} of {field}")
        return float(found)


def _field(fields: Mapping[str, str], column: str | None) -> str:
    if column is None or column not in fields:
        raise InexactError
    return fields[column]


async def answered(question: Question, measures: Measures, send: Callable[[ApiCall], Awaitable[Any]]) -> list[Row]:
    """Return the rows that Box tells of; groups are sorted by their values, after NULL.

    Raises InexactError where there are more groups than Box tells of, or the values are too large, and DataError for an
    answer of an unknown form.
    """
    grouping = {} if question.group is None else _grouping(question.group)
    calls = [_call(question, {**question.sent, **grouping}, measures)]
    calls += [] if question.of_null is None else [_call(question, question.of_null, measures)]
    bodies = await asyncio.gather(*(send(call) for call in calls))
    if question.group is None:
        return [measures.row(_overall(bodies[0]))]
    entries = _entries(bodies[0])
    if any(entry.get("type") != "group" for entry in entries):
        raise InexactError
    rows = [measures.row(entry.get("metrics"), _key(entry)) for entry in sorted(entries, key=_key)]
    told_of_null = None if question.of_null is None else _overall(bodies[1])
    if told_of_null is not None and measures.count(told_of_null):
        rows.insert(0, measures.row(told_of_null))
    return rows


def _grouping(field: str) -> dict[str, Any]:
    return {"query.group_by": [{"field": field, "bucket_limit": _MOST_GROUPS}]}


def _call(question: Question, selecting: Mapping[str, Any], measures: Measures) -> ApiCall:
    listing = Listing(question.endpoint, question.keys, first(question.endpoint.paging, None))
    return page_call(listing, {**selecting, "metrics": measures.metrics}, None, None)


def _entries(body: Any) -> list[dict[str, Any]]:
    entries = body.get("insights") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _unknown("list of insights")
    return entries


def _overall(body: Any) -> Any:
    entries = _entries(body)
    if len(entries) != 1 or entries[0].get("type") != "overall":
        raise _unknown("insight into all rows")
    return entries[0].get("metrics")


def _key(entry: dict[str, Any]) -> str:
    key = entry.get("key")
    if not isinstance(key, list) or len(key) != 1 or not isinstance(key[0], str):
        raise _unknown("key of a group")
    return key[0]


def _unknown(what: str) -> DataError:
    return DataError(f"Box's insights are of an unknown form: no {what}")
