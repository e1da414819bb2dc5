"""What is dropped, cancelled, failed or forked leaves nothing: no descriptor, thread, task, connection or object.

`BOX_LEAK_USES` says how often each kind of use is made; a connection that stays shows at a few.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import apsw
import pytest
import sqlalchemy as sa
from forks import by_fork, in_child
from patience import PATIENCE_SECONDS, wait_until, wait_until_quiet
from sqlalchemy.dialects import registry
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session, declarative_base

import box_dialect
from box_dialect import aio, api

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from conftest import Box

# As the entry points of the distribution do, where the package is imported without being installed.
registry.register("box", "box_dialect.dialect", "BoxDialect")
registry.register("box.aioapsw", "box_dialect.dialect.aio", "AsyncBoxDialect")

USES: Final = int(os.environ.get("BOX_LEAK_USES", "8"))
OBJECTS_PER_USE: Final = 3
"""Fewer than the smallest thing that a use could leave."""
ROUNDS: Final = 10
"""What uses leave grows in each round of them; what the process itself makes now and then does not."""

USERS = "SELECT id FROM users"
FILES = "SELECT id, path FROM files"
JOIN = "SELECT f.name, c.message FROM files f LEFT JOIN comments c ON c.item_id = f.id"
OF_LOCAL = "SELECT c.message FROM own LEFT JOIN comments c ON c.item_id = own.id ORDER BY 1"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
TWO: Final = 2
"""Calls in flight at most, so that few connections to Box are kept."""


@dataclass(frozen=True)
class Left:
    """What there is in the process."""

    descriptors: int
    threads: int
    tasks: int
    connections: int

    def is_within(self, most: Left) -> bool:
        """Tell whether there is no more than that; each call in flight may keep both ends of its connection."""
        return (
            self.descriptors <= most.descriptors + 2 * TWO
            and self.threads <= most.threads
            and self.tasks <= most.tasks
            and self.connections <= most.connections
        )


def left() -> Left:
    for _ in range(3):  # SQLAlchemy takes a lost connection back into its pool, which is freed later
        gc.collect()
    portal = api.portal()
    descriptors = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    return Left(descriptors, threading.active_count(), len(asyncio.all_tasks(portal._loop)), len(apsw.connections()))


def leaves_nothing(use: Callable[[], object]) -> None:
    connections = left().connections
    for _ in range(3):  # what is made once
        use()
    wait_until(lambda: left().connections <= connections)
    before = left()
    found = (new_objects(use, before) for _ in range(ROUNDS))
    # What traces threads, as coverage does, keeps something of each.
    assert any(threading.gettrace() is not None or each < OBJECTS_PER_USE * USES for each in found)


def new_objects(use: Callable[[], object], before: Left) -> int:
    """Return how many more objects there are after a round of uses, which leaves no more than there was before."""
    objects = len(gc.get_objects())
    for _ in range(USES):
        use()
    wait_until(lambda: left().is_within(before))
    return len(gc.get_objects()) - objects


def kept_without_collection(use: Callable[[], object]) -> int:
    """Return how many connections a use leaves to the garbage collector; what is cancelled is waited for."""
    gc.collect()
    before = apsw.connections()
    gc.disable()
    try:
        use()
        wait_until_quiet()
        return sum(each not in before for each in apsw.connections())
    finally:
        gc.enable()


@pytest.fixture(autouse=True, scope="module")
def frozen() -> None:
    """Spare each garbage collection here what earlier tests have made, which would make it take many times as long."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def url(small: Box) -> str:
    return f"{small.url}&MaxConcurrency={TWO}"


def begun(url: str, statement: str) -> box_dialect.Cursor:
    """Return a cursor that has given its first row."""
    cursor = box_dialect.connect(url).cursor()
    cursor.execute("CREATE TABLE own AS SELECT id FROM files")
    cursor.execute(statement).fetchone()
    return cursor


class Folder(declarative_base()):  # type: ignore[misc]
    """A mapped class that each SQLAlchemy can have."""

    __tablename__ = "folders"
    id = sa.Column(sa.String, server_default=sa.FetchedValue(), primary_key=True)
    name = sa.Column(sa.String)
    parent_id = sa.Column(sa.String)


def test_a_dropped_connection_leaves_nothing(url: str) -> None:
    leaves_nothing(lambda: box_dialect.connect(url))


