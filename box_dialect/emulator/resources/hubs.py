"""Serve hubs.

Source: https://developer.box.com/reference/v2025.0/resources/hub/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.features import Feature
from box_dialect.emulator.hubs import VERSION, Hub, HubItem, add_hub, first_list, furnish
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render, render_all, times
from box_dialect.emulator.resource import Delete, Get, Resource, Update
from box_dialect.emulator.search_index import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

FEATURE: Final = Feature("hubs")
_Title: TypeAlias = Annotated[str, Meta(max_length=50)]
_SCOPES: Final[dict[str, Callable[[Hub, Any], bool]]] = {
    "all": lambda hub, user: hub.role_of(user) is not None,
    "editable": lambda hub, user: hub.may(user, "editor"),
    "view_only": lambda hub, user: hub.role_of(user) == "viewer",
}
_SORTS: Final[dict[str, Callable[[Hub], Any]]] = {
    "relevance": lambda hub: -(hub.modified_at or 0),
    "name": lambda hub: hub.title.casefold(),
    "updated_at": lambda hub: hub.modified_at or 0,
    "last_accessed_at": lambda hub: hub.last_accessed_at or 0,
    "view_count": lambda hub: hub.view_count,
}
_SETTINGS: Final = ("is_ai_enabled", "is_collaboration_restricted_to_enterprise", "can_non_owners_invite",
    "can_shared_link_be_created", "can_public_shared_link_be_created", "copy_hub_access")  # fmt: skip


class NewHub(TypedDict):
    """What a hub is made of."""

    title: _Title
    description: NotRequired[str]


class UpdateHub(TypedDict, total=False):
    """What changes a hub."""

    title: _Title
    description: str
    is_ai_enabled: bool
    is_collaboration_restricted_to_enterprise: bool
    can_non_owners_invite: bool
    can_shared_link_be_created: bool
    can_public_shared_link_be_created: bool
    copy_hub_access: Literal["all", "company", "none"]


class CopyHub(TypedDict, total=False):
    """What a copy of a hub is to be, with or without the items."""

    title: _Title
    description: str
    include_items: bool


def hub_named(call: Call, identity: str) -> Hub:
    """Return the hub that has an id; one that the caller has no part in is a 404."""
    hub = call.found(Hub, identity)
    _may_see(call, hub)
    return hub


def check_role(call: Call, hub: Hub, role: str) -> None:
    """Refuse what needs more of a role than the caller has."""
    _may_see(call, hub)
    if not hub.may(call.user, role):
        raise errors.forbidden()


def _may_see(call: Call, hub: Hub) -> None:
    if hub.role_of(call.user) is None:
        raise errors.not_found(hub.type, hub.id)


def _titled(body: Json) -> Json:
    """Return the values of a body, whose title must not be empty."""
    if not body.get("title", "untouched").strip():
        raise errors.invalid_parameter("title", body["title"], "It cannot be empty")
    return body


def _change(call: Call, hub: Hub) -> dict[str, Any]:
    if call.json.keys() & set(_SETTINGS):
        check_role(call, hub, "co-owner")
    return {**_titled(call.json), "updated_by": call.user}


HUBS = Resource(
    Hub,
    Get("/hubs/{hub_id}"),
    Update("/hubs/{hub_id}", UpdateHub, changes=_change,
        entity_permission=lambda call, hub: check_role(call, hub, "editor")),
    Delete("/hubs/{hub_id}", entity_permission=lambda call, hub: check_role(call, hub, "co-owner")),
    mini=("title", "description", "created_at", "updated_at", "created_by", "updated_by", "view_count", *_SETTINGS),
    computed=times(updated_at="modified_at"),
    entity_permission=_may_see,
    takes_fields=False,
    version=VERSION,
    feature=FEATURE,
)  # fmt: skip


def _listed(call: Call, hubs: Iterable[Hub]) -> Json:
    """Return a page of the hubs that the query asks for, in its order."""
    asked = words(call.query.get("query", ""))
    sort, direction = call.choice("sort", tuple(_SORTS), "relevance"), call.choice("direction", ("ASC", "DESC"), "ASC")
    found = [hub for hub in hubs if set(asked) <= set(words(f"{hub.title} {hub.description}"))]
    found.sort(key=_SORTS[sort], reverse=direction == "DESC")
    page, counters = marker_page(call.query, found)
    return {"entries": render_all(page, "mini", None), **counters}


@HUBS.operation("GET", "/hubs")
def list_hubs(call: Call) -> Json:
    """List the hubs that who is signed in has a part in."""
    is_wanted = _SCOPES[call.choice("scope", tuple(_SCOPES), "all")]
    return _listed(call, [hub for hub in call.store.of(Hub).values() if is_wanted(hub, call.user)])


@HUBS.operation("GET", "/enterprise_hubs")
def list_enterprise_hubs(call: Call) -> Json:
    """List all hubs of the enterprise."""
    call.require_administrator("enterprise_content")
    return _listed(call, [hub for hub in call.store.of(Hub).values() if hub.created_by.enterprise is not None])


@HUBS.operation("POST", "/hubs", NewHub)
def create_hub(call: Call) -> Reply:
    """Make a hub."""
    if call.user.enterprise is None:
        raise errors.forbidden()
    body = _titled(call.json)
    return Reply(201, render(add_hub(call.store, body["title"], call.user, body.get("description", ""))))


@HUBS.operation("POST", "/hubs/{hub_id}/copy", CopyHub)
def copy_hub(call: Call) -> Reply:
    """Copy a hub, with the items that the caller may change if they are to go along."""
    hub, body, store = hub_named(call, call.id), _titled(call.json), call.store
    is_other = hub.created_by.enterprise != call.user.enterprise
    if not hub.may(call.user, "co-owner") and (
        hub.copy_hub_access == "none" or (hub.copy_hub_access == "company" and is_other)
    ):
        raise errors.forbidden("The hub cannot be copied")
    title, description = body.get("title", hub.title), body.get("description", hub.description)
    settings = {name: getattr(hub, name) for name in _SETTINGS}
    made = Hub(title=title, description=description, created_by=call.user, updated_by=call.user, **settings)
    twin = furnish(store, store.add(made))
    for entry in list(hub.of(HubItem).values()) if body.get("include_items") else ():
        if call.sees(entry.item) and call.may_change(entry.item):
            store.add(HubItem(hub=twin, item=entry.item, block=first_list(twin)))
    return Reply(201, render(twin))
