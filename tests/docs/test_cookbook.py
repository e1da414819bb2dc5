"""The cookbook's queries give what stands below them, and cost about what is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from conftest import Box
from sweep import sweep

from box_dialect.api import seen
from docs.pages import script

if TYPE_CHECKING:
    from collections.abc import Iterator

COOKBOOK: Final = script("cookbook")
TEXT: Final = COOKBOOK.PAGE.read_text(encoding="utf-8")
RECIPES: Final = tuple(COOKBOOK.recipes(TEXT))


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """The Box that the cookbook asks. Tests must leave it as it is."""
    with COOKBOOK.served() as emulator:
        yield Box(emulator)


def test_the_cookbook_has_many_questions() -> None:
    questions = [recipe.question for recipe in RECIPES]
    assert len(set(questions)) == len(questions) >= 30


def test_the_answers_on_the_page_are_those_that_are_given() -> None:
    """By a process that has asked this Box nothing before."""
    with COOKBOOK.served() as emulator, Box(emulator).connect() as connection:
        assert COOKBOOK.written(TEXT, connection) == TEXT, "run: python docs/cookbook.py"


@sweep("recipe", RECIPES, ids=lambda recipe: recipe.question)
@pytest.mark.parametrize(
    "walk", ["SELECT path FROM items", pytest.param("SELECT count(*) FROM items", marks=pytest.mark.long)]
)
def test_a_query_costs_about_what_is_estimated(box: Box, recipe: Any, walk: str) -> None:
    """Once the process has walked the tree, whatever it asked for; and once it has listed what the query lists."""
    with box.connect() as connection:
        connection.session.client.seen = seen.Seen()
        connection.cursor().execute(walk).fetchall()
        before = connection.estimate(recipe.query)
        cursor = connection.cursor().execute(recipe.query)
        cursor.fetchall()
        made, after = cursor.api_calls, connection.estimate(recipe.query)
    for estimate in (before, after):
        assert estimate.most is not None
        assert estimate.least <= made
        assert made / 2 <= estimate.most <= 2 * made
