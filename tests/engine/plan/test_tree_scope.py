"""A walk enters every folder on the way to a row that SQLite finds, and few others."""

from __future__ import annotations

from itertools import product
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

from box_dialect.catalog.model import Location, Op
from box_dialect.engine.plan.tree_scope import SCOPE_COLUMNS, excludes_root, scope

pytestmark = pytest.mark.usefixtures("no_network")

NAMES = ("a", "A", "ab", "%", "_", "a_", "[a]", "*", "ä", "Ä", "1")
FOLDERS = [Location("0", "/", 0)]
for depth in (1, 2, 3):
    FOLDERS += [
        Location("", f"{parent.prefix}{name}/", depth)
        for parent, name in product([f for f in FOLDERS if f.depth == depth - 1], NAMES[: 7 - depth])
    ]
SQLITE = apsw.Connection(":memory:")
SQLITE.execute("CREATE TABLE rows (path TEXT, parent_path TEXT, depth INTEGER)")
SQLITE.executemany(
    "INSERT INTO rows VALUES (?, ?, ?)",
    [(f"{f.prefix}{name}", f.prefix[:-1] or "/", f.depth + 1) for f in FOLDERS for name in NAMES],
)
ONE_VALUE = [(column, op) for column, ops in SCOPE_COLUMNS.items() for op in ops if op is not Op.IN]


def ways(where: str, values: tuple[Any, ...]) -> set[str]:
    """Return the prefixes of the folders on the way to each row that SQLite finds."""
    found = SQLITE.execute(f"SELECT DISTINCT parent_path FROM rows WHERE {where}", values)
    prefixes = set()
    for (parent,) in found:
        parts = parent.rstrip("/").split("/")
        prefixes |= {"/".join(parts[:number]) + "/" for number in range(1, len(parts) + 1)}
    return prefixes


def entered(bound: list[tuple[str, Op, tuple[Any, ...]]]) -> set[str]:
    chosen = scope(bound)
    return {folder.prefix for folder in FOLDERS if chosen(folder)}


paths = st.lists(st.sampled_from(NAMES), max_size=4).map(lambda names: "/" + "/".join(names))
values = (
    paths
    | st.sampled_from([None, "", "/", "//", "/a/", 0, 1, 2, 3, 1.5, "2", " 1e0 ", "2.", "x", b"/a", b"\x00"])
    | st.builds(
        lambda path, cut, end: path[:cut] + end,
        paths,
        st.integers(0, 8),
        st.sampled_from(["%", "_", "*", "?", "[a", "%/a", "0", "/", "a/0", "B", "\ue000", "\U0001f600"]),
    )
)


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(ONE_VALUE), values)
def test_every_way_to_a_row_is_entered(comparison: tuple[str, Op], value: Any) -> None:
    column, op = comparison
    assert ways(f"{column} {op.value} ?", (value,)) <= entered([(column, op, (value,))])


@settings(max_examples=examples(75), deadline=None)
@given(st.sampled_from(list(SCOPE_COLUMNS)), st.lists(values, min_size=1, max_size=3))
def test_every_way_to_a_row_of_a_list_is_entered(column: str, several: list[Any]) -> None:
    marks = ", ".join("?" * len(several))
    assert ways(f"{column} IN ({marks})", tuple(several)) <= entered([(column, Op.IN, tuple(several))])


@sweep(
    ("column", "op", "value", "expected"),
    [
        ("path", Op.EQ, "/a/ab/x", {"/", "/a/", "/a/ab/"}),
        ("path", Op.EQ, "/nowhere", {"/"}),
        ("path", Op.EQ, None, set()),
        ("path", Op.GLOB, "/a/ab/*", {"/", "/a/", "/a/ab/"}),
        ("parent_path", Op.EQ, "/a", {"/", "/a/"}),
        ("parent_path", Op.EQ, "/", {"/"}),
        ("depth", Op.EQ, 1, {"/"}),
        ("depth", Op.LE, 0, set()),
        ("depth", Op.EQ, "1", {"/"}),
        ("depth", Op.LT, " 1.5e0\n", {"/"}),
        ("depth", Op.LE, "0", set()),
        ("path", Op.LE, "/", {"/"}),
        ("path", Op.LT, "/", set()),
        ("path", Op.GT, "/b", {"/"}),
        ("path", Op.GE, None, set()),
        ("parent_path", Op.LT, "/", set()),
        ("parent_path", Op.LE, "/", {"/"}),
        ("parent_path", Op.GE, "0", set()),
    ],
)
def test_no_other_branch_is_entered(column: str, op: Op, value: Any, expected: set[str]) -> None:
    some = {
        prefix for prefix in entered([(column, op, (value,))]) if not prefix.startswith("/a/ab/") or prefix == "/a/ab/"
    }
    assert some == expected


def test_all_conditions_have_to_hold() -> None:
    both = [("path", Op.LIKE, ("/a/%",)), ("depth", Op.LT, (3,))]
    assert entered(both) == entered(both[:1]) & entered(both[1:]) == {"/", "/a/", "/A/"}


@pytest.mark.parametrize(("column", "first", "last"), [("path", "/a/", "/a0"), ("parent_path", "/a/ab", "/a/ab0")])
def test_two_ends_enclose_a_branch(column: str, first: str, last: str) -> None:
    found = entered([(column, Op.GE, (first,)), (column, Op.LT, (last,))])
    assert found == ways(f"{column} >= ? AND {column} < ?", (first, last))


@sweep(
    ("column", "op", "operands", "excluded"),
    [
        ("path", Op.EQ, ("/",), False),
        ("path", Op.IN, ("/a", "/"), False),
        ("path", Op.IN, ("/a",), True),
        ("path", Op.LIKE, ("/a",), True),
        ("path", Op.LIKE, ("/a%",), True),
        ("path", Op.LIKE, ("/%",), False),
        ("path", Op.LIKE, ("_",), False),
        ("path", Op.LIKE, (None,), False),
        ("path", Op.LIKE, (b"/a",), False),
        ("path", Op.GLOB, ("/A*",), True),
        ("path", Op.GLOB, ("[/]",), False),
        ("parent_path", Op.EQ, ("/",), True),
        ("path", Op.GT, ("/",), True),
        ("path", Op.GE, ("/",), False),
        ("path", Op.LT, ("/a",), False),
        ("path", Op.LE, ("",), True),
        ("path", Op.GT, (b"/a",), False),
        ("path", Op.LT, (5,), False),
        ("parent_path", Op.LT, ("/",), True),
        ("depth", Op.EQ, (0,), False),
        ("depth", Op.EQ, (1,), True),
        ("depth", Op.EQ, ("0",), False),
        ("depth", Op.EQ, ("1",), True),
        ("depth", Op.EQ, ("x",), False),
        ("depth", Op.IN, (0.0, 1), False),
        ("depth", Op.IN, (1, 2), True),
        ("depth", Op.LE, (1,), False),
    ],
)
def test_the_root_folder_is_left_out_only_where_it_cannot_match(
    column: str, op: Op, operands: tuple[Any, ...], excluded: bool
) -> None:
    assert excludes_root([(column, op, operands)]) is excluded
