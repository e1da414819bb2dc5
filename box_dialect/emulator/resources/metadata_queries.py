"""Serve metadata queries: items by the values of one template, as they are at the moment.

Sources: https://developer.box.com/reference/post-metadata-queries-execute-read and
https://developer.box.com/guides/metadata/queries
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.metadata.document import current, field_reference, item_reference
from box_dialect.emulator.metadata.evaluation import Names, ParameterError
from box_dialect.emulator.metadata.instances import Instance, nested
from box_dialect.emulator.metadata.predicate import PredicateError, name_of, parse
from box_dialect.emulator.metadata.query import ancestor, check_sortable, is_below, ordered, page, sees
from box_dialect.emulator.metadata.templates import CLASSIFICATION, scope_named, template_of
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.metadata.evaluation import Document, Reference
    from box_dialect.emulator.metadata.predicate import Name
    from box_dialect.emulator.metadata.templates import Template
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

MAX_MATCHES = 2_000
"""How many items may match where some of them are not to be seen, or lie elsewhere."""

_DEFAULT_LIMIT = 100
METADATA_QUERIES = Resource[Any]()


class _OrderBy(TypedDict, total=False):
    field_key: str
    direction: Literal["ASC", "DESC", "asc", "desc"]


_NAMED = TypedDict("_NAMED", {"from": str})


class MetadataQuery(_NAMED):
    """What to find."""

    ancestor_folder_id: str
    query: NotRequired[str]
    query_params: NotRequired[dict[str, Any]]
    order_by: NotRequired[list[_OrderBy]]
    limit: NotRequired[Annotated[int, Meta(ge=0, le=100)]]
    marker: NotRequired[str]
    fields: NotRequired[list[str]]


@METADATA_QUERIES.operation("POST", "/metadata_queries/execute_read", MetadataQuery)
def execute_read(call: Call) -> Json:
    """Find the items that have an instance of a template whose values meet a condition."""
    body = call.json
    folder = ancestor(call, body["ancestor_folder_id"])
    template = _template(call, body["from"])
    try:
        found = _matching(template, body)
        orders = _orders(template, body.get("order_by", ()))
    except ParameterError as error:
        raise errors.bad_request("unexpected_json_type", str(error)) from None
    except PredicateError as error:
        raise errors.bad_request("invalid_query", str(error)) from None
    items = [document.item for document in ordered(found, orders)]

    def is_wanted(item: Item) -> bool:
        return sees(call, item) and is_below(item, [folder])

    limit = body.get("limit", _DEFAULT_LIMIT)
    if len(items) > MAX_MATCHES and not body.get("marker") and not all(map(is_wanted, items)):
        why = f"More than {MAX_MATCHES} items match, some of which the user cannot see or the folder does not contain"
        raise errors.bad_request("bad_request", why)
    entries, next_marker = page(items, is_wanted, limit, body)
    written = {"entries": [_entry(item, body.get("fields")) for item in entries], "limit": limit}
    return written if next_marker is None else {**written, "next_marker": next_marker}


def _template(call: Call, text: str) -> Template:
    scope, dot, key = text.partition(".")
    if not dot or scope == "global" or key == CLASSIFICATION:
        raise errors.bad_request("invalid_query", f"'{text}' cannot be queried")
    template = None if scope == "enterprise" else template_of(call.store, scope, key)
    if template is None or scope != scope_named(call.store, "enterprise"):
        raise BoxError(404, "instance_not_found", f"There is no template '{text}': name its full scope")
    return template


def _matching(template: Template, body: Json) -> list[Document]:
    documents = [current(each) for each in template.of(Instance).values() if not each.item.is_trashed]
    if not body.get("query"):
        return documents
    names = Names(lambda name: _reference(template, name), _no_template, body.get("query_params", {}))
    test = names.test(parse(body["query"]))
    return [document for document in documents if test(document) is True]


def _reference(template: Template, name: Name) -> Reference:
    reference = None
    if len(name.steps) == 1:
        field = template.field(name.steps[0])
        reference = None if field is None else field_reference(template, field)
    elif name.steps[0] == "item" and name.separator == "." and len(name.steps) == 2:
        reference = item_reference(name.steps[1])
    if reference is None:
        raise PredicateError(f"There is no field '{'.'.join(name.steps)}'")
    return reference


def _no_template(_text: str) -> tuple[str, str]:
    raise PredicateError("EXISTS is not known here")


def _orders(template: Template, order_by: Sequence[Json]) -> list[tuple[Reference, bool]]:
    directions = {order.get("direction", "asc").lower() for order in order_by}
    if len(directions) > 1:
        raise PredicateError("All directions must be the same")
    if any("field_key" not in order for order in order_by):
        raise PredicateError("An order needs a field_key")
    return [
        (check_sortable(_reference(template, name_of(order["field_key"]))), directions == {"desc"})
        for order in order_by
    ]


def _entry(item: Item, fields: Sequence[str] | None) -> Json:
    """Write an item with its base fields and those that are named, and the base of instances with values."""
    paths = [name.split(".")[1:] for name in fields or () if name.startswith("metadata.")]
    plain = [name for name in fields or () if not name.startswith("metadata.")]
    written = render(item, "base", ",".join(plain))
    known = [path for path in paths if len(path) in (2, 3)]
    return {**written, "metadata": nested(item, known, Instance.base)} if known else written
