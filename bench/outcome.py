"""What a line of the bench found, and how it is printed and written."""

from __future__ import annotations

import dataclasses
import math
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Bound:
    """What a ratio has to be: `Bound("<=", 1.2)`."""

    sign: str
    number: float

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is within the bound, as it is printed: with two digits."""
        compare = operator.le if self.sign == "<=" else operator.ge
        return bool(compare(round(ratio, 2), self.number))

    def __str__(self) -> str:
        return f"{self.sign} {self.number:g}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one line found: `measured` against `limit`, both in `unit`.

    `calls` is how many API calls were made, `least` the fewest that can answer, `sdk` the seconds of the official
    SDK's loop, `runs` what was measured each time; `measured` is their median, or
    their mean where a rate bounds them together.
    """

    line: str
    work: str
    unit: str
    measured: float
    limit: float
    bound: Bound
    calls: int | None = None
    least: int | None = None
    sdk: float | None = None
    runs: tuple[float, ...] = ()

    @property
    def ratio(self) -> float:
        """How many times the limit was taken; infinite where the limit is nothing, as without latency."""
        return self.measured / self.limit if self.limit else math.inf

    @property
    def met(self) -> bool:
        """Whether the bound holds."""
        return self.bound.holds(self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON takes it."""
        return {
            **dataclasses.asdict(self),
            "bound": str(self.bound),
            "ratio": round(self.ratio, 4),
            "met": self.met,
        }


_COLUMNS: Final = ("#", "work", "measured", "limit", "ratio", "bound", "", "calls (fewest)", "SDK's loop")


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the outcomes as a Markdown table."""
    rows = [_COLUMNS, *map(_cells, outcomes)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(row, widths) for row in (rows[0], rule, *rows[1:]))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    calls = "" if outcome.calls is None else f"{outcome.calls:,} ({outcome.least:,})"
    sdk = "" if outcome.sdk is None else f"{outcome.sdk:,.2f} s"
    return (
        outcome.line,
        outcome.work,
        _amount(outcome.measured, outcome.unit),
        _amount(outcome.limit, outcome.unit),
        f"{outcome.ratio:.2f}",
        str(outcome.bound),
        "met" if outcome.met else "missed",
        calls,
        sdk,
    )


def _amount(number: float, unit: str) -> str:
    digits = 0 if unit in {"calls", "rows/s"} else 2
    return f"{number:,.{digits}f} {unit}"
