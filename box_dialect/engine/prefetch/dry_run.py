"""Dry run: a statement is run once more over what it has read, to learn which scans it is going to ask for.

SQLite itself tells, with every condition, subquery and local table on the way. No call is made for that: a scan that
was not begun is noted and gives no row, or one that stands for its rows where it is known which key they have.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.engine.cache.downloads import MOST_BYTES_AHEAD, bytes_foreseen
from box_dialect.engine.documents.document_store import key_of
from box_dialect.engine.prefetch.window import Noted

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from box_dialect.catalog.model import Remote
    from box_dialect.engine.cache.downloads import Downloads
    from box_dialect.engine.cache.scan_cache import ScanCache
    from box_dialect.engine.cache.shared_scan import SharedScan
    from box_dialect.engine.documents.document_files import DocumentFile
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.prefetch.window import PrefetchWindow, ScanAsked
    from box_dialect.engine.scan.row_maker import Row

_STEPS_BETWEEN_LOOKS: Final = 256
"""Rows that are gone through until the clock is looked at."""

_ROWS_AHEAD: Final = 5_000
"""Rows that are read ahead of a cursor to find what they lead to."""


class EndOfDryRun(Exception):  # noqa: N818 - no error: the way out of SQLite
    """Raised to end a dry run; nobody else sees it."""


class EndOfSet(EndOfDryRun):
    """Raised to end a dry run for one set of parameters, behind which nothing is known."""


class Known(NamedTuple):
    """What is there of a scan: its rows, whether these are all, whether it was begun, and what reads it on.

    `has_skipped` tells that the rows begin with the one that the outer cursor stands on.
    """

    rows: Iterable[Row]
    is_whole: bool
    is_begun: bool
    scan: SharedScan | None = None
    has_skipped: bool = False


class DryRun:
    """One run of a statement over what it has read; it ends once `most` sure scans are noted, or at its `deadline`.

    That one is in the processor time of the thread. What it comes to is a guess while an invented row stands for those
    of a scan, and behind a scan that was not read to its end. `unfinished` are the scans that it came to the end of
    before they had theirs, `empty` the plans of scans of which no row is there yet. `has_met` tells that it came to the
    one that is `awaited`, `has_skipped` that it began where the outer cursor stands.
    """

    def __init__(
        self,
        cache: ScanCache,
        downloads: Downloads,
        window: PrefetchWindow,
        *,
        most: int,
        deadline: float,
        writes: bool,
        awaited: SharedScan | None = None,
    ) -> None:
        self._cache, self._downloads, self._window = cache, downloads, window
        self.unfinished: dict[SharedScan, None] = {}
        self.empty: list[Plan] = []
        self.has_met = self.has_skipped = False
        self.awaited = awaited
        self._noted: dict[Hashable, Noted] = {}
        self._guesses: Counter[str] = Counter()
        self._noted_of: Counter[str] = Counter()
        self._most, self._deadline, self._writes = most, deadline, writes
        self._sure = self._steps = self._bytes = self._scans = 0
        self._open: dict[int, bool] = {}

    @property
    def noted(self) -> Sequence[Noted]:
        """What may be begun, in the order in which the statement comes to it."""
        surplus = self._sure - max(self._most, 0)
        sure = [each for each in self._noted.values() if not each.is_guess]
        return [*sure[: len(sure) - max(surplus, 0)], *(each for each in self._noted.values() if each.is_guess)]

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return time.thread_time() > self._deadline

    def must_stop(self) -> bool:
        """Tell whether SQLite must stop; where it writes, that would take back the transaction, so a row ends it."""
        return self.is_over and not self._writes

    def begin_set(self) -> None:
        """Begin with a set of parameters, which doubts nothing of those before; raises EndOfDryRun at the deadline."""
        self._open.clear()
        if self.is_over:
            raise EndOfDryRun

    def step(self) -> None:
        """Count a row; raises EndOfDryRun where the time is over."""
        self._steps += 1
        if not self._steps % _STEPS_BETWEEN_LOOKS and self.is_over:
            raise EndOfDryRun

    def begin(self) -> int:
        """Take note that a scan begins, in the loops of those that are open; return its number."""
        self._scans += 1
        self._open[self._scans] = False
        return self._scans

    def doubt(self, scan: int) -> None:
        """Take what follows for guesses, as long as the scan of that number stands where it is."""
        self._open[scan] = True

    def move_on(self, scan: int) -> None:
        """Take note that a scan has come to its next row: what was begun in its loop before is over."""
        while self._open and next(reversed(self._open)) > scan:
            self._open.popitem()

    def leave(self, scan: int) -> None:
        """Take note that a scan is left, with what was begun in its loop, and so the doubts that came with its rows."""
        if scan in self._open:
            self.move_on(scan - 1)

    def note_scan(self, plan: Plan, arguments: tuple[Any, ...]) -> None:
        """Take note of a scan that was not begun; raises EndOfDryRun where that is enough."""
        if plan.is_lookup and any(each.shows(plan.table) for each in self.empty):
            return  # a listing that has not come yet may show its row
        if self._note(plan.scan_key(arguments), plan.identity, (plan, arguments)):
            self._end(lacks_keys=self._lacks_keys(plan, arguments))

    def note_download(self, remote: Remote) -> None:
        """Take note of a value that was not downloaded; raises EndOfDryRun where that is enough.

        One of unknown size, or too large to be held on to, is not foreseen, nor is one that was read and let go.
        """
        size = bytes_foreseen(remote)
        if size is None or size > MOST_BYTES_AHEAD or self._downloads.is_let_go(remote):
            return
        if self._bytes + size > self._window.bytes_left:
            raise EndOfDryRun
        if self._note(("content", remote.key), "content", remote, size):
            self._end(lacks_keys=False)

    def note_document(self, file: DocumentFile) -> None:
        """Take note of a document whose download was not begun; raises EndOfDryRun where that is enough."""
        size = file.size or 0
        if self._bytes + size > self._window.bytes_left:
            raise EndOfDryRun
        if self._note(("document", key_of(file)), "document", file, size):
            self._end(lacks_keys=False)

    def note_unfinished(self, scan: SharedScan) -> None:
        """Take note of a scan whose next rows are needed to go on."""
        if not self._is_in_doubt and self._may_read_on(scan):
            self.unfinished[scan] = None

    @property
    def _is_in_doubt(self) -> bool:
        return any(self._open.values())

    def _note(self, key: Hashable, group: str, asked: ScanAsked | Remote | DocumentFile, size: int = 0) -> bool:
        """Tell whether something was noted for sure that was not noted before."""
        if key in self._noted or self._window.is_noted(key):
            return False
        is_guess = self._is_in_doubt
        if is_guess and not self._window.may_guess(group, self._guesses):
            return False
        self._noted_of[group] += 1
        if self._noted_of[group] > self._window.most_of(group):
            raise EndOfDryRun
        self._noted[key] = Noted(key, group, asked, is_guess, size)
        self._bytes += size
        self._guesses[group] += is_guess
        self._sure += not is_guess
        return not is_guess

    def _end(self, *, lacks_keys: bool) -> None:
        if self._sure >= self._most and not lacks_keys:
            raise EndOfDryRun

    def read_so_far(self, plan: Plan, arguments: tuple[Any, ...], *, is_first: bool) -> Known:
        """Return what is there of a scan; `is_first` tells that no other was begun before in this run."""
        cache = self._cache
        with cache.lock:
            scan = cache.begun(plan, arguments)
            if scan is None:
                rows = cache.known_rows(plan, arguments)
                return Known((), False, False) if rows is None else Known(rows, True, True)
            follower = next((each for each in cache.positions if each.scan is scan and each.row is not None), None)
            is_outer = is_first and follower is not None and follower is cache.positions[0] and follower.is_looped
            if follower is not None and (scan.first is None or is_outer):
                # What lies before it is not gone through again, or was let go.
                return Known(follower.rows_from_here(), scan.is_finished, True, scan, is_outer)
            return Known((), False, True) if scan.first is None else Known(scan.rows(), scan.is_finished, True, scan)

    def _may_read_on(self, scan: SharedScan) -> bool:
        """Tell whether a scan is not read too far ahead of the cursor that follows it."""
        places = [each.place for each in self._cache.positions if each.scan is scan]
        return scan.end - min(places, default=0) < _ROWS_AHEAD

    def _lacks_keys(self, plan: Plan, arguments: tuple[Any, ...]) -> bool:
        """Take note of a lookup; tell whether more of them may make a listing of the table the cheaper way."""
        index = self._cache.wanting_index(plan, arguments)
        if index is None or self._cache.context.row_limit.limit is not None:
            return False
        index.expect(index.keys(arguments[0]) or ())
        return index.lacks_keys
