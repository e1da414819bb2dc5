"""Serve the items of hubs.

Source: https://developer.box.com/reference/v2025.0/resources/hub-item/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.hubs import VERSION, HubItem, blocks, first_list
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import List, Resource

from .hubs import FEATURE, check_role, hub_named

if TYPE_CHECKING:
    from box_dialect.emulator.hubs import Hub, HubBlock
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


class _Reference(TypedDict):
    type: Literal["file", "folder", "web_link"]
    id: str


class _Operation(TypedDict):
    action: Literal["add", "remove"]
    item: _Reference
    parent_id: NotRequired[str]


class ManageItems(TypedDict, total=False):
    """What is to be added to a hub, and removed from it."""

    operations: list[_Operation]


def _rows(call: Call) -> list[HubItem]:
    """Return the items of a hub that the caller sees, or those of them that stand in one list."""
    hub, block = hub_named(call, call.needed("hub_id")), call.query.get("parent_id")
    return [
        entry
        for entry in hub.of(HubItem).values()
        if not entry.item.is_trashed and call.sees(entry.item) and block in (None, "", entry.block.id)
    ]


HUB_ITEMS = Resource(
    HubItem,
    List("/hub_items", rows=_rows, page=marker_page),
    mini=("name",),
    computed={
        "type": lambda entry: entry.item.type,
        "id": lambda entry: entry.item.id,
        "name": lambda entry: entry.item.name,
    },
    takes_fields=False,
    version=VERSION,
    feature=FEATURE,
)


def _list_named(hub: Hub, identity: str | None) -> HubBlock:
    block = first_list(hub) if identity is None else blocks(hub).get(identity)
    if block is None or block.kind != "item_list":
        raise errors.not_found("parent_id", identity)
    return block


def _carry_out(call: Call, hub: Hub, operation: Json) -> Json:
    """Add an item or remove it, and return where it stands, or stood."""
    block, named = _list_named(hub, operation.get("parent_id")), operation["item"]
    entry = next((each for each in hub.of(HubItem).values() if _is(each, named)), None)
    if operation["action"] == "remove":
        if entry is None:
            raise errors.not_found(named["type"], named["id"])
        call.store.remove(entry)
        return {"parent_id": entry.block.id, "status": 200}
    item: Any = call.item(named)
    if item.is_trashed or item.id == "0":
        raise errors.not_found(named["type"], named["id"])
    if entry is not None:
        raise errors.conflict("conflict", "The item is in the hub already")
    call.store.add(HubItem(hub=hub, item=item, block=block))
    return {"parent_id": block.id, "status": 201}


def _is(entry: HubItem, named: Json) -> bool:
    return (entry.item.type, entry.item.id) == (named["type"], named["id"])


@HUB_ITEMS.operation("POST", "/hubs/{hub_id}/manage_items", ManageItems)
def manage_items(call: Call) -> Reply:
    """Carry out operations one by one; the answer tells what became of each."""
    hub = hub_named(call, call.id)
    check_role(call, hub, "editor")
    results = []
    for operation in call.json.get("operations", ()):
        told = {"action": operation["action"], "item": operation["item"]}
        try:
            results.append({**told, **_carry_out(call, hub, operation)})
        except BoxError as error:
            results.append({**told, "status": error.status, "error": error.message})
    return Reply(207, {"operations": results})
