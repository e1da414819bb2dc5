"""What a statement takes note of counts from when Box answered."""

from __future__ import annotations

import pytest

from box_dialect.catalog.folder_items import FOLDER_ITEMS
from box_dialect.catalog.model import Having, Op
from box_dialect.catalog.tables.collaboration import comments
from box_dialect.engine.plan.plan import Plan, Term
from box_dialect.engine.scan.negative_cache import SECONDS_KEPT, NegativeCache
from box_dialect.engine.scan.side_rows import SideRows

pytestmark = pytest.mark.usefixtures("no_network")

FILE = {"type": "file", "id": "1", "comment_count": 0}
OF_FILE = next(path for path in comments.paths if path.name == "by file")
PLAN = Plan(comments, OF_FILE, (Term("item_id", Op.EQ, 0),))


def childless() -> tuple[NegativeCache, list[float]]:
    """Return what the statements of a connection know, and the time, which a test may add to."""
    time = [0.0]
    known = NegativeCache(lambda: time[0])
    known.signs.add(("file", Having("comment_count")))
    return known, time


def note(shelf: SideRows) -> None:
    shelf.note_empty_of([FILE], FOLDER_ITEMS, ["comment_count"])


def knows(shelf: SideRows) -> bool:
    return shelf.get(PLAN, ("1",)) is not None


def test_an_answer_that_a_statement_reads_again_is_none_of_now() -> None:
    known, time = childless()
    shelf = SideRows(known)
    note(shelf)
    time[0] = SECONDS_KEPT - 1
    note(shelf)
    assert knows(SideRows(known))
    time[0] = SECONDS_KEPT
    assert not knows(SideRows(known))


def test_a_later_answer_counts_anew() -> None:
    known, time = childless()
    note(SideRows(known))
    time[0] = SECONDS_KEPT - 1
    note(SideRows(known))
    time[0] = SECONDS_KEPT
    assert knows(SideRows(known))


def test_a_statement_goes_by_what_it_has_read_itself_to_its_end() -> None:
    known, time = childless()
    shelf = SideRows(known)
    note(shelf)
    known.forget()
    time[0] = 2 * SECONDS_KEPT
    assert knows(shelf)
    assert not knows(SideRows(known))
