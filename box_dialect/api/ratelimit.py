"""The rate limiter that all calls with equal properties share."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class RateLimiter:
    """Let calls through at a rate, and hold all of them back while Box asks to wait.

    A bucket of `per_minute` calls that refills evenly; 0 is no limit. Belongs to one event loop. `clock` tells the
    seconds, `sleep` lets them pass.
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
        self._filled_at = clock()
        self._closed_until = 0.0

    async def admit(self) -> None:
        """Wait until one more call may be sent."""
        while (wait := self._wait()) > 0:
            await self._sleep(wait)
        self._left -= 1

    def hold(self, seconds: float) -> None:
        """Admit no call for that long, as Retry-After asks."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _wait(self) -> float:
        now = self._clock()
        if now < self._closed_until:
            return self._closed_until - now
        if not self._per_second:
            return 0.0
        self._left = min(self._capacity, self._left + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        return 0.0 if self._left >= 1 else (1 - self._left) / self._per_second
