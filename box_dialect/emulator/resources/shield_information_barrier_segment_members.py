"""Serve who belongs to the segments of information barriers.

Source: https://developer.box.com/reference/resources/shield-information-barrier-segment-member/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference, references, times
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, administrators, owned

from .shield_information_barrier_segments import Segment, SegmentReference, check_barrier, segment_named
from .shield_information_barriers import FEATURE, BarrierReference

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class SegmentMember(Entity):
    """A user's place in a segment; a user is in one segment of a barrier at most."""

    type, table = "shield_information_barrier_segment_member", "shield_information_barrier_segment_members"
    first_id = 2_090_000_001
    owners = ("shield_information_barrier_segment", "user")
    shield_information_barrier_segment: Segment
    user: User
    created_by: User


class _User(TypedDict):
    id: str
    type: Literal["user"]


class NewSegmentMember(TypedDict):
    """What a place in a segment is made of."""

    type: NotRequired[Literal["shield_information_barrier_segment_member"]]
    shield_information_barrier: NotRequired[BarrierReference]
    shield_information_barrier_segment: SegmentReference
    user: _User


def _make(call: Call) -> SegmentMember:
    segment = segment_named(call, "shield_information_barrier_segment")
    check_barrier(call, segment)
    user, barrier = call.found(User, call.json["user"]["id"]), segment.shield_information_barrier
    taken = (member.shield_information_barrier_segment for member in user.of(SegmentMember).values())
    if any(other.shield_information_barrier is barrier for other in taken):
        raise errors.conflict("conflict", "The user belongs to a segment of the barrier already")
    return SegmentMember(shield_information_barrier_segment=segment, user=user, created_by=call.user)


SHIELD_INFORMATION_BARRIER_SEGMENT_MEMBERS = Resource(
    SegmentMember,
    List("/shield_information_barrier_segment_members",
        rows=owned(SegmentMember, Segment, "shield_information_barrier_segment_id"), page=marker_page,
        level="standard"),
    Get("/shield_information_barrier_segment_members/{shield_information_barrier_segment_member_id}"),
    Create("/shield_information_barrier_segment_members", NewSegmentMember, make=_make),
    Delete("/shield_information_barrier_segment_members/{shield_information_barrier_segment_member_id}"),
    mini=("user",),
    standard=("shield_information_barrier", "shield_information_barrier_segment", "created_at", "created_by",
        "updated_at", "updated_by"),
    computed={
        "shield_information_barrier":
            lambda member: reference(member.shield_information_barrier_segment.shield_information_barrier),
        "updated_by": lambda member: reference(member.created_by),
        **references("user", "shield_information_barrier_segment", "created_by"),
        **times(updated_at="modified_at"),
    },
    permission=administrators(),
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip
