"""A join asks ahead for what its coming rows need, for no more, and nobody hears of what nobody needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from patience import wait_until, wait_until_quiet

import box_dialect
from box_dialect.emulator.content import PatternContent

if TYPE_CHECKING:
    from conftest import Box

FILES = 60
WIDTH = 8
FORESEEN = 1 + WIDTH
"""Files whose comments are asked for by the first row: as many as calls may be in flight, beside its own."""
COMMENTS = "get_files_id_comments"
JOIN = "SELECT f.name, c.message FROM files f LEFT JOIN comments c ON c.item_id = f.id WHERE f.parent_id = ?"


@pytest.fixture
def folder(fresh: Box) -> str:
    """A folder whose files have a comment each."""
    made = fresh.store.add_folder("commented", fresh.store.root, fresh.store.admin)
    for number in range(FILES):
        file = fresh.store.add_file(f"{number:02}", made, PatternContent("x", 1), fresh.store.admin)
        fresh.store.add_comment(file, f"on {number:02}", fresh.store.admin)
    fresh.reset()
    return made.id


def asked(box: Box) -> int:
    """Return how many files' comments were asked for."""
    by_operation = box.stats()["by_operation"]
    assert isinstance(by_operation, dict)
    return int(by_operation.get(COMMENTS, 0))


def read_five(box: Box, cursor: box_dialect.Cursor, folder: str) -> None:
    """Read five rows, and wait until all is asked for that was foreseen with the first."""
    assert len(cursor.execute(JOIN, (folder,)).fetchmany(5)) == 5
    wait_until(lambda: asked(box) >= FORESEEN)


@pytest.mark.parametrize("rows", [1, 2, 10, 30])
def test_a_program_that_stops_has_few_calls_made_in_vain(fresh: Box, folder: str, rows: int) -> None:
    with fresh.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        assert len(cursor.execute(JOIN, (folder,)).fetchmany(rows)) == rows
    assert asked(fresh) <= rows + max(2 * rows, WIDTH)


def test_calls_for_coming_rows_are_in_flight_at_once(fresh: Box, folder: str) -> None:
    with fresh.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        fresh.faults({"operation": COMMENTS, "delay_ms": 600_000, "times": FILES})
        with ThreadPoolExecutor(1) as thread:
            running = thread.submit(cursor.execute, JOIN, (folder,))
            wait_until(lambda: asked(fresh) >= WIDTH)
            connection.interrupt()
            with pytest.raises(box_dialect.OperationalError):
                running.result()
        assert int(str(fresh.stats()["max_in_flight"])) == WIDTH


def test_what_is_asked_ahead_is_bounded(fresh: Box, folder: str) -> None:
    with fresh.connect(max_concurrency=2) as connection, connection.cursor() as cursor:
        cursor.execute(JOIN, (folder,)).fetchmany(20)
        assert asked(fresh) <= 20 + 2 * 20


def test_a_closed_cursor_stops_asking_ahead(fresh: Box, folder: str) -> None:
    with fresh.connect(max_concurrency=WIDTH) as connection:
        cursor = connection.cursor()
        fresh.faults({"operation": COMMENTS, "delay_ms": 300_000, "status": 200, "skip": 1, "times": FILES})
        assert cursor.execute(JOIN, (folder,)).fetchone() == ("00", "on 00")
        wait_until(lambda: asked(fresh) > 1)
        cursor.close()
        fresh.reset()
        other = connection.cursor()
        assert len(other.execute(JOIN, (folder,)).fetchall()) == FILES
        assert other.api_calls == 1 + FILES


def test_a_failure_is_told_only_where_its_rows_are_asked_for(fresh: Box, folder: str) -> None:
    failure = {"operation": COMMENTS, "status": 403, "times": 2 * FILES, "body": {"code": "forbidden"}}
    with fresh.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        read_five(fresh, cursor, folder)
        wait_until_quiet()
        known = asked(fresh)
        fresh.faults(failure)
        assert cursor.fetchmany(known - 5)[-1] == (f"{known - 1:02}", f"on {known - 1:02}")
        with pytest.raises(box_dialect.DatabaseError):
            cursor.fetchone()
    fresh.reset()
    fresh.faults(failure | {"skip": 8})
    with fresh.connect() as connection, connection.cursor() as cursor, pytest.raises(box_dialect.DatabaseError):
        cursor.execute(JOIN, (folder,)).fetchall()


def test_rows_of_a_join_come_in_the_order_of_its_outer_table(fresh: Box, folder: str) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"{JOIN} AND f.name >= '10'", (folder,))
        assert [name for name, _ in cursor] == [f"{number:02}" for number in range(10, FILES)]
        assert cursor.api_calls == 1 + FILES - 10
