"""Sorted pages: rows in the order of an ORDER BY, as Box sorts them, or all rows of a listing, sorted here."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol

from box_dialect.engine.scan.concurrent_pages import Node, Row, ScanPage
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from box_dialect.engine.scan.row_maker import Row as TableRow

_CLASSES: Final = {type(None): 0, str: 2, bytes: 3}
"""How SQLite sorts values of several types; numbers come second."""


class SortedPages(Generic[Node, Row]):
    """Call `read` for each node in turn, and for all that the pages lead to; at most `width` calls at once.

    No more pages are read at once than it takes for the rows that are wanted, `wanted` in all and `page_rows` on a page
    at most, so that none is read in vain. Without `wanted` they are read one by one. Belongs to the event loop it is
    used on.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        read: Callable[[Node], Awaitable[ScanPage[Node, Row]]],
        width: int,
        wanted: int | None,
        page_rows: int,
    ) -> None:
        self._coming = deque(nodes)
        self._running: deque[asyncio.Future[ScanPage[Node, Row]]] = deque()
        self._read, self._width = read, width
        self._left, self._page_rows = wanted or 0, page_rows
        self._is_closed = False

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, None when there are no more; raises what a call raised, and cancels the others."""
        if self._is_closed:
            raise InternalError("a cancelled scan is read on; please report it")
        while not self.is_exhausted:
            self._start()
            try:
                page = await asyncio.shield(self._running[0])
            except Exception:
                await self.aclose()
                raise
            self._running.popleft()
            self._coming.extend(reversed(page.further))
            self._left -= len(page.rows)
            if page.rows:
                return page.rows
        return None

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return not (self._coming or self._running or self._is_closed)

    def ready_pages(self) -> list[list[Row]]:
        """Return no page: what was read ahead comes by `next_page`, in its order."""
        return []

    async def aclose(self) -> None:
        """Cancel what is in flight; who asks later gets an error rather than fewer rows."""
        self._is_closed = True
        running = tuple(self._running)
        self._coming.clear()
        self._running.clear()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _start(self) -> None:
        pages = min(max(1, -(-self._left // self._page_rows)), self._width)
        while self._coming and len(self._running) < pages:
            self._running.append(asyncio.ensure_future(self._read(self._coming.popleft())))


class _Pages(Protocol):
    """What gives the rows of a listing."""

    @property
    def is_exhausted(self) -> bool: ...
    async def next_page(self) -> list[TableRow] | None: ...
    async def aclose(self) -> None: ...


class SortedRows:
    """Give all rows of a listing sorted by the value at `place`, as SQLite does."""

    def __init__(self, pages: _Pages, place: int, *, reverse: bool) -> None:
        self._pages, self._place, self._reverse = pages, place, reverse

    async def next_page(self) -> list[TableRow] | None:
        """Return the rows at once, and None from then on; raises what a call raised."""
        rows: list[TableRow] = []
        while (page := await self._pages.next_page()) is not None:
            rows += page
        rows.sort(key=self._key, reverse=self._reverse)
        return rows or None

    def _key(self, row: TableRow) -> tuple[int, Any]:
        return _CLASSES.get(type(row[self._place]), 1), row[self._place]

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return self._pages.is_exhausted

    def ready_pages(self) -> list[list[TableRow]]:
        """Return no page: there is one only."""
        return []

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        await self._pages.aclose()
