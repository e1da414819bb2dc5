"""The content of files: downloaded where a statement reads it, once, ahead of the rows that come, and nowhere else."""

from __future__ import annotations

import contextlib
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Box
from patience import wait_until
from rounds import Rounds

import box_dialect
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.store import Store
from box_dialect.engine.cache import downloads
from box_dialect.engine.tables.virtual_table import TableCursor

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 40
MOMENT = 1_600_000_000
HELD_MS = 600_000
DOWNLOAD = "get_files_id_content"
BYTES = {f"{number:02}.bin": bytes([number]) * number for number in range(FILES)}


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Files of some bytes each, the first one of none."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    for name, content in BYTES.items():
        file = store.add_file(name, store.root, MemoryContent(content), store.admin, MOMENT)
        for place in range(2):
            store.add_comment(file, f"{name} {place}", store.admin, MOMENT)
    with emulator:
        yield Box(emulator)


@pytest.fixture
def connection(box: Box) -> Iterator[box_dialect.Connection]:
    with box.connect() as connection:
        box.reset()
        yield connection


def calls(box: Box) -> int:
    by_operation: Any = box.stats()["by_operation"]
    return int(by_operation.get(DOWNLOAD, 0))


def test_each_row_has_the_bytes_of_its_file(box: Box, connection: box_dialect.Connection) -> None:
    rows = connection.cursor().execute("SELECT name, content FROM files WHERE parent_id = '0'").fetchall()
    assert dict(rows) == BYTES
    assert calls(box) == FILES


