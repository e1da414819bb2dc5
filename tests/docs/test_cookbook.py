"""The cookbook's queries give what stands below them, and cost about what is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from conftest import Box
from sweep import sweep

from docs.pages import script

if TYPE_CHECKING:
    from collections.abc import Iterator

COOKBOOK: Final = script("cookbook")
TEXT: Final = COOKBOOK.PAGE.read_text(encoding="utf-8")
RECIPES: Final = tuple(COOKBOOK.recipes(TEXT))
UNKNOWN: Final = {
    "Who did what on a day?": "the stream of events tells at its end alone that it ends",
    "What is in this table of figures?": "nobody knows how many documents there are before they are listed",
}
"""What no estimate has a bound of, and why."""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """The Box that the cookbook asks. Tests must leave it as it is."""
    with COOKBOOK.served() as emulator, Box(emulator).connect() as connection:
        connection.cursor().execute("SELECT path FROM items").fetchall()
        yield Box(emulator)


def test_the_cookbook_has_many_questions() -> None:
    questions = [recipe.question for recipe in RECIPES]
    assert len(set(questions)) == len(questions) >= 30
    assert set(questions) >= UNKNOWN.keys()


def test_the_answers_on_the_page_are_those_that_are_given(box: Box) -> None:
    with box.connect() as connection:
        assert COOKBOOK.written(TEXT, connection) == TEXT, "run: python docs/cookbook.py"


@sweep("recipe", RECIPES, ids=lambda recipe: recipe.question)
def test_a_query_costs_about_what_is_estimated(box: Box, recipe: Any) -> None:
    """Once the process has walked the tree; and where nobody can tell then, once it has listed what the query lists."""
    with box.connect() as connection:
        before = connection.estimate(recipe.query)
        cursor = connection.cursor().execute(recipe.query)
        cursor.fetchall()
        made, after = cursor.api_calls, connection.estimate(recipe.query)
    assert (after.most is None) == (recipe.question in UNKNOWN)
    for estimate in (before, after):
        assert estimate.least <= made
        assert estimate.most is None or made / 2 <= estimate.most <= 2 * made
