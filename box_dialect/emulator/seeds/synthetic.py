"""Generate a tree of any size: folders of twenty files each, or of any number, right below the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.planted import DAY, EPOCH, Planted

from .people import (
    add_circles,
    add_collaborations,
    add_groups,
    add_users,
    record_uploads,
)

if TYPE_CHECKING:
    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.store import Store

FILES_PER_FOLDER, USERS, CHOSEN, SPAN = 20, 25, 25, 8 * 365 * DAY
_EXTENSIONS = ("pdf", "docx", "xlsx", "txt", "png", "csv", "md")
_SUBJECTS = ("Report", "Invoice", "Contract", "Notes", "Budget", "Plan", "Minutes", "Draft")


def plant_synthetic(
    store: Store,
    count: int,
    *,
    folder_size: int | None = None,
    people: int | None = None,
    comments: int | None = None,
) -> None:
    """Add `count` files in folders of twenty, with users and groups, comments and the like, and some shared folders.

    `folder_size` is another number of files a folder.
    There are 25 users in five groups, or as many users as `people` says and as many groups of three. Some files are
    commented on, or all of them, as often as `comments` says.
    """
    folder_size = folder_size or FILES_PER_FOLDER
    users = add_users(store, USERS if people is None else people)
    groups = add_groups(store, users) if people is None else add_circles(store, users)
    folders: list[Folder] = []
    files: list[File] = []
    for number in range(count):
        at = EPOCH + 60 * DAY + number * 1_000_003 % SPAN
        owner = users[number // folder_size % len(users)]
        if number % folder_size == 0:
            folders.append(store.add_folder(f"Folder {len(folders) + 1:05d}", store.root, owner, at, owner=owner))
        subject, extension = _SUBJECTS[number % len(_SUBJECTS)], _EXTENSIONS[number % len(_EXTENSIONS)]
        name = f"{subject} {number + 1:06d}.{extension}"
        content = PatternContent(name, 100 + number * 7919 % 20_000)
        file = store.add_file(name, folders[-1], content, owner, at + 60, owner=owner)
        file.description = f"{subject} number {number + 1}" if number % 4 == 0 else ""
        files.append(file)
    chosen, counts = (files[::CHOSEN], {}) if comments is None else (files, {"comments": comments})
    store.seed_resources(Planted(users=users, files=chosen, counts=counts))
    add_collaborations(store, folders[::4], users, groups)
    record_uploads(store, files)
