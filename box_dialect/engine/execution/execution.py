"""Execution: the limits of a statement that runs, its interruption, and its writes."""

from __future__ import annotations

import copy
import threading
import time
import weakref
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from box_dialect.api import CallCount, portal, result
from box_dialect.api.folder_paths import FolderPaths
from box_dialect.engine.execution.heap import Heap
from box_dialect.engine.execution.statement import StatementScope
from box_dialect.engine.execution.temporary_disk import TemporaryDisk
from box_dialect.engine.execution.watchdog import leave, watch
from box_dialect.engine.execution.write_queue import WriteQueue
from box_dialect.engine.scan.negative_cache import NegativeCache
from box_dialect.errors import DatabaseError, DataError, LimitExceededError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    import apsw

    from box_dialect.api.client import BoxClient
    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.conflicts import Conflicts
    from box_dialect.engine.execution.returned_rows import ReturnedRows
    from box_dialect.engine.execution.statement_effects import StatementEffects
    from box_dialect.engine.prefetch.dry_runner import Further
    from box_dialect.properties import Properties

T = TypeVar("T")

_SECONDS_OF_GRACE: Final = 0.1
"""How long a statement that must stop may take to notice it by itself."""

_SECONDS_BETWEEN_CHECKS: Final = 0.01
"""How long SQLite computes until the bounds of a statement are looked at again."""

_MEGABYTE: Final = 1 << 20


