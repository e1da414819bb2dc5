"""Serve file requests: forms by which anybody may upload files to a folder, made in Box's web application or copied.

Source: https://developer.box.com/reference/resources/file-request
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Delete, Get, Resource, Update, who_sees_the_item

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder, User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class FileRequest(Entity):
    """A form by which files come into a folder, for as long as it is active and has not expired."""

    type, table, first_id = "file_request", "file_requests", 5_104_000_001
    owners = ("folder",)
    folder: Folder
    created_by: User
    updated_by: User
    title: str
    description: str | None = None
    status: str = "active"
    is_email_required: bool = False
    is_description_required: bool = False
    expires_at: int | None = None


class UpdateFileRequest(TypedDict, total=False):
    """What changes a file request."""

    title: str
    description: str
    status: Literal["active", "inactive"]
    is_email_required: bool
    is_description_required: bool
    expires_at: Moment


class _Place(TypedDict):
    id: str
    type: NotRequired[Literal["folder"]]


class CopyFileRequest(UpdateFileRequest):
    """Where a copy of a file request is to be, and what of it differs."""

    folder: _Place


_KEPT = tuple(UpdateFileRequest.__annotations__)


def _status(request: FileRequest) -> str:
    is_over = request.expires_at is not None and request.expires_at <= clock.now()
    return "inactive" if is_over else request.status


def _may_change(call: Call, request: FileRequest) -> None:
    """Refuse who may not edit the folder."""
    who_sees_the_item(call, request)
    call.check_permissions(request.folder, "can_rename")


def _changes(call: Call, _request: FileRequest) -> dict[str, Any]:
    return {**call.json, "updated_by": call.user}


FILE_REQUESTS = Resource(
    FileRequest,
    Get("/file_requests/{file_request_id}", checks_format=True),
    Update(
        "/file_requests/{file_request_id}",
        UpdateFileRequest,
        changes=_changes,
        entity_permission=_may_change,
        event="FILE_REQUEST_UPDATE",
        checks_format=True,
    ),
    Delete(
        "/file_requests/{file_request_id}",
        entity_permission=_may_change,
        event="FILE_REQUEST_DELETE",
        checks_format=True,
    ),
    mini=("title", "folder"),
    standard=("description", "status", "is_email_required", "is_description_required", "expires_at", "url", "etag",
        "created_by", "created_at", "updated_by", "updated_at"),
    computed={
        "status": _status,
        "url": lambda request: f"/f/{int(request.id):032x}",
        "updated_at": lambda request: clock.stamp(request.modified_at),
    },
    takes_fields=False,
)  # fmt: skip


@FILE_REQUESTS.operation("POST", "/file_requests/{file_request_id}/copy", CopyFileRequest, checks_format=True)
def copy_file_request(call: Call) -> Json:
    """Copy a file request to another folder, with what the body names in place of what it has; the status is 200."""
    request = call.found(FileRequest, call.id)
    _may_change(call, request)
    folder: Any = call.item({"type": "folder", "id": call.json["folder"]["id"]})
    call.check_permissions(folder, "can_rename")
    told = {name: getattr(request, name) for name in _KEPT} | {n: v for n, v in call.json.items() if n != "folder"}
    twin = call.store.add(FileRequest(folder=folder, created_by=call.user, updated_by=call.user, **told))
    call.store.record("FILE_REQUEST_CREATE", call.user, twin)
    return render(twin)
