"""What Superset shows of a statement's cost."""

from __future__ import annotations

from sweep import sweep

import box_dialect
from box_dialect.integrations.superset.costs import cost_of, shown


@sweep(
    ("least", "most", "seconds", "calls", "time"),
    [
        (1, 1, 0.1, "1", "less than a second"),
        (14, 2_100, 126.4, "14 to 2,100", "about 126 s at the account's rate"),
        (2, None, None, "2 or more, which is known once a query has walked the tree", "unknown"),
        (0, 0, 0.0, "0", "less than a second"),
    ],
)
def test_costs(least: int, most: int | None, seconds: float | None, calls: str, time: str) -> None:
    estimate = box_dialect.Estimate(least, most, seconds)
    assert shown([cost_of(estimate)]) == [{"API calls": calls, "Time": time}]
