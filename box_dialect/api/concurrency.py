"""Concurrency limit: how many calls are in flight at once, for all connections with equal properties."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

FIRST_WIDTH: Final = 8
"""Calls in flight before anything is known of Box's latency."""

TOLERANCE: Final = 2.0
SLACK_SECONDS: Final = 0.05
"""Latency holds while it is below `TOLERANCE` times the usual one, and where the difference is below the slack."""

_FORGETTING: Final = 1.1
"""What the usual latency grows by with each round, so that one lucky round does not hold the width for ever."""

_WAITING: Final[ContextVar[Slots | None]] = ContextVar("_WAITING", default=None)
"""The slots of which a call in flight has one, while it waits for what runs in this context, in whatever thread."""


class Slots:
    """Let a number of calls be in flight at once, and others wait for their turn.

    The number is small at first and doubles with each round of answers while the latency holds, up to `most`. A
    refusal (HTTP 429) halves it; from there it grows by one a round. Belongs to one event loop.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.width = min(FIRST_WIDTH, most)
        self._doubling_to = most
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._usual, self._sum, self._answers = math.inf, 0.0, 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot for one call."""
        await self._take()
        try:
            yield
        finally:
            self._taken -= 1
            self._let_in()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Tell, to what begins in the block, that the call in flight waits for it."""
        token = _WAITING.set(self)
        try:
            yield
        finally:
            _WAITING.reset(token)

    def answered(self, seconds: float) -> None:
        """Take note of how long an answer took, and widen at the end of a round whose latency held."""
        self._sum, self._answers = self._sum + seconds, self._answers + 1
        if self._answers < self.width:
            return
        latency = self._sum / self._answers
        if latency <= max(TOLERANCE * self._usual, self._usual + SLACK_SECONDS):
            further = 2 * self.width if self.width < self._doubling_to else self.width + 1
            self.width = min(further, self._most)
        self._usual = min(latency, self._usual * _FORGETTING)
        self._sum, self._answers = 0.0, 0
        self._let_in()

    def seconds(self, calls: int) -> float | None:
        """Return how long so many calls take at Box's latency, None before it is known."""
        return None if self._usual == math.inf else math.ceil(calls / self.width) * self._usual

    def refused(self) -> None:
        """Halve the width, since Box refuses calls."""
        self.width = self._doubling_to = max(1, self.width // 2)
        self._sum, self._answers = 0.0, 0

    async def _take(self) -> None:
        if self._taken < self.width:
            self._taken += 1
            return
        if self.width == 1 and _WAITING.get() is self:
            raise ProgrammingError(
                "an upload that waits for its progress function has the one call that may be in flight, so that the "
                "function may call nothing of Box; raise the property MaxConcurrency"
            )
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the slot was given and is not wanted any more
                self._taken -= 1
                self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and self._taken < self.width:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._taken += 1
