"""Stop: a statement that another process says is stopped ends, and a watch ends with its statement."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS, wait_until
from sqlalchemy.exc import SQLAlchemyError
from sweep import sweep

import box_dialect
from box_dialect.integrations.superset import stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

SOON = 0.02
COMPUTES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
COUNTS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "box-dialect-stop"]


def run(connection: box_dialect.Connection, statement: str, is_stopped: Callable[[], bool]) -> None:
    """Run a statement as Superset's SQL Lab does: execute, then fetch all."""
    cursor = connection.cursor()
    stop.begin(cursor, is_stopped, SOON)
    try:
        cursor.execute(statement)
        cursor.fetchall()
    finally:
        stop.end(cursor)


@sweep("statement", [COMPUTES, COUNTS])
def test_a_statement_that_computes_is_stopped(small: Box, statement: str) -> None:
    began = time.monotonic()
    with (
        small.connect(MaxStatementMemory=0) as connection,
        pytest.raises(box_dialect.OperationalError, match="the statement was interrupted"),
    ):
        run(connection, statement, lambda: time.monotonic() > began + 0.2)
    wait_until(lambda: not watches())


def test_a_statement_that_waits_for_box_is_stopped(fresh: Box) -> None:
    fresh.faults({"operation": "get_groups", "delay_ms": PATIENCE_SECONDS * 1000})
    with (
        fresh.connect() as connection,
        pytest.raises(box_dialect.OperationalError, match="the statement was interrupted"),
    ):
        run(connection, "SELECT * FROM groups", lambda: True)
    with fresh.connect() as connection:
        assert connection.cursor().execute("SELECT count(*) FROM users").fetchone()


def test_between_execute_and_fetch_it_is_stopped_too(small: Box) -> None:
    asked = threading.Event()
    with small.connect() as connection:
        cursor = connection.cursor()
        stop.begin(cursor, lambda: bool(asked.set()) or True, SOON)
        cursor.execute(COUNTS)
        assert asked.wait(PATIENCE_SECONDS)
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            cursor.fetchall()
        stop.end(cursor)


def test_what_is_not_stopped_goes_on_and_costs_one_look_in_a_while(small: Box) -> None:
    looks: list[float] = []
    with small.connect() as connection:
        run(connection, "SELECT count(*) FROM users", lambda: bool(looks.append(time.monotonic())))
        wait_until(lambda: not watches())  # or a last look of the first one comes later
        cursor = connection.cursor()
        stop.begin(cursor, lambda: bool(looks.append(time.monotonic())), PATIENCE_SECONDS)
        assert cursor.execute("SELECT count(*) FROM users").fetchall()
        stop.end(cursor)
        before = len(looks)
        wait_until(lambda: not watches())
        assert len(looks) == before


def test_a_status_that_cannot_be_read_stops_nothing(small: Box, caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()

    def fail() -> bool:
        failed.set()
        raise SQLAlchemyError("the metadata database is away")

    with small.connect() as connection:
        cursor = connection.cursor()
        stop.begin(cursor, fail, SOON)
        assert failed.wait(PATIENCE_SECONDS)
        assert cursor.execute("SELECT count(*) FROM users").fetchall()
        stop.end(cursor)
    wait_until(lambda: not watches())
    assert "could not be read" in caplog.text


def test_a_watch_that_nobody_ends_ends_with_its_connection(small: Box) -> None:
    with small.connect() as connection:
        stop.begin(connection.cursor(), lambda: False, SOON)
        assert watches()
    wait_until(lambda: not watches())
    forgotten, looked = small.connect(), threading.Event()
    stop.begin(forgotten.cursor(), lambda: bool(looked.set()), SOON)
    assert looked.wait(PATIENCE_SECONDS)
    del forgotten
    gc.collect()
    wait_until(lambda: not watches())


def test_a_cursor_has_one_watch(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        for _ in range(3):
            stop.begin(cursor, lambda: False, SOON)
        wait_until(lambda: len(watches()) == 1)
        stop.end(cursor)
        stop.end(cursor)
    wait_until(lambda: not watches())
