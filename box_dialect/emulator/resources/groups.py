"""Serve groups.

Source: https://developer.box.com/reference/resources/group
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Required, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import access, errors
from box_dialect.emulator.model import Group
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, starts_with

if TYPE_CHECKING:
    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.routing import Call

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


def manages(call: Call) -> None:
    """Refuse a token without the scope for groups."""
    call.require_scope(SCOPE)


def administers(call: Call) -> None:
    """Refuse who may not administer groups."""
    call.require_administrator(SCOPE)


def _belongs(call: Call, group: Group) -> None:
    if not access.is_among(call.user, group, "admins_and_members"):
        raise errors.forbidden()


def _conflict() -> BoxError:
    return errors.conflict("invalid_parameter", "A group with the same name already exists")


def _permissions(group: Group) -> dict[str, bool]:
    user = access.reader.get()
    return {"can_invite_as_collaborator": user is None or access.is_among(user, group, group.invitability_level)}


GROUPS = Resource(
    Group,
    List("/groups", filters={"filter_term": starts_with("name")}, order=lambda g: (g.name.casefold(), g.id)),
    Get("/groups/{group_id}", permission=manages, entity_permission=_belongs),
    Create("/groups", NewGroup, event="GROUP_CREATION"),
    Update("/groups/{group_id}", UpdateGroup, event="GROUP_EDITED"),
    Delete("/groups/{group_id}", event="GROUP_DELETION"),
    mini=("name", "group_type"),
    standard=("created_at", "modified_at"),
    full=("provenance", "external_sync_identifier", "description", "invitability_level", "member_viewability_level",
        "permissions"),
    computed={"permissions": _permissions},
    permission=administers,
    conflict=_conflict,
)  # fmt: skip
