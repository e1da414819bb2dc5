"""The event streams."""

import pytest

from box_dialect.emulator import clock


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
    assert ignored == read(box, limit=500)["entries"]


@pytest.mark.parametrize("stream", ["changes", "sync"])
def test_changes_leave_comments_out(box, place, stream):
    box.put(f"/folders/{place}", {"sync_state": "synced"})
    position = read(box, stream_position="now")["next_stream_position"]
    file = box.upload("c.txt", b"", place)["entries"][0]["id"]
    box.post("/comments", {"message": "m", "item": {"type": "file", "id": file}})
    everything = read(box, stream_position=position)["entries"]

    assert [event["event_type"] for event in everything] == ["ITEM_UPLOAD", "COMMENT_CREATE"]
    assert [event["event_type"] for event in read(box, stream_position=position, stream_type=stream)["entries"]] == [
        "ITEM_UPLOAD"
    ]


def test_refusals(box):
    for query in (
        "stream_type=nonsense", "stream_position=-1", "stream_position=soon", "stream_position=%D9%A1",
        "stream_type=admin_logs&created_after=soon", "limit=-1", "limit=x",
    ):  # fmt: skip
        box.get(f"/events?{query}", 400, check_request=False)
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/events?stream_type=admin_logs", 403)
        other.get("/events")


def test_synced_folders_alone_are_in_the_sync_stream(box, place):
    synced = box.folder("synced", place)
    box.put(f"/folders/{synced}", {"sync_state": "synced"})
    position = read(box, stream_position="now")["next_stream_position"]
    box.upload("not synced.txt", b"", place)
    box.upload("synced.txt", b"", box.folder("below", synced))

    entries = read(box, stream_position=position, stream_type="sync")["entries"]
    assert [event["source"]["name"] for event in entries] == ["below", "synced.txt"]


@pytest.mark.parametrize("position", ["0", "", "null"])
def test_from_the_beginning(box, position):
    first = read(box, limit=1)["entries"]

    assert read(box, stream_position=position, limit=1)["entries"] == first


def test_a_limit_is_at_most_five_hundred_and_a_hundred_by_default(start):
    with start(synthetic=1) as box:
        for _ in range(600):
            box.store.record("NEW_USER", box.store.admin, box.store.admin)

        assert read(box)["chunk_size"] == 100
        assert read(box, limit=5000)["chunk_size"] == 500
        last = read(box, stream_position=500)
        assert last["chunk_size"] == len(last["entries"]) == 100


def test_the_history_is_in_the_order_of_time(start):
    with start(synthetic=200) as box:
        times = [clock.parse(event["created_at"]) for event in read(box, stream_type="admin_logs")["entries"]]

    assert len(times) == 100
    assert times == sorted(times)


def test_what_an_event_does_not_know_is_absent(box, place):
    position = read(box, stream_position="now")["next_stream_position"]
    box.upload("bare.txt", b"", place)

    assert "session_id" not in read(box, stream_position=position)["entries"][0]


def test_what_is_told_of_an_event(box, place):
    position = read(box, stream_position="now")["next_stream_position"]
    box.upload("told.txt", b"", place)
    told = read(box, stream_position=position)["entries"][0]
    common = {"type", "event_id", "event_type", "created_by", "created_at", "recorded_at", "source"}

    assert told.keys() == common
    assert told["source"]["path_collection"]["entries"][0]["id"] == "0"
    audited = read(box, stream_position=position, stream_type="admin_logs")["entries"][0]
    assert audited.keys() == common | {"additional_details", "ip_address", "action_by"}
    assert (audited["event_id"], audited["source"]["item_type"]) == (told["event_id"], "file")


def test_metadata_is_told_to_the_enterprise_only(box, place):
    streams = {stream: read(box, stream_type=stream, stream_position="now") for stream in ("admin_logs", "all")}
    schema = {"scope": "enterprise", "templateKey": "told", "displayName": "Told", "copyInstanceOnItemCopy": True}
    fields = [{"type": "string", "key": "word", "displayName": "Word"}]
    template = box.post("/metadata_templates/schema", {**schema, "fields": fields})
    patch = {"headers": {"Content-Type": "application/json-patch+json"}}
    of_template = "/metadata_templates/enterprise/told/schema"
    box.put(of_template, [{"op": "editTemplate", "data": {"displayName": "Said"}}], **patch)
    file = box.upload("told.txt", b"", place)["entries"][0]["id"]
    of_file = f"/files/{file}/metadata/enterprise/told"
    box.post(of_file, {"word": "a"})
    box.put(of_file, [{"op": "replace", "path": "/word", "value": "b"}], **patch)
    box.put(of_file, [{"op": "test", "path": "/word", "value": "b"}], **patch)
    twin = box.post(f"/files/{file}/copy", {"parent": {"id": place}, "name": "twin.txt"})["id"]
    box.delete(of_file)
    box.delete(of_template)

    told, of_user = (
        read(box, stream_type=stream, stream_position=now["next_stream_position"])["entries"]
        for stream, now in streams.items()
    )
    told = [event for event in told if event["event_type"].startswith("METADATA")]
    assert [event["event_type"] for event in told] == [
        "METADATA_TEMPLATE_CREATE",
        "METADATA_TEMPLATE_UPDATE",
        "METADATA_INSTANCE_CREATE",
        "METADATA_INSTANCE_UPDATE",
        "METADATA_INSTANCE_COPY",
        "METADATA_INSTANCE_DELETE",
        "METADATA_TEMPLATE_DELETE",
    ]
    assert [event["source"].get("item_id") for event in told] == [None, None, file, file, twin, file, None]
    assert [told[number]["source"]["displayName"] for number in (0, 1)] == ["Told", "Said"]
    assert told[0]["source"]["id"] == template["id"]
    assert [event["event_type"] for event in of_user] == ["ITEM_UPLOAD", "ITEM_COPY"]
