"""Find the item that a shared link leads to.

Source: https://developer.box.com/reference/get-shared-items
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import errors
from box_dialect.emulator.routing import Call, Reply, operation
from box_dialect.emulator.sharing import link_of, shared_link

from . import items

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item, SharedLink, User

_PREFIX, _PASSWORD = "shared_link=", "&shared_link_password="


@operation("GET", "/shared_items", "get_shared_items")
def get_shared_item(call: Call) -> Reply:
    """Get the file, folder or web link whose shared link, and password if it has one, the header boxapi names."""
    header = call.header("boxapi") or ""
    if not header.startswith(_PREFIX):
        raise errors.missing_parameter("shared_link")
    url, _, password = header.removeprefix(_PREFIX).partition(_PASSWORD)
    item, link = _linked(call, url)
    if link.password is not None and password != link.password:
        raise errors.BoxError(403, "incorrect_shared_item_password", "Incorrect shared item password")
    return Reply(304) if call.is_known(item) else items.answer(call, item)


def _linked(call: Call, url: str) -> tuple[Item, SharedLink]:
    for table in call.store.items.values():
        for item in table.values():
            link = None if item.shared_link is None else link_of(item)
            if link is not None and _leads_to(item, url) and _admits(link, item, call.user):
                return item, link
    raise errors.not_found("shared_link", url)


def _leads_to(item: Item, url: str) -> bool:
    written = shared_link(item) or {}
    return url in (written["url"], written["vanity_url"], written["download_url"])


def _admits(link: SharedLink, item: Item, user: User) -> bool:
    """Tell whom a link lets in: anybody, the people of the owner's enterprise, or who has access to the item anyway."""
    if link.access == "open" or item.owned_by is user:
        return True
    if link.access == "company":
        return user.enterprise is not None and user.enterprise == item.owned_by.enterprise
    groups = [membership.group for membership in user.memberships.values()]
    step: Item | None = item
    while step is not None:
        for collaboration in step.collaborations.values():
            if collaboration.status == "accepted" and collaboration.accessible_by in (user, *groups):
                return True
        step = step.parent
    return False
