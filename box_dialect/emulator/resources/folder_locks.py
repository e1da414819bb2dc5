"""Serve the locks that keep folders from being moved and deleted.

Source: https://developer.box.com/reference/resources/folder-lock
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.representations import reference, render_all
from box_dialect.emulator.resource import Create, Delete, Resource, who_sees_the_item

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder, User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

LIMIT = "1000"  # a text, as the document has it, of a list that has no pages


@dataclass(slots=True, eq=False, kw_only=True)
class FolderLock(Entity):
    """What keeps a folder from being moved and deleted, by anybody."""

    type, table, first_id = "folder_lock", "folder_locks", 5_105_000_001
    owners = ("folder",)
    folder: Folder
    created_by: User


class _Operations(TypedDict):
    move: bool
    delete: bool


class _Folder(TypedDict):
    type: str
    id: str


class NewFolderLock(TypedDict):
    """What a lock is made of; the operations cannot be locked apart."""

    folder: _Folder
    locked_operations: NotRequired[_Operations]


def check_unlocked(folder: Folder) -> None:
    """Refuse to move or delete a folder that has a lock."""
    if folder.of(FolderLock):
        raise errors.locked()


def _make(call: Call) -> FolderLock:
    """Return a lock on a folder, which to anybody but its owners is as if it were not there."""
    named, operations = call.json["folder"], call.json.get("locked_operations", {})
    if named["type"] != "folder":
        raise errors.invalid_parameter("folder.type", named["type"], "Only folders can be locked")
    if not all(operations.values()):
        raise errors.invalid_parameter("locked_operations", operations, "Both operations must be locked")
    folder: Any = call.item(named)
    if not access.owns(call.user, folder) or folder.is_trashed:
        raise errors.not_found("folder", folder.id)
    call.check_permissions(folder, "can_delete")
    return FolderLock(folder=folder, created_by=call.user)


def _is_owner(call: Call, lock: FolderLock) -> None:
    who_sees_the_item(call, lock)
    call.check_permissions(lock.folder, "can_delete")
    if not access.owns(call.user, lock.folder):
        raise errors.forbidden()


FOLDER_LOCKS = Resource(
    FolderLock,
    Create("/folder_locks", NewFolderLock, make=_make, status=200),
    Delete("/folder_locks/{folder_lock_id}", entity_permission=_is_owner),
    mini=("folder", "created_by", "created_at", "locked_operations", "lock_type"),
    computed={
        "created_by": lambda lock: reference(lock.created_by),
        "created_at": lambda lock: clock.stamp_in_utc(lock.created_at),
        "locked_operations": lambda _: {"move": True, "delete": True},
        "lock_type": lambda _: "freeze",
    },
    takes_fields=False,
    feature=Feature("folder_locks"),
)


@FOLDER_LOCKS.operation("GET", "/folder_locks", checks_format=True)
def list_locks(call: Call) -> Json:
    """List the locks of a folder, to its owners; there are no pages."""
    if not call.query.get("folder_id"):
        raise errors.missing_parameter("folder_id")
    folder = call.folder(call.query["folder_id"])
    if not access.owns(call.user, folder):
        raise errors.forbidden()
    locks = list(folder.of(FolderLock).values())
    return {"entries": render_all(locks, "mini", None), "limit": LIMIT, "next_marker": None}
