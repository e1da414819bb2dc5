"""Serve the reports on information barriers.

Source: https://developer.box.com/reference/resources/shield-information-barrier-report/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference, references, times
from box_dialect.emulator.resource import Create, Get, List, Resource, administrators, owned

from .shield_information_barriers import FEATURE, Barrier, BarrierReference, barrier_named

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class Report(Entity):
    """What a barrier would keep apart; it is done as soon as it is asked for, and lies nowhere."""

    type, table, first_id = "shield_information_barrier_report", "shield_information_barrier_reports", 2_070_000_001
    owners = ("shield_information_barrier",)
    shield_information_barrier: Barrier
    created_by: User
    status: str = "done"


class NewReport(TypedDict, total=False):
    """What a report is about."""

    shield_information_barrier: BarrierReference


def _make(call: Call) -> Report:
    barrier = barrier_named(call, call.json.get("shield_information_barrier", {}))
    return Report(shield_information_barrier=barrier, created_by=call.user)


def _about(report: Report) -> Json:
    return {"shield_information_barrier": reference(report.shield_information_barrier)}


def _details(_report: Report) -> dict[str, Any]:
    return {"details": {"folder_id": "0"}}


SHIELD_INFORMATION_BARRIER_REPORTS = Resource(
    Report,
    List("/shield_information_barrier_reports", rows=owned(Report, Barrier, "shield_information_barrier_id"),
        page=marker_page, level="standard"),
    Get("/shield_information_barrier_reports/{shield_information_barrier_report_id}"),
    Create("/shield_information_barrier_reports", NewReport, make=_make),
    standard=("shield_information_barrier", "status", "details", "created_at", "created_by", "updated_at"),
    computed={
        "shield_information_barrier": _about, "details": _details,
        **references("created_by"), **times(updated_at="modified_at"),
    },
    permission=administrators(),
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip
