"""Serve the favorites, the only collection that there is; each user has own ones.

Source: https://developer.box.com/reference/resources/collection
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.paging import offset_page
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.resource import Resource

from .items import FAVORITES

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

COLLECTIONS = Resource[Any]()


@COLLECTIONS.operation("GET", "/collections")
def list_collections(call: Call) -> Json:
    """List the collections, by offset."""
    page, counters = offset_page(call.query, [FAVORITES])
    fields = FAVORITES if call.fields is None else {"type", "id", *call.fields.split(",")}
    return {"entries": [{name: each[name] for name in each if name in fields} for each in page], **counters}


def _check(call: Call) -> None:
    if call.id != FAVORITES["id"]:
        raise errors.not_found("collection", call.id)


@COLLECTIONS.operation("GET", "/collections/{collection_id}")
def get_collection(call: Call) -> Json:
    """Get a collection."""
    _check(call)
    return FAVORITES


@COLLECTIONS.operation("GET", "/collections/{collection_id}/items")
def list_collected(call: Call) -> Json:
    """List what is among the caller's favorites, not in the trash and still theirs to see, by offset."""
    _check(call)
    known = call.store.items
    items = [
        item for item in call.user.favorites if item.id in known[item.type] and not item.is_trashed and call.sees(item)
    ]
    page, counters = offset_page(call.query, items)
    return {"entries": render_all(page, "mini", call.fields), **counters}
