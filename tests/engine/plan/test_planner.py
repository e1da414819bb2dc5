"""The planner takes over what an access path can, tells SQLite what that costs, and gets the values of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sweep import sweep

from box_dialect.catalog import TABLES
from box_dialect.catalog.model import Op
from box_dialect.engine.plan.plan import Constraint, Plan, Request
from box_dialect.engine.plan.planner import choose

if TYPE_CHECKING:
    from box_dialect.engine.plan.choice import Choice

pytestmark = pytest.mark.usefixtures("no_network")


def chosen(table: str, *constraints: tuple[str, Op], **request: object) -> Choice:
    given = tuple(Constraint(number, column, op) for number, (column, op) in enumerate(constraints))
    choice = choose(TABLES[table], Request(given, **request))  # type: ignore[arg-type]
    assert choice is not None
    return choice


@sweep(
    ("table", "constraints", "path"),
    [
        ("files", (), "walk"),
        ("files", (("id", Op.EQ),), "by id"),
        ("files", (("parent_id", Op.EQ),), "by parent"),
        ("files", (("id", Op.EQ), ("parent_id", Op.EQ)), "by id"),
        ("files", (("search", Op.EQ),), "by search"),
        ("files", (("path", Op.LIKE),), "walk"),
        ("files", (("parent_id", Op.IN), ("path", Op.LIKE)), "by parent"),
        ("comments", (), "of every file"),
        ("comments", (("item_id", Op.EQ),), "by file"),
        ("memberships", (("user_id", Op.EQ),), "by user"),
        ("users", (("login", Op.EQ),), "all"),
        ("users", (("id", Op.IN),), "by id"),
    ],
)
def test_the_cheapest_path_is_chosen(table: str, constraints: tuple[tuple[str, Op], ...], path: str) -> None:
    assert chosen(table, *constraints).plan.path.name == path


def test_values_of_other_comparisons_are_not_asked_for() -> None:
    choice = chosen("files", ("size", Op.GT), ("parent_id", Op.EQ), ("name", Op.LIKE))
    assert choice.arguments == (1,)
    assert choice.omitted == frozenset()


@pytest.mark.parametrize(
    ("table", "constraint", "is_left_to_sqlite"),
    [
        ("files", ("parent_id", Op.EQ), True),
        ("files", ("parent_id", Op.IN), False),
        ("comments", ("item_id", Op.EQ), True),
        ("comments", ("item_id", Op.IN), False),
        ("users", ("id", Op.EQ), False),
        ("files", ("id", Op.EQ), True),
        ("files", ("path", Op.EQ), True),
        ("files", ("size", Op.GT), True),
    ],
)
def test_sqlite_compares_all_but_the_values_of_in_that_the_rows_are_known_by_and_an_alias(
    table: str, constraint: tuple[str, Op], *, is_left_to_sqlite: bool
) -> None:
    assert (chosen(table, constraint).omitted == frozenset()) is is_left_to_sqlite


def test_scans_that_differ_in_such_comparisons_only_are_alike() -> None:
    plain, checked = chosen("files", ("parent_id", Op.EQ)), chosen("files", ("parent_id", Op.EQ), ("size", Op.GT))
    assert plain.plan.identity == checked.plan.identity
    assert plain.rows > checked.rows


def test_a_comparison_of_what_one_of_several_endpoints_gives_is_taken_over() -> None:
    plan = chosen("items", ("id", Op.EQ), ("type", Op.IN)).plan
    assert plan.taken == 2
    assert [each.path for each in plan.endpoints(("7", frozenset({"file", None, "x"})))] == ["/files/{id}"]
    assert plan.endpoints(("7", None)) == []


def test_a_lookup_takes_over_its_key_and_what_its_rows_have_all() -> None:
    plan = chosen("files", ("id", Op.EQ), ("type", Op.EQ), ("name", Op.EQ)).plan
    assert (plan.is_lookup, plan.taken) == (True, 2)
    assert plan.lookup_key("7") == plan.scan_key(("7", "file"))
    assert plan.endpoints(("7", "folder")) == []
    assert not chosen("files", ("id", Op.EQ), ("type", Op.IN)).plan.is_lookup


def test_a_limit_is_taken_over_only_where_nothing_is_left_to_compare() -> None:
    assert chosen("comments", ("item_id", Op.EQ), limit=7).plan.limit is not None
    assert chosen("comments", ("item_id", Op.EQ), ("message", Op.EQ), limit=7).plan.limit is None
    assert chosen("comments", ("item_id", Op.EQ), limit=7, order=(("id", False),)).plan.limit is None
    assert chosen("comments", ("id", Op.EQ), limit=7).plan.limit is None


def test_another_collation_is_neither_taken_over_nor_checked() -> None:
    request = Request((Constraint(0, "parent_id", Op.EQ, as_column=False),))
    choice = choose(TABLES["files"], request)
    assert choice is not None
    assert (choice.plan.path.name, choice.arguments) == ("walk", ())


def test_a_table_that_few_calls_list_is_listed_for_many_keys() -> None:
    users, files = chosen("users", ("id", Op.EQ)).plan, chosen("files", ("id", Op.EQ)).plan
    assert isinstance(users.listing, Plan)
    assert users.listing.path.name == "all"
    assert users.listing.columns == users.columns == (TABLES["users"].numbers["id"],)
    assert files.listing is None


def test_a_lookup_in_a_small_table_is_thought_cheaper_than_a_call() -> None:
    assert chosen("users", ("id", Op.EQ)).cost < chosen("files", ("id", Op.EQ)).cost


@pytest.mark.parametrize(
    ("table", "keys", "parents"),
    [
        ("comments", [("item_id", Op.EQ)], "files"),
        ("collaborations", [("item_id", Op.EQ), ("item_type", Op.EQ)], "items"),
        ("memberships", [("group_id", Op.EQ)], "groups"),
    ],
)
def test_rows_of_all_parents_cost_their_listing_and_what_those_of_each_cost(
    table: str, keys: list[tuple[str, Op]], parents: str
) -> None:
    listing, whole, one = chosen(parents), chosen(table), chosen(table, *keys)
    assert whole.cost == pytest.approx(listing.cost + listing.rows * one.cost, rel=0.05)


def test_an_item_whose_type_is_not_told_is_asked_for_as_the_other_one_too() -> None:
    of_any = chosen("collaborations", ("item_id", Op.EQ))
    assert of_any.cost > 10 * chosen("collaborations", ("item_id", Op.EQ), ("item_type", Op.EQ)).cost


@pytest.mark.parametrize("ops", [(Op.EQ,), (Op.LIKE,), (Op.GLOB,), (Op.GE, Op.LT)])
@pytest.mark.parametrize("column", ["path", "parent_path"])
def test_many_branches_cost_less_than_the_whole_tree(column: str, ops: tuple[Op, ...]) -> None:
    branch = chosen("files", *((column, op) for op in ops))
    assert [term.op for term in branch.plan.scope] == list(ops)
    assert 50 * branch.cost < chosen("files").cost


def test_a_range_by_another_collation_is_no_branch() -> None:
    choice = choose(TABLES["files"], Request((Constraint(0, "path", Op.GE, as_column=False),)))
    assert choice is not None
    assert choice.plan.scope == ()
