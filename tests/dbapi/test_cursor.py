"""What PEP 249 asks of cursors."""

from __future__ import annotations

import datetime as dt
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from conftest import SYNTHETIC_FILES
from known_rows import those_known
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

TYPE_OBJECTS = {
    Type.TEXT: box_dialect.STRING,
    Type.JSON: box_dialect.STRING,
    Type.INTEGER: box_dialect.NUMBER,
    Type.BOOLEAN: box_dialect.NUMBER,
    Type.TIMESTAMP: box_dialect.DATETIME,
}

MOMENT = dt.datetime(2024, 1, 31, 12, 0, 0, 500_000, tzinfo=dt.UTC)
NO_ROWS = (
    "CREATE TABLE t (a)",
    "INSERT INTO local VALUES (9)",
    "UPDATE local SET a = 0",
    "DELETE FROM local",
    "DROP TABLE local",
    "SAVEPOINT a",
)

OPERATIONS: dict[str, Callable[[box_dialect.Cursor], Any]] = {
    "execute": lambda cursor: cursor.execute("SELECT 1"),
    "executemany": lambda cursor: cursor.executemany("DELETE FROM local", [()]),
    "executemany of nothing": lambda cursor: cursor.executemany("DELETE FROM local", []),
    "fetchone": lambda cursor: cursor.fetchone(),
    "fetchmany": lambda cursor: cursor.fetchmany(),
    "fetchall": lambda cursor: cursor.fetchall(),
    "iteration": next,
}


