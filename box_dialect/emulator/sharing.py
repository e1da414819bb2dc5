"""Tell which shared links are in force, and write them as Box does.

Source: https://developer.box.com/reference/resources/file
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from . import clock
from .model import File

if TYPE_CHECKING:
    from .model import Item, SharedLink

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


def shared_link(item: Item) -> dict[str, Any] | None:
    """Write an item's shared link, or null."""
    link = None if item.shared_link is None else link_of(item)  # most have none, and a call costs
    if link is None:
        return None
    key = hashlib.sha256(f"{item.type}{item.id}".encode()).hexdigest()[:32]
    extension = item.name.rpartition(".")[2]
    can_download = link.can_download and link.access != "collaborators"
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
