"""Serve which users accepted the terms of service.

Source: https://developer.box.com/reference/resources/terms-of-service-user-status
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import whole_page
from box_dialect.emulator.representations import mini, reference
from box_dialect.emulator.resource import Create, List, Resource, Update

from .terms_of_services import FEATURE, TermsOfService

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class TermsOfServiceUserStatus(Entity):
    """Whether a user accepted terms of service."""

    type, table, first_id = "terms_of_service_user_status", "terms_of_service_user_statuses", 5_113_000_001
    owners = unique = ("tos", "user")
    tos: TermsOfService
    user: User
    is_accepted: bool


class _Terms(TypedDict):
    type: Literal["terms_of_service"]
    id: str


class _User(TypedDict):
    type: Literal["user"]
    id: str


class UpdateStatus(TypedDict):
    """What changes a status."""

    is_accepted: bool


class NewStatus(UpdateStatus):
    """What a status is made of."""

    tos: _Terms
    user: _User


def _may_tell(call: Call, user: User) -> None:
    """Refuse who is neither the user nor an administrator."""
    if user is not call.user:
        call.require_administrator("manage_enterprise_properties")


def _rows(call: Call) -> Iterable[TermsOfServiceUserStatus]:
    if not call.query.get("tos_id"):
        raise errors.missing_parameter("tos_id")
    statuses = call.found(TermsOfService, call.query["tos_id"]).of(TermsOfServiceUserStatus).values()
    if call.query.get("user_id") != call.user.id:
        call.require_administrator("manage_enterprise_properties")
    return statuses


def _make(call: Call) -> TermsOfServiceUserStatus:
    tos, user = call.found(TermsOfService, call.json["tos"]["id"]), call.found(User, call.json["user"]["id"])
    _may_tell(call, user)
    return TermsOfServiceUserStatus(tos=tos, user=user, is_accepted=call.json["is_accepted"])


TERMS_OF_SERVICE_USER_STATUSES = Resource(
    TermsOfServiceUserStatus,
    List(
        "/terms_of_service_user_statuses",
        rows=_rows,
        filters={"user_id": lambda status, wanted: status.user.id == wanted},
        page=whole_page,
        level="standard",
    ),
    Create("/terms_of_service_user_statuses", NewStatus, make=_make),
    Update("/terms_of_service_user_statuses/{terms_of_service_user_status_id}", UpdateStatus),
    standard=("tos", "user", "is_accepted", "created_at", "modified_at"),
    computed={"tos": lambda status: reference(status.tos), "user": lambda status: mini(status.user)},
    entity_permission=lambda call, status: _may_tell(call, status.user),
    takes_fields=False,
    feature=FEATURE,
)
