"""The listings of all folders below one, several at once. What runs here runs on the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from box_dialect.api import says_absent
from box_dialect.content.entries import entry_of
from box_dialect.content.items import entries
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    level, seen = [folder], {folder["id"]}
    while level and (depth is None or depth > 0):
        await _list(client, count, iter(level), known, listings)
        below = [each for at in level for each in listings.get(at["name"], ()) if each["type"] == "directory"]
        # A folder that is moved meanwhile may be found a second time, even below itself.
        level = [each for each in below if each["id"] not in seen]
        seen.update(each["id"] for each in level)
        depth = None if depth is None else depth - 1
    return listings


async def _list(
    client: BoxClient,
    count: CallCount,
    folders: Iterator[Entry],
    known: Mapping[str, list[Entry]],
    listings: Listings,
) -> None:
    """List folders, as many at once as there may be calls in flight."""

    async def work() -> None:
        for folder in folders:
            path = folder["name"]
            if path in known:
                listings[path] = known[path]
                continue
            try:
                listings[path] = [entry_of(path, each) async for each in entries(client, count, folder["id"])]
            except DatabaseError as error:
                if not says_absent(error):
                    raise

    workers = [asyncio.ensure_future(work()) for _ in range(client.properties.max_concurrency)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