class Execution:
    """A statement that runs, with its limits of time, memory and calls; `executemany()` is one execution for all sets.

    `Timeout` counts while the driver works or waits, not while the caller does something else between two fetches.
    `returned` are the rows that RETURNING gives of a table of Box, `conflicts` those that an UPSERT is to change,
    `etags` what the statement compares the version of rows with, `keys` the columns by which rows are written, and
    `read` what was read of rows that a JSON Patch changes, by table and rowid. `written` are the tables that it writes,
    each with the columns that an UPDATE sets, or `''`, and `newest` tables as they were found to be while it runs.
    `further` gives the sets that come after the one that runs, None where they must not be foreseen. `columns_read` are
    the columns that a statement which writes rows reads of them, None where it is not known to be one;
    `reads_last_row` tells that such a one calls `last_insert_rowid()`. `clock` tells the seconds. `sqlite` is the
    connection that computes it, and `negative_cache` what its statements tell one another. `stop` and `enforce` may be
    called from any thread, all else from the one that runs the statement.
    """

    def __init__(
        self,
        properties: Properties,
        clock: Callable[[], float] = time.monotonic,
        *,
        sqlite: apsw.Connection | None = None,
        negative_cache: NegativeCache | None = None,
    ) -> None:
        self._negative_cache = NegativeCache() if negative_cache is None else negative_cache
        self.count = _call_count(properties)
        self._properties = properties
        self.writes = WriteQueue(self, self.width)
        self.statement = self._new_statement()
        self.further: Further | None = None
        self.columns_read: frozenset[int] | None = None
        self.reads_last_row = self._reads_alone = False
        self.returned: ReturnedRows | None = None
        self.conflicts: Conflicts | None = None
        self.etags: dict[tuple[str, Any], str] = {}
        self.keys: dict[tuple[str, Any], Mapping[str, Any]] = {}
        self.read: dict[tuple[str, Any], Mapping[str, Any]] = {}
        self.written: Mapping[str, frozenset[str]] = {}
        self.newest: dict[str, Table] = {}
        self._folder_paths: dict[str | None, FolderPaths] = {}
        self.is_prepared = False
        self.most_bytes = properties.max_statement_memory * _MEGABYTE
        self.is_interrupted = self.has_failed = False
        self._next_check = 0.0
        self._heap = Heap(self.most_bytes)
        self._disk = TemporaryDisk(properties.max_temporary_disk * _MEGABYTE)
        self._sqlite = None if sqlite is None else weakref.ref(sqlite)
        self._timeout, self._clock = properties.timeout, clock
        self._left: float | None = self._timeout or None
        self._resumed_at: float | None = None
        self._stopped_at: float | None = None
        self._waiting: Future[Any] | None = None
        self._problem: DatabaseError | None = None
        self._lock = threading.RLock()  # a handler of signals may stop what its own thread is about to run

    def bound_calls(self, most: int) -> None:
        """Have the statement make no more calls than `most`, nor than it may anyway; 0 is no limit."""
        if most and (not self.count.most or most < self.count.most):
            self.count.most, self.count.is_preview = most, False

    def begin_set(self) -> None:
        """Begin with a set of parameters; what earlier ones read may have changed since, unless they share it."""
        if self.do_sets_share:
            for unneeded in self.statement.begin_set():
                portal().spawn(unneeded.aclose)
        else:
            self.statement.documents.end()
            self.statement = self._new_statement()
        self.keys.clear()
        self.read.clear()
        self.writes.begin_set(may_read_stale=self.do_sets_share)

    def end_sets(self) -> None:
        """Take note that no further set of parameters comes: what was begun for one is cancelled."""
        cancel = self.statement.closed() if self.do_sets_share else None
        self.further = None
        if cancel is not None:
            portal().spawn(cancel)

    @property
    def do_sets_share(self) -> bool:
        """Whether what one set of parameters has read is what the others are going to read."""
        return self.is_prepared and self.further is not None

    def begin_returning(self) -> None:
        """Begin to read after the writes: what was read before them may have changed; no procedure is called again."""
        self.statement.documents.end()
        calls, self.statement = self.statement.calls, self._new_statement()
        self.statement.calls = calls
        self.columns_read = None

    def begin_conflicts(self) -> None:
        """Begin with the UPDATE of rows that conflict, a statement of its own, once what comes before is written."""
        self.end_sets()
        self.writes.wait()
        self.begin_returning()
        self.keys.clear()
        self.read.clear()
        self.is_prepared = False

    def prepare(self, effects: StatementEffects) -> None:
        """Take note of what the statement is going to do; all its sets of parameters do the same."""
        self.is_prepared = True
        if not effects.keeps_what_it_reads:
            self.further = None
        if self.further is not None:
            self.statement.opened()
        self.written = effects.written
        self.columns_read, self.reads_last_row = effects.columns_read, effects.reads_last_row
        self._reads_alone = effects.reads_alone
        self.writes.is_concurrent = effects.writes_box and effects.is_direct

    @property
    def may_name_rows(self) -> bool:
        """Whether rows that are named by their keys are likely to be there: those of a join may be few of all keys."""
        return self._reads_alone or (self.conflicts is not None and bool(self.conflicts.rows))

    def is_version_compared(self, table: Table) -> bool:
        """Tell whether Box compares the version of the rows of a table that the statement writes."""
        write = table.delete if "" in self.written.get(table.name, {""}) else table.update
        return write is not None and (write.takes_etag or write.tests is not None)

    def note_keys(self, table: Table, rowid: Any, keys: Mapping[str, Any]) -> None:
        """Keep the columns by which a row is written; raises DataError where another row has its rowid."""
        if self.keys.setdefault((table.name, rowid), keys) != keys:
            raise DataError(f"two rows of {table.name} have the rowid {rowid}, so which one to write cannot be told")

    def resume(self) -> None:
        """Let the time run on: the driver works."""
        self._heap.begin()
        self._disk.begin()
        self._resumed_at = self._clock()
        watch(self)

    def pause(self) -> None:
        """Stop the time until the caller wants more."""
        with self._lock:
            self._left = self._seconds_left()
            self._resumed_at = None
            self._disk.end()
        leave(self)
        self._heap.end()

    def stop(self, problem: OperationalError) -> bool:
        """Cancel what the statement waits for, so that it raises `problem`; False where it does not run."""
        with self._lock:
            if self._resumed_at is None:
                return False
            self._end_by(problem)
            if self._waiting is not None:
                self._waiting.cancel()
            return True

    def fail(self, failure: DataError) -> None:
        """Have the statement end with an error where SQLite cannot be told of it: in a comparison."""
        with self._lock:
            self._end_by(failure)
            self.has_failed = True
            sqlite = None if self._sqlite is None else self._sqlite()
            if sqlite is not None:
                self.is_interrupted = True
                sqlite.interrupt()

    def enforce(self) -> None:
        """Have the statement stop at its bounds, and interrupt SQLite where that should have been a while ago.

        An interrupt ends the other statements of its connection too, whose rows are yet to be fetched.
        """
        with self._lock:
            if self._resumed_at is None or self._waiting is not None:
                return
            now = self._clock()
            if self._problem is None and (exceeded := self._exceeded()) is not None:
                self._end_by(exceeded)
            if self._problem is not None and self._stopped_at is None:
                self._stopped_at = now
            is_late = self._stopped_at is not None and now > self._stopped_at + _SECONDS_OF_GRACE
            sqlite = None if self._sqlite is None else self._sqlite()
            if sqlite is not None and is_late:
                self.is_interrupted = True
                sqlite.interrupt()

    def check(self) -> None:
        """Raise what stopped the statement, if anything did."""
        if self._problem is None and self._is_overdue():
            self._end_by(self._overdue())
        if self._problem is not None:
            raise copy.copy(self._problem)  # what is kept must not refer to the frames that it goes through

    @property
    def is_running(self) -> bool:
        """Whether the driver works for the statement now."""
        return self._resumed_at is not None

    def must_stop(self) -> bool:
        """Tell whether the statement must not go on, as SQLite asks after each thousand steps or so."""
        now = self._clock()
        if now >= self._next_check and self._problem is None:
            self._next_check = now + _SECONDS_BETWEEN_CHECKS
            if self._is_overdue():
                self._end_by(self._overdue())
            elif self._heap.is_exceeded():
                self._end_by(self.too_large())
        return self._problem is not None

    def _end_by(self, problem: DatabaseError) -> None:
        """Have the statement end by the first problem that any thread finds."""
        with self._lock:
            self._problem = self._problem or problem

    def _exceeded(self) -> OperationalError | None:
        """Return the error of a bound that the statement has come to, of those that any thread can see."""
        if self._is_overdue():
            return self._overdue()
        if self._disk.is_exceeded():
            return LimitExceededError(
                f"the statement needs more than the {self._properties.max_temporary_disk} MB of temporary files that "
                "MaxTemporaryDisk allows it; sort or group fewer rows, or raise the property MaxTemporaryDisk"
            )
        return None

    def too_large(self) -> LimitExceededError:
        """Return the error of a statement that takes more memory than it may."""
        return LimitExceededError(
            f"the statement needs more than the {self._properties.max_statement_memory} MB of memory that "
            "MaxStatementMemory allows it; read fewer or shorter values at once, or raise the property "
            "MaxStatementMemory"
        )

    @property
    def properties(self) -> Properties:
        """The connection's properties."""
        return self._properties

    @property
    def client(self) -> BoxClient:
        """The client of this process for the connection's properties."""
        return portal().client(self._properties)

    @property
    def width(self) -> int:
        """How many calls may be in flight at once."""
        return self._properties.max_concurrency

    def folder_paths(self, user: str | None) -> FolderPaths:
        """Return the ids of folders by their paths, as far as the statement knows them, as a user sees them."""
        if user not in self._folder_paths:
            self._folder_paths[user] = FolderPaths(self.client, self.count, user)
        return self._folder_paths[user]

    def wake(self, function: Callable[[], object]) -> None:
        """Call a function on the event loop, soon."""
        portal().wake(function)

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Await `function(*args)` on the event loop as long as the statement may take, and return its result.

        Raises OperationalError where the time is over, or `stop` was called. Whatever ends the wait cancels it.
        """
        self.check()
        self._heap.leave_turn()
        future: Future[T] = Future()
        try:
            with self._lock:
                self._waiting = future
            if self._problem is None:
                portal().begin(future, function, *args)
                return result(future, self._seconds_left())
        except (CancelledError, TimeoutError):
            if self._problem is None and future.done() and not future.cancelled():
                raise
        finally:
            self._waiting = None
            future.cancel()
            del future  # it refers to the exception, whose traceback refers to this frame
        self.check()
        raise copy.copy(self._problem) if self._problem is not None else self._overdue()

    def _seconds_left(self) -> float | None:
        if self._left is None or self._resumed_at is None:
            return self._left
        return self._left - (self._clock() - self._resumed_at)

    def _is_overdue(self) -> bool:
        left = self._seconds_left()
        return left is not None and left <= 0

    def _overdue(self) -> OperationalError:
        if not self._timeout:
            return OperationalError("the statement was cancelled, since the interpreter ends")
        return LimitExceededError(
            f"the statement has taken the {self._timeout} seconds that Timeout allows it; "
            "narrow it, or raise the property Timeout"
        )

    def _new_statement(self) -> StatementScope:
        return StatementScope(self, self.count, self._negative_cache)


def _call_count(properties: Properties) -> CallCount:
    """Return the count of a statement's calls, with the smaller one of their two bounds."""
    most, preview = properties.max_api_calls, properties.preview_calls
    is_preview = 0 < preview <= (most or preview)
    return CallCount(most=preview if is_preview else most, is_preview=is_preview, most_ai=properties.max_ai_calls)
