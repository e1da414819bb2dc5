"""Make the shared links of items, and refuse what does not go together.

Source: https://developer.box.com/reference/put-files-id--add-shared-link
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from msgspec import Meta

from box_dialect.emulator import clock, errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.model import File, Item, SharedLink
from box_dialect.emulator.sharing import link_of

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

MIN_PASSWORD = 8


class _Permissions(TypedDict, total=False):
    can_download: bool
    can_preview: bool
    can_edit: bool


class LinkSettings(TypedDict, total=False):
    """What a shared link is to be."""

    access: Literal["open", "company", "collaborators"]
    password: str | None
    vanity_name: Annotated[str, Meta(min_length=12)]
    unshared_at: Moment
    permissions: _Permissions


def make_shared_link(call: Call, item: Item) -> SharedLink | None:
    """Return the shared link that the body asks for: what it leaves out stays, and null removes the link.

    A new link has the enterprise's default access, "open". A password is lost with an access that has none.
    """
    asked: LinkSettings | None = call.json["shared_link"]
    if asked is None:
        return None
    link = replace(link_of(item) or SharedLink())
    link.access = asked.get("access", link.access)
    if "password" in asked or link.access != "open":
        link.password = _password(asked, link)
    link.vanity_name = asked.get("vanity_name", link.vanity_name)
    if "unshared_at" in asked:
        link.unshared_at = _expiry(asked["unshared_at"])
    if "permissions" in asked:
        _permit(link, asked["permissions"], item)
    return link


def _password(asked: LinkSettings, link: SharedLink) -> str | None:
    password = asked.get("password")
    if password is None:
        return None
    is_weak = len(password) < MIN_PASSWORD or (password.isalpha() and password.islower())
    if is_weak or link.access != "open":
        raise errors.invalid_parameter("password", "…", "The password is too weak, or access is not open")
    return password


def _expiry(moment: int) -> int:
    if moment <= clock.now():
        raise errors.invalid_parameter("unshared_at", clock.stamp(moment), "It must be a time to come")
    return moment


def _permit(link: SharedLink, asked: _Permissions, item: Item) -> None:
    """Set what the link lets its users do; that they may preview goes without saying and cannot be denied."""
    chosen = asked.keys() & {"can_download", "can_edit"}
    if chosen and link.access == "collaborators":
        name = min(chosen)
        raise errors.invalid_parameter(name, asked.get(name), f"'{name}' needs the access open or company")
    link.can_download = asked.get("can_download", link.can_download)
    if asked.get("can_edit") and not (isinstance(item, File) and link.can_download):
        raise errors.invalid_parameter("can_edit", True, "Only a file that can be downloaded can be edited")
    link.can_edit = asked.get("can_edit", link.can_edit and link.can_download)