def test_a_statement_that_does_not_name_it_downloads_nothing(box: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute("SELECT * FROM files WHERE parent_id = '0'")
    assert "content" not in [item[0] for item in cursor.description or ()]
    assert len(cursor.fetchall()) == FILES
    assert calls(box) == 0


def test_a_file_that_another_comparison_leaves_out_is_not_downloaded(
    box: Box, connection: box_dialect.Connection
) -> None:
    statement = "SELECT content FROM files WHERE parent_id = '0' AND name LIKE '%7.bin'"
    assert sorted(connection.cursor().execute(statement).fetchall()) == [(BYTES[f"{tens}7.bin"],) for tens in range(4)]
    assert calls(box) == 4


def test_a_limit_bounds_what_is_downloaded(box: Box, connection: box_dialect.Connection) -> None:
    assert len(connection.cursor().execute("SELECT content FROM files WHERE parent_id = '0' LIMIT 3").fetchall()) == 3
    assert calls(box) == 3


@pytest.mark.parametrize(
    ("statement", "answers"),
    [
        ("SELECT content FROM files WHERE parent_id = '0'", 5),
        ("SELECT content FROM files WHERE parent_id = '0' AND size != 2", 5),
        ("SELECT name FROM files WHERE parent_id = '0' AND content = x''", 5),
        # How early the first inner scans of a join are foreseen is not the same each time.
        ("SELECT f.content FROM comments c CROSS JOIN files f ON f.id = c.item_id WHERE c.message LIKE '% 0'", 20),
    ],
)
def test_more_and_more_are_downloaded_ahead(
    box: Box, connection: box_dialect.Connection, statement: str, answers: int
) -> None:
    """Eight downloads are on their way where no more answers come."""
    box.faults({"operation": DOWNLOAD, "skip": answers, "times": FILES, "delay_ms": HELD_MS})

    def read() -> None:
        with contextlib.suppress(box_dialect.OperationalError):
            connection.cursor().execute(statement).fetchall()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        wait_until(lambda: calls(box) >= answers + 8)
    finally:
        connection.interrupt()
        thread.join()


def test_what_is_read_twice_is_downloaded_once(box: Box, connection: box_dialect.Connection) -> None:
    statement = """
        SELECT length(a.content), b.content FROM files a JOIN files b ON b.id = a.id
        WHERE a.parent_id = '0' AND length(a.content) > 0
    """
    assert sorted(connection.cursor().execute(statement).fetchall()) == [
        (len(each), each) for each in list(BYTES.values())[1:]
    ]
    assert calls(box) == FILES


def test_a_join_downloads_each_file_once(box: Box, connection: box_dialect.Connection) -> None:
    statement = "SELECT c.message, f.content FROM comments c JOIN files f ON f.id = c.item_id"
    rows = connection.cursor().execute(statement).fetchall()
    assert dict(rows) == {f"{name} {place}": content for name, content in BYTES.items() for place in range(2)}
    assert calls(box) == FILES


def test_what_does_not_fit_is_downloaded_again(
    box: Box, connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_KEPT", 100)
    monkeypatch.setattr(downloads, "MOST_BYTES_AHEAD", 100)
    statement = """
        WITH twice (turn) AS (VALUES (1), (2))
        SELECT turn, name, content FROM twice CROSS JOIN files WHERE parent_id = '0'
    """
    rows = connection.cursor().execute(statement).fetchall()
    assert {(turn, name): content for turn, name, content in rows} == {
        (turn, name): content for turn in (1, 2) for name, content in BYTES.items()
    }
    assert FILES < calls(box) <= 2 * FILES


def test_a_local_table_may_tell_which_files_are_read(box: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE wanted AS SELECT id FROM files WHERE size > 20")
    box.reset()
    rounds, sql = Rounds(), "SELECT content FROM wanted CROSS JOIN files USING (id)"
    with rounds.holding(App):
        rows = rounds.run(cursor, lambda: cursor.execute(sql).fetchall())
    assert sorted(rows) == sorted((content,) for content in BYTES.values() if len(content) > 20)
    assert calls(box) == len(rows)
    assert rounds.count <= len(rows) / 2


def test_a_walk_and_a_lookup_by_id_read_it_too(connection: box_dialect.Connection) -> None:
    ((identity, content),) = (
        connection.cursor().execute("SELECT id, content FROM files WHERE path = '/05.bin'").fetchall()
    )
    assert content == BYTES["05.bin"]
    assert connection.cursor().execute("SELECT content FROM files WHERE id = ?", (identity,)).fetchall() == [(content,)]


def test_a_statement_may_compare_and_compute_with_it(connection: box_dialect.Connection) -> None:
    statement = "SELECT sum(length(content)) FROM files WHERE parent_id = '0' AND content >= x'0a'"
    assert connection.cursor().execute(statement).fetchone() == (sum(range(10, FILES)),)


def test_the_type_is_bytes(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute("SELECT content FROM files WHERE parent_id = '0' LIMIT 1")
    assert cursor.description is not None
    assert cursor.description[0][1] == box_dialect.BINARY


def test_a_file_too_large_for_a_value_is_refused(
    connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_OF_VALUE", 30)
    statement = "SELECT content FROM files WHERE parent_id = '0'"
    with pytest.raises(box_dialect.DataError, match=r"31 bytes.* at most 30;"):
        connection.cursor().execute(statement).fetchall()
    assert len(connection.cursor().execute(f"{statement} AND size <= 30").fetchall()) == 31


def test_a_file_that_is_gone_since_its_row_was_read_has_none(box: Box, connection: box_dialect.Connection) -> None:
    box.faults({"operation": DOWNLOAD, "status": 404, "body": {"code": "not_found"}})
    rows = connection.cursor().execute("SELECT name, content FROM files WHERE parent_id = '0'").fetchall()
    assert [content for _, content in rows].count(None) == 1


def test_the_calls_count(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute("SELECT content FROM files WHERE parent_id = '0'")
    cursor.fetchall()
    assert cursor.api_calls == 1 + FILES


def test_only_what_a_condition_reads_is_downloaded(box: Box, connection: box_dialect.Connection) -> None:
    statement = "SELECT CASE WHEN name IN ('06.bin', '20.bin') THEN content END FROM files WHERE parent_id = '0'"
    rows = connection.cursor().execute(statement).fetchall()
    assert sorted(value for (value,) in rows if value is not None) == [BYTES["06.bin"], BYTES["20.bin"]]
    assert calls(box) == 2


@pytest.mark.long
def test_a_cursor_that_is_closed_is_freed_at_once(connection: box_dialect.Connection) -> None:
    """It refers to what its statement has downloaded."""

    def cursors() -> int:
        # isinstance() would ask a weak proxy for what is gone.
        return sum(type(each) is TableCursor for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = cursors()
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute("SELECT content FROM files WHERE parent_id = '0'").fetchone()
        wait_until(lambda: cursors() <= before)
    finally:
        gc.enable()
