"""Rate limit: that of all calls as one user of connections with equal properties, and of calls that Box limits apart.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
from bisect import insort
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from box_dialect.api.calls import ApiCall

MOST_USERS: Final = 1_000
"""Users whose limits are kept at once."""

BURST_SECONDS: Final = 15.0
"""After a pause, as many calls go at once as come in this time."""

_MINUTE: Final = 60.0

FIRST_PACE_SECONDS: Final = 0.05
SLOWEST_PACE_SECONDS: Final = 5.0
EASING: Final = 0.97
"""What the pace is multiplied by with each answer that is no refusal; it is doubled by a refusal."""


class RateLimiter:
    """Let calls through at an even rate, and more slowly where Box refuses some.

    `per_minute` is the rate, 0 is no limit; `burst` calls go at once after a pause, by default what comes in
    `BURST_SECONDS`, and no minute has more than `per_minute`. A refusal (HTTP 429) holds all calls back for as long as
    Box asks, and from then on they go one after another at a pace that finds the rate that Box allows. Belongs to one
    event loop. `clock` tells the seconds, `sleep` lets them pass.
    """

    def __init__(
        self,
        per_minute: float,
        burst: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = _MINUTE / per_minute if per_minute else 0.0
        self._most = int(per_minute)
        self._turns: deque[float] = deque()
        at_once = per_minute * BURST_SECONDS / _MINUTE if burst is None else burst
        self._head_start = max(0.0, at_once - 1) * self._interval
        self._clock, self._sleep = clock, sleep
        self._slowed_at = self._next_turn = -math.inf
        self._closed_until = 0.0
        self._pace = 0.0

    async def admit(self) -> None:
        """Wait until one more call may be sent."""
        while True:
            spacing = max(self._interval, self._pace)
            turn = self._turn(spacing)
            if (wait := turn - self._clock()) > 0:
                try:
                    await self._sleep(wait)
                except asyncio.CancelledError:
                    self._give_back(turn, spacing)
                    raise
            if self._clock() >= self._closed_until:
                return
            self._give_back(turn, spacing)

    def refused(self, seconds: float, sent_at: float) -> bool:
        """Admit no call for that long, as Retry-After asks, and fewer afterwards; `sent_at` is when the call went.

        Calls that went before the last slowing are no reason for another; returns whether this one was.
        """
        now = self._clock()
        self._closed_until = max(self._closed_until, now + seconds)
        if sent_at <= self._slowed_at:
            return False
        self._slowed_at = now
        self._pace = min(max(2 * self._pace, FIRST_PACE_SECONDS), SLOWEST_PACE_SECONDS)
        return True

    def seconds(self, calls: int) -> float | None:
        """Return after how long the last of so many calls may be sent, None without a limit."""
        spacing = max(self._interval, self._pace)
        if not spacing:
            return None
        now = self._clock()
        first = max(self._next_turn, now if self._pace else now - self._head_start, self._closed_until)
        return max(0.0, first + max(0, calls - 1) * spacing - now)

    def passed(self) -> None:
        """Take note of an answer that is no refusal."""
        self._pace = self._pace * EASING if self._pace > FIRST_PACE_SECONDS / 10 else 0.0

    def _turn(self, spacing: float) -> float:
        """Take the next turn, and return its moment; who waits is woken once, however many wait."""
        now = self._clock()
        earliest = now if self._pace else now - self._head_start
        turn = max(self._next_turn, earliest, self._closed_until)
        self._next_turn = turn + spacing
        if not self._most:
            return turn
        while len(self._turns) > self._most and self._turns[0] <= now - _MINUTE:
            self._turns.popleft()
        if len(self._turns) >= self._most:
            turn = max(turn, self._turns[-self._most] + _MINUTE)
        turn = max(turn, now)
        insort(self._turns, turn)
        return turn

    def _give_back(self, turn: float, spacing: float) -> None:
        """Leave a turn to the next who comes."""
        self._next_turn -= spacing
        with contextlib.suppress(ValueError):  # one that is long past is forgotten
            self._turns.remove(turn)


class CallClass(Struct, frozen=True):
    """Declare calls that Box limits apart: `operations` matches their method and path, `burst` is how many at once."""

    operations: re.Pattern[str]
    per_minute: float
    burst: float | None = None


CLASSES: Final = (
    CallClass(re.compile(r"GET /search"), per_minute=60, burst=5),  # and 6 in a second
    CallClass(re.compile(r"(?:POST|PUT) /files/(?:[0-9]+/)?(?:content|upload_sessions)(?:/.*)?"), per_minute=240),
)


class LimitsOfUsers:
    """The limits of the calls that are made as each user, since Box limits users apart; `per_minute` is that of each.

    They are kept for the users whose calls were latest.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._of: OrderedDict[str | None, CallLimits] = OrderedDict()

    async def admit(self, call: ApiCall) -> None:
        """Wait until the call may be sent."""
        await self._limits(call.user).admit(call)

    def seconds(self, calls: int, user: str | None = None) -> float | None:
        """Return after how long the last of so many calls of a user may be sent, None without a limit.

        May be called from any thread.
        """
        return (self._of.get(user) or CallLimits(self._per_minute)).seconds(calls)

    def refused(self, call: ApiCall, seconds: float, sent_at: float) -> bool:
        """Slow the user's calls of this class, and return whether Box has refused calls in general anew."""
        return self._limits(call.user).refused(call, seconds, sent_at)

    def passed(self, call: ApiCall) -> None:
        """Take note of an answer that is no refusal."""
        self._limits(call.user).passed(call)

    def _limits(self, user: str | None) -> CallLimits:
        """Return the limits of a user, None for the one who is signed in."""
        found = self._of.get(user)
        if found is None:
            found = self._of[user] = CallLimits(self._per_minute)
        self._of.move_to_end(user)
        if len(self._of) > MOST_USERS:
            self._of.popitem(last=False)
        return found


class CallLimits:
    """The rate limiters of all calls of a user and of each class; `per_minute` is for all, and 0 opens every one."""

    def __init__(self, per_minute: int) -> None:
        self._general = RateLimiter(per_minute)
        self._classes = [(c.operations, RateLimiter(per_minute and c.per_minute, c.burst)) for c in CLASSES]

    async def admit(self, call: ApiCall) -> None:
        """Wait until the call may be sent."""
        own = self._own(call)
        if own is not self._general:
            await own.admit()
        await self._general.admit()

    def seconds(self, calls: int) -> float | None:
        """Return after how long the last of so many calls may be sent, None without a limit."""
        return self._general.seconds(calls)

    def refused(self, call: ApiCall, seconds: float, sent_at: float) -> bool:
        """Slow the calls of this class, and return whether Box has refused calls in general anew."""
        own = self._own(call)
        return own.refused(seconds, sent_at) and own is self._general

    def passed(self, call: ApiCall) -> None:
        """Take note of an answer that is no refusal."""
        self._own(call).passed()

    def _own(self, call: ApiCall) -> RateLimiter:
        """Return the limiter of the call's class, which for most calls is that of all."""
        operation = call.operation
        return next((own for operations, own in self._classes if operations.fullmatch(operation)), self._general)
