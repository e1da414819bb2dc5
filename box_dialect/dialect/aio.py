"""The dialect for `create_async_engine("box://…")`: the driver for asyncio as SQLAlchemy uses it.

SQLAlchemy runs in a greenlet, from which `await_only` awaits. Its own adapters differ between 1.4, 2.0 and 2.1; these
serve all three. Source: https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
"""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

from box_dialect import dbapi as driver_module
from box_dialect.dbapi.aio import driver
from box_dialect.dialect.base import BoxDialect, BoxExecutionContext
from box_dialect.errors import InterfaceError, called_without_frames
from box_dialect.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping

    from sqlalchemy.engine import URL
    from sqlalchemy.pool import Pool

    from box_dialect.catalog import Catalog
    from box_dialect.catalog.model import Relation
    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.rows import TupleRow

P = ParamSpec("P")
T = TypeVar("T")


def _awaited(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await in the greenlet that SQLAlchemy runs in; raises MissingGreenlet where it is in none."""
    try:
        return await_only(coroutine)
    except MissingGreenlet:
        coroutine.close()  # SQLAlchemy 1.4 leaves it behind
        raise


class _Outcome(NamedTuple):
    """What a statement leaves in its cursor."""

    description: Any
    rowcount: int
    lastrowid: int | None
    api_calls: int
    is_preview_partial: bool
    rows: list[TupleRow]


def _outcome(connection: driver_module.Connection, method: str, operation: str, parameters: Any) -> _Outcome:
    """Run a statement to its end, in one go of the connection's thread."""
    with connection.cursor() as cursor:
        getattr(cursor, method)(operation, parameters)
        rows = cursor.fetchall()
        told = cursor.description, cursor.rowcount, cursor.lastrowid, cursor.api_calls, cursor.is_preview_partial
        return _Outcome(*told, rows)


class BufferedCursor:
    """A cursor that has all rows of its statement once the statement is executed."""

    arraysize = 1

    def __init__(self, connection: AdaptedBoxConnection) -> None:
        self._connection = connection
        self._take(_Outcome(None, -1, None, 0, False, []))

    def execute(self, operation: str, parameters: Parameters = ()) -> None:
        """Run one statement and fetch its rows."""
        self._take(self._connection.run_sync(_outcome, "execute", operation, parameters))

    def executemany(self, operation: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        self._take(self._connection.run_sync(_outcome, "executemany", operation, parameters))

    def fetchone(self) -> TupleRow | None:
        """Return the next row, None at the end."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[TupleRow]:
        """Return the next `size` rows, `arraysize` by default; fewer at the end."""
        number = self.arraysize if size is None else size
        return [self._rows.popleft() for _ in range(min(number, len(self._rows)))]

    def fetchall(self) -> list[TupleRow]:
        """Return all rows that are left."""
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def __iter__(self) -> Iterator[TupleRow]:
        return iter(self.fetchone, None)

    def setinputsizes(self, *_: Any) -> None:
        """Do nothing, as PEP 249 allows."""

    def close(self) -> None:
        """Forget the rows that are left."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Do nothing: the driver's cursor is closed; SQLAlchemy 2 asks for it before it hands out the result."""

    def _take(self, outcome: _Outcome) -> None:
        self.description, self.rowcount, self.lastrowid, self.api_calls, self.is_preview_partial, rows = outcome
        self._rows = deque(rows)


class StreamingCursor:
    """A cursor that asks Box for rows as they are fetched, for `stream()` and `yield_per`."""

    def __init__(self, connection: AdaptedBoxConnection) -> None:
        self._cursor: driver.Cursor = connection.driver_connection.cursor(row_factory=tuple_row)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)  # what needs no await: description, rowcount, api_calls …

    def execute(self, operation: str, parameters: Parameters = ()) -> None:
        """Run one statement."""
        _awaited(self._cursor.execute(operation, parameters))

    def executemany(self, operation: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        _awaited(self._cursor.executemany(operation, parameters))

    def fetchone(self) -> TupleRow | None:
        """Return the next row, None at the end."""
        return _awaited(self._cursor.fetchone())

    def fetchmany(self, size: int | None = None) -> list[TupleRow]:
        """Return the next `size` rows, `arraysize` by default; fewer at the end."""
        return _awaited(self._cursor.fetchmany(size))

    def fetchall(self) -> list[TupleRow]:
        """Return all rows that are left."""
        return _awaited(self._cursor.fetchall())

    def __iter__(self) -> Iterator[TupleRow]:
        return iter(self.fetchone, None)

    def close(self) -> None:
        """Cancel what is in flight for the rows that are left."""
        _awaited(self._cursor.close())


class AdaptedBoxConnection(AdaptedConnection):
    """A connection for asyncio, as SQLAlchemy uses it from a greenlet."""

    __slots__ = ("__weakref__",)

    def __init__(self, connection: driver.Connection) -> None:
        self._connection: Any = connection

    @property
    def catalog(self) -> Catalog:
        """What the connection knows of Box, to be read; `run_sync` adds to it."""
        connection: driver.Connection = self._connection
        return connection.catalog

    def find_tables(self, name: str | None = None) -> Relation | None:
        """Have the catalog know the tables of metadata templates and of documents: that of a name, or all of them."""
        found: Relation | None = _awaited(self._connection.run_sync(lambda connection: connection.find_tables(name)))
        return found

    def cursor(self, server_side: bool = False) -> BufferedCursor | StreamingCursor:
        """Return a new cursor."""
        return StreamingCursor(self) if server_side else BufferedCursor(self)

    def commit(self) -> None:
        """Keep what was written to local tables."""
        _awaited(self._connection.commit())

    def rollback(self) -> None:
        """Undo what was written to local tables."""
        _awaited(self._connection.rollback())

    def close(self) -> None:
        """Close the connection."""
        _awaited(self._connection.close())

    def terminate(self) -> None:
        """Close the connection without waiting, in a greenlet or not."""
        self._connection.terminate()

    def run_sync(self, function: Callable[Concatenate[Any, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Call a function of the synchronous connection in its thread."""
        connection: driver.Connection = self._connection
        return _awaited(connection.run_sync(function, *args, **options))


@called_without_frames
def _connect(
    carried: Mapping[str, Any] | None = None, /, *, async_creator_fn: Any = None, **properties: Any
) -> AdaptedBoxConnection:
    """Open a connection by what a URL carries and what is given besides.

    What `create_async_engine(async_creator=…)` was given opens it where it was, and gets all by name.
    """
    if async_creator_fn is not None:
        return AdaptedBoxConnection(_awaited(async_creator_fn(**{**(carried or {}), **properties})))
    return AdaptedBoxConnection(_awaited(driver.connect(carried, **properties)))


_DBAPI: Final = SimpleNamespace(
    **{name: getattr(driver_module, name) for name in driver_module.__all__} | {"connect": _connect}
)


class AsyncExecutionContext(BoxExecutionContext):
    """Stream where SQLAlchemy asks for it."""

    def create_default_cursor(self) -> Any:
        """Return a cursor that has all rows, as tuples."""
        return self._dbapi_connection.cursor()

    def create_server_side_cursor(self) -> Any:
        """Return a cursor that fetches rows as they are asked for."""
        return self._dbapi_connection.cursor(server_side=True)


class AsyncBoxDialect(BoxDialect):
    """`create_async_engine("box+aioapsw://CLIENT_ID:CLIENT_SECRET@/?…")`; from SQLAlchemy 2.0 on `box://` will do."""

    driver = "aioapsw"
    is_async = True
    has_terminate = True
    supports_statement_cache = True
    supports_server_side_cursors = True
    execution_ctx_cls = AsyncExecutionContext

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return the PEP 249 module, its connections those for greenlets."""
        return _DBAPI

    @classmethod
    def dbapi(cls) -> Any:  # type: ignore[override]
        """Return the PEP 249 module, by the name that SQLAlchemy 1.4 asks for."""
        return _DBAPI

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return the pool for asyncio."""
        return AsyncAdaptedQueuePool

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the connection for asyncio."""
        return connection.driver_connection

    def do_terminate(self, dbapi_connection: Any) -> None:
        """Close a connection without waiting."""
        dbapi_connection.terminate()

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        """Tell whether the connection was closed beneath SQLAlchemy."""
        return isinstance(e, InterfaceError) and connection is not None and connection.driver_connection.closed

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return the level that holds for local tables."""
        return dbapi_connection.run_sync(super().get_isolation_level)

    def detect_autocommit_setting(self, dbapi_conn: Any) -> bool:
        """Tell whether each statement on local tables is kept at once."""
        return bool(dbapi_conn.run_sync(super().detect_autocommit_setting))

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Set a level as SQLite has them; raises ArgumentError for another one."""
        dbapi_connection.run_sync(super().set_isolation_level, level)
