"""Costs: what Superset shows of a statement before it runs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect import Estimate


def cost_of(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate of the driver as the plain values that Superset passes on."""
    return dataclasses.asdict(estimate)


def shown(costs: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the lines that tell the cost of each statement, by their titles: API calls, and seconds if known."""
    return [{"API calls": _calls(cost["least"], cost["most"]), "Time": _time(cost["seconds"])} for cost in costs]


def _calls(least: int, most: int | None) -> str:
    if most is None:
        return f"{least:,} or more, which is known once a query has walked the tree"
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return "less than a second" if seconds < 1 else f"about {seconds:,.0f} s at the account's rate"
