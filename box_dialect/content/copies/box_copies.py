"""Copies at Box, by Box's own calls: a folder that is not there yet by one call."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import TYPE_CHECKING, Final

from box_dialect.content.concurrently import each_of
from box_dialect.content.copies.box_folders import path_of
from box_dialect.content.copies.copy import Copy
from box_dialect.content.entries import info_of, is_at_or_below
from box_dialect.content.item_calls import copy_item
from box_dialect.content.targets import check_sha1
from box_dialect.content.transfers import Known, Place, content_of, uploaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.api.remote_content import ContentStream
    from box_dialect.content.account import Account
    from box_dialect.content.copies.copy import Report
    from box_dialect.content.copies.request import Operand, Planning
    from box_dialect.content.entries import Entry
    from box_dialect.content.file_info import FileInfo

MOST_THROUGH_HERE: Final = 4
"""Files whose content goes through this machine at once: of each, what one call uploads is in memory."""


async def plan_box_copies(
    planning: Planning, source: Operand, entry: Entry, names: tuple[str, ...], *, into_folder: bool
) -> None:
    """Plan the copies of an item at Box, whose own one has the names of another path at Box.

    A folder that is there already gets what it lacks.
    """
    plan, folders, most = planning.plan, planning.folders, planning.client.properties.max_concurrency
    if entry["type"] == "directory":
        if not planning.takes_folder(source, into_folder=into_folder):
            return
        if is_at_or_below(path_of(names).casefold(), entry["name"].casefold()):
            plan.fail(source.text, "a folder is not copied into itself")
            return
    elif entry["type"] != "file":
        plan.fail(source.text, "it is a web link, which Box does not copy")
        return
    through_here = asyncio.Semaphore(MOST_THROUGH_HERE)
    level = [(entry, names)]
    while level:
        merged = [each for each in level if await _plan_item(planning, *each, through_here)]
        paths = [path for item, at in merged for path in (item["name"], path_of(at))]
        await each_of(paths, folders.listing, most)
        level = [
            (each, (*at, each["name"].rpartition("/")[2]))
            for item, at in merged
            for each in (await folders.listing(item["name"])).values()
        ]


async def _plan_item(planning: Planning, item: Entry, names: tuple[str, ...], through_here: asyncio.Semaphore) -> bool:
    """Plan the copy of an item; True for a folder that is there already, of which is copied what is in it."""
    plan, source, target = planning.plan, f"box:{item['name']}", f"box:{path_of(names)}"
    there = await planning.folders.entry(path_of(names))
    if item["type"] == "other":
        plan.leave_out(source, "it is a web link, which Box does not copy")
        return False
    is_folder = item["type"] == "directory"
    is_merged = is_folder and there is not None and there["type"] == "directory"
    if not plan.claims(source, target, target.casefold(), is_folder=is_merged) or is_merged:
        return is_merged
    if there is None:
        plan.copies.append(Copy(source, target, item["size"], partial(_copied, planning, item, names)))
    elif plan.takes(source, target, there["type"], is_folder=is_folder):
        replaced = partial(_replaced, planning, info_of(item), there["id"], through_here)
        plan.copies.append(Copy(source, target, item["size"], replaced, partial(_is_identical, item, there)))
    return False


async def _is_identical(item: Entry, there: Entry) -> bool:
    return item["id"] == there["id"] or (item["sha1"] is not None and item["sha1"] == there["sha1"])


async def _copied(planning: Planning, item: Entry, names: tuple[str, ...], _: Report) -> None:
    *above, name = names
    folder_id = await planning.folders.folder_id(path_of(above))
    kind = "folder" if item["type"] == "directory" else "file"
    await copy_item(planning.client, planning.count, kind, item["id"], folder_id, name)


async def _replaced(
    planning: Planning, info: FileInfo, file_id: str, through_here: asyncio.Semaphore, report: Report
) -> None:
    """Give a file the content of another, for which Box has no call: it is downloaded and uploaded."""
    async with through_here:
        _, content = await content_of(planning.client, planning.count, Known(info))
        stream = content.stream()
        try:
            pieces = _pieces(planning.account, stream, info)
            await uploaded(planning.client, planning.count, Place(file_id=file_id), pieces, info.size, {}, report)
        finally:
            await stream.aclose()


def _pieces(account: Account, stream: ContentStream, info: FileInfo) -> Iterator[bytes]:
    """Give the bytes of a file as they come, in a worker thread.

    Raises OperationalError at the end, before Box makes a file of them, where they have another SHA-1 than Box tells.
    """
    digest = hashlib.sha1(usedforsecurity=False)
    while piece := account.run(stream.next):
        digest.update(piece)
        yield piece
    check_sha1(info, digest.hexdigest())
