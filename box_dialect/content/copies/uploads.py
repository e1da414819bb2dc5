"""Copies from this machine to Box."""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.api.caller import called
from box_dialect.content.concurrently import each_of
from box_dialect.content.copies.box_folders import path_of
from box_dialect.content.copies.copy import Copy
from box_dialect.content.copies.local import LocalItem, has_content, local_items, reason, refused_by_box
from box_dialect.content.transfers import Place, uploaded

if TYPE_CHECKING:
    from box_dialect.content.copies.copy import Report
    from box_dialect.content.copies.request import Operand, Planning
    from box_dialect.content.entries import Entry


async def plan_uploads(planning: Planning, source: Operand, names: tuple[str, ...], *, into_folder: bool) -> None:
    """Plan the copies of a local path, whose own one has the names of a path at Box."""
    try:
        items = await called(_items, planning, source, names, into_folder)
    except OSError as error:
        planning.plan.fail(source.text, reason(error))
        return
    above = sorted({path_of(item.names[:-1]) for item in items})
    await each_of(above, planning.folders.listing, planning.client.properties.max_concurrency)
    refused: set[tuple[str, ...]] = set()
    for item in items:
        if item.names[:-1] in refused or not await _is_added(planning, item, item.path):
            refused.add(item.names)


async def plan_stream(planning: Planning, source: Operand, stream: Any, names: tuple[str, ...]) -> None:
    """Plan the copy of what a stream has, whose size nobody knows, to a path at Box."""
    if stream is None:
        planning.plan.fail(source.text, "the standard input is closed")
    else:
        await _is_added(planning, LocalItem(source.text, names, 0), stream)


def _items(planning: Planning, source: Operand, names: tuple[str, ...], into_folder: bool) -> list[LocalItem]:
    follow = planning.request.follow
    told = os.stat(source.path, follow_symlinks=follow)  # noqa: PTH116 - a dot at the end is dropped by pathlib
    if why := refused_by_box(source.name):
        planning.plan.fail(source.text, why)
        return []
    if stat.S_ISDIR(told.st_mode):
        if not planning.takes_folder(source, into_folder=into_folder):
            return []
        return local_items(source.path, names, planning.plan, follow=follow)
    if not stat.S_ISREG(told.st_mode):
        is_link = stat.S_ISLNK(told.st_mode)
        why = "it is a symbolic link; --follow copies what it leads to" if is_link else "it is no file"
        planning.plan.fail(source.text, why)
        return []
    return [LocalItem(source.path, names, told.st_size)]


async def _is_added(planning: Planning, item: LocalItem, content: Any) -> bool:
    """Plan the copy of an item; False where what is in it is not copied either."""
    plan, path = planning.plan, path_of(item.names)
    target, there = f"box:{path}", await planning.folders.entry(path)
    if not plan.claims(item.path, target, path.casefold(), is_folder=item.is_folder):
        return False
    if not plan.takes(item.path, target, None if there is None else there["type"], is_folder=item.is_folder):
        return False
    if not item.is_folder:
        upload = partial(_uploaded, planning, item, content, there)
        is_identical = None if there is None else partial(_is_identical, content, there)
        plan.copies.append(Copy(item.path, target, item.size, upload, is_identical))
    elif there is None:
        plan.copies.append(Copy(item.path, target, 0, partial(_made, planning, path)))
    return True


async def _made(planning: Planning, path: str, _: Report) -> None:
    await planning.folders.folder_id(path)


async def _uploaded(planning: Planning, item: LocalItem, content: Any, there: Entry | None, report: Report) -> None:
    if there is None:
        *above, name = item.names
        place = Place(parent_id=await planning.folders.folder_id(path_of(above)), name=name)
    else:
        place = Place(file_id=there["id"])
    kept = await planning.unfinished.path(item, place)
    await uploaded(planning.client, planning.count, place, content, None, {}, report, kept)


async def _is_identical(content: Any, there: Entry) -> bool:
    """Compare a path with a file at Box; of a stream nobody knows before it is read."""
    return isinstance(content, str) and await called(has_content, content, there["size"], there["sha1"])
