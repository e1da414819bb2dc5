"""Moments compare as what they mean, in whatever spelling, place and statement, and texts as texts."""

from __future__ import annotations

import datetime as dt
import operator
from typing import TYPE_CHECKING, Any

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conftest import Box


def nanoseconds(*parts: int, more: int = 0) -> int:
    """Return a moment as a number, so that no text is compared here."""
    return (dt.datetime(*parts, tzinfo=dt.UTC) - dt.datetime(1, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(  # type: ignore[misc, arg-type]
        microseconds=1
    ) * 1000 + more


HERE = nanoseconds(2015, 4, 11, 8)
"""The moment of a file of the seed."""

SPELLINGS = {
    "2015-04-11 08:00:00.000000": HERE,
    "2015-04-11 08:00:00": HERE,
    "2015-04-11 08:00": HERE,
    "2015-04-11T08": HERE,
    "2015-04-11T08:00:00Z": HERE,
    "2015-04-11t08:00:00z": HERE,
    "2015-04-11T08:00:00.000Z": HERE,
    "2015-04-11 08:00:00.000000000": HERE,
    "2015-04-11T08:00:00,0": HERE,
    "2015-04-11T10:00:00+02:00": HERE,
    "2015-04-10 22:30:00-0930": HERE,
    "2015-04-11 08:00:00 +00:00": HERE,
    "20150411T080000Z": HERE,
    "2015-W15-6T08:00": HERE,
    "2015-04-11T08:00:00.000001": HERE + 1000,
    "2015-04-11 07:59:59.999999": HERE - 1000,
    "2015-04-11 08:00:00.0000001": HERE + 100,
    "2015-04-11": nanoseconds(2015, 4, 11),
    "2015-04-10T24:00:00": nanoseconds(2015, 4, 11),
    "2026-11-30T00:00:00Z": nanoseconds(2026, 11, 30),
    "0001-01-01": nanoseconds(1, 1, 1),
    "9999-12-31 23:59:59": nanoseconds(9999, 12, 31, 23, 59, 59),
}
EARLIER, LATER = "2015-04-08T08:00Z", "2015-04-11T08:00:00Z"
BOUNDS = {EARLIER: nanoseconds(2015, 4, 8, 8), LATER: HERE}

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IS": operator.eq,
    "IS NOT": operator.ne,
}

IN_ROOT = "FROM files WHERE parent_id = '0'"
SOURCES = {
    "files": f"SELECT modified_at AS m {IN_ROOT}",
    "events": "SELECT created_at AS m FROM events WHERE stream_type = 'admin_logs'",
    "timestamps": "SELECT a AS m FROM kept",
    "datetimes": "SELECT b AS m FROM kept",
    "timestamp text": "SELECT c AS m FROM kept",
    "an expression of local columns": "SELECT coalesce(a, b) AS m FROM kept",
    "a copy": "SELECT modified_at AS m FROM copied",
    "a view": "SELECT modified_at AS m FROM seen",
    "an expression of a view": "SELECT m FROM seen",
    "a common table": f"WITH c AS (SELECT modified_at AS m {IN_ROOT}) SELECT m FROM c",
    "a materialized one": f"WITH c AS MATERIALIZED (SELECT ifnull(modified_at, 0) AS m {IN_ROOT}) SELECT m FROM c",
    "a union": f"SELECT modified_at AS m {IN_ROOT} UNION SELECT created_at FROM folders WHERE parent_id = '0'",
    "a union that begins with NULL": f"SELECT NULL AS m WHERE 0 UNION ALL SELECT modified_at {IN_ROOT}",
    "a union with a text": f"SELECT '2015-04-11T08:00:00Z' AS m UNION ALL SELECT modified_at {IN_ROOT}",
    "coalesce": f"SELECT coalesce(modified_at, created_at) AS m {IN_ROOT}",
    "coalesce with a text": f"SELECT coalesce(NULL, modified_at, '2015-04-11') AS m {IN_ROOT}",
    "the name of a column": f"SELECT coalesce(modified_at, created_at) AS modified_at {IN_ROOT}",
    "max": "SELECT max(modified_at) AS m FROM files WHERE parent_id IN ('0', '160000000011') GROUP BY parent_id",
    "a scalar subquery": f"SELECT (SELECT max(modified_at) {IN_ROOT}) AS m",
    "date_trunc": f"SELECT date_trunc('hour', modified_at) AS m {IN_ROOT}",
    "datetime": f"SELECT datetime(modified_at) AS m {IN_ROOT}",
    "a cast": f"SELECT CAST(modified_at AS TIMESTAMP) AS m {IN_ROOT}",
    "a window": f"SELECT max(modified_at) OVER (ORDER BY name) AS m {IN_ROOT}",
}
LOCAL = ("a", "b", "c", "text")


@pytest.fixture(scope="module")
def connection(small: Box) -> Iterator[box_dialect.Connection]:
    """A connection with tables of its own, which have the same moments in all spellings."""
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept (a TIMESTAMP, b DATETIME NOT NULL, c TIMESTAMP TEXT, text TEXT)")
        cursor.executemany("INSERT INTO kept VALUES (?, ?, ?, ?)", [(text,) * 4 for text in SPELLINGS])
        cursor.execute("CREATE TABLE older (modified_at TEXT)")
        cursor.execute("INSERT INTO older VALUES (?)", [LATER])
        cursor.execute(f"CREATE TABLE copied AS SELECT id, name, modified_at, is_externally_owned, tags {IN_ROOT}")
        cursor.execute(f"CREATE VIEW seen AS SELECT modified_at, coalesce(modified_at, created_at) AS m {IN_ROOT}")
        connection.commit()
        yield connection


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def column(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[Any]:
    return [value for (value,) in rows(connection, statement, *parameters)]


def meant(text: str) -> int:
    """Return the moment that a text of the tests' data means."""
    known = {**SPELLINGS, **BOUNDS}.get(text)
    return (
        nanoseconds(*map(int, text.replace("-", " ").replace(":", " ").replace(".", " ").split()))
        if known is None
        else known
    )


def moments(connection: box_dialect.Connection, source: str) -> list[str]:
    """Return the moments of a source as SQLite has them."""
    name = "modified_at" if source == "the name of a column" else "m"
    return column(connection, f"SELECT {name} || '' FROM ({SOURCES[source]})")


@pytest.mark.parametrize(
    "as_parameter", [False, pytest.param(True, marks=pytest.mark.long)], ids=["literals", "parameters"]
)
@pytest.mark.parametrize("source", SOURCES)
def test_expressions(connection: box_dialect.Connection, source: str, as_parameter: bool) -> None:
    """All comparisons with all spellings, each a column of one statement."""
    m = "modified_at" if source == "the name of a column" else "m"
    values: list[str] = []

    def spelled(text: str) -> str:
        values.append(text)
        return "?" if as_parameter else f"'{text}'"

    checks: list[tuple[str, Callable[[int], bool]]] = []
    for text, moment in SPELLINGS.items():
        for sign, compare in OPERATORS.items():
            checks.append((f"{m} {sign} {spelled(text)}", lambda v, c=compare, o=moment: c(v, o)))  # type: ignore[misc]
            checks.append((f"{spelled(text)} {sign} {m}", lambda v, c=compare, o=moment: c(o, v)))  # type: ignore[misc]
        checks += [
            (f"{m} IN ({spelled(text)}, {spelled(EARLIER)})", lambda v, o=moment: v in {o, BOUNDS[EARLIER]}),  # type: ignore[misc]
            (f"{m} NOT IN ({spelled(text)})", lambda v, o=moment: v != o),  # type: ignore[misc]
            (f"{m} BETWEEN {spelled(EARLIER)} AND {spelled(text)}", lambda v, o=moment: BOUNDS[EARLIER] <= v <= o),  # type: ignore[misc]
            (f"{m} NOT BETWEEN {spelled(text)} AND {spelled(LATER)}", lambda v, o=moment: not o <= v <= HERE),  # type: ignore[misc]
            (f"CASE {m} WHEN {spelled(text)} THEN 1 ELSE 0 END", lambda v, o=moment: v == o),  # type: ignore[misc]
            (f"nullif({m}, {spelled(text)}) IS NULL", lambda v, o=moment: v == o),  # type: ignore[misc]
        ]
    shown = ", ".join(check for check, _ in checks)
    found = rows(connection, f"SELECT {m} || '', {shown} FROM ({SOURCES[source]})", *values * as_parameter)
    assert found
    for value, *results in found:
        wrong = [check for (check, holds), result in zip(checks, results, strict=True) if holds(meant(value)) != result]
        assert wrong == [], value


@pytest.mark.long
@sweep("sign", OPERATORS)
@sweep("source", SOURCES)
def test_conditions(connection: box_dialect.Connection, source: str, sign: str) -> None:
    """What is left to Box, and what SQLite takes into a subquery."""
    m = "modified_at" if source == "the name of a column" else "m"
    all_moments = [meant(text) for text in moments(connection, source)]
    for text in ("2015-04-11T10:00:00+02:00", "2015-04-11"):
        expected = sum(OPERATORS[sign](moment, SPELLINGS[text]) for moment in all_moments)
        query = f"SELECT count(*) FROM ({SOURCES[source]}) WHERE {m} {sign}"
        assert column(connection, f"{query} '{text}'") == column(connection, f"{query} ?", text) == [expected]


@pytest.mark.long
@sweep("sign", ["=", "<", ">=", "!="])
@sweep("moment", ["modified_at", "coalesce(modified_at, created_at)", "f.modified_at"])
@sweep("local", LOCAL)
def test_joins_with_local_columns(connection: box_dialect.Connection, local: str, moment: str, sign: str) -> None:
    files = [meant(text) for text in column(connection, f"SELECT modified_at || '' {IN_ROOT}")]
    compare = OPERATORS[sign]
    for left, right, swapped in ((f"k.{local}", moment, False), (moment, f"k.{local}", True)):
        query = f"SELECT k.text FROM kept k JOIN files f ON {left} {sign} {right} WHERE parent_id = '0'"
        pairs = [(kept, file) for kept in SPELLINGS for file in files]
        expected = [
            kept
            for kept, file in pairs
            if (compare(file, SPELLINGS[kept]) if swapped else compare(SPELLINGS[kept], file))
        ]
        assert sorted(column(connection, query)) == sorted(expected), query


@pytest.mark.parametrize("local", LOCAL)
def test_local_columns_among_those_of_a_subquery(connection: box_dialect.Connection, local: str) -> None:
    same = sorted(text for text, moment in SPELLINGS.items() if moment == HERE)
    for query in (
        f"SELECT modified_at {IN_ROOT}",
        f"SELECT max(modified_at) {IN_ROOT} AND name = 'notes'",
        f"SELECT DISTINCT coalesce(modified_at, created_at) {IN_ROOT}",
        "SELECT m FROM seen",
        "SELECT modified_at FROM seen",
        f"WITH c AS (SELECT max(modified_at, created_at) AS latest {IN_ROOT}) SELECT latest FROM c",
    ):
        assert sorted(column(connection, f"SELECT text FROM kept WHERE {local} IN ({query})")) == same
        others = column(connection, f"SELECT text FROM kept WHERE {local} NOT IN ({query})")
        assert sorted(others) == sorted(set(SPELLINGS) - {*same})
    for shown in ("seen", f"(SELECT coalesce(modified_at, created_at) AS m {IN_ROOT})"):
        for on in (f"k.{local} = s.m", f"s.m = k.{local}"):
            assert sorted(column(connection, f"SELECT text FROM kept k JOIN {shown} s ON {on}")) == same
    newest = f"(SELECT min(modified_at) {IN_ROOT} AND name = 'notes')"
    assert sorted(column(connection, f"SELECT text FROM kept WHERE {local} = {newest}")) == same
    assert column(connection, f"SELECT name {IN_ROOT} AND modified_at IN (SELECT {local} FROM kept)") == ["notes"]
    exists = f"EXISTS (SELECT 1 FROM kept WHERE kept.{local} = files.modified_at)"
    assert column(connection, f"SELECT name {IN_ROOT} AND {exists}") == ["notes"]


def test_rows_of_values(connection: box_dialect.Connection) -> None:
    query = f"SELECT name {IN_ROOT} AND"
    assert column(connection, f"{query} (modified_at, name) = ('2015-04-11T08:00Z', 'notes')") == ["notes"]
    assert column(connection, f"{query} (name, coalesce(modified_at, 1)) = ('notes', '2015-04-11T08:00Z')") == ["notes"]
    assert column(connection, f"{query} (modified_at, name) IN (VALUES ('2015-04-11T08:00Z', 'notes'))") == ["notes"]
    assert column(connection, f"{query} (modified_at, 1) > ('2015-04-11T08:00Z', 1)") == ["Notes.txt"]
    same = sorted(text for text, moment in SPELLINGS.items() if moment == HERE)
    for right in ("= (f.modified_at, 1)", "IN (SELECT f.modified_at, 1)"):
        joined = f"SELECT k.text FROM kept k JOIN files f ON (k.text, 1) {right}"
        assert sorted(column(connection, f"{joined} WHERE f.parent_id = '0'")) == same


def test_a_column_of_texts_with_the_name_of_one_of_moments(connection: box_dialect.Connection) -> None:
    for on in ("o.modified_at = f.modified_at", "f.modified_at = o.modified_at", "f.created_at = o.modified_at"):
        query = f"SELECT name FROM older o JOIN files f ON {on} WHERE parent_id = '0'"
        assert column(connection, query) == ["notes"]
    assert column(connection, "SELECT name FROM files JOIN older USING (modified_at) WHERE parent_id = '0'") == [
        "notes"
    ]
    for join in ("older JOIN files USING (modified_at)", "older NATURAL JOIN files"):
        for condition in ("parent_id = '0'", "created_at > '2015-01-01T00:00Z'"):
            with pytest.raises(
                box_dialect.ProgrammingError, match=r"files\.modified_at .* CAST\(that column AS TIMESTAMP"
            ):
                column(connection, f"SELECT name FROM {join} WHERE {condition}")


def test_order_and_groups_of_moments_in_many_spellings(connection: box_dialect.Connection) -> None:
    by_moment = sorted(SPELLINGS.values())
    for term in ("a", "b DESC", "c", "coalesce(a, b)", "1", "max(a, b)"):
        found = column(connection, f"SELECT a || '' FROM (SELECT a, b, c, text FROM kept ORDER BY {term})")
        moments_found = [meant(text) for text in found]
        assert moments_found == (by_moment[::-1] if "DESC" in term else by_moment), term
    for query in (
        "SELECT a FROM kept ORDER BY kept.a",
        "SELECT k.a FROM kept k JOIN kept o ON k.text = o.text ORDER BY k.a",
        "SELECT text AS x, a AS text FROM kept ORDER BY text",
        "SELECT a text FROM kept ORDER BY text",
        "SELECT b FROM kept ORDER BY coalesce(a, b), text LIMIT 100",
        "SELECT a FROM kept UNION ALL SELECT NULL WHERE 0 ORDER BY a",
        "SELECT a FROM kept GROUP BY kept.text, a ORDER BY min(a)",
        "SELECT a FROM (SELECT a, row_number() OVER (ORDER BY a) AS n FROM kept) ORDER BY n",
    ):
        found = [row[-1] for row in rows(connection, query)]
        assert found == sorted(found), query
        assert len(found) == len(SPELLINGS), query
    names = [row[0] for row in rows(connection, "SELECT text AS a, a AS b FROM kept ORDER BY a")]
    assert names == sorted(SPELLINGS)
    groups = len(set(by_moment))
    for local in ("a", "b", "c"):
        assert len(rows(connection, f"SELECT DISTINCT {local} FROM kept")) == groups
        assert len(rows(connection, f"SELECT {local}, count(*) FROM kept GROUP BY {local}")) == groups
        assert column(connection, f"SELECT count(DISTINCT {local}) FROM kept") == [groups]
        for term in (local, f"coalesce({local}, a)"):
            low, high = rows(connection, f"SELECT min({term}) || '', max({term}) || '' FROM kept")[0]
            assert (meant(low), meant(high)) == (by_moment[0], by_moment[-1])
            assert column(connection, f"SELECT count(DISTINCT {term}) FROM kept") == [groups]
            assert len(rows(connection, f"SELECT DISTINCT {term} FROM kept")) == groups
            assert len(rows(connection, f"SELECT {term} AS x FROM kept UNION SELECT {local} FROM kept")) == groups
    together = f"SELECT modified_at {IN_ROOT} UNION SELECT b FROM kept"
    assert len(rows(connection, together)) == groups + 2
    assert len(rows(connection, f"SELECT a FROM kept EXCEPT SELECT modified_at {IN_ROOT}")) == groups - 1
    assert len(rows(connection, f"SELECT modified_at {IN_ROOT} INTERSECT SELECT c FROM kept")) == 1


def test_a_local_index_finds_each_spelling(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, at TIMESTAMP)")
        cursor.execute("ALTER TABLE kept ADD COLUMN later DATETIME")
        cursor.execute("CREATE INDEX by_time ON kept (at)")
        cursor.executemany(
            "INSERT INTO kept (at, later) VALUES (?, ?)", [(text, text) for text in (*SPELLINGS, "none", "")]
        )
        plan = rows(connection, "EXPLAIN QUERY PLAN SELECT id FROM kept WHERE at = '2015-04-11T08:00Z'")
        assert "by_time" in str(plan)
        expected = sum(moment == HERE for moment in SPELLINGS.values())
        for local in ("at", "later"):
            assert column(connection, f"SELECT count(*) FROM kept WHERE {local} = '2015-04-11 08:00'") == [expected]
        cursor.execute("DELETE FROM kept WHERE at = ?", [dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC)])
        assert cursor.rowcount == expected


def test_texts_compare_as_texts(fresh: Box) -> None:
    folder = fresh.store.root
    for name in ("2015-04-08", "2015-04-08 00:00", "2015-04-08T00:00:00Z", "20150408", "later"):
        fresh.store.add_folder(name, folder, fresh.store.admin, 1_600_000_000)
    with fresh.connect() as connection:
        query = "SELECT name FROM folders WHERE parent_id = '0' AND modified_at >= '2020-01-01T00:00Z' AND"
        assert column(connection, f"{query} name = '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} '2015-04-08' = folders.name") == ["2015-04-08"]
        assert column(connection, f"{query} name = ?", "2015-04-08 00:00") == ["2015-04-08 00:00"]
        assert column(connection, f"{query} name IN ('2015-04-08', ?)", "20150408") == ["2015-04-08", "20150408"]
        assert column(connection, f"{query} name BETWEEN '2015-04-08' AND '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} name LIKE '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} lower(name) = '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} name || '' = '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} '2015-04-08' = '' || name") == ["2015-04-08"]
        assert column(connection, f"{query} coalesce(NULL, name, '2015-01-01') IN ('2015-04-08')") == ["2015-04-08"]
        assert column(connection, f"{query} coalesce(description, '2015-04-08') = '2015-04-08 00:00'") == []
        assert column(connection, f"{query} json_array(name) ->> 0 = '2015-04-08'") == ["2015-04-08"]
        assert column(connection, f"{query} max(name, '2015-04-08') = '2015-04-08' ORDER BY 1")[:1] == ["2015-04-08"]
        assert column(connection, f"{query} nullif(name, '2015-04-08') IS NULL") == ["2015-04-08"]
        assert column(connection, f"{query} CASE name WHEN '2015-04-08' THEN 1 END") == ["2015-04-08"]
        assert column(connection, "SELECT count(*) FROM folders WHERE name = '2015-04-08'") == [1]
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept AS SELECT name FROM folders WHERE parent_id = '0'")
        assert column(connection, "SELECT name FROM kept WHERE name = '2015-04-08'") == ["2015-04-08"]
        together = "FROM kept k JOIN folders f ON k.name = f.name AND f.created_at > '2020-01-01T00:00Z'"
        assert column(connection, f"SELECT count(*) {together} WHERE parent_id = '0'") == [5]


@pytest.mark.parametrize(
    "condition",
    [
        "coalesce(modified_at, created_at) < ?",
        "? >= ifnull(files.modified_at, '')",
        "max(modified_at, created_at) BETWEEN '2015-04-11' AND ?",
        "date_trunc('day', modified_at) > 'yesterday'",
    ],
)
def test_a_text_that_means_no_moment_is_an_error_beside_what_gives_one(
    connection: box_dialect.Connection, condition: str
) -> None:
    parameters = ["yesterday"] * condition.count("?")
    with pytest.raises(box_dialect.DataError, match="'yesterday' is no moment"):
        rows(connection, f"SELECT name {IN_ROOT} AND {condition}", *parameters)
    with pytest.raises(box_dialect.DataError, match="'yesterday' is no moment"):
        rows(connection, f"SELECT parent_id {IN_ROOT} GROUP BY 1 HAVING max(modified_at) < 'yesterday'")
    assert rows(connection, f"SELECT count(*) {IN_ROOT} AND strftime('%d', modified_at) < 'x'") != [(0,)]


@pytest.mark.long
@pytest.mark.parametrize("pattern", ["GLOB '2015-0*'", "LIKE '2015-0%'"])
@pytest.mark.parametrize("join", ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
def test_a_pattern_of_moments_is_compared_as_a_text_in_any_join(
    connection: box_dialect.Connection, join: str, pattern: str
) -> None:
    items = f"files f JOIN users u ON u.id = f.owned_by_id AND u.created_at {pattern}"
    statement = f"SELECT count(*), count(f.id) FROM {items} {join} memberships m ON m.user_id = u.id"
    plainly = statement.replace("u.created_at", "(u.created_at || '')")
    assert rows(connection, statement) == rows(connection, plainly)


@sweep("text", ["yesterday", "30.11.2026", "", "2015-13-01", "2015-04-11T25:00", "1428739200"])
@sweep("sign", ["=", "<", ">", ">=", "!="])
def test_no_moment_is_an_error(connection: box_dialect.Connection, text: str, sign: str) -> None:
    for condition in (
        f"modified_at {sign} '{text}'",
        f"'{text}' {sign} modified_at",
        f"modified_at {sign} ? OR size < 0",
    ):
        with pytest.raises(box_dialect.DataError, match="is no moment"):
            rows(connection, f"SELECT name {IN_ROOT} AND ({condition})", *[text] * condition.count("?"))


def test_no_moment_is_an_error_with_local_columns_too(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept (at TIMESTAMP, text TEXT)")
        cursor.execute("INSERT INTO kept VALUES ('n/a', 'yesterday'), ('2015-04-11', '2015-04-11')")
        among = ("at BETWEEN ? AND '2015-04-12'", "at NOT BETWEEN '2015-04-10' AND 'yesterday'")
        for condition in ("at < 'yesterday'", "'yesterday' >= kept.at", "at>?", *among):
            for statement in (f"SELECT text FROM kept WHERE {condition}", f"DELETE FROM kept WHERE {condition}"):
                with pytest.raises(box_dialect.DataError, match="'yesterday' is no moment"):
                    rows(connection, statement, *["yesterday"] * condition.count("?"))
        for condition in ("at = 'yesterday'", "at IN ('x', 'yesterday')", "'yesterday' IS at", "NOT at <> 'yesterday'"):
            assert column(connection, f"SELECT text FROM kept WHERE {condition}") == []
        cursor.execute("UPDATE kept SET at = 'later' WHERE at COLLATE BINARY = 'n/a' AND text = 'yesterday'")
        assert cursor.rowcount == 1
        cursor.execute("UPDATE kept SET at = ? WHERE at > '2015-04-11T00:00Z'", ["unknown"])
        assert column(connection, "SELECT at FROM kept ORDER BY text DESC")[0] == "unknown"
        assert column(connection, "SELECT text FROM kept WHERE at LIKE 'unk%' AND text < 'z'") == ["yesterday"]


def test_a_comparison_that_names_its_collation_keeps_it(connection: box_dialect.Connection) -> None:
    query = f"SELECT count(*) {IN_ROOT} AND modified_at"
    assert column(connection, f"{query} = '2015-04-11 08:00' COLLATE NOCASE") == [0]
    assert column(connection, f"{query} COLLATE BINARY = '2015-04-11 08:00:00.000000'") == [1]
    assert column(connection, f"{query} LIKE '2015-04-11%' AND modified_at GLOB '2015-04-1*'") == [1]


def test_functions_of_dates(connection: box_dialect.Connection) -> None:
    for condition in (
        "modified_at = datetime('2015-04-11 08:00')",
        "coalesce(modified_at, created_at) = datetime('2015-04-11', '+8 hours')",
        "coalesce(modified_at, created_at) IN (datetime('2015-04-11', '+8 hours'), '2014-01-01T00:00Z')",
        "date(modified_at) = '2015-04-11'",
        "date(modified_at) = '2015-04-11T00:00:00Z'",
        "date_trunc('day', modified_at) = '2015-04-11'",
        "date_bin('1970-01-02', modified_at, '2000-01-01') = '2015-04-11'",
        "date_trunc('day', modified_at) = date(modified_at) AND name = 'notes'",
        "CAST(modified_at AS DATE) = '2015-04-11'",
        "strftime('%Y-%m-%dT%H:%M:%SZ', modified_at) = modified_at AND name = 'notes'",
        "coalesce(modified_at, created_at) < CURRENT_TIMESTAMP AND name = 'notes'",
    ):
        assert column(connection, f"SELECT name {IN_ROOT} AND {condition}") == ["notes"], condition
    for computed in (
        "date_trunc('day', '2024-08-15 13:45')",
        "date_bin('1970-01-02', '2024-08-15 13:45', '2000-01-01')",
    ):
        assert column(connection, f"SELECT {computed} = '2024-08-15'") == [1], computed
    having = "SELECT parent_id FROM files WHERE parent_id = '0' GROUP BY 1 HAVING"
    assert column(connection, f"{having} max(modified_at) > '2015-07-20T07:59Z'") == ["0"]
    assert column(connection, f"{having} max(modified_at) >= datetime('2015-07-20 08:00')") == ["0"]
    assert column(connection, f"{having} max(modified_at) > datetime('2015-07-20 08:00')") == []


def test_casts(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "SELECT CAST(modified_at AS DATE), CAST(files.modified_at AS time) AS t, cast(CAST(modified_at AS date) AS "
        f"TIMESTAMP) stamp, CAST(size AS TEXT), CAST(NULL AS DATE) AS n {IN_ROOT} AND name = 'notes'"
    )
    assert cursor.fetchall() == [
        (dt.date(2015, 4, 11), dt.time(8), dt.datetime(2015, 4, 11, tzinfo=dt.UTC), "24", None)
    ]
    described = [item[:2] for item in cursor.description or ()]
    assert described == [
        ("CAST(modified_at AS DATE)", "DATE"),
        ("t", "TIME"),
        ("stamp", "TIMESTAMP WITH TIME ZONE"),
        ("CAST(size AS TEXT)", None),
        ("n", "DATE"),
    ]
    groups = (
        "SELECT d, count(*) FROM (SELECT CAST(modified_at AS DATE) AS d FROM files WHERE parent_id = '0') GROUP BY d"
    )
    assert rows(connection, groups)[0] == (dt.date(2015, 4, 8), 1)
    with pytest.raises(box_dialect.DataError, match="'x' is no moment"):
        rows(connection, "SELECT CAST('x' AS DATE)")


def test_a_copy_keeps_the_types(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute("SELECT * FROM copied WHERE name = 'notes'")
    row = cursor.fetchone()
    assert row is not None
    assert row[2:] == (dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC), False, "[]")
    assert [item[1] for item in cursor.description or ()][2:] == ["TIMESTAMP WITH TIME ZONE", "BOOLEAN", "JSON TEXT"]
    original = "SELECT name FROM copied c JOIN files f USING (id) WHERE c.modified_at = f.modified_at"
    assert len(rows(connection, original.replace("name", "c.name"))) == 3


def test_a_copy_is_made_whole_or_not_at_all(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TEMP TABLE a AS SELECT modified_at, size + 1, size, size, CAST(size AS TEXT) FROM files LIMIT 2"
        )
        assert (cursor.rowcount, cursor.lastrowid) == (0, None)
        names = [item[0] for item in cursor.execute("SELECT * FROM a").description or ()]
        assert names == ["modified_at", "size + 1", "size", "size:1", "CAST(size AS TEXT)"]
        types = column(connection, "SELECT type FROM pragma_table_info('a')")
        assert types == ["TIMESTAMP TEXT", "", "INTEGER", "INTEGER", "TEXT"]
        cursor.execute("CREATE TABLE IF NOT EXISTS temp.a AS SELECT modified_at FROM folders")
        assert column(connection, "SELECT count(*) FROM a") == [2]
        fresh.faults({"operation": "get_files_id", "times": 1, "status": 400, "body": {"code": "bad_request"}})
        with pytest.raises(box_dialect.Error):
            cursor.execute("CREATE TABLE b AS SELECT modified_at FROM files WHERE id = '1200000000027'")
        assert column(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'") == [0]
        cursor.execute("CREATE TABLE b AS SELECT modified_at FROM files WHERE id = ?", ["1200000000027"])
        connection.rollback()
        assert column(connection, "SELECT count(*) FROM b") == [1]


def test_a_view_keeps_the_comparison(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        condition = "coalesce(modified_at, created_at) = '2015-04-11T08:00:00Z'"
        cursor.execute(f"CREATE TEMP VIEW chosen (title) AS SELECT name {IN_ROOT} AND {condition}")
        assert column(connection, "SELECT title FROM chosen") == ["notes"]


@pytest.mark.parametrize("since", ["2015-04-11T10:00:00+02:00", "2015-04-11 08:00", "20150411T08"])
def test_box_is_sent_the_moment(fresh: Box, since: str) -> None:
    """What narrows a search or a stream of events is RFC 3339, whatever the statement's spelling."""
    with fresh.connect() as connection:
        for query in (
            "SELECT name FROM files WHERE files MATCH 'notes' AND created_at >= ?",
            "SELECT event_id FROM events WHERE stream_type = 'admin_logs' AND created_at >= ?",
        ):
            narrowed, all_rows = rows(connection, query, since), rows(connection, query, "0001-01-01")
            assert 0 < len(narrowed) < len(all_rows) or "MATCH" in query
            late: Sequence[Any] = rows(connection, query, "9999-12-31 23:59:59.9")
            assert late == []


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE kept SET name = 'changed' WHERE EXISTS "
            "(SELECT 1 FROM files WHERE parent_id = '0' AND modified_at < kept.at)"
        ),
        (
            "UPDATE folders SET description = 'changed' WHERE parent_id = '0' "
            "AND EXISTS (SELECT 1 FROM kept WHERE folders.modified_at < kept.at)"
        ),
        "INSERT INTO kept SELECT f.name, f.modified_at FROM files f JOIN kept ON f.modified_at < kept.at",
        "SELECT f.name FROM files f CROSS JOIN kept WHERE f.modified_at < kept.at",
    ],
)
def test_a_comparison_that_fails_changes_nothing_and_gives_no_row(fresh: Box, statement: str) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor().execute("CREATE TABLE kept (name TEXT, at TEXT)")
        cursor.executemany("INSERT INTO kept VALUES (?, ?)", [("a", "yesterday"), ("b", "tomorrow")])
        connection.commit()
        with pytest.raises(box_dialect.DataError, match="is no moment"):
            cursor.execute(statement).fetchone()
        assert cursor.execute("SELECT name FROM kept").fetchall() == [("a",), ("b",)]
    assert "put_folders_id" not in fresh.stats()["by_operation"]


@pytest.mark.parametrize("operator", ["=", "IS", "IS NOT DISTINCT FROM", "IN"])
def test_a_local_text_on_the_left_equals_the_moment_that_it_means(small: Box, operator: str) -> None:
    with small.connect() as connection:
        cursor = connection.cursor().execute("CREATE TABLE kept (ts TEXT)")
        cursor.execute("INSERT INTO kept SELECT replace(modified_at, ' ', 'T') FROM files WHERE name = 'notes'")
        right = "(modified_at)" if operator == "IN" else "modified_at"
        condition = f"ts {operator} {right}"
        assert column(connection, f"SELECT name FROM kept JOIN files ON {condition} WHERE name = 'notes'") == ["notes"]
