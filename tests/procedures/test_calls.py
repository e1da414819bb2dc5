"""EXEC and CALL are read exactly, and what is wrong with one is told."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procedures.conftest import Recorder
from random_examples import examples
from sweep import sweep

import box_dialect
from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.dbapi.sqltext.procedure_calls import Parameter, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

PROCEDURES = {procedure.key: procedure for procedure in Recorder().procedures}

exhaustive = settings(
    max_examples=examples(50), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: ("'" + text.replace("'", "''") + "'", text)),
    st.integers(-(10**9), 10**9).map(lambda number: (str(number), number)),
    st.decimals(-1000, 1000, places=3).map(lambda number: (f"{number:f}", float(number))),
    st.sampled_from([("NULL", None), ("null", None), ("TRUE", True), ("False", False)]),
)
SPACE = st.sampled_from(["", " ", "\n\t", "/* ) , ' */", " -- @Note = 1\n"])
NAMES = st.sampled_from(["Record", "RECORD", "record", '"Record"', "[Record]", "`record`"])
INPUTS = {"Value": ["Value", "value", "VALUE"], "Note": ["Note", "note"]}


def read(sql: str) -> Mapping[str, Any]:
    return parse(list(tokens(sql)), PROCEDURES).given


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw a statement, and what it gives each input."""
    is_call = draw(st.booleans())
    positional = draw(st.integers(0, 2))
    order = ["Value", "Note"]
    named = draw(st.permutations(order[positional:]))[: draw(st.integers(0, 2 - positional))]
    arguments, expected = [], {}
    for place, name in enumerate([*order[:positional], *named]):
        text, value = draw(VALUES)
        expected[name] = value
        spelled = draw(st.sampled_from(INPUTS[name]))
        sign = f"{spelled} => " if is_call else f"@{spelled} ={draw(SPACE)}"
        arguments.append(f"{sign if place >= positional else ''}{text}{draw(SPACE)}")
    listed = f",{draw(SPACE)}".join(arguments)
    end = draw(st.sampled_from(["", ";", " ; ; -- done"]))
    if is_call:
        inner = f"({draw(SPACE)}{listed})" if listed or draw(st.booleans()) else ""
        return f"{draw(SPACE)}CALL {draw(NAMES)}{draw(SPACE)}{inner}{end}", expected
    verb = draw(st.sampled_from(["EXEC", "execute", "Exec"]))
    return f"{draw(SPACE)}{verb} {draw(NAMES)} {draw(SPACE)}{listed}{end}", expected


@exhaustive
@given(statements())
def test_what_is_written_is_what_is_read(drawn: tuple[str, dict[str, Any]]) -> None:
    sql, expected = drawn
    found = read(sql)
    assert dict(found) == expected
    assert list(map(type, found.values())) == list(map(type, expected.values()))


@exhaustive
@given(st.text())
def test_tokens_cover_the_text(sql: str) -> None:
    found, end = list(tokens(sql)), 0
    for token in found:
        between = sql[end : token.start]
        assert list(tokens(between)) == []
        assert sql[token.start : token.end] == token.text
        end = token.end
    assert list(tokens(sql[end:])) == []


@exhaustive
@given(st.sampled_from(["EXEC Record ", "CALL Record(", "CALL ", "EXEC "]), st.text())
def test_anything_else_is_a_programming_error(beginning: str, rest: str) -> None:
    with contextlib.suppress(box_dialect.ProgrammingError):
        assert read(beginning + rest).keys() <= INPUTS.keys()


def test_parameters() -> None:
    assert read("EXEC Record ?, @Note = ?") == {"Value": Parameter(0), "Note": Parameter(1)}
    assert read("CALL Record(:a, Note => :b)") == {"Value": Parameter("a"), "Note": Parameter("b")}
    call = parse(list(tokens("CALL Record(Note => ?, Value => ?)")), PROCEDURES)
    assert call.values(("n", "v")) == ("v", "n")
    assert parse(list(tokens("CALL Record(:v, :v)")), PROCEDURES).values({"v": 1, "other": 2}) == (1, 1)


