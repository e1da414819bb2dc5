"""Timeout, interrupt(), MaxStatementMemory and MaxTemporaryDisk hold, whatever SQLite computes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS, wait_until
from sweep import sweep

import box_dialect
from box_dialect import aio
from box_dialect.engine.execution import heap
from box_dialect.engine.execution.heap import longest_value

if TYPE_CHECKING:
    from pathlib import Path

URL = "box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectId=ENTERPRISE_ID"
NUMBERS = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
FINITE = f"{NUMBERS[:-1]} LIMIT 50000)"
THOUSAND = f"{NUMBERS} SELECT n FROM r LIMIT 1000"
GENEROUS_SECONDS = 60
"""Far more than a Timeout of one second, for machines that have much else to do: without it they take for ever."""

COMPARED = "(hex(zeroblob(200000)) LIKE '%' || hex(zeroblob(200)) || '_1')"
REPLACED = "length(replace(hex(zeroblob(9000000)), 0, 11))"

SEARCHED = "(hex(randomblob(8000)) REGEXP '[0-7][0-9A-F]{900}x')"

ENDLESS = {
    "rows": f"{NUMBERS} SELECT count(*) FROM r",
    "a sort of large values": f"{NUMBERS} SELECT count(*) FROM (SELECT n, randomblob(1000000) FROM r ORDER BY 2)",
    "large values": f"{NUMBERS} SELECT sum(length(hex(zeroblob(10000000)))) FROM r",
    "the largest values": f"{NUMBERS} SELECT sum(length(hex(zeroblob(100000000)))) FROM r",
    "texts and patterns": f"SELECT {' + '.join([COMPARED] * 900)}",
    "expressions of one row": f"SELECT {' + '.join([SEARCHED] * 900)}",
    "functions of one row": f"SELECT {' + '.join([REPLACED] * 300)}",
    "a regular expression": f"SELECT '{'a' * 64}!' REGEXP '^(a+)+$' FROM ({NUMBERS} SELECT n FROM r) WHERE n < 0",
}

LARGE = {
    "a row of blobs": f"SELECT {', '.join(['hex(zeroblob(3000000))'] * 16)}",
    "a row of zeros": f"SELECT {', '.join(['zeroblob(33000000)'] * 16)}",
    "values within a row": f"SELECT {' + '.join(['length(hex(zeroblob(4000000)) || 1)'] * 16)}",
    "concatenations": f"SELECT length({' || '.join(['hex(zeroblob(3000000))'] * 16)})",
    "json_group_array": f"SELECT length(json_group_array(hex(zeroblob(100000)))) FROM ({THOUSAND})",
    "group_concat": f"SELECT length(group_concat(hex(zeroblob(100000)))) FROM ({THOUSAND})",
    "medians": f"{FINITE} SELECT {', '.join(f'median(n + {each})' for each in range(200))} FROM r",
    "a replacement": "SELECT length(replace(hex(zeroblob(1000000)), '0', hex(zeroblob(10))))",
    "a table in memory": f"CREATE TABLE t AS {NUMBERS} SELECT zeroblob(100000) FROM r LIMIT 999",
}

ROWS = {
    "large blobs": f"{FINITE} SELECT n, zeroblob(1000000) FROM r",
    "large texts among small ones": f"{FINITE} SELECT iif(n % 3, 'x', hex(zeroblob(400000))) FROM r",
    "texts": f"{FINITE} SELECT hex(zeroblob(3000)) FROM r",
    "texts of wide characters": f"{NUMBERS} SELECT hex(zeroblob(30000)) || char(128512) FROM r LIMIT 200",
    "sorted texts": f"{FINITE} SELECT n, hex(zeroblob(3000)) FROM r ORDER BY n DESC",
    "small values": f"{NUMBERS} SELECT n, n + 1 FROM r LIMIT 1000000",
}

SORTS = {
    "a sort": f"{FINITE} SELECT n, hex(zeroblob(1000)) FROM r ORDER BY 2, n DESC",
    "DISTINCT": f"{FINITE} SELECT count(*) FROM (SELECT DISTINCT n, hex(zeroblob(1000)) FROM r)",
    "a temporary table": f"CREATE TEMP TABLE t AS {NUMBERS} SELECT hex(zeroblob(10000)) FROM r LIMIT 9999",
}


def works(connection: box_dialect.Connection) -> bool:
    return connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@sweep("sql", ENDLESS.values(), ids=ENDLESS, at_once=True)
def test_timeout_ends_every_statement(sql: str) -> None:
    with box_dialect.connect(URL, Timeout=1) as connection:
        began = time.monotonic()
        with pytest.raises(box_dialect.OperationalError, match="Timeout allows it"):
            connection.cursor().execute(sql).fetchall()
        assert time.monotonic() - began < GENEROUS_SECONDS
        assert works(connection)


def test_interrupt_ends_every_statement() -> None:
    with box_dialect.connect(URL) as connection:

        def interrupt() -> None:
            wait_until(lambda: connection.session.execution.is_running)  # or there is nothing to interrupt
            time.sleep(0.5)
            connection.interrupt()

        thread = threading.Thread(target=interrupt)
        thread.start()
        began = time.monotonic()
        with pytest.raises(box_dialect.OperationalError, match="the statement was interrupted"):
            connection.cursor().execute(ENDLESS["the largest values"]).fetchall()
        assert time.monotonic() - began < GENEROUS_SECONDS
        thread.join()
        assert works(connection)


def test_a_task_that_is_cancelled_ends_every_statement() -> None:
    async def run() -> None:
        async with await aio.connect(URL) as connection:
            cursor = connection.cursor()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(cursor.execute(ENDLESS["the largest values"]), 0.5)

    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_rows_that_an_interrupt_of_sqlite_ends_are_an_error_to_fetch() -> None:
    with box_dialect.connect(URL, Timeout=1) as connection:
        connection.sqlite.set_progress_handler(None)  # as if each step took long
        other = connection.cursor().execute(f"{NUMBERS} SELECT n FROM r")
        other.fetchone()
        with pytest.raises(box_dialect.OperationalError, match="Timeout"):
            connection.cursor().execute(ENDLESS["rows"]).fetchall()
        assert works(connection)
        with pytest.raises(box_dialect.ProgrammingError, match="there are no rows to fetch"):
            other.fetchmany(5)
        assert works(connection)


def test_rows_of_others_stay_where_a_statement_ends_by_itself() -> None:
    with box_dialect.connect(URL, Timeout=1) as connection:
        other = connection.cursor().execute(f"{NUMBERS} SELECT n FROM r")
        other.fetchone()
        with pytest.raises(box_dialect.OperationalError, match="Timeout"):
            connection.cursor().execute(ENDLESS["rows"]).fetchall()
        assert other.fetchmany(2) == [(2,), (3,)]


@pytest.mark.parametrize("sql", LARGE.values(), ids=LARGE)
def test_memory_is_bounded(sql: str) -> None:
    wait_until(lambda: not heap._running)  # what other statements may take is not taken from this one
    with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
        with pytest.raises((box_dialect.OperationalError, box_dialect.DataError), match="raise the property MaxState"):
            connection.cursor().execute(sql).fetchall()
        assert works(connection)


@pytest.mark.long
@pytest.mark.parametrize("sql", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("size", [None, 900_000])
def test_the_rows_of_one_fetch_are_bounded(sql: str, size: int | None) -> None:
    with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
        cursor = connection.cursor().execute(sql)
        with pytest.raises(box_dialect.OperationalError, match="raise the property MaxStatementMemory"):
            cursor.fetchall() if size is None else cursor.fetchmany(size)
        with pytest.raises(box_dialect.ProgrammingError, match="there are no rows to fetch"):
            cursor.fetchone()
        assert works(connection)


def test_rows_that_are_fetched_a_few_at_a_time_are_not_bounded() -> None:
    sql = f"{THOUSAND.replace('SELECT n', 'SELECT hex(zeroblob(30000))')}"
    with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
        cursor = connection.cursor().execute(sql)
        assert sum(len(rows) for rows in iter(lambda: cursor.fetchmany(100), [])) == 1000
        assert sum(1 for _ in cursor.execute(sql)) == 1000
    with box_dialect.connect(URL, MaxStatementMemory=0) as connection:
        assert len(connection.cursor().execute(sql).fetchall()) == 1000


def test_rows_that_were_too_many_are_freed_although_somebody_keeps_the_error() -> None:
    kept = []
    tracemalloc.start()
    try:
        with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
            for _ in range(5):
                with pytest.raises(box_dialect.OperationalError) as caught:
                    connection.cursor().execute(ROWS["large blobs"]).fetchall()
                kept.append(caught)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept) == 5
    assert held < 20 << 20
    assert most < 64 << 20


@pytest.mark.long
@pytest.mark.parametrize("place", ["file", "shared", "child"])
def test_memory_and_disk_are_bounded_wherever_local_tables_are(tmp_path: Path, place: str) -> None:
    location = {"file": str(tmp_path / "own.db"), "shared": "memory://bounds", "child": ":memory:"}[place]
    program = f"""
