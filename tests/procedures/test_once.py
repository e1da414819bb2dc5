"""A call with a side effect is made once for each time that the statement spells it, whatever SQLite's planner does."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import box_dialect
from box_dialect.engine import mark

if TYPE_CHECKING:
    from conftest import Box
    from procedures.conftest import Recorder

SCALAR = {
    "SELECT Stamp('a')": "a",
    "SELECT Stamp('a'), Stamp('a')": "aa",
    "SELECT Stamp('a') + Stamp('a') + Stamp('b')": "aab",
    "SELECT Stamp(Stamp('a'))": "a1",
    "SELECT * FROM (SELECT Stamp('a') AS v) WHERE v > 0 AND v < 9": "a",
    "SELECT v, v, v + v FROM (SELECT Stamp('a') AS v)": "a",
    "SELECT CASE WHEN v > 0 THEN v ELSE Stamp('a') END FROM (SELECT Stamp('a') AS v)": "a",
    "SELECT * FROM (SELECT Stamp('a') AS v), t WHERE v <> t.a": "a",
    "WITH x AS (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q": "a",
    "WITH x AS MATERIALIZED (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q": "a",
    "WITH x AS NOT MATERIALIZED (SELECT Stamp('a') AS v) SELECT * FROM x AS p, x AS q WHERE p.v = q.v": "a",
    "WITH x AS NOT MATERIALIZED (SELECT Stamp('a') AS v) SELECT v FROM x UNION ALL SELECT v FROM x": "a",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT Stamp('a') FROM r": "a",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT Stamp(n) FROM r": "123",
    "WITH RECURSIVE r (n) AS (SELECT Stamp('a') UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r": "a",
    "SELECT Stamp('a') FROM t": "a",
    "SELECT Stamp(a) FROM t": "123",
    "SELECT Stamp(t.a) FROM t, t AS u": "123",
    "SELECT Stamp(a), Stamp(a) FROM t": "112233",
    "SELECT a FROM t WHERE Stamp(a) > 0": "123",
    "SELECT a FROM t WHERE Stamp('a') > 0": "a",
    "SELECT a FROM t WHERE Stamp('a') > 0 AND a > '1' OR a = '2'": "a",
    "SELECT a FROM t WHERE a > '1' AND Stamp(a) > 0": "23",
    "SELECT a FROM t ORDER BY Stamp(a) DESC": "123",
    "SELECT Stamp(a) AS s FROM t ORDER BY s, s + 1": "123",
    "SELECT Stamp(a) FROM t ORDER BY 1 LIMIT 1": "123",
    "SELECT Stamp(a) AS s, count(*) FROM t GROUP BY s": "123",
    "SELECT Stamp('a'), count(*) FROM t GROUP BY 1": "a",
    "SELECT a FROM t GROUP BY a HAVING Stamp(a) > 0": "123",
    "SELECT sum(Stamp(a)), max(Stamp(a)) FROM t": "112233",
    "SELECT sum(Stamp(a)) OVER (ORDER BY a) FROM t": "123",
    "SELECT DISTINCT Stamp('a') FROM t": "a",
    "SELECT CASE a WHEN '1' THEN Stamp('a') ELSE Stamp('b') END FROM t": "ab",
    "SELECT CASE Stamp('a') WHEN 7 THEN 0 WHEN 8 THEN 0 WHEN 1 THEN 2 END": "a",
    "SELECT CASE WHEN 0 THEN Stamp('a') END": "",
    "SELECT coalesce(1, Stamp('a'))": "",
    "SELECT iif(a > 1, Stamp('a'), 0) FROM t": "a",
    "SELECT 0 AND Stamp('a')": "",
    "SELECT Stamp('a') BETWEEN 0 AND 9": "a",
    "SELECT Stamp('a') IN (7, 8, 9)": "a",
    "SELECT * FROM t WHERE a IN (Stamp('a'), Stamp('b'))": "ab",
    "SELECT Stamp('a') UNION SELECT Stamp('a')": "aa",
    "SELECT Stamp('a') UNION ALL SELECT Stamp('b') ORDER BY 1": "ab",
    "SELECT Stamp('a') EXCEPT SELECT Stamp('a')": "aa",
    "SELECT (SELECT Stamp('a')) FROM t": "a",
    "SELECT (SELECT Stamp(t.a)) FROM t": "123",
    "SELECT * FROM t WHERE a = (SELECT Stamp('a'))": "a",
    "SELECT * FROM t LEFT JOIN t AS u ON u.a = Stamp('a')": "a",
    "SELECT * FROM t JOIN t AS u ON Stamp(t.a) > 0": "123",
    "VALUES (Stamp('a')), (Stamp('a'))": "aa",
    "SELECT Stamp('a') LIMIT 0": "",
    "SELECT Stamp('a') WHERE 0": "",
    "SELECT 'Stamp(1)', \"a\" FROM t -- Stamp('a')": "",
    "INSERT INTO t SELECT Stamp('a') FROM t": "a",
    "INSERT INTO t VALUES (Stamp('a')), (Stamp('a')) RETURNING a": "aa",
    "INSERT INTO t VALUES ('4') RETURNING Stamp('a')": "a",
    "UPDATE t SET a = Stamp('a')": "a",
    "UPDATE t SET a = Stamp(a)": "123",
    "DELETE FROM t WHERE Stamp(a) > 0": "123",
    "CREATE TABLE u AS SELECT Stamp('a') AS s, a FROM t": "a",
    "SELECT id FROM folders WHERE id = Stamp('a')": "a",
    "SELECT name FROM files WHERE parent_id = '0' AND Stamp('a') > 0": "a",
    "SELECT Stamp('a') FROM files WHERE parent_id IN (SELECT id FROM folders WHERE id = '0')": "a",
    "SELECT Stamp(parent_id) FROM files WHERE parent_id IN ('0', '7')": "0",
}

TABLE_VALUED = {
    "SELECT * FROM Record('a')": "a",
    "SELECT count(*) FROM Record('a')": "a",
    "SELECT 1 FROM Record('a')": "a",
    "SELECT * FROM Record('a'), t": "a",
    "SELECT * FROM t, Record('a')": "a",
    "SELECT * FROM t CROSS JOIN Record('a')": "a",
    "SELECT * FROM t LEFT JOIN Record('a') ON 1": "a",
    "SELECT * FROM Record('a') RIGHT JOIN t ON 1": "a",
    "SELECT * FROM t FULL JOIN Record('a') ON Number = 9": "a",
    "SELECT * FROM t CROSS JOIN t AS u CROSS JOIN Record('a')": "a",
    "SELECT * FROM t CROSS JOIN t AS u, Record(t.a)": "123",
    "SELECT * FROM Record(t.a), t": "123",
    "SELECT * FROM Record('a') AS p, Record('a') AS q": "aa",
    "SELECT * FROM Record('a') UNION ALL SELECT * FROM Record('a')": "aa",
    "SELECT * FROM Record(Stamp('a'))": "a1",
    "SELECT * FROM Record('a') ORDER BY Number DESC, Said": "a",
    "SELECT Said, count(*) FROM Record('a') GROUP BY Said HAVING count(*) > 0": "a",
    "SELECT * FROM Record('a') WHERE Number = 1 OR Said = 'b'": "a",
    "SELECT * FROM Record('a') WHERE Number = 1 OR Number = 2": "a",
    "SELECT * FROM Record('a') WHERE 0": "",
    "SELECT * FROM Record('a') LIMIT 0": "",
    "SELECT (SELECT Said FROM Record('a')) FROM t": "a",
    "SELECT (SELECT Said FROM Record(t.a)) FROM t": "123",
    "SELECT * FROM t WHERE a IN (SELECT Said FROM Record('1'))": "1",
    "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM Record(t.a) WHERE Number > 0)": "123",
    "SELECT * FROM t AS x, t AS y WHERE EXISTS (SELECT 1 FROM Record(x.a) WHERE Number > 0)": "123",
    "WITH x AS (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q": "a",
    "WITH x AS MATERIALIZED (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q": "a",
    "WITH x AS NOT MATERIALIZED (SELECT * FROM Record('a')) SELECT * FROM x AS p, x AS q": "a",
    "SELECT * FROM NoRow('a') AS p LEFT JOIN t": "a",
    "SELECT * FROM t LEFT JOIN NoRow('a') ON 1": "a",
    "INSERT INTO t SELECT Said FROM Record('a'), t": "a",
    "UPDATE t SET a = Said FROM Record('a')": "a",
    "DELETE FROM t WHERE a IN (SELECT Said FROM Record('1'))": "1",
    "CREATE TABLE u AS SELECT * FROM Record('a')": "a",
    "SELECT * FROM folders JOIN Record('0') ON folders.id = Said": "0",
    "EXEC Record 'a'": "a",
    ";; EXEC Record 'a'": "a",
    "SELECT * FROM 'Record'('a')": "a",
    "SELECT * FROM \"record\" ('a') AS p, [Record]/**/('a') AS q, main.`Record`('b') AS r": "aab",
    "CALL Record('a')": "a",
}

INPUT_COLUMNS = {
    "SELECT * FROM Record WHERE Value = 'a'": "a",
    "SELECT * FROM Record WHERE 'a' = value": "a",
    "SELECT Value, Note, Number FROM Record('a', 'b') WHERE Value > ''": "a",
    "SELECT value, any_note FROM Optional WHERE Value = 'a' AND AnyNote = 'b'": ["a b"],
    "SELECT * FROM 'Record' AS p, main.Record AS q WHERE p.Value = 'a' AND q.Value = 'a'": "aa",
    "SELECT Record.* FROM Record WHERE Record.Value = 'a'": "a",
    "SELECT * FROM t, Record WHERE Value = 'a'": "a",
    "SELECT * FROM t JOIN Record ON Record.Value = t.a": "123",
    "SELECT * FROM Record JOIN t ON Record.Value = t.a": "123",
    "SELECT * FROM t AS x, t AS y, Record WHERE Record.Value = x.a": "123",
    "SELECT * FROM Record AS p, Record AS q WHERE p.Value = 'a' AND q.Value = 'a'": "aa",
    "SELECT * FROM Record AS p, Record AS q WHERE p.Value = 'a' AND q.Value = p.Said": "aa",
    "SELECT * FROM Record WHERE Value = 'a' AND (Number = 1 OR Said = 'b')": "a",
    "SELECT * FROM Record WHERE Value = 'a' AND Number IN (1, 2)": "a",
    "SELECT * FROM Record WHERE Value IN ('a', 'b')": "ab",
    "SELECT * FROM Record WHERE Value = 'a' OR Value = 'b'": "ab",
    "SELECT * FROM Optional WHERE Value = 'a' AND (Number = 1 OR Number > 5)": ["a none"],
    "WITH x AS NOT MATERIALIZED (SELECT * FROM Record WHERE Value = 'a') SELECT * FROM x AS p, x AS q": "a",
    "WITH x AS (SELECT * FROM Record WHERE Value = 'a') SELECT * FROM x UNION ALL SELECT * FROM x": "a",
    "SELECT (SELECT Said FROM Record WHERE Value = 'a') FROM t": "a",
    "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM Record WHERE Value = t.a AND Number > 0)": "123",
    "SELECT * FROM Record WHERE Value = 'a' AND Value = 'b'": "",
}


def values(expected: str | list[str]) -> list[str]:
    return list(expected)


@pytest.mark.parametrize(("sql", "expected"), [*SCALAR.items(), *TABLE_VALUED.items(), *INPUT_COLUMNS.items()])
def test_each_call_is_made_once(cursor: box_dialect.Cursor, recorder: Recorder, sql: str, expected: str) -> None:
    cursor.execute(sql).fetchall()
    assert sorted(recorder.calls) == sorted(values(expected))
    if sql.startswith(("SELECT", "WITH", "VALUES", "EXEC", "CALL")):
        recorder.calls.clear()
        cursor.execute(sql).fetchall()  # which SQLite has prepared already
        assert sorted(recorder.calls) == sorted(values(expected))


@pytest.mark.parametrize(
    "sql",
    [sql for sql in (*SCALAR, *TABLE_VALUED, *INPUT_COLUMNS) if not sql.lstrip("; ").startswith(("EXEC", "CALL"))],
)
@pytest.mark.parametrize("explain", ["EXPLAIN", "EXPLAIN QUERY PLAN"])
def test_to_explain_calls_nothing(cursor: box_dialect.Cursor, recorder: Recorder, sql: str, explain: str) -> None:
    cursor.execute(f"{explain} {sql}").fetchall()
    assert recorder.calls == []


def test_evaluations_of_one_call_give_one_value(cursor: box_dialect.Cursor) -> None:
    assert cursor.execute("SELECT v, v, v FROM (SELECT Stamp('a') AS v) WHERE v > 0").fetchall() == [(1, 1, 1)]
    assert cursor.execute("SELECT Stamp('a'), Stamp('a') FROM t").fetchall() == [(2, 3)] * 3


def test_several_outputs_are_a_json_object(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT Record('a') -> '$', NoRow('b'), Typed('1')")
    assert cursor.fetchall() == [
        (
            '{"Number":1,"Said":"a","Note":null}',
            None,
            '{"At":"2024-05-06 05:08:09.000000","Is":true,"Tags":["x",1],"Size":1000}',
        )
    ]
    cursor.execute("SELECT *, Size + 1 FROM Typed('1')")
    at = dt.datetime(2024, 5, 6, 5, 8, 9, tzinfo=dt.UTC)
    assert cursor.fetchall() == [(at, True, '["x",1]', 1000, 1001)]


def test_each_execution_calls_anew(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    for _ in range(3):
        cursor.execute("SELECT Stamp(?)", ("a",)).fetchall()
        cursor.execute("SELECT * FROM Record WHERE Value = ?", ("a",)).fetchall()
    assert recorder.calls == ["a"] * 6


def test_each_set_of_parameters_calls_anew(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    cursor.executemany("INSERT INTO t SELECT Stamp(?) FROM t LIMIT 1", [("a",), ("a",), ("b",)])
    assert (recorder.calls, cursor.rowcount) == (["a", "a", "b"], 3)
    cursor.executemany("CALL Record(?)", [("c",), ("c",)])
    assert recorder.calls == ["a", "a", "b", "c", "c"]
    assert cursor.description is None
    assert cursor.fetchall() == []


def test_rows_that_nobody_fetches_call_nothing(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    cursor.execute("SELECT Stamp(a) FROM t")
    assert cursor.fetchone() == (1,)
    cursor.close()
    assert recorder.calls == ["1"]


def test_an_interrupted_statement_keeps_to_what_it_has_called(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    cursor.execute("SELECT Stamp(a) FROM t")
    assert cursor.fetchone() == (1,)
    cursor.connection.sqlite.interrupt()
    with pytest.raises(box_dialect.OperationalError):
        cursor.fetchall()
    assert recorder.calls == ["1"]


def test_statements_that_run_at_the_same_time_do_not_share_calls(
    cursor: box_dialect.Cursor, recorder: Recorder
) -> None:
    other = cursor.connection.cursor()
    sql = "SELECT Stamp('a'), a FROM t"
    cursor.execute(sql)
    other.execute(sql)
    rows = [(cursor.fetchone(), other.fetchone()) for _ in range(3)]
    assert rows == [((1, a), (2, a)) for a in "123"]
    assert recorder.calls == ["a", "a"]


def test_a_statement_that_does_not_prepare_calls_nothing(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    for sql in ("SELECT Stamp('a'), nonsense", "SELECT Stamp('a'); SELECT Stamp('b')", "SELECT Stamp('a') FROM none"):
        with pytest.raises(box_dialect.ProgrammingError):
            cursor.execute(sql)
    assert recorder.calls == []


def test_a_failure_ends_the_statement(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    recorder.failure = box_dialect.OperationalError("Box is down")
    for sql in ("SELECT Stamp('a')", "SELECT * FROM Record('a')", "EXEC Record 'a'"):
        with pytest.raises(box_dialect.OperationalError, match="Box is down"):
            cursor.execute(sql)
    recorder.failure = ValueError("a slip")
    with pytest.raises(box_dialect.InternalError, match=r"Stamp failed \(ValueError\)"):
        cursor.execute("SELECT Stamp('a')")
    recorder.failure = None
    assert cursor.execute("SELECT Stamp('a')").fetchall() == [(1,)]


def test_what_only_reads_is_read_once_too(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    assert cursor.execute("SELECT Peek('a'), Peek('a') FROM t").fetchall() == [(1, 1)] * 3
    cursor.execute("SELECT p.Number FROM t, Peek('b') AS p, Peek AS q WHERE q.Value = 'b'").fetchall()
    assert recorder.calls == ["a", "b"]


@pytest.mark.parametrize("table", ["t", "temp.t", "main . t", '"t"'])
def test_only_a_statement_itself_calls(cursor: box_dialect.Cursor, recorder: Recorder, small: Box, table: str) -> None:
    small.reset()
    for sql in (
        "CREATE VIEW v AS SELECT Stamp('a')",
        "; CREATE VIEW v AS SELECT Stamp('a')",
        "CREATE TEMP VIEW v AS SELECT * FROM Record WHERE Value = 'a'",
        "CREATE VIEW v AS SELECT * FROM Record('a')",
        f"CREATE TEMP TRIGGER w AFTER INSERT ON {table} BEGIN SELECT Stamp(new.a); END",
        f"CREATE INDEX i ON {table} (Stamp(a))",
        "CREATE TABLE w (a DEFAULT (Stamp('a')))",
        "CREATE TEMP TABLE w (a, b AS (Stamp(a)))",
        f"ALTER TABLE {table} ADD COLUMN b DEFAULT (Stamp('a'))",
    ):
        with pytest.raises(box_dialect.ProgrammingError, match=r"called by a statement itself|unsafe"):
            cursor.execute(sql)
    assert recorder.calls == []


def test_a_view_that_somebody_else_made_does_not_call(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    sqlite = cursor.connection.sqlite  # which runs statements as they are
    sqlite.execute("CREATE VIEW stored AS SELECT Stamp('a')")
    sqlite.execute("CREATE VIEW stored_table AS SELECT * FROM Record WHERE Value = 'a'")
    sqlite.execute("CREATE TEMP VIEW passing AS SELECT Stamp('a')")
    sqlite.execute(f"CREATE VIEW marked AS SELECT Stamp({mark(1)}, 'a')")
    for view in ("stored", "stored_table", "passing", "marked"):
        with pytest.raises(box_dialect.ProgrammingError, match=r"unsafe use of|called by a statement itself"):
            cursor.execute(f"SELECT * FROM {view}")
    assert recorder.calls == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM Optional WHERE Value = 'a' OR AnyNote = 'b'",
        "SELECT * FROM Optional WHERE AnyNote = 'b' AND (Value = 'a' OR Number = 1)",
        "SELECT * FROM Optional WHERE Value LIKE 'a%'",
        "SELECT * FROM Optional WHERE lower(Value) = 'a'",
        "SELECT AnyNote FROM Optional",
        "SELECT * FROM Record AS p, Record AS q WHERE p.Value = q.Said AND q.Value = p.Said",
    ],
)
def test_an_input_that_is_used_needs_a_value(cursor: box_dialect.Cursor, recorder: Recorder, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="that the statement uses needs a value by = or IN"):
        cursor.execute(sql)
    assert recorder.calls == []
