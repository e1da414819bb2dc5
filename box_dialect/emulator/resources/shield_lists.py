"""Serve the lists of countries, domains, addresses and networks that rules of Box Shield go by.

Source: https://developer.box.com/reference/v2025.0/resources/shield-list/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import unpaged
from box_dialect.emulator.representations import render_all, times
from box_dialect.emulator.resource import Create, Delete, Get, Resource, Update, administrators

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_MAXIMUM: Final = {
    "country": ("country_codes", 1000),
    "domain": ("domains", 100_000),
    "email": ("email_addresses", 100_000),
    "ip": ("ip_addresses", 100_000),
}
"""By the type of a list where its elements are, and how many there may be."""


@dataclass(slots=True, eq=False, kw_only=True)
class ShieldList(Entity):
    """A list; `content` has the type of its elements, and these."""

    type, table, first_id, unique = "shield_list", "shield_lists", 2_250_000_001, ("name",)
    name: str
    enterprise: dict[str, str]
    content: Json
    description: str = ""


class NewShieldList(TypedDict):
    """What a list is made of, or made anew of."""

    name: str
    content: dict[str, Any]
    description: NotRequired[str]


def _content(call: Call) -> Json:
    """Return what a list is to contain: a type, and elements of it."""
    content = call.json["content"]
    name, maximum = _MAXIMUM.get(str(content.get("type")), ("", 0))
    elements = content.get(name)
    if not isinstance(elements, list) or not all(isinstance(each, str) for each in elements):
        raise errors.invalid_parameter("content", content, f"Its type is one of {', '.join(_MAXIMUM)}, with elements")
    if not 1 <= len(elements) <= maximum:
        raise errors.invalid_parameter("content", len(elements), f"There are one to {maximum} elements")
    return {"type": content["type"], name: elements}


def _given(call: Call) -> dict[str, Any]:
    body = call.json
    return {"name": body["name"], "description": body.get("description", ""), "content": _content(call)}


def _make(call: Call) -> ShieldList:
    return ShieldList(enterprise={"type": "enterprise", "id": call.store.enterprise["id"]}, **_given(call))


SHIELD_LISTS = Resource(
    ShieldList,
    Get("/shield_lists/{shield_list_id}"),
    Create("/shield_lists", NewShieldList, make=_make, status=200),
    Update("/shield_lists/{shield_list_id}", NewShieldList, changes=lambda call, _: _given(call)),
    Delete("/shield_lists/{shield_list_id}"),
    mini=("name",),
    standard=("enterprise", "description", "created_at", "updated_at", "content"),
    computed=times(updated_at="modified_at"),
    permission=administrators(),
    takes_fields=False,
    version="2025.0",
    feature=Feature("shield_lists", 404),
)


@SHIELD_LISTS.operation("GET", "/shield_lists")
def list_lists(call: Call) -> Json:
    """List all lists, each with the type of its elements and without these."""
    call.require_administrator()
    entries, counters = unpaged(call.query, list(call.store.of(ShieldList).values()))
    written = render_all(entries, "mini", None)
    types = [{"content": {"type": each.content["type"]}} for each in entries]
    return {"entries": [one | other for one, other in zip(written, types, strict=True)], **counters}
