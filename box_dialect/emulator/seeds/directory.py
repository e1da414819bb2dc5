"""Serve a directory of this machine: its names, sizes and times; the bytes are read when they are asked for."""

from __future__ import annotations

import fnmatch
import os
from typing import TYPE_CHECKING, NamedTuple

from box_dialect.emulator.content import Directory, DiskContent
from box_dialect.emulator.planted import Planted

from .people import add_collaborations, add_groups, add_users, record_uploads
from .states import add_states

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.store import Store

USERS, CHOSEN, SHARED, MAX_NAME = 12, 50, 10, 255


def plant_directory(store: Store, directory: Path, exclude: Sequence[str] = ()) -> None:
    """Add all below a directory but symbolic links, what is neither file nor directory, and what may not be read.

    What has a name that a pattern of `exclude` matches, as a shell matches names, is left out too. Every fiftieth file
    gets comments and the like, and every tenth folder is shared, by users who own the content in turn.
    """
    users = add_users(store, USERS)
    groups = add_groups(store, users)
    folders: list[Folder] = []
    files: list[File] = []
    top = Directory(directory)
    waiting: list[tuple[tuple[str, ...], Folder]] = [((), store.root)]
    for place, folder in waiting:  # grows while it is walked
        for name, entry in _entries(top, place, exclude):
            owner = users[(len(folders) + len(files)) % len(users)]
            at = int(entry.status.st_mtime)
            if entry.is_folder:
                child = store.add_folder(name, folder, owner, at, owner=owner)
                folders.append(child)
                waiting.append(((*place, entry.name), child))
            else:
                content = DiskContent(top, (*place, entry.name), entry.status.st_size)
                files.append(store.add_file(name, folder, content, owner, at, owner=owner))
    planted = Planted(users=users, files=files[::CHOSEN])
    add_states(store, folders, files, planted)
    store.seed_resources(planted)
    add_collaborations(store, folders[::SHARED], users, groups)
    record_uploads(store, files)


class _Entry(NamedTuple):
    name: str
    is_folder: bool
    status: os.stat_result


def _entries(top: Directory, place: tuple[str, ...], exclude: Sequence[str]) -> Iterator[tuple[str, _Entry]]:
    """Yield the files and directories at a place in the order of their names, which are made fit for Box."""
    with top.opened(place) as descriptor, os.scandir(descriptor) as scan:
        served = [
            _Entry(entry.name, entry.is_dir(follow_symlinks=False), entry.stat(follow_symlinks=False))
            for entry in scan
            if _is_served(entry, descriptor) and not _matches(entry.name, exclude)
        ]
    entries = sorted(served, key=lambda entry: entry.name)
    taken: set[str] = set()
    for entry in entries:
        name = _fit(entry.name, taken)
        taken.add(name.casefold())
        yield name, entry


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _is_served(entry: os.DirEntry[str], descriptor: int) -> bool:
    if entry.is_dir(follow_symlinks=False):
        return os.access(entry.name, os.R_OK | os.X_OK, dir_fd=descriptor)
    return entry.is_file(follow_symlinks=False) and os.access(entry.name, os.R_OK, dir_fd=descriptor)


def _fit(name: str, taken: set[str]) -> str:
    """Replace what Box refuses in a name, and number one that differs from a taken one by case only."""
    text = os.fsencode(name).decode(errors="replace")
    clean = "".join("_" if char < " " or char in "\\\x7f" else char for char in text)[:MAX_NAME]
    clean = clean[:-1] + "_" if clean.endswith(" ") else clean
    stem, dot, extension = clean.rpartition(".")
    stem, suffix = (stem, dot + extension) if stem else (clean, "")
    candidate, number = clean, 1
    while candidate.casefold() in taken:
        number += 1
        mark = f" ({number})"
        candidate = stem[: MAX_NAME - len(mark) - len(suffix)] + mark + suffix
    return candidate
