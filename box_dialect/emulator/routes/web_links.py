"""Serve web links, which are bookmarks that lie in folders.

Source: https://developer.box.com/reference/resources/web-link
"""

from __future__ import annotations

from box_dialect.emulator import errors
from box_dialect.emulator.routing import Call, Reply, operation

from . import items

_FORBIDDEN = str.maketrans(dict.fromkeys("/\\", "_"))


def _url(call: Call) -> str:
    url = call.json["url"]
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise errors.invalid_parameter("url", url, "'url' must start with http:// or https://")
    return url


@operation("GET", "/web_links/{web_link_id}", "get_web_links_id")
def get_web_link(call: Call) -> Reply:
    """Get a web link, also from the trash."""
    link = call.web_link()
    return Reply(304) if call.is_known(link) else items.answer(call, link)


@operation("POST", "/web_links", "post_web_links")
def create_web_link(call: Call) -> Reply:
    """Create a web link, which is named by its address unless the body names it; the status is 200."""
    call.require("url", "parent.id")
    url, parent = _url(call), call.parent(call.dig("parent.id"))
    name = items.check_name(call.json.get("name") or url.translate(_FORBIDDEN)[: items.MAX_NAME])
    items.check_free(parent, name)
    description = call.text("description", items.MAX_DESCRIPTION) if "description" in call.json else ""
    link = call.store.add_web_link(name, parent, url, call.user)
    link.description = description
    call.store.record("ITEM_CREATE", call.user, link)
    return items.answer(call, link)


@operation("PUT", "/web_links/{web_link_id}", "put_web_links_id")
def update_web_link(call: Call) -> Reply:
    """Rename, move, describe or share a web link, or change its address."""
    link = call.web_link()
    if link.is_trashed:
        raise errors.trashed()
    url = _url(call) if "url" in call.json else link.url
    items.update(call, link)
    link.url = url
    return items.answer(call, link)


@operation("DELETE", "/web_links/{web_link_id}", "delete_web_links_id")
def delete_web_link(call: Call) -> Reply:
    """Move a web link to the trash."""
    return items.discard(call, call.web_link())
