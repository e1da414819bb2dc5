"""Run a statement once more over what it has read, to learn which scans it is going to ask for.

SQLite itself tells, with every condition, subquery and local table on the way. No call is made for that: a scan that
was not begun is noted and gives no row, or one that stands for its rows where it is known which key they have.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import time
import weakref
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw

from box_dialect.catalog.model import Remote
from box_dialect.engine.cache.downloads import MOST_BYTES_AHEAD
from box_dialect.engine.tables.named_rows import named_rows
from box_dialect.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterator, Sequence

    from box_dialect.engine.cache.shared_scan import SharedScan
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.prefetch.prefetch import Prefetch
    from box_dialect.engine.scan.row_maker import Row

_STEPS_BETWEEN_LOOKS: Final = 256
"""Rows that are gone through until the clock is looked at."""

_LOOPS: Final = frozenset({"OpenRead", "Rewind", "Yield"})
"""What the program of a statement has that goes through anything else than one table of Box."""

_LIMIT: Final = re.compile(r"\blimit\b(?! -1)", re.IGNORECASE)

Further: TypeAlias = "Callable[[], Iterator[Any]]"
"""Return the sets of parameters that `executemany()` comes to after the one that it runs."""


class EndOfDryRun(Exception):  # noqa: N818 - no error: the way out of SQLite
    """Raised to end a dry run; nobody else sees it."""


class EndOfSet(EndOfDryRun):
    """Raised to end a dry run for one set of parameters, behind which nothing is known."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A scan or a download that a dry run came to: what begins it, and whether it is a guess.

    Guesses are counted by their `group`; `size` is how many bytes are going to be held on to, of a download.
    """

    key: Hashable
    group: str
    begin: Callable[[], Coroutine[Any, Any, None]]
    is_guess: bool
    size: int = 0


class DryRun:
    """One run of a statement over what it has read; it ends once `most` sure scans are noted, or at its `deadline`.

    That one is in the processor time of the thread. What it comes to is a guess while an invented row stands for those
    of a scan, and behind a scan that was not read to its end. `unfinished` are the readings that it came to the end of
    before they had theirs, `empty` the plans of scans of which no row is there yet. `has_met` tells that it came to the
    one that is `awaited`, `has_skipped` that it began where the outer cursor stands.
    """

    def __init__(
        self,
        prefetch: Prefetch,
        session: Session,
        awaited: SharedScan | None,
        most: int,
        deadline: float,
        *,
        writes: bool,
    ) -> None:
        self.prefetch, self.session = prefetch, session
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
        begin = partial(self.prefetch.fill, plan, arguments, self.session)
        if self._note(plan.scan_key(arguments), plan.identity, begin):
            self._end(lacks_keys=self.prefetch.lacks_keys(plan, arguments, self.session))

    def note_download(self, remote: Remote) -> None:
        """Take note of a value that was not downloaded; raises EndOfDryRun where that is enough.

        One of unknown size, or too large to be held on to, is not foreseen, nor is one that was read and let go.
        """
        is_let_go = self.session.statement.downloads.is_let_go(remote)
        if remote.size is None or remote.size > MOST_BYTES_AHEAD or is_let_go:
            return
        if self._bytes + remote.size > self.prefetch.bytes_left:
            raise EndOfDryRun
        begin = partial(self.prefetch.get, remote, self.session)
        if self._note(("content", remote.path), "content", begin, remote.size):
            self._end(lacks_keys=False)

    def note_unfinished(self, reading: SharedScan) -> None:
        """Take note of a scan whose next rows are needed to go on."""
        if not self._is_in_doubt and self.prefetch.may_read_on(reading):
            self.unfinished[reading] = None

    @property
    def _is_in_doubt(self) -> bool:
        return any(self._open.values())

    def _note(self, key: Hashable, group: str, begin: Callable[[], Coroutine[Any, Any, None]], size: int = 0) -> bool:
        """Tell whether something was noted for sure that was not noted before."""
        if key in self._noted or self.prefetch.is_noted(key):
            return False
        is_guess = self._is_in_doubt
        if is_guess and not self.prefetch.may_guess(group, self._guesses, self.session):
            return False
        self._noted_of[group] += 1
        if self._noted_of[group] > self.prefetch.most_of(group):
            raise EndOfDryRun
        self._noted[key] = Noted(key, group, begin, is_guess, size)
        self._bytes += size
        self._guesses[group] += is_guess
        self._sure += not is_guess
        return not is_guess

    def _end(self, *, lacks_keys: bool) -> None:
        if self._sure >= self._most and not lacks_keys:
            raise EndOfDryRun


class DryRunner:
    """Where a statement is run dry: its connection, its text and parameters, and whether it batches IN.

    `further` gives the parameters of the sets that come after; `has_limit` tells that there is a LIMIT anywhere in the
    statement, but for the one at the end of what `is_sorted` before; `writes` that it writes to Box.
    """

    def __init__(
        self,
        session: Session,
        connection: apsw.Connection,
        sql: str,
        bindings: Any,
        further: Further | None = None,
        *,
        writes: bool = False,
        is_sorted: bool = False,
    ) -> None:
        self._session, self._connection = weakref.proxy(session), weakref.proxy(connection)  # which lead here
        self._sql, self._bindings, self._may_batch = sql, bindings, session.may_batch
        self._further: Further = further or (lambda: iter(()))
        self.writes = writes
        self.has_limit = len(_LIMIT.findall(sql)) > is_sorted

    def has_several_scans(self) -> bool:
        """Tell whether the statement comes to anything but one scan."""
        try:
            listing = [each[1] for each in self._connection.execute(f"EXPLAIN {self._sql}", self._bindings)]
        except (apsw.Error, Error):  # a query that reads what a write does is not always one of SQLite's
            return False
        is_repeated = "VFilter" in listing and any(True for _ in self._further())
        return is_repeated or listing.count("VFilter") > 1 or not _LOOPS.isdisjoint(listing)

    def run(self, dry_run: DryRun) -> bool:
        """Run it; tell whether it failed, as it is going to in earnest. A further set of parameters may fail."""
        session, is_first = self._session, True
        may_batch, session.may_batch = session.may_batch, self._may_batch
        session.dry_run = dry_run
        try:
            for bindings in itertools.chain((self._bindings,), self._further()):
                dry_run.begin_set()
                with contextlib.suppress(EndOfSet):
                    for _ in self._connection.execute(self._sql, bindings):
                        dry_run.step()
                is_first = False
        except EndOfDryRun:
            return False
        except apsw.InterruptError:
            return not dry_run.is_over
        except (apsw.Error, Error):
            return is_first
        finally:
            session.dry_run, session.may_batch = None, may_batch
        return False


class DryCursor:
    """A cursor over a table in a dry run; `plan_of` returns a plan by its number."""

    def __init__(self, dry_run: DryRun, session: Session, plan_of: Callable[[int], Plan]) -> None:
        self._run, self._session, self._plan_of = dry_run, session, plan_of
        self._rows: Iterator[Row] = iter(())
        self._row: Row | None = None
        self._number = 0

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin with the rows that the scan has read."""
        plan = self._plan_of(number)
        self._places = plan.places
        self._run.leave(self._number)
        self._number = self._run.begin()
        named = named_rows(plan, arguments, self._session)
        self._rows = self._found(plan, plan.scanned(arguments), self._number) if named is None else iter(named)
        self.Next()

    def Next(self) -> None:
        """Go to the next row."""
        self._row = next(self._rows, None)

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row, None for one that is yet to be downloaded; -1 is the rowid."""
        value: Any = None if self._row is None else self._row[self._places[number]]
        if not isinstance(value, Remote):
            return value
        is_known, content = self._session.statement.downloads.known(value)
        if not is_known:
            self._run.note_download(value)
        return content

    def ColumnNoChange(self, _number: int) -> Any:
        """Tell an UPDATE that it does not change the column."""
        return apsw.no_change

    def Rowid(self) -> Any:
        """Return the rowid of the row."""
        return (None if self._row is None else self._row[-1]) or 0  # an invented row has none

    def Close(self) -> None:
        """End the doubts that came with its rows; these refer to the cursor, and to one that follows them."""
        self._run.leave(self._number)
        self._rows = iter(())

    def _found(self, plan: Plan, arguments: tuple[Any, ...], number: int) -> Iterator[Row]:
        """Give the rows that were read, or the one that stands for them; note the scan where it was not begun."""
        run = self._run
        if any(argument is None for argument in arguments):
            return
        known = run.prefetch.read_so_far(plan, arguments, is_first=number == 1)
        run.has_skipped |= known.has_skipped
        run.has_met |= known.reading is run.awaited
        if not known.is_begun:
            run.note_scan(plan, arguments)
        has_rows = False
        for row in known.rows:
            run.step()
            run.move_on(number)
            has_rows = True
            yield row
        run.move_on(number)
        if known.is_whole:
            run.leave(number)
            return
        if not has_rows:
            run.empty.append(plan)
        invented = None if has_rows else _invented(plan, arguments)
        if invented is None and known.reading is not None:
            run.note_unfinished(known.reading)
        run.doubt(number)
        if invented is not None:
            yield invented
            run.leave(number)


def _invented(plan: Plan, arguments: tuple[Any, ...]) -> Row | None:
    """Return a row that has nothing but the key by which a scan asks for its rows; None where it asks by none."""
    values: list[Any] = [None] * (len(plan.layout) + 1)
    for term in plan.keys:
        value = arguments[term.argument]
        place = plan.places[plan.table.numbers[term.column]]
        if place >= 0:
            values[place] = next(iter(value), None) if isinstance(value, frozenset) else value
    return tuple(values) if plan.keys else None
