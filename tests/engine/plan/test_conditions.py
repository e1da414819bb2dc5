"""A path takes of a statement's condition what it is declared to, and sends it beside what its filters do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.api import Paging
from box_dialect.catalog.filters import equals
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Comparison,
    Condition,
    Endpoint,
    Joined,
    Op,
    Order,
    Predicate,
    Table,
    Type,
)
from box_dialect.engine.plan.plan import Asked, Constraint, Request
from box_dialect.engine.plan.planner import choose
from box_dialect.engine.scan.bindings import Bindings
from box_dialect.engine.sql.conditions import packed, read, written_condition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.engine.plan.choice import Choice

pytestmark = pytest.mark.usefixtures("no_network")


def rendered(condition: Condition, values: Sequence[Any]) -> dict[str, Any]:
    return {"query": condition.words, "values": [*values]}


LISTING = Endpoint(path="/moons/query", method="POST", body={}, paging=Paging.MARKER, joins={"query": " AND "})
BY_QUERY = AccessPath(
    name="by query",
    endpoints=(LISTING,),
    filters=(equals("planet", "query"),),
    predicate=Predicate({"planet": frozenset({Op.EQ, Op.NE}), "radius": frozenset({Op.GT, Op.IS_NULL})}, rendered),
    orders=(Order("radius", {"sort": "up"}, {"sort": "down"}, Paging.MARKER, nulls_last=True),),
    calls=10,
    rows=1_000,
)
MOONS = Table(
    name="moons",
    doc="Moons of planets.",
    columns=(Column("id"), Column("planet"), Column("radius", Type.REAL), Column("name")),
    paths=(AccessPath(name="by id", endpoints=(Endpoint(path="/moons/{id}"),), keys=("id",), unique=True), BY_QUERY),
)
OF_JUPITER, LARGE, UNNAMED = (
    Comparison("planet", Op.EQ, (0,)),
    Comparison("radius", Op.GT, (1,)),
    Comparison("name", Op.IS_NULL),
)


def chosen(condition: Condition, *constraints: tuple[str, Op], **request: Any) -> Choice:
    given = [Constraint(number, column, op) for number, (column, op) in enumerate(constraints)]
    values = len(given) + 1 if condition.has_parameters else None
    choice = choose(MOONS, Request(tuple(given), asked=Asked(condition, len(given), values), **request))
    assert choice is not None
    return choice


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((OF_JUPITER, LARGE, Joined("OR", 2)), "planet = ? OR radius > ?"),
        ((OF_JUPITER, UNNAMED, Joined("AND", 2)), "planet = ?"),
        ((OF_JUPITER, UNNAMED, Joined("OR", 2)), None),
        ((OF_JUPITER, UNNAMED, Joined("OR", 2), LARGE, Joined("AND", 2)), "radius > ?"),
        ((OF_JUPITER, LARGE, UNNAMED, Joined("AND", 2), Joined("OR", 2)), "planet = ? OR radius > ?"),
        ((Comparison("planet", Op.LIKE, (0,)),), None),
    ],
)
def test_a_path_takes_what_it_declares(steps: tuple[Comparison | Joined, ...], words: str | None) -> None:
    plan = chosen(Condition(steps, ("jupiter", 1_000))).plan
    assert (plan.condition and plan.condition.words) == words
    assert words is None or plan.words == f"by query: POST /moons/query ({words})"


def test_a_condition_is_sent_beside_filters_with_its_values() -> None:
    condition = Condition((OF_JUPITER, LARGE, Joined("OR", 2)), ("jupiter",))
    choice = chosen(condition, ("planet", Op.EQ))
    assert choice.arguments == (0, 1, 2)
    assert choice.omitted == {1, 2}
    arguments = choice.plan.scanned(("saturn", "", packed(1_000)))
    assert Bindings(choice.plan, arguments).selecting(LISTING, {}) == {
        "query": "saturn AND planet = ? OR radius > ?",
        "values": ["jupiter", 1_000],
    }


def test_plans_differ_by_their_conditions() -> None:
    plans = [chosen(Condition((each,), (1, 2))).plan for each in (OF_JUPITER, LARGE)]
    assert plans[0].identity != plans[1].identity
    assert chosen(Condition((LARGE,), (1, 2))).plan.identity == plans[1].identity


def test_a_key_is_looked_up_without_the_condition() -> None:
    choice = chosen(Condition((OF_JUPITER,), ("jupiter",)), ("id", Op.EQ))
    assert (choice.plan.path.name, choice.plan.condition, choice.arguments) == ("by id", None, (0,))


@pytest.mark.parametrize(
    ("steps", "is_limited", "descending", "is_sorted"),
    [
        ((OF_JUPITER,), True, True, True),
        ((OF_JUPITER,), False, True, False),
        ((OF_JUPITER,), True, False, False),
        ((LARGE,), True, False, True),
        ((OF_JUPITER, LARGE, Joined("OR", 2)), True, False, False),
        ((OF_JUPITER, LARGE, Joined("AND", 2)), True, False, True),
        ((LARGE, Comparison("radius", Op.IS_NULL), Joined("OR", 2)), True, False, False),
    ],
)
def test_box_sorts_where_the_first_rows_are_wanted(
    steps: tuple[Comparison | Joined, ...], is_limited: bool, descending: bool, is_sorted: bool
) -> None:
    condition = Condition(steps, ("jupiter", 1_000), is_limited)
    choice = chosen(condition, order=(("radius", descending),))
    assert (choice.plan.order is not None) == is_sorted


def test_no_limit_is_sent_with_a_condition_which_may_be_wider() -> None:
    condition = Condition((OF_JUPITER,), ("jupiter",), is_limited=True)
    plan = chosen(condition, order=(("radius", True),), limit=7).plan
    assert plan.order is not None
    assert plan.limit is None


def test_more_conditions_leave_fewer_rows() -> None:
    values = ("jupiter", 1_000)
    few = chosen(Condition((OF_JUPITER, LARGE, Joined("AND", 2)), values)).cost
    some = chosen(Condition((OF_JUPITER,), values)).cost
    many = chosen(Condition((OF_JUPITER, LARGE, Joined("OR", 2)), values)).cost
    assert few < some < many < chosen(Condition((UNNAMED,))).cost


def test_a_condition_is_read_as_it_was_written() -> None:
    condition = Condition((OF_JUPITER, LARGE, Joined("OR", 2)), ("it's", -0.5, None, 1 << 60), is_limited=True)
    assert read(written_condition(condition).decode()) == condition
    assert [read(each) for each in (None, 5, "", "{", '{"steps":[]}', '{"steps":[["joined","OR",2]]}')] == [None] * 6
