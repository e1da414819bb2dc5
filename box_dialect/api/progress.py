"""Progress: tell a caller how many bytes of a transfer are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.api.caller import called
from box_dialect.api.source import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractContextManager

    from box_dialect.api.source import Buffer


class Progress:
    """Tell a function how many bytes are done, and how many there are, None where that is not known.

    It is called in a worker thread, once at a time, and for each number once: what is sent again is not told again.
    """

    def __init__(self, function: Callable[[int, int | None], None] | None, size: int | None) -> None:
        self._function, self._size = function, size
        self._done = 0

    async def reached(self, done: int) -> None:
        """Tell that so many bytes are done; raises what the function raises, as `called` does."""
        if self._function is not None and done > self._done:
            self._done = done
            await called(self._function, done, self._size)


class Reported(Source):
    """A source of which it is told how far it was sent, while the call that sends it is `waiting`."""

    def __init__(self, source: Source, progress: Progress, waiting: Callable[[], AbstractContextManager[None]]) -> None:
        self._source, self._progress, self._waiting = source, progress, waiting
        self.size = source.size

    async def pieces(self) -> AsyncIterator[Buffer]:
        """Give the pieces of the source."""
        done = 0
        async for piece in self._source.pieces():
            yield piece
            done += len(piece)
            with self._waiting():
                await self._progress.reached(done)
