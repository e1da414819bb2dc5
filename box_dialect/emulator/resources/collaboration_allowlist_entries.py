"""Serve the domains with which the enterprise may collaborate.

Source: https://developer.box.com/reference/resources/collaboration-allowlist-entry
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, administers_the_enterprise

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}", re.ASCII | re.IGNORECASE)
FEATURE = Feature("collaboration_allowlist")


@dataclass(slots=True, eq=False, kw_only=True)
class AllowlistEntry(Entity):
    """A domain whose users may be invited here (outbound), may invite from there (inbound), or both."""

    type, table, first_id = "collaboration_whitelist_entry", "collaboration_whitelist_entries", 5_115_000_001
    unique = ("domain",)
    domain: str
    direction: str
    enterprise: dict[str, str]


class NewEntry(TypedDict):
    """What an entry is made of."""

    domain: str
    direction: Literal["inbound", "outbound", "both"]


def _make(call: Call) -> AllowlistEntry:
    if not _DOMAIN.fullmatch(call.json["domain"]):
        raise errors.invalid_parameter("domain", call.json["domain"], "It must be the name of a domain")
    return AllowlistEntry(enterprise=call.store.enterprise, **call.json)


ALLOWLIST_ENTRIES = Resource(
    AllowlistEntry,
    List("/collaboration_whitelist_entries", page=marker_page),
    Get("/collaboration_whitelist_entries/{collaboration_whitelist_entry_id}"),
    Create("/collaboration_whitelist_entries", NewEntry, make=_make, status=200),
    Delete("/collaboration_whitelist_entries/{collaboration_whitelist_entry_id}"),
    mini=("domain", "direction", "enterprise", "created_at"),
    permission=administers_the_enterprise,
    takes_fields=False,
    feature=FEATURE,
)
