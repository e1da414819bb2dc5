"""Make the shared links of items.

Source: https://developer.box.com/reference/put-files-id--add-shared-link
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from box_dialect.emulator import clock, errors
from box_dialect.emulator.model import File, Item, WebLink

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

ACCESS = ("open", "company", "collaborators")
MIN_PASSWORD, MIN_VANITY_NAME = 8, 12


def make_shared_link(call: Call, item: Item) -> dict[str, Any] | None:
    """Return the shared link that the body asks for, in place of the item's present one; null removes it."""
    asked = call.json["shared_link"]
    if asked is None:
        return None
    if not isinstance(asked, dict):
        raise errors.invalid_parameter("shared_link", asked, "'shared_link' must be an object or null")
    _check(asked)
    return shared_link(item, **{name: asked[name] for name in asked.keys() & _CHOICES})


_CHOICES = {"access", "password", "unshared_at", "vanity_name", "permissions"}


def shared_link(
    item: Item, access: str | None = None, password: str | None = None, unshared_at: str | None = None,
    vanity_name: str | None = None, permissions: dict[str, bool] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write a shared link as Box does; `access` is the enterprise's default ("open") unless it is named."""
    access = access or (item.shared_link or {}).get("access", "open")
    key = hashlib.sha256(f"{item.type}{item.id}".encode()).hexdigest()[:32]
    can_edit = bool((permissions or {}).get("can_edit")) and isinstance(item, File)
    can_download = (permissions or {}).get("can_download") is not False and access != "collaborators"
    right = "can_edit" if can_edit else "can_download" if can_download else "can_preview"
    extension = item.name.rpartition(".")[2]
    static = f"https://app.box.com/shared/static/{key}.{extension}" if isinstance(item, File) else None
    return {
        "url": f"https://app.box.com/s/{key}",
        "download_url": static,
        "vanity_url": f"https://app.box.com/v/{vanity_name}" if vanity_name else None,
        "vanity_name": vanity_name,
        "effective_access": access,
        "effective_permission": right,
        "is_password_enabled": bool(password),
        "unshared_at": clock.stamp(clock.parse(unshared_at)) if unshared_at else None,
        "download_count": 0,
        "preview_count": 0,
        "access": access,
        "permissions": {
            "can_preview": True,
            "can_download": can_download and not isinstance(item, WebLink),
            "can_edit": can_edit,
        },
    }


def _check(asked: dict[str, Any]) -> None:
    access = asked.get("access")
    if access not in (None, *ACCESS):
        raise errors.invalid_parameter("access", access, f"'access' must be one of {', '.join(ACCESS)}")
    password = str(asked.get("password") or "")
    is_weak = len(password) < MIN_PASSWORD or (password.isalpha() and password.islower())
    if password and (is_weak or access not in (None, "open")):
        raise errors.invalid_parameter("password", "…", "The password is too weak, or access is not open")
    vanity = str(asked.get("vanity_name") or "")
    if vanity and len(vanity) < MIN_VANITY_NAME:
        raise errors.invalid_parameter("vanity_name", vanity, f"It needs at least {MIN_VANITY_NAME} characters")
    unshared = asked.get("unshared_at")
    if unshared:
        try:
            passed = clock.parse(unshared) <= clock.now()
        except (TypeError, ValueError):
            passed = True
        if passed:
            raise errors.invalid_parameter("unshared_at", unshared, "It must be a time to come")
