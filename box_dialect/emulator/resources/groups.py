"""Serve groups and who belongs to them.

Sources: https://developer.box.com/reference/resources/group and …/group-membership
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Required, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.paging import offset_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.routing import Call, Reply, operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.model import Group, Membership
    from box_dialect.emulator.representations import Json

SCOPE = "manage_groups"
Level: TypeAlias = Literal["admins_only", "admins_and_members", "all_managed_users"]


class UpdateGroup(TypedDict, total=False):
    """What changes a group."""

    name: Annotated[str, Meta(min_length=1)]
    provenance: Annotated[str, Meta(max_length=255)]
    external_sync_identifier: str
    description: Annotated[str, Meta(max_length=255)]
    invitability_level: Level
    member_viewability_level: Level


class NewGroup(UpdateGroup, total=False):
    """What a group is made of."""

    name: Required[Annotated[str, Meta(min_length=1)]]  # type: ignore[misc]  # what changes a group need not name it


class UpdateMembership(TypedDict, total=False):
    """What changes a membership."""

    role: Literal["member", "admin"]
    configurable_permissions: dict[str, bool] | None


class NewMembership(UpdateMembership):
    """What a membership is made of."""

    user: Identified
    group: Identified


def _found(call: Call) -> Group:
    call.require_scope(SCOPE)
    group = call.store.groups.get(call.id)
    if group is None:
        raise errors.not_found("group", call.id)
    return group


def _seen(call: Call) -> Group:
    """Return the group of the path, which only its members and the administrators may see."""
    group = _found(call)
    if not access.is_among(call.user, group, "admins_and_members"):
        raise errors.forbidden()
    return group


@operation("GET", "/groups", "get_groups")
def list_groups(call: Call) -> Json:
    """List the groups whose name starts with filter_term."""
    call.require_administrator(SCOPE)
    term = call.query.get("filter_term", "").casefold()
    groups = [group for group in call.store.groups.values() if group.name.casefold().startswith(term)]
    page, counters = offset_page(call.query, sorted(groups, key=lambda group: (group.name.casefold(), group.id)))
    return {"entries": render_all(page, "mini", call.fields), **counters}


@operation("GET", "/groups/{group_id}", "get_groups_id")
def get_group(call: Call) -> Json:
    """Get a group, as one of its members or as an administrator."""
    return render(_seen(call), "standard", call.fields)


@operation("POST", "/groups", "post_groups", NewGroup)
def create_group(call: Call) -> Reply:
    """Create a group."""
    call.require_administrator(SCOPE)
    _check_free(call, None)
    group = call.store.add_group(call.json["name"], clock.now())
    _apply(call, group)
    call.store.record("GROUP_CREATION", call.user, group)
    return Reply(201, render(group, "standard", call.fields))


@operation("PUT", "/groups/{group_id}", "put_groups_id", UpdateGroup)
def update_group(call: Call) -> Json:
    """Change a group."""
    call.require_administrator(SCOPE)
    group = _found(call)
    if "name" in call.json:
        _check_free(call, group)
        call.store.rename_group(group, call.json["name"])
    _apply(call, group)
    group.modified_at = clock.now()
    call.store.record("GROUP_EDITED", call.user, group)
    return render(group, "standard", call.fields)


@operation("DELETE", "/groups/{group_id}", "delete_groups_id")
def delete_group(call: Call) -> Reply:
    """Delete a group with its memberships and collaborations."""
    call.require_administrator(SCOPE)
    group = _found(call)
    call.store.remove_group(group)
    call.store.record("GROUP_DELETION", call.user, group)
    return Reply(204)


def _check_free(call: Call, group: Group | None) -> None:
    """Raise the 409 for a taken name, whose code is invalid_parameter."""
    if call.store.group_names.get(call.json["name"].casefold(), group) is not group:
        raise errors.conflict("invalid_parameter", "A group with the same name already exists")


def _apply(call: Call, group: Group) -> None:
    for name in call.json.keys() - {"name"}:
        setattr(group, name, call.json[name])


def _memberships(call: Call, memberships: Iterable[Membership]) -> Json:
    page, counters = offset_page(call.query, list(memberships))
    return {"entries": render_all(page, "mini", None), **counters}


@operation("GET", "/groups/{group_id}/memberships", "get_groups_id_memberships")
def list_memberships_of_group(call: Call) -> Json:
    """List who belongs to a group, to whom its members are to be seen."""
    group = _found(call)
    if not access.is_among(call.user, group, group.member_viewability_level):
        raise errors.forbidden()
    return _memberships(call, group.memberships.values())


@operation("GET", "/users/{user_id}/memberships", "get_users_id_memberships")
def list_memberships_of_user(call: Call) -> Json:
    """List what groups a user belongs to, as this user or as an administrator."""
    call.require_scope(SCOPE)
    user = call.store.accounts.get(call.id)
    if user is None:
        raise errors.not_found("user", call.id)
    if user is not call.user:
        call.require_administrator(SCOPE)
    return _memberships(call, user.memberships.values())


def _membership(call: Call) -> Membership:
    """Return a membership, which only administrators of the group and of the enterprise may see and change."""
    call.require_scope(SCOPE)
    membership = call.store.memberships.get(call.id)
    if membership is None:
        raise errors.not_found("group_membership", call.id)
    if not access.is_among(call.user, membership.group, "admins_only"):
        raise errors.forbidden()
    return membership


@operation("GET", "/group_memberships/{group_membership_id}", "get_group_memberships_id")
def get_membership(call: Call) -> Json:
    """Get a membership."""
    return render(_membership(call), "standard", call.fields)


@operation("POST", "/group_memberships", "post_group_memberships", NewMembership)
def create_membership(call: Call) -> Reply:
    """Make a user a member of a group."""
    call.require_administrator(SCOPE)
    user_id, group_id = (call.json[name]["id"] for name in ("user", "group"))
    user, group = call.store.users.get(user_id), call.store.groups.get(group_id)
    if user is None:
        raise errors.not_found("user", user_id)
    if group is None:
        raise errors.not_found("group", group_id)
    if any(other.user is user for other in group.memberships.values()):
        raise errors.conflict("conflict", "The user is a member of the group already")
    membership = call.store.add_membership(user, group, call.json.get("role", "member"))
    _permit(call, membership)
    call.store.record("GROUP_ADD_USER", call.user, membership)
    return Reply(201, render(membership, "standard", call.fields))


@operation("PUT", "/group_memberships/{group_membership_id}", "put_group_memberships_id", UpdateMembership)
def update_membership(call: Call) -> Json:
    """Change the role of a member."""
    membership = _membership(call)
    membership.role = call.json.get("role", membership.role)
    _permit(call, membership)
    membership.modified_at = clock.now()
    return render(membership, "standard", call.fields)


def _permit(call: Call, membership: Membership) -> None:
    """Set what an administrator of the group may do; it has no effect on members."""
    if membership.role == "admin" and "configurable_permissions" in call.json:
        membership.configurable_permissions = call.json["configurable_permissions"]


@operation("DELETE", "/group_memberships/{group_membership_id}", "delete_group_memberships_id")
def delete_membership(call: Call) -> Reply:
    """End a membership."""
    membership = _membership(call)
    call.store.remove_membership(membership)
    call.store.record("GROUP_REMOVE_USER", call.user, membership)
    return Reply(204)
