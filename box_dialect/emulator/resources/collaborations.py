"""Serve collaborations: who may do what with a file or folder.

Source: https://developer.box.com/reference/resources/collaboration
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.model import Collaboration, File, Folder, Group, User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import mini, reference, render
from box_dialect.emulator.resource import Get, List, Resource, who_sees_the_item
from box_dialect.emulator.routing import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


def _may_see(call: Call, collaboration: Collaboration) -> None:
    """Raise the 404 for who neither sees the item nor is invited to it."""
    if not _is_invited(call, collaboration):
        who_sees_the_item(call, collaboration)


def _is_invited(call: Call, collaboration: Collaboration) -> bool:
    return collaboration.accessible_by is call.user


def _check_invites(call: Call, item: File | Folder) -> None:
    """Refuse to change who collaborates on an item to who may not, or where only its owners may."""
    call.check_permissions(item, "can_invite_collaborator")
    if isinstance(item, Folder) and not item.can_non_owners_invite and not access.owns(call.user, item):
        raise errors.forbidden()


def _of(find: Callable[[Call], File | Folder]) -> Callable[[Call], Iterable[Collaboration]]:
    """Return what finds who has access to an item, or is invited to have it."""

    def rows(call: Call) -> Iterable[Collaboration]:
        item = find(call)
        hidden = isinstance(item, Folder) and not item.can_non_owners_view_collaborators
        if hidden and not access.owns(call.user, item):
            raise errors.forbidden()
        return item.collaborations.values()

    return rows


def _of_group(call: Call) -> Iterable[Collaboration]:
    """Return what a group has access to."""
    call.require_administrator("manage_groups")
    return call.found(Group).collaborations.values()


def _pending(call: Call) -> Iterable[Collaboration]:
    """Return what who is signed in is invited to and has not yet accepted; there is no other flat list."""
    status = call.query.get("status")
    if status is None:
        raise errors.missing_parameter("status")
    if status != "pending":
        raise errors.invalid_parameter("status", status, "'status' must be pending", "invalid_status")
    return [entry for entry in call.user.collaborations.values() if entry.status == "pending"]


def _grantee(collaboration: Collaboration) -> Json | None:
    grantee = collaboration.accessible_by
    if isinstance(grantee, User):
        name = "" if collaboration.status == "pending" else grantee.name
        return {**reference(grantee), "name": name, "login": grantee.login, "is_active": True}
    return mini(grantee)


COLLABORATIONS = Resource(
    Collaboration,
    List("/files/{file_id}/collaborations", rows=_of(Call.file), page=marker_page),
    List("/folders/{folder_id}/collaborations", rows=_of(Call.folder), page=marker_page),
    List("/groups/{group_id}/collaborations", rows=_of_group, takes_fields=False),
    List("/collaborations", rows=_pending),
    Get("/collaborations/{collaboration_id}"),
    mini=("created_by", "created_at", "modified_at", "expires_at", "status", "accessible_by", "invite_email", "role",
        "acknowledged_at", "item", "is_access_only"),
    full=("can_view_path", "acceptance_requirements_status", "app_item"),
    computed={
        "accessible_by": _grantee,
        "item": lambda collaboration: None if collaboration.status == "pending" else mini(collaboration.item),
        "acceptance_requirements_status": lambda _: {},
        "app_item": lambda _: None,
    },
    entity_permission=_may_see,
)  # fmt: skip


def _found(call: Call) -> Collaboration:
    collaboration = call.found(Collaboration)
    _may_see(call, collaboration)
    return collaboration


@COLLABORATIONS.operation("POST", "/collaborations", NewCollaboration)
def create_collaboration(call: Call) -> Reply:
    """Give a user or group access; an address that nobody here has is invited, and the invitation is pending."""
    role, item = call.json["role"], _item(call)
    _check_invites(call, item)
    grantee = _invited(call)
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
    _limit(call, collaboration)
    collaboration.is_access_only = call.json.get("is_access_only", False)
    collaboration.can_view_path = can_view_path
    event = "COLLAB_INVITE_COLLABORATOR" if status == "pending" else "COLLAB_ADD_COLLABORATOR"
    call.store.record(event, call.user, item)
    return Reply(201, render(collaboration, "standard", call.fields))


def _limit(call: Call, collaboration: Collaboration) -> None:
    """Let the access end where the body says when."""
    if "expires_at" in call.json:
        collaboration.expires_at = call.json["expires_at"]
        call.store.remove_at(collaboration, collaboration.expires_at)


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


def _invited(call: Call) -> User | Group | str:
    kind, identity, login = (call.json["accessible_by"].get(name, "") for name in ("type", "id", "login"))
    if not identity and (kind == "group" or not login):
        raise errors.missing_parameter("accessible_by.id")
    if not identity:
        return call.store.account_of(login) or str(login)
    found = call.found(Group, identity) if kind == "group" else call.found(User, identity)
    if isinstance(found, Group) and not access.is_among(call.user, found, found.invitability_level):
        raise errors.forbidden()
    return found


@COLLABORATIONS.operation("PUT", "/collaborations/{collaboration_id}", UpdateCollaboration)
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
    _limit(call, collaboration)
    if "can_view_path" in call.json:
        collaboration.can_view_path = _can_view_path(call, collaboration.item)
    now = clock.now()
    if status != collaboration.status:
        collaboration.acknowledged_at = now
    if role != collaboration.role:
        call.store.record("COLLAB_ROLE_CHANGE", call.user, collaboration.item)
    collaboration.role, collaboration.status = role, status
    collaboration.modified_at = now
    return Reply(200, render(collaboration))


def _hand_over(call: Call, collaboration: Collaboration) -> Reply:
    """Make the collaborator the owner, and who was the owner a co-owner in a new collaboration."""
    item, owner = collaboration.item, collaboration.accessible_by
    if not isinstance(owner, User) or not access.owns(call.user, item):
        raise errors.forbidden()
    former = item.owned_by
    call.store.remove(collaboration)
    call.store.hand_over(item, owner)
    call.store.add_collaboration(item, former, "co-owner", call.user)
    call.store.touch(item, call.user)
    return Reply(204)


@COLLABORATIONS.operation("DELETE", "/collaborations/{collaboration_id}")
def delete_collaboration(call: Call) -> Reply:
    """Take access away; who collaborates may leave."""
    collaboration = _found(call)
    if not _is_invited(call, collaboration):
        _check_invites(call, collaboration.item)
    call.store.remove(collaboration)
    call.store.record("COLLAB_REMOVE_COLLABORATOR", call.user, collaboration.item)
    return Reply(204)
