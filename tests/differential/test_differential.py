"""Random statements give the same rows over Box as over ordinary SQLite tables with the same rows.

The number of statements is 300 by default and `BOX_DIFFERENTIAL_CASES` where that is set.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

import box_dialect

from .datasets import World, world
from .statements import Builder, Statement

CASES = int(os.environ.get("BOX_DIFFERENTIAL_CASES", "300"))
WORLDS = max(6, CASES // 400)


@st.composite
def cases(draw: st.DrawFn) -> tuple[World, Statement]:
    chosen = world(draw(st.integers(0, WORLDS - 1)))
    return chosen, Builder(draw, chosen).statement()


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_rows_are_those_of_sqlite(case: tuple[World, Statement]) -> None:
    chosen, statement = case
    note(f"{statement.sql}\n{statement.parameters}")
    cursor = chosen.box.cursor()
    try:
        expected = list(chosen.plain.execute(statement.sql, statement.parameters))
    except apsw.SQLError as error:
        event("refused by SQLite")
        _assert_refused(cursor, statement, str(error))
        return
    cursor.execute(statement.sql, statement.parameters)
    got = [_stored(row) for row in cursor]
    _compare(chosen, statement, got, expected)
    _check_calls(chosen, statement, cursor.api_calls)
    event("some rows" if expected else "no rows")


def _compare(chosen: World, statement: Statement, got: list[Any], expected: list[Any]) -> None:
    """Compare all that SQL determines: the rows, and the order of the columns that they are sorted by."""
    if not statement.is_limited:
        assert Counter(got) == Counter(expected)
    else:
        assert len(got) == len(expected)
        everything = Counter(chosen.plain.execute(statement.complete, statement.complete_parameters))
        assert not Counter(got) - everything
    sorting = [row[: statement.ordered] for row in got]
    assert sorting == [row[: statement.ordered] for row in expected]


def _check_calls(chosen: World, statement: Statement, calls: int) -> None:
    """Bound the calls: a table costs its full listing at most, and its keys one by one where a join asks for them."""
    full = sum(chosen.full_calls[table] for table in statement.tables)
    keyed = sum(len(chosen.values[table]["id"]) for table in statement.tables)
    assert calls <= 2 * full + 8 * keyed + 50


def _assert_refused(cursor: Any, statement: Statement, reason: str) -> None:
    with pytest.raises(box_dialect.Error) as refusal:
        cursor.execute(statement.sql, statement.parameters).fetchall()
    assert reason.split(":")[0] in str(refusal.value)


def _stored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row as SQLite holds it, without what the driver makes of booleans and moments."""
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds") if hasattr(value, "isoformat") else value
        for value in row
    )
