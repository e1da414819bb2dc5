"""Serve folders and what they hold.

Source: https://developer.box.com/reference/resources/folder
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypeAlias, TypedDict

import msgspec
from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import Description, Identified, Tags
from box_dialect.emulator.metadata.instances import reader_of
from box_dialect.emulator.model import Folder
from box_dialect.emulator.paging import marker_page, offset_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.sharing import ACCESS
from box_dialect.emulator.tree import SORTS

from . import items
from .folder_locks import check_unlocked

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

DIRECTIONS = ("ASC", "DESC")
_LARGE = 10**10  # bytes
SyncState: TypeAlias = Literal["synced", "not_synced", "partially_synced"]
_OF_NON_OWNERS = ("can_non_owners_view_collaborators", "can_non_owners_invite")
_SETTINGS = (*_OF_NON_OWNERS, "is_collaboration_restricted_to_enterprise", "sync_state", "folder_upload_email")


class _UploadEmail(TypedDict, total=False):
    access: Literal["open", "collaborators"]


class NewFolder(TypedDict):
    """What a folder is made of."""

    parent: Identified
    name: Annotated[str, Meta(min_length=1)]
    folder_upload_email: NotRequired[_UploadEmail]
    sync_state: NotRequired[SyncState]


class UpdateFolder(items.Update, total=False):
    """What changes a folder."""

    description: Description
    tags: Tags
    sync_state: SyncState
    folder_upload_email: _UploadEmail | None
    can_non_owners_invite: bool
    can_non_owners_view_collaborators: bool
    is_collaboration_restricted_to_enterprise: bool


def _folder_size(folder: Folder) -> int | msgspec.Raw:
    """Write the size of a folder, a large one with an exponent as Box warns of; no digit is lost."""
    return folder.size if folder.size < _LARGE else msgspec.Raw(f"{Decimal(folder.size).normalize():E}".encode())


def _upload_email(folder: Folder) -> dict[str, str] | None:
    email = folder.folder_upload_email
    return None if email is None or folder.is_trashed else email


FOLDERS = Resource(
    Folder,
    base=items.BASE,
    mini=("sequence_id", "name"),
    standard=(*items.STANDARD, *items.CONTENT_TIMES, "folder_upload_email"),
    full=(*items.FULL, "sync_state", "can_non_owners_invite", "is_collaboration_restricted_to_enterprise",
        "allowed_shared_link_access_levels", "can_non_owners_view_collaborators"),
    nested={"metadata": reader_of},
    computed={
        **items.COMPUTED,
        "size": _folder_size,
        "folder_upload_email": _upload_email,
        "allowed_shared_link_access_levels": lambda folder: [] if folder.id == "0" else list(ACCESS),
    },
)  # fmt: skip


def _children(call: Call, folder: Folder) -> tuple[list[Item], list[Json]]:
    sort = call.choice("sort", SORTS, "name")
    direction = call.choice("direction", DIRECTIONS, "ASC")
    order = [{"by": "type", "direction": "ASC"}, {"by": sort, "direction": direction}]
    return call.store.ordered(folder, sort, direction), order


def _offset_page(call: Call, folder: Folder, fields: str | None) -> Json:
    children, order = _children(call, folder)
    # Unlike elsewhere Box sets no maximum to the offset here.
    page, counters = offset_page(call.query, children, max_offset=None)
    total = counters.pop("total_count")
    return {"total_count": total, "entries": render_all(page, "mini", fields), **counters, "order": order}


def _answer(call: Call, folder: Folder, status: int = 200) -> Reply:
    body = render(folder, "standard", call.fields)
    if call.fields is None or "item_collection" in call.fields.split(","):
        body["item_collection"] = _offset_page(call, folder, None)
    return Reply(status, body)


@FOLDERS.operation("GET", "/folders/{folder_id}", checks_format=True, opens_links=True)
def get_folder(call: Call) -> Reply:
    """Get a folder with the first page of what it holds."""
    folder = call.folder()
    return Reply(304) if call.is_known(folder) else _answer(call, folder)


@FOLDERS.operation("GET", "/folders/{folder_id}/items", checks_format=True, opens_links=True)
def list_items(call: Call) -> Json:
    """List what a folder holds, by offset or, with usemarker=true, by marker."""
    folder = call.folder()
    if not call.flag("usemarker"):
        if call.query.get("marker"):
            raise errors.invalid_parameter("marker", call.query["marker"], "A marker needs usemarker=true")
        return _offset_page(call, folder, call.fields)
    if folder.id == "0" and "sort" in call.query:
        raise errors.invalid_parameter("sort", call.query["sort"], "The root folder has no sort with usemarker")
    page, counters = marker_page(call.query, _children(call, folder)[0])
    return {"entries": render_all(page, "mini", call.fields), **counters}


@FOLDERS.operation("POST", "/folders", NewFolder)
def create_folder(call: Call) -> Reply:
    """Create an empty folder."""
    settings = _settings(call)
    name, parent = items.check_name(call.json["name"]), call.parent(call.json["parent"])
    items.check_free(parent, name)
    folder = call.store.add_folder(name, parent, call.user)
    _set_up(folder, settings)
    call.store.record("ITEM_CREATE", call.user, folder)
    return _answer(call, folder, 201)


@FOLDERS.operation("PUT", "/folders/{folder_id}", UpdateFolder, needs=items.needed, checks_format=True)
def update_folder(call: Call) -> Reply:
    """Rename, move, describe, tag, share or set up a folder."""
    folder = call.folder()
    if folder.parent is not None and call.json.get("parent", {}).get("id", folder.parent.id) != folder.parent.id:
        check_unlocked(folder)
    settings = _settings(call, folder)
    items.update(call, folder)
    _set_up(folder, settings)
    return _answer(call, folder)


def _settings(call: Call, folder: Folder | None = None) -> Json:
    """Return the settings that the body names, or refuse them; of a new folder all others are as by default."""
    settings = {name: call.json[name] for name in _SETTINGS if name in call.json}
    may_view, may_invite = (settings.get(name, getattr(folder, name, True)) for name in _OF_NON_OWNERS)
    if settings.get(_OF_NON_OWNERS[0]) is False and not may_view and may_invite:
        raise errors.invalid_parameter(_OF_NON_OWNERS[0], False, "Who may not view collaborators may not invite any")
    return settings


def _set_up(folder: Folder, settings: Json) -> None:
    for name, value in settings.items():
        if name == "folder_upload_email" and value is not None:
            value = {"access": value.get("access", "open"), "email": f"upload.{folder.id}@u.box.com"}
        setattr(folder, name, value)


@FOLDERS.operation("POST", "/folders/{folder_id}/copy", items.Copy, needs=("can_download",))
def copy_folder(call: Call) -> Reply:
    """Copy a folder with all below it."""
    folder = call.folder()
    if folder.id == "0":
        raise errors.BoxError(500, "internal_server_error", "Internal Server Error")
    twin = items.copy(call, folder)
    return _answer(call, twin, 201)  # type: ignore[arg-type]  # the copy of a folder is a folder


@FOLDERS.operation("DELETE", "/folders/{folder_id}", needs=("can_delete",))
def delete_folder(call: Call) -> Reply:
    """Move a folder to the trash; one that is not empty needs recursive=true."""
    folder = call.folder()
    if folder.children and folder.id != "0" and not call.flag("recursive"):
        raise errors.bad_request("folder_not_empty", "Cannot delete - folder not empty")
    check_unlocked(folder)
    return items.discard(call, folder)
