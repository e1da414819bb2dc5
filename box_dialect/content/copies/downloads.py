"""Copies from Box to this machine."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from box_dialect.api.caller import called
from box_dialect.content.copies.copy import Copy
from box_dialect.content.copies.local import has_content, local_path, reason, type_at
from box_dialect.content.entries import info_of
from box_dialect.content.targets import PathTarget, remove_superseded
from box_dialect.content.transfers import Known, downloaded
from box_dialect.content.walk import listings_below
from box_dialect.errors import DataError, OperationalError

if TYPE_CHECKING:
    from pathlib import Path

    from box_dialect.content.copies.copy import Report
    from box_dialect.content.copies.request import Operand, Planning
    from box_dialect.content.entries import Entry
    from box_dialect.content.file_info import FileInfo


async def plan_downloads(
    planning: Planning, source: Operand, entry: Entry, folder: str, names: tuple[str, ...], *, into_folder: bool
) -> None:
    """Plan the copies of an item at Box, whose own one has the names of a path in a local folder."""
    items = [entry]
    if entry["type"] == "directory":
        if not planning.takes_folder(source, into_folder=into_folder):
            return
        below = await listings_below(planning.client, planning.count, entry, None, {})
        items += sorted((each for listing in below.values() for each in listing), key=lambda each: each["name"])
    elif entry["type"] != "file":
        planning.plan.fail(source.text, "it is a web link, which has no content")
        return
    beginning = len(entry["name"].rstrip("/")) if entry["type"] == "directory" else len(entry["name"])
    await called(_add, planning, items, beginning, folder, names)


def _add(planning: Planning, items: list[Entry], beginning: int, folder: str, names: tuple[str, ...]) -> None:
    """Plan the copies of items, each after the folder that it is in; what is in one that is not copied is not, too.

    What their paths have after a `beginning` of so many characters are their names below `names` in the folder. What
    interrupted runs have left of earlier versions of the files is removed.
    """
    refused: set[tuple[str, ...]] = set()
    wanted: dict[Path, FileInfo] = {}
    for each in items:
        at = (*names, *filter(None, each["name"][beginning:].split("/")))
        if at[:-1] in refused or not _is_added(planning, each, folder, at, wanted):
            refused.add(at)
    if not planning.request.dry:
        remove_superseded(wanted)


def _is_added(
    planning: Planning, item: Entry, folder: str, names: tuple[str, ...], wanted: dict[Path, FileInfo]
) -> bool:
    plan, source = planning.plan, f"box:{item['name']}"
    if item["type"] == "other":
        plan.leave_out(source, "it is a web link, which has no content")
        return False
    try:
        path = local_path(folder, names)
        there = type_at(path)
    except (DataError, OSError) as error:
        plan.fail(source, reason(error))
        return False
    is_folder = item["type"] == "directory"
    if not plan.claims(source, str(path), os.path.normcase(path), is_folder=is_folder):
        return False
    if not plan.takes(source, str(path), there, is_folder=is_folder):
        return False
    if is_folder:
        if there is None:
            plan.copies.append(Copy(source, str(path), 0, partial(_made, path)))
        return True
    wanted[path] = info = info_of(item)
    is_identical = partial(called, has_content, path, info.size, info.sha1) if there else None
    download = partial(_downloaded, planning, info, path, there is not None)
    plan.copies.append(Copy(source, str(path), info.size, download, is_identical))
    return True


async def _made(path: Path, _: Report) -> None:
    await called(partial(path.mkdir, parents=True, exist_ok=True))


async def _downloaded(planning: Planning, info: FileInfo, path: Path, replaces: bool, report: Report) -> None:
    if info.version_id is None and info.sha1 is None:
        raise OperationalError("Box tells neither its version nor its SHA-1, so that nothing could be verified")
    await _made(path.parent, report)
    target = await called(partial(PathTarget, path, replaces=replaces))
    await downloaded(planning.client, planning.count, Known(info), target, report)
