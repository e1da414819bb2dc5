"""Where SQLite compares or sorts rows, it asks for few of the columns that are shown, and the rows are the same."""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from random_examples import examples

import box_dialect
from box_dialect.dbapi import preparation
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store
from box_dialect.engine.tables.virtual_table import TableCursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    from box_dialect import Connection

FILES, MOMENT, CASES = 45, 1_600_000_000, examples(50)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Two folders of files with equal sizes, times and descriptions among them."""
    from conftest import Box

    store = Store()
    for name in ("some", "others"):
        folder = store.add_folder(name, store.root, store.admin, MOMENT)
        for number in range(FILES):
            called = f"{number % 7}{'aBÄ🎈'[number % 4]} {number:02}.txt"
            file = store.add_file(called, folder, PatternContent(called, number % 5), store.admin, MOMENT + number % 9)
            file.tags = ["one", f"<\\ {number % 7} ü"] if number % 3 else []
            file.description = "" if number % 2 else "says\n\tÖ"
    folder = store.add_folder("large", store.root, store.admin, MOMENT)
    for number in range(FILES):
        file = store.add_file(f"{number:02}", folder, PatternContent("large", number), store.admin, MOMENT)
        file.description = "long " * 40_000 if number else "the first is not"
    emulator = Emulator(Options())
    emulator.store = store
    with emulator:
        yield Box(emulator)


@pytest.fixture(scope="module")
def connection(box: Box) -> Iterator[Connection]:
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE wanted (size INTEGER, name TEXT)")
        cursor.executemany("INSERT INTO wanted VALUES (?, ?)", [(1, "1B 08.txt"), (3, "x"), (1, "y")])
        cursor.execute("CREATE VIEW shown AS SELECT * FROM files WHERE size < 4")
        yield connection


@pytest.fixture(scope="module")
def folder(box: Box) -> str:
    return next(folder.id for folder in box.store.items["folder"].values() if folder.name == "some")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the columns that SQLite asks of tables of which not all columns are in their place."""
    asked: list[int] = []
    for name in ("Column", "_column_or_row"):
        show = getattr(TableCursor, name)

        def counted(self: TableCursor, number: int, show: Any = show) -> Any:
            asked.append(number)
            return show(self, number)

        monkeypatch.setattr(TableCursor, name, counted)
    return asked


def answer(connection: Connection, sql: str, parameters: Any) -> Any:
    """Return all that a program sees of a statement."""
    cursor = connection.cursor()
    try:
        rows = cursor.execute(sql, parameters).fetchall()
    except box_dialect.Error as error:
        return type(error), str(error)
    return cursor.description, [[(type(value), value) for value in row] for row in rows], cursor.api_calls


