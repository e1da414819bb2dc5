"""Serve the segments of users that information barriers keep apart.

Source: https://developer.box.com/reference/resources/shield-information-barrier-segment/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import references, times
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, administrators, owned

from .shield_information_barriers import FEATURE, Barrier, BarrierReference, barrier_named

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class Segment(Entity):
    """A named set of users."""

    type, table, first_id = "shield_information_barrier_segment", "shield_information_barrier_segments", 2_080_000_001
    owners, unique = ("shield_information_barrier",), ("shield_information_barrier", "name")
    shield_information_barrier: Barrier
    name: str
    created_by: User
    updated_by: User
    description: str = ""


class NewSegment(TypedDict):
    """What a segment is made of."""

    shield_information_barrier: BarrierReference
    name: str
    description: NotRequired[str]


class UpdateSegment(TypedDict, total=False):
    """What changes a segment."""

    name: Annotated[str, Meta(pattern=r"\S+")]
    description: str | None


class SegmentReference(TypedDict, total=False):
    """The segment that something belongs to."""

    id: str
    type: Literal["shield_information_barrier_segment"]


def segment_named(call: Call, name: str) -> Segment:
    """Return the segment that a key of a body refers to."""
    named: Json = call.json[name]
    if "id" not in named:
        raise errors.missing_parameter(f"{name}.id")
    return call.found(Segment, named["id"])


def check_barrier(call: Call, segment: Segment) -> None:
    """Refuse another barrier than a segment's where a body names one."""
    if "shield_information_barrier" in call.json:
        barrier = barrier_named(call, call.json["shield_information_barrier"])
        if barrier is not segment.shield_information_barrier:
            raise errors.not_found(Segment.type, segment.id)


def _make(call: Call) -> Segment:
    body = call.json
    return Segment(
        shield_information_barrier=barrier_named(call, body["shield_information_barrier"]), name=body["name"],
        description=body.get("description", ""), created_by=call.user, updated_by=call.user,
    )  # fmt: skip


def _changes(call: Call, _segment: Segment) -> dict[str, Any]:
    changes = {name: "" if value is None else value for name, value in call.json.items()}
    return {**changes, "updated_by": call.user}


SHIELD_INFORMATION_BARRIER_SEGMENTS = Resource(
    Segment,
    List("/shield_information_barrier_segments", rows=owned(Segment, Barrier, "shield_information_barrier_id"),
        page=marker_page, level="standard"),
    Get("/shield_information_barrier_segments/{shield_information_barrier_segment_id}"),
    Create("/shield_information_barrier_segments", NewSegment, make=_make),
    Update("/shield_information_barrier_segments/{shield_information_barrier_segment_id}", UpdateSegment,
        changes=_changes),
    Delete("/shield_information_barrier_segments/{shield_information_barrier_segment_id}"),
    standard=("shield_information_barrier", "name", "description", "created_at", "created_by", "updated_at",
        "updated_by"),
    computed={
        **references("shield_information_barrier", "created_by", "updated_by"), **times(updated_at="modified_at"),
    },
    permission=administrators(),
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip
