"""Find the item that a shared link leads to.

Source: https://developer.box.com/reference/get-shared-items
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import access, errors
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.sharing import NAMING

from . import items

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

SHARED_ITEMS = Resource[Any]()


@SHARED_ITEMS.operation("GET", "/shared_items", opens_links=True)
def get_shared_item(call: Call) -> Reply:
    """Get the file, folder or web link whose shared link, and password if it has one, the header boxapi names."""
    header, link = call.header("boxapi") or "", access.opened.get()
    if not header.startswith(NAMING):
        raise errors.missing_parameter("shared_link")
    if link is None:
        raise errors.not_found("shared_link", header.removeprefix(NAMING))
    call.check_permissions(link.item)
    return Reply(304) if call.is_known(link.item) else items.answer(call, link.item)