def by_steps(connection: Connection, sql: str, parameters: Any) -> Any:
    """Return the same where SQLite asks for every value."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparation, "projection", lambda *_: None)
        return answer(connection, sql, parameters)


TWENTY = (
    "id, name, path, parent_id, depth, description, created_at, modified_at, created_by_id, owned_by_id, owned_by_name,"
    " size, extension, sha1, etag, tags, version_number, comment_count, is_package, permissions"
)
HIDING = [
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND size > 2",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND name LIKE '%b%'",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND (size > 2 OR name LIKE '%b%') LIMIT 20 OFFSET 3",
    f"SELECT {TWENTY}, name AS again FROM files WHERE parent_id = ? AND modified_at < '2020-09-13 12:26:46'",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? ORDER BY name",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? ORDER BY 12, name DESC",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND size > 1 ORDER BY modified_at, size",
    f"SELECT {TWENTY} FROM files AS f WHERE parent_id = ? ORDER BY f.name COLLATE NOCASE -- a comment",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND size IN (SELECT size FROM wanted)",
    f"; SELECT {TWENTY} FROM files WHERE parent_id = ? AND size > 2;",
]
STEPPED = [
    f"SELECT {TWENTY} FROM (SELECT * FROM files) AS f WHERE parent_id = ? ORDER BY name COLLATE NOCASE",
    f"WITH f AS (SELECT * FROM files WHERE size <> 3) SELECT {TWENTY} FROM f WHERE parent_id = ? -- a comment",
    f"SELECT {TWENTY} FROM shown WHERE parent_id = ? ORDER BY size",
    f"SELECT DISTINCT {TWENTY} FROM files WHERE parent_id = ? AND size > 2",
    f"SELECT {TWENTY}, size + 1 FROM files WHERE parent_id = ? AND size > 2",
    f"SELECT {TWENTY}, rowid FROM files WHERE parent_id = ? AND size > 2",
    f"SELECT {TWENTY}, content FROM files WHERE parent_id = ? AND size > 3",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND length(content) > 3",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? ORDER BY lower(name)",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? GROUP BY size",
    f"SELECT {TWENTY}, row_number() OVER (ORDER BY name) FROM files WHERE parent_id = ?",
    f"SELECT {TWENTY}, CASE WHEN size > 2 THEN sha1 ELSE etag END FROM files WHERE parent_id = ? AND size > 1",
    f"SELECT CASE WHEN size > 2 THEN sha1 ELSE etag END, {TWENTY} FROM files WHERE parent_id = ? AND size > 1",
    f"SELECT ifnull(description, name), {TWENTY} FROM files WHERE parent_id = ? ORDER BY size",
    f"SELECT {TWENTY} FROM (VALUES (2), (7)) LEFT JOIN files ON parent_id = ? AND size > column1",
    f"SELECT {TWENTY} FROM (VALUES (2), (7)) LEFT JOIN files ON parent_id = ? AND size > column1 ORDER BY name",
    f"SELECT {TWENTY} FROM files WHERE parent_id = ? AND size > 2 UNION ALL SELECT {TWENTY} FROM files WHERE size = 9",
]


@pytest.mark.parametrize("sql", HIDING)
def test_sqlite_asks_for_what_it_compares_and_one_column(
    connection: Connection, folder: str, asked: list[int], sql: str
) -> None:
    found = answer(connection, sql, (folder,))
    number = len(asked)
    assert found == by_steps(connection, sql, (folder,))
    assert len(found[1]) > 1
    assert 2 * number < len(asked) - number


@pytest.mark.parametrize("sql", STEPPED)
def test_sqlite_asks_for_each_value_that_something_else_may_need(
    connection: Connection, folder: str, asked: list[int], sql: str
) -> None:
    found = answer(connection, sql, (folder,))
    number = len(asked)
    assert found == by_steps(connection, sql, (folder,))
    assert len(asked) == 2 * number


def test_fewer_columns_are_asked_for_than_shown_however_rows_are_fetched(connection: Connection, folder: str) -> None:
    for order in ("", "ORDER BY name"):
        sql = f"SELECT * FROM files WHERE parent_id = ? AND size < 4 {order}"
        _, expected, _ = by_steps(connection, sql, (folder,))
        expected = [tuple(value for _, value in row) for row in expected]
        assert connection.cursor().execute(sql, (folder,)).fetchall() == expected
        assert list(connection.cursor().execute(sql, (folder,))) == expected
        cursor = connection.cursor().execute(sql, (folder,))
        first, several = cursor.fetchone(), cursor.fetchmany(7)
        assert [first, *several, *cursor.fetchall()] == expected
        one, other = (connection.cursor().execute(sql, (folder,)) for _ in range(2))
        assert [row for pair in zip(one, other, strict=True) for row in pair] == [row for row in expected for _ in "12"]


@pytest.mark.parametrize("tail", ["AND size >= 0", "ORDER BY name"])
def test_large_rows_are_bounded_where_they_are_fetched_at_once(box: Box, tail: str) -> None:
    folder = next(folder.id for folder in box.store.items["folder"].values() if folder.name == "large")
    sql = f"SELECT * FROM files WHERE parent_id = ? {tail}"
    with box.connect(MaxStatementMemory=5) as connection:
        for answered in (answer, by_steps):
            kind, message = answered(connection, sql, (folder,))
            assert kind is box_dialect.LimitExceededError
            assert "MaxStatementMemory" in message
    with box.connect(MaxStatementMemory=50) as connection:
        found = answer(connection, sql, (folder,))
        assert len(found[1]) == FILES
        assert found == by_steps(connection, sql, (folder,))


COLUMNS = ["id", "name", "size", "parent_id", "path", "modified_at", "tags", "is_package", "description", "sha1"]
TERMS = [
    "size > 2",
    "size BETWEEN 1 AND 3",
    "name LIKE '%b%'",
    "NOT name GLOB '*a*'",
    "(size = 1 OR name > '3')",
    "size + 1 < 4",
    "size IN (1, 3)",
    "modified_at >= '2020-09-13 12:26:43'",
    "description <> ''",
    "x <> '3'",
    "id IS NOT NULL",
    "EXISTS (SELECT 1 FROM wanted WHERE wanted.size = f.size)",
    "f.name NOT IN (SELECT name FROM wanted)",
    "length(path) > 10",
    "size = (SELECT max(size) - 1 FROM wanted)",
]
SHOWN = [
    "*",
    "f.*",
    "x",
    "name AS size",
    '"name"',
    "name || x",
    "CAST(size AS TEXT)",
    "NULL",
    "'size'",
    "rowid",
    "+size",
]
SOURCES = [
    "FROM files AS f",
    "FROM (SELECT size AS wanted_size FROM wanted) JOIN files AS f ON size = wanted_size",
    "FROM (SELECT *, name AS x FROM files) AS f",
    "FROM (SELECT *, sha1 AS x FROM shown) AS f",
    "FROM (SELECT *, description AS x FROM files ORDER BY size) AS f",
    "FROM (SELECT *, NULL AS x FROM files LIMIT 30) AS f",
    "FROM wanted JOIN (SELECT *, size AS x FROM files) AS f USING (size)",
]


def statement(source: random.Random) -> str:
    """Return some query of a folder's files, which half the time does nothing but show columns."""
    is_plain = source.random() < 0.5
    shown = source.choices(COLUMNS if is_plain else [*COLUMNS, *SHOWN], k=source.randint(2, 6))
    table = source.choice([SOURCES[0], SOURCES[0], SOURCES[1]] if is_plain else SOURCES)
    if table in SOURCES[:2]:
        shown.insert(source.randint(0, len(shown)), f"{source.choice(COLUMNS)} AS x")
    sql = f"SELECT {', '.join(shown)} {table} WHERE f.parent_id = :folder"
    for term in source.sample(TERMS, source.choice([0, 1, 1, 2, 3])):
        sql += f" AND {term}"
    if source.random() < 0.6:
        keys = [*COLUMNS, "1", "x"] if is_plain else [*COLUMNS, "2", "x", "size % 3", "lower(f.name)"]
        chosen = [source.choice(keys) + source.choice(["", " DESC", " COLLATE NOCASE"]) for _ in range(2)]
        sql += f" ORDER BY {', '.join(chosen[: source.randint(1, 2)])}"
    if source.random() < 0.2:
        sql += f" LIMIT {source.choice([-1, 5, 20])} OFFSET {source.choice([0, 2])}"
    return sql


@pytest.mark.long
@pytest.mark.hypothesis  # which draws by itself
@pytest.mark.parametrize("seed", range(2))
def test_random_statements_give_what_sqlite_gives(
    connection: Connection, folder: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Even where few columns are hidden, which takes longer than it saves."""
    kinds: Counter[str] = Counter()
    project = preparation.projection

    def counted(*arguments: Any) -> Any:
        found = project(*arguments)
        if found is not None and found.hidden:
            kinds["compared" if found.carrier is None else "sorted"] += 1
        return found

    monkeypatch.setattr(sys.modules["box_dialect.engine.execution.projection_planner"], "_LEAST_HIDDEN", 2)
    monkeypatch.setattr(preparation, "projection", counted)
    source = random.Random(seed)
    for _ in range(CASES):
        sql = statement(source)
        assert answer(connection, sql, {"folder": folder}) == by_steps(connection, sql, {"folder": folder}), sql
    assert min(kinds["compared"], kinds["sorted"]) > CASES / 20, kinds
