"""Where a statement only shows columns of rows, SQLite steps once a page, and the rows are those of every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from box_dialect import OperationalError, ProgrammingError
from box_dialect.api.client import BoxClient
from box_dialect.dbapi import preparation
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store
from box_dialect.engine.tables.virtual_table import TableCursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

    from box_dialect import Connection

PAGE, FILES, PAGES = 1_000, 2_500, 3
MOMENT = 1_600_000_000


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """One folder of 2,500 files, and one that is empty."""
    from conftest import Box

    store = Store()
    folder = store.add_folder("many", store.root, store.admin, MOMENT)
    store.add_folder("none", store.root, store.admin, MOMENT)
    for number in range(FILES):
        name = f"{number:04}, Ä 'quoted' \"é\".txt"
        file = store.add_file(name, folder, PatternContent(name, number), store.admin, MOMENT + number)
        file.tags = ["one", f"<\\ {number % 7} ü"] if number % 3 else []
        file.description = "" if number % 2 else "says\n\tÖ"
    emulator = Emulator(Options())
    emulator.store = store
    with emulator:
        yield Box(emulator)


@pytest.fixture
def connection(box: Box) -> Iterator[Connection]:
    with box.connect() as connection:
        yield connection


@pytest.fixture
def folder(box: Box) -> str:
    return next(folder.id for folder in box.store.items["folder"].values() if folder.name == "many")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return a list that gets longer whenever SQLite asks a table for a column of a row."""
    asked: list[None] = []
    show = TableCursor.Column

    def counted(self: TableCursor, number: int) -> Any:
        asked.append(None)
        return show(self, number)

    monkeypatch.setattr(TableCursor, "Column", counted)
    return asked


def typed(rows: list[tuple[Any, ...]]) -> list[list[tuple[type, Any]]]:
    return [[(type(value), value) for value in row] for row in rows]


def by_steps(connection: Connection, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement as SQLite gives them, one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparation, "projection", lambda *_: None)
        return connection.cursor().execute(sql, parameters).fetchall()


SHOWN = [
    "SELECT name FROM files WHERE parent_id = ?",
    "SELECT size, name, id, parent_id FROM files WHERE parent_id = ?",
    "SELECT modified_at, tags, is_package, path, name FROM files WHERE parent_id = ?",
    "SELECT f.id, f.name FROM files AS f WHERE f.parent_id IN (?, 'x')",
    "SELECT within.name, within.size FROM (SELECT * FROM files) AS within WHERE within.parent_id = ?",
    "WITH many AS (SELECT name, depth, id FROM files WHERE parent_id = ?) SELECT id, name FROM many",
    "SELECT name, id FROM files WHERE ? IS NOT NULL",
    "; -- what comes before\n SELECT name FROM files WHERE parent_id = ?",
]

STEPPED = [
    "SELECT name FROM files WHERE parent_id = ? AND size > 100",
    "SELECT name FROM files WHERE parent_id = ? ORDER BY size DESC",
    "SELECT name FROM files WHERE parent_id = ? LIMIT 1500",
    "SELECT name FROM files WHERE parent_id = ? LIMIT 2000 OFFSET 700",
    "SELECT DISTINCT size / 100 FROM files WHERE parent_id = ?",
    "SELECT upper(name) FROM files WHERE parent_id = ?",
    "SELECT rowid, name FROM files WHERE parent_id = ?",
    "SELECT count(*), max(size) FROM files WHERE parent_id = ?",
    "SELECT name FROM files WHERE parent_id = ? UNION ALL SELECT name FROM folders WHERE parent_id = '0'",
    "SELECT f.name, d.name FROM files f JOIN folders d ON d.id = f.parent_id WHERE f.parent_id = ?",
    "SELECT name, row_number() OVER (ORDER BY name) FROM files WHERE parent_id = ?",
    "SELECT name, CASE WHEN size > 9 THEN id END FROM files WHERE parent_id = ?",
]


@pytest.mark.parametrize("sql", SHOWN)
def test_sqlite_asks_for_one_row_of_each_page(connection: Connection, folder: str, steps: list[None], sql: str) -> None:
    cursor = connection.cursor().execute(sql, (folder,))
    assert len(cursor.fetchall()) == FILES
    assert cursor.description is not None
    key = 1
    assert 0 < len(steps) <= PAGES * (key + len(cursor.description))


