"""Serve the regions in which content can be stored.

Source: https://developer.box.com/reference/resources/storage-policy
"""

from __future__ import annotations

from dataclasses import dataclass

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.resource import Get, List, Resource, administers_the_enterprise

FEATURE = Feature("storage_policies")


@dataclass(slots=True, eq=False, kw_only=True)
class StoragePolicy(Entity):
    """A region in which content can be stored; Box offers them, and nobody changes them."""

    type, table, first_id = "storage_policy", "storage_policies", 5_117_000_001
    name: str


STORAGE_POLICIES = Resource(
    StoragePolicy,
    List("/storage_policies", page=marker_page, level="standard"),
    Get("/storage_policies/{storage_policy_id}", takes_fields=False),
    standard=("name",),
    permission=administers_the_enterprise,
    feature=FEATURE,
)
