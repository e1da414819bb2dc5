"""Serve web links, which are bookmarks that lie in folders.

Source: https://developer.box.com/reference/resources/web-link
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.model import WebLink
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

from . import items

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

_FORBIDDEN = str.maketrans(dict.fromkeys("/\\", "_"))


class NewWebLink(TypedDict):
    """What a web link is made of."""

    url: str
    parent: Identified
    name: NotRequired[str]
    description: NotRequired[str]


class UpdateWebLink(items.Update, total=False):
    """What changes a web link."""

    url: str
    description: str


WEB_LINKS = Resource(
    WebLink,
    base=items.BASE,
    mini=("url", "sequence_id", "name"),
    standard=items.STANDARD,
    full=("collections",),
    computed=items.COMPUTED,
)


def _url(call: Call) -> str:
    url: str = call.json["url"]
    if not url.startswith(("http://", "https://")):
        raise errors.invalid_parameter("url", url, "'url' must start with http:// or https://")
    return url


@WEB_LINKS.operation("GET", "/web_links/{web_link_id}", checks_format=True, opens_links=True)
def get_web_link(call: Call) -> Reply:
    """Get a web link, also from the trash."""
    link = call.web_link()
    return Reply(304) if call.is_known(link) else items.answer(call, link)


@WEB_LINKS.operation("POST", "/web_links", NewWebLink)
def create_web_link(call: Call) -> Reply:
    """Create a web link, which is named by its address unless the body names it; the status is 200."""
    url, parent = _url(call), call.parent(call.json["parent"])
    name = items.check_name(call.json.get("name") or url.translate(_FORBIDDEN)[: items.MAX_NAME])
    items.check_free(parent, name)
    link = call.store.add_web_link(name, parent, url, call.user)
    link.description = call.json.get("description", "")
    call.store.record("ITEM_CREATE", call.user, link)
    return Reply(200, render(link))


@WEB_LINKS.operation("PUT", "/web_links/{web_link_id}", UpdateWebLink, needs=items.needed, checks_format=True)
def update_web_link(call: Call) -> Reply:
    """Rename, move, describe or share a web link, or change its address."""
    link = call.web_link()
    if link.is_trashed:
        raise errors.trashed()
    url = _url(call) if "url" in call.json else link.url
    items.update(call, link)
    link.url = url
    return items.answer(call, link)


@WEB_LINKS.operation("DELETE", "/web_links/{web_link_id}", needs=("can_delete",))
def delete_web_link(call: Call) -> Reply:
    """Move a web link to the trash."""
    return items.discard(call, call.web_link())
