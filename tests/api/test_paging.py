"""Paging: from an answer to the parameters of the next page."""

import pytest

from box_dialect.api.paging import Paging, Position, first, following
from box_dialect.errors import NotSupportedError, OperationalError

pytestmark = pytest.mark.usefixtures("no_network")

ENTRIES = [{"id": "1"}]


def offset(position, **body):
    return following(Paging.OFFSET, position, body, limit=None)


def pages(paging, answers, limit=None):
    """Return the parameters of each call that reading all the answers takes."""
    position, asked = first(paging, limit), []
    for answer in answers:
        assert position is not None, "the listing ended before the last answer"
        asked.append(position.parameters)
        position = following(paging, position, answer, limit=limit)
    assert position is None, f"one more page is asked for: {position}"
    return asked


@pytest.mark.parametrize(
    ("paging", "limit", "parameters"),
    [
        (Paging.ONE, 100, {}),
        (Paging.ALL, 100, {}),
        (Paging.OFFSET, 100, {"limit": "100", "offset": "0"}),
        (Paging.OFFSET, None, {"offset": "0"}),
        (Paging.MARKER, 100, {"limit": "100"}),
        (Paging.MARKER, None, {}),
        (Paging.STREAM_POSITION, 100, {"limit": "100"}),
    ],
)
def test_the_first_page(paging, limit, parameters):
    assert first(paging, limit) == Position(parameters)


@pytest.mark.parametrize("paging", [Paging.ONE, Paging.ALL])
def test_what_has_no_pages_has_no_next_one(paging):
    assert following(paging, first(paging, 10), {"next_marker": "a", "total_count": 99, "limit": 1}, limit=10) is None


# Offset


def test_offset_advances_by_the_limit_that_box_returned():
    asked = pages(Paging.OFFSET, [{"limit": 100, "total_count": 250, "entries": ENTRIES}] * 3, limit=1000)
    assert [page["offset"] for page in asked] == ["0", "100", "200"]


def test_offset_passes_over_short_and_empty_pages():
    answers = [{"limit": 10, "total_count": 30, "entries": entries} for entries in (ENTRIES * 3, [], ENTRIES)]
    assert [page["offset"] for page in pages(Paging.OFFSET, answers, limit=10)] == ["0", "10", "20"]


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2)])
def test_offset_ends_at_the_total_count(total, calls):
    assert len(pages(Paging.OFFSET, [{"limit": 10, "total_count": total, "entries": ENTRIES}] * calls)) == calls


def test_offset_without_a_returned_limit_advances_by_the_one_asked_for():
    for limit in ({}, {"limit": None}, {"limit": 0}):
        answers = [{"total_count": 30, "entries": ENTRIES, **limit}] * 2
        assert [page["offset"] for page in pages(Paging.OFFSET, answers, limit=15)] == ["0", "15"]


@pytest.mark.parametrize("limit", [0, None, -1, "100", 1.5, [], {}])
def test_offset_without_any_usable_limit_is_an_error_and_no_endless_loop(limit):
    with pytest.raises(OperationalError, match="no limit"):
        offset(Position({"offset": "0"}), limit=limit, total_count=10, entries=ENTRIES)


def test_offset_without_a_total_count_ends_at_the_first_empty_page():
    answers = [{"limit": 10, "entries": ENTRIES}, {"limit": 10, "total_count": None, "entries": ENTRIES}]
    answers.append({"limit": 10, "entries": []})
    assert [page["offset"] for page in pages(Paging.OFFSET, answers)] == ["0", "10", "20"]


@pytest.mark.parametrize("total", ["250", [], {}, 1.5])
def test_offset_with_a_total_count_that_is_no_number_is_an_error(total):
    with pytest.raises(OperationalError, match="total count"):
        offset(first(Paging.OFFSET, 10), limit=10, total_count=total, entries=ENTRIES)


