"""What is asked ahead where the values come from elsewhere than Box: local tables, subqueries, recursion."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from patience import wait_until, wait_until_quiet

from box_dialect.dbapi import preparation
from box_dialect.emulator.content import PatternContent
from box_dialect.engine.prefetch.window import PrefetchWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    import box_dialect

FILES = 60
COMMENTS, ITEMS = "get_files_id_comments", "get_folders_id_items"
WIDTH = 8
FORESEEN = 1 + WIDTH
"""Rows whose comments are asked for by the first one: as many as calls may be in flight, beside its own."""


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    """A cursor beside a local table of files with a comment each, as texts and as numbers; every third is old."""
    made = fresh.store.add_folder("commented", fresh.store.root, fresh.store.admin)
    rows = []
    for number in range(FILES):
        file = fresh.store.add_file(f"{number:02}", made, PatternContent("x", 1), fresh.store.admin)
        fresh.store.add_comment(file, f"on {number:02}", fresh.store.admin)
        rows.append((file.id, int(file.id), number % 3 == 0))
    with fresh.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wanted (id TEXT, number INTEGER, is_old BOOLEAN)")
        cursor.executemany("INSERT INTO wanted VALUES (?, ?, ?)", rows)
        fresh.reset()
        yield cursor


def asked(box: Box, operation: str = COMMENTS) -> int:
    """Return how many calls of an operation came to Box."""
    by_operation = box.stats()["by_operation"]
    assert isinstance(by_operation, dict)
    return int(by_operation.get(operation, 0))


@pytest.mark.long
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id",
        "SELECT message FROM wanted LEFT JOIN comments ON item_id = wanted.number",
        "SELECT (SELECT max(message) FROM comments WHERE item_id = wanted.id) FROM wanted",
        "SELECT id FROM wanted WHERE EXISTS (SELECT 1 FROM comments WHERE item_id = wanted.id)",
        "SELECT message FROM comments WHERE item_id IN (SELECT id FROM wanted)",
        "SELECT message FROM comments WHERE item_id IN (SELECT number FROM wanted)",
    ],
)
def test_a_local_table_is_looked_ahead_in(fresh: Box, cursor: box_dialect.Cursor, statement: str) -> None:
    assert len(cursor.execute(statement).fetchmany(5)) == 5
    wait_until(lambda: asked(fresh) >= FORESEEN)
    assert asked(fresh) <= 5 + max(2 * 5, WIDTH)
    assert len(cursor.fetchall()) == FILES - 5
    assert cursor.api_calls == FILES


@pytest.mark.long
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMP TABLE kept AS SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id",
        "INSERT INTO said (message) SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id",
        "INSERT INTO said WITH w AS (SELECT id FROM wanted) SELECT message FROM w LEFT JOIN comments ON item_id = w.id",
    ],
)
def test_a_query_that_fills_a_table_looks_ahead(fresh: Box, cursor: box_dialect.Cursor, statement: str) -> None:
    cursor.execute("CREATE TEMP TABLE said (message TEXT)")
    fresh.faults({"operation": COMMENTS, "delay_ms": 600_000, "times": FILES})
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(cursor.execute, statement)
        wait_until(lambda: asked(fresh) >= WIDTH)
        cursor.connection.interrupt()
        with pytest.raises(cursor.connection.OperationalError):
            running.result()
    fresh.reset()
    assert cursor.execute(statement).api_calls == FILES


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO said (message) SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id RETURNING ?",
        "INSERT INTO said SELECT message FROM wanted, comments WHERE item_id = wanted.id ON CONFLICT DO NOTHING",
        "UPDATE wanted SET (id, number) = (SELECT message, ? FROM comments WHERE item_id = wanted.id)",
    ],
)
def test_a_write_that_has_no_query_of_its_own_is_carried_out(cursor: box_dialect.Cursor, statement: str) -> None:
    cursor.execute("CREATE TEMP TABLE said (message TEXT UNIQUE)")
    cursor.execute(statement, (7,) * statement.count("?"))
    assert (cursor.rowcount, cursor.api_calls) == (FILES, FILES)


def test_nothing_is_asked_for_local_rows_that_a_condition_drops(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id WHERE NOT is_old")
    assert len(cursor.fetchall()) == cursor.api_calls == FILES - FILES // 3


def test_limit_bounds_what_is_asked_ahead(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT message FROM wanted CROSS JOIN comments ON item_id = wanted.id LIMIT 10")
    assert len(cursor.fetchall()) == cursor.api_calls == 10


def test_what_is_drawn_at_random_is_not_drawn_again(cursor: box_dialect.Cursor) -> None:
    sample = "(SELECT id FROM wanted ORDER BY random() LIMIT 30) AS sample"
    cursor.execute(f"SELECT message FROM {sample} CROSS JOIN comments ON item_id = sample.id")
    assert len(cursor.fetchall()) == cursor.api_calls == 30


def test_more_rows_than_one_dry_run_foresees_are_asked_for_once(fresh: Box) -> None:
    with fresh.connect(max_concurrency=2) as connection, connection.cursor() as cursor:
        files = [file_id for (file_id,) in cursor.execute("SELECT id FROM files ORDER BY id")]
        cursor.execute("CREATE TEMP TABLE wanted (id TEXT)")
        cursor.executemany("INSERT INTO wanted VALUES (?)", [(file_id,) for file_id in files * 2])
        cursor.execute("SELECT files.id FROM wanted LEFT JOIN files ON files.id = wanted.id")
        assert [file_id for (file_id,) in cursor] == files * 2
        assert cursor.api_calls == len(files) > 3 * 4 * 2


def test_a_sorted_subquery_asks_for_its_rows_only(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute(
        "SELECT message FROM (SELECT id FROM files WHERE parent_path = '/commented' ORDER BY name DESC LIMIT 20) last "
        "CROSS JOIN comments ON item_id = last.id"
    )
    assert cursor.fetchmany(2) == [("on 59",), ("on 58",)]
    wait_until(lambda: asked(fresh) > 2)
    assert cursor.fetchmany(3) == [(f"on {number}",) for number in range(57, 54, -1)]
    wait_until_quiet()
    assert asked(fresh) <= 5 + max(2 * 5, WIDTH)
    assert len(cursor.fetchall()) == 15
    assert cursor.api_calls == 2 + 20


def test_a_recursive_query_lists_the_folders_of_a_level_at_once(fresh: Box) -> None:
    top = fresh.store.add_folder("top", fresh.store.root, fresh.store.admin)
    for number in range(20):
        fresh.store.add_folder(f"{number}", top, fresh.store.admin)
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below (id) AS (VALUES (?) UNION ALL SELECT folders.id FROM below "
            "CROSS JOIN folders ON parent_id = below.id) SELECT id FROM below",
            (top.id,),
        )
        assert len(cursor.fetchmany(5)) == 5
        wait_until(lambda: asked(fresh, ITEMS) > 5)
        assert len(cursor.fetchall()) == 16
        assert cursor.api_calls == 1 + 20


def test_a_statement_is_read_once_for_all_sets_of_parameters(
    cursor: box_dialect.Cursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(preparation, "query_of", read.append)
    cursor.executemany("INSERT INTO wanted (id) VALUES (?)", [("1",)] * 20)
    assert len(read) == 1


def test_what_fails_in_a_dry_run_fails_where_it_is_reached(cursor: box_dialect.Cursor) -> None:
    cursor.execute(
        "SELECT message, CASE WHEN message < 'on 40' THEN 1 ELSE abs(-9223372036854775807 - 1) END FROM wanted "
        "CROSS JOIN comments ON item_id = wanted.id WHERE iif(wanted.rowid > 50, abs(-9223372036854775807 - 1), 1)"
    )
    assert len(cursor.fetchmany(40)) == 40
    with pytest.raises(cursor.connection.Error, match="overflow"):
        cursor.fetchall()


@pytest.fixture
def grown(fresh: Box) -> Box:
    """A tree of 32 folders with three files in each of the deepest; some have a comment, some a collaboration."""
    store = fresh.store
    for name in map(str, range(8)):
        above = store.add_folder(name, store.root, store.admin)
        for deep in range(3):
            folder = store.add_folder(str(deep), above, store.admin)
            for number in range(3):
                file = store.add_file(str(number), folder, PatternContent("x", 1), store.admin)
                if not (number + deep) % 3:
                    store.add_comment(file, "said", store.admin)
                if number == 1:
                    store.add_collaboration(file, store.admin, "editor", store.admin)
    return fresh


BOTH = (
    "SELECT path FROM files WHERE path GLOB '/[0-7]/*' AND EXISTS (SELECT 1 FROM comments WHERE item_id = files.id) "
    "AND EXISTS (SELECT 1 FROM collaborations WHERE item_id = files.id)"
)
JOINED = (
    "SELECT c.id FROM folders AS a JOIN folders AS b ON b.parent_id = a.id JOIN files AS c ON c.parent_id = b.id "
    "WHERE a.parent_id = '0' LIMIT 4"
)


@pytest.mark.parametrize(
    "statement",
    [
        BOTH,
        JOINED,
    ],
)
def test_what_is_asked_ahead_takes_no_call_that_is_needed(
    grown: Box, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    with monkeypatch.context() as patch, grown.connect() as connection, connection.cursor() as cursor:
        patch.setattr(preparation, "can_run_dry", lambda _: False)
        expected = cursor.execute(statement).fetchall()
        needed = cursor.api_calls
    with grown.connect(max_api_calls=needed) as connection, connection.cursor() as cursor:
        assert sorted(cursor.execute(statement).fetchall()) == sorted(expected)


def test_only_guesses_may_be_wrong(grown: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where SQLite goes on with a cursor that it left in the loop of an earlier row."""
    monkeypatch.setattr(PrefetchWindow, "may_guess", lambda *_: False)
    with grown.connect() as connection, connection.cursor() as cursor:
        cursor.execute(BOTH)
        assert len(cursor.fetchall()) == 8
        found = cursor.api_calls
        monkeypatch.setattr(preparation, "can_run_dry", lambda _: False)
        assert len(cursor.execute(BOTH).fetchall()) == 8
        assert cursor.api_calls == found
