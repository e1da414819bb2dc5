"""Serve collaborations: who may do what with a file or folder.

Source: https://developer.box.com/reference/resources/collaboration
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.model import Collaboration, File, Folder, Group, User
from box_dialect.emulator.paging import marker_page, offset_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.routing import Call, Reply, operation

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json

Role: TypeAlias = Literal[
    "editor", "viewer", "previewer", "uploader", "previewer uploader", "viewer uploader", "co-owner"
]


class _Shared(TypedDict):
    type: str  # has an error of its own
    id: str


class _Grantee(TypedDict):
    type: Literal["user", "group"]
    id: NotRequired[str]
    login: NotRequired[str]


class NewCollaboration(TypedDict):
    """What a collaboration is made of."""

    item: _Shared
    accessible_by: _Grantee
    role: Role
    is_access_only: NotRequired[bool]
    can_view_path: NotRequired[bool]
    expires_at: NotRequired[Moment]


class UpdateCollaboration(TypedDict, total=False):
    """What changes a collaboration."""

    role: Literal[Role, "owner"]
    status: Literal["pending", "accepted", "rejected"]
    expires_at: Moment
    can_view_path: bool


def _found(call: Call) -> Collaboration:
    """Return the collaboration of the path, which whoever sees the item and who is invited may see."""
    collaboration = call.store.collaborations.get(call.id)
    if collaboration is None or not (_is_invited(call, collaboration) or call.sees(collaboration.item)):
        raise errors.not_found("collaboration", call.id)
    return collaboration


def _is_invited(call: Call, collaboration: Collaboration) -> bool:
    return collaboration.accessible_by is call.user


def _check_invites(call: Call, item: File | Folder) -> None:
    """Refuse to change who collaborates on an item to who may not, or where only its owners may."""
    call.check_permissions(item, "can_invite_collaborator")
    if isinstance(item, Folder) and not item.can_non_owners_invite and not access.owns(call.user, item):
        raise errors.forbidden()


def _of_item(call: Call, item: File | Folder) -> Json:
    hidden = isinstance(item, Folder) and not item.can_non_owners_view_collaborators
    if hidden and not access.owns(call.user, item):
        raise errors.forbidden()
    page, counters = marker_page(call.query, list(item.collaborations.values()))
    return {"entries": render_all(page, "mini", call.fields), **counters}


@operation("GET", "/files/{file_id}/collaborations", "get_files_id_collaborations")
def list_of_file(call: Call) -> Json:
    """List who has access to a file, or is invited to have it, by marker."""
    return _of_item(call, call.file())


@operation("GET", "/folders/{folder_id}/collaborations", "get_folders_id_collaborations")
def list_of_folder(call: Call) -> Json:
    """List who has access to a folder, or is invited to have it, by marker."""
    return _of_item(call, call.folder())


@operation("GET", "/groups/{group_id}/collaborations", "get_groups_id_collaborations")
def list_of_group(call: Call) -> Json:
    """List what a group has access to, by offset."""
    call.require_administrator("manage_groups")
    group = call.store.groups.get(call.id)
    if group is None:
        raise errors.not_found("group", call.id)
    page, counters = offset_page(call.query, list(group.collaborations.values()))
    return {"entries": render_all(page, "mini", None), **counters}


@operation("GET", "/collaborations", "get_collaborations")
def list_pending(call: Call) -> Json:
    """List what who is signed in is invited to and has not yet accepted, by offset; there is no other flat list."""
    status = call.query.get("status")
    if status is None:
        raise errors.missing_parameter("status")
    if status != "pending":
        raise errors.invalid_parameter("status", status, "'status' must be pending", "invalid_status")
    pending = [entry for entry in call.user.collaborations.values() if entry.status == "pending"]
    page, counters = offset_page(call.query, pending)
    return {"entries": render_all(page, "mini", call.fields), **counters}


@operation("GET", "/collaborations/{collaboration_id}", "get_collaborations_id")
def get_collaboration(call: Call) -> Json:
    """Get a collaboration."""
    return render(_found(call), "standard", call.fields)


@operation("POST", "/collaborations", "post_collaborations", NewCollaboration)
def create_collaboration(call: Call) -> Reply:
    """Give a user or group access; an address that nobody here has is invited, and the invitation is pending."""
    role, item = call.json["role"], _item(call)
    _check_invites(call, item)
    grantee = _grantee(call)
    for other in item.collaborations.values():
        if grantee in (other.accessible_by, other.invite_email):
            raise errors.bad_request("user_already_collaborator", "User is already a collaborator")
    can_view_path = _can_view_path(call, item)
    # Who belongs to the enterprise accepts at once, as its settings are by default.
    external = isinstance(grantee, str) or getattr(grantee, "enterprise", grantee) is None
    if external and isinstance(item, Folder) and item.is_collaboration_restricted_to_enterprise:
        raise errors.BoxError(403, "forbidden_by_policy", "The folder is restricted to collaborators of the enterprise")
    status = "pending" if external else "accepted"
    collaboration = call.store.add_collaboration(item, grantee, role, call.user, status)
    call.store.limit_collaboration(collaboration, call.json.get("expires_at"))
    collaboration.is_access_only = call.json.get("is_access_only", False)
    collaboration.can_view_path = can_view_path
    event = "COLLAB_INVITE_COLLABORATOR" if status == "pending" else "COLLAB_ADD_COLLABORATOR"
    call.store.record(event, call.user, item)
    return Reply(201, render(collaboration, "standard", call.fields))


def _can_view_path(call: Call, item: File | Folder) -> bool:
    asked: bool = call.json.get("can_view_path", False)
    if asked and not isinstance(item, Folder):
        raise errors.invalid_parameter("can_view_path", asked, "'can_view_path' is for folders")
    return asked


def _item(call: Call) -> File | Folder:
    kind, identity = call.json["item"]["type"], call.json["item"]["id"]
    if kind not in ("file", "folder"):
        raise errors.bad_request("invalid_collaboration_item", "Item type must be specified and set to file or folder")
    if (kind, identity) == ("folder", "0"):
        raise errors.bad_request("collaborations_not_available_on_root_folder", "Root folder cannot be collaborated")
    item = call.find(kind, identity)
    if item is None or item.is_trashed:
        raise errors.not_found(kind, identity)
    assert isinstance(item, File | Folder)  # noqa: S101 - these tables hold nothing else
    return item


def _grantee(call: Call) -> User | Group | str:
    kind, identity, login = (call.json["accessible_by"].get(name, "") for name in ("type", "id", "login"))
    store = call.store
    if not identity and (kind == "group" or not login):
        raise errors.missing_parameter("accessible_by.id")
    if not identity:
        return store.logins.get(login.casefold(), str(login))
    table: dict[str, User] | dict[str, Group] = store.groups if kind == "group" else store.accounts
    found = table.get(identity)
    if found is None:
        raise errors.not_found(kind, identity)
    if isinstance(found, Group) and not access.is_among(call.user, found, found.invitability_level):
        raise errors.forbidden()
    return found


@operation("PUT", "/collaborations/{collaboration_id}", "put_collaborations_id", UpdateCollaboration)
def update_collaboration(call: Call) -> Reply:
    """Change a collaboration, answer an invitation, or with role=owner hand the item over (204)."""
    collaboration = _found(call)
    role = call.json.get("role", collaboration.role)
    if role == "owner":
        return _hand_over(call, collaboration)
    if "status" not in call.json:
        _check_invites(call, collaboration.item)
    status = call.json.get("status", collaboration.status)
    if status != collaboration.status and (collaboration.status, collaboration.accessible_by) != ("pending", call.user):
        raise errors.forbidden("Only who is invited may answer an invitation, and only once")
    if "expires_at" in call.json:
        call.store.limit_collaboration(collaboration, call.json["expires_at"])
    if "can_view_path" in call.json:
        collaboration.can_view_path = _can_view_path(call, collaboration.item)
    if status != collaboration.status:
        collaboration.acknowledged_at = clock.now()
    if role != collaboration.role:
        call.store.record("COLLAB_ROLE_CHANGE", call.user, collaboration.item)
    collaboration.role, collaboration.status = role, status
    collaboration.modified_at = clock.now()
    return Reply(200, render(collaboration))


def _hand_over(call: Call, collaboration: Collaboration) -> Reply:
    """Make the collaborator the owner, and who was the owner a co-owner in a new collaboration."""
    item, owner = collaboration.item, collaboration.accessible_by
    if not isinstance(owner, User) or not access.owns(call.user, item):
        raise errors.forbidden()
    former = item.owned_by
    call.store.remove_collaboration(collaboration)
    call.store.hand_over(item, owner)
    call.store.add_collaboration(item, former, "co-owner", call.user)
    call.store.touch(item, call.user)
    return Reply(204)


@operation("DELETE", "/collaborations/{collaboration_id}", "delete_collaborations_id")
def delete_collaboration(call: Call) -> Reply:
    """Take access away; who collaborates may leave."""
    collaboration = _found(call)
    if not _is_invited(call, collaboration):
        _check_invites(call, collaboration.item)
    call.store.remove_collaboration(collaboration)
    call.store.record("COLLAB_REMOVE_COLLABORATOR", call.user, collaboration.item)
    return Reply(204)