@pytest.mark.parametrize(("max_offset", "is_listed"), [(None, True), (20, True), (10, True), (9, False)])
def test_offset_beyond_what_box_lists_is_an_error_and_never_a_short_result(max_offset, is_listed):
    body = {"limit": 10, "total_count": 25, "entries": ENTRIES}
    if is_listed:
        coming = following(Paging.OFFSET, first(Paging.OFFSET, 10), body, limit=10, max_offset=max_offset)
        assert coming.parameters["offset"] == "10"
    else:
        with pytest.raises(NotSupportedError, match=r"no more than 9 rows .* 25 .*narrow the query"):
            following(Paging.OFFSET, first(Paging.OFFSET, 10), body, limit=10, max_offset=max_offset)


def test_the_last_page_is_no_error_at_the_maximum_offset():
    position = Position({"limit": "10", "offset": "10"})
    body = {"limit": 10, "total_count": 20, "entries": ENTRIES}
    assert following(Paging.OFFSET, position, body, limit=10, max_offset=10) is None


@pytest.mark.parametrize(
    ("paging", "body"),
    [
        (Paging.OFFSET, {"limit": 1, "total_count": 5, "entries": ENTRIES}),
        (Paging.MARKER, {"next_marker": "a", "entries": ENTRIES}),
        (Paging.STREAM_POSITION, {"next_stream_position": "a", "entries": ENTRIES}),
    ],
)
def test_the_coming_pages_have_their_own_limit(paging, body):
    position = first(paging, 1)
    assert following(paging, position, body, limit=1000).parameters["limit"] == "1000"
    assert following(paging, position, body, limit=None).parameters["limit"] == "1"


# Marker


@pytest.mark.parametrize("end", [{"next_marker": None}, {"next_marker": ""}, {}], ids=["null", "empty", "absent"])
def test_markers_lead_to_the_end(end):
    asked = pages(Paging.MARKER, [{"next_marker": "a"}, {"next_marker": 7}, end], limit=10)
    assert asked == [{"limit": "10"}, {"limit": "10", "marker": "a"}, {"limit": "10", "marker": "7"}]


@pytest.mark.parametrize("markers", [["a", "a"], ["a", "b", "a"], [1, "1"]])
def test_a_repeated_marker_is_an_error_and_no_endless_loop(markers):
    position = first(Paging.MARKER, 10)
    for marker in markers[:-1]:
        position = following(Paging.MARKER, position, {"next_marker": marker}, limit=10)
    with pytest.raises(OperationalError, match="repeated a paging marker"):
        following(Paging.MARKER, position, {"next_marker": markers[-1]}, limit=10)


@pytest.mark.parametrize("marker", [["a"], {"a": 1}, 1.5])
def test_a_marker_of_another_form_is_an_error(marker):
    with pytest.raises(OperationalError, match="marker that is no text"):
        following(Paging.MARKER, first(Paging.MARKER, 10), {"next_marker": marker}, limit=10)


# Stream position


@pytest.mark.parametrize(
    "end",
    [
        {"chunk_size": 0, "next_stream_position": "30", "entries": []},
        {"next_stream_position": "30", "entries": []},
        {"chunk_size": 1, "next_stream_position": "20", "entries": ENTRIES},
        {"chunk_size": 1, "next_stream_position": 20, "entries": ENTRIES},
        {"chunk_size": 1, "entries": ENTRIES},
        {"chunk_size": 1, "next_stream_position": "", "entries": ENTRIES},
    ],
    ids=["empty chunk", "no entries", "same position", "same position as a number", "none", "empty"],
)
def test_stream_positions_lead_to_the_end(end):
    answers = [
        {"chunk_size": 1, "next_stream_position": 10, "entries": ENTRIES},
        {"next_stream_position": "20", "entries": ENTRIES},
        end,
    ]
    asked = pages(Paging.STREAM_POSITION, answers)
    assert [page.get("stream_position") for page in asked] == [None, "10", "20"]


def test_a_stream_position_of_before_is_an_error_and_no_endless_loop():
    position = first(Paging.STREAM_POSITION, 10)
    for coming in ("10", "20"):
        body = {"chunk_size": 1, "next_stream_position": coming}
        position = following(Paging.STREAM_POSITION, position, body, limit=9)
    with pytest.raises(OperationalError, match="repeated"):
        following(Paging.STREAM_POSITION, position, {"chunk_size": 1, "next_stream_position": "10"}, limit=9)
