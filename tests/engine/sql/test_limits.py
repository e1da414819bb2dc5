"""Statements that would take too much are refused or answered, and the connection works on."""

from __future__ import annotations

import _thread
import importlib
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

NUMBERS = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"

REFUSED = {
    "a blob": "SELECT zeroblob(2147483648)",
    "a blob beyond the limit": f"SELECT length(zeroblob({(1 << 28) + 1}))",
    "a random blob": "SELECT length(randomblob(2147483647))",
    "padding": "SELECT length(printf('%*d', 2000000000, 1))",
    "a repeated letter": "SELECT length(printf('%.*c', 1000000000, 'x'))",
    "a hexadecimal blob": "SELECT length(hex(zeroblob(200000000)))",
    "a replacement": "SELECT length(replace(hex(zeroblob(10000)), '0', hex(zeroblob(100000))))",
    "a blob in a row": "INSERT INTO folders (name, parent_id) VALUES (zeroblob(2147483647), '0')",
    "parentheses": f"SELECT {'(' * 5000}1{')' * 5000}",
    "a sum": f"SELECT {'+'.join('1' * 5000)}",
    "negations": f"SELECT {'NOT ' * 5000}1",
    "subqueries": f"SELECT {'(SELECT ' * 1500}1{')' * 1500}",
    "alternatives": "SELECT id FROM files WHERE " + " OR ".join(f"name = '{n}'" for n in range(2000)),
    "columns": f"SELECT {','.join('1' * 3000)}",
    "a union": " UNION ALL ".join(["SELECT 1"] * 1000),
    "a join": "SELECT 1 FROM " + ", ".join(f"files f{n}" for n in range(70)),
    "JSON": f"SELECT json('{'[' * 3000}{']' * 3000}')",
    "a pattern": f"SELECT 'a' LIKE '{'%a' * 30000}'",
    "a text in a statement": f"SELECT '{'x' * (1 << 24)}'",
    "a comment": f"SELECT 1 --{'x' * (1 << 24)}",
    "marks": f"SELECT 1 WHERE 5 IN ({','.join('?' * 40_000)})",
    "the number of a mark": "SELECT ?999999999999999999999",
}

ANSWERED = {
    "rows without end": (f"{NUMBERS} SELECT n FROM r LIMIT 3", [(1,), (2,), (3,)]),
    "a long list": (f"SELECT 7 IN ({','.join(map(str, range(100_000)))})", [(1,)]),
    "a long list for a column": (
        f"SELECT count(*) FROM files WHERE size IN ({','.join(str(-n) for n in range(1, 100_000))})",
        [(0,)],
    ),
    "a large blob": ("SELECT length(zeroblob(100000000))", [(100_000_000,)]),
    "a long text": (f"SELECT length('{'x' * 1_000_000}')", [(1_000_000,)]),
    "a join of one table with itself": (
        "SELECT 1 FROM " + ", ".join(f"files f{n}" for n in range(12)) + " LIMIT 1",
        [(1,)],
    ),
}


@pytest.mark.long
@sweep("sql", REFUSED.values(), ids=REFUSED)
def test_too_much_is_refused(connection: box_dialect.Connection, sql: str) -> None:
    cursor = connection.cursor()
    with pytest.raises((box_dialect.DataError, box_dialect.ProgrammingError)):
        cursor.execute(sql).fetchall()
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize("many", [False, True])
def test_a_statement_that_is_too_long_says_so(connection: box_dialect.Connection, *, many: bool) -> None:
    cursor, sql = connection.cursor(), f"INSERT INTO folders (name) VALUES ('{'é' * (1 << 23)}')"
    with pytest.raises(box_dialect.DataError, match="the statement has more than 16,777,216 bytes; give its values as"):
        cursor.executemany(sql, [()]) if many else cursor.execute(sql)


@pytest.mark.long
@pytest.mark.parametrize(("sql", "rows"), ANSWERED.values(), ids=ANSWERED)
def test_much_is_answered(connection: box_dialect.Connection, sql: str, rows: list[tuple[int]]) -> None:
    assert connection.cursor().execute(sql).fetchall() == rows


