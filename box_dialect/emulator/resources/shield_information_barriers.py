"""Serve the information barrier of the enterprise.

Source: https://developer.box.com/reference/resources/shield-information-barrier/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import references, render, times
from box_dialect.emulator.resource import Create, Get, List, Resource, administrators

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

FEATURE: Final = Feature("shield_information_barriers", 404)
_NEXT: Final = {
    ("draft", "pending"): "enabled",
    ("disabled", "pending"): "enabled",
    ("invalid", "pending"): "enabled",
    ("enabled", "disabled"): "disabled",
    ("pending", "disabled"): "disabled",
}
"""What a barrier is in the end, by what it is and what it is asked to be; `pending` is what is to be enabled."""


@dataclass(slots=True, eq=False, kw_only=True)
class Barrier(Entity):
    """What keeps segments of users apart."""

    type, table, first_id = "shield_information_barrier", "shield_information_barriers", 2_060_000_001
    enterprise: dict[str, str]
    created_by: User
    updated_by: User
    status: str = "draft"
    enabled_at: int | None = None
    enabled_by: User | None = None


class _Enterprise(TypedDict, total=False):
    id: str
    type: Literal["enterprise"]


class NewBarrier(TypedDict):
    """What a barrier is made of."""

    enterprise: _Enterprise


class BarrierStatus(TypedDict):
    """What a barrier is to be: `pending` is one that is to be enabled."""

    id: str
    status: Literal["pending", "disabled"]


class BarrierReference(TypedDict, total=False):
    """The barrier that something belongs to."""

    id: str
    type: Literal["shield_information_barrier"]


def barrier_named(call: Call, named: Json) -> Barrier:
    """Return the barrier that a body refers to."""
    if "id" not in named:
        raise errors.missing_parameter("shield_information_barrier.id")
    return call.found(Barrier, named["id"])


def _make(call: Call) -> Barrier:
    own, asked = call.store.enterprise["id"], call.json["enterprise"].get("id")
    if asked != own:
        raise errors.not_found("enterprise", asked)
    if call.store.of(Barrier):
        raise errors.conflict("conflict", "The enterprise has a barrier already")
    enterprise = {"type": "enterprise", "id": own}
    return Barrier(enterprise=enterprise, created_by=call.user, updated_by=call.user)


SHIELD_INFORMATION_BARRIERS = Resource(
    Barrier,
    List("/shield_information_barriers", page=marker_page, level="standard"),
    Get("/shield_information_barriers/{shield_information_barrier_id}"),
    Create("/shield_information_barriers", NewBarrier, make=_make),
    standard=("enterprise", "status", "created_at", "created_by", "updated_at", "updated_by", "enabled_at",
        "enabled_by"),
    computed={**references("created_by", "updated_by", "enabled_by"), **times(updated_at="modified_at")},
    permission=administrators(),
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip


@SHIELD_INFORMATION_BARRIERS.operation("POST", "/shield_information_barriers/change_status", BarrierStatus)
def change_status(call: Call) -> Json:
    """Enable or disable a barrier; the answer still calls one `pending` that is enabled by the next call."""
    call.require_administrator()
    barrier, asked = call.found(Barrier, call.json["id"]), call.json["status"]
    status = _NEXT.get((barrier.status, asked))
    if status is None:
        raise errors.conflict("conflict", f"A barrier that is {barrier.status} cannot become {asked}")
    enabled = {"enabled_at": clock.now(), "enabled_by": call.user} if status == "enabled" else {}
    call.store.change(barrier, {"status": status, "updated_by": call.user, **enabled})
    call.store.record(f"SHIELD_INFORMATION_BARRIER_{status.upper()}", call.user, barrier)
    return {**render(barrier), "status": asked}
