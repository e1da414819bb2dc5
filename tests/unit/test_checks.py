"""What is foreseen of SQLite's comparisons is what SQLite does, as far as nothing unusual is compared."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from box_dialect.catalog import TABLES
from box_dialect.catalog.model import Op
from box_dialect.engine.checks import checks
from box_dialect.engine.plan import Plan, Term

FILES = TABLES["files"]
SQLITE = apsw.Connection(":memory:")
TEXTS = ("", "a", "A", "ab", "a.b", "a%", "50", "7", "ä", "Ä", "x\ny", "[a]", "2026-01-01")
COMPARISONS = (Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE)


def foresees(column: str, op: Op, operand: Any, value: Any) -> bool:
    number = FILES.numbers[column]
    plan = Plan(FILES, FILES.paths[1], columns=(number,), checks=(Term(column, op, 0),))
    return checks(plan, (operand,))((value, 1))


def keeps(column: str, comparison: str, operand: Any, value: Any) -> bool:
    kind = FILES.columns[FILES.numbers[column]].type.value
    SQLITE.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (c {kind})")
    SQLITE.execute("INSERT INTO t VALUES (?)", (value,))
    return bool(SQLITE.execute(f"SELECT 1 FROM t WHERE c {comparison}", operand).fetchall())


texts = st.sampled_from(TEXTS)
numbers = st.integers(-3, 60)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(COMPARISONS), texts | st.none(), texts | st.none())
def test_texts_are_compared_as_sqlite_does(op: Op, operand: str | None, value: str | None) -> None:
    assert foresees("name", op, operand, value) == keeps("name", f"{op.value} ?", (operand,), value)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(COMPARISONS), numbers | st.none() | st.sampled_from(("7", "50")), numbers | st.none())
def test_numbers_are_compared_as_sqlite_does(op: Op, operand: Any, value: int | None) -> None:
    assert foresees("size", op, operand, value) == keeps("size", f"{op.value} ?", (operand,), value)


@settings(max_examples=500, deadline=None)
@given(texts, st.lists(st.sampled_from(("%", "_", "a", "A", ".", "ä", "50", "*", "?")), max_size=4).map("".join))
def test_patterns_are_matched_as_sqlite_does(value: str, pattern: str) -> None:
    for op in (Op.LIKE, Op.GLOB):
        assert foresees("name", op, pattern, value) == keeps("name", f"{op.value} ?", (pattern,), value)


@pytest.mark.parametrize("pattern", ["[a]", "[^a]*", "*[0-9]", "[", "[]", "a[b-", "[[]a]"])
def test_classes_of_letters_drop_nothing_that_sqlite_keeps(pattern: str) -> None:
    for value in TEXTS:
        if keeps("name", "GLOB ?", (pattern,), value):
            assert foresees("name", Op.GLOB, pattern, value), (pattern, value)


def test_a_pattern_that_would_take_long_drops_nothing() -> None:
    assert foresees("name", Op.LIKE, "%a%a%b", "a" * 100_000)
    assert foresees("name", Op.LIKE, "%a", "a\0b")


@given(st.frozensets(texts | st.none(), max_size=4), texts | st.none())
def test_a_list_is_searched_as_sqlite_does(operands: frozenset[str | None], value: str | None) -> None:
    marks = ", ".join("?" * len(operands))
    assert foresees("name", Op.IN, operands, value) == keeps("name", f"IN ({marks})", tuple(operands), value)


@pytest.mark.parametrize("value", [None, "a"])
def test_null_is_told_from_values(value: str | None) -> None:
    assert foresees("name", Op.IS_NULL, None, value) == keeps("name", "IS NULL", (), value)
    assert foresees("name", Op.NOT_NULL, None, value) == keeps("name", "IS NOT NULL", (), value)


def test_what_is_not_known_is_kept() -> None:
    assert foresees("name", Op.MATCH, "a", "b")
    assert foresees("size", Op.LT, "text", 7)
    assert foresees("size", Op.EQ, b"7", 7) in {True, False}
