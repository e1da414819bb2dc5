"""The result of a statement: its columns, and its rows as they are fetched."""

from __future__ import annotations

import itertools
import logging
import time
from typing import TYPE_CHECKING, Final, TypeAlias

import apsw

from box_dialect.dbapi.sqltext.secrecy import without_secrets
from box_dialect.dbapi.types import converter
from box_dialect.engine import MOST_BYTES_OF_VALUE, FetchMemory, Rest
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.dbapi.backend import Backend
    from box_dialect.engine import Execution
    from box_dialect.rows import TupleRow

_log: Final = logging.getLogger("box_dialect")

DescriptionItem: TypeAlias = tuple[str, str | None, None, None, None, None, None]


class Result:
    """The result of one `execute()`; `description`, `rowcount` and `lastrowid` are those of PEP 249.

    `cursor` is SQLite's. `source` gives its rows, which `converted` makes those of the caller, and `ready` those that
    need no step of SQLite; `rest` are all that come after one, where they can be had at once. `longest` is how many
    bytes a value of them may have, `used` how many more are taken where the last row is a large one.
    """

    def __init__(self, backend: Backend, execution: Execution) -> None:
        self._backend, self._execution = backend, execution
        self.cursor = backend.sqlite.cursor()
        self.description: tuple[DescriptionItem, ...] | None = None
        self.converted = converter(())
        self.source: Iterator[TupleRow] = iter(())
        self.ready: Iterator[TupleRow] = iter(())
        self.rest: Rest | None = None
        self.used: Callable[[], int] = apsw.memory_used
        self.longest = MOST_BYTES_OF_VALUE
        self.has_run = False
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._began: tuple[str, float] | None = None
        backend.open_results.add(self)

    def begin(self, shown: str) -> None:
        """Begin to take the time of a statement, whose text for the log is `shown`."""
        self._began = shown, time.monotonic()

    def fetch(self, limit: int | None) -> list[TupleRow]:
        """Return the next rows, so many at most: those that are there already, and more as SQLite gives them."""
        if self.description is None:
            if not self.has_run:
                raise ProgrammingError("there are no rows to fetch: no statement was executed, or it failed")
            return []  # BI tools fetch after every statement, also after one that returns no rows
        rows = [*itertools.islice(self.ready, limit)]
        if len(rows) == limit:
            return rows
        execution = self._execution
        with self._backend.translated():
            self._backend.check_thread()  # before anything of its execution changes
            self._backend.session.execution = execution
            self._backend.limit_values(self.longest)
            execution.resume()
            try:
                self._read(rows, limit)
            except (Exception, KeyboardInterrupt):
                rows.clear()  # whoever keeps the error keeps this frame
                # SQLite has ended the statement; to fetch on must not look like the end of its rows.
                self.forget()
                self.has_run = False
                raise
            finally:
                self.pause()
        return rows

    def _read(self, rows: list[TupleRow], limit: int | None) -> None:
        """Add the rows that SQLite gives, until there are enough or it has no more."""
        execution, used = self._execution, self.used
        row_limit = execution.statement.context.row_limit
        memory = FetchMemory(execution.most_bytes, used) if execution.most_bytes and limit != 1 else None
        for row in self.source:
            rows.append(self.converted(row))
            row_limit.given += 1
            if self.rest is not None:
                self.ready = map(self.converted, self.rest(row))
                rows += itertools.islice(self.ready, None if limit is None else limit - len(rows))
            if memory is not None and (len(rows) >= memory.next_count or not memory.least < used() < memory.largest):
                self._check_memory(memory, rows)
            if len(rows) == limit:
                self.check()
                return
        self.check()
        self.rest = None  # it refers to what was read
        self.end()

    def check(self) -> None:
        """Raise what a comparison failed with; a row may have come before SQLite saw that it is interrupted."""
        if self._execution.has_failed:
            next(self.source, None)
            self._execution.check()

    def _check_memory(self, memory: FetchMemory, rows: list[TupleRow]) -> None:
        """Raise OperationalError, and end the statement, where the rows that are fetched take too much memory."""
        if memory.is_exceeded_by(rows):
            self.drop()
            raise self._execution.too_large()

    def pause(self) -> None:
        """Let the statement rest; where it had to be interrupted, the others of the connection end with it."""
        execution = self._execution
        execution.pause()
        if execution.is_interrupted and not self._backend.is_closed:
            execution.is_interrupted = False
            self._backend.drop_others(self)

    def is_reading_beside(self, other: apsw.Cursor) -> bool:
        """Tell whether SQLite has yet to give rows of the statement, and it is not the one of the other cursor."""
        try:
            return self.cursor is not other and self.cursor.has_vdbe
        except apsw.ExecutionCompleteError:
            return False

    def drop(self) -> None:
        """End the statement; to fetch more of its rows is an error."""
        if self.description is not None:
            self.cursor.close(True)
            self.cursor = self._backend.sqlite.cursor()
            self.end()
            self.forget()
            self.has_run = False

    def forget(self) -> None:
        """Let go of the rows that are left."""
        self.description, self.rest, self.ready = None, None, iter(())

    def end(self, *, has_failed: bool = False) -> None:
        """Log the statement, once it has ended, with the calls that it made, and let go of what it has read."""
        if self._began is not None and _log.isEnabledFor(logging.INFO):
            shown, began = self._began
            if has_failed:  # maybe since the name of what takes a secret is misspelt
                shown = without_secrets(shown, self._backend.session.procedures) or shown
            count = self._execution.count.calls
            calls = "1 API call" if count == 1 else f"{count} API calls"
            _log.info("%s: %s in %.0f ms", " ".join(shown.split()), calls, (time.monotonic() - began) * 1000)
        if self._began is not None and self._execution.count.is_cut:
            _log.warning(
                "the rows of a statement are a preview: Box was asked for no more after the %d calls of PreviewCalls",
                self._execution.count.most,
            )
        self._began = None
        self._execution.statement.release()

    def close(self) -> None:
        """End the statement, and cancel what is in flight for it; closing again does nothing."""
        self.end()
        if not self._backend.is_closed:
            with self._backend.translated():
                self.cursor.close(True)
        self._backend.open_results.discard(self)
        self._execution.statement.release()
        self.forget()
