"""The thread of a connection: which loop it serves, and when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from forks import by_fork, in_child
from patience import PATIENCE_SECONDS

from aio.loops import on_loop, until, workers, workers_in_use
from box_dialect import InterfaceError, aio
from box_dialect.dbapi.aio.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future

    from conftest import Box

LEAKED = """
import asyncio, sys
from box_dialect import aio

async def main():
    idle, busy = [await aio.connect(sys.argv[1]) for _ in range(2)]
    streaming = await idle.cursor().execute("SELECT id FROM files")
    assert await streaming.fetchone()
    running = await busy.cursor().execute("SELECT 1")
    busy._worker.submit(lambda: busy._sync.cursor().execute({endless!r}))
    globals().update(locals())

asyncio.run(main())
"""
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


async def one(connection: aio.Connection) -> object:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT name FROM files WHERE path = '/Notes.txt'")
        return await cursor.fetchone()


def in_thread(coroutine: Coroutine[object, object, object]) -> list[object]:
    """Run a coroutine on the loop of another thread; return what it returned or raised."""
    outcome: list[object] = []

    async def main() -> None:
        try:
            outcome.append(await coroutine)
        except Exception as error:  # noqa: BLE001 - it is handed to the test
            outcome.append(error)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    thread.join()
    return outcome


@on_loop
async def test_each_open_connection_has_a_thread(small: Box) -> None:
    await until(lambda: not workers_in_use())
    async with await aio.connect(small.url), await aio.connect(small.url):
        assert len(workers()) == 2
    await until(lambda: not workers())


@on_loop
async def test_a_connection_that_is_forgotten_lets_its_thread_end(small: Box) -> None:
    cursor = await (await aio.connect(small.url)).cursor().execute("SELECT id FROM files")
    assert await cursor.fetchone()
    assert workers()
    del cursor
    await until(lambda: not workers_in_use())


@on_loop
async def test_a_connection_is_refused_to_a_second_loop_while_the_first_is_open(small: Box) -> None:
    async with await aio.connect(small.url) as connection:
        (refusal,) = in_thread(one(connection))
        assert isinstance(refusal, InterfaceError)
        assert str(refusal) == "the connection belongs to another event loop; open one in each loop"
        assert await one(connection) == ("Notes.txt",)


def test_a_connection_goes_over_to_another_loop_when_its_own_is_closed(small: Box) -> None:
    connection = asyncio.run(aio.connect(small.url))
    assert asyncio.run(one(connection)) == ("Notes.txt",)
    assert in_thread(one(connection)) == [("Notes.txt",)]
    asyncio.run(connection.close())


def test_a_connection_may_be_given_up_without_a_loop(small: Box) -> None:
    connection = asyncio.run(aio.connect(small.url))
    connection.terminate()
    assert connection.closed
    asyncio.run(until(lambda: not workers()))


def test_a_loop_that_is_closed_amid_a_call_ends_the_connection(small: Box) -> None:
    """The task never goes on, and whoever keeps it keeps the connection, as a greenlet of SQLAlchemy's does."""
    begun, proceed, connections = threading.Event(), threading.Event(), list[aio.Connection]()

    async def use() -> None:
        connections.append(await aio.connect(small.url))
        await connections[0].run_sync(lambda _: begun.set() or proceed.wait(PATIENCE_SECONDS))

    loop = asyncio.new_event_loop()
    kept = loop.create_task(use())
    loop.run_until_complete(until(begun.is_set))
    loop.close()
    proceed.set()
    asyncio.run(asyncio.wait_for(until(lambda: not workers()), PATIENCE_SECONDS))
    assert (kept.done(), connections[0].closed) == (False, True)
    kept._log_destroy_pending = False  # type: ignore[attr-defined]


@on_loop
async def test_the_end_interrupts_a_call_also_where_it_has_hardly_begun() -> None:
    worker, running, proceed, begun, stopped = Worker(), *(threading.Event() for _ in range(4))

    def call() -> None:
        running.set()
        proceed.wait(PATIENCE_SECONDS)
        begun.set()
        assert stopped.wait(PATIENCE_SECONDS), "nobody interrupts it any more"

    worker.interrupt = lambda: stopped.set() if begun.is_set() else None
    calling = asyncio.create_task(worker.run(call))
    await until(running.is_set)
    last = worker.end(lambda: "the last")
    proceed.set()
    await calling
    assert await asyncio.wrap_future(last) == "the last"


@pytest.mark.long
@on_loop
async def test_what_comes_as_the_connection_ends_is_carried_out_or_refused() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(100):
            worker, calls = Worker(), []

            def put(worker: Worker = worker, calls: list[Future[object]] = calls) -> None:
                with contextlib.suppress(InterfaceError):
                    while True:
                        calls.append(worker.submit(lambda: None))

            threads = [threading.Thread(target=put) for _ in range(2)]
            for thread in threads:
                thread.start()
            last = worker.end(lambda: "the last")
            assert worker.end(lambda: "another") is last
            assert last.result(PATIENCE_SECONDS) == "the last"
            for thread in threads:
                thread.join()
            for call in calls:
                assert call.exception(PATIENCE_SECONDS) is None or isinstance(call.exception(), InterfaceError)
    finally:
        sys.setswitchinterval(interval)


@by_fork[0]
@by_fork[1]
def test_a_forked_process_is_told_to_open_a_connection_of_its_own(small: Box) -> None:
    connection = asyncio.run(aio.connect(small.url))
    assert asyncio.run(one(connection)) == ("Notes.txt",)

    def use() -> None:
        with pytest.raises(InterfaceError, match=r"opened before fork\(\)"):
            asyncio.run(one(connection))

    assert in_child(use) == "None"
    assert asyncio.run(one(connection)) == ("Notes.txt",)
    asyncio.run(connection.close())


@pytest.mark.long
def test_connections_that_nobody_closes_do_not_keep_the_interpreter(small: Box) -> None:
    program = LEAKED.format(endless=ENDLESS)
    run = subprocess.run(
        [sys.executable, "-c", program, small.url],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
