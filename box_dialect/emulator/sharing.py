"""Tell which shared links are in force, write them as Box does, and open them for who names one.

Sources: https://developer.box.com/reference/resources/file and https://developer.box.com/reference/get-shared-items
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from . import access, clock, errors
from .model import File

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Item, SharedLink, User

NAMING, _PASSWORD = "shared_link=", "&shared_link_password="  # in the header boxapi
ACCESS = ("open", "company", "collaborators")


def link_of(item: Item) -> SharedLink | None:
    """Return an item's own shared link, which is at rest while the item is in the trash, and gone once it expired."""
    link = item.shared_link
    if link is None or item.is_trashed or (link.unshared_at is not None and link.unshared_at <= clock.now()):
        return None
    return link


def is_shared(item: Item) -> bool:
    """Whether the item or a folder above it has a shared link."""
    step: Item | None = item
    while step is not None:
        if step.shared_link is not None and link_of(step) is not None:
            return True
        step = step.parent
    return False


def _lets_download(link: SharedLink) -> bool:
    return link.can_download and link.access != "collaborators"


def shared_link(item: Item) -> dict[str, Any] | None:
    """Write an item's shared link, or null."""
    link = None if item.shared_link is None else link_of(item)  # most have none, and a call costs
    if link is None:
        return None
    key = hashlib.sha256(f"{item.type}{item.id}".encode()).hexdigest()[:32]
    extension = item.name.rpartition(".")[2]
    can_download = _lets_download(link)
    can_edit = link.can_edit and can_download
    return {
        "url": f"https://app.box.com/s/{key}",
        "download_url": f"https://app.box.com/shared/static/{key}.{extension}" if isinstance(item, File) else None,
        "vanity_url": f"https://app.box.com/v/{link.vanity_name}" if link.vanity_name else None,
        "vanity_name": link.vanity_name,
        "effective_access": link.access,
        "effective_permission": "can_edit" if can_edit else "can_download" if can_download else "can_preview",
        "is_password_enabled": link.password is not None,
        "unshared_at": clock.stamp(link.unshared_at),
        "download_count": 0,
        "preview_count": 0,
        "access": link.access,
        "permissions": {"can_preview": True, "can_download": can_download, "can_edit": can_edit},
    }


def open_link(header: str, items: Iterable[Item], user: User) -> access.Grant | None:
    """Return what the link that the header boxapi names gives to a user, or None where it leads nowhere for them.

    Raises BoxError, HTTP 403, for a wrong password.
    """
    if not header.startswith(NAMING):
        return None
    url, _, password = header.removeprefix(NAMING).partition(_PASSWORD)
    for item in items:
        link = None if item.shared_link is None else link_of(item)
        if link is None or not _leads_to(item, url) or not _admits(link, item, user):
            continue
        if link.password is not None and password != link.password:
            raise errors.BoxError(403, "incorrect_shared_item_password", "Incorrect shared item password")
        granted = {"can_preview", "can_download"} if _lets_download(link) else {"can_preview"}
        return access.Grant(item, frozenset(granted), is_listed=False)
    return None


def _leads_to(item: Item, url: str) -> bool:
    written = shared_link(item) or {}
    return url in (written["url"], written["vanity_url"], written["download_url"])


def _admits(link: SharedLink, item: Item, user: User) -> bool:
    """Tell whom a link lets in: anybody, the people of the owner's enterprise, or who has access to the item anyway."""
    if link.access == "open" or access.may_see(user, item):
        return True
    return link.access == "company" and user.enterprise is not None and user.enterprise == item.owned_by.enterprise
