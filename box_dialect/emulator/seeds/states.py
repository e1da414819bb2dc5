"""Bring some of what is generated, or served of a directory, into states that items, users and access can be in.

The files and folders stay as many as they are, and the bytes of each what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator.model import SharedLink
from box_dialect.emulator.planted import DAY, EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.store import Store

_AT = EPOCH + 250 * DAY


def add_states(store: Store, folders: Sequence[Folder], files: Sequence[File], planted: Planted) -> None:
    """Add somebody of another enterprise, and what makes one folder and one file differ from the others.

    They are the first ones; the last file belongs to who is inactive. The file with a past version is one that is held.
    """
    external = store.add_user("Zoë External", "zoe@partner.example", EPOCH + DAY, managed=False)
    for folder in folders[:1]:
        folder.shared_link = SharedLink("company")
        store.add_collaboration(folder, external, "viewer", store.admin, at=_AT)
        store.add_collaboration(folder, "stranger@example.net", "viewer", store.admin, "pending", at=_AT + 60)
    for file in files[:1]:
        file.shared_link = SharedLink()
    for file in [file for file, _ in planted.filed][:1] or files[:1]:
        _upload_again(store, file)
    for file, user in zip(files[-1:], [user for user in planted.users if user.status == "inactive"], strict=False):
        store.own(file, user)
    for folder in sorted(folders, key=lambda folder: len(folder.children))[:1]:  # a full page of items stays one
        _add_web_links(store, folder)


def _upload_again(store: Store, file: File) -> None:
    """Give a file a past version of the same bytes, and leave it as it was otherwise."""
    before = file.modified_at, file.modified_by, file.content_modified_at
    store.add_version(file, file.versions[-1].content, file.owned_by)
    file.modified_at, file.modified_by, file.content_modified_at = before
    file.versions[-1].created_at = file.versions[-1].modified_at = file.modified_at


def _add_web_links(store: Store, folder: Folder) -> None:
    """Add a web link to a folder, and one that is in the trash, unless something has their names."""
    taken = {item.name.casefold() for item in folder.children.values()}
    for name, is_kept in (("Box website", True), ("Old website", False)):
        if name.casefold() not in taken:
            link = store.add_web_link(name, folder, "https://www.box.com/", folder.owned_by, _AT)
            if not is_kept:
                store.discard(link)
