"""Serve the past versions of files.

Source: https://developer.box.com/reference/resources/file-version
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.model import Version
from box_dialect.emulator.paging import offset_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.tree import TRASH_DAYS

from .downloads import version_of
from .files import check_unlocked
from .items import check_storage

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


class _Restore(TypedDict, total=False):
    trashed_at: str | None


class _Promotion(TypedDict):
    id: str
    type: NotRequired[Literal["file_version"]]


VERSIONS = Resource(
    Version,
    mini=("sha1",),
    standard=("name", "size", "created_at", "modified_at", "modified_by", "trashed_at", "purged_at",
        "uploader_display_name"),
    full=("version_number", "trashed_by", "restored_at", "restored_by"),
    computed={
        "sha1": lambda version: version.content.sha1,
        "size": lambda version: version.content.size,
        "uploader_display_name": lambda version: version.modified_by.name,
        "version_number": lambda version: str(version.version_number),
    },
)  # fmt: skip


@VERSIONS.operation("GET", "/files/{file_id}/versions")
def list_versions(call: Call) -> Json:
    """List the past versions of a file, newest first; the current one is not among them."""
    page, counters = offset_page(call.query, call.file().versions[-2::-1], default=1000)
    return {"entries": render_all(page, "standard", call.fields), **counters}


@VERSIONS.operation("GET", "/files/{file_id}/versions/{file_version_id}")
def get_version(call: Call) -> Json:
    """Get a version, also the current one."""
    return render(version_of(call.file(), call.values[1]), "standard", call.fields)


def _past(call: Call) -> Version:
    file = call.file()
    check_unlocked(call, file)
    version = version_of(file, call.values[1])
    if version is file.versions[-1]:
        raise errors.forbidden("The current version cannot be changed")
    return version


@VERSIONS.operation("DELETE", "/files/{file_id}/versions/{file_version_id}", needs=("can_delete",))
def delete_version(call: Call) -> Reply:
    """Move a past version to the trash, where it stays listed with trashed_at."""
    call.check_if_match(call.file())
    version = _past(call)
    version.trashed_at, version.trashed_by = clock.now(), call.user
    version.purged_at = version.trashed_at + TRASH_DAYS * 86400
    return Reply(204)


@VERSIONS.operation("PUT", "/files/{file_id}/versions/{file_version_id}", _Restore, needs=("can_upload",))
def restore_version(call: Call) -> Json:
    """Restore a version with trashed_at=null."""
    version, asked = _past(call), call.json
    if version.trashed_at is not None and "trashed_at" in asked and asked["trashed_at"] is None:
        version.trashed_at = version.trashed_by = version.purged_at = None
        version.restored_at, version.restored_by = clock.now(), call.user
    return render(version)


@VERSIONS.operation("POST", "/files/{file_id}/versions/current", _Promotion, needs=("can_upload",))
def promote_version(call: Call) -> Reply:
    """Put a copy of a past version, with its name, on top of a file: the answer has a new id."""
    identity, file = call.json["id"], call.file()
    check_unlocked(call, file)
    old = version_of(file, identity)
    check_storage(file.owned_by, old.content.size)
    if file.parent is not None and old.name.casefold() not in file.parent.children:
        call.store.relocate(file, file.parent, old.name)
    call.store.add_version(file, old.content, call.user)
    call.store.record("ITEM_MAKE_CURRENT_VERSION", call.user, file)
    return Reply(201, render(file.versions[-1], "standard", call.fields))
