"""Serve who collaborates on hubs.

Source: https://developer.box.com/reference/v2025.0/resources/hub-collaboration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.hubs import ROLES, VERSION, HubCollaboration
from box_dialect.emulator.model import Group, User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import mini, references
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update

from .hubs import FEATURE, check_role, hub_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


class _HubReference(TypedDict):
    type: Literal["hubs"]
    id: str


class _Grantee(TypedDict):
    type: str
    id: NotRequired[str]
    login: NotRequired[str]


class NewHubCollaboration(TypedDict):
    """What a collaboration is made of."""

    hub: _HubReference
    accessible_by: _Grantee
    role: str


class UpdateHubCollaboration(TypedDict, total=False):
    """What changes a collaboration."""

    role: str


def _rows(call: Call) -> Iterable[HubCollaboration]:
    return hub_named(call, call.needed("hub_id")).of(HubCollaboration).values()


def _role(call: Call) -> str:
    role: str = call.json["role"]
    if role not in ROLES:
        raise errors.invalid_parameter("role", role, f"'role' must be one of {', '.join(ROLES)}")
    return role


def _grantee(call: Call) -> User | Group:
    named = call.json["accessible_by"]
    kind, identity, login = (named.get(name, "") for name in ("type", "id", "login"))
    if kind not in ("user", "group"):
        raise errors.invalid_parameter("accessible_by.type", kind, "It must be user or group")
    if kind == "user" and not identity and login:
        account = call.store.account_of(login)
        if account is None:
            raise errors.not_found("user", login)
        return account
    if not identity:
        raise errors.missing_parameter("accessible_by.id")
    return call.found(Group, identity) if kind == "group" else call.found(User, identity)


def _make(call: Call) -> HubCollaboration:
    hub, role = hub_named(call, call.json["hub"]["id"]), _role(call)
    check_role(call, hub, "viewer" if hub.can_non_owners_invite and role == "viewer" else "co-owner")
    grantee = _grantee(call)
    is_external = isinstance(grantee, User) and grantee.enterprise is None
    if is_external and hub.is_collaboration_restricted_to_enterprise:
        raise errors.BoxError(403, "forbidden_by_policy", "The hub is restricted to collaborators of the enterprise")
    status = "pending" if is_external else "accepted"
    return HubCollaboration(hub=hub, accessible_by=grantee, role=role, status=status)


def _may_see(call: Call, collaboration: HubCollaboration) -> None:
    if collaboration.hub.role_of(call.user) is None:
        raise errors.not_found(collaboration.type, collaboration.id)


def _may_change(call: Call, collaboration: HubCollaboration) -> None:
    """Refuse who does not own the hub; who collaborates may leave."""
    _may_see(call, collaboration)
    is_leaving = collaboration.accessible_by is call.user and call.operation.method == "DELETE"
    if not is_leaving:
        check_role(call, collaboration.hub, "co-owner")


def _accessible_by(collaboration: HubCollaboration) -> Json | None:
    written = mini(collaboration.accessible_by)
    is_hidden = collaboration.status == "pending" and written is not None
    return {**written, "name": "", "login": ""} if is_hidden and written else written


def _changes(call: Call, _collaboration: HubCollaboration) -> dict[str, Any]:
    return {"role": _role(call)} if "role" in call.json else {}


HUB_COLLABORATIONS = Resource(
    HubCollaboration,
    List("/hub_collaborations", rows=_rows, page=marker_page),
    Get("/hub_collaborations/{hub_collaboration_id}"),
    Create("/hub_collaborations", NewHubCollaboration, make=_make),
    Update("/hub_collaborations/{hub_collaboration_id}", UpdateHubCollaboration, changes=_changes,
        entity_permission=_may_change),
    Delete("/hub_collaborations/{hub_collaboration_id}", entity_permission=_may_change),
    mini=("hub", "accessible_by", "role", "status", "acceptance_requirements_status"),
    computed={
        **references("hub"), "accessible_by": _accessible_by, "acceptance_requirements_status": lambda _: {},
    },
    entity_permission=_may_see,
    takes_fields=False,
    version=VERSION,
    feature=FEATURE,
)  # fmt: skip
