"""Write queue: the rows that one statement writes, several calls at once, and what became of each."""

from __future__ import annotations

import asyncio
import copy
import operator
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.api import CallLimitError, portal
from box_dialect.errors import DatabaseError, IntegrityError, InternalError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator

    from box_dialect.engine.runtime import Runtime

MOST_TOLD: Final = 10
"""Failures that the text of an error tells; `failures` has all of them."""

MOST_FAILURES_IN_A_ROW: Final = 3
"""Failures that might pass, with no row written in between, after which no further row is sent."""

_SECONDS_OF_COUNTING: Final = 1
"""How long the sets of parameters that an iterator has left are counted, once the statement has failed."""

_QUEUED_PER_CALL: Final = 4
"""Rows that wait for each call in flight; SQLite does not go on before some are written."""


_MOST_BYTES: Final = 64 << 20
"""Bytes of the content of files that wait, or are on their way; one that has more waits alone."""


class PendingWrite(Struct, eq=False):
    """A row to be written.

    `send` writes it and returns Box's answer, None where it leaves the row out; `ignores_conflicts` leaves one out that
    has a conflict. `row` is its number, from 0: of the set of parameters in `executemany()`, else of the row in the
    statement. `key` names an existing row, which two changes must not write at once, `within` what more the change
    writes, where it does, which two must not either; `rowid` gives the rowid of a new row by the answer. `again` tells
    that the row was put before, and left out because of a conflict. `calls_api` tells that Box's API is called for it,
    so that where that fails to sign in every row would. `size` are the bytes of content that it has.
    """

    send: Callable[[], Coroutine[Any, Any, Any]]
    key: str | None = None
    rowid: Callable[[Any], int] | None = None
    ignores_conflicts: bool = False
    calls_api: bool = True
    row: int = 0
    answer: Any = None
    written_before: int = 0
    within: str | None = None
    again: bool = False
    size: int = 0

    @property
    def held(self) -> str | None:
        """The name of what no other change may write meanwhile."""
        return self.key if self.within is None else self.within


