"""Files: reading, changing, locking, copying and deleting them."""

import pytest


@pytest.fixture
def file(box, place):
    return box.upload("file.tar.gz", b"hello", place)["entries"][0]["id"]


def test_get(box, file, place):
    got = box.get(f"/files/{file}")

    assert (got["name"], got["size"], got["etag"], got["parent"]["id"]) == ("file.tar.gz", 5, "0", place)
    assert got["sha1"] == got["file_version"]["sha1"] == "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
    assert [step["id"] for step in got["path_collection"]["entries"]] == ["0", place]
    assert (got["item_status"], got["trashed_at"], got["shared_link"], got["description"]) == ("active", None, None, "")


def test_extension_and_counts_are_asked_for(box, file):
    got = box.get(f"/files/{file}?fields=extension,comment_count,has_collaborations,version_number")

    assert (got["extension"], got["comment_count"], got["has_collaborations"], got["version_number"]) == (
        "gz", 0, False, "1",
    )  # fmt: skip


def test_missing_file(box):
    error = box.get("/files/999", 404)

    assert (error["code"], error["context_info"]["errors"][0]["name"]) == ("not_found", "item")


def test_request_id_differs_from_the_header(box):
    response = box.call("GET", "/files/999", 404)

    assert response.headers["box-request-id"] != response.json()["request_id"]


def test_wrong_method_and_unknown_path(box):
    root = box.ready["api_base_url"]

    assert box.http.put(f"{root}/folders").json()["code"] == "method_not_allowed"
    assert box.http.get(f"{root}/nonsense").json()["code"] == "not_found"


def test_rename_and_move_at_once(box, file, place):
    target = box.folder("target", place)
    got = box.put(f"/files/{file}", {"name": "new.txt", "parent": {"id": target}})

    assert (got["name"], got["parent"]["id"], got["etag"]) == ("new.txt", target, "1")


def test_rename_to_a_taken_name(box, file, place):
    other = box.upload("other", b"", place)["entries"][0]["id"]
    conflict = box.put(f"/files/{file}", {"name": "OTHER"}, 409)

    assert conflict["context_info"]["conflicts"][0]["id"] == other
    assert box.get(f"/files/{file}")["name"] == "file.tar.gz"


def test_if_match_and_if_none_match(box, file):
    box.put(f"/files/{file}", {"name": "x"}, 412, headers={"if-match": "3"})
    box.get(f"/files/{file}", 304, headers={"if-none-match": "0"})
    box.put(f"/files/{file}", {"description": "d"}, headers={"if-match": "0"})
    box.get(f"/files/{file}", 200, headers={"if-none-match": "0"})
    box.delete(f"/files/{file}", 412, headers={"if-match": "0"})


def test_move_is_not_guarded_by_if_match(box, file, place):
    target = box.folder("target", place)

    box.put(f"/files/{file}", {"parent": {"id": target}}, headers={"if-match": "77"})


def test_content_modified_at_can_be_set(box, file):
    got = box.put(f"/files/{file}", {"content_modified_at": "2020-02-03T04:05:06Z"}, check_request=False)

    assert got["content_modified_at"] == "2020-02-02T20:05:06-08:00"
    for text in ("yesterday", "1969-12-31T23:59:59Z", 5):
        box.put(f"/files/{file}", {"content_modified_at": text}, 400, check_request=False)
    early = box.put(f"/files/{file}", {"content_modified_at": "1970-01-01T00:00:00Z"}, check_request=False)
    assert early["content_modified_at"] == "1969-12-31T16:00:00-08:00"


def test_lock(box, file):
    body = {"lock": {"access": "lock", "is_download_prevented": True}}
    lock = box.put(f"/files/{file}?fields=lock", body, check_request=False)["lock"]
    assert (lock["type"], lock["created_by"]["id"], lock["is_download_prevented"]) == (
        "lock", box.ready["admin_user_id"], True,
    )  # fmt: skip
    box.share(file, kind="file")
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.put(f"/files/{file}", {"name": "x"}, 403)["code"] == "access_denied_item_locked"
        other.delete(f"/files/{file}", 403)

    assert box.put(f"/files/{file}?fields=lock", {"lock": None})["lock"] is None


