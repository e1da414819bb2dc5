"""Serve the Query API: items by their fields and by the values of any templates, as far as the index knows of them.

What Box's documents do not say is refused, or noted where it is decided.

Sources: https://developer.box.com/reference/v2026.0/post-query and https://developer.box.com/guides/query/box-query
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.metadata.document import field_reference, item_reference
from box_dialect.emulator.metadata.evaluation import Names
from box_dialect.emulator.metadata.instances import Instance, nested
from box_dialect.emulator.metadata.predicate import PredicateError, name_of, parse
from box_dialect.emulator.metadata.query import check_sortable, is_below, ordered, page, sees
from box_dialect.emulator.metadata.templates import scope_named, template_of
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.emulator.metadata.evaluation import Document, Reference
    from box_dialect.emulator.metadata.predicate import Name
    from box_dialect.emulator.metadata.templates import Template
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

VERSION = "2026.0"
_DEFAULT_LIMIT = 50
_PREFIX = "box:item:"
QUERY = Resource[Any]()


class Ancestor(TypedDict):
    """A folder to look below."""

    id: str
    type: str


class _Query(TypedDict):
    predicate: str
    params: NotRequired[dict[str, Any]]
    ancestors: NotRequired[list[Ancestor]]


class _OrderBy(TypedDict):
    field_key: str
    direction: Literal["asc", "desc"]


class NewQuery(TypedDict):
    """What to find."""

    query: _Query
    order_by: NotRequired[list[_OrderBy]]
    limit: NotRequired[Annotated[int, Meta(ge=0, le=100)]]
    fields: NotRequired[list[str]]
    marker: NotRequired[str]


@QUERY.operation("POST", "/query", NewQuery, version=VERSION)
def query(call: Call) -> Json:
    """Find the items that meet a condition."""
    body = call.json
    try:
        found, is_wanted = matching(call, body["query"])
        orders = [
            (check_sortable(reference_of(call, name_of(order["field_key"]))), order["direction"] == "desc")
            for order in body.get("order_by", ())
        ]
        paths, plain = _asked(call, body.get("fields", ()))
    except PredicateError as error:
        raise invalid(error) from None
    items = [document.item for document in ordered(found, orders)]
    limit = body.get("limit", _DEFAULT_LIMIT)
    entries, next_marker = page(items, is_wanted, limit, body)
    return {
        "entries": [_entry(item, paths, plain) for item in entries],
        "next_marker": next_marker,
        "limit": limit,
    }


def invalid(error: PredicateError) -> BoxError:
    """Make the 400 for a query that is none."""
    return errors.bad_request("BAD_REQUEST", f"Invalid query request: {error}")


def matching(call: Call, asked: Json) -> tuple[list[Document], Callable[[Item], bool]]:
    """Return what the index knows of the items that meet a condition, and what tells which of these the answer is of.

    Raises PredicateError for what is no condition.
    """
    names = Names(
        lambda name: reference_of(call, name),
        lambda text: _place(_template(call, text.split(":"))),
        asked.get("params", {}),
    )
    test = names.test(parse(asked["predicate"]))
    folders = [_ancestor(call, each) for each in asked.get("ancestors", ())]
    index, known = call.store.query_index, call.store.items
    index.refresh()

    def is_wanted(item: Item) -> bool:
        return item.id in known[item.type] and sees(call, item) and (not folders or is_below(item, folders))

    return [document for document in index.documents.values() if test(document) is True], is_wanted


def _ancestor(call: Call, named: Json) -> Any:
    folder = call.find("folder", named["id"]) if named["type"] == "folder" else None
    if folder is None or folder.is_trashed:
        raise BoxError(403, "FORBIDDEN", f"The {named['type']} {named['id']} cannot be read")
    return folder


def _place(template: Template) -> tuple[str, str]:
    return template.scope, template.key


def _template(call: Call, steps: Sequence[str]) -> Template:
    if len(steps) != 2:
        raise PredicateError(f"'{':'.join(steps)}' is no template")
    if steps[0] != scope_named(call.store, "enterprise"):
        raise BoxError(403, "FORBIDDEN", f"The scope '{steps[0]}' cannot be queried")
    template = template_of(call.store, *steps)
    if template is None:
        raise BoxError(404, "INSTANCE_NOT_FOUND", f"There is no template '{':'.join(steps)}'")
    return template


def reference_of(call: Call, name: Name) -> Reference:
    """Return what a name stands for: `box:item:name`, `enterprise_1:key:field` or `metadata.enterprise_1."key".field`.

    Raises PredicateError for what there is not.
    """
    steps, reference = name.steps, None
    if name.separator == ":" and steps[:2] == ("box", "item"):
        reference = item_reference(":".join(steps[2:]))
    elif name.separator == ":" or (name.separator == "." and steps[0] == "metadata"):
        *place, key = steps if name.separator == ":" else steps[1:]
        template = _template(call, place)
        field = template.field(key)
        reference = None if field is None else field_reference(template, field)
    if reference is None:
        raise PredicateError(f"There is no field '{(name.separator or ':').join(steps)}'")
    return reference


def _asked(call: Call, fields: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """Return the paths to what is asked for of instances, and the names of fields of items."""
    plain = [name.removeprefix(_PREFIX) for name in fields if name.startswith(_PREFIX)]
    paths = [name.split(":") for name in fields if not name.startswith(_PREFIX)]
    for path in paths:
        template = _template(call, path[:2])
        if path[2:] and template.field(":".join(path[2:])) is None:
            raise PredicateError(f"There is no field '{':'.join(path)}'")
    return [[*path[:2], *filter(None, [":".join(path[2:])])] for path in paths], plain


def _entry(item: Item, paths: Sequence[Sequence[str]], plain: Sequence[str]) -> Json:
    """Write an item with its type, its id and what is asked for: of instances the whole, or the base with some values.

    That these have the form which they have in metadata queries is not documented.
    """
    names = {"type", "id", *plain}
    written = {name: value for name, value in render(item, "base", ",".join(plain)).items() if name in names}
    return {**written, "metadata": nested(item, paths, Instance.written)} if paths else written