class WriteQueue:
    """Write the rows of a statement, `width` at once, while the statement goes on.

    A row that fails does not keep the others from being written, unless they would fail alike: then no further row is
    sent. `written` counts the rows that were written. `is_concurrent` is set for a statement whose rows may go at once;
    otherwise each is waited for. `told` is the sentence for how many of how many rows were; `rows` is the number of
    all, where it is known. What begins with `_on_loop` runs on the event loop, all else in the thread of the statement.
    """

    def __init__(self, runtime: Runtime, width: int, told: str = "{} of {} rows were written", rows: int = 0) -> None:
        self._runtime, self._width, self._sentence, self._rows = runtime, width, told, rows
        self.is_concurrent = False
        self.written = 0
        self.last_rowid: int | None = None
        self._last_row = -1
        self._set: int | None = None
        self._bytes = 0
        self._put = self._done = self._again = self._unsent = self._failed_in_a_row = 0
        self._queue: deque[PendingWrite] = deque()
        self._keys: set[str | None] = set()
        self._workers: set[asyncio.Task[None]] = set()
        self._conflicts: list[tuple[PendingWrite, DatabaseError]] = []
        self._failures: list[tuple[PendingWrite, DatabaseError]] = []
        self._invalid: list[tuple[PendingWrite, DatabaseError]] = []
        self._problem: DatabaseError | None = None
        self._is_woken = self._is_stale = False
        self._progress = asyncio.Event()

    def begin_set(self, *, may_read_stale: bool = False) -> None:
        """Begin with the next set of parameters of `executemany()`; it may read what earlier ones have yet to write."""
        self._set = 0 if self._set is None else self._set + 1
        self._is_stale = self._put > 0 and not may_read_stale

    def put(self, change: PendingWrite, row: int | None = None) -> None:
        """Have a row written, and wait for it where rows may not go at once, or where too many wait already.

        `row` is its number where rows between are left out. Raises what stopped the writing; where rows may not go at
        once, what kept this row from being written.
        """
        if self._runtime.has_failed:
            self._runtime.check()
        if change.held in self._keys:
            self._wait(0)
        elif change.size and self._bytes + change.size > _MOST_BYTES:
            self._runtime.run(self._on_loop_until_bytes, max(0, _MOST_BYTES - change.size))
        if self._problem is not None:
            self._unsent += 1
            raise copy.copy(self._problem)  # what is kept must not refer to the frames that it goes through
        change.row = self._row if row is None else row
        self._put += 1
        self._bytes += change.size
        self._again += change.again
        if change.held is not None:
            self._keys.add(change.held)
        self._queue.append(change)
        if not self._is_woken:
            self._is_woken = True
            self._runtime.wake(self._on_loop_start)
        if not self.is_concurrent:
            self._wait(0)
            self._check()
        elif self._put - self._done >= _QUEUED_PER_CALL * self._width:
            self._wait(_QUEUED_PER_CALL * self._width // 2)

    def refuse(self, error: DatabaseError, key: str | None = None, again: PendingWrite | None = None) -> None:
        """Take note of a row that cannot be sent, perhaps `again`; raises `error` where rows may not go at once."""
        if not self.is_concurrent:
            raise error
        self._again += again is not None
        self._invalid.append((PendingWrite(_nothing, key, row=self._row if again is None else again.row), error))

    def settle(self) -> None:
        """Wait for the rows of earlier sets of parameters, once in each set, before something is read."""
        if self._is_stale:
            self._is_stale = False
            self._wait(0)

    def wait(self) -> None:
        """Wait until all rows that were put are written, or were refused."""
        if self._put:
            self._wait(0)

    def finish(self, further: Iterable[Any] = ()) -> None:
        """Wait until all rows are written; raises one error for those that are not, among them the `further` ones.

        Where the statement is stopped meanwhile, what is in flight is cancelled.
        """
        if self._put:
            try:
                self._wait(0)
            except OperationalError as problem:
                self.cancel()
                self._problem = problem.with_traceback(None)
        self._check(further)

    @contextmanager
    def finishing(self, further: Iterable[Any] = ()) -> Iterator[None]:
        """Finish at the end of a block, also where it fails, and cancel what is in flight where that fails.

        What is left of `further` rows then counts as unsent.
        """
        try:
            try:
                yield
            except Exception:
                self.finish(further)
                raise
            self.finish()
        except BaseException:
            self.cancel()
            raise

    def cancel(self) -> None:
        """Cancel what is in flight and send no further row."""
        if self._put > self._done:
            portal().run(self._on_loop_cancel)

    @property
    def _row(self) -> int:
        return self._put + len(self._invalid) if self._set is None else self._set

    def _wait(self, most: int) -> None:
        """Wait until no more than so many rows are left; at none, conflicts among the rows are settled too."""
        self._runtime.run(self._on_loop_until, most)

    def _check(self, further: Iterable[Any] = ()) -> None:
        """Raise one error for the rows that were not written, if there are any; that of a single row as it is."""
        failures, problem = sorted(self._failures + self._invalid, key=lambda failure: failure[0].row), self._problem
        if not failures and problem is None:
            return
        unsent, are_all = _counted(further)
        rows = max(self._rows, self._put - self._again + len(self._invalid) + self._unsent + unsent)
        is_one_of_them = any(failure is problem for _, failure in failures)
        if rows == len(failures) == 1 and (problem is None or is_one_of_them):
            raise copy.copy(failures[0][1])
        sentence = self._sentence.format(self.written, rows if are_all else f"more than {rows}")
        if failures:
            sentence += f" and {len(failures)} failed: " + "; ".join(_told(*each) for each in failures[:MOST_TOLD])
        if len(failures) > MOST_TOLD:
            sentence += f"; and {len(failures) - MOST_TOLD} more"
        if problem is not None:
            sentence = f"{sentence}; no further row was sent"
            sentence = sentence if is_one_of_them else f"{problem}; {sentence}"
        first = problem or failures[0][1]
        raise type(first)(sentence, first.diag, tuple((change.row, failure) for change, failure in failures))

    async def _on_loop_until(self, most: int) -> None:
        while True:
            while self._put - self._done > most + len(self._conflicts):
                self._progress.clear()
                await self._progress.wait()
            if most or not self._conflicts:
                return
            self._on_loop_send_again()

    async def _on_loop_until_bytes(self, most: int) -> None:
        """Wait until no more than so many bytes of content are left, or until only rows are that have conflicts."""
        while self._bytes > most and self._put - self._done > len(self._conflicts):
            self._progress.clear()
            await self._progress.wait()

    def _on_loop_send_again(self) -> None:
        """Send those rows again whose conflict may have been with another row as it was before it was written.

        The other conflicts stand until no row can change any more: one that is sent again may yet make room for them.
        """
        outdated = [change for change, _ in self._conflicts if change.written_before < self.written]
        if outdated and self._problem is None:
            self._conflicts = [conflict for conflict in self._conflicts if conflict[0] not in outdated]
            self._queue.extend(outdated)
            self._on_loop_start()
        else:
            self._on_loop_end_conflicts()

    def _on_loop_end_conflicts(self) -> None:
        conflicts, self._conflicts = self._conflicts, []
        for change, error in conflicts:
            self._on_loop_end(change, None if change.ignores_conflicts else error)

    def _on_loop_start(self) -> None:
        self._is_woken = False
        for _ in range(min(len(self._queue), self._width - len(self._workers))):
            worker = asyncio.get_running_loop().create_task(self._on_loop_work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _on_loop_work(self) -> None:
        while self._queue:
            change = self._queue.popleft()
            if self._problem is not None:
                self._on_loop_end(change, None)
                continue
            change.written_before = self.written
            try:
                self._on_loop_take_answer(change, await change.send())
            except asyncio.CancelledError:
                self._on_loop_end(change, _cancelled())
                raise
            except DatabaseError as error:
                self._on_loop_take_failure(change, error)
            except Exception as error:  # noqa: BLE001 - no row may be lost
                self._on_loop_end(change, InternalError(f"the driver failed ({error!r}); please report it"))
        # Now rather than when the loop tells that the task is done: a row that comes in between needs a worker.
        self._workers.discard(asyncio.current_task())

    def _on_loop_take_answer(self, change: PendingWrite, answer: Any) -> None:
        rowid = None if change.rowid is None or answer is None else change.rowid(answer)
        if rowid is not None and change.row >= self._last_row:
            self._last_row, self.last_rowid = change.row, rowid
        change.answer = answer
        self.written += answer is not None
        self._failed_in_a_row = 0
        self._on_loop_end(change, None)

    def _on_loop_take_failure(self, change: PendingWrite, error: DatabaseError) -> None:
        if isinstance(error, CallLimitError):
            self._problem = error
            self._on_loop_end(change, None)
        elif change.key is not None and isinstance(error, IntegrityError):
            self._conflicts.append((change, error))
            self._progress.set()
        else:
            self._failed_in_a_row = self._failed_in_a_row + 1 if _is_of_the_moment(error) else 0
            if (change.calls_api and _concerns_all(error)) or self._failed_in_a_row >= MOST_FAILURES_IN_A_ROW:
                self._problem = self._problem or error
            self._on_loop_end(change, error)

    def _on_loop_end(self, change: PendingWrite, error: DatabaseError | None) -> None:
        if error is not None:
            self._failures.append((change, error.with_traceback(None)))
        self._keys.discard(change.held)
        self._bytes -= change.size
        change.send = _nothing  # what it has of content is let go, though RETURNING keeps the change
        self._done += 1
        self._progress.set()

    async def _on_loop_cancel(self) -> None:
        self._queue.clear()
        self._on_loop_end_conflicts()
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _counted(further: Iterable[Any]) -> tuple[int, bool]:
    """Count the rows that are left, which are read where nothing else tells; and tell whether those are all.

    They are not where reading them fails, or takes longer than a second: they may have no end.
    """
    known = operator.length_hint(further)
    if known:
        return known, True
    end, number = time.monotonic() + _SECONDS_OF_COUNTING, 0
    try:
        for _ in further:
            number += 1
            if time.monotonic() > end:
                return number, False
    except Exception:  # noqa: BLE001 - what stopped the statement is to be told, not this
        return number, False
    return number, True


def _concerns_all(error: DatabaseError) -> bool:
    """Tell whether a failure is one of signing in, comes before any call, or is that of an operation not served."""
    operation = error.diag.operation or "/oauth2/"
    return error.diag.status in {401, 501} or error.diag.code == "insufficient_scope" or "/oauth2/" in operation


def _is_of_the_moment(error: DatabaseError) -> bool:
    """Tell whether a failure is one of the network or of Box itself rather than of the row."""
    status = error.diag.status
    return status is None or status == 429 or not 400 <= status < 500


def _cancelled() -> OperationalError:
    return OperationalError("cancelled on its way, so Box may have carried it out; look before you write it again")


def _told(change: PendingWrite, error: DatabaseError) -> str:
    name = f"row {change.row}" if change.key is None else f"row {change.row} ({change.key})"
    return f"{name}: {error}"


async def _nothing() -> None:
    """Send nothing."""
