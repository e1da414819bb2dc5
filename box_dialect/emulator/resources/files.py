"""Serve files.

Source: https://developer.box.com/reference/resources/file
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.bodies import Description, Moment, Tags
from box_dialect.emulator.governance.retention import retention_of
from box_dialect.emulator.model import File, Lock
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import mini, render
from box_dialect.emulator.resource import Resource

from . import items
from .downloads import link_to, version_of
from .file_representations import hinted
from .skill_cards import metadata_reader

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item, User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_EMBED_LIFETIME = 3600


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


def lock_of(file: File) -> Lock | None:
    """Return the lock of a file, unless it expired."""
    lock = file.lock
    return lock if lock is not None and (lock.expired_at is None or lock.expired_at > clock.now()) else None


def _current_version(file: File) -> Json:
    """Write a mini version by hand: each file of a list has an own one, so that it counts."""
    version = file.versions[-1]
    return {"type": "file_version", "id": version.id, "sha1": version.content.sha1}


def _embed_link(file: File) -> Json:
    """Write what a page would show the file with; the token is of the right form, but nobody has a use for it here."""
    token = secrets.token_urlsafe(24)
    return {
        "access_token": token,
        "expires_in": _EMBED_LIFETIME,
        "token_type": "bearer",
        "restricted_to": [{"scope": "base_preview", "object": mini(file)}],
        "url": f"https://app.box.com/preview/expiring_embed/{token}",
    }


LOCKS = Resource(
    Lock,
    base=("type", "id", "created_by", "created_at", "expired_at", "is_download_prevented", "app_type"),
)
FILES = Resource(
    File,
    base=items.BASE,
    mini=("file_version", "sequence_id", "sha1", "name"),
    standard=(*items.STANDARD, *items.CONTENT_TIMES),
    full=(*items.FULL, "version_number", "comment_count", "lock", "extension", "is_package", "expires_at",
        "uploader_display_name", "disposition_at", "shared_link_permission_options", "expiring_embed_link"),
    nested={"metadata": metadata_reader},
    computed={
        **items.COMPUTED,
        "sha1": lambda file: file.content.sha1,
        "file_version": _current_version,
        "version_number": lambda file: str(file.versions[-1].version_number),
        "comment_count": lambda file: len(file.comments),
        "lock": lambda file: mini(lock_of(file)),
        "is_package": lambda _: False,
        "expires_at": lambda _: None,
        "uploader_display_name": lambda file: file.versions[-1].modified_by.name,
        "shared_link_permission_options": lambda _: ["can_preview", "can_download", "can_edit"],
        "expiring_embed_link": _embed_link,
    },
)  # fmt: skip


@FILES.operation("GET", "/files/{file_id}", checks_format=True, opens_links=True)
def get_file(call: Call) -> Reply:
    """Get a file, also from the trash."""
    file = call.file()
    if call.is_known(file):
        return Reply(304)
    body = render(file, "standard", call.fields)
    if call.fields is not None and "representations" in call.fields.split(","):
        body["representations"] = hinted(call, file)
    return Reply(200, body)


@FILES.operation("PUT", "/files/{file_id}", UpdateFile, needs=items.needed, checks_format=True)
def update_file(call: Call) -> Reply:
    """Rename, move, describe, tag, share or lock a file."""
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    lock = _lock(call, file)
    disposition_at = _disposition(call, file)
    items.update(call, file)
    file.disposition_at = disposition_at
    if (lock is None) != (file.lock is None):
        call.store.record("LOCK_CREATE" if lock else "LOCK_DESTROY", call.user, file)
    file.lock = lock
    if "content_modified_at" in call.json:
        file.content_modified_at = call.json["content_modified_at"]
        call.store.refresh(file)
    return items.answer(call, file)


def _disposition(call: Call, file: File) -> int | None:
    """Return until when a file is retained by its own date, which can be put off as long as a policy keeps it."""
    if "disposition_at" not in call.json:
        return file.disposition_at
    kept, asked = retention_of(call.store, file, file.versions[-1]), call.json["disposition_at"]
    if kept is None:
        raise errors.forbidden("The file is under no retention")
    if asked < kept.end:
        raise errors.invalid_parameter("disposition_at", clock.stamp(asked), "A retention cannot be shortened")
    return int(asked)


def check_unlocked(call: Call, file: File) -> None:
    """Refuse to change a file that somebody else locked."""
    lock = lock_of(file)
    if lock is not None and lock.created_by is not call.user:
        raise errors.locked()


def is_locked_for(user: User, item: Item) -> bool:
    """Tell whether a lock keeps a user from downloading an item."""
    lock = lock_of(item) if isinstance(item, File) else None
    return lock is not None and lock.is_download_prevented and lock.created_by is not user


def _lock(call: Call, file: File) -> Lock | None:
    check_unlocked(call, file)
    if "lock" not in call.json:
        return file.lock
    asked = call.json["lock"]
    if asked is None:
        return None
    return Lock(
        id=call.store.next_id(Lock), created_by=call.user, created_at=clock.now(), expired_at=asked.get("expires_at"),
        is_download_prevented=asked.get("is_download_prevented", False),
    )  # fmt: skip


@FILES.operation("DELETE", "/files/{file_id}", needs=("can_delete",), checks_format=True)
def delete_file(call: Call) -> Reply:
    """Move a file to the trash."""
    file = call.file()
    check_unlocked(call, file)
    return items.discard(call, file)


@FILES.operation("POST", "/files/{file_id}/copy", CopyFile, needs=("can_download",))
def copy_file(call: Call) -> Reply:
    """Copy a file, or one of its versions."""
    file = call.file()
    version = version_of(file, call.json["version"]) if call.json.get("version") else file.versions[-1]
    twin: File = items.copy(call, file)  # type: ignore[assignment]  # the copy of a file is a file
    if version is not file.versions[-1]:
        call.store.replace_content(twin, version.content)
    return items.answer(call, twin, 201)


@FILES.operation("GET", "/files/{file_id}/content", needs=("can_download",), opens_links=True)
def get_content(call: Call) -> Reply:
    """Redirect to where the bytes of a file, or of one of its versions, are."""
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    version = version_of(file, call.query["version"]) if call.query.get("version") else file.versions[-1]
    if is_locked_for(call.user, file):
        raise errors.locked()
    call.store.record("ITEM_DOWNLOAD", call.user, file)
    return Reply(302, None, {"location": link_to(call, file, version)})
