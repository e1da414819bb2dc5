"""Equal calls that are in flight at once are one call, and each statement keeps its own bounds and its own view."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS, wait_until, wait_until_quiet
from rounds import Rounds

import box_dialect
from box_dialect.emulator.app import App

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

LISTING = "SELECT name FROM files WHERE parent_id = '0' ORDER BY id"


class Running:
    """A statement that runs in a thread of its own, until Box answers."""

    def __init__(self, connection: box_dialect.Connection, sql: str = LISTING) -> None:
        self.cursor = connection.cursor()
        self._found: list[Any] = []
        self._thread = threading.Thread(target=self._run, args=(sql,), daemon=True)
        self._thread.start()
        wait_until(lambda: self.cursor.api_calls)  # it waits for a call, its own or an equal one

    def _run(self, sql: str) -> None:
        try:
            self._found.append(self.cursor.execute(sql).fetchall())
        except box_dialect.Error as error:
            self._found.append(error)

    def result(self) -> Any:
        self._thread.join(PATIENCE_SECONDS)
        (found,) = self._found
        return found


@pytest.fixture
def rounds(fresh: Box) -> Iterator[Rounds]:
    """What holds the answers of Box; everybody has signed in before."""
    with fresh.connect(request_timeout=600) as connection:
        connection.cursor().execute("SELECT id FROM users").fetchall()
    fresh.reset()
    held = Rounds()
    with held.holding(App):
        yield held


@contextmanager
def several(box: Box, count: int) -> Iterator[list[box_dialect.Connection]]:
    connections = [box.connect(request_timeout=600) for _ in range(count)]
    yield connections
    for connection in connections:
        connection.close()


def test_equal_statements_at_once_make_one_call(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 3) as connections:
        running = [Running(connection) for connection in connections]
        wait_until(lambda: rounds.held == 1)
        rounds.give()
        first, *others = [each.result() for each in running]
    assert first
    assert all(other == first for other in others)
    assert fresh.stats()["calls"] == 1
    assert [each.cursor.api_calls for each in running] == [1, 1, 1]


def test_a_later_statement_asks_again(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 2) as (one, other):
        for connection in (one, other):
            running = Running(connection)
            wait_until(lambda: rounds.held == 1)
            rounds.give()
            assert running.result()
    assert fresh.stats()["calls"] == 2


def test_other_columns_are_another_call(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 2) as (one, other):
        running = [Running(one), Running(other, LISTING.replace("name", "size"))]
        wait_until(lambda: rounds.held == 2)
        rounds.give()
        assert all(each.result() for each in running)


def test_what_is_asked_after_a_write_shares_nothing_from_before_it(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 3) as (one, other, writer):
        before = Running(one, LISTING.replace("files", "folders"))
        written = Running(writer, "INSERT INTO folders (name, parent_id) VALUES ('New', '0')")
        wait_until(lambda: rounds.held == 2)
        rounds.give("/folders")
        written.result()
        after = Running(other, LISTING.replace("files", "folders"))
        wait_until(lambda: rounds.held == 2)
        rounds.give()
        assert ("New",) in after.result()
        assert before.result()
    assert fresh.stats()["by_operation"]["get_folders_id_items"] == 2


def test_a_statement_that_is_cancelled_takes_no_answer_from_others(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 3) as connections:
        first, *others = [Running(connection) for connection in connections]
        wait_until(lambda: rounds.held == 1)
        connections[0].interrupt()
        assert isinstance(first.result(), box_dialect.OperationalError)
        rounds.give()
        assert all(isinstance(each.result(), list) for each in others)
    assert fresh.stats()["calls"] == 1


def test_the_call_is_cancelled_with_the_last_statement_that_waits_for_it(fresh: Box, rounds: Rounds) -> None:
    with several(fresh, 2) as connections:
        running = [Running(connection) for connection in connections]
        wait_until(lambda: rounds.held == 1)
        for connection in connections:
            connection.interrupt()
        assert all(isinstance(each.result(), box_dialect.OperationalError) for each in running)
        wait_until_quiet()  # though Box has not answered


def test_each_statement_counts_the_attempts_that_it_waits_for(fresh: Box, rounds: Rounds) -> None:
    fresh.faults({"operation": "get_folders_id_items", "status": 503, "times": 1})
    with (
        fresh.connect(max_api_calls=1, request_timeout=600) as one,
        fresh.connect(max_api_calls=1, request_timeout=600) as other,
    ):
        running = [Running(connection) for connection in (one, other)]
        wait_until(lambda: rounds.held == 1)
        rounds.give()
        problems = [each.result() for each in running]
    assert all("MaxApiCalls" in str(problem) for problem in problems)


def test_a_failure_is_raised_to_all(fresh: Box, rounds: Rounds) -> None:
    fresh.faults({"operation": "get_folders_id_items", "status": 403, "times": 1})
    with several(fresh, 2) as connections:
        running = [Running(connection) for connection in connections]
        wait_until(lambda: rounds.held == 1)
        rounds.give()
        problems = [each.result() for each in running]
    assert all(isinstance(problem, box_dialect.DatabaseError) for problem in problems)
    assert problems[0] is not problems[1]
