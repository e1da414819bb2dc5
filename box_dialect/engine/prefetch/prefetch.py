"""Prefetch: begin what a statement is going to ask for before it asks, as many calls at once as may be in flight.

SQLite asks for the rows of an inner table only when it has the outer one's, and for the next branch of a UNION when it
is done with the one before. So a statement that has to wait is run dry, over what was read so far: what it comes to
that was not begun is begun, whatever leads there, as far as the prefetch window allows. That grows with what was used,
so dry runs grow with the logarithm of the rows.

What a dry run comes to behind a row that it had to invent, or behind a scan that was not read to its end, is a guess.
Sure scans go first.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Remote
from box_dialect.engine.cache.downloads import getter
from box_dialect.engine.documents.document_files import DocumentFile
from box_dialect.engine.documents.document_store import key_of
from box_dialect.engine.prefetch.dry_run import DryRun
from box_dialect.engine.prefetch.window import PrefetchWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterable

    from box_dialect.engine.cache.downloads import Downloads, Get, Value
    from box_dialect.engine.cache.scan_cache import ScanCache
    from box_dialect.engine.cache.shared_scan import Position, RowPage, SharedScan
    from box_dialect.engine.documents.document_store import DocumentStore
    from box_dialect.engine.documents.stored_document import StoredDocument
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.prefetch.dry_runner import DryRunner
    from box_dialect.engine.prefetch.window import Noted, ScanAsked
    from box_dialect.engine.runtime import Runtime

_ROWS_FILLED: Final = 1_000
"""Rows that are read ahead of a scan that nobody has come to; who has more of them asks for the rest."""

_SHARE_OF_TIME: Final = 0.25
"""The part of a statement's time that dry runs may compute, however long that takes where others compute too."""

_SECONDS_AT_FIRST: Final = 0.05
"""The time that dry runs may take beyond that part."""


