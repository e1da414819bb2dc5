"""What folders and files are marked with: file requests, folder locks, watermarks, items of applications."""

from datetime import UTC, datetime, timedelta

import pytest

from box_dialect.emulator.resources.app_item_associations import AppItemAssociation


@pytest.fixture
def file(box, place):
    return box.upload("a.txt", b"", place)["entries"][0]["id"]


@pytest.fixture
def request_id(box, place):
    """Return the id of a file request on the folder of a test."""
    first = next(iter(box.store.file_requests))
    body = {"folder": {"type": "folder", "id": place}, "title": "Hand in", "description": "All", "status": "active"}
    return box.post(f"/file_requests/{first}/copy", body, 200)["id"]


def test_a_copy_of_a_file_request_is_as_the_request_unless_told_otherwise(box, place, request_id):
    target = box.folder("target", place)
    twin = box.post(f"/file_requests/{request_id}/copy", {"folder": {"id": target}, "is_email_required": True}, 200)
    assert (twin["title"], twin["description"], twin["is_email_required"]) == ("Hand in", "All", True)
    assert (twin["folder"]["id"], twin["etag"], twin["expires_at"]) == (target, "0", None)
    assert twin["url"].startswith("/f/")
    assert twin["url"] != box.get(f"/file_requests/{request_id}")["url"]
    assert box.post(f"/file_requests/{request_id}/copy", {"folder": {"id": "1"}}, 404)["code"] == "not_found"


def test_a_file_request_is_changed_as_it_was_seen(box, request_id):
    path, old = f"/file_requests/{request_id}", {"if-match": "0"}
    changed = box.put(path, {"title": "Now"}, headers=old)
    assert (changed["title"], changed["etag"], changed["updated_by"]["id"]) == ("Now", "1", box.ready["admin_user_id"])
    assert box.put(path, {"title": "Again"}, 412, headers=old)["code"] == "precondition_failed"


def test_a_file_request_that_expired_is_inactive(box, request_id):
    path = f"/file_requests/{request_id}"
    soon = datetime.now(UTC) + timedelta(hours=1)
    box.put(path, {"expires_at": soon.isoformat(timespec="seconds")})
    assert box.get(path)["status"] == "active"
    with box.clock(2 * 3600):
        assert box.get(path)["status"] == "inactive"


def test_who_may_not_edit_the_folder_may_see_its_file_request_only(box, place, request_id):
    box.share(place, role="viewer")
    with box.signed_in(box.ready["user_id"]) as viewer:
        path = f"/file_requests/{request_id}"
        assert viewer.get(path)["title"] == "Hand in"
        viewer.put(path, {"title": "x"}, 403)
        viewer.delete(path, 403)
        viewer.post(f"{path}/copy", {"folder": {"type": "folder", "id": place}}, 403)


def test_a_file_request_is_copied_to_where_one_may_edit(box, place, request_id):
    other = box.folder("other", place)
    box.share(place, role="editor")
    with box.signed_in(box.ready["user_id"]) as editor:
        path, target = f"/file_requests/{request_id}/copy", {"type": "folder", "id": other}
        assert editor.post(path, {"folder": target}, 200)["folder"]["id"] == other
        elsewhere = box.folder(f"elsewhere {place}")
        box.share(elsewhere, role="viewer")
        editor.post(path, {"folder": {"type": "folder", "id": elsewhere}}, 403)


def lock(box, folder, status=200, **options):
    return box.post("/folder_locks", {"folder": {"type": "folder", "id": folder}, **options}, status)


def test_a_locked_folder_is_neither_moved_nor_deleted(box, place):
    folder, target = box.folder("locked", place), box.folder("target", place)
    made = lock(box, folder)
    assert (made["lock_type"], made["locked_operations"]) == ("freeze", {"move": True, "delete": True})
    assert made["created_by"] == {"type": "user", "id": box.ready["admin_user_id"]}
    assert made["created_at"].endswith(".000Z")

    for refused in (
        lambda: box.put(f"/folders/{folder}", {"parent": {"id": target}}, 403),
        lambda: box.delete(f"/folders/{folder}", 403),
    ):
        assert refused()["code"] == "access_denied_item_locked"
    assert box.put(f"/folders/{folder}", {"name": "renamed", "parent": {"id": place}})["name"] == "renamed"
    listed = box.get(f"/folder_locks?folder_id={folder}")
    assert ([each["id"] for each in listed["entries"]], listed["limit"]) == ([made["id"]], "1000")

    box.delete(f"/folder_locks/{made['id']}")
    box.put(f"/folders/{folder}", {"parent": {"id": target}})
    box.delete(f"/folders/{folder}")


