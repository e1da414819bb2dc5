"""Shared scan: the rows of one scan as a chain of pages, which grows on demand and which any cursors may follow."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Final

from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from box_dialect.engine.cache.key_index import KeyLookup
    from box_dialect.engine.scan.indexed_scan import IndexedScan
    from box_dialect.engine.scan.row_maker import Row
    from box_dialect.engine.scan.scan import Scan


class RowPage:
    """A page of rows in a linked list; `start` is the number of rows before them.

    A page refers to the next one only, so that what every cursor has passed is freed.
    """

    __slots__ = ("following", "rows", "start")

    def __init__(self, rows: Sequence[Row], start: int) -> None:
        self.rows, self.start = rows, start
        self.following: RowPage | None = None

    @property
    def end(self) -> int:
        """The number of rows up to its end."""
        return self.start + len(self.rows)


_NO_PAGE: Final = RowPage((), 0)


class SharedScan:
    """A scan that runs once, whoever asks for its rows, and as far as somebody asks.

    `first` is where its chain begins, an empty page; None when the beginning was let go, so that a cursor that comes
    later has to read anew. Without a scan the `rows` are known. `keep` is told with each page how many more values are
    held on to, and calls `let_go()` where these are too many; those of one row are `width`, and `most_values` the most
    that this scan may have. `tell` is called on the event loop when rows came, the scan ended, or it failed.
    `wanted` is how many rows somebody reads on to.

    `take()` and `let_go()` need the lock of the scan cache. What follows the pages runs on the event loop.
    """

    def __init__(
        self,
        scan: Scan | IndexedScan | KeyLookup | None,
        width: int,
        most_values: int,
        keep: Callable[[SharedScan, int], None],
        tell: Callable[[], None],
        rows: Sequence[Row] = (),
    ) -> None:
        self.first: RowPage | None = RowPage((), 0)
        self._last = self.first
        self._scan, self._width, self._keep, self._tell = scan, width, keep, tell
        self.most_values = most_values
        self._problem: Exception | None = None
        self._lock = asyncio.Lock()
        self.wanted = 0
        self.followers = 0
        self.is_kept = True
        self.is_finished = scan is None
        if rows:
            self._append(rows)

    @property
    def end(self) -> int:
        """How many rows were read so far."""
        return self._last.end

    @property
    def values(self) -> int:
        """How many values the rows that were read so far have."""
        return self.end * self._width

    def rows(self) -> Iterator[Row]:
        """Give the rows that are there and held on to."""
        page = self.first
        while page is not None:
            yield from page.rows
            page = page.following

    def take(self) -> RowPage:
        """Return the page that a new cursor follows the chain from; the scan must still have its beginning."""
        page = self.first
        if page is None:
            raise InternalError("a scan is followed whose beginning was let go; please report it")
        self.followers += 1
        if not self.is_kept:
            self.first = None
        return page

    def let_go(self) -> None:
        """Hold on to no page any more that a cursor follows; what nobody has taken yet is held until somebody does."""
        self.is_kept = False
        if self.followers:
            self.first = None

    async def follow(self, page: RowPage) -> RowPage | None:
        """Return the page after another, None at the end; raises what the scan raised."""
        async with self._lock:
            if self._scan is not None and page.following is None and not self.is_finished:
                if self._problem is not None:
                    raise copy.copy(self._problem)
                try:
                    rows = await self._scan.next_page()
                except Exception as problem:
                    self._problem = copy.copy(problem)  # the traceback of this one refers to the shared scan
                    self._tell()
                    raise
                if rows is None:
                    self.is_finished = True
                else:
                    # A thread that waits for each page takes longer than one that finds the next one there.
                    for each in (rows, *self._scan.ready_pages()):
                        self._append(each)
                    self._tell()
                    self.is_finished = self._scan.is_exhausted
                if self.is_finished:
                    self._scan = None  # it takes more memory than a few rows
                    self._tell()
        return page.following

    def has_after(self, page: RowPage) -> bool:
        """Tell whether what comes after a page is known: another one, the end, or a failure."""
        return page.following is not None or self.is_finished or self._problem is not None

    def after(self, page: RowPage) -> RowPage | None:
        """Return the page after another, None at the end, once that is known; raises what the scan raised."""
        if page.following is None and not self.is_finished and self._problem is not None:
            raise copy.copy(self._problem)
        return page.following

    async def fill(self, rows: int) -> None:
        """Read on until that many rows were read; a failure is raised only to who follows the pages to it."""
        while not self.is_finished and self._problem is None and self.end < rows:
            try:
                await self.follow(self._last)
            except Exception:  # noqa: BLE001 - kept for who follows
                return

    async def aclose(self) -> None:
        """Cancel what is in flight; nobody follows any more."""
        self._problem = self._problem or InternalError("a cancelled scan is read on; please report it")
        if self._scan is not None:
            await self._scan.aclose()

    def _append(self, rows: Sequence[Row]) -> None:
        page = RowPage(rows, self.end)
        if self.is_kept:
            self._keep(self, len(rows) * self._width)
        self._last.following = page
        self._last = page


class Position:
    """Where a cursor stands in a shared scan.

    `row` is the row that it stands on, None before the first and after the last. `has_inner` tells that something is
    asked for in the loop of its rows, `is_through` that it belongs to a subquery which asks for no more of them.
    """

    def __init__(self) -> None:
        self.scan: SharedScan | None = None
        self.row: Row | None = None
        self.has_inner = self.is_through = False
        self._page = _NO_PAGE
        self._rows: Sequence[Row] = ()
        self._next = 0

    @property
    def is_looped(self) -> bool:
        """Whether something is asked for in the loop of its rows."""
        return self.has_inner and not self.is_through

    @property
    def place(self) -> int:
        """The number of the next row in its scan."""
        return self._page.start + self._next

    def rows_from_here(self) -> Iterator[Row]:
        """Give the row that the cursor stands on, and those behind it that are there."""
        page: RowPage | None = self._page
        place = max(self._next - 1, 0)
        while page is not None:
            yield from page.rows[place:]
            page, place = page.following, 0

    def pass_page(self) -> Sequence[Row]:
        """Go to the last row of the page, and return those from the next one on to it."""
        rows = self._rows[self._next :]
        if rows:
            self._next, self.row = len(self._rows), rows[-1]
        return rows

    def begin(self, scan: SharedScan) -> None:
        """Begin before the first row of a scan; needs the lock of the scan cache."""
        self.scan, self._page = scan, scan.take()
        self._rows = self._page.rows

    def turn_to(self, page: RowPage) -> None:
        """Go to the beginning of a page."""
        self._page, self._rows, self._next = page, page.rows, 0

    def end(self) -> SharedScan | None:
        """Follow no scan any more; return the one that was followed."""
        scan, self.scan = self.scan, None
        self.row, self._rows, self._page, self._next = None, (), _NO_PAGE, 0
        self.has_inner = self.is_through = False
        return scan
