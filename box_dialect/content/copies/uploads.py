"""Copies from this machine to Box."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.api import upload as api_upload
from box_dialect.api.caller import called
from box_dialect.content.concurrently import each_of
from box_dialect.content.copies.box_folders import path_of
from box_dialect.content.copies.copy import Copy
from box_dialect.content.copies.local import LocalItem, has_content, local_items, reason
from box_dialect.content.transfers import Place, uploaded
from box_dialect.errors import IntegrityError
from box_dialect.token_cache.keyring import SERVICE

if TYPE_CHECKING:
    from pathlib import Path

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
    await each_of(above, planning.folders.look_at, planning.client.properties.max_concurrency)
    for item in items:
        there = await planning.folders.entry(path_of(item.names))
        if item.is_folder:
            if there is None or there["type"] != "directory":
                planning.plan.add(_folder(planning, item), path_of(item.names).casefold())
        else:
            planning.plan.add(_upload(planning, item, item.path, there), path_of(item.names).casefold())


async def plan_stream(planning: Planning, source: Operand, stream: Any, names: tuple[str, ...]) -> None:
    """Plan the copy of what a stream has, whose size nobody knows, to a path at Box."""
    there = await planning.folders.entry(path_of(names))
    planning.plan.add(_upload(planning, LocalItem(source.text, names, 0), stream, there), path_of(names))


def _items(planning: Planning, source: Operand, names: tuple[str, ...], into_folder: bool) -> list[LocalItem]:
    follow = planning.request.follow
    told = os.stat(source.path, follow_symlinks=follow)  # noqa: PTH116 - a dot at the end is dropped by pathlib
    if stat.S_ISDIR(told.st_mode):
        if not planning.takes_folder(source, into_folder=into_folder):
            return []
        return local_items(source.path, names, planning.plan, follow=follow)
    if not stat.S_ISREG(told.st_mode):
        why = (
            "it is a symbolic link; --follow copies what it leads to" if stat.S_ISLNK(told.st_mode) else "it is no file"
        )
        planning.plan.fail(source.text, why)
        return []
    return [LocalItem(source.path, names, told.st_size)]


def _folder(planning: Planning, item: LocalItem) -> Copy:
    async def make(_: Report) -> None:
        await planning.folders.folder_id(path_of(item.names))

    return Copy(item.path, f"box:{path_of(item.names)}", 0, make)


def _upload(planning: Planning, item: LocalItem, content: Any, there: Entry | None) -> Copy:
    async def upload(report: Report) -> None:
        *above, name = item.names
        if there is None:
            place = Place(parent_id=await planning.folders.folder_id(path_of(above)), name=name)
        elif there["type"] == "file":
            place = Place(file_id=there["id"])
        else:
            raise IntegrityError("the target is there already, and is no file")
        resume = await called(_resume, item, place)
        await uploaded(planning.client, planning.count, place, content, None, {}, report, resume)

    async def is_identical() -> bool:
        is_path = isinstance(content, str) and there is not None and there["type"] == "file"
        return is_path and await called(has_content, item.path, there["size"], there["sha1"])  # type: ignore[index]

    return Copy(
        item.path, f"box:{path_of(item.names)}", item.size, upload, None if there is None else partial(is_identical)
    )


def _resume(item: LocalItem, place: Place) -> Path | None:
    """Return the file that keeps an upload which takes so long that it is worth going on with, by what goes where."""
    if item.size <= api_upload.MOST_BYTES_AT_ONCE:
        return None
    from platformdirs import user_state_path

    folder = user_state_path(SERVICE, appauthor=False) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    what = "\0".join((os.path.realpath(item.path), str(place.parent_id), str(place.name), str(place.file_id)))
    return folder / f"{hashlib.sha256(os.fsencode(what)).hexdigest()}.json"
