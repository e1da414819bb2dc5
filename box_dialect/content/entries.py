"""Entries: what a file system of fsspec tells of items, as dicts by fsspec's names."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.datetimes import datetime_of
from box_dialect.content.file_info import FileInfo, file_info
from box_dialect.errors import OperationalError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    Entry = dict[str, Any]

_TYPES: Final[Mapping[str, str]] = {"file": "file", "folder": "directory"}
_NO_NAME: Final = re.compile(r"\A\.{0,2}\Z|[/\\\x00]")
"""What would lead elsewhere where a name becomes a part of a path, here or on this machine."""

ROOT: Final[Entry] = {
    "name": "/",
    "type": "directory",
    "size": 0,
    "id": "0",
    "sha1": None,
    "etag": None,
    "version_id": None,
    "created": None,
    "modified": None,
}
"""The folder that holds all others."""


def entry_of(folder: str, item: Mapping[str, Any]) -> Entry:
    """Return what is told of Box's item in the folder at a path; raises OperationalError for a name that is none."""
    name = item.get("name")
    if not isinstance(name, str) or _NO_NAME.search(name):
        raise OperationalError(
            f"an item of {folder} is said to have the name {printable(name)!r}, which Box allows none to have, so "
            "something else answered; check the host in the URL, the property APIBaseURL and proxies"
        )
    path = f"{folder.rstrip('/')}/{name}"
    kind = _TYPES.get(str(item.get("type")), "other")
    if kind == "file":
        return entry_of_file(path, file_info(item))
    moments = {"created": _moment(item.get("created_at")), "modified": _moment(item.get("modified_at"))}
    return {**ROOT, "name": path, "type": kind, "id": str(item.get("id")), **moments}


def entry_of_file(path: str, info: FileInfo) -> Entry:
    """Return what is told of a file at a path."""
    return {
        "name": path,
        "type": "file",
        "size": info.size,
        "id": info.id,
        "sha1": info.sha1,
        "etag": info.etag,
        "version_id": info.version_id,
        "created": info.created_at,
        "modified": info.modified_at,
    }


def info_of(entry: Entry) -> FileInfo:
    """Return what Box has said of a file."""
    return FileInfo(
        id=entry["id"],
        name=entry["name"].rpartition("/")[2],
        size=entry["size"],
        sha1=entry["sha1"],
        version_id=entry["version_id"],
        etag=entry["etag"],
        created_at=entry["created"],
        modified_at=entry["modified"],
    )


def is_at_or_below(path: str, folder: str) -> bool:
    """Tell whether a path is that of a folder, or of something in it."""
    return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


def _moment(value: Any) -> dt.datetime | None:
    moment = datetime_of(value)
    return None if moment is None else moment.replace(tzinfo=dt.UTC)
