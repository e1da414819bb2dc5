"""Begin what a statement is going to ask for before it asks, as many calls at once as may be in flight.

SQLite asks for the rows of an inner table only when it has the outer one's, and for the next branch of a UNION when it
is done with the one before. So a statement that has to wait is run dry, over what was read so far: what it comes to
that was not begun is begun, whatever leads there. How much that is grows with what was used of it: it is as many scans
as calls may be in flight at first, one where the statement has a LIMIT, and then twice as many as were used. So dry
runs grow with the logarithm of the rows.

What a dry run comes to behind a row that it had to invent, or behind a scan that was not read to its end, is a guess.
Sure scans go first, and guesses are counted for each plan by itself, so that wrong ones hold nothing up.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.engine.cache.downloads import MOST_BYTES_AHEAD, getter
from box_dialect.engine.prefetch.dry_run import DryRun

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterable

    from box_dialect.catalog.model import Remote
    from box_dialect.engine.cache.downloads import Get
    from box_dialect.engine.cache.shared_scan import RowPage, SharedScan
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.execution.statement import StatementScope
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.prefetch.dry_run import DryRunner, Noted
    from box_dialect.engine.scan.row_maker import Row
    from box_dialect.engine.tables.virtual_table import TableCursor

MOST_AHEAD: Final = 16_384
"""Scans that were noted and not used yet, at most."""

_ROWS_FILLED: Final = 1_000
"""Rows that are read ahead of a scan that nobody has come to; who has more of them asks for the rest."""

_ROWS_AHEAD: Final = 5_000
"""Rows that are read ahead of a cursor to find what they lead to."""

_SHARE_OF_CALLS: Final = 0.01
"""The part of MaxApiCalls that may go to what turns out not to be needed."""

_SHARE_OF_TIME: Final = 0.25
"""The part of a statement's time that dry runs may compute, however long that takes where others compute too."""

_SECONDS_AT_FIRST: Final = 0.05
"""The time that dry runs may take beyond that part."""


class Known(NamedTuple):
    """What is there of a scan: its rows, whether these are all, whether it was begun, and what reads it on.

    `has_skipped` tells that the rows begin with the one that the outer cursor stands on.
    """

    rows: Iterable[Row]
    is_whole: bool
    is_begun: bool
    reading: SharedScan | None = None
    has_skipped: bool = False


