"""A file of local tables that is open while the process forks: parent and child lose nothing of what they write."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import apsw
import pytest
import sqlalchemy as sa
from forks import Child, by_fork, in_child
from patience import wait_until

import box_dialect
from box_dialect.engine.local.fork import check_not_inherited, leave_to_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

pytestmark = by_fork
ROWS = "SELECT a FROM own ORDER BY a"


@pytest.fixture(params=["wal", "delete"])
def location(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A file with one table, which has one row."""
    path = str(tmp_path / "own.db")
    made = apsw.Connection(path)
    made.pragma("journal_mode", request.param)
    made.execute("CREATE TABLE own (a); INSERT INTO own VALUES (0)")
    made.close()
    return path


def rows(box: Box, location: str) -> list[Any]:
    with box.connect(LocalDatabase=location) as connection:
        return [a for (a,) in connection.cursor().execute(ROWS)]


def idle_in_the_pool(box: Box, location: str) -> Callable[[], object]:
    engine = sa.create_engine(box.url, connect_args={"LocalDatabase": location})
    with engine.connect() as connection:
        connection.execute(sa.text(ROWS)).all()
    return engine.dispose


def open_by_itself(box: Box, location: str) -> Callable[[], object]:
    connection = box.connect(LocalDatabase=location)
    connection.cursor().execute(ROWS).fetchall()
    return connection.close


def after_a_row_of_each(box: Box, location: str) -> Callable[[], object]:
    connection = box.connect(LocalDatabase=location)
    for sql in (f"{ROWS}", "SELECT f.name, own.a FROM files f, own"):
        with connection.cursor() as cursor:  # an open one would keep the child from writing, as SQLite's readers do
            cursor.execute(sql).fetchone()
    return connection.close


@pytest.mark.long
@pytest.mark.parametrize("opened", [idle_in_the_pool, open_by_itself, after_a_row_of_each])
def test_a_child_keeps_what_it_writes_when_its_parent_closes_the_file(
    small: Box, location: str, opened: Callable[[Box, str], Callable[[], object]]
) -> None:
    close = opened(small, location)

    def write(come_so_far: Callable[[], None]) -> object:
        assert "box-dialect" not in {thread.name for thread in threading.enumerate()}  # it has left all alone
        connection = small.connect(LocalDatabase=location)
        connection.autocommit = True
        connection.cursor().execute("INSERT INTO own VALUES (1)")
        come_so_far()
        connection.cursor().execute("INSERT INTO own VALUES (2)")
        return connection.cursor().execute(ROWS).fetchall()

    child = Child(write)
    child.come_so_far()
    close()
    assert child.answer() == "[(0,), (1,), (2,)]"
    assert rows(small, location) == [0, 1, 2]


def test_the_log_of_the_parent_is_left_to_it(tmp_path: Path) -> None:
    file = tmp_path / "own.db"
    connection = apsw.Connection(str(file))
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE own (a)")
    leave_to_parent(connection, str(file), is_running=False)
    assert file.with_name("own.db-wal").stat().st_size > 0
    with pytest.raises(apsw.ConnectionClosedError):
        connection.execute("SELECT 1")


def test_a_connection_at_work_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "own.db"

    def leave() -> object:
        connection = apsw.Connection(str(file))
        leave_to_parent(connection, str(file), is_running=True)
        with pytest.raises(box_dialect.OperationalError, match="forked"):
            check_not_inherited(file)
        return connection.execute("SELECT 1").fetchall()

    assert in_child(leave) == "[(1,)]"


@pytest.mark.long
def test_a_child_opens_no_file_that_its_parent_writes_to(small: Box, location: str, tmp_path: Path) -> None:
    writing = small.connect(LocalDatabase=location)
    writing.cursor().execute("INSERT INTO own VALUES (1)")

    def use() -> object:
        with pytest.raises(box_dialect.OperationalError, match=r"own\.db .* when this process was forked"):
            small.connect(LocalDatabase=location)
        with small.connect(LocalDatabase=str(tmp_path / "another.db")) as connection:
            return connection.cursor().execute("SELECT count(*) > 0 FROM files").fetchone()

    assert in_child(use) == "(1,)"
    assert in_child(lambda: in_child(use)) == "(1,)"
    writing.commit()
    writing.close()
    assert rows(small, location) == [0, 1]
    assert in_child(lambda: rows(small, location)) == "[0, 1]"


@pytest.mark.long
def test_a_child_opens_no_file_that_another_thread_is_at_work_with(fresh: Box, location: str) -> None:
    reading = fresh.connect(LocalDatabase=location)
    fresh.faults({"operation": "get_folders_id_items", "delay_ms": 600_000, "times": 100})

    def read() -> None:
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            reading.cursor().execute("SELECT name, a FROM own, files").fetchall()

    thread = threading.Thread(target=read)
    thread.start()
    wait_until(lambda: fresh.stats()["max_in_flight"])

    def use() -> object:
        with pytest.raises(box_dialect.OperationalError, match="when this process was forked"):
            fresh.connect(LocalDatabase=location)
        with fresh.connect() as connection:
            return connection.cursor().execute("SELECT 1").fetchone()

    answer = in_child(use)
    reading.interrupt()
    thread.join()
    assert answer == "(1,)"
    reading.close()
    assert in_child(lambda: rows(fresh, location)) == "[0]"
