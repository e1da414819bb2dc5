"""Search that lags behind changes, as Box's index does."""

import pytest

MINUTE, LAG = 60, 600


@pytest.fixture
def lagging(start):
    with start(index_lag=LAG) as box:
        yield box


def count(box, word, more=""):
    return box.get(f"/search?query={word}{more}")["total_count"]


def test_what_was_there_at_the_start_is_found(lagging):
    assert count(lagging, "contracts") == 1


def test_changes_are_found_after_a_while(lagging):
    folder = lagging.folder("wordbefore")
    assert count(lagging, "wordbefore") == 0
    assert "wordbefore" in {entry["name"] for entry in lagging.get("/folders/0/items")["entries"]}
    with lagging.clock(LAG - MINUTE):
        assert count(lagging, "wordbefore") == 0
    with lagging.clock(LAG + MINUTE):
        assert count(lagging, "wordbefore") == 1
        lagging.put(f"/folders/{folder}", {"name": "wordafter"})
        assert (count(lagging, "wordbefore"), count(lagging, "wordafter")) == (1, 0)
    with lagging.clock(2 * LAG + 3 * MINUTE):
        assert (count(lagging, "wordbefore"), count(lagging, "wordafter")) == (0, 1)


def test_what_is_gone_is_not_found_all_the_same(lagging):
    folder = lagging.folder("wordgone")
    with lagging.clock(LAG + MINUTE):
        assert count(lagging, "wordgone") == 1
        lagging.delete(f"/folders/{folder}")
        assert (count(lagging, "wordgone"), count(lagging, "wordgone", "&trash_content=trashed_only")) == (0, 1)
        lagging.delete(f"/folders/{folder}/trash")
        assert count(lagging, "wordgone", "&trash_content=all_items") == 0


def test_the_lag_is_set_by_a_control(start):
    with start() as box:
        assert box.control("POST", "/index", json={"lag": LAG}).status_code == 204
        box.folder("wordlate")
        assert count(box, "wordlate") == 0
        assert box.control("POST", "/index", json={"lag": 0}).status_code == 204
        assert count(box, "wordlate") == 1
        for body in ({"lag": -1}, {}, {"lag": "long"}, {"log": 1}):
            assert box.control("POST", "/index", json=body).status_code == 400
