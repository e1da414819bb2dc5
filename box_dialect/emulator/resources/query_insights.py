"""Serve insights: how many items meet a condition, and what their values come to.

Sources: https://developer.box.com/reference/v2026.0/post-query-insights and
https://developer.box.com/guides/query/insights
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator.metadata.predicate import PredicateError, name_of
from box_dialect.emulator.resource import Resource

from .query import VERSION, Ancestor, invalid, matching, reference_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from box_dialect.emulator.metadata.evaluation import Document, Reference
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_DEFAULT_BUCKETS, _MAX_BUCKETS = 5, 10
_MAX_METRICS = 10
_ALIAS = r"^[A-Za-z][A-Za-z0-9_.-]{0,255}$"
QUERY_INSIGHTS = Resource[Any]()


class _GroupBy(TypedDict):
    field: str
    bucket_limit: NotRequired[Annotated[int, Meta(ge=1, le=_MAX_BUCKETS)]]


class _Query(TypedDict):
    predicate: str
    params: NotRequired[dict[str, Any]]
    ancestors: NotRequired[list[Ancestor]]
    group_by: NotRequired[Annotated[list[_GroupBy], Meta(max_length=1)]]


class _Metric(TypedDict):
    type: Literal["sum", "avg", "min", "max", "count"]
    field: str


class NewInsights(TypedDict):
    """What to find, and what to tell of it."""

    query: _Query
    metrics: Annotated[dict[Annotated[str, Meta(pattern=_ALIAS)], _Metric], Meta(max_length=_MAX_METRICS)]


_COMPUTED: Final[dict[str, Callable[[Sequence[Any]], float]]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "count": len,
}


@QUERY_INSIGHTS.operation("POST", "/query_insights", NewInsights, version=VERSION)
def insights(call: Call) -> Json:
    """Tell what the items that meet a condition come to: all of them, or the largest groups of them."""
    asked, metrics = call.json["query"], call.json["metrics"]
    try:
        known, is_wanted = matching(call, asked)
        told = {alias: (metric["type"], _measured(call, metric)) for alias, metric in metrics.items()}
        grouped = [(_grouping(call, by["field"]), by) for by in asked.get("group_by", ())]
    except PredicateError as error:
        raise invalid(error) from None
    found = [document for document in known if is_wanted(document.item)]
    if not grouped:
        return {"insights": [_insight("overall", [], _metrics(found, told))]}
    (grouping, by) = grouped[0]
    return {"insights": list(_groups(found, grouping, by.get("bucket_limit", _DEFAULT_BUCKETS), told))}


def _measured(call: Call, metric: Json) -> Reference:
    reference = reference_of(call, name_of(metric["field"]))
    if metric["type"] != "count" and reference.kind != "float":
        raise PredicateError(f"{metric['type']} needs a float field")
    return reference


def _grouping(call: Call, field: str) -> Reference:
    reference = reference_of(call, name_of(field))
    if reference.kind != "enum":
        raise PredicateError("Only enum fields make groups")
    return reference


def _groups(
    found: Iterable[Document], grouping: Reference, limit: int, told: dict[str, tuple[str, Reference]]
) -> Iterable[Json]:
    """Yield the largest groups, and how many items are in further ones; an item without a value is in none."""
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in found:
        value = grouping.read(document)
        if value is not None:
            groups[value].append(document)
    largest = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    for value, documents in largest[:limit]:
        yield _insight("group", [value], _metrics(documents, told))
    beyond = sum(len(documents) for _, documents in largest[limit:])
    if beyond:
        yield _insight("other", [], {"totalCountBeyondTopGroups": _metric("count", beyond)})


def _insight(kind: str, key: list[str], metrics: Json) -> Json:
    return {"key": key, "type": kind, "metrics": metrics}


def _metric(kind: str, value: float | None) -> Json:
    return {"type": kind, "values": {} if value is None else {kind: value}}


def _metrics(documents: Sequence[Document], told: dict[str, tuple[str, Reference]]) -> Json:
    """Return the metrics of some items, or where none is asked for how many items there are.

    Of no values there are a sum and a count, which are 0, and nothing else.
    """
    if not told:
        return {"totalResultCount": _metric("count", len(documents))}
    computed = {}
    for alias, (kind, reference) in told.items():
        values = [value for document in documents if (value := reference.read(document)) is not None]
        is_known = bool(values) or kind in ("sum", "count")
        computed[alias] = _metric(kind, _COMPUTED[kind](values) if is_known else None)
    return computed
