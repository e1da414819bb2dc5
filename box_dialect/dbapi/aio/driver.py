"""The driver for asyncio: PEP 249 with `await`, over the synchronous driver in a thread for each connection.

SQLite runs in that thread, and HTTP on the one event loop that all connections of the process share, so that an event
loop which awaits a query is free for others.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, Self, TypeVar, overload

from box_dialect.dbapi.aio.worker import Worker
from box_dialect.dbapi.connection import Connection as SyncConnection
from box_dialect.dbapi.cursor import Cursor as SyncCursor
from box_dialect.dbapi.exceptions import Exceptions
from box_dialect.dbapi.sqltext.secrecy import awaited_without_secrets
from box_dialect.dbapi.transaction_warning import warn_of_writes
from box_dialect.errors import InterfaceError, without_frames
from box_dialect.properties import gathered
from box_dialect.rows import Row, TupleRow, no_row, row_maker, tuple_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from box_dialect.catalog import Catalog
    from box_dialect.dbapi.estimates import Estimate
    from box_dialect.dbapi.result import DescriptionItem
    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.properties import Properties
    from box_dialect.rows import RowFactory, RowMaker

P = ParamSpec("P")
T = TypeVar("T")

_MOST_AHEAD: Final = 256
"""Rows that a cursor fetches at most at once where it is iterated."""


@overload
async def connect(
    url: str | Mapping[str, Any] | None = None, /, *, row_factory: RowFactory[Row], **properties: Any
) -> Connection[Row]: ...


@overload
async def connect(url: str | Mapping[str, Any] | None = None, /, **properties: Any) -> Connection: ...


@without_frames
async def connect(
    url: str | Mapping[str, Any] | None = None, /, *, row_factory: RowFactory[Any] = tuple_row, **properties: Any
) -> Connection[Any]:
    """Open a connection; it takes what `box_dialect.connect()` takes, and raises the same."""
    checked = gathered(url, properties)
    worker, opened = Worker(), ExitStack()
    worker.close = opened.close
    try:
        connection = await worker.run(lambda: opened.enter_context(_WorkersConnection(checked)))
        if connection.signs_in:
            signing_in: Future[None] = Future()
            worker.end_with_loop(signing_in)
            connection.session.portal.begin(signing_in, connection.session.client.sign_in)
            await asyncio.wrap_future(signing_in)
    except BaseException:
        worker.end(worker.close)  # also what was opened for a task that was cancelled meanwhile
        raise
    return Connection(worker, connection, row_factory)


class _WorkersConnection(SyncConnection[TupleRow]):
    """The connection in the thread; what it warns of is told to the task that awaits it.

    SQLite's part of a cursor must be freed in the thread, whoever lets go of the cursor, so the cursors are kept here.
    """

    has_warning = False

    def __init__(self, properties: Properties) -> None:
        super().__init__(properties)
        self._kept: set[SyncCursor] = set()

    def kept_cursor(self) -> SyncCursor:
        """Return a new cursor, which is kept until it or the connection is closed."""
        cursor = self.cursor()
        self._kept.add(cursor)
        return cursor

    def close_cursor(self, cursor: SyncCursor) -> None:
        """Close a cursor that is kept."""
        self._kept.discard(cursor)
        cursor.close()

    def close(self) -> None:
        """Close the connection and its cursors."""
        super().close()
        self._kept.clear()

    def warn_of_writes(self) -> None:
        """Take note of the warning."""
        self.has_warning |= self.session.has_written
        self.session.has_written = False


class Connection(Exceptions, Generic[Row]):
    """A connection for asyncio. Its tasks may share it: their statements run one after another.

    It belongs to one event loop at a time. A task that is cancelled while it awaits a statement interrupts it: its
    calls to Box are cancelled, and the connection goes on. Transactions are those of `box_dialect.Connection`. As a
    context manager the connection commits at the end of the block, rolls back where it fails, and is closed.
    `row_factory` makes the rows of its cursors.
    """

    def __init__(self, worker: Worker, opened: _WorkersConnection, row_factory: RowFactory[Row]) -> None:
        self._worker, self._sync, self.row_factory = worker, opened, row_factory
        worker.interrupt, worker.close = opened.interrupt, opened.close
        weakref.finalize(self, worker.end, opened.close).atexit = False

    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._worker.has_ended

    @property
    def catalog(self) -> Catalog:
        """What the connection knows of Box, to be read; `run_sync(lambda it: it.catalog.add(table))` adds to it."""
        return self._sync.catalog

    @overload
    def cursor(self) -> Cursor[Row]: ...

    @overload
    def cursor(self, *, row_factory: RowFactory[T]) -> Cursor[T]: ...

    def cursor(self, *, row_factory: RowFactory[Any] | None = None) -> Cursor[Any]:
        """Return a new cursor, whose rows are those of `row_factory`, of the connection's by default."""
        return Cursor(self, self._worker, self.row_factory if row_factory is None else row_factory)

    @property
    def autocommit(self) -> bool:
        """Whether each statement on local tables is kept at once."""
        return self._sync.autocommit

    async def set_autocommit(self, value: bool) -> None:
        """Set whether each statement on local tables is kept at once; to set it commits what is open."""
        await self.run_sync(setattr, "autocommit", value)

    async def commit(self) -> None:
        """Keep what was written to local tables; Box has every write already."""
        await self.run_sync(SyncConnection.commit)

    async def rollback(self) -> None:
        """Undo what was written to local tables; warn where something was written to Box, for it stays."""
        await self.run_sync(SyncConnection.rollback)

    async def run_sync(self, function: Callable[Concatenate[Any, P], T], /, *args: P.args, **options: P.kwargs) -> T:
        """Call `function(connection, …)` in the connection's thread, with a `box_dialect.Connection`.

        What it uses of the connection, it must not keep.
        """
        try:
            return await self._worker.run(partial(function, self._sync), *args, **options)
        finally:
            if self._sync.has_warning:
                self._sync.has_warning = False
                warn_of_writes()

    @awaited_without_secrets
    async def estimate(self, operation: str, parameters: Parameters = ()) -> Estimate:
        """Return how many API calls a statement is going to make, and how long they take, without making any."""
        return await self.run_sync(SyncConnection.estimate, operation, parameters)

    async def close(self) -> None:
        """Close the connection, and interrupt the statement that runs; closing again does nothing."""
        await self._end(self._sync.close)

    def terminate(self) -> None:
        """Close the connection as `close()` does, from any thread and without waiting."""
        self._worker.end(self._sync.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._end(partial(self._sync.__exit__, kind, error, traceback))

    async def _end(self, function: Callable[[], None]) -> None:
        await asyncio.shield(asyncio.wrap_future(self._worker.end(function)))


class Cursor(Generic[Row]):
    """A cursor for asyncio; what it returns and raises is what `box_dialect.Cursor` does.

    To iterate over it fetches rows ahead, as many at most as were taken before. A task that is cancelled while it
    awaits the cursor closes it, since rows may be lost.
    """

    arraysize = 1

    def __init__(self, connection: Connection[Any], worker: Worker, row_factory: RowFactory[Row]) -> None:
        self.connection = connection
        self._worker = worker
        self._row_factory = row_factory
        self._row_maker: RowMaker[Any] = tuple
        self._sync: SyncCursor | None = None
        self._end: Callable[[], None] = lambda: None
        self._is_closed = False
        self._ahead: deque[TupleRow] = deque()
        self._step = 1
        self.max_api_calls = 0
        """Calls that each statement may make from now on, where that is less than `MaxApiCalls`; 0 is no limit."""

    @property
    def description(self) -> tuple[DescriptionItem, ...] | None:
        """The columns of the statement's rows, None for one that returns none."""
        return None if self._sync is None else self._sync.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed, -1 where it changes none."""
        return -1 if self._sync is None else self._sync.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The key of the row that the last statement inserted."""
        return None if self._sync is None else self._sync.lastrowid

    @property
    def row_factory(self) -> RowFactory[Row]:
        """What makes the rows; to set it changes the rows that are left."""
        return self._row_factory

    @row_factory.setter
    def row_factory(self, value: RowFactory[Row]) -> None:
        self._row_factory = value
        self._row_maker = row_maker(self, value)

    @property
    def api_calls(self) -> int:
        """How many calls to Box the last statement has made so far."""
        return 0 if self._sync is None else self._sync.api_calls

    @property
    def is_preview_partial(self) -> bool:
        """Whether rows of the last statement may be missing, since it has made the calls that `PreviewCalls` allows."""
        return self._sync is not None and self._sync.is_preview_partial

    @awaited_without_secrets
    async def execute(self, operation: str, parameters: Parameters = ()) -> Self:
        """Run one statement; its rows are asked of Box as they are fetched."""
        await self._run_anew(SyncCursor.execute, operation, parameters)
        return self

    @awaited_without_secrets
    async def executemany(self, operation: str, parameters: Iterable[Parameters]) -> Self:
        """Run one statement for each set of parameters; the sets are taken in the connection's thread."""
        await self._run_anew(SyncCursor.executemany, operation, parameters)
        return self

    @awaited_without_secrets
    async def callproc(self, procname: str, parameters: Parameters = ()) -> Parameters:
        """Call a procedure with the values of its inputs; its rows are to be fetched."""
        return await self._run_anew(SyncCursor.callproc, procname, parameters)

    async def fetchone(self) -> Row | None:
        """Return the next row, None at the end."""
        row = self._ahead.popleft() if self._ahead else await self._run(SyncCursor.fetchone)
        return None if row is None else self._row_maker(row)

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next `size` rows, `arraysize` by default; fewer at the end."""
        number = self.arraysize if size is None else size
        if not self._ahead:
            return [*map(self._row_maker, await self._run(SyncCursor.fetchmany, number))]
        rows = [self._ahead.popleft() for _ in range(min(number, len(self._ahead)))]
        if len(rows) < number:
            rows += await self._run(SyncCursor.fetchmany, number - len(rows))
        return [*map(self._row_maker, rows)]

    async def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        rows = await self._run(SyncCursor.fetchall)
        ahead, self._ahead = self._ahead, deque()
        return [*map(self._row_maker, [*ahead, *rows])]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        if not self._ahead:
            self._ahead.extend(await self._run(SyncCursor.fetchmany, self._step))
            self._step = min(2 * self._step, _MOST_AHEAD)
            if not self._ahead:
                raise StopAsyncIteration
        row: Row = self._row_maker(self._ahead.popleft())
        return row

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Do nothing, as PEP 249 allows."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing, as PEP 249 allows."""

    async def close(self) -> None:
        """Forget the rows that are left and cancel what is in flight for them; closing again does nothing."""
        closing = self._close()
        if closing is not None:
            await asyncio.shield(asyncio.wrap_future(closing))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        self._close()

    def _close(self) -> Future[None] | None:
        """Have the cursor closed in the connection's thread, where SQLite's part of it must be freed."""
        was_closed, self._is_closed = self._is_closed, True
        self._ahead.clear()
        if was_closed or self._sync is None or self._worker.has_ended:
            return None
        return self._worker.submit(self._end)

    async def _run_anew(self, method: Callable[Concatenate[Any, P], T], *args: P.args, **options: P.kwargs) -> T:
        self._ahead.clear()
        self._step, self._row_maker = 1, no_row
        given = await self._run(method, *args, **options)
        self._row_maker = row_maker(self, self._row_factory)
        return given

    async def _run(self, method: Callable[Concatenate[Any, P], T], *args: P.args, **options: P.kwargs) -> T:
        if self._is_closed:
            raise InterfaceError("the cursor is closed")
        try:
            return await self.connection.run_sync(self._opened, lambda opened: method(opened, *args, **options))
        except asyncio.CancelledError:
            self._close()
            raise

    def _opened(self, connection: _WorkersConnection, use: Callable[[SyncCursor], T]) -> T:
        """Open the cursor, in the connection's thread, unless it is open, and use it."""
        if self._sync is None:
            self._sync = connection.kept_cursor()
            self._end = partial(connection.close_cursor, self._sync)
        self._sync.max_api_calls = self.max_api_calls
        return use(self._sync)
