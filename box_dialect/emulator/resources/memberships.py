"""Serve who belongs to groups.

Source: https://developer.box.com/reference/resources/group-membership
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import access, errors
from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.model import Group, Membership, User
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update

from .groups import SCOPE, administers, manages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.routing import Call


class UpdateMembership(TypedDict, total=False):
    """What changes a membership."""

    role: Literal["member", "admin"]
    configurable_permissions: dict[str, bool] | None


class NewMembership(UpdateMembership):
    """What a membership is made of."""

    user: Identified
    group: Identified


def _of_group(call: Call) -> Iterable[Membership]:
    """Return who belongs to a group, to whom its members are to be seen."""
    group = call.found(Group)
    if not access.is_among(call.user, group, group.member_viewability_level):
        raise errors.forbidden()
    return group.memberships.values()


def _of_user(call: Call) -> Iterable[Membership]:
    """Return what groups a user belongs to, to this user or to an administrator."""
    user = call.found(User, call.id)
    if user is not call.user:
        call.require_administrator(SCOPE)
    return user.memberships.values()


def _administers_group(call: Call, membership: Membership) -> None:
    if not access.is_among(call.user, membership.group, "admins_only"):
        raise errors.forbidden()


def _make(call: Call) -> Membership:
    identity = call.json["user"]["id"]
    user = call.store.users.get(identity)
    if user is None:
        raise errors.not_found("user", identity)
    group, role = call.found(Group, call.json["group"]["id"]), call.json.get("role", "member")
    return Membership(user=user, group=group, role=role, **_permissions(call, role))


def _changes(call: Call, membership: Membership) -> dict[str, Any]:
    role = call.json.get("role", membership.role)
    return {"role": role, **_permissions(call, role)}


def _permissions(call: Call, role: str) -> dict[str, Any]:
    """Return what an administrator of the group may do; it has no effect on members."""
    name = "configurable_permissions"
    return {name: call.json[name]} if role == "admin" and name in call.json else {}


def _conflict() -> BoxError:
    return errors.conflict("conflict", "The user is a member of the group already")


MEMBERSHIPS = Resource(
    Membership,
    List("/groups/{group_id}/memberships", rows=_of_group, takes_fields=False),
    List("/users/{user_id}/memberships", rows=_of_user, takes_fields=False),
    Get("/group_memberships/{group_membership_id}"),
    Create("/group_memberships", NewMembership, make=_make, permission=administers, event="GROUP_ADD_USER"),
    Update("/group_memberships/{group_membership_id}", UpdateMembership, changes=_changes),
    Delete("/group_memberships/{group_membership_id}", event="GROUP_REMOVE_USER"),
    mini=("user", "group", "role", "created_at", "modified_at"),
    full=("configurable_permissions",),
    computed={"user": lambda membership: mini(membership.user), "group": lambda membership: mini(membership.group)},
    permission=manages,
    entity_permission=_administers_group,
    conflict=_conflict,
)