@pytest.mark.parametrize("statement", [USERS, FILES, JOIN, OF_LOCAL])
def test_a_dropped_connection_is_freed_with_its_last_reference(url: str, statement: str) -> None:
    assert kept_without_collection(lambda: begun(url, statement)) == 0


NEW = "INSERT INTO folders (name, parent_id) VALUES ('new', '404404')"
FAILURES: Final = {
    "SELECT nothing FROM files": {},
    "SELECT abs('x', 1)": {},
    NEW: {},
    f"{NEW} RETURNING id": {},
    "UPDATE files SET name = 'a/b'": {},
    "EXEC GetOAuthAccessToken @Verifier = 'x'": {},
    FILES: {"MaxApiCalls": 2},
    JOIN: {"MaxApiCalls": 3},
    "SELECT id, content FROM files": {"MaxApiCalls": 14},
    USERS: {"APIBaseURL": "http://127.0.0.1:1/2.0", "MaxRetries": 0},
    "SELECT id FROM groups": {"TokenURL": "http://127.0.0.1:1/", "MaxRetries": 0},
    ENDLESS: {"Timeout": 1},
}


@pytest.mark.parametrize("statement", FAILURES)
def test_a_connection_whose_statement_failed_is_freed_with_its_last_reference(url: str, statement: str) -> None:
    def use() -> None:
        with pytest.raises(box_dialect.Error):
            box_dialect.connect(url, **FAILURES[statement]).cursor().execute(statement).fetchall()

    assert kept_without_collection(use) == 0


@pytest.mark.long
@pytest.mark.parametrize("statement", [USERS, FILES, JOIN, OF_LOCAL, "SELECT * FROM own"])
def test_a_cursor_that_is_dropped_amid_its_rows_leaves_nothing(url: str, statement: str) -> None:
    leaves_nothing(lambda: begun(url, statement))


def test_a_cursor_that_is_dropped_lets_its_connection_go_on(url: str) -> None:
    with box_dialect.connect(url) as connection:

        def use() -> None:
            connection.cursor().execute(JOIN).fetchone()

        leaves_nothing(use)
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize("statement", ["SELECT nothing FROM files", "SELECT id FROM files WHERE id = abs('x', 1)"])
def test_a_failure_that_is_kept_for_a_while_leaves_nothing(url: str, statement: str) -> None:
    def use() -> box_dialect.Error:
        try:
            begun(url, JOIN).connection.cursor().execute(statement).fetchall()
        except box_dialect.Error as error:
            return error
        pytest.fail("the statement is wrong")

    leaves_nothing(use)


@pytest.mark.long
def test_statements_that_fail_on_one_connection_leave_nothing(url: str) -> None:
    """The garbage collector runs in any thread, and a cursor that it frees amid another's work is lost to APSW."""

    def use() -> None:
        connection = box_dialect.connect(url)
        for statement in (NEW, f"{NEW} RETURNING id", JOIN):
            with suppress(box_dialect.Error):
                connection.cursor().execute(statement).fetchall()
        with suppress(box_dialect.Error):
            connection.cursor().executemany(NEW, [()] * 2)

    leaves_nothing(use)


def test_a_failed_connect_leaves_nothing(url: str) -> None:
    def use() -> None:
        with suppress(box_dialect.Error):
            box_dialect.connect(url, LocalDatabase="/nowhere/at/all.db")
        with suppress(box_dialect.Error):
            box_dialect.connect(url, InitiateOAuth="GETANDREFRESH", TokenURL="http://127.0.0.1:1/", MaxRetries=0)

    leaves_nothing(use)


@pytest.mark.long
def test_a_thread_that_ends_with_an_open_connection_leaves_nothing(url: str) -> None:
    def use() -> None:
        thread = threading.Thread(target=begun, args=(url, FILES))
        thread.start()
        thread.join()

    leaves_nothing(use)


@pytest.mark.long
@pytest.mark.parametrize("options", [{}, {"stream_results": True}], ids=["buffered", "streamed"])
def test_an_engine_that_is_dropped_with_a_result_leaves_nothing(url: str, options: dict[str, Any]) -> None:
    def use() -> None:
        connection = sa.create_engine(url).connect().execution_options(**options)
        connection.execute(sa.text(FILES)).fetchone()

    leaves_nothing(use)


@pytest.mark.long
def test_an_engine_that_is_never_disposed_leaves_nothing(url: str) -> None:
    def use() -> None:
        with sa.create_engine(url).connect() as connection:
            connection.execute(sa.text(USERS)).fetchall()

    leaves_nothing(use)


