"""Where a call with a side effect is refused, before any is made and with the reason, and that nothing hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from conftest import Box
    from procedures.conftest import Recorder

REASONS = {
    "within an expression": [
        "SELECT Stamp('a') + Stamp('a') + Stamp('b')",
        "SELECT Stamp(Stamp('a'))",
        "SELECT sum(Stamp(a)), max(Stamp(a)) FROM t",
        "SELECT sum(Stamp(a)) OVER (ORDER BY a) FROM t",
        "SELECT CASE Stamp('a') WHEN 7 THEN 0 WHEN 8 THEN 0 WHEN 1 THEN 2 END",
        "SELECT coalesce(1, Stamp('a'))",
        "SELECT iif(a > 1, Stamp('a'), 0) FROM t",
        "SELECT 0 AND Stamp('a')",
        "SELECT Stamp('a') BETWEEN 0 AND 9",
        "SELECT Stamp('a') IN (7, 8, 9)",
        "SELECT Stamp(a) ISNULL FROM t",
        "SELECT NOT Stamp(a) FROM t",
        "SELECT Stamp(a) || '' FROM t",
        "SELECT Record(a) ->> 'Number' FROM t",
        "SELECT upper(Stamp(a)) FROM t",
        "SELECT Stamp(a) COLLATE nocase FROM t",
        "SELECT Stamp(a) OVER () FROM t",
        "SELECT Stamp(a) FILTER (WHERE a) FROM t",
        "SELECT CAST(Stamp(a) AS TEXT) FROM t",
        "SELECT (1, Stamp(a)) = (1, 1) FROM t",
        "SELECT CASE WHEN a THEN 1 + Stamp(a) END FROM t",
        "SELECT CASE WHEN a THEN Stamp(a) END || CASE WHEN a THEN 'x' END FROM t",
        "SELECT sum(a) OVER (ORDER BY Stamp(a)) FROM t",
        "SELECT a, Stamp(Record(a)) FROM t",
    ],
    "in a subquery or common table expression": [
        "SELECT * FROM (SELECT Stamp('a') AS v) WHERE v > 0 AND v < 9",
        "SELECT v, v, v + v FROM (SELECT Stamp('a') AS v)",
        "SELECT CASE WHEN v > 0 THEN v ELSE Stamp('a') END FROM (SELECT Stamp('a') AS v)",
        "SELECT * FROM (SELECT Stamp('a') AS v), t WHERE v <> t.a",
        "WITH x AS (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q",
        "WITH x AS MATERIALIZED (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q",
        "WITH x AS NOT MATERIALIZED (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q WHERE p.v = q.v",
        "WITH x AS NOT MATERIALIZED (SELECT Stamp('a') AS v) SELECT v FROM x UNION ALL SELECT v FROM x",
        "WITH RECURSIVE r (n) AS (SELECT Stamp('a') UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r",
        "SELECT (SELECT Stamp('a')) FROM t",
        "SELECT (SELECT Stamp(t.a)) FROM t",
        "SELECT * FROM t WHERE a = (SELECT Stamp('a'))",
        "SELECT (SELECT Said FROM Record('a')) FROM t",
        "SELECT (SELECT Said FROM Record(t.a)) FROM t",
        "SELECT * FROM t WHERE a IN (SELECT Said FROM Record('1'))",
        "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM Record(t.a) WHERE Number > 0)",
        "SELECT * FROM t AS x, t AS y WHERE EXISTS (SELECT 1 FROM Record(x.a) WHERE Number > 0)",
        "WITH x AS (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q",
        "WITH x AS MATERIALIZED (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q",
        "WITH x AS NOT MATERIALIZED (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q",
        "WITH x AS NOT MATERIALIZED (SELECT * FROM Record WHERE Value = 'a') SELECT * FROM x AS p, x AS q",
        "WITH x AS (SELECT * FROM Record WHERE Value = 'a') SELECT * FROM x UNION ALL SELECT * FROM x",
        "SELECT (SELECT Said FROM Record WHERE Value = 'a') FROM t",
        "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM Record WHERE Value = t.a AND Number > 0)",
    ],
    "in WHERE": [
        "SELECT a FROM t WHERE Stamp(a) > 0",
        "SELECT a FROM t WHERE Stamp('a') > 0",
        "SELECT a FROM t WHERE Stamp('a') > 0 AND a > '1' OR a = '2'",
        "SELECT a FROM t WHERE a > '1' AND Stamp(a) > 0",
        "SELECT * FROM t WHERE a IN (Stamp('a'), Stamp('b'))",
        "SELECT id FROM folders WHERE id = Stamp('a')",
        "SELECT name FROM files WHERE parent_id = '0' AND Stamp('a') > 0",
        'SELECT a FROM t WHERE "stamp" (a)',
        "SELECT a FROM t WHERE [STAMP]/* ( */(a)",
        "SELECT a FROM t WHERE `Stamp`--)\n(a)",
        "SELECT a FROM t WHERE \ufeffStamp \ufeff(a)",
        "SELECT a, '-- Stamp' AS \"FROM\", [t].[a] AS [WHERE] FROM t WHERE Stamp(a)",
    ],
    "in ORDER BY": [
        "SELECT a FROM t ORDER BY Stamp(a) DESC",
    ],
    "a name behind the columns": [
        "SELECT Stamp(a) AS s FROM t ORDER BY s, s + 1",
        "SELECT Stamp(a) AS s FROM t WHERE s > 1",
        "SELECT Stamp(a) s FROM t ORDER BY (SELECT s)",
        "SELECT Stamp(a) 's' FROM t ORDER BY [S]",
        "SELECT Stamp(a) AS s FROM t WINDOW w AS (ORDER BY s)",
        "SELECT Stamp(a) AS s FROM t WHERE a IS DISTINCT FROM s",
        "SELECT Stamp(a) AS s FROM t JOIN t AS u ON s > 0",
        "SELECT Stamp(a) AS s, max(a) FROM t HAVING s > 0",
        "SELECT Stamp(a) AS s FROM t \v ORDER\v\tBY s",
        "SELECT Stamp(a) AS s, $x(') FROM t ORDER BY s --'",
        'SELECT Stamp(a) AS "ünï" FROM t ORDER BY ünï',
    ],
    "number of a column": [
        "SELECT Stamp(a) FROM t ORDER BY 1 LIMIT 1",
        "SELECT Stamp(a) FROM t ORDER BY +1",
        "SELECT Stamp(a) FROM t ORDER BY (1) COLLATE nocase DESC NULLS LAST",
        "SELECT Stamp(a) FROM t ORDER BY likely(1)",
        "SELECT Stamp(a) FROM t ORDER BY 0x1",
        "SELECT *, Stamp(a) FROM t ORDER BY 2",
        "SELECT t.*, Stamp(a) FROM t ORDER BY a, 2",
    ],
    "with GROUP BY": [
        "SELECT Stamp(a) AS s, count(*) FROM t GROUP BY s",
        "SELECT Stamp('a'), count(*) FROM t GROUP BY 1",
        "SELECT Stamp(a) FROM t \ufeffGROUP BY a",
        "SELECT Stamp(a), @x::(/*) FROM t GROUP BY a --*/",
        "SELECT CASE WHEN a.end THEN Stamp(a) END FROM t AS a GROUP BY 1",
    ],
    "in HAVING": [
        "SELECT a FROM t GROUP BY a HAVING Stamp(a) > 0",
    ],
    "with DISTINCT": [
        "SELECT DISTINCT Stamp('a') FROM t",
        "SELECT \ufeffDISTINCT Stamp(a) FROM t",
    ],
    "in a compound SELECT, by UNION": [
        "SELECT Stamp('a') UNION SELECT Stamp('a')",
        "SELECT Stamp('a') UNION ALL SELECT Stamp('b') ORDER BY 1",
        "SELECT * FROM Record('a') UNION ALL SELECT * FROM Record('a')",
        "SELECT 1 UNION ALL SELECT Stamp(a) FROM t",
    ],
    "in a compound SELECT, by EXCEPT": [
        "SELECT Stamp('a') EXCEPT SELECT Stamp('a')",
    ],
    "in the condition of a join": [
        "SELECT * FROM t LEFT JOIN t AS u ON u.a = Stamp('a')",
        "SELECT * FROM t JOIN t AS u ON Stamp(t.a) > 0",
        "SELECT * FROM Record(Stamp('a'))",
        "SELECT * FROM t JOIN t AS u ON t.a IS DISTINCT FROM Stamp('a')",
    ],
    "in VALUES": [
        "VALUES (Stamp('a')), (Stamp('a'))",
        "VALUES (1) UNION ALL SELECT Stamp(a) FROM t",
    ],
    "in INSERT": [
        "INSERT INTO t SELECT Stamp('a') FROM t",
        "INSERT INTO t VALUES (Stamp('a')), (Stamp('a')) RETURNING a",
        "INSERT INTO t VALUES ('4') RETURNING Stamp('a')",
        "INSERT INTO t SELECT Said FROM Record('a'), t",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT Stamp(a) FROM t",
        "INSERT INTO t DEFAULT VALUES RETURNING Stamp(a)",
        "INSERT INTO t SELECT 1 WHERE true ON CONFLICT DO UPDATE SET a = Stamp(a)",
        "INSERT INTO folders (name, parent_id) VALUES (Stamp('a'), '0') RETURNING id",
    ],
    "in UPDATE": [
        "UPDATE t SET a = Stamp('a')",
        "UPDATE t SET a = Stamp(a)",
        "UPDATE t SET a = Said FROM Record('a')",
        "UPDATE folders SET name = Stamp(name)",
    ],
    "in DELETE": [
        "DELETE FROM t WHERE Stamp(a) > 0",
        "DELETE FROM t WHERE a IN (SELECT Said FROM Record('1'))",
        "WITH x AS (SELECT 1) DELETE FROM t WHERE Stamp(a)",
        "DELETE FROM t RETURNING Stamp(a)",
        "DELETE FROM folders WHERE id = '1' RETURNING Stamp(id)",
    ],
    "in CREATE": [
        "CREATE TABLE u AS SELECT Stamp('a') AS s, a FROM t",
        "CREATE TABLE u AS SELECT * FROM Record('a')",
        "CREATE VIEW v AS SELECT Stamp('a')",
        "CREATE TEMP VIEW v AS SELECT * FROM Record WHERE Value = 'a'",
        "CREATE VIEW v AS SELECT * FROM Record('a')",
        "CREATE TABLE w (a DEFAULT (Stamp('a')))",
        "CREATE TABLE w (a CHECK (Stamp(a) > 0))",
        "CREATE TEMP TABLE w (a, b AS (Stamp(a)))",
        "CREATE TEMP TABLE w AS SELECT * FROM t WHERE Stamp(a)",
        "CREATE TEMP TRIGGER w AFTER INSERT ON t BEGIN SELECT Stamp(new.a); END",
        "CREATE TEMP TRIGGER w AFTER INSERT ON t BEGIN SELECT * FROM Record WHERE Value = new.a; END",
        "CREATE INDEX i ON t (Stamp(a))",
        "CREATE INDEX i ON t (a) WHERE Stamp(a)",
    ],
    "inputs out of columns": [
        "SELECT * FROM t CROSS JOIN t AS u, Record(t.a)",
        "SELECT * FROM Record(t.a), t",
        "SELECT * FROM t, Record('a', \"a\")",
        "SELECT * FROM t LEFT JOIN Record([t].a) ON 1",
        "SELECT * FROM Record((SELECT a FROM t))",
    ],
    "in a join without its inputs": [
        "SELECT * FROM 'Record' AS p, main.Record AS q WHERE p.Value = 'a' AND q.Value = 'a'",
        "SELECT * FROM t, Record WHERE Value = 'a'",
        "SELECT * FROM t JOIN Record ON Record.Value = t.a",
        "SELECT * FROM Record JOIN t ON Record.Value = t.a",
        "SELECT * FROM t AS x, t AS y, Record WHERE Record.Value = x.a",
        "SELECT * FROM Record AS p, Record AS q WHERE p.Value = 'a' AND q.Value = 'a'",
        "SELECT * FROM Record AS p, Record AS q WHERE p.Value = 'a' AND q.Value = p.Said",
        "SELECT * FROM t, Record AS r WHERE Value = 'a'",
    ],
    "each input takes one value by =": [
        "SELECT * FROM Record WHERE Value IN ('a', 'b')",
        "SELECT * FROM Record WHERE Value = 'a' OR Value = 'b'",
        "SELECT * FROM Record WHERE Value IN (SELECT a FROM t)",
    ],
    "in LIMIT": [
        "SELECT a FROM t LIMIT Stamp('1')",
        "SELECT a FROM t LIMIT 1 OFFSET Stamp('1')",
    ],
    "in GROUP BY": [
        "SELECT count(*) FROM t GROUP BY Stamp(a)",
    ],
    "in WINDOW": [
        "SELECT a FROM t WINDOW w AS (ORDER BY Stamp(a))",
        "SELECT a FROM t JOIN t AS u USING (a) WINDOW v AS (ORDER BY a), 'w' AS (PARTITION BY Stamp(a)) ORDER BY a",
        'SELECT count(*) FROM t HAVING 1 WINDOW "w" AS (ORDER BY Stamp(a))',
    ],
    "within parentheses of FROM": [
        "SELECT * FROM (t JOIN Record('a'))",
    ],
    "not called from here": [
        "SELECT * FROM (Record) WHERE Value = 'a'",
        "SELECT * FROM t WHERE a IN Stamp",
        "SELECT (SELECT 1 FROM t, Record WHERE Value = 'a')",
    ],
    "Value of Record is given twice": [
        "SELECT * FROM t, Record('a') WHERE Record.value = t.a",
    ],
    "write AnyNote into the parentheses": [
        "SELECT * FROM t, Optional('a') WHERE any_note = t.a",
    ],
    "in a compound SELECT, by INTERSECT": [
        "SELECT Stamp(a) FROM t INTERSECT SELECT 1",
    ],
    "in REPLACE": [
        "REPLACE INTO t VALUES (Stamp('a'))",
    ],
    "in ALTER": [
        "ALTER TABLE t ADD COLUMN b DEFAULT (Stamp('a'))",
    ],
    "in a compound SELECT": [
        'SELECT Stamp(a) AS s, :x(") FROM t UNION SELECT 1, 2 --"',
    ],
}
"""What is refused, by the reason that is told."""


@pytest.mark.long
@sweep("reason", REASONS)
def test_anywhere_else_it_is_refused_with_the_reason(
    cursor: box_dialect.Cursor, recorder: Recorder, reason: str
) -> None:
    for sql in REASONS[reason]:
        for explain in ("", "EXPLAIN ", "EXPLAIN QUERY PLAN "):
            with pytest.raises(box_dialect.ProgrammingError) as raised:
                cursor.execute(f"{explain}{sql}").fetchall()
            assert reason in str(raised.value), sql
    assert recorder.calls == []
    assert cursor.execute("SELECT a FROM t").fetchall() == [("1",), ("2",), ("3",)]


@pytest.mark.long
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 20_000 + "Stamp(a)" + ")" * 20_000 + " FROM t",
        "SELECT " + "CASE WHEN 1 THEN " * 10_000 + "Stamp(a)" + " END" * 10_000 + " FROM t",
        "SELECT " + "Stamp(" * 15_000 + "a" + ")" * 15_000 + " FROM t",
        "SELECT Stamp(a) AS s" + ", Stamp(a) AS s" * 4_000 + " FROM t ORDER BY a" + ", a" * 8_000 + ", s",
        "SELECT Stamp(a)" + " UNION SELECT Stamp(a)" * 5_000,
        ";" * 300_000 + "SELECT Stamp(a) FROM t WHERE a IN ('1'" + ", '1'" * 100_000 + ")",
    ],
    ids=["parentheses", "cases", "calls", "columns", "unions", "values"],
)
def test_a_text_of_any_length_is_read_or_refused(cursor: box_dialect.Cursor, recorder: Recorder, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=r"not called|too many where one"):
        cursor.execute(sql)
    assert recorder.calls == []


@pytest.mark.parametrize(
    "sql",
    [
        "'hush' RevokeOAuthAccessToken('x')",
        "hush RevokeOAuthAccessToken('x')",
        'SELECT RevokeOAuthAccessToken(a) AS "hush" FROM t ORDER BY "hush"',
        "SELECT 1 FROM t WHERE RevokeOAuthAccessToken('hush')",
    ],
)
def test_the_reason_tells_nothing_that_may_be_a_secret(cursor: box_dialect.Cursor, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="has a side effect, so it is not called") as raised:
        cursor.execute(sql)
    assert "hush" not in str(raised.value).lower()


def test_semicolons_before_it_hide_nothing(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="in CREATE"):
        cursor.execute("; ;CREATE VIEW v AS SELECT Stamp('a')")


def test_what_to_write_is_told(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.ProgrammingError) as raised:
        cursor.execute("SELECT a FROM t WHERE Stamp(a)")
    assert str(raised.value) == (
        "Stamp has a side effect, so it is not called in WHERE; call it by EXEC, CALL or callproc, in the outermost "
        "FROM, or as a column of the outermost SELECT, as in SELECT Stamp(id), once for each row"
    )


LET_THROUGH = {
    "SELECT 'Stamp(a)', \"a\" AS Stamp, a record FROM t AS Record -- Stamp(a)": "",
    "SELECT a AS [Stamp], a AS stamp FROM t ORDER BY Stamp": "",
    "WITH Stamp AS (SELECT 1 AS x), Record (y) AS (SELECT 2) SELECT * FROM Stamp, Record": "",
    "SELECT (SELECT Peek(a)) FROM t WHERE Peek(a) GROUP BY Peek(a)": "123",
    "SELECT Stamp(a) \"order by\", a AS [limit], 'from' AS 'where' FROM t": "123",
    "SELECT Stamp(a) AS a FROM t AS u WHERE u.a > '1' ORDER BY u.a": "23",
    "SELECT Stamp(u.a) AS t FROM t AS u JOIN t ON t.a = u.a": "123",
    "SELECT Stamp(a) AS n FROM t WHERE CAST(a AS n) > 1": "23",
    "SELECT Stamp(a) AS max FROM t WHERE a = (SELECT max(a) FROM t)": "3",
    "SELECT Stamp(a) AS s FROM t ORDER BY a || 's', a COLLATE nocase, abs(1) + a": "123",
    "SELECT \"STAMP\"(a), [stamp](a), `Stamp` (a) FROM t WHERE a = '1'": "111",
    "SELECT Stamp(a) FROM t WHERE a = :x::y(z)": "1",
    "/* ( */ SELECT Stamp(a /* ) */) -- )\n FROM t;": "123",
    "SELECT Stamp(a) window FROM t": "123",
    "SELECT a, Stamp(a) AS materialized FROM t": "123",
    "SELECT Stamp(a) end, CASE WHEN a THEN a END end FROM t": "123",
}


def test_what_is_no_call_or_stands_right_is_let_through(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    for sql, expected in LET_THROUGH.items():
        cursor.execute(sql, {"x::y(z)": "1"}).fetchall()
        assert "".join(sorted(recorder.calls)) == expected, sql
        recorder.calls.clear()


@pytest.mark.parametrize("sql", ["SELECT Stamp('a')", "SELECT * FROM Record('a')", "SELECT 1 FROM t WHERE Stamp(a)"])
def test_a_process_that_restricts_urls_leaves_it_to_exec_and_call(
    small: Box, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with small.connect() as connection:
        connection.catalog.add(*recorder.procedures)
        cursor = connection.cursor().execute("CREATE TABLE t (a)")
        with pytest.raises(box_dialect.ProgrammingError, match="only EXEC, CALL and callproc may call such a one"):
            cursor.execute(sql)
        assert recorder.calls == []
        assert cursor.execute("SELECT Peek('p')").fetchall() == [(1,)]
        cursor.execute("EXEC Record 'a'")
        cursor.execute("CALL Record('b')")
        cursor.callproc("Record", ["c"])
        assert recorder.calls == ["p", "a", "b", "c"]
