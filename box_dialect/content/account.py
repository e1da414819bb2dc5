"""Account: where a connection leads to, and waiting for what is done there."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import sqlalchemy as sa

from box_dialect import aio
from box_dialect.api import CallCount, portal, result
from box_dialect.content.concurrently import each_of
from box_dialect.dbapi import Connection
from box_dialect.engine import check_box_writable
from box_dialect.errors import InterfaceError, LimitExceededError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
    from sqlalchemy.orm import Session, scoped_session

    from box_dialect.api.client import BoxClient
    from box_dialect.properties import Properties

    Source: TypeAlias = "Connection[Any] | sa.engine.Engine | sa.engine.Connection | Session | scoped_session[Any]"
    AsyncSource: TypeAlias = "aio.Connection[Any] | AsyncEngine | AsyncConnection | AsyncSession"

T = TypeVar("T")


class Account:
    """Box as the connections with some properties see it. Any thread may use it.

    What runs here runs on the event loop of the process, and is bounded as a statement is: by the properties `Timeout`
    and `MaxApiCalls`.
    """

    def __init__(self, properties: Properties) -> None:
        self.properties = properties

    @property
    def client(self) -> BoxClient:
        """The client of this process."""
        return portal().client(self.properties)

    def count(self) -> CallCount:
        """Return a new count of calls, with the bound of a statement."""
        return CallCount(most=self.properties.max_api_calls)

    def check_writable(self, what: str) -> None:
        """Raise ProgrammingError where the connection writes nothing to Box."""
        check_box_writable(what, readonly=self.properties.readonly, box_readonly=self.properties.is_box_readonly)

    def creates_folders(self, asked: bool | None) -> bool:
        """Tell whether missing folders are made: as it is asked for, or as the property `CreateFolders` says."""
        return self.properties.create_folders if asked is None else asked

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], /, *args: Any) -> T:
        """Await `function(*args)` on the event loop and return its result.

        Whatever ends the wait, such as Ctrl-C, cancels what is awaited. Raises LimitExceededError where `Timeout` ends.
        """
        future: Future[T] = Future()
        try:
            portal().begin(future, function, *args)
            return result(future, self._seconds)
        except CancelledError:
            raise OperationalError("the transfer was cancelled, since the interpreter ends") from None
        except TimeoutError:
            if future.done() and not future.cancelled():
                raise
            raise self._overdue() from None
        finally:
            future.cancel()
            del future  # it refers to the exception, whose traceback refers to this frame

    async def awaited(self, function: Callable[..., Coroutine[Any, Any, T]], /, *args: Any) -> T:
        """Do what `run` does, for a task of the caller's event loop; its cancellation cancels what is awaited."""
        future: Future[T] = Future()
        deadline = asyncio.timeout(self._seconds)
        try:
            portal().begin(future, function, *args)
            async with deadline:
                return await asyncio.wrap_future(future)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise self._overdue() from None
        finally:
            future.cancel()
            del future  # as above

    def run_each(self, work: Callable[[T], Coroutine[Any, Any, Any]], things: Iterable[T]) -> None:
        """Await `work` for each thing, for `MaxConcurrency` of them at once, each bounded as by `run`.

        What one raises, and what ends the wait, cancels the others.
        """

        async def bounded(thing: T) -> None:
            await self.awaited(work, thing)

        portal().run(each_of, things, bounded, self.properties.max_concurrency)

    @property
    def _seconds(self) -> float | None:
        return self.properties.timeout or None

    def _overdue(self) -> LimitExceededError:
        return LimitExceededError(
            f"the transfer has taken the {self.properties.timeout} seconds that Timeout allows it; raise the property "
            "Timeout"
        )


def account_of(source: Source) -> Account:
    """Return where a connection of the driver or of SQLAlchemy, an engine or a session lead to.

    Raises InterfaceError for a closed connection, TypeError for anything else.
    """
    if isinstance(source, sa.engine.Engine):
        with source.connect() as connection:
            return account_of(connection)
    if isinstance(source, sa.engine.Connection):
        driver: Any = source.connection.driver_connection
        return account_of(driver)
    if isinstance(source, Connection):
        source.check_open()
        return Account(source.properties)
    from sqlalchemy.orm import Session, scoped_session

    if isinstance(source, Session | scoped_session):
        return account_of(source.connection())
    raise TypeError(
        "a connection of the driver, or an engine, a connection or a session of SQLAlchemy is needed, not "
        f"{type(source).__name__}; with asyncio: box_dialect.content.aio"
    )


async def async_account_of(source: AsyncSource) -> Account:
    """Return where a connection for asyncio leads to, of the driver or of SQLAlchemy, or an engine or a session.

    Raises InterfaceError for a closed connection, TypeError for anything else.
    """
    if isinstance(source, aio.Connection):
        return await _of_driver(source)
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

    if isinstance(source, AsyncEngine):
        async with source.connect() as connection:
            return await async_account_of(connection)
    if isinstance(source, AsyncSession):
        return await async_account_of(await source.connection())
    if isinstance(source, AsyncConnection):
        raw = await source.get_raw_connection()
        driver: Any = raw.driver_connection
        return await _of_driver(driver)
    raise TypeError(
        "a connection for asyncio of the driver, or an engine, a connection or a session for asyncio of SQLAlchemy is "
        f"needed, not {type(source).__name__}"
    )


async def _of_driver(connection: aio.Connection[Any]) -> Account:
    if connection.closed:
        raise InterfaceError("the connection is closed")
    return Account(await connection.run_sync(lambda opened: opened.properties))
