"""Random statements give the same rows over Box as over ordinary SQLite tables with the same rows.

There are 25 statements, and `BOX_EXAMPLES` times as many where that is set.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import apsw
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from random_examples import examples

import box_dialect
from box_dialect.api.client import BoxClient

from .datasets import World, world
from .statements import Builder, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.api import ApiCall, CallCount

CASES = examples(25)
_FIELDS = re.compile(r"\bfields=(?!\S*metadata)[^&]*")
"""What a call asks for of the objects, unless that is metadata, which only one table reads."""
WORLDS = max(6, CASES // 400)


@st.composite
def cases(draw: st.DrawFn) -> tuple[World, Statement]:
    chosen = world(draw(st.integers(0, WORLDS - 1)))
    return chosen, Builder(draw, chosen).statement()


@st.composite
def pairs(draw: st.DrawFn) -> tuple[World, Statement, Statement]:
    chosen = world(draw(st.integers(0, WORLDS - 1)))
    return chosen, Builder(draw, chosen).statement(), Builder(draw, chosen).statement()


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_rows_are_those_of_sqlite(case: tuple[World, Statement]) -> None:
    chosen, statement = case
    note(f"{statement.sql}\n{statement.parameters}")
    cursor = chosen.box.cursor()
    try:
        expected = list(chosen.plain.execute(statement.plain, statement.plain_parameters))
    except apsw.SQLError as error:
        event("refused by SQLite")
        _assert_refused(cursor, statement, str(error))
        return
    with _watched() as made:
        cursor.execute(statement.sql, statement.parameters)
        got = [_stored(row, chosen) for row in cursor]
    _compare(chosen, statement, got, expected)
    _check_calls(chosen, statement, cursor.api_calls)
    _check_repeated(made)
    event("some rows" if expected else "no rows")


@settings(max_examples=CASES // 5, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_statements_that_run_at_once_do_not_meet(case: tuple[World, Statement, Statement]) -> None:
    """Two statements of one connection, which share their plans, are read by turns."""
    chosen, *statements = case
    try:
        expected = [list(chosen.plain.execute(each.plain, each.plain_parameters)) for each in statements]
    except apsw.SQLError:
        return
    note("\n".join(f"{each.sql}\n{each.parameters}" for each in statements))
    cursors = [chosen.box.cursor().execute(each.sql, each.parameters) for each in statements]
    got: list[list[Any]] = [[], []]
    is_left = True
    while is_left:
        is_left = False
        for cursor, rows in zip(cursors, got, strict=True):
            page = cursor.fetchmany(2)
            rows += (_stored(row, chosen) for row in page)
            is_left = is_left or bool(page)
    for statement, rows, wanted in zip(statements, got, expected, strict=True):
        _compare(chosen, statement, rows, wanted)


@contextlib.contextmanager
def _watched() -> Iterator[list[tuple[CallCount, str]]]:
    """Give the calls that are answered, each with the count of its statement: an earlier one's may still come in."""
    made: list[tuple[CallCount, str]] = []
    send = BoxClient.send

    async def watched(client: BoxClient, call: ApiCall, count: CallCount) -> Any:
        try:
            answer = await send(client, call, count)
        except box_dialect.DatabaseError as error:
            if error.diag.status is not None:
                made.append((count, call.target))
            raise
        made.append((count, call.target))
        return answer

    with patch.object(BoxClient, "send", watched):
        yield made


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
    keyed = sum(max(map(len, chosen.values[table].values())) for table in statement.tables)
    assert calls <= 2 * full + 8 * keyed + 50


def _check_repeated(made: list[tuple[CallCount, str]]) -> None:
    """Let no statement ask for anything twice, with other fields neither."""
    asked = Counter((id(count), _FIELDS.sub("", target)) for count, target in made)
    assert [target for (_, target), times in asked.items() if times > 1] == []


def _assert_refused(cursor: Any, statement: Statement, reason: str) -> None:
    with pytest.raises(box_dialect.Error) as refusal:
        cursor.execute(statement.sql, statement.parameters).fetchall()
    assert reason.split(":")[0] in str(refusal.value)


def _stored(row: tuple[Any, ...], chosen: World) -> tuple[Any, ...]:
    """Return a row as SQLite holds it, without what the driver makes of booleans, and with moments in one form."""
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds")
        if hasattr(value, "isoformat")
        else chosen.spellings.get(value, value)
        for value in row
    )
