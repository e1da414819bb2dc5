"""A task that is cancelled cancels its calls to Box; the connection goes on, and nothing stays in flight."""

from __future__ import annotations

import asyncio
import threading

import pytest

from aio.loops import on_loop, until, workers
from aio.silent import silent_box
from box_dialect import InterfaceError, OperationalError, aio

USERS = "SELECT id FROM users"
OF_FILE = "SELECT id FROM collaborations WHERE item_id = ? AND item_type = 'file'"
"""Equal calls at once would be one."""
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
AT_ONCE = 8
"""Calls that the driver has in flight before it knows Box's latency."""


async def cancelled(task: asyncio.Task[object]) -> bool:
    task.cancel()
    await asyncio.wait({task})
    return task.cancelled()


async def works(connection: aio.Connection) -> bool:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT 1")
        return await cursor.fetchall() == [(1,)]


@on_loop
async def test_the_calls_of_a_cancelled_statement_are_cancelled() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        cursor = connection.cursor()
        for round_ in (1, 2):
            task = asyncio.create_task(connection.cursor().execute(USERS))
            await until(lambda: box.calls == round_)  # noqa: B023 - it is awaited here
            assert await cancelled(task)
            assert await works(connection)
            await until(lambda: box.hung_up == round_)  # noqa: B023 - likewise
        assert box.calls == 2
        box.answers.set()
        assert await (await cursor.execute(USERS)).fetchall() == [("1",)]


@on_loop
async def test_a_statement_that_only_computes_is_interrupted(small) -> None:
    async with await aio.connect(small.url) as connection:
        begun = threading.Event()
        await connection.run_sync(lambda sync: sync.sqlite.create_scalar_function("begun", lambda: begun.set() or 1))
        task = asyncio.create_task(connection.cursor().execute(ENDLESS.replace("SELECT 1 ", "SELECT begun() ")))
        await until(begun.is_set)
        assert await cancelled(task)
        assert await works(connection)


@on_loop
async def test_a_statement_that_waits_for_its_turn_is_never_run() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        first = asyncio.create_task(connection.cursor().execute(USERS))
        await until(lambda: box.calls == 1)
        second = asyncio.create_task(connection.cursor().execute("SELECT id FROM groups"))
        await asyncio.sleep(0)
        assert await cancelled(second)
        assert (box.calls, box.hung_up, first.done()) == (1, 0, False)
        box.answers.set()
        assert await (await first).fetchall() == [("1",)]
        assert await works(connection)
        assert box.calls == 1


@on_loop
async def test_the_statements_of_others_go_on(synthetic) -> None:
    async with await aio.connect(synthetic.url) as connection:
        stream = await connection.cursor().execute("SELECT id FROM files")
        assert await stream.fetchone()
        begun = threading.Event()
        await connection.run_sync(lambda sync: sync.sqlite.create_scalar_function("begun", lambda: begun.set() or 1))
        task = asyncio.create_task(connection.cursor().execute(ENDLESS.replace("SELECT 1 ", "SELECT begun() ")))
        await until(begun.is_set)
        assert await cancelled(task)
        assert await works(connection)
        assert len(await stream.fetchall()) == 1_999


@on_loop
async def test_a_cursor_whose_fetch_is_cancelled_is_closed_since_rows_may_be_lost() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        box.answers.set()
        cursor = await connection.cursor().execute("SELECT 1 AS id UNION ALL SELECT id FROM users")
        box.answers.clear()
        assert await cursor.fetchone() == (1,)
        before = box.calls
        task = asyncio.create_task(cursor.fetchone())
        await until(lambda: box.calls > before or task.done())
        task.cancel()
        await asyncio.wait({task})
        with pytest.raises(InterfaceError, match="the cursor is closed"):
            await cursor.fetchone()
        assert await works(connection)


@on_loop
async def test_closing_a_connection_interrupts_its_statement() -> None:
    async with silent_box() as box, await aio.connect(box.url) as connection:
        task = asyncio.create_task(connection.cursor().execute(USERS))
        await until(lambda: box.calls == 1)
        closing = asyncio.create_task(connection.close())
        with pytest.raises(OperationalError, match="interrupted"):
            await task
        await closing
        await until(lambda: box.hung_up == 1)


@on_loop
async def test_what_waits_when_a_connection_is_closed_is_refused() -> None:
    async with silent_box() as box:
        connection = await aio.connect(box.url)
        first, second = (asyncio.create_task(connection.cursor().execute(USERS)) for _ in range(2))
        await until(lambda: box.calls == 1)
        connection.terminate()
        with pytest.raises(OperationalError, match="interrupted"):
            await first
        with pytest.raises(InterfaceError, match="the connection is closed"):
            await second
        await until(lambda: box.hung_up == 1)
        assert box.calls == 1


@on_loop
async def test_a_connect_that_is_cancelled_leaves_no_thread() -> None:
    async with silent_box() as box:
        origin = box.url.removeprefix("box://").partition("/")[0]
        client = f"box://client:secret@{origin}/?AuthScheme=OAuthClient&SubjectId=1&InitiateOAuth=GETANDREFRESH"
        task = asyncio.create_task(aio.connect(f"{client}&TokenCache=memory://&MaxRetries=0"))
        await until(lambda: box.calls == 1)
        assert await cancelled(task)  # the sign-in goes on, since others may wait for it
        await until(lambda: not workers())


@on_loop
async def test_queries_are_in_flight_at_once_on_one_loop() -> None:
    async with silent_box() as box:

        async def query(number: int) -> object:
            async with await aio.connect(box.url) as connection:
                return await (await connection.cursor().execute(OF_FILE, (str(number),))).fetchall()

        tasks = [asyncio.create_task(query(number)) for number in range(50)]
        await until(lambda: box.calls == AT_ONCE)  # this loop serves Box, so it is not blocked
        assert not any(task.done() for task in tasks)
        box.answers.set()
        assert await asyncio.gather(*tasks) == [[("1",)]] * 50
        assert box.calls == 50


@on_loop
async def test_fifty_queries_that_are_cancelled_leave_nothing() -> None:
    async with silent_box() as box:

        async def query(number: int) -> None:
            async with await aio.connect(box.url) as connection:
                await connection.cursor().execute(OF_FILE, (str(number),))

        tasks = [asyncio.create_task(query(number)) for number in range(50)]
        await until(lambda: box.calls == AT_ONCE)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        await until(lambda: box.hung_up == box.calls)
        await until(lambda: not workers())
