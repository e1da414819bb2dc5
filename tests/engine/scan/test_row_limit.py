"""What is read ahead goes by the LIMIT that a statement ends with, and by the rows that came so far."""

from __future__ import annotations

import pytest
from sweep import sweep

from box_dialect.dbapi.sqltext.classify import has_limit, limit_of
from box_dialect.engine import RowLimit

pytestmark = pytest.mark.usefixtures("no_network")


@sweep(
    ("statement", "found"),
    [
        ("SELECT 1 LIMIT 10", (10, 0)),
        ("select 1\nlimit 10\n;\n", (10, 0)),
        ("SELECT 1 LIMIT 10 OFFSET 5", (10, 5)),
        ("SELECT 1\n LIMIT 10\n OFFSET 5", (10, 5)),
        ("SELECT 1 LIMIT 5, 10", (10, 5)),
        ("SELECT 1 LIMIT 5,10", (10, 5)),
        ("SELECT 1", None),
        ("SELECT 1 LIMIT -1", None),
        ("SELECT 1 LIMIT NULL", None),
        ("SELECT 1 LIMIT 2 * 5", None),
        ("SELECT 1 FROM (SELECT 1 LIMIT 10)", None),
        ("SELECT 1 LIMIT 10 -- rows", None),
        ("SELECT 'LIMIT 10'", None),
        ("SELECT a AS unlimit 10", None),
    ],
)
def test_a_limit_counts_at_the_end_of_a_statement(statement: str, found: tuple[int, int] | None) -> None:
    assert limit_of(statement) == found
    assert has_limit(statement) is (found is not None)


@pytest.mark.parametrize("limit", ["LIMIT ?", "limit ?2 offset ?1", "LIMIT :a, :b;", "LIMIT 5 OFFSET @skipped"])
def test_a_limit_may_be_a_parameter(limit: str) -> None:
    assert has_limit(f"SELECT 1 {limit}")


def test_nothing_is_known_without_a_limit_or_a_row() -> None:
    unlimited, limited = RowLimit(), RowLimit(10)
    unlimited.given = 5
    assert unlimited.calls_left(5, 0) is None
    assert limited.calls_left(5, 0) is None


@pytest.mark.parametrize(
    ("given", "made", "left"),
    [(1, 1, 9), (5, 5, 5), (2, 1, 4), (4, 2, 3), (3, 1, 3), (1, 20, 180), (9, 9, 1), (10, 5, 1)],
)
def test_the_calls_that_are_left_follow_from_the_rows_that_came(given: int, made: int, left: int) -> None:
    demand = RowLimit(10)
    demand.given = given
    assert demand.calls_left(made, 0) == left


def test_rows_that_offset_left_out_came_of_calls_as_well() -> None:
    demand = RowLimit(10, offset=20)
    assert demand.passed == 0
    demand.given = 4
    assert demand.passed == 24
    assert demand.calls_left(12, 0) == 3


def test_rows_of_earlier_calls_tell_nothing_of_later_ones() -> None:
    demand = RowLimit(100)
    demand.given = 60
    assert demand.calls_left(1, 60) is None
    assert demand.calls_left(1, 50) == 4
