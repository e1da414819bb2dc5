"""Serve the users who may collaborate with any domain.

Source: https://developer.box.com/reference/resources/collaboration-allowlist-exempt-target
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, administers_the_enterprise

from .collaboration_allowlist_entries import FEATURE

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class AllowlistExemptTarget(Entity):
    """A user for whom the list does not hold."""

    type, table = "collaboration_whitelist_exempt_target", "collaboration_whitelist_exempt_targets"
    first_id = 5_116_000_001
    owners, unique = ("user",), ("user",)
    user: User
    enterprise: dict[str, str]


class NewExemptTarget(TypedDict):
    """What an exemption is made of."""

    user: Identified


def _make(call: Call) -> AllowlistExemptTarget:
    user = call.found(User, call.json["user"]["id"])
    return AllowlistExemptTarget(user=user, enterprise=call.store.enterprise)


ALLOWLIST_EXEMPT_TARGETS = Resource(
    AllowlistExemptTarget,
    List("/collaboration_whitelist_exempt_targets", page=marker_page),
    Get("/collaboration_whitelist_exempt_targets/{collaboration_whitelist_exempt_target_id}"),
    Create("/collaboration_whitelist_exempt_targets", NewExemptTarget, make=_make, status=200),
    Delete("/collaboration_whitelist_exempt_targets/{collaboration_whitelist_exempt_target_id}"),
    mini=("enterprise", "user", "created_at", "modified_at"),
    computed={"user": lambda target: mini(target.user)},
    permission=administers_the_enterprise,
    takes_fields=False,
    feature=FEATURE,
)