@sweep(
    ("sql", "parameters", "reason"),
    [
        ("EXEC Record ?", (), "uses 1 parameters and there are 0"),
        ("EXEC Record ?", ("a", "b"), "uses 1 parameters and there are 2"),
        ("EXEC Record 'a'", ("a",), "uses 0 parameters and there are 1"),
        ("EXEC Record ?", {"a": 1}, "written \\? by a sequence"),
        ("EXEC Record :a", ("a",), "written :name come by a mapping"),
        ("EXEC Record :a", {"b": 1}, "no value for the parameter 'a'"),
        ("EXEC Record :a, ?", ("a",), "all written \\?, or all :name"),
        ("EXEC Record ?1", ("a",), "character 13: a value is"),
        ("EXEC", (), "EXEC needs the name of a procedure"),
        ("CALL 'Record'('a')", (), "CALL needs the name of a procedure"),
        ("CALL Recrd('a')", (), "no procedure 'Recrd'; did you mean Record"),
        ("CALL nothing()", (), "no procedure 'nothing'; the procedures are .*Record, Stamp"),
        ("CALL Record", (), "needs its input Value"),
        ("CALL Record()", (), "needs its input Value"),
        ("CALL Record('a'", (), "wrong at its end: a comma or the closing parenthesis is missing"),
        ("CALL Record('a', )", (), "character 18: a value is a string in single quotes"),
        ("CALL Record('a' 'b')", (), "character 17: a comma or the closing parenthesis"),
        ("CALL Record('a') x", (), "character 18: write it as CALL P"),
        ("CALL Record('a'); CALL Record('b')", (), "character 17: write it as CALL P"),
        ("CALL Record 'a'", (), "write it as CALL P"),
        ("CALL Record(@Value = 'a')", (), "a value is a string"),
        ("CALL Record(Note => 'a', 'b')", (), "inputs by position come before those by name"),
        ("CALL Record('a', Value => 'b')", (), "input Value of Record is given twice"),
        ("CALL Record('a', 'b', 'c')", (), "takes at most 2 inputs, not 3: Value, Note"),
        ("CALL Record(Value => 'a', Nota => 'b')", (), "has no input 'Nota'; its inputs: Value, Note"),
        ("EXEC Record (@Value = 'a')", (), "a value is a string"),
        ("EXEC Record 'a', 'b' WITH RECOMPILE", (), "write it as EXEC P @Input = value"),
        ("EXEC Record 'a", (), "a value is a string in single quotes"),
        ('EXEC Record "a"', (), "a value is a string in single quotes"),
        ("EXEC Record 1e5", (), "a value is a string"),
        ("EXEC Record 1 + 1", (), "write it as EXEC P"),
        ("EXEC Record --", (), "needs its input Value"),
    ],
)
def test_what_is_wrong_is_told(
    cursor: box_dialect.Cursor, recorder: Recorder, sql: str, parameters: Any, reason: str
) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=reason):
        cursor.execute(sql, parameters)
    assert recorder.calls == []
    with pytest.raises(box_dialect.ProgrammingError, match="no rows to fetch"):
        cursor.fetchone()


def test_the_rows_of_a_call_are_those_of_the_procedure(cursor: box_dialect.Cursor) -> None:
    cursor.execute("EXEC Record 'it''s', @Note = :note", {"note": 5})
    assert [item[0] for item in cursor.description or ()] == ["Number", "Said", "Note"]
    assert cursor.fetchall() == [(1, "it's", "5")]
    assert cursor.execute("CALL NoRow('a')").fetchall() == []
    assert cursor.execute("CALL Twice(?)", (12,)).fetchall() == [("1212",)]
    assert cursor.execute("CALL Optional").fetchall() == [(4,)]


def test_callproc(cursor: box_dialect.Cursor, recorder: Recorder) -> None:
    sequence, mapping = ["a"], {"note": "n", "VALUE": "b"}
    assert cursor.callproc("record", sequence) == ["a"]
    assert cursor.fetchall() == [(1, "a", None)]
    assert cursor.callproc("Record", mapping) == {"note": "n", "VALUE": "b"}
    assert cursor.fetchall() == [(2, "b", "n")]
    assert cursor.callproc("Record", {"@Value": "c"}) == {"@Value": "c"}
    assert cursor.callproc("Optional") == ()
    assert recorder.calls == ["a", "b", "c", "None none"]
    for name, parameters, reason in (
        ("Nothing", (), "no procedure 'Nothing'"),
        ("Record", (), "needs its input Value"),
        ("Record", ("a", "b", "c"), "takes at most 2"),
        ("Record", {"Value": "a", "x'); DROP": 1}, "has no input"),
        ("Record", "ab", "parameters are a sequence or a mapping, not str"),
        ("Record", (object(),), "cannot be bound"),
    ):
        with pytest.raises(box_dialect.ProgrammingError, match=reason):
            cursor.callproc(name, parameters)
    assert len(recorder.calls) == 4


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("CreateSchema", "follow the account"),
    ],
)
def test_what_serves_in_the_place_of_procedures_that_others_have(name: str, instead: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=instead):
        read(f"EXEC {name} 'x'")
