"""Serve the trash.

Source: https://developer.box.com/reference/resources/trash-file
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.paging import marker_page, offset_page
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.routing import Call
from box_dialect.emulator.tree import arrange

from . import items

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.emulator.model import Item
    from box_dialect.emulator.reply import Reply
    from box_dialect.emulator.representations import Json

SORTS = ("name", "date", "size")
TRASH = Resource[Any]()


@TRASH.operation("GET", "/folders/trash/items")
def list_trash(call: Call) -> Json:
    """List what was moved to the trash, without what lies below it, by offset or marker."""
    sort, direction = call.choice("sort", SORTS, "name"), call.choice("direction", ("ASC", "DESC"), "ASC")
    by_marker = call.flag("usemarker")
    for name in ("sort", "direction", "offset") if by_marker else ("marker",):
        if name in call.query:
            raise errors.invalid_parameter(name, call.query[name], f"'{name}' does not go with this kind of paging")
    found = arrange(filter(call.sees, call.store.trash.values()), sort, direction)
    if by_marker:
        page, counters = marker_page(call.query, found)
    else:
        page, counters = offset_page(call.query, found)
        counters["order"] = [{"by": "type", "direction": "ASC"}, {"by": sort, "direction": direction}]
    return {"entries": render_all(page, "mini", call.fields), **counters}


def _serve(path: str, found: Callable[[Call], Item]) -> None:
    """Declare what can be done with the items of a kind that are in the trash."""

    @TRASH.operation("GET", f"{path}/trash")
    def get(call: Call) -> Reply:
        """Get an item that is in the trash."""
        return items.answer(call, items.trashed(found(call)))

    @TRASH.operation("POST", path, items.Restore, needs=("can_delete",))
    def restore(call: Call) -> Reply:
        """Restore an item, a folder with all below it."""
        return items.restore(call, found(call))

    @TRASH.operation("DELETE", f"{path}/trash", needs=("can_delete",))
    def purge(call: Call) -> Reply:
        """Remove an item for good, a folder with all below it."""
        return items.purge(call, found(call))


_serve("/files/{file_id}", Call.file)
_serve("/folders/{folder_id}", partial(Call.folder, trashed=True))
_serve("/web_links/{web_link_id}", Call.web_link)