class Prefetch:
    """What one statement asks for ahead.

    `cursors` are those that follow a scan, the outermost first; `stage` is where the statement is run dry, None where
    that cannot be; `running` is what is in flight. Coroutines, and what is private to them, run on the event loop, all
    else on the statement's thread.
    """

    def __init__(self, statement: StatementScope) -> None:
        self.stage: DryRunner | None = None
        self.cursors: list[TableCursor] = []
        self.running: set[asyncio.Future[None]] = set()
        self._statement = statement
        self._ahead: dict[Hashable, Noted] = {}
        self._guesses: Counter[str] = Counter()
        self._guesses_used: Counter[str] = Counter()
        self._used = self._bytes = 0
        self._used_of: Counter[str] = Counter()
        self._ahead_of: Counter[str] = Counter()
        self._passed_before: dict[str, int] = {}
        self._sure: deque[Noted] = deque()
        self._guessed: deque[Noted] = deque()
        self._news, self._seen, self._fruitless = 0, -1, 0
        self._changed = asyncio.Event()
        self._awaited: Hashable = None
        self._has_several: bool | None = None
        self._began, self._seconds = time.monotonic(), 0.0

    def open(self, cursor: TableCursor, plan: Plan, arguments: tuple[Any, ...], session: Session) -> SharedScan:
        """Return the reading of a scan that the statement comes to, which the cursor is going to follow."""
        statement, key = self._statement, plan.scan_key(arguments)
        with statement.lock:
            self.leave(cursor)
            self._mark_outer()
            self.cursors.append(cursor)
            is_known = statement.knows(plan, arguments)
            is_lookup = not is_known and statement.wanting_index(plan, session) is not None
        if is_lookup and self._may_run_dry(session):  # how many keys come decides whether they are looked up or listed
            self._foresee(session)
        with statement.lock:
            if not is_known or key in self._ahead:
                self._use(key, plan.identity)
            self._awaited = key
            return statement.reading(plan, arguments, session)

    def leave(self, cursor: TableCursor) -> None:
        """Take note that a cursor follows no scan."""
        if cursor in self.cursors:
            self.cursors.remove(cursor)

    def after(self, reading: SharedScan, page: RowPage, session: Session) -> RowPage | None:
        """Return the page that follows another, None at the end; begin meanwhile what the statement is to ask for."""
        begin = partial(self._read_on, reading, page.end + 1, session)
        self._await(begin, partial(reading.has_after, page), session, reading)
        return reading.after(page)

    def download(self, remote: Remote, session: Session) -> bytes | None:
        """Return a value that is not in its row; begin meanwhile what the statement is to ask for."""
        downloads, key = self._statement.downloads, ("content", remote.path)
        if not downloads.known(remote)[0]:
            self._has_several = self.stage is not None
            with self._statement.lock:
                self._mark_outer()
                self._use(key, "content")
            self._awaited = key
            if self._may_run_dry(session):
                self._await(partial(self._get, remote, session), partial(downloads.is_ready, remote), session)
        return session.run(downloads.read, remote, self._getter(session))

    def _await(
        self,
        begin: Callable[[], None],
        is_done: Callable[[], bool],
        session: Session,
        awaited: SharedScan | None = None,
    ) -> None:
        """Wait for what one call begins and another tells of; begin meanwhile what the statement is to ask for."""
        while not is_done():
            if self._may_run_dry(session) and self._is_worth_it(session):
                session.portal.wake(begin)
                self._foresee(session, awaited)
            session.run(self._wait_for, begin, is_done, session)

    def read_so_far(self, plan: Plan, arguments: tuple[Any, ...], *, is_first: bool) -> Known:
        """Return what is there of a scan, for a dry run; `is_first` tells that no other was begun there before."""
        statement = self._statement
        with statement.lock:
            reading = statement.begun(plan, arguments)
            if reading is None:
                known = statement.known_rows(plan, arguments)
                return Known((), False, False) if known is None else Known(known, True, True)
            rows: Iterable[Row] = ()
            follower = next((each for each in self.cursors if each.reading is reading and each.row is not None), None)
            is_outer = is_first and follower is not None and follower is self.cursors[0] and follower.is_looped
            if follower is not None and (reading.first is None or is_outer):
                rows = follower.rows_from_here()  # what lies before it is not gone through again, or was let go
            elif reading.first is not None:
                rows = reading.rows()
            else:
                return Known((), False, True)
            return Known(rows, reading.is_finished, True, reading, is_outer)

    def may_read_on(self, reading: SharedScan) -> bool:
        """Tell whether a scan is not read too far ahead of the cursor that follows it."""
        places = [cursor.place for cursor in self.cursors if cursor.reading is reading]
        return reading.end - min(places, default=0) < _ROWS_AHEAD

    @property
    def bytes_left(self) -> int:
        """How many bytes of values may be downloaded ahead yet."""
        return MOST_BYTES_AHEAD - self._bytes

    def most_of(self, group: str) -> float:
        """Return how many scans more of a plan may be noted, by what the rows so far took of the LIMIT."""
        row_limit = self._statement.context.row_limit
        if row_limit.limit is None:
            return inf
        used, since = self._used_of.get(group, 0), self._passed_before.get(group, 0)
        left = row_limit.calls_left(used - 1, since)
        return (2 * (used - 1) if left is None else left - 1) - self._ahead_of[group]

    def is_noted(self, key: Hashable) -> bool:
        """Tell whether a scan was noted before, and not used yet, or is what the statement waits for."""
        return key in self._ahead or key == self._awaited

    @property
    def scans_ahead(self) -> int:
        """How many scans were noted and not used yet."""
        return len(self._ahead)

    def may_guess(self, group: str, made: Counter[str], session: Session) -> bool:
        """Tell whether a dry run that has made so many guesses, by their groups, may make another."""
        most = max(session.properties.max_concurrency // 4, 2 * self._guesses_used[group])
        unneeded = self._guesses.total() + made.total()
        return self._guesses[group] + made[group] < most and unneeded < self._most_unneeded

    def lacks_keys(self, plan: Plan, arguments: tuple[Any, ...], session: Session) -> bool:
        """Take note of a lookup; tell whether more of them may make a listing of the table the cheaper way."""
        directory = self._statement.wanting_index(plan, session)
        if directory is None or self._statement.context.row_limit.limit is not None:
            return False
        directory.expect(directory.keys(arguments[0]) or ())
        return directory.lacks_keys

    async def fill(self, plan: Plan, arguments: tuple[Any, ...], session: Session) -> None:
        """Read the beginning of a scan ahead, unless the statement has come to it."""
        statement = self._statement
        with statement.lock:
            if statement.knows(plan, arguments):
                return
            reading = statement.reading(plan, arguments, session)
        rows = reading.wanted = plan.wanted_rows(arguments) or _ROWS_FILLED
        await reading.fill(rows)

    async def get(self, remote: Remote, session: Session) -> None:
        """Download a value ahead."""
        await self._statement.downloads.get_ahead(remote, self._getter(session))
        self.tell()

    def tell(self) -> None:
        """Take note of news, on the event loop: rows or a value came, a scan ended, or one failed."""
        self._news += 1
        self._changed.set()

    def _getter(self, session: Session) -> Get:
        return getter(session.client, self._statement.context.count)

    def _mark_outer(self) -> None:
        """Take note that something is asked for in the loop of each row that a cursor stands on."""
        for cursor in self.cursors:
            cursor.has_inner = cursor.has_inner or cursor.row is not None

    def _use(self, key: Hashable, group: str) -> None:
        """Take note that the statement has come to what takes a call, perhaps one that was foreseen."""
        self._passed_before.setdefault(group, self._statement.context.row_limit.passed)
        self._used_of[group] += 1
        noted = self._ahead.pop(key, None)
        self._bytes -= 0 if noted is None else noted.size
        self._ahead_of[group] -= noted is not None
        if noted is not None and noted.is_guess:
            self._guesses[noted.group] -= 1
            self._guesses_used[noted.group] += 1
        else:
            self._used += 1
        if noted is None:
            self._fruitless = 0  # a dry run might have come to it

    def _may_run_dry(self, session: Session) -> bool:
        """Tell whether the statement is one that can be run dry, and has anything to foresee."""
        if self._has_several is None:
            self._has_several = self.stage is not None and self.stage.has_several_scans()
        return self._has_several and self.stage is not None and session.dry_run is None

    def _is_worth_it(self, session: Session) -> bool:
        """Tell whether there is news, too little in flight, and time for a dry run; on any thread."""
        if not self._has_several or self._news - self._seen < 1 << min(self._fruitless, 16):
            return False
        waiting = len(self.running) + len(self._sure) + len(self._guessed)
        is_short = waiting < 2 * session.properties.max_concurrency
        return is_short and self._allowance(session) > 0 and self._seconds_left() > 0

    def _seconds_left(self) -> float:
        """Return how long dry runs may take now."""
        return _SECONDS_AT_FIRST + _SHARE_OF_TIME * (time.monotonic() - self._began) - self._seconds

    @property
    def _most_unneeded(self) -> float:
        """How many calls may be made that turn out not to be needed."""
        most = self._statement.context.count.most
        return int(most * _SHARE_OF_CALLS) if most else inf

    def _allowance(self, session: Session) -> int:
        """Return how many scans more may be noted; with a LIMIT, none is sure to be needed."""
        width, row_limit = session.properties.max_concurrency, self._statement.context.row_limit
        has_limit = self.stage is not None and self.stage.has_limit
        most = max(1 if has_limit else width, 2 * (self._used - 1))  # the outermost scan gives none of the rows
        unneeded = self._most_unneeded - len(self._ahead) if has_limit else inf
        if row_limit.limit is not None:
            return int(min(max(map(self.most_of, [*self._used_of]), default=0), unneeded))
        if not self._statement.has_room:
            most = min(most, 2 * width)
        return int(min(min(most, MOST_AHEAD) - len(self._ahead), unneeded))

    def _foresee(self, session: Session, awaited: SharedScan | None = None) -> None:
        """Run the statement dry, and queue what it comes to that was not begun; `awaited` is what it waits for."""
        self._seen = self._news
        dry_run = self._run_dry(session, awaited)
        if awaited is not None and not dry_run.has_met and dry_run.has_skipped:
            # The outer cursor belongs to a subquery that is through, though it stands on a row, as one with a LIMIT.
            self.cursors[0].is_through = True
            dry_run = self._run_dry(session, awaited)
        found = dry_run.noted
        is_of_use = found or any(reading is not awaited for reading in dry_run.unfinished)
        self._fruitless = 0 if is_of_use else self._fruitless + 1
        for noted in found:
            self._ahead[noted.key] = noted
            self._bytes += noted.size
            self._ahead_of[noted.group] += 1
            self._guesses[noted.group] += noted.is_guess
            (self._guessed if noted.is_guess else self._sure).append(noted)
        session.portal.wake(partial(self._go_on, [*dry_run.unfinished], session))

    def _run_dry(self, session: Session, awaited: SharedScan | None) -> DryRun:
        most, began = self._allowance(session), time.thread_time()
        stage, deadline = self.stage, began + max(self._seconds_left(), _SECONDS_AT_FIRST)
        dry_run = DryRun(self, session, awaited, most, deadline, writes=stage is not None and stage.writes)
        if stage is None or stage.run(dry_run):
            self._has_several = False
        self._seconds += time.thread_time() - began
        return dry_run

    def _go_on(self, unfinished: Iterable[SharedScan], session: Session) -> None:
        """Read on what a dry run came to the end of, and begin what is queued."""
        for reading in unfinished:
            self._read_on(reading, reading.end + 1, session)
        self._begin(session)

    def _begin(self, session: Session) -> None:
        """Begin what is queued, the sure first, as far as calls may be in flight."""
        while self._statement.is_in_use and len(self.running) < session.properties.max_concurrency:
            queue = self._sure or self._guessed
            if not queue:
                return
            noted = queue.popleft()
            if noted.key in self._ahead:  # the statement has not come to it meanwhile
                self._run(noted.begin(), session)

    def _read_on(self, reading: SharedScan, rows: int, session: Session) -> None:
        """Read a scan until that many rows were read, where nothing does so already."""
        if reading.wanted < rows and self._statement.is_in_use:
            reading.wanted = rows
            self._run(reading.fill(rows), session)

    def _run(self, work: Coroutine[Any, Any, None], session: Session) -> None:
        """Run what reads ahead; when it ends, there may be more to begin."""
        task = asyncio.ensure_future(work)

        def ended(task: asyncio.Future[None]) -> None:
            self.running.discard(task)
            if not task.cancelled():
                self._begin(session)

        self.running.add(task)
        task.add_done_callback(ended)

    def _get(self, remote: Remote, session: Session) -> None:
        """Download a value, where nothing does so already."""
        if not self._statement.downloads.is_begun(remote) and self._statement.is_in_use:
            self._run(self.get(remote, session), session)

    async def _wait_for(self, begin: Callable[[], None], is_done: Callable[[], bool], session: Session) -> None:
        """Wait for something, or until there is news for a dry run."""
        begin()
        self._begin(session)
        while not is_done() and not self._is_worth_it(session):
            self._changed.clear()
            left = self._seconds_left()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), None if left > 0 else -left / _SHARE_OF_TIME)
