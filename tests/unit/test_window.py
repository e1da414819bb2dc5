"""How far is looked ahead, by how well it was foreseen what is asked for, and by the LIMIT."""

from __future__ import annotations

from box_dialect.api import CallCount
from box_dialect.engine.demand import Demand
from box_dialect.engine.shared import Shared
from box_dialect.engine.window import Window

MOST = 8


def sizes(window: Window, *learned: tuple[bool | None, int]) -> list[int]:
    """Return the size after each thing that was asked for."""
    found = []
    for was_foreseen, skipped in learned:
        window.learn(was_foreseen=was_foreseen, skipped=skipped)
        found.append(window.size)
    return found


def test_it_doubles_with_each_that_was_foreseen_up_to_the_most() -> None:
    assert sizes(Window(MOST, Shared(CallCount())), (False, 0), *[(True, 0)] * 6) == [0, 1, 2, 4, 8, 8, 8]


def test_it_is_halved_where_some_were_passed_over_and_nothing_where_it_was_not_foreseen() -> None:
    window = Window(MOST, Shared(CallCount()))
    assert sizes(window, *[(True, 0)] * 4, (True, 1), (True, 3), (True, 0), (False, 2)) == [1, 2, 4, 8, 4, 2, 4, 0]


def test_it_stays_where_nothing_could_be_foreseen() -> None:
    assert sizes(Window(MOST, Shared(CallCount())), *[(True, 0)] * 3, (None, 0), (True, 0)) == [1, 2, 4, 4, 8]


def test_it_has_no_more_than_the_limit_wants() -> None:
    shared = Shared(CallCount())
    shared.demand = Demand(5)
    window = Window(MOST, shared)
    found = []
    for given in range(5):
        shared.demand.given = given
        found += sizes(window, (True, 0))
    assert found == [1, 2, 2, 1, 0]
    assert window.asked == 5
