"""The event streams."""

import pytest


def read(box, **query):
    return box.get("/events?" + "&".join(f"{name}={value}" for name, value in query.items()), check_request=False)


def test_now_then_what_happens_after(box, place):
    now = read(box, stream_position="now")
    assert (now["chunk_size"], now["entries"]) == (0, [])
    file = box.upload("event.txt", b"", place)["entries"][0]["id"]
    box.put(f"/files/{file}", {"name": "renamed.txt"})
    page = read(box, stream_position=now["next_stream_position"])

    assert [event["event_type"] for event in page["entries"]] == ["ITEM_UPLOAD", "ITEM_RENAME"]
    assert [event["source"]["name"] for event in page["entries"]] == ["event.txt", "renamed.txt"]
    assert page["entries"][0]["created_by"]["id"] == box.ready["admin_user_id"]
    assert page["chunk_size"] == 2
    end = read(box, stream_position=page["next_stream_position"])
    assert (end["chunk_size"], end["next_stream_position"]) == (0, page["next_stream_position"])


def test_chunks_are_the_whole_stream(box):
    whole, seen, position = read(box, limit=500), [], "0"
    while len(seen) < whole["chunk_size"]:
        chunk = read(box, limit=7, stream_position=position)
        assert 0 < chunk["chunk_size"] <= 7
        seen += [event["event_id"] for event in chunk["entries"]]
        position = chunk["next_stream_position"]

    assert seen == [event["event_id"] for event in whole["entries"]]
    assert len(set(seen)) == len(seen) > 20


def test_enterprise_stream_names_things_otherwise(box, place):
    position = read(box, stream_type="admin_logs", stream_position="now")["next_stream_position"]
    file = box.upload("admin.txt", b"", place)["entries"][0]["id"]
    event = read(box, stream_type="admin_logs", stream_position=position)["entries"][0]

    assert isinstance(position, str)
    assert event["event_type"] == "UPLOAD"
    assert (event["source"]["item_id"], event["source"]["item_name"]) == (file, "admin.txt")


def test_filter_by_time_and_type(box):
    events = read(box, stream_type="admin_logs", limit=500)["entries"]
    middle = events[5]["created_at"]
    after = read(box, stream_type="admin_logs", limit=500, created_after=middle)["entries"]
    before = read(box, stream_type="admin_logs", limit=500, created_before=middle)["entries"]

    assert events[5]["event_id"] in {event["event_id"] for event in after}
    assert 0 < len(after) < len(events)
    assert 0 < len(before) < len(events)
    uploads = read(box, stream_type="admin_logs_streaming", limit=500, event_type="UPLOAD,EDIT")["entries"]
    assert {event["event_type"] for event in uploads} <= {"UPLOAD", "EDIT"}
    ignored = read(box, limit=500, event_type="UPLOAD", created_after="2099-01-01T00:00:00Z")["entries"]
    assert len(ignored) == len(events)


@pytest.mark.parametrize("stream", ["changes", "sync"])
def test_changes_leave_comments_out(box, place, stream):
    position = read(box, stream_position="now")["next_stream_position"]
    file = box.upload("c.txt", b"", place)["entries"][0]["id"]
    box.post("/comments", {"message": "m", "item": {"type": "file", "id": file}})
    everything = read(box, stream_position=position)["entries"]

    assert [event["event_type"] for event in everything] == ["ITEM_UPLOAD", "COMMENT_CREATE"]
    assert [event["event_type"] for event in read(box, stream_position=position, stream_type=stream)["entries"]] == [
        "ITEM_UPLOAD"
    ]


def test_refusals(box):
    for query in ("stream_type=nonsense", "stream_position=-1", "stream_type=admin_logs&created_after=soon"):
        box.get(f"/events?{query}", 400, check_request=False)
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/events?stream_type=admin_logs", 403)
        other.get("/events")


def test_realtime_server(box):
    answer = box.call("OPTIONS", "/events").json()

    assert answer["entries"][0]["type"] == "realtime_server"
