"""Row factories: what rows are made of, for each way to give them and to fetch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlalchemy as sa

import box_dialect
import box_dialect.pandas
from box_dialect import aio
from box_dialect.rows import (
    RowMaker,
    args_row,
    class_row,
    dict_row,
    kwargs_row,
    namedtuple_row,
    scalar_row,
    tuple_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

    from box_dialect.rows import Described

PAIRS = "SELECT 1 AS number, 'one' AS name UNION ALL SELECT 2, NULL"


@dataclass
class Pair:
    number: int
    name: str | None = None


def keys_of(cursor: Described) -> RowMaker[list[Any]]:
    """A row factory of a program's own."""
    names = [name for name, *_ in cursor.description or ()]
    return lambda values: [*names, *values]


MADE: dict[Any, list[Any]] = {
    tuple_row: [(1, "one"), (2, None)],
    dict_row: [{"number": 1, "name": "one"}, {"number": 2, "name": None}],
    class_row(Pair): [Pair(1, "one"), Pair(2)],
    args_row(lambda number, name: f"{number}{name}"): ["1one", "2None"],
    kwargs_row(lambda name, number: (name, number)): [("one", 1), (None, 2)],
    scalar_row: [1, 2],
    keys_of: [["number", "name", 1, "one"], ["number", "name", 2, None]],
}
FETCHING: dict[str, Callable[[box_dialect.Cursor[Any]], list[Any]]] = {
    "fetchone": lambda cursor: [cursor.fetchone(), cursor.fetchone()],
    "fetchmany": lambda cursor: cursor.fetchmany(5),
    "fetchall": lambda cursor: cursor.fetchall(),
    "iteration": list,
}


@pytest.mark.parametrize("fetched", FETCHING.values(), ids=FETCHING)
@pytest.mark.parametrize(("factory", "expected"), MADE.items(), ids=lambda each: getattr(each, "__name__", "rows"))
def test_each_way_to_fetch_gives_the_rows_of_the_factory(
    connection: box_dialect.Connection, factory: Any, expected: list[Any], fetched: Callable[..., Any]
) -> None:
    cursor = connection.cursor(row_factory=factory)
    assert fetched(cursor.execute(PAIRS)) == expected
    assert cursor.fetchone() is None
    assert cursor.fetchall() == []


def test_a_connection_gives_its_factory_to_its_cursors(small: Box) -> None:
    with small.connect(row_factory=dict_row) as connection:
        assert connection.cursor().execute("SELECT 1 AS one").fetchall() == [{"one": 1}]
        assert connection.cursor(row_factory=tuple_row).execute("SELECT 1").fetchall() == [(1,)]
        kept = connection.cursor()
        connection.row_factory = scalar_row
        assert connection.cursor().execute("SELECT 1").fetchone() == 1
        assert kept.execute("SELECT 1 AS one").fetchone() == {"one": 1}


def test_the_factory_of_a_cursor_may_change_amid_its_rows(connection: box_dialect.Connection) -> None:
    cursor: Any = connection.cursor().execute(PAIRS)
    assert cursor.fetchone() == (1, "one")
    cursor.row_factory = dict_row
    assert cursor.fetchone() == {"number": 2, "name": None}
    assert cursor.execute("SELECT 3 AS three").fetchall() == [{"three": 3}]


