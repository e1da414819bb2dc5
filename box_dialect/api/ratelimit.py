"""The rate limiter that all calls with equal properties share."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FIRST_PACE_SECONDS: Final = 0.05
SLOWEST_PACE_SECONDS: Final = 5.0
EASING: Final = 0.97
"""What the pace is multiplied by with each answer that is no refusal; it is doubled by a refusal."""


class RateLimiter:
    """Let calls through at a rate, and more slowly where Box refuses some.

    A bucket of `per_minute` calls that refills evenly; 0 is no limit. A refusal (HTTP 429) holds all calls back for as
    long as Box asks, and from then on they go one after another at a pace that finds the rate that Box allows. Belongs
    to one event loop. `clock` tells the seconds, `sleep` lets them pass.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_second = per_minute / 60
        self._capacity = float(per_minute)
        self._left = float(per_minute)
        self._clock, self._sleep = clock, sleep
        self._filled_at, self._slowed_at = clock(), -math.inf
        self._closed_until = self._next_turn = 0.0
        self._pace = 0.0

    async def admit(self) -> None:
        """Wait until one more call may be sent."""
        while True:
            if (wait := self._wait()) > 0:
                await self._sleep(wait)
                continue
            if (pause := self._turn()) > 0:
                await self._sleep(pause)
            if self._clock() >= self._closed_until:
                break
        self._left -= 1

    def refused(self, seconds: float, sent_at: float) -> None:
        """Admit no call for that long, as Retry-After asks, and fewer afterwards; `sent_at` is when the call went.

        Calls that went before the last slowing are no reason for another.
        """
        now = self._clock()
        self._closed_until = max(self._closed_until, now + seconds)
        if sent_at > self._slowed_at:
            self._slowed_at = now
            self._pace = min(max(2 * self._pace, FIRST_PACE_SECONDS), SLOWEST_PACE_SECONDS)

    def passed(self) -> None:
        """Take note of an answer that is no refusal."""
        self._pace = self._pace * EASING if self._pace > FIRST_PACE_SECONDS / 10 else 0.0

    def _turn(self) -> float:
        """Take the next turn at the current pace, and return the seconds until then."""
        now = self._clock()
        turn = max(now, self._next_turn)
        self._next_turn = turn + self._pace
        return turn - now

    def _wait(self) -> float:
        now = self._clock()
        if now < self._closed_until:
            return self._closed_until - now
        if not self._per_second:
            return 0.0
        self._left = min(self._capacity, self._left + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        return 0.0 if self._left >= 1 else (1 - self._left) / self._per_second