def test_lock_expires(box, file):
    body = {"lock": {"access": "lock", "expires_at": "2001-01-01T00:00:00Z"}}

    assert box.put(f"/files/{file}?fields=lock", body, check_request=False)["lock"] is None


@pytest.mark.parametrize("asked", [{}, {"type": "lock"}, {"access": "lock"}], ids=str)
def test_lock_by_either_name(box, file, asked):
    body = {"lock": {"expires_at": "2099-01-01T00:00:00Z", **asked}}
    lock = box.put(f"/files/{file}?fields=lock", body, check_request=False)["lock"]

    assert lock["expired_at"] == "2098-12-31T16:00:00-08:00"


def test_lock_against_downloads(box, file):
    box.share(file, kind="file")
    with box.signed_in(box.ready["user_id"]) as other:
        box.put(f"/files/{file}", {"lock": {"type": "lock"}})
        other.get(f"/files/{file}/content", 302)
        box.put(f"/files/{file}", {"lock": {"type": "lock", "is_download_prevented": True}})
        assert other.get(f"/files/{file}/content", 403)["code"] == "access_denied_item_locked"
        box.get(f"/files/{file}/content", 302)
        box.put(f"/files/{file}", {"lock": None})
        other.get(f"/files/{file}/content", 302)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"permissions": {"can_download": "company"}}, 200),
        ({"permissions": {"can_download": "nobody"}}, 400),
        ({"disposition_at": "2099-01-01T00:00:00Z"}, 403),
    ],
)
def test_settings_that_want_more_than_is_emulated(box, file, body, status):
    box.put(f"/files/{file}", body, status, check_request=False)


def test_embed_link(box, file):
    link = box.get(f"/files/{file}?fields=expiring_embed_link")["expiring_embed_link"]

    assert link["url"].startswith("https://app.box.com/preview/expiring_embed/")
    assert (link["token_type"], link["expires_in"] > 0) == ("bearer", True)
    assert [(scope["scope"], scope["object"]["id"]) for scope in link["restricted_to"]] == [("base_preview", file)]
    assert "expiring_embed_link" not in box.get(f"/files/{file}")


def test_refused_lock(box, file):
    for lock in ({"access": "key"}, {"type": "key"}, "lock"):
        box.put(f"/files/{file}", {"lock": lock}, 400, check_request=False)


def test_copy(box, file, place):
    box.put(f"/files/{file}", {"description": "d", "tags": ["t"], "shared_link": {}})
    target = box.folder("target", place)
    twin = box.post(f"/files/{file}/copy?fields=description,tags,shared_link,sha1,name", {"parent": {"id": target}})

    assert twin["id"] != file
    assert (twin["name"], twin["description"], twin["tags"], twin["shared_link"]) == ("file.tar.gz", "d", ["t"], None)
    box.post(f"/files/{file}/copy", {"parent": {"id": target}}, 409)
    box.post(f"/files/{file}/copy", {"parent": {"id": target}, "name": "second"})


def test_a_copy_ignores_etags(box, file, place):
    body = {"parent": {"id": place}, "name": "copied"}

    box.post(f"/files/{file}/copy", body, headers={"if-match": "77"})


def test_copy_of_a_version(box, file, place):
    old = box.get(f"/files/{file}")["file_version"]["id"]
    box.upload("file.tar.gz", b"second", status=200, path=f"/files/{file}/content")
    twin = box.post(f"/files/{file}/copy", {"parent": {"id": place}, "name": "old", "version": old})

    assert (twin["size"], box.get(f"/folders/{place}?fields=size")["size"]) == (5, 11)
    box.post(f"/files/{file}/copy", {"parent": {"id": place}, "name": "none", "version": "1"}, 404)


def test_names_of_copies_are_cleaned(box, file, place):
    twin = box.post(f"/files/{file}/copy", {"parent": {"id": place}, "name": "a/b\\c\x01 "})

    assert twin["name"] == "abc"


def test_delete(box, file, place):
    box.delete(f"/files/{file}")

    assert box.get(f"/folders/{place}/items")["total_count"] == 0
    assert box.delete(f"/files/{file}", 404)["code"] == "trashed"
