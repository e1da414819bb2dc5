"""Serve the documents of hubs, which only Box's own pages write: their pages, and the blocks of these.

Sources: https://developer.box.com/reference/v2025.0/resources/hub-document-page/ and
https://developer.box.com/reference/v2025.0/resources/hub-document-block/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import errors
from box_dialect.emulator.hubs import VERSION, HubBlock, HubPage
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource

from .hubs import FEATURE, hub_named

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


def _parent_id(entity: HubPage | HubBlock) -> str | None:
    return None if entity.parent is None else entity.parent.id


HUB_PAGES = Resource(
    HubPage,
    mini=("parent_id", "title_fragment"),
    computed={"parent_id": _parent_id},
    version=VERSION,
    feature=FEATURE,
)
HUB_BLOCKS = Resource(
    HubBlock,
    mini=("parent_id",),
    computed={"type": lambda block: block.kind, "parent_id": _parent_id},
    version=VERSION,
    feature=FEATURE,
)


@HUB_PAGES.operation("GET", "/hub_document_pages")
def list_pages(call: Call) -> Json:
    """List the pages of a hub."""
    pages = list(hub_named(call, call.needed("hub_id")).of(HubPage).values())
    page, counters = marker_page(call.query, pages)
    return {"type": "document_pages", "entries": render_all(page, "mini", None), **counters}


@HUB_BLOCKS.operation("GET", "/hub_document_blocks")
def list_blocks(call: Call) -> Json:
    """List the blocks of a page of a hub, without items."""
    hub, identity = hub_named(call, call.needed("hub_id")), call.needed("page_id")
    found = hub.of(HubPage).get(identity)
    if found is None:
        raise errors.not_found(HubPage.type, identity)
    page, counters = marker_page(call.query, list(found.of(HubBlock).values()))
    return {"type": "document_blocks", "entries": [_block(each) for each in page], **counters}


def _block(block: HubBlock) -> Json:
    """Write a block, with its text if it is of a kind that has one."""
    return render(block, "mini") | ({} if block.fragment is None else {"fragment": block.fragment})
