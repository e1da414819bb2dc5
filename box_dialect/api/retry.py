"""Retry policy: when a call is sent again, and after how long."""

from __future__ import annotations

import math
import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from box_dialect.errors import DatabaseError

FIRST_DELAY_SECONDS: Final = 0.5
LONGEST_DELAY_SECONDS: Final = 30.0

NOT_READY: Final = 202
"""The status of what is read and is not to be had yet: the content of a file, or what Box still makes of that."""

NOT_SERVED: Final = 501
"""The status of an operation that the server does not have (RFC 9110, section 15.6.2): it never will."""
_SECONDS: Final = re.compile("-?[0-9]+")

_REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do no more the second time (RFC 9110, section 9.2.2); others are sent again where they did nothing."""


class Failure(Struct, frozen=True):
    """Why an attempt failed.

    `status` is the HTTP status, or None for a broken connection; `sent` tells whether Box may have got it,
    `sent_at` when it went, by the monotonic clock; `retry_after` is the header of that name. `is_broken` tells that Box
    got something else than was sent, by its digest, and took nothing, `is_at_it` that it is doing what the call says.
    """

    status: int | None
    sent: bool = True
    retry_after: str | None = None
    sent_at: float = 0.0
    is_broken: bool = False
    is_at_it: bool = False

    @property
    def is_refusal(self) -> bool:
        """Whether Box refused for the rate of calls (HTTP 429)."""
        return self.status == 429

    @property
    def may_have_acted(self) -> bool:
        """Whether Box may have carried the call out, though its answer does not say so."""
        return self.sent and (self.status is None or is_failure(self.status))


def is_repeatable(method: str) -> bool:
    """Tell whether calls of a method do no more the second time."""
    return method in _REPEATABLE


def is_failure(status: int) -> bool:
    """Tell whether an HTTP status is one of a server that may do better the next time."""
    return status >= 500 and status != NOT_SERVED


class FailedAttemptError(Exception):
    """One attempt failed, as `failure` says; `problem` is what to raise if it is the last."""

    def __init__(self, failure: Failure, problem: DatabaseError) -> None:
        super().__init__()
        self.failure, self.problem = failure, problem


class RetryPolicy(Struct, frozen=True):
    """Bound the attempts of one call by their number and by the time from the first one.

    Where Box refuses for now (HTTP 429) or is at it, only the time counts, since that is no fault of the call; but 0
    retries are none.
    """

    max_retries: int
    total_seconds: float

    def delay(self, method: str, failure: Failure, attempt: int, elapsed: float) -> float | None:
        """Return the seconds to wait before sending again, or None to give up.

        `attempt` counts the failures before of those that count alike; `elapsed` is in seconds. Retry-After is
        honoured, and a wait that would pass the total bound is not begun.
        """
        is_no_fault = failure.is_refusal or failure.is_at_it
        most = self.max_retries and math.inf if is_no_fault else self.max_retries
        if attempt >= most or not _may_repeat(method, failure):
            return None
        wait = _asked(failure.retry_after)
        if wait is None:
            wait = min(FIRST_DELAY_SECONDS * 2 ** min(attempt, 10), LONGEST_DELAY_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
        return wait if elapsed + wait <= self.total_seconds else None


def _may_repeat(method: str, failure: Failure) -> bool:
    if failure.is_refusal or not failure.sent or failure.is_broken or failure.status == NOT_READY:
        return True
    return is_repeatable(method) and failure.may_have_acted


def _asked(retry_after: str | None) -> float | None:
    """Read Retry-After, which is a number of seconds or a date (RFC 9110, section 10.2.3)."""
    if not retry_after:
        return None
    if _SECONDS.fullmatch(retry_after.strip()):
        return max(0.0, float(retry_after))
    try:
        moment = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
