"""Limit how often operations are called: by a number of calls a minute and user, and as Box does.

Sources: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits and
https://developer.box.com/guides/metadata/queries/comparison
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .model import User

UPLOADS, SEARCHES = frozenset({"post_files_content", "post_files_id_content"}), frozenset({"get_search"})
METADATA_QUERIES = frozenset({"post_metadata_queries_execute_read"})
SIGNATURES = frozenset({"post_sign_requests", "post_sign_requests_id_resend"})
STORAGE_UNASSIGNMENTS = frozenset({"delete_storage_policy_assignments_id"})


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in `seconds` of some operations, or of all; for each user, or for all of the enterprise."""

    calls: int
    seconds: int = 60
    operations: frozenset[str] | None = None
    of_enterprise: bool = False

    def limits(self, operation: str) -> bool:
        """Tell whether calls of an operation count."""
        return self.operations is None or operation in self.operations


BOX_RATES = (
    Rate(1000),
    Rate(240, operations=UPLOADS),
    Rate(6, 1, SEARCHES),
    Rate(60, operations=SEARCHES),
    Rate(12, 1, SEARCHES, of_enterprise=True),
    Rate(10, 1, METADATA_QUERIES, of_enterprise=True),
    Rate(100, operations=SIGNATURES),
    Rate(2, 86400, STORAGE_UNASSIGNMENTS),
)


class Allowance:
    """What is left of rates: as many calls as a rate says at once, and then one by one as its time passes.

    `clock` tells the seconds.
    """

    def __init__(self, rates: Sequence[Rate], clock: Callable[[], float] = time.monotonic) -> None:
        self._rates, self._clock = rates, clock
        self._left: dict[tuple[Rate, str], tuple[float, float]] = {}

    def wait(self, user: User, operation: str) -> float:
        """Take a call from all rates that limit it and return 0, or return after how many seconds they allow it."""
        now = self._clock()
        left: dict[tuple[Rate, str], float] = {}
        for rate in self._rates:
            if rate.limits(operation):
                key = rate, "" if rate.of_enterprise else user.id
                before, since = self._left.get(key, (float(rate.calls), now))
                left[key] = min(float(rate.calls), before + (now - since) * rate.calls / rate.seconds)
        seconds = max(((1 - calls) * key[0].seconds / key[0].calls for key, calls in left.items()), default=0.0)
        if seconds > 0:
            return seconds
        self._left.update({key: (calls - 1, now) for key, calls in left.items()})
        return 0.0
