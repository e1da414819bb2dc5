"""Serve the invitations of users into the enterprise.

Source: https://developer.box.com/reference/resources/invite
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Create, Get, Resource, administers_the_enterprise

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class Invite(Entity):
    """That a user who is in no enterprise is invited to join this one, which the user answers in Box's application."""

    type, table, first_id = "invite", "invites", 5_110_000_001
    owners, unique = ("actionable_by",), ("actionable_by",)
    actionable_by: User
    invited_by: User
    invited_to: dict[str, str]
    status: str = "pending"


class _Invited(TypedDict):
    login: str


class NewInvite(TypedDict):
    """What an invitation is made of."""

    enterprise: Identified
    actionable_by: _Invited


def _make(call: Call) -> Invite:
    """Return an invitation into the own enterprise of somebody who has an account and is in none."""
    asked, login = call.json["enterprise"]["id"], call.json["actionable_by"]["login"]
    if asked != call.store.enterprise["id"]:
        raise errors.not_found("enterprise", asked)
    user = call.store.account_of(login)
    if user is None:
        raise errors.not_found("user", login)
    if user.enterprise is not None:
        raise errors.invalid_parameter("actionable_by.login", login, "The user is part of an enterprise already")
    return Invite(actionable_by=user, invited_by=call.user, invited_to=call.store.enterprise)


INVITES = Resource(
    Invite,
    Get("/invites/{invite_id}"),
    Create("/invites", NewInvite, make=_make, status=200),
    mini=("invited_to", "actionable_by", "invited_by", "status"),
    standard=("created_at", "modified_at"),
    computed={"actionable_by": lambda invite: mini(invite.actionable_by)},
    permission=administers_the_enterprise,
)
