"""Read-ahead: which ranges of a content are fetched for the reads of a file, and kept for its next ones.

A read here and there fetches little more than itself. Where reads follow each other, more and more is fetched with
each, and the next range while this one is worked on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from box_dialect.api.remote_content import RemoteContent

BLOCK: Final = 64 << 10
"""Bytes that are fetched at least; shorter reads get whole blocks, since others mostly follow near by."""

MOST_BYTES_AT_ONCE: Final = 8 << 20
"""Bytes that are fetched at most for a read that asks for fewer."""

MOST_BYTES_KEPT: Final = 16 << 20
"""Bytes that are kept at most of what was fetched."""

_READS_IN_ORDER: Final = 2
"""After how many reads that followed each other the next one is thought to do so, too."""


class Span(Struct, frozen=True):
    """Bytes of a content, and where they begin."""

    start: int
    data: bytes

    @property
    def stop(self) -> int:
        """Where they end."""
        return self.start + len(self.data)


class ReadAhead:
    """What is fetched of a content for one reader. Belongs to the event loop; one call after another."""

    def __init__(self, content: RemoteContent) -> None:
        self._content = content
        self._kept: deque[Span] = deque()
        self._end = -1
        self._in_order = 0
        self._ahead: tuple[int, int, asyncio.Task[bytes]] | None = None

    async def span(self, position: int, size: int) -> Span:
        """Return a span with the byte at a position and, unless it is kept, so many from there as the content has.

        Raises what a call raises.
        """
        self._in_order = self._in_order + 1 if position == self._end else 0
        found = next((each for each in self._kept if each.start <= position < each.stop), None)
        if found is None:
            found = await self._fetched(position, size)
            self._keep(found)
        self._end = found.stop
        return found

    async def aclose(self) -> None:
        """Cancel what is in flight, and let go of what is kept."""
        self._kept.clear()
        await self._cancel()

    async def _cancel(self) -> None:
        if self._ahead is not None:
            task, self._ahead = self._ahead[2], None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _fetched(self, position: int, size: int) -> Span:
        if self._ahead is not None and self._ahead[0] <= position < self._ahead[1]:
            (start, stop, task), self._ahead = self._ahead, None
            span = Span(start, await task)
        else:
            await self._cancel()
            start, stop = self._range(position, size)
            span = Span(start, await self._content.read(start, stop))
        if self._in_order >= _READS_IN_ORDER and stop < self._content.size:
            following = min(stop + max(self._most_ahead(), size), self._content.size)
            task = asyncio.create_task(self._content.read(stop, following))
            task.add_done_callback(_known)  # also where nobody comes to read it
            self._ahead = (stop, following, task)
        return span

    def _range(self, position: int, size: int) -> tuple[int, int]:
        """Return the range that is fetched for a read."""
        start, stop = position, position + size
        if self._in_order >= _READS_IN_ORDER or (self._in_order and size < BLOCK):
            stop = max(stop, start + self._most_ahead())
        elif size < BLOCK:
            start, stop = start - start % BLOCK, -(-stop // BLOCK) * BLOCK
        return start, min(stop, self._content.size)

    def _most_ahead(self) -> int:
        return min(BLOCK << min(self._in_order, 10), MOST_BYTES_AT_ONCE)

    def _keep(self, span: Span) -> None:
        self._kept.append(span)
        while sum(len(each.data) for each in self._kept) > MOST_BYTES_KEPT:
            self._kept.popleft()


def _known(task: asyncio.Task[bytes]) -> None:
    """Take note of what a task raised, which is raised to who reads what it fetched."""
    if not task.cancelled():
        task.exception()
