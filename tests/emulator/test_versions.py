"""Past versions of files."""

import pytest


@pytest.fixture
def file(box, place):
    """Return the path of a file with three versions."""
    path = f"/files/{box.upload('one.txt', b'1', place)['entries'][0]['id']}"
    box.upload("two.txt", b"22", status=200, path=f"{path}/content")
    box.upload("three.txt", b"333", status=200, path=f"{path}/content")
    return path


def sizes(box, file):
    return [version["size"] for version in box.get(f"{file}/versions?fields=size")["entries"]]


def test_list_leaves_the_current_one_out(box, file):
    page = box.get(f"{file}/versions?limit=1")

    assert (page["total_count"], page["limit"], page["offset"]) == (2, 1, 0)
    assert page["entries"][0].keys() == {
        "type", "id", "sha1", "name", "size", "created_at", "modified_at", "modified_by", "trashed_at", "purged_at",
        "uploader_display_name",
    }  # fmt: skip
    assert sizes(box, file) == [2, 1]


def test_default_limit(box, file):
    assert box.get(f"{file}/versions")["limit"] == 1000


def test_get(box, file):
    current = box.get(file)["file_version"]["id"]
    version = box.get(f"{file}/versions/{current}?fields=version_number,size,name,trashed_at")

    assert (version["version_number"], version["size"], version["name"], version["trashed_at"]) == (
        "3", 3, "three.txt", None,
    )  # fmt: skip
    box.get(f"{file}/versions/1", 404)


def test_delete_and_restore(box, file):
    old = box.get(f"{file}/versions")["entries"][0]["id"]
    path = f"{file}/versions/{old}"
    box.delete(path, 412, headers={"if-match": "9"})
    box.delete(path)
    fields = "?fields=trashed_at,trashed_by,purged_at,restored_at,restored_by"
    deleted = box.get(path + fields)
    assert deleted["trashed_at"] < deleted["purged_at"]
    assert (deleted["trashed_by"]["id"], deleted["restored_by"]) == (box.ready["admin_user_id"], None)
    assert sizes(box, file) == [2, 1]

    assert box.put(path, {"trashed_at": None}, check_request=False)["trashed_at"] is None
    restored = box.get(path + fields)
    assert (restored["trashed_by"], restored["purged_at"]) == (None, None)
    assert (restored["restored_at"] is not None, restored["restored_by"]["id"]) == (True, box.ready["admin_user_id"])


def test_current_version_cannot_be_deleted(box, file):
    box.delete(f"{file}/versions/{box.get(file)['file_version']['id']}", 403)


def test_refused_promotions(box, file):
    oldest = box.get(f"{file}/versions")["entries"][1]["id"]
    box.post(f"{file}/versions/current", {}, 400)
    box.post(f"{file}/versions/current", {"id": oldest, "type": "file"}, 400, check_request=False)
    box.post(f"{file}/versions/current", {"id": "1", "type": "file_version"}, 404)

    assert sizes(box, file) == [2, 1]


def test_promote(box, file):
    oldest = box.get(f"{file}/versions")["entries"][1]["id"]
    promoted = box.post(f"{file}/versions/current", {"id": oldest, "type": "file_version"})
    got = box.get(file)

    assert promoted["id"] not in (oldest, None)
    assert (got["name"], got["size"], got["file_version"]["id"], got["etag"]) == ("one.txt", 1, promoted["id"], "3")
    assert sizes(box, file) == [3, 2, 1]