import os, sys
import box_dialect

def check():
    with box_dialect.connect({URL!r}, LocalDatabase={location!r}, MaxStatementMemory=32, MaxTemporaryDisk=20) as own:
        for sql, name in (({LARGE["values within a row"]!r}, "MaxStatementMemory"), ({SORTS["a sort"]!r}, "MaxTempor")):
            try:
                own.cursor().execute(sql).fetchall()
            except box_dialect.OperationalError as error:
                assert name in str(error), error
            else:
                raise AssertionError(sql)

if {place!r} == "child":
    try:
        box_dialect.connect({URL!r}).cursor().execute("SELECT 1").fetchall()
    finally:
        child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
check()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_SECONDS)


@pytest.mark.long
def test_a_bomb_takes_no_more_than_it_may() -> None:
    """The row takes 4 GB where nothing bounds it."""
    program = f"""
import re
from pathlib import Path

import box_dialect

with box_dialect.connect({URL!r}) as connection:
    for value in ("zeroblob(200000000)", "hex(zeroblob(100000000))"):
        for columns in (", ".join([value] * 10), "length(" + " || 'x'), length(".join([value] * 10) + ")"):
            try:
                connection.cursor().execute(f"SELECT {{columns}}").fetchall()
            except box_dialect.Error as error:
                assert "MaxStatementMemory" in str(error), error
            else:
                assert value[0] == "z" and "length" in columns  # zeros take no memory until somebody reads them
print(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, timeout=120, stdout=subprocess.PIPE, text=True)
    assert int(done.stdout) < 1_200_000


def test_another_connection_does_not_fail_for_it() -> None:
    bomb = f"SELECT length(json_group_array(hex(zeroblob(10000)))) FROM ({NUMBERS} SELECT n FROM r LIMIT 9999)"
    ended: list[str] = []

    def explode() -> None:
        with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
            for _ in range(3):
                with pytest.raises(box_dialect.OperationalError, match="MaxStatementMemory"):
                    connection.cursor().execute(bomb).fetchall()
                ended.append("a bomb")

    with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
        thread = threading.Thread(target=explode)
        thread.start()
        while thread.is_alive():
            rows = connection.cursor().execute(f"{NUMBERS} SELECT n, hex(zeroblob(100000)) FROM r LIMIT 100").fetchall()
            assert len(rows) == 100
        thread.join()
    assert ended == ["a bomb"] * 3


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of files without a name")
@pytest.mark.parametrize("sql", SORTS.values(), ids=SORTS)
def test_temporary_files_are_bounded(sql: str) -> None:
    with box_dialect.connect(URL, MaxTemporaryDisk=20) as connection:
        with pytest.raises(box_dialect.OperationalError, match="20 MB of temporary files that MaxTemporaryDisk allows"):
            connection.cursor().execute(sql).fetchall()
        assert works(connection)
    with box_dialect.connect(URL) as connection:
        connection.cursor().execute(sql)


def test_no_bound_is_no_bound() -> None:
    with box_dialect.connect(URL, MaxStatementMemory=0, MaxTemporaryDisk=0) as connection:
        assert len(connection.cursor().execute(LARGE["a row of blobs"]).fetchall()[0]) == 16


def test_a_transaction_outlasts_a_read_that_was_too_large() -> None:
    with box_dialect.connect(URL, MaxStatementMemory=32) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a)")
        cursor.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(box_dialect.DataError, match="MaxStatementMemory"):
            cursor.execute(LARGE["a row of blobs"])
        assert cursor.execute("SELECT a FROM t").fetchall() == [(1,)]
        connection.rollback()
        assert cursor.execute("SELECT a FROM t").fetchall() == []


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ([], 1),
        ([("a", None, None, None, None)], 1),
        ([("a", None, None, None, None)] * 5, 5),
        ([("a", "TEXT", "temp", "files", "id"), ("b", "TEXT", "temp", "files", "name")], 1),
        ([("a", "TEXT", "temp", "files", "content")] * 3, 3),
        ([("a", "TEXT", "main", "t", "a"), ("b", "TEXT", "main", "u", "a"), ("c", None, None, None, None)], 3),
    ],
)
def test_a_value_is_as_long_as_a_row_of_them_may_be(columns: list[tuple[str | None, ...]], values: int) -> None:
    assert longest_value(1_000_000, columns) == 1_000_000 // values
    assert longest_value(0, columns) == longest_value(1 << 40, columns) == 1 << 28