def test_none_that_a_factory_gives_is_not_the_end(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor(row_factory=scalar_row)
    cursor.execute("SELECT NULL UNION ALL SELECT 1 UNION ALL SELECT NULL")
    assert list(cursor) == [None, 1, None]


def test_rows_of_box_that_come_page_by_page(small: Box) -> None:
    statement = "SELECT * FROM files WHERE parent_id = '0'"
    with small.connect() as connection:
        rows = connection.cursor().execute(statement).fetchall()
        cursor = connection.cursor(row_factory=dict_row).execute(statement)
        names = [name for name, *_ in cursor.description or ()]
        assert len(rows) > 2
        assert [cursor.fetchone(), *cursor.fetchmany(1), *cursor] == [
            dict(zip(names, row, strict=True)) for row in rows
        ]


def test_of_columns_with_one_name_a_dict_has_the_last(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor(row_factory=dict_row)
    assert cursor.execute("SELECT 1 AS a, 2 AS a").fetchone() == {"a": 2}


def test_a_named_tuple_has_names_of_python(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor(row_factory=namedtuple_row)
    row: Any = cursor.execute('SELECT 1 AS a, 2 AS "1b", 3 AS _c, 4 AS "d e", count(*) AS "", max(5)').fetchone()
    assert (row._fields, row) == (("a", "f1b", "f_c", "d_e", "f", "max_5_"), (1, 2, 3, 4, 1, 5))


@pytest.mark.parametrize("columns", ["1 AS a, 2 AS a", "1 AS class"])
def test_columns_that_make_no_named_tuple_are_an_error_of_execute(
    connection: box_dialect.Connection, columns: str
) -> None:
    cursor = connection.cursor(row_factory=namedtuple_row)
    for _ in range(2):
        with pytest.raises(box_dialect.DataError, match="give them names by AS"):
            cursor.execute(f"SELECT {columns}")
    with pytest.raises(box_dialect.ProgrammingError, match="set another one"):
        cursor.fetchall()
    assert cursor.execute("SELECT 1 AS a").fetchall() == [(1,)]


def test_rows_may_be_fetched_as_another_factory_makes_them(connection: box_dialect.Connection) -> None:
    cursor: Any = connection.cursor(row_factory=namedtuple_row)
    with pytest.raises(box_dialect.DataError, match="make no named tuple"):
        cursor.execute("SELECT 1 AS a, 2 AS a")
    cursor.row_factory = tuple_row
    assert cursor.fetchall() == [(1, 2)]


def test_a_row_that_a_class_refuses_raises_what_the_class_does(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor(row_factory=class_row(Pair)).execute("SELECT 1 AS other")
    with pytest.raises(TypeError, match="other"):
        cursor.fetchone()


def test_a_factory_is_asked_only_for_what_returns_rows(connection: box_dialect.Connection) -> None:
    asked: list[int] = []

    def counted(cursor: Described) -> RowMaker[Any]:
        asked.append(len(cursor.description or ()))
        return dict_row(cursor)

    cursor = connection.cursor(row_factory=counted)
    cursor.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    cursor.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x"), (2, "y")])
    assert (asked, cursor.fetchall()) == ([], [])
    assert cursor.execute("INSERT INTO t VALUES (3, 'z') RETURNING a, b").fetchall() == [{"a": 3, "b": "z"}]
    assert cursor.execute("EXPLAIN QUERY PLAN SELECT * FROM t").fetchone()["detail"].startswith("SCAN")
    assert cursor.execute("SELECT a FROM t WHERE 0").fetchall() == []
    assert asked == [2, 4, 1]


def test_returning_of_a_table_of_box(fresh: Box) -> None:
    with fresh.connect(row_factory=dict_row) as connection:
        statement = "INSERT INTO folders (name, parent_id) VALUES ('new', '0') RETURNING name, parent_id AS parent"
        assert connection.cursor().execute(statement).fetchall() == [{"name": "new", "parent": "0"}]


def test_with_asyncio(small: Box) -> None:
    async def run() -> None:
        async with await aio.connect(small.url, row_factory=dict_row) as connection:
            cursor: Any = await connection.cursor().execute(PAIRS)
            assert [row async for row in cursor] == MADE[dict_row]
            for factory, expected in MADE.items():
                cursor = connection.cursor(row_factory=factory)
                await cursor.execute(PAIRS)
                assert [await cursor.fetchone(), *await cursor.fetchmany(1)] == expected
                assert (await cursor.fetchone(), await cursor.fetchall()) == (None, [])
                await cursor.execute(PAIRS)
                assert await cursor.fetchall() == expected
            cursor.row_factory = scalar_row
            await cursor.execute("SELECT NULL UNION ALL SELECT 1")
            assert [row async for row in cursor] == [None, 1]
            cursor.row_factory = namedtuple_row
            with pytest.raises(box_dialect.DataError, match="give them names by AS"):
                await cursor.execute("SELECT 1 AS a, 2 AS a")

    asyncio.run(run())


def test_sqlalchemy_and_frames_take_tuples(small: Box) -> None:
    names = [(name,) for name in ("a", "b")]
    statement = "SELECT 'a' AS name UNION ALL SELECT 'b'"
    engine = sa.create_engine(small.url, connect_args={"row_factory": dict_row})
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(sa.text(statement))] == names
        assert pd.read_sql(sa.text(statement), connection)["name"].to_list() == ["a", "b"]
        assert "folders" in sa.inspect(connection).get_table_names()
        raw: Any = connection.connection
        assert raw.cursor().execute(statement).fetchone() == {"name": "a"}
    engine.dispose()
    with small.connect(row_factory=dict_row) as own:
        assert box_dialect.pandas.read_sql(statement, own)["name"].to_list() == ["a", "b"]
