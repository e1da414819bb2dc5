"""Generate a tree of any size: folders of twenty files each, right below the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator.content import PatternContent

from .people import DAY, EPOCH, add_collaborations, add_comments, add_groups, add_users, record_uploads

if TYPE_CHECKING:
    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.store import Store

FILES_PER_FOLDER, USERS, SPAN = 20, 25, 8 * 365 * DAY
_EXTENSIONS = ("pdf", "docx", "xlsx", "txt", "png", "csv", "md")
_SUBJECTS = ("Report", "Invoice", "Contract", "Notes", "Budget", "Plan", "Minutes", "Draft")


def plant_synthetic(store: Store, count: int) -> None:
    """Add `count` files in `count / 20` folders, with 25 users, comments on some files and some shared folders."""
    users = add_users(store, USERS)
    groups = add_groups(store, users)
    folders: list[Folder] = []
    files: list[File] = []
    for number in range(count):
        at = EPOCH + 60 * DAY + number * 1_000_003 % SPAN
        owner = users[number // FILES_PER_FOLDER % len(users)]
        if number % FILES_PER_FOLDER == 0:
            folders.append(store.add_folder(f"Folder {len(folders) + 1:05d}", store.root, owner, at))
        subject, extension = _SUBJECTS[number % len(_SUBJECTS)], _EXTENSIONS[number % len(_EXTENSIONS)]
        name = f"{subject} {number + 1:06d}.{extension}"
        content = PatternContent(name, 100 + number * 7919 % 20_000)
        file = store.add_file(name, folders[-1], content, owner, at + 60)
        file.description = f"{subject} number {number + 1}" if number % 4 == 0 else ""
        files.append(file)
    add_comments(store, files[::25], users)
    add_collaborations(store, folders[::4], users, groups)
    record_uploads(store, files)
