"""Copies from Box to this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from box_dialect.api.caller import called
from box_dialect.content.copies.copy import Copy
from box_dialect.content.copies.local import has_content, local_path
from box_dialect.content.entries import info_of
from box_dialect.content.targets import PathTarget
from box_dialect.content.transfers import Known, downloaded
from box_dialect.content.walk import listings_below
from box_dialect.errors import DataError, IntegrityError, OperationalError

if TYPE_CHECKING:
    from pathlib import Path

    from box_dialect.content.copies.copy import Report
    from box_dialect.content.copies.request import Operand, Planning
    from box_dialect.content.entries import Entry


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
    for each in items:
        inside = each["name"][len(entry["name"].rstrip("/")) :] if each is not entry else ""
        at = (*names, *filter(None, inside.split("/")))
        shown = f"box:{each['name']}"
        if each["type"] == "other":
            planning.plan.leave_out(shown, "it is a web link, which has no content")
            continue
        try:
            path = local_path(folder, at)
        except DataError as error:
            planning.plan.fail(shown, error)
            continue
        if each["type"] == "file":
            copy: Copy | None = await called(_download, planning, each, path)
        else:
            copy = await called(_folder, shown, path)
        if copy is not None:
            planning.plan.add(copy, os.path.normcase(path))


def _folder(shown: str, path: Path) -> Copy | None:
    """Return what makes a folder, None where it is there."""

    async def make(_: Report) -> None:
        await called(lambda: path.mkdir(parents=True, exist_ok=True))

    return None if path.is_dir() else Copy(shown, str(path), 0, make)


def _download(planning: Planning, entry: Entry, path: Path) -> Copy:
    info = info_of(entry)

    def target() -> PathTarget:
        if path.is_dir():
            raise IntegrityError("the target is there already, and is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        return PathTarget(path)

    async def download(report: Report) -> None:
        if info.version_id is None and info.sha1 is None:
            raise OperationalError("Box tells neither its version nor its SHA-1, so that nothing could be verified")
        await downloaded(planning.client, planning.count, Known(info), await called(target), report)

    async def is_identical() -> bool:
        return await called(has_content, path, info.size, info.sha1)

    return Copy(f"box:{entry['name']}", str(path), info.size, download, is_identical if path.exists() else None)
