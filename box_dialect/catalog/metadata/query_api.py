"""Box's Query API: items by their own fields and by those of any templates, out of an index that lags behind.

What Box's documents tell by examples alone, such as most names of item fields, is asked for by analogy; so its paths
are `indexed`, and their endpoints `strict`.

Sources: https://developer.box.com/reference/v2026.0/post-query and https://developer.box.com/guides/query/box-query
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2026_0
from box_dialect.catalog.metadata.insights import insights
from box_dialect.catalog.metadata.predicate import ITEM_FIELDS, Field, Language, comparing
from box_dialect.catalog.model import AccessPath, Completion, Endpoint, Nested, Order
from box_dialect.catalog.model.freshness import FRESHNESS, INDEXED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


QUERY: Final = Language("query.predicate", "query.params", item="box:item:{key}")
"""Source: https://developer.box.com/reference/v2026.0/post-query"""

PAGE: Final = 100
"""The largest page."""

INSTANCES: Final = "instances"
"""What the instances that an item has are called, whose rows any query can show."""

_COME_ANYWAY: Final = frozenset({"id", "type"})
_ROOT: Final = "0"


def _spelled(field: str) -> str | None:
    """Return what the Query API calls a field of an item, or of an instance: `metadata.enterprise_1.contract`."""
    if field in _COME_ANYWAY:
        return None
    place, _, instance = field.partition(".")
    return ":".join(instance.split(".")) if place == "metadata" else QUERY.item.format(key=field)


def query_endpoint(
    predicate: str,
    values: Mapping[str, str],
    *,
    ancestor: str = _ROOT,
    lists: Mapping[str, str],
    given: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    rows: tuple[Nested, ...] = (),
    complete: Completion | None = None,
) -> Endpoint:
    """Return the endpoint that gives the items below a folder for which a predicate holds, and what filters add to it.

    `values` are those of the predicate's parameters. The others are as those of an Endpoint.
    """
    body = {"predicate": predicate, "params": values, "ancestors": [{"id": ancestor, "type": "folder"}]}
    return Endpoint(
        path="/query",
        method="POST",
        headers=V2026_0,
        body={"query": body},
        paging=Paging.MARKER,
        max_limit=PAGE,
        rows=rows,
        given={FRESHNESS.name: INDEXED, **(given or {})},
        known=frozenset(known),
        complete=complete,
        lists=lists,
        joins=QUERY.joins,
        spelled=_spelled,
        shows=frozenset({INSTANCES}),
        strict=True,
    )


def template_predicate(scope: str, key: str) -> tuple[str, dict[str, str]]:
    """Return the predicate that an item has an instance of a template, with the value of its parameter."""
    return "EXISTS(:template)", {"template": f"{scope}:{key}"}


def language_of(scope: str, template: str) -> Language:
    """Return the language of predicates on a template."""
    return replace(QUERY, field=f'metadata.{scope}."{template}".{{key}}')


def order(column: str, field: str) -> Order:
    """Return the order by a field, as `fields` calls it."""
    by = [[{"field_key": field, "direction": direction}] for direction in ("asc", "desc")]
    return Order(column, {"order_by": by[0]}, {"order_by": by[1]}, Paging.MARKER, nulls_last=True)


def item_field(column: str) -> Field:
    """Return what predicates call a column of files and folders."""
    key, kind = ITEM_FIELDS[column]
    return Field(QUERY.item.format(key=key), kind)


def items_by_query(kind: str, table: str, rows: int, also: tuple[Endpoint, ...] = ()) -> AccessPath:
    """Return the path to all files, or folders, by the conditions on their fields; `rows` is how many there may be."""
    columns = [column for column in ITEM_FIELDS if column != "type" and (column != "extension" or kind == "file")]
    is_kind = f"{QUERY.item.format(key='type')} = :type"
    found = query_endpoint(is_kind, {"type": kind}, given={"type": kind}, lists={kind: table})
    exact = {column: item_field(column) for column in columns if column not in _TIMES}
    return AccessPath(
        name="by index",
        endpoints=(found,),
        also=also,
        filters=tuple(comparing(column, item_field(column), number, QUERY) for number, column in enumerate(columns)),
        orders=tuple(order(column, QUERY.item.format(key=column)) for column in _TIMES),
        indexed=True,
        insights=None
        if also
        else insights(found, QUERY, {column: item_field(column) for column in exact}, keys=("id", "name")),
        calls=rows / PAGE,
        rows=rows,
    )


_TIMES: Final = ("created_at", "modified_at", "content_created_at", "content_modified_at")
