"""The driver for asyncio: statements, rows, transactions, errors."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING

import pytest

import box_dialect
from aio.loops import failing, on_loop
from box_dialect import aio

if TYPE_CHECKING:
    from conftest import Box

FILES = "SELECT id, name FROM files ORDER BY path"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"


def expected(box: Box) -> list[tuple[object, ...]]:
    with box.connect() as connection:
        return connection.cursor().execute(FILES).fetchall()


@on_loop
async def test_rows_come_as_from_the_synchronous_driver(small: Box) -> None:
    async with await aio.connect(small.url) as connection, connection.cursor() as cursor:
        assert (cursor.description, cursor.rowcount, cursor.lastrowid, cursor.api_calls) == (None, -1, None, 0)
        assert await cursor.execute(FILES) is cursor
        assert cursor.description is not None
        assert [name for name, *_ in cursor.description] == ["id", "name"]
        assert await cursor.fetchall() == expected(small)
        assert cursor.api_calls > 0
        await cursor.execute("SELECT :one AS one", {"one": 1})
        assert await cursor.fetchone() == (1,)
        assert await cursor.fetchone() is None


@on_loop
async def test_a_cursor_bounds_the_calls_of_its_statements(small: Box) -> None:
    async with await aio.connect(small.url) as connection, connection.cursor() as cursor:
        cursor.max_api_calls = 2
        with pytest.raises(box_dialect.OperationalError, match="more than the 2 API calls"):
            await cursor.execute("SELECT count(*) FROM files")
        async with connection.cursor() as other:
            await other.execute("SELECT count(*) FROM files")


@on_loop
async def test_iterating_and_fetching_take_turns_and_lose_no_row(small: Box) -> None:
    async with await aio.connect(small.url) as connection:
        cursor = await connection.cursor().execute(NUMBERS, (2_000,))
        rows = []
        async for row in cursor:
            rows.append(row)
            if len(rows) == 5:  # two rows of the third step are left
                break
        rows.append(await cursor.fetchone())
        rows += await cursor.fetchmany(3)
        rows += await cursor.fetchmany()
        rows += [row async for row in cursor][:-1_000]
        assert [i for (i,) in rows] == list(range(1, 1_001))
        assert await cursor.fetchall() == []
        await cursor.execute(NUMBERS, (10,))
        async for _ in cursor:
            break
        await cursor.execute(NUMBERS, (3,))
        assert await cursor.fetchall() == [(1,), (2,), (3,)]
        await cursor.execute(NUMBERS, (20,))
        async for (i,) in cursor:
            if i == 9:  # of eight rows that came together
                break
        assert await cursor.fetchall() == [(i,) for i in range(10, 21)]


@on_loop
async def test_rows_are_asked_of_box_as_they_are_taken(synthetic: Box) -> None:
    async with await aio.connect(synthetic.url) as connection:
        cursor = await connection.cursor().execute("SELECT id FROM files")
        taken = 0
        async for _ in cursor:
            taken += 1
            if taken == 10:
                break
        assert 0 < cursor.api_calls < 30
        await cursor.fetchall()
        assert cursor.api_calls > 100


@on_loop
async def test_transactions_are_those_of_the_synchronous_driver(small: Box) -> None:
    async with await aio.connect(small.url, local_database="memory://aio-transactions") as connection:
        cursor = connection.cursor()
        await cursor.execute("CREATE TABLE kept (i INTEGER)")
        await cursor.executemany("INSERT INTO kept VALUES (?)", [(1,), (2,)])
        assert (cursor.rowcount, cursor.lastrowid) == (2, 2)
        await connection.commit()
        await cursor.execute("INSERT INTO kept VALUES (3)")
        await connection.rollback()
        assert connection.autocommit is False
        await connection.set_autocommit(True)
        assert connection.autocommit is True
        await cursor.execute("INSERT INTO kept VALUES (4)")
        await connection.rollback()
        await connection.set_autocommit(False)
        await cursor.execute("INSERT INTO kept VALUES (5)")  # which the end of the block keeps
    async with failing(await aio.connect(small.url, local_database="memory://aio-transactions")) as connection:
        await connection.cursor().execute("INSERT INTO kept VALUES (6)")
    async with await aio.connect(small.url, local_database="memory://aio-transactions") as connection:
        cursor = await connection.cursor().execute("SELECT i FROM kept ORDER BY i")
        assert await cursor.fetchall() == [(1,), (2,), (4,), (5,)]


@on_loop
async def test_a_write_to_box_gives_its_key(fresh: Box) -> None:
    async with await aio.connect(fresh.url) as connection:
        cursor = await connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('new', '0')")
        found = await connection.cursor().execute("SELECT id FROM folders WHERE path = '/new'")
        assert await found.fetchall() == [(str(cursor.lastrowid),)]


@on_loop
async def test_a_function_that_rolls_back_twice_warns(fresh: Box) -> None:
    def written_in_vain(connection: box_dialect.Connection) -> None:
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('new', '0')")
        connection.rollback()
        connection.rollback()

    async with await aio.connect(fresh.url) as connection:
        with pytest.warns(box_dialect.BoxTransactionWarning):
            await connection.run_sync(written_in_vain)


@pytest.mark.parametrize("way", ["rollback", "statement"])
@on_loop
async def test_a_rollback_after_a_write_warns_once_at_the_callers_line(fresh: Box, way: str) -> None:
    async with await aio.connect(fresh.url) as connection:
        await connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('new', '0')")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            if way == "rollback":
                await connection.rollback()  # the caller's line
            else:
                await connection.cursor().execute("BEGIN")
                await connection.cursor().execute("ROLLBACK")  # the caller's line
            await connection.rollback()
    (warning,) = told
    assert warning.category is box_dialect.BoxTransactionWarning
    assert warning.filename == __file__
    with open(__file__, encoding="utf-8") as source:  # noqa: ASYNC230, PTH123 - a file of the test's own
        assert "# the caller's line" in source.readlines()[warning.lineno - 1]


@on_loop
async def test_failures_are_the_same_exceptions(small: Box) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="unknown connection property"):
        await aio.connect("box://?AuthSchema=OAuth")
    connection = await aio.connect(small.url)
    cursor = connection.cursor()
    with pytest.raises(box_dialect.ProgrammingError, match="did you mean files"):
        await cursor.execute("SELECT * FROM filse")
    with pytest.raises(aio.Connection.ProgrammingError, match="no rows to fetch"):
        await cursor.fetchone()
    with pytest.raises(box_dialect.ProgrammingError, match="a number of rows"):
        await (await cursor.execute("SELECT 1")).fetchmany(-1)
    with pytest.raises(box_dialect.ProgrammingError, match="return no rows"):
        await cursor.executemany("SELECT ?", [(1,)])
    with pytest.raises(box_dialect.ProgrammingError, match="procedure"):
        await cursor.callproc("no_such_procedure")
    await cursor.close()
    await cursor.close()
    with pytest.raises(box_dialect.InterfaceError, match="the cursor is closed"):
        await cursor.execute("SELECT 1")
    assert not connection.closed
    await connection.close()
    await connection.close()
    assert connection.closed
    for use in (connection.commit, connection.rollback, lambda: connection.cursor().execute("SELECT 1")):
        with pytest.raises(box_dialect.InterfaceError, match="the connection is closed"):
            await use()


@on_loop
async def test_a_function_runs_in_the_connections_thread(small: Box) -> None:
    def count(connection: box_dialect.Connection, table: str, *, least: int) -> bool:
        (number,) = connection.cursor().execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        return bool(number >= least)

    async with await aio.connect(small.url) as connection:
        assert await connection.run_sync(count, "users", least=1) is True
        with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
            await connection.run_sync(count, "nowhere", least=1)


@on_loop
async def test_tasks_may_share_a_connection(small: Box) -> None:
    async with await aio.connect(small.url) as connection:

        async def ask(i: int) -> object:
            async with connection.cursor() as cursor:
                await cursor.execute("SELECT ?, name FROM files WHERE path = '/Notes.txt'", (i,))
                return await cursor.fetchall()

        assert await asyncio.gather(*map(ask, range(10))) == [[(i, "Notes.txt")] for i in range(10)]


@on_loop
async def test_a_generator_that_is_closed_halfway_closes_what_it_opened(synthetic: Box) -> None:
    opened: list[aio.Connection] = []

    async def ids():
        async with await aio.connect(synthetic.url) as connection, connection.cursor() as cursor:
            opened.append(connection)
            await cursor.execute("SELECT id FROM files")
            async for (id_,) in cursor:
                yield id_

    generator = ids()
    assert await anext(generator)
    await generator.aclose()
    assert opened[0].closed
