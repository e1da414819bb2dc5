"""Two loops at once; anyio, whose scopes cancel a task again at each await, as beneath Starlette; and trio."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import anyio
import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS
from sqlalchemy.ext.asyncio import create_async_engine

from aio.conftest import DRIVERNAME
from aio.loops import on_loop, until
from aio.silent import silent_box
from box_dialect import InterfaceError, aio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conftest import Box

    import box_dialect

USERS = "SELECT id FROM users"


async def cancelled_once(query: Callable[[], Awaitable[object]], condition: Callable[[], object]) -> None:
    """Run a query in a scope, and cancel the scope when a condition holds."""
    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(query)
            await until(condition)
            tasks.cancel_scope.cancel()


class LateStatement:
    """A statement that begins when the first interrupt has come and found nothing to interrupt yet."""

    def __init__(self, connection: aio.Connection) -> None:
        self.begun, self.ended, self._interrupted = threading.Event(), threading.Event(), threading.Event()
        self._interrupt = connection._worker.interrupt
        connection._worker.interrupt = self._interrupt_and_tell

    def __call__(self, connection: box_dialect.Connection) -> None:
        self.begun.set()
        self._interrupted.wait()
        try:
            connection.cursor().execute(USERS)
        finally:
            self.ended.set()

    def _interrupt_and_tell(self) -> None:
        self._interrupt()
        self._interrupted.set()


@on_loop
async def test_a_scope_that_is_cancelled_waits_until_the_statement_has_ended() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        late = LateStatement(connection)
        await cancelled_once(lambda: connection.run_sync(late), late.begun.is_set)
        assert late.ended.is_set()
        box.answers.set()
        assert await (await connection.cursor().execute(USERS)).fetchall() == [("1",)]


@on_loop
async def test_a_task_that_is_cancelled_twice_waits_until_the_statement_has_ended() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        late = LateStatement(connection)
        task = asyncio.create_task(connection.run_sync(late))
        await until(late.begun.is_set)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert late.ended.is_set()


@on_loop
async def test_an_engine_goes_on_after_a_scope_that_is_cancelled() -> None:
    async with silent_box() as box:
        engine = create_async_engine(box.url.replace("box:", f"{DRIVERNAME}:", 1), pool_size=1, max_overflow=0)

        async def query() -> object:
            async with engine.connect() as connection:
                return (await connection.execute(sa.text(USERS))).all()

        await cancelled_once(query, lambda: box.calls == 1)
        await until(lambda: box.hung_up == 1)
        box.answers.set()
        assert await query() == [("1",)]
        assert box.calls == 2
        await engine.dispose()


def test_two_loops_at_once_have_an_engine_each(url: str) -> None:
    together, found = threading.Barrier(2, timeout=PATIENCE_SECONDS), []

    async def queries() -> None:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            together.wait()
            found.extend([(await connection.execute(sa.text(USERS))).all() for _ in range(5)])
        await engine.dispose()

    threads = [threading.Thread(target=asyncio.run, args=(queries(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10
    assert len({*map(tuple, found)}) == 1


def test_trio_is_told_to_use_threads(small: Box) -> None:
    pytest.importorskip("trio")

    async def in_a_thread() -> object:
        def query() -> object:
            with small.connect() as connection:
                return connection.cursor().execute("SELECT name FROM files WHERE path = '/Notes.txt'").fetchall()

        return await anyio.to_thread.run_sync(query)

    with pytest.raises(InterfaceError, match="needs the event loop of asyncio"):
        anyio.run(aio.connect, small.url, backend="trio")
    assert anyio.run(in_a_thread, backend="trio") == [("Notes.txt",)]
