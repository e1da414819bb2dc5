"""Statements of every shape make hardly more calls than they need, in hardly more rounds than these take.

A sixteenth of them runs by default, and all where BOX_SHAPES is `all`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest
from planted_box import planted_box
from rounds import Rounds

from bench.shapes import SHAPES
from bench.tree import furnish, names_of
from box_dialect.emulator.app import App

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    from bench.shapes import Shape

WIDTH: Final = 16
SOME: Final = SHAPES[:: 1 if os.environ.get("BOX_SHAPES") == "all" else 16]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Ten folders in each of ten, ten files in each of these."""
    with planted_box() as box:
        yield box


@pytest.fixture(scope="module")
def names(box: Box) -> dict[str, str]:
    """What the statements name."""
    with box.connect() as connection:
        return names_of(connection)


@pytest.mark.parametrize("shape", SOME, ids=str)
def test_a_statement_takes_hardly_more_than_the_fewest_calls_and_rounds(
    box: Box, names: dict[str, str], shape: Shape
) -> None:
    with box.connect(max_concurrency=WIDTH) as connection:
        furnish(connection, names)
        cursor, rounds = connection.cursor(), Rounds()
        with rounds.holding(App):
            rounds.run(cursor, lambda: shape.run(cursor, names))
    assert cursor.api_calls <= shape.most_calls + WIDTH
    assert rounds.count <= 2 * (shape.calls / WIDTH + len(shape.levels))
