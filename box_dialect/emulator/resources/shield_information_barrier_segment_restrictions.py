"""Serve which segments of an information barrier are kept apart.

Source: https://developer.box.com/reference/resources/shield-information-barrier-segment-restriction/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference, references, times
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, administrators, owned

from .shield_information_barrier_segments import Segment, SegmentReference, check_barrier, segment_named
from .shield_information_barriers import FEATURE, BarrierReference

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class SegmentRestriction(Entity):
    """That two segments are kept apart."""

    type, table = "shield_information_barrier_segment_restriction", "shield_information_barrier_segment_restrictions"
    first_id = 2_100_000_001
    owners = ("shield_information_barrier_segment", "restricted_segment")
    unique = owners
    shield_information_barrier_segment: Segment
    restricted_segment: Segment
    created_by: User


class NewSegmentRestriction(TypedDict):
    """What a restriction is made of."""

    type: Literal["shield_information_barrier_segment_restriction"]
    shield_information_barrier: NotRequired[BarrierReference]
    shield_information_barrier_segment: SegmentReference
    restricted_segment: SegmentReference


def _rows_of_segment(call: Call) -> list[SegmentRestriction]:
    """Return the restrictions of a segment, without those by which others are kept apart from it."""
    found = owned(SegmentRestriction, Segment, "shield_information_barrier_segment_id")(call)
    segment = call.query["shield_information_barrier_segment_id"]
    return [restriction for restriction in found if restriction.shield_information_barrier_segment.id == segment]


def _make(call: Call) -> SegmentRestriction:
    segment = segment_named(call, "shield_information_barrier_segment")
    restricted = segment_named(call, "restricted_segment")
    check_barrier(call, segment)
    if restricted is segment or restricted.shield_information_barrier is not segment.shield_information_barrier:
        raise errors.invalid_parameter("restricted_segment", restricted.id, "It must be another one of the barrier")
    return SegmentRestriction(
        shield_information_barrier_segment=segment, restricted_segment=restricted, created_by=call.user
    )


SHIELD_INFORMATION_BARRIER_SEGMENT_RESTRICTIONS = Resource(
    SegmentRestriction,
    List("/shield_information_barrier_segment_restrictions", rows=_rows_of_segment, page=marker_page,
        level="standard"),
    Get("/shield_information_barrier_segment_restrictions/{shield_information_barrier_segment_restriction_id}"),
    Create("/shield_information_barrier_segment_restrictions", NewSegmentRestriction, make=_make),
    Delete("/shield_information_barrier_segment_restrictions/{shield_information_barrier_segment_restriction_id}"),
    mini=("shield_information_barrier_segment", "restricted_segment"),
    standard=("shield_information_barrier", "created_at", "created_by", "updated_at", "updated_by"),
    computed={
        "shield_information_barrier":
            lambda restriction: reference(restriction.shield_information_barrier_segment.shield_information_barrier),
        "updated_by": lambda restriction: reference(restriction.created_by),
        **references("shield_information_barrier_segment", "restricted_segment", "created_by"),
        **times(updated_at="modified_at"),
    },
    permission=administrators(),
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip
