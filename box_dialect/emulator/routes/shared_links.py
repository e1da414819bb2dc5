"""Make the shared links of items, and refuse what does not go together.

Source: https://developer.box.com/reference/put-files-id--add-shared-link
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from box_dialect.emulator import clock, errors
from box_dialect.emulator.model import File, Item, SharedLink
from box_dialect.emulator.sharing import ACCESS, link_of

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

MIN_PASSWORD, MIN_VANITY_NAME = 8, 12


def make_shared_link(call: Call, item: Item) -> SharedLink | None:
    """Return the shared link that the body asks for: what it leaves out stays, and null removes the link.

    A new link has the enterprise's default access, "open". A password is lost with an access that has none.
    """
    asked = call.json["shared_link"]
    if asked is None:
        return None
    if not isinstance(asked, dict):
        raise errors.invalid_parameter("shared_link", asked, "'shared_link' must be an object or null")
    link = replace(link_of(item) or SharedLink())
    link.access = _access(asked, link)
    if "password" in asked or link.access != "open":
        link.password = _password(asked, link)
    if "vanity_name" in asked:
        link.vanity_name = _vanity_name(asked["vanity_name"])
    if "unshared_at" in asked:
        link.unshared_at = _expiry(asked["unshared_at"])
    if asked.get("permissions") is not None:
        _permit(link, asked["permissions"], item)
    return link


def _access(asked: dict[str, Any], link: SharedLink) -> str:
    access = asked.get("access") or link.access
    if access not in ACCESS:
        raise errors.invalid_parameter("access", access, f"'access' must be one of {', '.join(ACCESS)}")
    return str(access)


def _password(asked: dict[str, Any], link: SharedLink) -> str | None:
    password = asked.get("password")
    if password is None:
        return None
    is_weak = (
        not isinstance(password, str) or len(password) < MIN_PASSWORD or (password.isalpha() and password.islower())
    )
    if is_weak or link.access != "open":
        raise errors.invalid_parameter("password", "…", "The password is too weak, or access is not open")
    return str(password)


def _vanity_name(name: object) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str) or len(name) < MIN_VANITY_NAME:
        raise errors.invalid_parameter("vanity_name", name, f"It needs at least {MIN_VANITY_NAME} characters")
    return name


def _expiry(text: Any) -> int | None:
    if text is None:
        return None
    try:
        moment = clock.parse(text)
    except (TypeError, ValueError):
        moment = 0
    if moment <= clock.now():
        raise errors.invalid_parameter("unshared_at", text, "It must be a time to come")
    return moment


def _permit(link: SharedLink, asked: Any, item: Item) -> None:
    """Set what the link lets its users do; that they may preview goes without saying and cannot be denied."""
    if not isinstance(asked, dict) or not all(isinstance(value, bool) for value in asked.values()):
        raise errors.invalid_parameter("permissions", asked, "'permissions' must be an object of booleans")
    chosen = asked.keys() & {"can_download", "can_edit"}
    if chosen and link.access == "collaborators":
        name = min(chosen)
        raise errors.invalid_parameter(name, asked[name], f"'{name}' needs the access open or company")
    link.can_download = asked.get("can_download", link.can_download)
    if asked.get("can_edit") and not (isinstance(item, File) and link.can_download):
        raise errors.invalid_parameter("can_edit", True, "Only a file that can be downloaded can be edited")
    link.can_edit = asked.get("can_edit", link.can_edit and link.can_download)