def test_an_engine_that_is_dropped_after_a_write_of_the_orm_leaves_nothing(url: str) -> None:
    """The mapper keeps the statement that it has compiled, and the dialect with it."""

    def use() -> None:
        with Session(sa.create_engine(url)) as session, suppress(sa.exc.DBAPIError):
            session.add(Folder(name="no/name", parent_id="0"))
            session.commit()

    use()
    before = left()
    for _ in range(USES):
        use()
    wait_until(lambda: left().is_within(before))


@pytest.mark.long
@by_fork[0]
@by_fork[1]
def test_a_forked_child_leaves_nothing(url: str) -> None:
    with box_dialect.connect(url) as connection:
        connection.cursor().execute(USERS).fetchall()

        def forked() -> None:
            in_child(lambda: begun(url, USERS).fetchall())

        leaves_nothing(forked)


# asyncio


class _CancelledAt:
    """Await a coroutine, and have the task cancelled at one of its awaits, counted from 0."""

    def __init__(self, coroutine: Any, number: int) -> None:
        self._steps, self._left = coroutine.__await__(), number

    def __await__(self) -> Generator[Any, Any, None]:
        step = self._steps.send(None)
        with suppress(StopIteration):
            while True:
                if self._left == 0:
                    asyncio.current_task().cancel()
                self._left -= 1
                try:
                    value = yield step
                except BaseException as error:  # noqa: BLE001 - as it is thrown into the coroutine
                    step = self._steps.throw(error)
                else:
                    step = self._steps.send(value)


def cancelled_at_each_await(use: Callable[[], Awaitable[object]]) -> None:
    """Cancel a use at its first await, then another one at its second, and so on to the end of one."""

    async def cancelled(number: int) -> bool:
        task = asyncio.ensure_future(_to_its_end(_CancelledAt(use(), number)))
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        return task.cancelled()

    async def all_of_them() -> None:
        number = 0
        while await cancelled(number):
            number += 1
        assert number > 2

    asyncio.run(all_of_them())


async def _to_its_end(use: _CancelledAt) -> None:
    await use


async def _query(url: str) -> None:
    connection = await aio.connect(url)
    try:
        await (await connection.cursor().execute(JOIN)).fetchall()
    finally:
        await connection.close()


async def _engines_query(url: str) -> None:
    engine = create_async_engine(url.replace("box:", "box+aioapsw:", 1))
    try:
        async with engine.connect() as connection:
            (await connection.execute(sa.text(USERS))).fetchall()
    finally:
        await engine.dispose()


async def _signing_in(url: str) -> None:
    await (await aio.connect(url, InitiateOAuth="GETANDREFRESH")).close()


@pytest.mark.long
@pytest.mark.parametrize("query", [_query, _engines_query, _signing_in])
def test_what_is_cancelled_at_any_await_leaves_nothing(
    url: str, query: Callable[[str], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLAlchemy logs a close that is cancelled, and pytest keeps what is logged, with its traceback.
    monkeypatch.setattr(logging.getLogger("sqlalchemy.pool"), "propagate", False)
    leaves_nothing(lambda: cancelled_at_each_await(lambda: query(url)))


def test_an_asynchronous_connection_that_is_dropped_leaves_nothing(url: str) -> None:
    async def use() -> None:
        cursor = (await aio.connect(url)).cursor()
        await (await cursor.execute(JOIN)).fetchone()
        with suppress(box_dialect.Error):
            await cursor.execute("SELECT nothing FROM files")

    leaves_nothing(lambda: asyncio.run(use()))


def test_an_asynchronous_connection_that_is_dropped_after_a_failure_of_its_write_leaves_nothing(url: str) -> None:
    async def use() -> None:
        connection = await aio.connect(url, MaxApiCalls=1)
        with suppress(box_dialect.Error):
            await connection.cursor().execute(JOIN)
        with suppress(box_dialect.Error):
            await connection.cursor().execute(NEW)

    leaves_nothing(lambda: asyncio.run(use()))


@pytest.mark.long
def test_an_asynchronous_engine_that_is_dropped_leaves_nothing(url: str) -> None:
    async def use() -> None:
        engine = create_async_engine(url.replace("box:", "box+aioapsw:", 1))
        async with engine.connect() as connection:
            (await connection.execute(sa.text(USERS))).fetchall()

    leaves_nothing(lambda: asyncio.run(use()))
