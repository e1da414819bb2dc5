"""Random statements as previews: some of SQLite's rows, in no more calls; and estimates of them.

There are 25 statements, and `BOX_EXAMPLES` times as many where that is set.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import apsw
import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from random_examples import examples

import box_dialect

from .spellings import LOCAL
from .test_differential import _stored, cases

if TYPE_CHECKING:
    from .datasets import World
    from .statements import Statement


@pytest.mark.long
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.integers(1, 20))
def test_a_preview_ends_within_its_calls_and_is_whole_unless_it_says_so(
    case: tuple[World, Statement], most: int
) -> None:
    chosen, statement = case
    assume(LOCAL not in statement.tables)
    try:
        expected = [*chosen.plain.execute(statement.plain, statement.plain_parameters)]
    except apsw.SQLError:
        return
    note(f"{statement.sql}\n{statement.parameters}")
    with box_dialect.connect(chosen.emulator.ready["url"], PreviewCalls=most) as connection:
        cursor = connection.cursor().execute(statement.sql, statement.parameters)
        rows = [_stored(row, chosen) for row in cursor]
    assert cursor.api_calls <= most
    if not cursor.is_preview_partial:
        assert len(rows) == len(expected)
        assert statement.is_limited or Counter(rows) == Counter(expected)


@pytest.mark.long
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_an_estimate_can_be_had_of_any_statement(case: tuple[World, Statement]) -> None:
    chosen, statement = case
    note(f"{statement.sql}\n{statement.parameters}")
    try:
        [*chosen.plain.execute(statement.plain, statement.plain_parameters)]
    except apsw.SQLError:
        return
    estimate = chosen.box.estimate(statement.sql, statement.parameters)
    assert estimate.most is None or 0 <= estimate.least <= estimate.most
