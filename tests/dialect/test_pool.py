"""Many threads on one engine, and connections that have gone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from patience import wait_until

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

THREADS = 32
COUNT = sa.text("SELECT count(*) FROM files")


def test_thirty_two_threads_share_an_engine(synthetic: Box) -> None:
    engine = sa.create_engine(synthetic.url, pool_size=THREADS, connect_args={"MaxConcurrency": 4})
    query = sa.text("SELECT id, name, parent_id FROM files WHERE parent_id = :parent ORDER BY id")
    with engine.connect() as connection:
        all_rows = connection.execute(sa.text("SELECT id, name, parent_id FROM files ORDER BY id")).all()
    parents = sorted({row.parent_id for row in all_rows})[:THREADS]
    assert len(parents) == THREADS
    together = threading.Barrier(THREADS)
    synthetic.reset()

    def rows(parent: str) -> list[object]:
        with engine.connect() as connection:
            together.wait(300)  # each has a connection of its own
            return connection.execute(query, {"parent": parent}).all()

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(rows, parents))
    assert found == [[row for row in all_rows if row.parent_id == parent] for parent in parents]
    assert synthetic.stats()["max_in_flight"] <= 4
    assert engine.pool.checkedin() == THREADS
    engine.dispose()


def test_threads_have_as_many_calls_in_flight_as_allowed(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url, pool_size=8, connect_args={"MaxConcurrency": 4})
    connections = [engine.connect() for _ in range(8)]
    fresh.faults({"operation": "get_folders_id_items", "delay_ms": 600_000, "times": 100})

    def count(connection: sa.engine.Connection, folder: int) -> None:
        with pytest.raises(sa.exc.OperationalError, match="interrupted"):
            connection.execute(sa.text("SELECT count(*) FROM files WHERE parent_id = :folder"), {"folder": folder})

    with ThreadPoolExecutor(len(connections)) as threads:
        counts = [threads.submit(count, each, folder) for folder, each in enumerate(connections)]  # no two are equal
        wait_until(lambda: fresh.stats()["max_in_flight"] == 4)
        while not all(each.done() for each in counts):  # one that has not begun is not interrupted
            for connection in connections:
                connection.connection.dbapi_connection.interrupt()
            wait(counts, timeout=0.1)
        for each in counts:
            each.result()
    for connection in connections:
        connection.close()
    engine.dispose()


def test_a_disposed_engine_closes_its_connections_and_makes_new_ones(small: Box) -> None:
    engine = sa.create_engine(small.url)
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
    engine.dispose()
    with pytest.raises(box_dialect.InterfaceError, match="closed"):
        first.cursor()
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is not first
        assert connection.execute(COUNT).scalar() > 0
    engine.dispose()


def test_a_ping_makes_no_call_and_finds_a_closed_connection(small: Box) -> None:
    engine = sa.create_engine(small.url, pool_pre_ping=True)
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
    small.reset()
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is first
    assert small.stats()["calls"] == 0
    first.close()
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is not first
        assert connection.execute(COUNT).scalar() > 0
    engine.dispose()


@pytest.mark.skipif(sa.__version__ < "2", reason="SQLAlchemy 1.4 tells nobody of a ping")
def test_a_ping_that_fails_is_told_to_those_who_listen(small: Box) -> None:
    engine = sa.create_engine(small.url, pool_pre_ping=True)
    told = []
    sa.event.listen(engine, "handle_error", lambda failed: told.append((failed.is_pre_ping, failed.is_disconnect)))
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
    first.close()
    engine.connect().close()
    assert told == [(True, True)]
    engine.dispose()


def test_a_connection_that_was_closed_is_a_disconnect(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection:
        connection.connection.dbapi_connection.close()
        with pytest.raises(sa.exc.InterfaceError, match="the connection is closed") as failure:
            connection.execute(COUNT)
        assert failure.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(COUNT).scalar() > 0


def test_each_dialect_lets_statements_be_cached() -> None:
    registered = [each for each in entry_points(group="sqlalchemy.dialects") if each.value.startswith("box_dialect.")]
    assert {each.name for each in registered} == {"box", "box.apsw", "box.aioapsw"}
    classes = {each.load() for each in registered}
    assert {each.is_async for each in classes} == {False, True}
    assert [each for each in classes if vars(each).get("supports_statement_cache") is not True] == []