@pytest.mark.parametrize("sql", STEPPED)
def test_sqlite_asks_for_every_row_that_it_does_more_with(
    connection: Connection, folder: str, steps: list[None], sql: str
) -> None:
    rows = connection.cursor().execute(sql, (folder,)).fetchall()
    assert len(steps) >= min(FILES, 1_500)
    assert typed(rows) == typed(by_steps(connection, sql, (folder,)))


@pytest.mark.parametrize("sql", [*SHOWN, "SELECT * FROM files WHERE parent_id = ?"])
def test_the_rows_are_those_that_sqlite_gives(connection: Connection, folder: str, sql: str) -> None:
    rows = connection.cursor().execute(sql, (folder,)).fetchall()
    assert len(rows) == FILES
    assert typed(rows) == typed(by_steps(connection, sql, (folder,)))


def test_all_columns_are_shown_by_few_steps(
    connection: Connection, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced: list[None] = []
    advance = TableCursor.Next
    monkeypatch.setattr(TableCursor, "Next", lambda self: (advanced.append(None), advance(self))[1])
    rows = connection.cursor().execute("SELECT * FROM files WHERE parent_id = ?", (folder,)).fetchall()
    assert len(rows) == FILES
    assert len(advanced) <= 2 * PAGES + 1  # to the first row of each page and to its last, and to the end


def fetched(cursor: Any, fetch: Callable[[Any], list[Any]]) -> list[Any]:
    rows: list[Any] = []
    while found := fetch(cursor):
        rows += found
    return rows


@pytest.mark.parametrize(
    "fetch",
    [
        pytest.param(lambda cursor: [row] if (row := cursor.fetchone()) else [], id="fetchone"),
        pytest.param(lambda cursor: cursor.fetchmany(7), id="fetchmany(7)"),
        pytest.param(lambda cursor: cursor.fetchmany(PAGE), id="fetchmany(PAGE)"),
        pytest.param(lambda cursor: [*filter(None, [cursor.fetchone()]), *cursor.fetchmany(1_100)], id="mixed"),
        pytest.param(list, id="iteration"),
    ],
)
def test_rows_come_once_and_in_order_however_they_are_fetched(
    connection: Connection, folder: str, fetch: Callable[[Any], list[Any]]
) -> None:
    sql = "SELECT name, size FROM files WHERE parent_id = ?"
    rows = fetched(connection.cursor().execute(sql, (folder,)), fetch)
    assert rows == by_steps(connection, sql, (folder,))


def test_two_cursors_do_not_disturb_each_other(connection: Connection, folder: str) -> None:
    sql = "SELECT name, size FROM files WHERE parent_id = ?"
    first, second = (connection.cursor().execute(sql, (folder,)) for _ in range(2))
    pairs = list(zip(first, second, strict=True))
    assert len(pairs) == FILES
    assert all(one == other for one, other in pairs)


def test_the_rest_of_a_page_is_gone_with_its_statement(connection: Connection, folder: str) -> None:
    sql = "SELECT name, size FROM files WHERE parent_id = ?"
    cursor = connection.cursor().execute(sql, (folder,))
    assert len(cursor.fetchmany(10)) == 10
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    cursor.execute(sql, (folder,))
    assert cursor.fetchone() is not None
    with pytest.raises(ProgrammingError):
        cursor.execute("SELECT nothing")
    with pytest.raises(ProgrammingError):
        cursor.fetchone()


def test_a_failure_comes_after_the_rows_before_it(
    connection: Connection, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = BoxClient.send

    async def failing(self: BoxClient, call: Any, count: Any) -> Any:
        if call.parameters.get("marker"):
            raise OperationalError("the network is gone")
        return await send(self, call, count)

    monkeypatch.setattr(BoxClient, "send", failing)
    cursor = connection.cursor().execute("SELECT name FROM files WHERE parent_id = ?", (folder,))
    assert len(cursor.fetchmany(PAGE)) == PAGE
    with pytest.raises(OperationalError, match="the network is gone"):
        cursor.fetchone()
    with pytest.raises(ProgrammingError):
        cursor.fetchone()


def test_sqlalchemy_gives_the_same_rows(box: Box, folder: str) -> None:
    files = sa.table("files", *map(sa.column, ("id", "name", "size", "modified_at", "tags")))
    query = sa.select(files).where(sa.column("parent_id") == folder)
    engine = sa.create_engine(box.url)
    with engine.connect() as connection, box.connect() as plain:
        rows = [tuple(row) for row in connection.execute(query)]
        sql = "SELECT id, name, size, modified_at, tags FROM files WHERE parent_id = ?"
        assert typed(rows) == typed(by_steps(plain, sql, (folder,)))
    engine.dispose()
