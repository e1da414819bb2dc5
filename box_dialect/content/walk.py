"""The listings of all folders below one, several at once. What runs here runs on the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.api import says_absent
from box_dialect.content.concurrently import each_of
from box_dialect.content.entries import entry_of
from box_dialect.content.items import entries
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.entries import Entry

    Listings = dict[str, list[Entry]]


async def listings_below(
    client: BoxClient, count: CallCount, folder: Entry, depth: int | None, known: Mapping[str, list[Entry]]
) -> Listings:
    """Return the listings of a folder and of those below, by their paths, down to a depth if there is one.

    Those that are `known` take no call. A folder that is gone meanwhile has none. Raises what a call raises.
    """
    listings: Listings = {}

    async def list_one(folder: Entry) -> None:
        path = folder["name"]
        if path in known:
            listings[path] = known[path]
            return
        try:
            listings[path] = [entry_of(path, each) async for each in entries(client, count, folder["id"])]
        except DatabaseError as error:
            if not says_absent(error):
                raise

    level, seen = [folder], {folder["id"]}
    while level and (depth is None or depth > 0):
        await each_of(level, list_one, client.properties.max_concurrency)
        below = [each for at in level for each in listings.get(at["name"], ()) if each["type"] == "directory"]
        # A folder that is moved meanwhile may be found a second time, even below itself.
        level = [each for each in below if each["id"] not in seen]
        seen.update(each["id"] for each in level)
        depth = None if depth is None else depth - 1
    return listings
