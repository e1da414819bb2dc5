"""A call with a side effect is made once for each row of the outermost SELECT, or once in its FROM."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sweep import sweep

import box_dialect
from box_dialect.engine import mark

if TYPE_CHECKING:
    from procedures.conftest import Recorder

SCALAR = {
    "SELECT Stamp(a), count(*) FROM t": "1",
    "SELECT Stamp(max(a)) FROM t": "3",
    "SELECT ALL Stamp(a) FROM t ORDER BY t.a DESC LIMIT 2 OFFSET 1": "12",
    "SELECT a, Stamp(a) FROM t ORDER BY 1 DESC LIMIT 1": "3",
    "SELECT Stamp(a), * FROM t ORDER BY a LIMIT 2": "12",
    "SELECT Stamp(a) AS s, row_number() OVER (ORDER BY a DESC) FROM t ORDER BY a + 1 LIMIT 2": "12",
    "SELECT Stamp(lag(a, 1, 'x') OVER (ORDER BY a)) FROM t": "12x",
    "SELECT Stamp((SELECT max(a) FROM t)) FROM t WHERE a IN (SELECT a FROM t LIMIT 2)": "33",
    "SELECT (Stamp(a)) s, ((Stamp(a))) FROM t WHERE a = '1'": "11",
    "SELECT CASE WHEN a > '1' THEN CASE a WHEN '2' THEN Stamp(a) END ELSE (Stamp('x')) END x FROM t": "2x",
    "SELECT Stamp(Peek.Number) FROM Peek('p')": "1p",
    "SELECT Stamp(a) FROM (SELECT DISTINCT a FROM t UNION SELECT a FROM t ORDER BY a LIMIT 2)": "12",
    "WITH x AS (SELECT a FROM t GROUP BY a) SELECT Stamp(a) FROM x ORDER BY a DESC LIMIT 1": "3",
    "SELECT a IS DISTINCT FROM '1', Stamp(a) FROM t": "123",
    "SELECT Stamp('a')": "a",
    "SELECT Stamp('a'), Stamp('a')": "aa",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT Stamp('a') FROM r": "aaa",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT Stamp(n) FROM r": "123",
    "SELECT Stamp('a') FROM t": "aaa",
    "SELECT Stamp(a) FROM t": "123",
    "SELECT Stamp(t.a) FROM t, t AS u": "111222333",
    "SELECT Stamp(a), Stamp(a) FROM t": "112233",
    "SELECT CASE a WHEN '1' THEN Stamp('a') ELSE Stamp('b') END FROM t": "abb",
    "SELECT CASE WHEN 0 THEN Stamp('a') END": "",
    "SELECT Stamp('a') LIMIT 0": "",
    "SELECT Stamp('a') WHERE 0": "",
    "SELECT 'Stamp(1)', \"a\" FROM t -- Stamp('a')": "",
    "SELECT Stamp('a') FROM files WHERE parent_id IN (SELECT id FROM folders WHERE id = '0')": "aaa",
    "SELECT Stamp(parent_id) FROM files WHERE parent_id IN ('0', '7')": "000",
}
TABLE_VALUED = {
    "SELECT DISTINCT Said FROM t, Record('a') GROUP BY 1 ORDER BY Said": "a",
    "SELECT Number, Stamp(Said) FROM Record('a')": "aa",
    "SELECT * FROM Record(lower('A'), NULL) AS p, main.Record(-1, CURRENT_DATE)": ["-1", "a"],
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
    "SELECT * FROM Record('a') AS p, Record('a') AS q": "aa",
    "SELECT * FROM Record('a') ORDER BY Number DESC, Said": "a",
    "SELECT Said, count(*) FROM Record('a') GROUP BY Said HAVING count(*) > 0": "a",
    "SELECT * FROM Record('a') WHERE Number = 1 OR Said = 'b'": "a",
    "SELECT * FROM Record('a') WHERE Number = 1 OR Number = 2": "a",
    "SELECT * FROM Record('a') WHERE 0": "",
    "SELECT * FROM Record('a') LIMIT 0": "",
    "SELECT * FROM NoRow('a') AS p LEFT JOIN t": "a",
    "SELECT * FROM t LEFT JOIN NoRow('a') ON 1": "a",
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
    "SELECT Record.* FROM Record WHERE Record.Value = 'a'": "a",
    "SELECT * FROM Record WHERE Value = 'a' AND (Number = 1 OR Said = 'b')": "a",
    "SELECT * FROM Record WHERE Value = 'a' AND Number IN (1, 2)": "a",
    "SELECT * FROM Optional WHERE Value = 'a' AND (Number = 1 OR Number > 5)": ["a none"],
    "SELECT * FROM Record WHERE Value = 'a' AND Value = 'b'": "",
}


def values(expected: str | list[str]) -> list[str]:
    return list(expected)


@sweep(("sql", "expected"), [*SCALAR.items(), *TABLE_VALUED.items(), *INPUT_COLUMNS.items()])
def test_each_call_is_made_once(cursor: box_dialect.Cursor, recorder: Recorder, sql: str, expected: str) -> None:
    recorder.calls.clear()
    cursor.execute(sql).fetchall()
    assert sorted(recorder.calls) == sorted(values(expected))
    if sql.startswith(("SELECT", "WITH", "VALUES", "EXEC", "CALL")):
        recorder.calls.clear()
        cursor.execute(sql).fetchall()  # which SQLite has prepared already
        assert sorted(recorder.calls) == sorted(values(expected))


@sweep(
    "sql",
    [sql for sql in (*SCALAR, *TABLE_VALUED, *INPUT_COLUMNS) if not sql.lstrip("; ").startswith(("EXEC", "CALL"))],
)
@sweep("explain", ["EXPLAIN", "EXPLAIN QUERY PLAN"])
def test_to_explain_calls_nothing(cursor: box_dialect.Cursor, recorder: Recorder, sql: str, explain: str) -> None:
    recorder.calls.clear()
    cursor.execute(f"{explain} {sql}").fetchall()
    assert recorder.calls == []


def test_a_call_is_made_for_each_row_with_equal_inputs_too(cursor: box_dialect.Cursor) -> None:
    assert cursor.execute("SELECT Stamp('a'), a FROM t").fetchall() == [(1, "1"), (2, "2"), (3, "3")]


def test_several_outputs_are_a_json_object(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT Record('a'), NoRow('b'), Typed('1')")
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
    cursor.executemany("CALL Record(?)", [("c",), ("c",)])
    assert recorder.calls == ["c", "c"]
    assert cursor.description is None
    assert cursor.fetchall() == []
    with pytest.raises(box_dialect.ProgrammingError, match="statements that return no rows"):
        cursor.executemany("SELECT Stamp(?)", [("c",), ("c",)])
    assert recorder.calls == ["c", "c"]


@pytest.mark.parametrize("sql", ["SELECT Stamp(a) FROM t", "SELECT Said, Record.Number FROM t, Record('1')"])
def test_a_statement_calls_whether_its_rows_are_fetched_or_not(
    cursor: box_dialect.Cursor, recorder: Recorder, sql: str
) -> None:
    expected = ["1", "2", "3"] if "Stamp" in sql else ["1"]
    assert cursor.execute(sql).close() is None
    assert recorder.calls == expected


def test_statements_that_run_at_the_same_time_do_not_share_calls(
    cursor: box_dialect.Cursor, recorder: Recorder
) -> None:
    other = cursor.connection.cursor()
    sql = "SELECT Number, a FROM t, Record('a')"
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


def test_the_rows_are_given_whatever_conditions_stand_beside_the_inputs(cursor: box_dialect.Cursor) -> None:
    many = " AND ".join(f"Number > {-number}" for number in range(40))
    assert cursor.execute(f"SELECT Number FROM Record('a') WHERE {many}").fetchall() == [(1,)]
    assert cursor.execute(f"SELECT Number FROM Record WHERE {many} AND Value = 'a' AND Note = 1").fetchall() == [(2,)]


def test_what_only_reads_is_read_once_too(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    assert cursor.execute("SELECT Peek('a'), Peek('a') FROM t").fetchall() == [(1, 1)] * 3
    cursor.execute("SELECT p.Number FROM t, Peek('b') AS p, Peek AS q WHERE q.Value = 'b'").fetchall()
    assert recorder.calls == ["a", "b"]


@pytest.mark.parametrize("sql", ["SELECT Stamp('a')", "SELECT * FROM Record('a')", "SELECT 1 FROM t, Record"])
def test_a_call_that_the_driver_has_not_read_is_refused(
    cursor: box_dialect.Cursor, recorder: Recorder, sql: str
) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="not called from here"):
        cursor.connection.sqlite.execute(sql).fetchall()
    assert recorder.calls == []


def test_a_view_that_somebody_else_made_does_not_call(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    sqlite = cursor.connection.sqlite  # which runs statements as they are
    sqlite.execute("CREATE VIEW stored AS SELECT Stamp('a')")
    sqlite.execute("CREATE VIEW stored_table AS SELECT * FROM Record WHERE Value = 'a'")
    sqlite.execute("CREATE TEMP VIEW passing AS SELECT Stamp('a')")
    marked = f"x'{mark().hex()}'"
    sqlite.execute(f"CREATE VIEW marked AS SELECT Stamp({marked}, 'a')")
    sqlite.execute(f"CREATE TEMP VIEW passing_marked AS SELECT Stamp({marked}, 'a')")
    for view in ("stored", "stored_table", "passing", "marked", "passing_marked"):
        with pytest.raises(box_dialect.ProgrammingError, match=r"unsafe use of|not called from here"):
            cursor.execute(f"SELECT * FROM {view}")
    assert recorder.calls == []


HIDDEN = "FROM (t, Record) WHERE procedure_call = {mark} AND Value = 'b'"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT Stamp('a'), (SELECT Number {HIDDEN})",
        f"SELECT Stamp('a') WHERE EXISTS (SELECT 1 {HIDDEN})",
        f"SELECT Stamp('a'), Number {HIDDEN}",
        f"SELECT * FROM Record('a') AS r, (SELECT Number {HIDDEN})",
        "SELECT Stamp('a') FROM hiding",
    ],
)
def test_the_mark_of_a_call_opens_no_other(cursor: box_dialect.Cursor, recorder: Recorder, sql: str) -> None:
    plan = cursor.execute("EXPLAIN SELECT Stamp('a')").fetchall()
    seen = [str(value).encode() for row in plan for value in row if str(value).startswith("call ")]
    assert seen
    for each in (b"call 1 1", b"call 0 1", *seen):
        mark = f"x'{each.hex()}'"
        cursor.execute("DROP VIEW IF EXISTS hiding")
        cursor.execute(f"CREATE TEMP VIEW hiding AS SELECT Number {HIDDEN.format(mark=mark)}")
        with pytest.raises(box_dialect.ProgrammingError, match="not called from here"):
            cursor.execute(sql.format(mark=mark))
    assert recorder.calls == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM Optional WHERE Value = 'a' OR AnyNote = 'b'",
        "SELECT * FROM Optional WHERE AnyNote = 'b' AND (Value = 'a' OR Number = 1)",
        "SELECT * FROM Optional WHERE Value LIKE 'a%'",
        "SELECT * FROM Optional WHERE lower(Value) = 'a'",
        "SELECT AnyNote FROM Optional",
    ],
)
def test_an_input_that_is_used_needs_a_value(cursor: box_dialect.Cursor, recorder: Recorder, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="that the statement uses needs a value by = or IN"):
        cursor.execute(sql)
    assert recorder.calls == []