def test_rows_without_end_take_no_memory(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute(f"{NUMBERS} SELECT n FROM r")
    assert cursor.fetchmany(1000)[-1] == (1000,)
    cursor.close()
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@pytest.fixture
def one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bound temporary tables where they have no bound of their own by one megabyte."""
    monkeypatch.setattr(importlib.import_module("box_dialect.engine.sql.authorizer"), "MOST_MEGABYTES_OF_TABLES", 1)


FOUR_MEGABYTES = f"AS {NUMBERS} SELECT n, zeroblob(4000) FROM r LIMIT 1000"


@pytest.mark.usefixtures("one_megabyte")
def test_temporary_tables_are_bounded(small: Box) -> None:
    with small.connect(MaxTemporaryDisk=1) as connection:
        cursor = connection.cursor()
        with pytest.raises(box_dialect.OperationalError, match=r"full: .* raise the property MaxTemporaryDisk"):
            cursor.execute(f"CREATE TEMP TABLE t {FOUR_MEGABYTES}")
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("place", [":memory:", "memory://bounded", "file"])
def test_local_tables_are_bounded(small: Box, tmp_path: Path, place: str) -> None:
    local = str(tmp_path / "local.db") if place == "file" else place
    with small.connect(LocalDatabase=local, MaxLocalDatabase=1) as connection:
        cursor = connection.cursor()
        with pytest.raises(box_dialect.OperationalError, match=r"full: .* MaxLocalDatabase=1 allows; drop some"):
            cursor.execute(f"CREATE TABLE t {FOUR_MEGABYTES}")
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_what_is_more_than_the_bound_can_be_read_and_dropped(small: Box, tmp_path: Path) -> None:
    local = str(tmp_path / "local.db")
    with sqlite3.connect(local, isolation_level=None) as other:
        other.execute("PRAGMA page_size = 1024")
        other.execute(f"CREATE TABLE t {FOUR_MEGABYTES}")
    other.close()
    with small.connect(LocalDatabase=local, MaxLocalDatabase=1) as connection:
        cursor = connection.cursor()
        assert cursor.execute("SELECT count(*) FROM t").fetchall() == [(1000,)]
        with pytest.raises(box_dialect.OperationalError, match="MaxLocalDatabase=1"):
            cursor.execute("INSERT INTO t SELECT * FROM t")
        cursor.execute("DROP TABLE t")


@pytest.mark.usefixtures("one_megabyte")
@pytest.mark.parametrize("most", [0, 5])
def test_temporary_tables_take_what_is_allowed(small: Box, most: int) -> None:
    with small.connect(MaxTemporaryDisk=most) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TEMP TABLE t {FOUR_MEGABYTES}")
        assert cursor.execute("SELECT count(*) FROM t").fetchall() == [(1000,)]


@pytest.mark.parametrize("most", [0, 5])
def test_local_tables_take_what_is_allowed(small: Box, most: int) -> None:
    with small.connect(MaxLocalDatabase=most) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TABLE t {FOUR_MEGABYTES}")
        assert cursor.execute("SELECT count(*) FROM t").fetchall() == [(1000,)]


def test_a_signal_ends_a_statement(connection: box_dialect.Connection) -> None:
    """It inserts few rows and goes on without end, so that the signal comes in time on every machine."""
    cursor = connection.cursor()
    connection.sqlite.create_scalar_function("press", threading.Timer(0.05, _thread.interrupt_main).start, 0)
    cursor.execute("CREATE TABLE numbers (n)")
    with pytest.raises(KeyboardInterrupt):
        cursor.execute(
            "WITH pressed AS MATERIALIZED (SELECT press()) "
            f"INSERT INTO numbers SELECT n FROM pressed CROSS JOIN ({NUMBERS} SELECT n FROM r) WHERE n < 10"
        )
    assert cursor.execute("SELECT * FROM numbers LIMIT 1").fetchall() == []