class Prefetch:
    """What one statement asks for ahead.

    `dry_runner` is where the statement is run dry, None where that cannot be; `running` is what is in flight.
    Coroutines, and what is private to them, run on the event loop, all else on the statement's thread.
    """

    def __init__(self, runtime: Runtime, cache: ScanCache, downloads: Downloads, documents: DocumentStore) -> None:
        self.dry_runner: DryRunner | None = None
        self.running: set[asyncio.Future[None]] = set()
        self._runtime, self._cache, self._downloads, self._documents = runtime, cache, downloads, documents
        self._window = PrefetchWindow(cache, runtime.width)
        self._sure: deque[Noted] = deque()
        self._guessed: deque[Noted] = deque()
        self._news, self._seen, self._fruitless = 0, -1, 0
        self._changed = asyncio.Event()
        self._has_several: bool | None = None
        self._began, self._seconds = time.monotonic(), 0.0
        cache.on_news = documents.on_news = self.tell

    def open(self, position: Position, plan: Plan, arguments: tuple[Any, ...]) -> SharedScan:
        """Return the scan that the statement comes to, which the cursor at a position is going to follow."""
        cache, key = self._cache, plan.scan_key(arguments)
        with cache.lock:
            self.leave(position)
            self._mark_outer()
            cache.positions.append(position)
            is_known = cache.knows(plan, arguments)
            is_lookup = not is_known and cache.wanting_index(plan, arguments) is not None
        if is_lookup and self._may_run_dry():  # how many keys come decides whether they are looked up or listed
            self._foresee()
        with cache.lock:
            if not is_known or key in self._window:
                self._use(key, plan.identity)
            self._window.awaited = key
            return cache.scan(plan, arguments)

    def leave(self, position: Position) -> None:
        """Take note that a cursor follows no scan."""
        if position in self._cache.positions:
            self._cache.positions.remove(position)

    def after(self, scan: SharedScan, page: RowPage) -> RowPage | None:
        """Return the page that follows another, None at the end; begin meanwhile what the statement is to ask for."""
        self._await(partial(self._read_on, scan, page.end + 1), partial(scan.has_after, page), scan)
        return scan.after(page)

    def download(self, remote: Remote) -> Value:
        """Return a value that is not in its row; begin meanwhile what the statement is to ask for."""
        downloads, key = self._downloads, ("content", remote.key)
        if not downloads.known(remote)[0]:
            self._has_several = self.dry_runner is not None
            with self._cache.lock:
                self._mark_outer()
                self._use(key, "content")
            self._window.awaited = key
            if self._may_run_dry():
                self._await(partial(self._get, remote), partial(downloads.is_ready, remote))
        is_there, value = downloads.taken(remote)
        if not is_there:
            value = self._runtime.run(downloads.read, remote, self._getter())
        return value

    def document(self, file: DocumentFile) -> StoredDocument | None:
        """Return the document of a file; begin meanwhile what the statement is to ask for."""
        documents, key = self._documents, ("document", key_of(file))
        if not documents.is_ready(file):
            self._has_several = self.dry_runner is not None
            with self._cache.lock:
                self._mark_outer()
                self._use(key, "document")
            self._window.awaited = key
            if self._may_run_dry():
                self._await(partial(self._begin_document, file), partial(documents.is_ready, file))
        return self._runtime.run(documents.fetch, file)

    @property
    def scans_ahead(self) -> int:
        """How many scans were noted and not used yet."""
        return len(self._window)

    def is_noted(self, key: Hashable) -> bool:
        """Tell whether a scan was noted before, and not used yet, or is what the statement waits for."""
        return self._window.is_noted(key)

    def tell(self) -> None:
        """Take note of news, on the event loop: rows or a value came, a scan ended, or one failed."""
        self._news += 1
        self._changed.set()

    def _await(self, begin: Callable[[], None], is_done: Callable[[], bool], awaited: SharedScan | None = None) -> None:
        """Wait for what one call begins and another tells of; begin meanwhile what the statement is to ask for."""
        while not is_done():
            if self._may_run_dry() and self._is_worth_it():
                self._runtime.wake(begin)
                self._foresee(awaited)
            self._runtime.run(self._wait_for, begin, is_done)

    def _getter(self) -> Get:
        return getter(self._runtime.client, self._cache.context)

    def _mark_outer(self) -> None:
        """Take note that something is asked for in the loop of each row that a cursor stands on."""
        for each in self._cache.positions:
            each.has_inner = each.has_inner or each.row is not None

    def _use(self, key: Hashable, group: str) -> None:
        """Take note that the statement has come to what takes a call, perhaps one that was foreseen."""
        if not self._window.use(key, group):
            self._fruitless = 0  # a dry run might have come to it

    def _may_run_dry(self) -> bool:
        """Tell whether the statement is one that can be run dry, and has anything to foresee."""
        if self._has_several is None:
            self._has_several = self.dry_runner is not None and self.dry_runner.has_several_scans()
        return self._has_several and self.dry_runner is not None and not self.dry_runner.is_running

    def _is_worth_it(self) -> bool:
        """Tell whether there is news, too little in flight, and time for a dry run; on any thread."""
        if not self._has_several or self._news - self._seen < 1 << min(self._fruitless, 16):
            return False
        waiting = len(self.running) + len(self._sure) + len(self._guessed)
        return waiting < 2 * self._runtime.width and self._most_noted > 0 and self._seconds_left() > 0

    @property
    def _most_noted(self) -> int:
        """How many scans more may be noted."""
        return self._window.size(has_limit=self.dry_runner is not None and self.dry_runner.has_limit)

    def _seconds_left(self) -> float:
        """Return how long dry runs may take now."""
        return _SECONDS_AT_FIRST + _SHARE_OF_TIME * (time.monotonic() - self._began) - self._seconds

    def _foresee(self, awaited: SharedScan | None = None) -> None:
        """Run the statement dry, and queue what it comes to that was not begun; `awaited` is what it waits for."""
        self._seen = self._news
        dry_run = self._run_dry(awaited)
        if awaited is not None and not dry_run.has_met and dry_run.has_skipped:
            # The outer cursor belongs to a subquery that is through, though it stands on a row, as one with a LIMIT.
            self._cache.positions[0].is_through = True
            dry_run = self._run_dry(awaited)
        found = dry_run.noted
        is_of_use = found or any(scan is not awaited for scan in dry_run.unfinished)
        self._fruitless = 0 if is_of_use else self._fruitless + 1
        for noted in found:
            self._window.add(noted)
            (self._guessed if noted.is_guess else self._sure).append(noted)
        self._runtime.wake(partial(self._go_on, [*dry_run.unfinished]))

    def _run_dry(self, awaited: SharedScan | None) -> DryRun:
        began, runner = time.thread_time(), self.dry_runner
        dry_run = DryRun(
            self._cache,
            self._downloads,
            self._window,
            most=self._most_noted,
            deadline=began + max(self._seconds_left(), _SECONDS_AT_FIRST),
            writes=runner is not None and runner.writes,
            awaited=awaited,
        )
        if runner is None or runner.run(dry_run):
            self._has_several = False
        self._seconds += time.thread_time() - began
        return dry_run

    def _go_on(self, unfinished: Iterable[SharedScan]) -> None:
        """Read on what a dry run came to the end of, and begin what is queued."""
        for scan in unfinished:
            self._read_on(scan, scan.end + 1)
        self._begin()

    def _begin(self) -> None:
        """Begin what is queued, the sure first, as far as calls may be in flight."""
        while self._cache.is_in_use and len(self.running) < self._runtime.width:
            queue = self._sure or self._guessed
            if not queue:
                return
            noted = queue.popleft()
            if noted.key in self._window:  # the statement has not come to it meanwhile
                self._run(self._ahead(noted.asked))

    def _ahead(self, asked: Remote | DocumentFile | ScanAsked) -> Coroutine[Any, Any, None]:
        """Return what reads ahead what was noted."""
        if isinstance(asked, Remote):
            return self._download_ahead(asked)
        return self._documents.fetch_ahead(asked) if isinstance(asked, DocumentFile) else self._fill(asked)

    def _read_on(self, scan: SharedScan, rows: int) -> None:
        """Read a scan until that many rows were read, where nothing does so already."""
        if scan.wanted < rows and self._cache.is_in_use:
            scan.wanted = rows
            self._run(scan.fill(rows))

    def _get(self, remote: Remote) -> None:
        """Download a value, where nothing does so already."""
        if not self._downloads.is_begun(remote) and self._cache.is_in_use:
            self._run(self._download_ahead(remote))

    def _begin_document(self, file: DocumentFile) -> None:
        """Download a document, where nothing does so already."""
        if not self._documents.is_begun(file) and self._cache.is_in_use:
            self._run(self._documents.fetch_ahead(file, is_awaited=True))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what reads ahead; when it ends, there may be more to begin."""
        task = asyncio.ensure_future(work)

        def ended(task: asyncio.Future[None]) -> None:
            self.running.discard(task)
            if not task.cancelled():
                self._begin()

        self.running.add(task)
        task.add_done_callback(ended)

    async def _fill(self, asked: ScanAsked) -> None:
        """Read the beginning of a scan ahead, unless the statement has come to it."""
        plan, arguments = asked
        with self._cache.lock:
            if self._cache.knows(plan, arguments):
                return
            scan = self._cache.scan(plan, arguments)
        rows = scan.wanted = plan.wanted_rows(arguments) or _ROWS_FILLED
        await scan.fill(rows)

    async def _download_ahead(self, remote: Remote) -> None:
        await self._downloads.get_ahead(remote, self._getter())
        self._window.weigh(("content", remote.key), self._downloads.bytes_ahead(remote))
        self.tell()

    async def _wait_for(self, begin: Callable[[], None], is_done: Callable[[], bool]) -> None:
        """Wait for something, or until there is news for a dry run."""
        begin()
        self._begin()
        while not is_done() and not self._is_worth_it():
            self._changed.clear()
            left = self._seconds_left()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), None if left > 0 else -left / _SHARE_OF_TIME)
