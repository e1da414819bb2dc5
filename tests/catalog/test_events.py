"""Events: what a stream has beside them, and how a program goes on where it was."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS
from scripted_box import Asked, ScriptedBox, plan, rows

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

STREAMS = ["all", "admin_logs", "admin_logs_streaming"]
ADA = {"type": "user", "id": "7", "name": "Ada", "login": "ada@example.com"}


def stream(*events: dict[str, Any], page: int = 3) -> Any:
    """Return what answers a stream by pages, whose positions are the numbers of the events before them."""

    def answer(asked: Asked) -> Any:
        start = int(asked.parameters.get("stream_position", "0"))
        found = events[start : start + min(page, int(asked.parameters["limit"]))]
        entries = [{"type": "event", **each} for each in found]
        return {"chunk_size": len(found), "next_stream_position": str(start + len(found)), "entries": entries}

    return answer


def numbered(count: int, **values: Any) -> list[dict[str, Any]]:
    return [{"event_id": f"e{number}", "event_type": f"T{number % 2}", **values} for number in range(count)]


def test_an_event_tells_who_did_it_and_from_where(box: ScriptedBox) -> None:
    told = {"ip_address": "192.0.2.7", "action_by": ADA, "session_id": "s", "additional_details": {"size": 5}}
    box.answers["GET /events"] = stream(*numbered(1, **told))
    with box.connected() as connection:
        columns = "ip_address, action_by_id, action_by_name, action_by_login, session_id, additional_details ->> 'size'"
        found = rows(connection, f"SELECT {columns} FROM events WHERE stream_type = 'admin_logs'")
    assert found == [("192.0.2.7", "7", "Ada", "ada@example.com", "s", 5)]


def test_box_narrows_the_streams_of_the_enterprise(box: ScriptedBox) -> None:
    box.answers["GET /events"] = stream()
    statement = (
        "SELECT event_id FROM events WHERE stream_type = ? AND event_type IN ('UPLOAD', 'DELETE') "
        "AND created_at >= '2026-01-01' AND created_at < '2026-02-01' AND stream_position > '5'"
    )
    types, times = (
        {"event_type": "DELETE,UPLOAD"},
        {"created_after": "2026-01-01", "created_before": "2026-02-01T00:00:01Z"},
    )
    with box.connected() as connection:
        for name, narrowed in (("all", {}), ("admin_logs", {**types, **times}), ("admin_logs_streaming", types)):
            box.asked.clear()
            rows(connection, statement, name)
            sent = {key: value.removesuffix("T00:00:00Z") for key, value in box.asked[0].parameters.items()}
            assert sent == {"stream_type": name, "stream_position": "5", "limit": "500"} | narrowed
        assert "stream_position > ?" in plan(connection, statement, "admin_logs")


@pytest.mark.long
@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("limit", ["", "LIMIT 2"])
@pytest.mark.parametrize("condition", ["", "AND event_type = 'T1'"])
def test_each_position_continues_right_behind_its_event(
    box: ScriptedBox, after: int, limit: str, condition: str
) -> None:
    box.answers["GET /events"] = stream(*numbered(8))
    with box.connected() as connection:
        found = rows(connection, f"SELECT event_id, stream_position FROM events WHERE true {condition}")
        left = [event for event, _ in found if int(event[1:]) > after]
        position = dict(rows(connection, "SELECT event_id, stream_position FROM events"))[f"e{after}"]
        statement = f"SELECT event_id FROM events WHERE stream_position > ? {condition} {limit}"
        assert [event for (event,) in rows(connection, statement, position)] == left[: 2 if limit else None]


def test_a_page_that_lacks_the_event_is_given_whole(box: ScriptedBox) -> None:
    box.answers["GET /events"] = stream(*numbered(4))
    with box.connected() as connection:
        assert len(rows(connection, "SELECT event_id FROM events WHERE stream_position > '1:gone'")) == 3


@pytest.mark.long
@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("limit", ["", "LIMIT 3"])
def test_a_program_that_polls_gets_each_event_once(fresh: Box, name: str, limit: str) -> None:
    made = [f"polled {number}" for number in range(40)]

    def make() -> None:
        with fresh.connect() as connection:
            for folder in made:
                connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES (?, '0')", (folder,))

    statement = (
        "SELECT source_name, stream_position FROM events WHERE stream_type = ? AND stream_position > ? "
        f"AND source_name LIKE 'polled %' {limit}"
    )
    maker, found = threading.Thread(target=make), list[str]()
    with fresh.connect() as connection:
        [(position,)] = rows(connection, "SELECT stream_position FROM event_positions WHERE stream_type = ?", name)
        maker.start()
        ends = time.monotonic() + PATIENCE_SECONDS
        while len(found) < len(made) and time.monotonic() < ends:
            coming = rows(connection, statement, name, position)
            found += [folder for folder, _ in coming]
            position = coming[-1][1] if coming else position
        maker.join()
        assert rows(connection, statement, name, position) == []
    assert found == made


def test_the_newest_position_is_behind_all_events(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor().execute(
            "SELECT p.stream_type, count(e.event_id) FROM event_positions p LEFT JOIN events e "
            "ON e.stream_type = p.stream_type AND e.stream_position > p.stream_position "
            "WHERE p.stream_type IN ('all', 'admin_logs') GROUP BY 1"
        )
        assert (cursor.fetchall(), cursor.api_calls) == ([("admin_logs", 0), ("all", 0)], 4)


@pytest.mark.parametrize("position", ["", "a b", "1:2:3"])
def test_what_is_no_position_is_refused(small: Box, position: str) -> None:
    with small.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="stream_position is that"):
        rows(connection, "SELECT event_id FROM events WHERE stream_position > ?", position)


@pytest.mark.parametrize("comparison", [">= '1'", "= '1'", "< '1'", "BETWEEN '1' AND '2'"])
def test_positions_are_compared_in_one_way(small: Box, comparison: str) -> None:
    with small.connect() as connection, pytest.raises(box_dialect.NotSupportedError):
        rows(connection, f"SELECT event_id FROM events WHERE stream_position {comparison}")
