"""create_async_engine(): pool, transactions, streaming, reflection, cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

import box_dialect
from aio.conftest import DRIVERNAME
from aio.loops import failing, on_loop, until, workers, workers_in_use
from aio.silent import silent_box
from box_dialect import aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Box
    from sqlalchemy.ext.asyncio import AsyncEngine

IS_1_4 = sa.__version__.startswith("1.")
NOTES = sa.text("SELECT name FROM files WHERE path = '/Notes.txt'")
FILES = sa.text("SELECT id FROM files")


@contextlib.asynccontextmanager
async def opened(url: str, **options: object) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url, **options)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    "drivername",
    [
        pytest.param("box", marks=pytest.mark.skipif(IS_1_4, reason="SQLAlchemy 1.4 wants the driver's name")),
        "box+aioapsw",
    ],
)
@on_loop
async def test_a_url_makes_an_engine(small: Box, drivername: str) -> None:
    async with opened(small.url.replace("box:", f"{drivername}:", 1)) as engine:
        assert (engine.dialect.name, engine.dialect.driver, engine.dialect.is_async) == ("box", "aioapsw", True)
        assert isinstance(engine.pool, AsyncAdaptedQueuePool)
        async with engine.connect() as connection:
            assert (await connection.execute(NOTES)).all() == [("Notes.txt",)]
            raw = await connection.get_raw_connection()
            assert isinstance(raw.driver_connection, aio.Connection)


def test_the_synchronous_engine_stays_what_it_is(small: Box) -> None:
    engine = sa.create_engine(small.url)
    assert (engine.dialect.driver, engine.dialect.is_async) == ("apsw", False)
    with engine.connect() as connection:
        assert connection.execute(NOTES).scalar() == "Notes.txt"
    engine.dispose()


@on_loop
async def test_secrets_are_in_no_text_of_an_engine() -> None:
    secret = "sEcReT-vAlUe-0123456789"
    async with opened(f"{DRIVERNAME}://client:{secret}@/?OAuthAccessToken={secret}") as engine:
        assert secret not in f"{engine!r} {engine.url!r} {engine.url} {engine.sync_engine!r}"


@on_loop
async def test_a_wrong_property_fails_when_it_connects(url: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="unknown connection property 'Nonsense'"):
        async with opened(f"{url}&Nonsense=1") as engine, engine.connect():
            pass


@on_loop
async def test_a_buffered_result_has_all_that_a_cursor_tells(url: str) -> None:
    async with opened(url) as engine, engine.connect() as connection:
        result = await connection.execute(FILES)
        assert result.keys() == ["id"]
        assert result.cursor.api_calls > 0
        first = result.fetchone()
        assert first is not None
        rest = [*result.fetchmany(2), *result.fetchmany(), *result.fetchall()]
        assert len({first, *rest}) == 1 + len(rest) > 20
        assert list(await connection.execute(sa.text("SELECT 1 UNION ALL SELECT 2"))) == [(1,), (2,)]


@on_loop
async def test_a_stream_asks_for_the_pages_that_are_taken(synthetic: Box) -> None:
    url = synthetic.url.replace("box:", f"{DRIVERNAME}:", 1)
    async with opened(url) as engine, engine.connect() as connection:
        result = await connection.stream(FILES)
        cursor = result._real_result.cursor
        async for _ in result:
            break
        assert 0 < cursor.api_calls < 30
        await result.close()
        result = await connection.stream(FILES, execution_options={"yield_per": 100})
        cursor, calls, sizes = result._real_result.cursor, [], []
        async for part in result.partitions(100):
            sizes.append(len(part))
            calls.append(cursor.api_calls)
        assert sizes == [100] * 20
        assert calls[0] < calls[-1]
        assert await (await connection.stream(FILES)).fetchone() is not None
        assert len(await (await connection.stream(FILES)).all()) == 2_000
        with pytest.raises(sa.exc.SQLAlchemyError, match="server-side cursor"):
            await connection.execute(FILES, execution_options={"stream_results": True})


@on_loop
async def test_local_tables_have_transactions(url: str) -> None:
    numbers = sa.Table("numbers", metadata := sa.MetaData(), sa.Column("i", sa.Integer, primary_key=True))
    async with opened(url) as engine:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
            result = await connection.execute(sa.insert(numbers).values(i=1))
            assert (result.rowcount, result.inserted_primary_key[0]) == (1, 1)
            await connection.execute(sa.insert(numbers), [{"i": 2}, {"i": 3}])
        async with failing(engine.begin()) as connection:
            await connection.execute(sa.insert(numbers).values(i=4))
        async with engine.connect() as connection:
            await connection.execute(sa.insert(numbers).values(i=5))  # which the return to the pool rolls back
        async with engine.begin() as connection, failing(connection.begin_nested()):
            await connection.execute(sa.insert(numbers).values(i=6))
        async with engine.connect() as first, engine.connect() as second:  # which share the engine's memory
            for connection in (first, second):
                assert (await connection.execute(sa.select(numbers.c.i).order_by("i"))).all() == [(1,), (2,), (3,)]


@on_loop
async def test_isolation_levels_are_those_of_the_synchronous_dialect(url: str) -> None:
    async with opened(url, pool_size=1) as engine:
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: sync.get_isolation_level()) == "SERIALIZABLE"
            with pytest.raises(sa.exc.ArgumentError):
                await connection.execution_options(isolation_level="SNAPSHOT")
        async with engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            assert await connection.run_sync(lambda sync: sync.get_isolation_level()) == "AUTOCOMMIT"
            await connection.execute(sa.text("CREATE TABLE kept (i INTEGER)"))
            await connection.execute(sa.text("INSERT INTO kept VALUES (1)"))
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: sync.get_isolation_level()) == "SERIALIZABLE"
            assert (await connection.execute(sa.text("SELECT i FROM kept"))).all() == [(1,)]


@on_loop
async def test_errors_are_wrapped_as_usual(url: str) -> None:
    async with opened(url) as engine, engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError, match="did you mean files") as caught:
            await connection.execute(sa.text("SELECT * FROM filse"))
        assert isinstance(caught.value.orig, box_dialect.ProgrammingError)
        with pytest.raises(sa.exc.IntegrityError):
            await connection.execute(sa.text("INSERT INTO folders (name, parent_id) VALUES ('Contracts', '0')"))
        with pytest.raises(sa.exc.ProgrammingError):
            await connection.stream(sa.text("SELECT * FROM filse"))


@on_loop
async def test_a_rollback_after_a_write_warns_at_the_callers_line(changeable: str) -> None:
    async with opened(changeable) as engine, engine.connect() as connection:
        await connection.execute(sa.text("INSERT INTO folders (name, parent_id) VALUES ('new', '0')"))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            await connection.rollback()  # the caller's line
    (warning,) = told
    assert (warning.category, warning.filename) == (box_dialect.BoxTransactionWarning, __file__)
    with open(__file__, encoding="utf-8") as source:  # noqa: ASYNC230, PTH123 - a file of the test's own
        assert "# the caller's line" in source.readlines()[warning.lineno - 1]


@on_loop
async def test_tables_are_reflected_without_a_call_but_for_templates(small: Box, url: str) -> None:
    small.reset()
    metadata = sa.MetaData()
    async with opened(url) as engine, engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
    assert {"files", "folders", "users", "comments", "global_properties"} <= set(metadata.tables)
    calls: Any = small.stats()["by_operation"]
    assert {*calls} <= {"get_metadata_templates_enterprise", "get_metadata_templates_global"}


@on_loop
async def test_queries_run_side_by_side(url: str) -> None:
    await until(lambda: not workers_in_use())
    async with opened(url, pool_size=5, max_overflow=0, pool_timeout=PATIENCE_SECONDS) as engine:

        async def ask(i: int) -> object:
            async with engine.connect() as connection:
                statement = sa.text("SELECT :i, name FROM files WHERE path = '/Notes.txt'")
                return (await connection.execute(statement, {"i": i})).one()

        assert await asyncio.gather(*map(ask, range(50))) == [(i, "Notes.txt") for i in range(50)]
        assert len(workers()) <= 5
    await until(lambda: not workers())


@on_loop
async def test_cancelling_a_query_cancels_its_calls_and_the_engine_goes_on() -> None:
    async with silent_box() as box, opened(box.url.replace("box:", f"{DRIVERNAME}:", 1), pool_size=1) as engine:

        async def query() -> object:
            async with engine.connect() as connection:
                return (await connection.execute(sa.text("SELECT id FROM users"))).all()

        async def stream() -> object:
            async with engine.connect() as connection:
                return await (await connection.stream(sa.text("SELECT id FROM users"))).all()

        for number, ask in enumerate((query, stream), start=1):
            task = asyncio.create_task(ask())
            await until(lambda: box.calls == number)  # noqa: B023 - it is awaited here
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
            await until(lambda: box.hung_up == number)  # noqa: B023 - likewise
        assert box.calls == 2
        box.answers.set()
        assert await query() == await stream() == [("1",)]
    await until(lambda: not workers())


@on_loop
async def test_a_connection_that_was_closed_beneath_is_replaced(url: str) -> None:
    async with opened(url, pool_size=1, pool_pre_ping=True) as engine:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.close()
            with pytest.raises(sa.exc.InterfaceError, match="the connection is closed"):
                await connection.execute(NOTES)
            assert connection.invalidated
        async with engine.connect() as connection:
            assert (await connection.execute(NOTES)).all() == [("Notes.txt",)]
            raw = await connection.get_raw_connection()
            driver_connection = raw.driver_connection
        await driver_connection.close()
        async with engine.connect() as connection:
            assert (await connection.execute(NOTES)).all() == [("Notes.txt",)]


def test_an_engine_serves_one_loop_after_another(url: str) -> None:
    engine = create_async_engine(url)

    async def query() -> object:
        async with engine.connect() as connection:
            return (await connection.execute(NOTES)).all()

    assert asyncio.run(query()) == asyncio.run(query()) == [("Notes.txt",)]
    asyncio.run(engine.dispose())


@on_loop
async def test_a_connection_that_is_forgotten_lets_its_thread_end(url: str) -> None:
    async with opened(url, poolclass=NullPool) as engine:
        connection = await engine.connect()
        assert (await connection.execute(NOTES)).all() == [("Notes.txt",)]
        del connection
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, of a connection that is not returned
            await until(lambda: not workers_in_use())


@pytest.mark.skipif(IS_1_4, reason="SQLAlchemy 1.4 has no async_creator")
@on_loop
async def test_connections_may_be_made_by_a_function(small: Box) -> None:
    made: list[int] = []

    async def make() -> aio.Connection:
        made.append(threading.get_ident())
        return await aio.connect(small.url, readonly=True)

    url = f"{DRIVERNAME}://?OAuthAccessToken=token"
    async with opened(url, async_creator=make) as engine, engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError, match="Readonly"):
            await connection.execute(sa.text("CREATE TABLE t (i)"))
    assert made == [threading.get_ident()]


@on_loop
async def test_a_function_among_the_arguments_of_connect_is_given_the_others(small: Box) -> None:
    given: list[str] = []

    async def make(**properties: str) -> aio.Connection:
        given.append(properties["OAuthAccessToken"])
        return await aio.connect(small.url)

    url = f"{DRIVERNAME}://?OAuthAccessToken=token"
    async with opened(url, connect_args={"async_creator_fn": make}) as engine, engine.connect() as connection:
        assert (await connection.execute(NOTES)).all() == [("Notes.txt",)]
    assert given == ["token"]
