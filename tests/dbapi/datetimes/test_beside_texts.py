"""Box's timestamps beside texts and numbers: compared as moments in whatever shape, or refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

WHERE = "WHERE parent_id = '0'"
IN_ROOT = f"FROM files {WHERE}"
NOTES, SAME = "2015-04-11T08:00:00Z", "2015-04-11 10:00 +02:00"
"""The moment of the file `notes` in the root folder, in two spellings."""
MOMENT = dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC)
TOGETHER = f"SELECT ts, at FROM own UNION ALL SELECT modified_at, created_at {IN_ROOT}"
REFUSED = r"files\.modified_at would be compared as text.* CAST\(that column AS TIMESTAMP\)"


@pytest.fixture(scope="module")
def connection(small: Box) -> Iterator[box_dialect.Connection]:
    """A connection with a table of texts, one of which is the moment of a file, and one that of none."""
    with small.connect() as connection:
        cursor = connection.cursor().execute("CREATE TABLE own (ts TEXT, title TEXT, at TIMESTAMP)")
        cursor.executemany("INSERT INTO own VALUES (?, ?, ?)", [(NOTES, "notes", SAME), ("2001-01-01", "x", None)])
        connection.commit()
        yield connection


def column_types(connection: box_dialect.Connection, table: str) -> dict[str, str]:
    return dict(rows(connection, "SELECT name, type FROM pragma_table_info(?)", table))


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


@sweep("left", ["ts", "own.ts AS m", "ts m", "(SELECT ts)", "coalesce(NULL, ts)", "max(ts, '')"])
@sweep(
    ("operator", "number"),
    [("EXCEPT", 1), ("INTERSECT", 1), ("UNION", 4), ("EXCEPT SELECT NULL, NULL WHERE 0 INTERSECT", 1)],
)
def test_a_compound_select(connection: box_dialect.Connection, left: str, operator: str, number: int) -> None:
    arms = f"SELECT 1, {left} FROM own {operator} SELECT 1, modified_at {IN_ROOT}"
    assert len(rows(connection, arms)) == number
    assert rows(connection, f"SELECT count(*) FROM ({arms})") == [(number,)]
    assert len(rows(connection, f"WITH c(n, m) AS ({arms}) SELECT * FROM c ORDER BY m DESC")) == number


@sweep(
    ("query", "result"),
    [
        (f"SELECT count(DISTINCT ts) FROM ({TOGETHER})", 4),
        (f"SELECT count(*) FROM (SELECT DISTINCT ts FROM ({TOGETHER}))", 4),
        (f"SELECT count(*) FROM (SELECT ts FROM ({TOGETHER}) GROUP BY ts)", 4),
        (f"SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY ts) AS n FROM ({TOGETHER}))", 2),
        (f"SELECT count(*) FROM ({TOGETHER}) WHERE ts = '{SAME}'", 2),
        (f"SELECT count(*) FROM ({TOGETHER}) WHERE ts IN (SELECT at FROM own)", 2),
        (f"SELECT count(*) FROM own WHERE (ts, 1) IN (SELECT modified_at, 1 {IN_ROOT})", 1),
        (f"SELECT count(*) FROM own JOIN files ON (1, ts) = (1, modified_at) {WHERE}", 1),
        (f"SELECT (ts, 1) IN (SELECT modified_at, 1 {IN_ROOT}) FROM own ORDER BY 1 DESC LIMIT 1", 1),
        (f"SELECT sum(CASE ts WHEN modified_at THEN 1 ELSE 0 END) FROM own JOIN files {WHERE}", 1),
        (f"SELECT sum(CASE title WHEN 'x' THEN 0 WHEN name THEN 1 END) FROM own JOIN files {WHERE}", 1),
        (f"SELECT count(*) FROM own JOIN files {WHERE} AND nullif(ts, modified_at) IS NULL", 1),
        (f"SELECT count(*) FROM own JOIN files {WHERE} AND max(ts, modified_at) = ts AND title = name", 1),
        (f"SELECT count(*) FROM own WHERE ts BETWEEN '2010' || '-01-01' AND (SELECT min(created_at) {IN_ROOT})", 0),
        (f"SELECT count(*) FROM own WHERE ts BETWEEN '' AND (SELECT max(modified_at) {IN_ROOT})", 2),
        (f"WITH c(n, m) AS (SELECT name, modified_at {IN_ROOT}) SELECT count(*) FROM own, c WHERE ts = m", 1),
        (f"SELECT count(*) FROM (SELECT ts t FROM own) x JOIN (SELECT modified_at u {IN_ROOT}) y ON x.t = y.u", 1),
        (f"WITH x AS (SELECT modified_at t {IN_ROOT}) SELECT count(*) FROM x JOIN own y ON y.at = x.t", 1),
        (f"SELECT count(*) FROM own WHERE CAST(ts AS TIMESTAMP) IN (SELECT ts FROM ({TOGETHER}))", 2),
    ],
)
def test_a_local_text_on_the_left(connection: box_dialect.Connection, query: str, result: int) -> None:
    assert rows(connection, query) == [(result,)]


@sweep(
    "query",
    [
        f"SELECT * FROM (SELECT ts FROM own) EXCEPT SELECT modified_at {IN_ROOT}",
        f"SELECT own.ts FROM own JOIN ({TOGETHER}) s ON own.ts = s.ts",
        f"SELECT name FROM (SELECT title AS n, ts AS modified_at FROM own) JOIN files USING (modified_at) {WHERE}",
        f"SELECT DISTINCT t FROM (SELECT * FROM (SELECT ts AS t FROM own) UNION ALL SELECT modified_at {IN_ROOT})",
        f"SELECT max(t) FROM (SELECT * FROM (SELECT ts AS t FROM own) UNION ALL SELECT modified_at {IN_ROOT})",
        f"SELECT name FROM files UNION SELECT modified_at {IN_ROOT}",
        "SELECT f.name FROM files f JOIN folders o ON o.name = f.modified_at",
        *(f"SELECT 1 {IN_ROOT} AND {each}" for each in ("name >modified_at", "name IN ( files.modified_at)")),
        *(
            f"SELECT {each} {IN_ROOT}"
            for each in ('name IS NOT "modified_at"', "CASE name WHEN modified_at THEN 1 END")
        ),
        f"SELECT 1 {IN_ROOT} AND name BETWEEN '' AND modified_at",
    ],
)
def test_what_would_compare_as_text_is_refused(connection: box_dialect.Connection, query: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=REFUSED):
        rows(connection, query)


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT count(*) FROM files {WHERE} AND (name, modified_at) IN (VALUES ('notes', '2015-04-11 08:00:00'))",
        f"SELECT count(*) FROM files {WHERE} AND (name, modified_at) IN (VALUES (?, ?), ('x', NULL))",
        f"SELECT count(*) FROM json_each(?) j JOIN files ON j.value = modified_at AND name <> ? {WHERE}",
        f'SELECT count(*) FROM json_each(\'["{SAME}", "x"]\') AS j JOIN files ON j.value = modified_at {WHERE}',
        f"SELECT count(*) FROM (SELECT '{SAME}' AS t) m JOIN files ON t = modified_at {WHERE}",
        f"SELECT count(*) FROM (VALUES ('{SAME}'), ('2001-01-01')) m JOIN files ON m.column1 = modified_at {WHERE}",
        f"SELECT count(*) FROM own JOIN files ON ts = modified_at {WHERE} AND name COLLATE NOCASE = 'NOTES'",
    ],
)
def test_texts_of_the_statement_itself(connection: box_dialect.Connection, query: str) -> None:
    values = [f'["{SAME}"]' if "json" in query else "notes", SAME]
    assert rows(connection, query, *values[: query.count("?")]) == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT modified_at '2015-04-11' {IN_ROOT} AND modified_at = '{SAME}'",
        f"SELECT modified_at AS '2015-04-11' {IN_ROOT} AND modified_at = '{SAME}'",
        f"SELECT coalesce(modified_at, 1) || '' '2015-04-11' {IN_ROOT} AND coalesce(modified_at, 1) = '{SAME}'",
        "SELECT at '2015-04-11', ts FROM own WHERE at IS NOT NULL",
    ],
)
def test_a_text_that_names_a_column_stays(connection: box_dialect.Connection, query: str) -> None:
    cursor = connection.cursor().execute(query)
    assert next(item[0] for item in cursor.description or ()) == "2015-04-11"
    assert len(cursor.fetchall()) == 1


@sweep(
    "condition",
    [
        "modified_at > unixepoch('2030-01-01')",
        "unixepoch('2030-01-01') < modified_at",
        "coalesce(modified_at, created_at) > unixepoch('2030-01-01')",
        "max(modified_at, created_at) > 1893456000",
        "coalesce(modified_at, created_at) BETWEEN ? AND '2030-01-01'",
        "date_trunc('day', modified_at) >= julianday('2030-01-01') + 1",
        "coalesce(modified_at, created_at) > size",
        "CASE WHEN size > 0 THEN modified_at END > 5",
        "5 < CASE WHEN size > 0 THEN modified_at END",
        "(SELECT max(modified_at) FROM folders WHERE parent_id = '0') > (SELECT count(*) FROM folders)",
        "likely(modified_at) > 5 * 2",
        "modified_at > strftime('%s', '2030-01-01')",
        "coalesce(modified_at, created_at) > strftime('%s', '2030-01-01')",
        "strftime('%s', '2030-01-01') < modified_at",
        "modified_at > 1893456000",
    ],
)
def test_no_moment_is_greater_than_a_number(connection: box_dialect.Connection, condition: str) -> None:
    with pytest.raises(box_dialect.Error, match=r"would be compared with a number|is no moment"):
        rows(connection, f"SELECT name {IN_ROOT} AND {condition}", *[1893456000] * condition.count("?"))


def test_no_moment_of_a_view_is_greater_than_a_number(connection: box_dialect.Connection) -> None:
    rows(connection, f"CREATE TEMP VIEW seen AS SELECT coalesce(modified_at, created_at) AS m {IN_ROOT}")
    with pytest.raises(box_dialect.ProgrammingError, match=r"files\.modified_at would be compared with a number"):
        rows(connection, "SELECT * FROM seen WHERE m > 5")
    with pytest.raises(box_dialect.ProgrammingError, match=r"files\.modified_at would be compared with a number"):
        rows(connection, f"SELECT m FROM (SELECT (SELECT modified_at) AS m {IN_ROOT}) WHERE m > 5")
    assert len(rows(connection, "SELECT * FROM seen WHERE m > '2015-04-11'")) == 2


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("strftime('%Y%m%d', modified_at)", "20150411"),
        ("substr(modified_at, 1, 10)", "2015-04-11"),
        ("modified_at || ''", "2015-04-11 08:00:00.000000"),
        ("CASE WHEN size > 0 THEN strftime('%Y%m%d', modified_at) END", "20150411"),
    ],
)
def test_what_is_made_a_text_compares_as_one(connection: box_dialect.Connection, day: str, found: str) -> None:
    others = {"20150411", "2015-04-11", "2015-04-11 00:00:00", SAME, "2015-04-11 08:00:00.000000"} - {found}
    for query in (f"SELECT 1 FROM (SELECT {day} AS day {IN_ROOT}) WHERE day =", f"SELECT 1 {IN_ROOT} AND {day} ="):
        assert rows(connection, f"{query} '{found}'") == rows(connection, f"{query} ?", found) == [(1,)]
        for other in others:
            assert rows(connection, f"{query} '{other}'") == rows(connection, f"{query} ?", other) == []


def test_a_copy_keeps_what_is_computed_of_moments(connection: box_dialect.Connection) -> None:
    computed = {
        "a": "max(modified_at)",
        "b": "coalesce(modified_at, created_at)",
        "c": "nullif(modified_at, '2001-01-01')",
        "d": "CASE WHEN size > 0 THEN modified_at END",
        "e": "(SELECT modified_at)",
        "f": "date_trunc('hour', modified_at)",
    }
    texts = {"t": "name || ''", "u": "strftime('%Y%m%d', modified_at)", "v": "coalesce(modified_at, name)"}
    shown = ", ".join(f"{each} AS {name}" for name, each in {**computed, **texts}.items())
    cursor = connection.cursor().execute(f"CREATE TEMP TABLE computed AS SELECT {shown} {IN_ROOT} AND name = 'notes'")
    assert column_types(connection, "computed") == {
        **dict.fromkeys(computed, "TIMESTAMP TEXT"),
        **dict.fromkeys(texts, ""),
    }
    for name in computed:
        query = f"SELECT {name} FROM computed WHERE {name}"
        assert rows(connection, f"{query} = '{SAME}'") == rows(connection, f"{query} IN ('{NOTES}')") == [(MOMENT,)]
    cursor.execute(
        "CREATE TEMP TABLE copied AS SELECT max(at) AS a, coalesce(ts, at) AS t, ifnull(at, :m) AS b FROM own",
        {"m": None},
    )
    assert column_types(connection, "copied") == {"a": "TIMESTAMP TEXT", "t": "", "b": "TIMESTAMP TEXT"}
    assert rows(connection, "SELECT a, t FROM copied WHERE a = '2015-04-11 08:00' AND b IN (a)") == [(MOMENT, NOTES)]
    cursor.execute(f"CREATE TEMP TABLE arms AS SELECT NULL AS m UNION SELECT max(modified_at) {IN_ROOT}")
    assert rows(connection, "SELECT count(*) FROM arms WHERE m = '2015-07-20T08:00Z'") == [(1,)]


def test_a_collation_that_is_named_decides(connection: box_dialect.Connection) -> None:
    query = f"SELECT count(*) FROM own JOIN files ON {{}} {WHERE}"
    for condition in (
        "ts COLLATE BINARY = modified_at",
        "modified_at = ts COLLATE NOCASE",
        "ts = modified_at COLLATE RTRIM",
    ):
        assert rows(connection, query.format(condition)) == [(0,)]
    for condition in ("ts = modified_at", "ts = modified_at OR title = name COLLATE RTRIM"):
        assert rows(connection, query.format(condition)) == [(1,)]
    arms = f"SELECT ts COLLATE BINARY FROM own INTERSECT SELECT modified_at {IN_ROOT}"
    assert rows(connection, arms) == []


def test_arms_whose_columns_have_one_name(connection: box_dialect.Connection) -> None:
    rows(connection, "CREATE TEMP TABLE mirrored AS SELECT title AS name, ts AS modified_at FROM own LIMIT 1")
    own, box = "SELECT name, modified_at FROM mirrored", f"SELECT f.name, f.modified_at FROM files f {WHERE}"
    for one, other in ((own, box), (box, own)):
        assert rows(connection, f"SELECT count(*) FROM ({one} INTERSECT {other})") == [(1,)]
    assert rows(connection, f"{own} EXCEPT {box}") == []
    assert rows(connection, f"{box} EXCEPT {own}") != rows(connection, box)


@pytest.mark.parametrize(
    ("condition", "number"),
    [
        (f"CAST(modified_at AS TEXT) = '{SAME}'", 0),
        ("CAST(modified_at AS VARCHAR(26)) = '2015-04-11 08:00:00.000000'", 1),
        ("CAST(modified_at AS TEXT) IN ('yesterday', '2015-04-11 08:00:00.000000')", 1),
        ("CAST(modified_at AS TEXT) > '2015-04-11 08' AND CAST(files.modified_at AS TEXT) < '2015-04-11 09'", 1),
        ("CAST(modified_at AS TEXT) < name", 2),
    ],
)
def test_a_cast_to_text_compares_as_one(connection: box_dialect.Connection, condition: str, number: int) -> None:
    assert len(rows(connection, f"SELECT name {IN_ROOT} AND {condition}")) == number


def test_a_cast_to_text_keeps_its_name(connection: box_dialect.Connection) -> None:
    cast = "CAST(modified_at AS TEXT)"
    cursor = connection.cursor().execute(f"CREATE TEMP VIEW spelled AS SELECT {cast} {IN_ROOT}")
    cursor.execute(f"CREATE TEMP TABLE written AS SELECT {cast} {IN_ROOT}")
    for table in ("spelled", "written", f"(SELECT {cast} {IN_ROOT})"):
        assert len(rows(connection, f'SELECT t."{cast}" FROM {table} AS t')) == 3


def test_an_update_sets_what_it_compares(connection: box_dialect.Connection) -> None:
    moment = f"(SELECT modified_at {IN_ROOT} AND name = 'notes')"
    for assigned in (f"ts = {moment}", f"title = 'n', ts = {moment}", f"(title, ts) = ('n', {moment})"):
        cursor = connection.cursor().execute(f"UPDATE own SET {assigned} WHERE ts = {moment}")
        assert cursor.rowcount == 1
        assert rows(connection, "SELECT ts FROM own WHERE title <> 'x'") == [("2015-04-11 08:00:00.000000",)]
        connection.rollback()


def test_a_copy_that_fails_says_why(connection: box_dialect.Connection) -> None:
    with pytest.raises(box_dialect.DataError, match="'2000' is no moment"):
        connection.cursor().execute(
            f"CREATE TABLE failed AS SELECT modified_at, nullif(modified_at, '2000') AS m {IN_ROOT}"
        )


@pytest.mark.parametrize(
    "column",
    ["max(at) OVER ()", "max(at) FILTER (WHERE at IS NOT NULL)", "min(at, at) IS NOT NULL", "coalesce(at, ts) IN (at)"],
)
def test_what_follows_a_call_is_no_name(connection: box_dialect.Connection, column: str) -> None:
    assert rows(connection, f"SELECT {column} FROM own WHERE title = 'notes'") in ([(SAME,)], [(1,)])


def test_what_a_register_holds_elsewhere_is_no_matter(connection: box_dialect.Connection) -> None:
    counted = "(SELECT count(*) FROM files c WHERE c.modified_at = a.at)"
    query = f"SELECT DISTINCT {counted} FROM own a JOIN files b ON a.title = b.id AND NULL = b.id"
    assert rows(connection, f"WITH c AS ({query}) SELECT * FROM c") == []


def test_a_long_statement_ends_in_time(small: Box) -> None:
    mixed = "SELECT ts FROM own UNION ALL SELECT modified_at FROM files"  # without it no way needs to be followed
    arms = " UNION ".join(
        ["SELECT ts FROM own JOIN files ON title = name AND ts = modified_at"] * 400
        + [f"SELECT own.ts FROM own JOIN ({mixed}) s ON own.ts = s.ts"]
    )
    with small.connect(Timeout=1) as connection:
        connection.cursor().execute("CREATE TABLE own (ts TEXT, title TEXT)")
        with pytest.raises(box_dialect.OperationalError, match="Timeout"):
            rows(connection, f"SELECT count(*) FROM ({arms})")
