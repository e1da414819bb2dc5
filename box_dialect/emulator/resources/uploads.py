"""Take uploads of new files and new versions.

Source: https://developer.box.com/guides/uploads/direct/file
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import bodies, errors, multipart
from box_dialect.emulator.bodies import Identified, Moment
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import mini, render
from box_dialect.emulator.resource import Resource

from .files import check_unlocked
from .items import check_name, check_storage, clash

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder, Item, User
    from box_dialect.emulator.routing import Call

MAX_SIZE = 5 << 30
Size: TypeAlias = Annotated[int, Meta(ge=0)]
UPLOADS = Resource[Any]()


class NewFile(TypedDict):
    """The attributes of a new file."""

    name: str
    parent: Identified
    content_created_at: NotRequired[Moment]
    content_modified_at: NotRequired[Moment]


class NewVersion(TypedDict, total=False):
    """The attributes of a new version; without a name the file keeps its own."""

    name: str
    content_modified_at: Moment


class _Preflight(TypedDict):
    name: str
    parent: Identified
    size: NotRequired[Size]


class _VersionPreflight(TypedDict, total=False):
    name: str
    size: Size


def _form(call: Call) -> tuple[dict[str, Any], bytes]:
    """Return the attributes and the bytes of an upload; the attributes must come first, the other part has any name."""
    parts = multipart.read(call)
    if not any(part.name == "attributes" for part in parts):
        raise errors.missing_parameter("attributes")
    if parts[0].name != "attributes":
        message = "Metadata part is not expected after file contents part"
        raise errors.bad_request("metadata_after_file_contents", message)
    if len(parts) == 1:
        raise errors.missing_parameter("file")
    return bodies.read(parts[0].data, call.operation.body), parts[1].data


def _check_digest(call: Call, data: bytes) -> None:
    """Compare the header content-md5, which holds a SHA-1 in spite of its name."""
    digest = call.header("content-md5")
    if digest is not None and digest.lower() != hashlib.sha1(data, usedforsecurity=False).hexdigest():
        raise errors.bad_digest("content-md5")


def _place(call: Call, attributes: dict[str, Any]) -> tuple[str, Folder]:
    return check_name(attributes["name"]), call.parent(attributes["parent"])


def check_free(parent: Folder, name: str, item: Item | None = None) -> None:
    """Raise the 409 whose conflict is one object when a name is taken."""
    other = clash(parent, name, item)
    if other is not None:
        raise errors.name_in_use(mini(other) or {})


def check_room(owner: User, size: int) -> None:
    """Compare with the limits of who owns, or is going to own, the file."""
    if size > min(MAX_SIZE, owner.max_upload_size):
        raise errors.file_too_large()
    check_storage(owner, size)


@UPLOADS.operation("POST", "/files/content", NewFile)
def upload(call: Call) -> Reply:
    """Upload a new file."""
    attributes, data = _form(call)
    name, parent = _place(call, attributes)
    _check_digest(call, data)
    check_free(parent, name)
    check_room(parent.owned_by, len(data))
    created, modified = (attributes.get(f"content_{kind}_at") for kind in ("created", "modified"))
    file = call.store.add_file(
        name, parent, MemoryContent(data), call.user, content_created_at=created, content_modified_at=modified
    )
    call.store.record("ITEM_UPLOAD", call.user, file)
    return Reply(201, {"total_count": 1, "entries": [render(file, "standard", call.fields)]})


@UPLOADS.operation("POST", "/files/{file_id}/content", NewVersion, needs=("can_upload",))
def upload_version(call: Call) -> Reply:
    """Upload a new version of a file, which can be renamed by it."""
    file = call.file()
    if file.is_trashed or file.parent is None:
        raise errors.trashed()
    check_unlocked(call, file)
    call.check_if_match(file)
    attributes, data = _form(call)
    _check_digest(call, data)
    name, modified = check_name(attributes.get("name") or file.name), attributes.get("content_modified_at")
    check_free(file.parent, name, file)
    check_room(file.owned_by, len(data))
    if name != file.name:
        call.store.relocate(file, file.parent, name)
    call.store.add_version(file, MemoryContent(data), call.user, modified)
    call.store.record("ITEM_MODIFY", call.user, file)
    return Reply(200, {"total_count": 1, "entries": [render(file, "standard", call.fields)]})


@UPLOADS.operation("OPTIONS", "/files/content", _Preflight)
def check_upload(call: Call) -> Reply:
    """Tell before an upload whether the name, the place and the size are fine."""
    name, parent = _place(call, call.json)
    check_free(parent, name)
    check_room(parent.owned_by, call.json.get("size", 0))
    return _go_ahead(call, "/files/content")


# Of Box's guides, not of its OpenAPI document: https://developer.box.com/guides/uploads/check
@UPLOADS.operation("OPTIONS", "/files/{file_id}/content", _VersionPreflight, needs=("can_upload",))
def check_version(call: Call) -> Reply:
    """Tell before an upload of a new version whether the name, if it is to be another, and the size are fine."""
    file = call.file()
    if file.is_trashed or file.parent is None:
        raise errors.trashed()
    check_unlocked(call, file)
    check_free(file.parent, check_name(call.json.get("name") or file.name), file)
    check_room(file.owned_by, call.json.get("size", 0))
    return _go_ahead(call, f"/files/{file.id}/content")


def _go_ahead(call: Call, path: str) -> Reply:
    return Reply(200, {"upload_url": f"{call.base_url}/api/2.0{path}", "upload_token": None})