@pytest.fixture
def cursor(connection: box_dialect.Connection) -> Iterator[box_dialect.Cursor]:
    """A cursor on a connection that has a local table of three rows."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE local (a INTEGER)")
        cursor.executemany("INSERT INTO local VALUES (?)", [(1,), (2,), (3,)])
        yield cursor


@sweep(
    ("declared", "type_object"),
    [
        *((name, box_dialect.DATETIME) for name in ("DATE", "TIME", "DATETIME", "TIMESTAMP", "time without time zone")),
        *((name, box_dialect.DATETIME) for name in ("TIMESTAMP WITH TIME ZONE", "timestamptz")),
        *((name, box_dialect.NUMBER) for name in ("DOUBLE PRECISION", "NUMERIC(10,2)", "DECIMAL(10, 2)", "FLOAT(53)")),
        *((name, box_dialect.NUMBER) for name in ("BIGINT", "TINYINT", "UNSIGNED BIG INT", "INT8", "BOOLEAN", "bool")),
        *((name, box_dialect.STRING) for name in ("CHARACTER(20)", "VARCHAR", "VARCHAR (255)", "CHARACTER VARYING(9)")),
        *((name, box_dialect.STRING) for name in ("NVARCHAR(100)", "NATIVE CHARACTER(70)", "CLOB", "text", "JSON")),
        *((name, box_dialect.BINARY) for name in ("BLOB", "VARBINARY(16)", "BINARY(16)")),
    ],
)
def test_local_columns_have_the_type_that_they_declare(
    connection: box_dialect.Connection, declared: str, type_object: object
) -> None:
    cursor = connection.cursor()
    cursor.execute("DROP TABLE IF EXISTS own")
    cursor.execute(f"CREATE TABLE own (a {declared})")
    cursor.execute("SELECT a, a AS b FROM own")
    every = (
        box_dialect.STRING,
        box_dialect.BINARY,
        box_dialect.NUMBER,
        box_dialect.DATETIME,
        box_dialect.ROWID,
    )
    for item in cursor.description or ():
        assert [each for each in every if item[1] == each] == [type_object]


@sweep(
    ("declared", "stored", "fetched"),
    [
        *(
            (name, "2024-01-31 12:00:00.5", MOMENT)
            for name in ("DATETIME", "timestamp", "TIMESTAMP TEXT", "DATETIME(6)")
        ),
        ("TIMESTAMP WITH TIME ZONE", "2024-01-31T14:00:00.5+02:00", MOMENT),
        ("DATETIME", "2024-01-31", dt.datetime(2024, 1, 31, tzinfo=dt.UTC)),
        ("DATE", "2024-01-31", dt.date(2024, 1, 31)),
        ("TIME", "12:00:00.500000", dt.time(12, 0, 0, 500_000)),
        ("BOOLEAN", 1, True),
        ("bool", 0, False),
        *((name, "of no kind", "of no kind") for name in ("DATETIME", "DATE", "TIME", "BOOLEAN", "INTERVAL")),
        *((name, 1706702400, 1706702400) for name in ("DATETIME", "DATE", "TIME", "BOOLEAN")),
        ("DATETIME", 1706702400.5, 1706702400.5),
        *((name, None, None) for name in ("DATETIME", "DATE", "TIME", "BOOLEAN")),
        ("VARCHAR(99)", "2024-01-31", "2024-01-31"),
    ],
)
def test_local_values_are_of_the_type_that_their_column_declares(
    connection: box_dialect.Connection, declared: str, stored: Any, fetched: Any
) -> None:
    cursor = connection.cursor()
    cursor.execute("DROP TABLE IF EXISTS own")
    cursor.execute(f"CREATE TABLE own (a {declared})")
    cursor.execute("INSERT INTO own VALUES (?)", (stored,))
    (row,) = cursor.execute("SELECT a, a || '' FROM own").fetchall()
    assert (type(row[0]), row[0]) == (type(fetched), fetched)
    if isinstance(stored, str):
        assert row[1] == stored
    cursor.execute("INSERT INTO own VALUES (?)", (fetched,))
    assert cursor.execute("SELECT a FROM own").fetchall() == [(fetched,)] * 2


def test_a_column_that_declares_no_type_is_of_none(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE own (a)")
    cursor.execute("SELECT a, 1 FROM own")
    assert [item[1] for item in cursor.description or ()] == [None, None]


def test_a_new_cursor(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    assert cursor.connection is connection
    assert cursor.description is None
    assert cursor.rowcount == -1
    assert cursor.lastrowid is None
    assert cursor.arraysize == 1
    assert cursor.api_calls == 0


def test_a_cursor_bounds_the_calls_of_its_statements_and_no_other(small: Box) -> None:
    with small.connect(MaxApiCalls=5) as connection, connection.cursor() as bounded:
        for most, allowed in ((1, 1), (3, 3), (9, 5), (0, 5)):
            bounded.max_api_calls = most
            with pytest.raises(box_dialect.OperationalError, match=f"more than the {allowed} API calls"):
                bounded.execute("SELECT count(*) FROM files")
            assert bounded.api_calls == allowed
        bounded.max_api_calls = 1
        assert len(bounded.execute("SELECT id FROM files WHERE parent_id = '0'").fetchall()) == 3
        with pytest.raises(box_dialect.OperationalError, match="more than the 5 API calls"):
            connection.cursor().execute("SELECT count(*) FROM files")


def test_a_cursor_that_bounds_a_preview_fails_at_its_own_bound(small: Box) -> None:
    with small.connect(PreviewCalls=3) as connection, connection.cursor() as bounded:
        bounded.max_api_calls = 4
        bounded.execute("SELECT id FROM files").fetchall()
        assert bounded.is_preview_partial
        bounded.max_api_calls = 2
        with pytest.raises(box_dialect.OperationalError, match="more than the 2 API calls"):
            bounded.execute("SELECT id FROM files").fetchall()


@sweep("table", TABLES.values(), ids=TABLES)
def test_the_description_of_each_table(connection: box_dialect.Connection, table: Any) -> None:
    cursor = connection.cursor()
    condition, key = those_known(table.name)
    cursor.execute(f"SELECT * FROM {table.name} WHERE {condition} LIMIT 0", key)
    columns = [column for column in table.columns if not column.hidden]
    assert cursor.description is not None
    assert [item[0] for item in cursor.description] == [column.name for column in columns]
    assert all(item[1] == TYPE_OBJECTS[column.type] for item, column in zip(cursor.description, columns, strict=True))
    assert all(item[2:] == (None,) * 5 for item in cursor.description)
    assert cursor.fetchall() == []


def test_the_description_of_expressions(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT 1 AS \"one two\", 1+1, f.size AS s, 'x' AS s FROM files f LIMIT 0")
    assert cursor.description is not None
    assert [item[:2] for item in cursor.description] == [
        ("one two", None),
        ("1+1", None),
        ("s", "INTEGER"),
        ("s", None),
    ]
    assert {len(item) for item in cursor.description} == {7}


def test_the_description_is_there_without_rows_and_before_the_first(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT a FROM local WHERE 0")
    assert [item[0] for item in cursor.description or ()] == ["a"]
    assert cursor.fetchone() is None
    assert cursor.description is not None
    cursor.execute("EXPLAIN QUERY PLAN SELECT a FROM local")
    assert len(cursor.description or ()) == 4


@pytest.mark.parametrize("sql", NO_ROWS)
def test_a_statement_without_rows_has_none_to_fetch(cursor: box_dialect.Cursor, sql: str) -> None:
    cursor.execute("SELECT 1")
    cursor.execute(sql)
    assert cursor.description is None
    assert cursor.fetchall() == []
    assert cursor.fetchmany(5) == []
    assert cursor.fetchone() is None
    assert list(cursor) == []


def test_fetching(cursor: box_dialect.Cursor) -> None:
    assert cursor.execute("SELECT a FROM local ORDER BY a") is cursor
    assert cursor.fetchone() == (1,)
    assert isinstance(cursor.fetchmany(1)[0], tuple)
    assert cursor.fetchmany() == [(3,)]
    assert cursor.fetchmany() == []
    assert cursor.fetchall() == []
    assert cursor.fetchone() is None
    cursor.arraysize = 2
    cursor.execute("SELECT a FROM local ORDER BY a")
    assert cursor.fetchmany(0) == []
    assert cursor.fetchmany() == [(1,), (2,)]
    assert cursor.fetchmany(100) == [(3,)]
    cursor.execute("SELECT a FROM local ORDER BY a")
    assert cursor.fetchmany(size=2) == [(1,), (2,)]
    assert list(cursor) == [(3,)]
    assert next(cursor, None) is None
    assert [a for (a,) in cursor.execute("SELECT a FROM local ORDER BY a")] == [1, 2, 3]


def test_fetching_from_box_in_parts_gives_every_row_once(small: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT id FROM files")
    parts = [cursor.fetchmany(3), [cursor.fetchone()], cursor.fetchmany(2), [next(cursor)], cursor.fetchall()]
    rows = [row for part in parts for row in part]
    files = {file.id for file in small.store.items["file"].values() if not file.is_trashed}
    assert {row[0] for row in rows if row} <= files
    assert len(rows) == len(set(rows)) > 10


@pytest.mark.parametrize("size", [-1, "2", 1.5, [1]])
def test_a_wrong_number_of_rows_is_told(cursor: box_dialect.Cursor, size: Any) -> None:
    cursor.execute("SELECT a FROM local")
    with pytest.raises(box_dialect.ProgrammingError, match="a number of rows"):
        cursor.fetchmany(size)
    assert len(cursor.fetchall()) == 3


@pytest.mark.parametrize("name", ["fetchone", "fetchmany", "fetchall", "iteration"])
def test_fetching_before_anything_was_executed_is_an_error(connection: box_dialect.Connection, name: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="no statement was executed"):
        OPERATIONS[name](connection.cursor())


def test_rowcount(cursor: box_dialect.Cursor) -> None:
    for sql, rowcount in [
        ("SELECT * FROM local", -1),
        ("UPDATE local SET a = a + 1", 3),
        ("UPDATE local SET a = a WHERE a > 3", 1),
        ("DELETE FROM local WHERE a = 99", 0),
        ("INSERT INTO local SELECT a FROM local", 3),
        ("DELETE FROM local", 6),
        ("PRAGMA user_version", -1),
    ]:
        assert cursor.execute(sql).rowcount == rowcount, sql
    with pytest.raises(box_dialect.Error):
        cursor.execute("SELECT nonsense")
    assert cursor.rowcount == -1


def test_local_tables_return_what_was_written(cursor: box_dialect.Cursor) -> None:
    assert cursor.execute("INSERT INTO local VALUES (?), (5) RETURNING a * 2 AS twice", (4,)).fetchall() == [
        (8,),
        (10,),
    ]
    assert [item[0] for item in cursor.description or ()] == ["twice"]
    assert cursor.execute("DELETE FROM local WHERE a < :a RETURNING a", {"a": 2}).fetchall() == [(1,)]
    assert cursor.execute("SELECT count(*) FROM local").fetchall() == [(4,)]


def test_rowcount_and_lastrowid_of_writes_to_box(fresh: Box) -> None:
    insert = "INSERT INTO folders (name, parent_id) VALUES (?, '0')"
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(insert, ("one",))
        assert (cursor.rowcount, cursor.description) == (1, None)
        (made,) = (folder for folder in fresh.store.items["folder"].values() if folder.name == "one")
        assert str(cursor.lastrowid) == made.id
        cursor.execute("UPDATE folders SET name = 'two' WHERE name = 'one'")
        assert (cursor.rowcount, cursor.lastrowid) == (1, None)
        cursor.execute("INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('two', '0')")
        assert (cursor.rowcount, cursor.lastrowid) == (0, None)
        cursor.executemany(insert, [("three",), ("four",)])
        assert cursor.rowcount == 2
        cursor.execute("DELETE FROM folders WHERE name IN ('two', 'three', 'four', 'five')")
        assert (cursor.rowcount, cursor.lastrowid) == (3, None)
        cursor.execute("SELECT 1")
        assert (cursor.rowcount, cursor.lastrowid) == (-1, None)


@pytest.fixture
def parent(cursor: box_dialect.Cursor) -> int:
    """The number of a new row, which other statements may ask SQLite for."""
    cursor.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, a)")
    cursor.execute("INSERT INTO parent VALUES (7, 'a')")
    assert cursor.lastrowid == 7
    return 7


@pytest.mark.parametrize(
    "insert", ["INSERT INTO local VALUES (last_insert_rowid())", "INSERT INTO local SELECT LAST_INSERT_ROWID() + 0"]
)
def test_a_statement_may_insert_the_number_of_the_last_row(
    cursor: box_dialect.Cursor, parent: int, insert: str
) -> None:
    cursor.execute(insert)
    assert cursor.execute("SELECT a FROM local ORDER BY rowid DESC LIMIT 1").fetchone() == (parent,)


def test_a_trigger_may_insert_the_number_of_the_last_row(cursor: box_dialect.Cursor, parent: int) -> None:
    cursor.execute(
        "CREATE TEMP TRIGGER noted BEFORE UPDATE ON parent BEGIN INSERT INTO local VALUES (last_insert_rowid()); END"
    )
    cursor.execute("UPDATE parent SET a = 'b'")
    assert cursor.execute("SELECT a FROM local ORDER BY rowid DESC LIMIT 1").fetchone() == (parent,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE parent SET a = 'b'",
        "DELETE FROM parent",
        "INSERT OR IGNORE INTO parent VALUES (7, 'b')",
        "INSERT INTO parent VALUES (7, 'b') ON CONFLICT DO UPDATE SET a = 'c'",
        "CREATE TABLE other (a)",
    ],
)
def test_a_statement_that_makes_no_row_has_no_lastrowid_and_leaves_sqlites(
    cursor: box_dialect.Cursor, parent: int, statement: str
) -> None:
    cursor.execute(statement)
    assert cursor.lastrowid is None
    assert cursor.execute("SELECT last_insert_rowid()").fetchone() == (parent,)


def test_a_statement_that_fails_leaves_the_number_of_the_last_row(cursor: box_dialect.Cursor, parent: int) -> None:
    with pytest.raises(box_dialect.IntegrityError):
        cursor.execute("INSERT INTO parent VALUES (7, 'b')")
    assert cursor.execute("SELECT last_insert_rowid()").fetchone() == (parent,)


@pytest.mark.usefixtures("parent")
def test_the_last_of_many_sets_that_made_a_row_counts(cursor: box_dialect.Cursor) -> None:
    cursor.executemany("INSERT OR IGNORE INTO parent VALUES (?, 'b')", [(8,), (9,), (7,)])
    assert (cursor.rowcount, cursor.execute("SELECT last_insert_rowid()").fetchone()) == (2, (9,))


def test_executemany_takes_any_iterable_of_any_parameters(cursor: box_dialect.Cursor) -> None:
    insert = "INSERT INTO local VALUES (:a)"
    sets: list[Any] = [[(4,)], ((n,) for n in (5, 6)), iter([{"a": 7}]), [{"a": 8}, (9,), [10]], (), iter(())]
    counts = [cursor.executemany(insert, parameters).rowcount for parameters in sets]
    assert counts == [1, 2, 1, 3, 0, 0]
    assert cursor.description is None
    assert cursor.execute("SELECT group_concat(a) FROM local").fetchall() == [("1,2,3,4,5,6,7,8,9,10",)]


@pytest.mark.parametrize("sql", ["SELECT ?", "VALUES (?)", "EXPLAIN DELETE FROM local WHERE a = ?"])
def test_executemany_refuses_rows(cursor: box_dialect.Cursor, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="statements that return no rows"):
        cursor.executemany(sql, [(1,)])
    assert cursor.description is None


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (5, "many sets of parameters, not int"),
        (None, "many sets of parameters, not NoneType"),
        ([5], "not int"),
        ("ab", "not str"),
        ({"a": 1}, "not str"),
        ([(1, 2)], "uses 1 and there are 2"),
        ([(object(),)], "cannot be bound"),
    ],
)
def test_executemany_tells_of_wrong_parameters(cursor: box_dialect.Cursor, parameters: Any, reason: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=reason):
        cursor.executemany("INSERT INTO local VALUES (?)", parameters)
    assert cursor.execute("SELECT count(*) FROM local").fetchall() == [(3,)]


@pytest.mark.parametrize("kind", [ValueError, TypeError, OverflowError, KeyError, ZeroDivisionError])
def test_executemany_passes_what_its_iterable_raises(cursor: box_dialect.Cursor, kind: type[Exception]) -> None:
    def sets() -> Iterator[tuple[int]]:
        yield (4,)
        raise kind("of the caller")

    with pytest.raises(kind, match="of the caller"):
        cursor.executemany("INSERT INTO local VALUES (?)", sets())
    assert cursor.execute("SELECT count(*) FROM local").fetchall() == [(4,)]


@pytest.mark.parametrize("sql", ["SELECT a FROM local; -- all of it", "SELECT a FROM local /* all */; /* of it */"])
def test_another_statement_may_follow_rows_that_are_left(cursor: box_dialect.Cursor, sql: str) -> None:
    for _ in range(2):
        cursor.execute(sql)
        assert cursor.fetchone() == (1,)
    cursor.execute(sql)
    cursor.executemany("INSERT INTO local VALUES (?)", [(4,)])
    assert cursor.execute(sql).fetchall() == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize("sql", [None, 5, b"SELECT 1", ["SELECT 1"]])
def test_a_statement_is_text(cursor: box_dialect.Cursor, sql: Any) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="a statement is text, not"):
        cursor.execute(sql)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_closed_cursor_is_unusable(cursor: box_dialect.Cursor, operation: Callable[[Any], Any]) -> None:
    cursor.execute("SELECT a FROM local")
    cursor.close()
    cursor.close()
    assert cursor.description is None
    with pytest.raises(box_dialect.InterfaceError, match="the cursor is closed"):
        operation(cursor)
    assert cursor.connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_cursor_of_a_closed_connection_is_unusable(small: Box, operation: Callable[[Any], Any]) -> None:
    connection = small.connect()
    cursor = connection.cursor().execute("SELECT name FROM files")
    cursor.fetchone()
    connection.close()
    with pytest.raises(box_dialect.InterfaceError, match="the connection is closed"):
        operation(cursor)
    cursor.close()
    cursor.close()


def test_a_cursor_is_a_context_manager(connection: box_dialect.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(box_dialect.InterfaceError):
        cursor.fetchall()
    with pytest.raises(ZeroDivisionError), connection.cursor() as cursor:
        _ = 1 / 0
    with pytest.raises(box_dialect.InterfaceError):
        cursor.execute("SELECT 1")


def test_what_databases_of_this_kind_have_not(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="there is no procedure 'f'"):
        cursor.callproc("f", (1, 2))
    assert not hasattr(cursor, "nextset")
    cursor.setinputsizes([None, 20])
    cursor.setoutputsize(1000)
    cursor.setoutputsize(1000, 2)


def test_cursors_are_independent(connection: box_dialect.Connection) -> None:
    first, second = connection.cursor(), connection.cursor()
    first.execute("SELECT id FROM files ORDER BY id")
    second.execute("SELECT id FROM files ORDER BY id DESC")
    ups, downs = [], []
    while (up := first.fetchone()) and (down := second.fetchone()):
        ups.append(up)
        downs.append(down)
    assert ups == downs[::-1]
    assert len(set(ups)) == len(ups) > 10
    first.execute("SELECT id FROM files")
    first.fetchone()
    second.execute("SELECT 1")
    second.close()
    assert len(first.fetchall()) == len(ups) - 1


def test_a_new_statement_ends_the_one_before(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT id FROM files")
    cursor.fetchone()
    cursor.execute("SELECT a FROM local")
    assert cursor.fetchall() == [(1,), (2,), (3,)]
    cursor.execute("SELECT id FROM files")
    cursor.fetchone()
    with pytest.raises(box_dialect.ProgrammingError):
        cursor.execute("SELECT nonsense FROM files")
    with pytest.raises(box_dialect.ProgrammingError, match="no rows to fetch"):
        cursor.fetchone()
    assert cursor.description is None


def test_a_dropped_cursor_is_gone_at_once_and_its_scan_with_it(synthetic: Box) -> None:
    synthetic.reset()
    with synthetic.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM files")
        cursor.fetchmany(30)
        reference = weakref.ref(cursor)
        gc.disable()
        try:
            del cursor
            assert reference() is None
        finally:
            gc.enable()
        connection.cursor().execute("SELECT 1").fetchall()
        assert synthetic.stats()["calls"] < 30


def test_a_failure_in_mid_scan_is_no_end(synthetic: Box) -> None:
    try:
        with synthetic.connect(MaxRetries=0, MaxConcurrency=1) as connection:
            cursor = connection.cursor()
            synthetic.faults({"operation": "*", "status": 403, "times": 1000, "skip": 5})
            cursor.execute("SELECT name FROM files")
            with pytest.raises(box_dialect.OperationalError):
                cursor.fetchall()
            for fetch in (cursor.fetchone, cursor.fetchmany, cursor.fetchall):
                with pytest.raises(box_dialect.ProgrammingError, match="or it failed"):
                    fetch()
            synthetic.reset()
            assert cursor.execute("SELECT count(*) FROM files").fetchall() == [(SYNTHETIC_FILES,)]
    finally:
        synthetic.reset()
