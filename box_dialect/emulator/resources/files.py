"""Serve files.

Source: https://developer.box.com/reference/resources/file
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.bodies import Description, Moment, Tags
from box_dialect.emulator.representations import lock_of, render
from box_dialect.emulator.routing import Call, Reply, operation

from . import items
from .downloads import link_to, version_of
from .extracted_text import hinted

if TYPE_CHECKING:
    from box_dialect.emulator.model import File


class _Lock(TypedDict, total=False):
    """A lock, whose kind the document names by both access and type; neither is needed, as there is but one."""

    access: Literal["lock"]
    type: Literal["lock"]
    expires_at: Moment
    is_download_prevented: bool


class _Permissions(TypedDict, total=False):
    can_download: Literal["open", "company"]


class UpdateFile(items.Update, total=False):
    """What changes a file."""

    description: Description
    tags: Tags
    lock: _Lock | None
    disposition_at: Moment
    permissions: _Permissions
    content_modified_at: Moment


class CopyFile(items.Copy):
    """What a copy of a file is to be."""

    version: NotRequired[str]


@operation("GET", "/files/{file_id}", "get_files_id", checks_format=True, opens_links=True)
def get_file(call: Call) -> Reply:
    """Get a file, also from the trash."""
    file = call.file()
    if call.is_known(file):
        return Reply(304)
    body = render(file, "standard", call.fields)
    if call.fields is not None and "representations" in call.fields.split(","):
        body["representations"] = hinted(call, file)
    return Reply(200, body)


@operation("PUT", "/files/{file_id}", "put_files_id", UpdateFile, checks_format=True)
def update_file(call: Call) -> Reply:
    """Rename, move, describe, tag, share or lock a file."""
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    lock = _lock(call, file)
    if "disposition_at" in call.json:
        raise errors.forbidden("The file is under no retention")
    items.update(call, file)
    if (lock is None) != (file.lock is None):
        call.store.record("LOCK_CREATE" if lock else "LOCK_DESTROY", call.user, file)
    file.lock = lock
    file.content_modified_at = call.json.get("content_modified_at", file.content_modified_at)
    return items.answer(call, file)


def check_unlocked(call: Call, file: File) -> None:
    """Refuse to change a file that somebody else locked."""
    lock = lock_of(file)
    if lock is not None and lock["created_by"] is not call.user:
        raise errors.locked()


def _lock(call: Call, file: File) -> dict[str, Any] | None:
    check_unlocked(call, file)
    if "lock" not in call.json:
        return file.lock
    asked = call.json["lock"]
    if asked is None:
        return None
    return {
        "type": "lock",
        "id": call.store.next_id("lock"),
        "created_by": call.user,
        "created_at": clock.now(),
        "expired_at": asked.get("expires_at"),
        "is_download_prevented": asked.get("is_download_prevented", False),
        "app_type": None,
    }


@operation("DELETE", "/files/{file_id}", "delete_files_id", checks_format=True)
def delete_file(call: Call) -> Reply:
    """Move a file to the trash."""
    file = call.file()
    check_unlocked(call, file)
    return items.discard(call, file)


@operation("POST", "/files/{file_id}/copy", "post_files_id_copy", CopyFile)
def copy_file(call: Call) -> Reply:
    """Copy a file, or one of its versions."""
    file = call.file()
    version = version_of(file, call.json["version"]) if call.json.get("version") else file.versions[-1]
    twin: File = items.copy(call, file)  # type: ignore[assignment]  # the copy of a file is a file
    if version is not file.versions[-1]:
        call.store.replace_content(twin, version.content)
    return items.answer(call, twin, 201)


@operation("GET", "/files/{file_id}/content", "get_files_id_content", opens_links=True)
def get_content(call: Call) -> Reply:
    """Redirect to where the bytes of a file, or of one of its versions, are."""
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    version = version_of(file, call.query["version"]) if call.query.get("version") else file.versions[-1]
    lock = lock_of(file)
    if lock is not None and lock["is_download_prevented"]:
        check_unlocked(call, file)
    call.store.record("ITEM_DOWNLOAD", call.user, file)
    return Reply(302, None, {"location": link_to(call, file, version)})