def test_what_a_lock_is_made_of(box, place, file):
    assert lock(box, place, 400, locked_operations={"move": True, "delete": False})["code"] == "bad_request"
    box.post("/folder_locks", {"folder": {"type": "file", "id": file}}, 400)
    assert box.get("/folder_locks", 400, check_request=False)["context_info"]["errors"][0]["name"] == "folder_id"
    assert box.get("/folder_locks?folder_id=abc", 405)["code"] == "method_not_allowed"
    assert box.get("/folder_locks?folder_id=1", 404)["code"] == "not_found"


def test_only_owners_of_a_folder_may_lock_it(box, place):
    made, collaboration = lock(box, place), box.share(place)
    with box.signed_in(box.ready["user_id"]) as other:
        lock(other, place, 404)
        other.get(f"/folder_locks?folder_id={place}", 403)
        other.delete(f"/folder_locks/{made['id']}", 403)
        box.put(f"/collaborations/{collaboration}", {"role": "co-owner"})
        lock(other, place)
        other.delete(f"/folder_locks/{made['id']}")


@pytest.mark.parametrize("kind", ["files", "folders"])
def test_watermarks(box, place, file, kind):
    path = f"/{kind}/{file if kind == 'files' else place}"
    mark = {"watermark": {"imprint": "default"}}
    assert box.get(f"{path}/watermark", 404)["code"] == "not_found"
    assert box.get(f"{path}?fields=watermark_info")["watermark_info"]["is_watermarked"] is False

    made = box.put(f"{path}/watermark", mark, 201)["watermark"]
    assert made.keys() == {"created_at", "modified_at"}
    assert box.put(f"{path}/watermark", mark)["watermark"]["created_at"] == made["created_at"]
    assert box.get(f"{path}/watermark")["watermark"].keys() == made.keys()
    assert box.get(f"{path}?fields=watermark_info")["watermark_info"] == {
        "is_watermarked": True, "is_watermark_inherited": False, "is_watermarked_by_access_policy": False,
    }  # fmt: skip

    box.share(place)
    with box.signed_in(box.ready["user_id"]) as editor:
        editor.put(f"{path}/watermark", mark, 403)
        editor.delete(f"{path}/watermark", 403)
    box.put("/folders/0/watermark", mark, 403)
    box.delete(f"{path}/watermark")
    assert box.delete(f"{path}/watermark", 404)["code"] == "not_found"
    events = box.get("/events?stream_position=0&limit=500")["entries"]
    assert [event["event_type"] for event in events if event["event_type"].startswith("WATERMARK")][-2:] == [
        "WATERMARK_LABEL_CREATE", "WATERMARK_LABEL_DELETE",
    ]  # fmt: skip


def test_a_watermark_holds_below_the_folder(box, place, file):
    box.put(f"/folders/{place}/watermark", {"watermark": {"imprint": "default"}}, 201)
    assert box.get(f"/files/{file}?fields=watermark_info")["watermark_info"] == {
        "is_watermarked": True, "is_watermark_inherited": True, "is_watermarked_by_access_policy": False,
    }  # fmt: skip
    box.get(f"/files/{file}/watermark", 404)


def test_app_items_are_those_of_the_folders_above_too(box, place, file):
    folder, inner = box.store.folders[place], box.folder("inner", place)
    of_folder = box.store.add(AppItemAssociation(item=folder, app_item_id="17", application_type="hubs"))
    of_file = box.store.add(AppItemAssociation(item=box.store.files[file], app_item_id="18", application_type="x"))

    page = box.get(f"/files/{file}/app_item_associations")
    assert [entry["id"] for entry in page["entries"]] == [of_file.id, of_folder.id]
    assert page["entries"][1] == {
        "type": "app_item_association",
        "id": of_folder.id,
        "app_item": {"type": "app_item", "id": "17", "application_type": "hubs"},
        "item": {"type": "folder", "id": place, "etag": "0"},
    }
    wanted = box.get(f"/files/{file}/app_item_associations?application_type=x")
    assert [entry["id"] for entry in wanted["entries"]] == [of_file.id]
    assert [entry["id"] for entry in box.get(f"/folders/{inner}/app_item_associations")["entries"]] == [of_folder.id]
    told = [box.get(f"/folders/{each}?fields=is_associated_with_app_item") for each in (inner, box.folder("x"))]
    assert [each["is_associated_with_app_item"] for each in told] == [True, False]
