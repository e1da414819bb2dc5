"""Concurrent pages: a growing set of listings, read concurrently as one stream of pages, on demand.

The nodes yet to be read are a stack: what a page leads to is read before what was there already, so that it stays
small. One listing is read at a time until the consumer comes back for more, then four times as many, up to the limit.
With a LIMIT it is one until the consumer comes back twice, then twice as many, none ahead of the consumer, and never
more than are thought to be needed: `LIMIT 10` costs what ten rows cost, a sum over everything runs at full width.
Without one all that are known from the beginning go at once, and so does everything where all rows are wanted.
"""

from __future__ import annotations

import asyncio
import copy
from collections import deque
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from msgspec import Struct

from box_dialect.engine.scan.lanes import Lanes
from box_dialect.engine.scan.row_limit import RowLimit
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable

_GROWTH: Final = 4

_ROWS_AHEAD: Final = 1_000
"""Rows that nobody has taken yet from which on no call is begun, since large pages come one ahead."""

Node = TypeVar("Node")
Row = TypeVar("Row")


class ScanPage(Struct, Generic[Node, Row]):
    """What one call gave: rows, and what it leads to, the next to read last."""

    rows: list[Row]
    further: list[Node]


class ConcurrentPages(Generic[Node, Row]):
    """Call `read` for each node, and for all that the pages lead to; at most `width` calls at once.

    Pages come as they arrive, so their order is that of the nodes only where each leads to one more. Those of several
    lanes, by `lane_of` a node, are read side by side. The `last` ones are read when all others are. Belongs to the
    event loop it is used on.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        read: Callable[[Node], Awaitable[ScanPage[Node, Row]]],
        width: int,
        row_limit: RowLimit | None = None,
        *,
        last: Iterable[Node] = (),
        all_wanted: bool = False,
        lane_of: Callable[[Node], Hashable] = lambda _: None,
    ) -> None:
        self._nodes, self._last = Lanes(list(nodes)[::-1], lane_of), list(last)
        if not self._nodes:
            self._begin_last()
        self._read, self._most = read, width
        self._row_limit = row_limit or RowLimit()
        at_first = width if all_wanted else max(1, min(len(self._nodes), width))
        self._width = 1 if self._row_limit.limit is not None else at_first
        self._taken = 0
        self._most_taken = inf
        self._since = self._row_limit.passed
        self._running: set[asyncio.Future[ScanPage[Node, Row]]] = set()
        self._ready: deque[list[Row]] = deque()
        self._problem: BaseException | None = None
        self._waiting: asyncio.Event | None = None
        self._was_fruitless = False
        self._asked = 0

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, None when there are no more; raises what a call raised, and cancels the others."""
        if self._asked >= (1 if self._row_limit.limit is None else 2) and not self._ready:
            self._widen()
        self._asked += 1
        left = self._row_limit.calls_left(self._taken, self._since)
        self._most_taken = inf if left is None else self._taken + left
        while not self._ready:
            if self._problem is not None:
                await self.aclose()
                raise copy.copy(self._problem)  # whose traceback is going to refer to this object
            if self.is_exhausted:
                return None
            self._waiting = asyncio.Event()
            try:
                self._start()
                await self._waiting.wait()
            finally:
                self._waiting = None
        rows = self._ready.popleft()
        self._taken += 1
        self._start()
        return rows

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return not (self._nodes or self._last or self._running or self._ready or self._problem)

    def ready_pages(self) -> list[list[Row]]:
        """Return the pages that are there already."""
        pages = list(self._ready)
        self._ready.clear()
        self._taken += len(pages)
        if pages:
            self._start()
        return pages

    async def aclose(self) -> None:
        """Cancel what is in flight; whoever waits for it, or asks later, gets an error rather than fewer rows."""
        self._problem = self._problem or InternalError("a cancelled scan is read on; please report it")
        if self._waiting is not None:
            self._waiting.set()
        self._width = 0
        self._nodes.clear()
        self._last.clear()
        self._ready.clear()
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _widen(self) -> None:
        self._width = min((_GROWTH if self._row_limit.limit is None else 2) * self._width, self._most)

    def _start(self) -> None:
        """Begin calls while there is room: one at least for a waiting consumer, ahead of it only beyond width one."""
        if self._waiting is None and self._row_limit.limit is not None:
            return  # the rows that were taken may be all that LIMIT wants
        pages = max(self._width - 1, 0 if self._waiting is None else 1)
        room = _ROWS_AHEAD - sum(map(len, self._ready)) if len(self._ready) < pages else 0
        width = min(self._width, self._most_taken - self._taken - len(self._ready))
        while room > 0 and self._nodes and len(self._running) < width:
            node = self._nodes.pop()
            task = asyncio.ensure_future(self._read(node))
            self._running.add(task)
            task.add_done_callback(partial(self._finished, node))

    def _finished(self, node: Node, task: asyncio.Future[ScanPage[Node, Row]]) -> None:
        self._running.discard(task)
        self._nodes.done(node)
        problem = InternalError("a scan was cancelled; please report it") if task.cancelled() else task.exception()
        if problem is not None:
            self._problem = self._problem or problem
            self._nodes.clear()
            self._last.clear()
        elif self._problem is None:
            self._take(task.result())
            if not (self._nodes or self._running):
                self._begin_last()
        if self._waiting is not None and (self._ready or self._problem or not (self._nodes or self._running)):
            self._waiting.set()
        if self._problem is None:
            self._start()

    def _begin_last(self) -> None:
        self._nodes.extend(self._last)
        self._last.clear()

    def _take(self, page: ScanPage[Node, Row]) -> None:
        self._nodes.extend(page.further)
        if page.rows:
            self._ready.append(page.rows)
            self._was_fruitless = False
        elif self._row_limit.limit is None or not page.further:
            # One page without rows may be a root folder that holds folders only; two are a search for rows. For the
            # few that LIMIT wants, what a page leads to is tried first.
            if self._was_fruitless:
                self._widen()
            self._was_fruitless = True
