"""Copies at Box, by Box's own calls: a folder that is not there yet by one call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from box_dialect.api.remote_file import RemoteFile
from box_dialect.content.copies.box_folders import path_of
from box_dialect.content.copies.copy import Copy
from box_dialect.content.entries import info_of, is_at_or_below
from box_dialect.content.item_calls import copy_item
from box_dialect.content.transfers import Known, Place, content_of, uploaded
from box_dialect.errors import IntegrityError

if TYPE_CHECKING:
    from box_dialect.content.copies.copy import Report
    from box_dialect.content.copies.request import Operand, Planning
    from box_dialect.content.entries import Entry


async def plan_box_copies(
    planning: Planning, source: Operand, entry: Entry, names: tuple[str, ...], *, into_folder: bool
) -> None:
    """Plan the copies of an item at Box, whose own one has the names of another path at Box.

    A folder that is there already gets what it lacks.
    """
    plan = planning.plan
    if entry["type"] == "directory":
        if not planning.takes_folder(source, into_folder=into_folder):
            return
        if is_at_or_below(path_of(names).casefold(), entry["name"].casefold()):
            plan.fail(source.text, "a folder is not copied into itself")
            return
    elif entry["type"] != "file":
        plan.fail(source.text, "it is a web link, which Box does not copy")
        return
    pending = [(entry, names)]
    while pending:
        item, at = pending.pop()
        target = path_of(at)
        there = await planning.folders.entry(target)
        if item["type"] == "other":
            plan.leave_out(f"box:{item['name']}", "it is a web link, which Box does not copy")
        elif item["type"] == "directory" and (item["id"] == "0" or (there and there["type"] == "directory")):
            inside = (await planning.folders.listing(item["name"])).values()
            pending += [(each, (*at, each["name"].rpartition("/")[2])) for each in inside]
        else:
            plan.add(_copy(planning, item, at, there), target.casefold())


def _copy(planning: Planning, item: Entry, names: tuple[str, ...], there: Entry | None) -> Copy:
    client, count, is_file = planning.client, planning.count, item["type"] == "file"

    async def copy(report: Report) -> None:
        *above, name = names
        if there is None:
            folder_id = await planning.folders.folder_id(path_of(above))
            await copy_item(client, count, "file" if is_file else "folder", item["id"], folder_id, name)
        elif is_file and there["type"] == "file":
            # Box has no call that gives a file the content of another.
            info, content = await content_of(client, count, Known(info_of(item)))
            with RemoteFile(content, planning.account.run, info.name) as file:
                await uploaded(client, count, Place(file_id=there["id"]), file, None, {}, report)
        else:
            raise IntegrityError("the target is there already, and is no file, or what is copied is a folder")

    async def is_identical(other: Entry) -> bool:
        both = item["type"] == other["type"] == "file"
        return both and (item["id"] == other["id"] or (item["sha1"] is not None and item["sha1"] == other["sha1"]))

    return Copy(
        f"box:{item['name']}",
        f"box:{path_of(names)}",
        item["size"],
        copy,
        None if there is None else partial(is_identical, there),
    )
