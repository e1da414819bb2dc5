"""Serve files.

Source: https://developer.box.com/reference/resources/file
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import clock, errors
from box_dialect.emulator.representations import lock_of, render
from box_dialect.emulator.routing import Call, Reply, operation

from . import items
from .downloads import link_to, version_of
from .extracted_text import hinted

if TYPE_CHECKING:
    from box_dialect.emulator.model import File


@operation("GET", "/files/{file_id}", "get_files_id")
def get_file(call: Call) -> Reply:
    """Get a file, also from the trash."""
    file = call.file()
    if call.is_known(file):
        return Reply(304)
    body = render(file, "standard", call.fields)
    if call.fields is not None and "representations" in call.fields.split(","):
        body["representations"] = hinted(call, file)
    return Reply(200, body)


@operation("PUT", "/files/{file_id}", "put_files_id")
def update_file(call: Call) -> Reply:
    """Rename, move, describe, tag, share or lock a file."""
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    lock, modified = _lock(call, file), time_of(call.json, "content_modified_at")
    _check_settings(call)
    items.update(call, file)
    if (lock is None) != (file.lock is None):
        call.store.record("LOCK_CREATE" if lock else "LOCK_DESTROY", call.user, file)
    file.lock = lock
    if modified is not None:
        file.content_modified_at = modified
    return items.answer(call, file)


def _check_settings(call: Call) -> None:
    """Refuse what has no effect here unless it is well-formed: who may download, and when a retained file goes."""
    permissions = call.json.get("permissions", {})
    if not isinstance(permissions, dict) or permissions.get("can_download", "open") not in ("open", "company"):
        raise errors.invalid_parameter("permissions", permissions, "'can_download' must be open or company")
    if time_of(call.json, "disposition_at") is not None:
        raise errors.forbidden("The file is under no retention")


def time_of(body: dict[str, Any], name: str) -> int | None:
    """Read a time of a body, or None when it is absent."""
    text = body.get(name)
    if text is None:
        return None
    try:
        return clock.parse(text)
    except (TypeError, ValueError):
        raise errors.invalid_parameter(name, text, f"'{name}' must be a date and time of RFC 3339") from None


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
    # The document names the attribute both access and type; neither is needed, as there is but one value.
    if not isinstance(asked, dict) or {asked.get("access"), asked.get("type")} - {"lock", None}:
        raise errors.invalid_parameter("lock", asked, "'access' must be lock")
    return {
        "type": "lock",
        "id": call.store.next_id("lock"),
        "created_by": call.user,
        "created_at": clock.now(),
        "expired_at": time_of(asked, "expires_at"),
        "is_download_prevented": bool(asked.get("is_download_prevented")),
        "app_type": None,
    }


@operation("DELETE", "/files/{file_id}", "delete_files_id")
def delete_file(call: Call) -> Reply:
    """Move a file to the trash."""
    file = call.file()
    check_unlocked(call, file)
    return items.discard(call, file)


@operation("POST", "/files/{file_id}/copy", "post_files_id_copy")
def copy_file(call: Call) -> Reply:
    """Copy a file, or one of its versions."""
    file = call.file()
    version = version_of(file, call.json["version"]) if call.json.get("version") else file.versions[-1]
    twin: File = items.copy(call, file)  # type: ignore[assignment]  # the copy of a file is a file
    if version is not file.versions[-1]:
        call.store.replace_content(twin, version.content)
    return items.answer(call, twin, 201)


@operation("GET", "/files/{file_id}/content", "get_files_id_content")
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
