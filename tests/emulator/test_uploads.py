"""Uploads, preflight checks and downloads."""

import hashlib

import pytest
from patience import PATIENCE_SECONDS

TEXT = b"The quick brown fox"


def test_upload(box, place):
    times = {"content_created_at": "2019-08-07T06:05:04-03:00", "content_modified_at": "2020-01-01"}
    answer = box.upload("fox.txt", TEXT, place, attributes=times)

    assert answer["total_count"] == 1
    file = answer["entries"][0]
    assert (file["name"], file["size"], file["sha1"]) == ("fox.txt", len(TEXT), hashlib.sha1(TEXT).hexdigest())
    assert (file["content_created_at"], file["content_modified_at"]) == (
        "2019-08-07T02:05:04-07:00", "2019-12-31T16:00:00-08:00",
    )  # fmt: skip


def test_upload_is_served_at_the_api_address_too(box, place):
    parts = [("attributes", (None, f'{{"name":"a","parent":{{"id":"{place}"}}}}')), ("contents", b"x")]

    assert box.http.post(f"{box.ready['api_base_url']}/files/content", files=parts).status_code == 201


def test_conflict_is_one_object(box, place):
    file = box.upload("taken.txt", b"", place)["entries"][0]
    conflict = box.upload("TAKEN.txt", b"", place, 409)

    assert conflict["context_info"]["conflicts"].keys() >= {"type", "id", "file_version", "etag", "sha1", "name"}
    assert conflict["context_info"]["conflicts"]["id"] == file["id"]


def test_digest_is_a_sha1(box, place):
    good = {"content-md5": hashlib.sha1(TEXT).hexdigest()}
    bad = {"content-md5": hashlib.md5(TEXT).hexdigest()}

    box.upload("good", TEXT, place, headers=good)
    assert box.upload("bad", TEXT, place, 400, headers=bad)["code"] == "bad_digest"


def send(box, parts, status, **options):
    return box.call("POST", "/files/content", status, upload=True, check_request=False, files=parts, **options).json()


def test_attributes_must_come_first(box, place):
    attributes = ("attributes", (None, f'{{"name":"late","parent":{{"id":"{place}"}}}}'))

    assert send(box, [("file", b"x"), attributes], 400)["code"] == "metadata_after_file_contents"


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ([("file", b"x")], "attributes"),
        ([("attributes", (None, '{"name":"x","parent":{"id":"0"}}'))], "file"),
        ([("attributes", (None, '{"parent":{"id":"0"}}')), ("file", b"")], "name"),
        ([("attributes", (None, '{"name":"x"}')), ("file", b"")], "parent"),
    ],
)
def test_missing_parts(box, parts, missing):
    assert send(box, parts, 400)["context_info"]["errors"][0]["name"] == missing


def test_broken_bodies(box):
    send(box, [("attributes", (None, "{")), ("file", b"")], 400)
    options = {"upload": True, "check_request": False}
    box.call("POST", "/files/content", 415, content=b"{}", **options)
    headers = {"content-type": "multipart/form-data; boundary=b"}
    box.call("POST", "/files/content", 400, content=b"no boundary", headers=headers, **options)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a/b", "item_name_invalid"),
        ("a\\b", "item_name_invalid"),
        ("tab\t", "item_name_invalid"),
        ("end ", "item_name_invalid"),
        ("..", "item_name_invalid"),
        ("x" * 256, "item_name_too_long"),
    ],
)
def test_refused_names(box, place, name, code):
    file = box.upload("good", b"", place)["entries"][0]["id"]

    assert box.upload(name, b"", place, 400)["code"] == code
    assert box.upload(name, b"", status=400, path=f"/files/{file}/content")["code"] == code
    preflight = box.call("OPTIONS", "/files/content", 400, json={"name": name, "parent": {"id": place}})
    assert preflight.json()["code"] == code


def test_room_is_that_of_who_owns_the_folder(box, place):
    box.share(place)
    before = box.store.admin.max_upload_size
    box.store.admin.max_upload_size = 3
    try:
        with box.signed_in(box.ready["user_id"]) as other:
            assert other.upload("a", b"1234", place, 403)["code"] == "file_size_limit_exceeded"
            body = {"name": "a", "size": 4, "parent": {"id": place}}
            assert other.call("OPTIONS", "/files/content", 403, json=body).json()["code"] == "file_size_limit_exceeded"
    finally:
        box.store.admin.max_upload_size = before


def test_a_name_may_begin_with_a_space(box, place):
    assert box.upload(" x" + "y" * 253, b"", place)["entries"][0]["name"] == " x" + "y" * 253


def test_upload_to_a_missing_parent(box):
    assert box.upload("x", b"", "999", 404)["code"] == "not_found"


def test_new_version(box, place):
    first = box.upload("v.txt", b"one", place)["entries"][0]
    path = f"/files/{first['id']}/content"
    second = box.upload("w.txt", b"three", status=200, path=path)["entries"][0]

    assert (second["id"], second["name"], second["size"], second["etag"]) == (first["id"], "w.txt", 5, "1")
    assert second["file_version"]["id"] != first["file_version"]["id"]
    assert box.get(f"/folders/{place}?fields=size")["size"] == 5
    box.upload("w.txt", b"", status=412, path=path, headers={"if-match": "0"})
    box.upload("w.txt", b"", status=200, path=path, headers={"if-match": "1"})


def test_preflight(box, place):
    body = {"name": "p.txt", "size": 5, "parent": {"id": place}}
    answer = box.call("OPTIONS", "/files/content", json=body).json()
    assert answer["upload_url"].startswith(box.ready["upload_base_url"])
    box.upload("p.txt", b"", place)

    conflict = box.call("OPTIONS", "/files/content", 409, json=body).json()
    assert conflict["context_info"]["conflicts"]["name"] == "p.txt"
    large = box.call("OPTIONS", "/files/content", 403, json=body | {"name": "q", "size": 1 << 40}, check_request=False)
    assert large.json()["code"] == "file_size_limit_exceeded"
    box.call("OPTIONS", "/files/content", 404, json=body | {"parent": {"id": "999"}})


def check_version(box, file, status=200, **body):
    return box.call(
        "OPTIONS", f"/files/{file}/content", status, json=body, check_request=False, documented=False
    ).json()


def test_preflight_of_a_version(box, place):
    file = box.upload("mine.txt", b"", place)["entries"][0]["id"]
    twin = box.upload("other.txt", b"", place)["entries"][0]["id"]

    assert check_version(box, file, size=5)["upload_url"].endswith(f"/files/{file}/content")
    check_version(box, file, name="MINE.txt", size=5)
    assert check_version(box, file, 409, name="Other.txt")["context_info"]["conflicts"]["id"] == twin
    assert check_version(box, file, 400, name="a/b")["code"] == "item_name_invalid"
    assert check_version(box, file, 403, size=1 << 40)["code"] == "file_size_limit_exceeded"
    assert check_version(box, file, 400, size="large")["context_info"]["errors"][0]["name"] == "size"
    assert check_version(box, "999", 404)["code"] == "not_found"
    box.share(file, kind="file")
    with box.signed_in(box.ready["user_id"]) as other:
        box.put(f"/files/{file}", {"lock": {"type": "lock"}})
        assert check_version(other, file, 403)["code"] == "access_denied_item_locked"
    box.delete(f"/files/{file}")
    assert check_version(box, file, 404)["code"] == "trashed"


def test_room_of_the_owner(box, place):
    user = box.store.users[box.ready["user_id"]]
    before = user.max_upload_size, user.space_amount
    try:
        with box.signed_in(user.id) as other:
            theirs = other.folder("of the user's own")
            user.max_upload_size = 3
            assert other.upload("a", b"1234", theirs, 403)["code"] == "file_size_limit_exceeded"
            user.max_upload_size, user.space_amount = before[0], user.space_used + 3
            assert other.upload("a", b"1234", theirs, 403)["code"] == "storage_limit_exceeded"
            file = other.upload("a", b"123", theirs)["entries"][0]["id"]
            path = f"/files/{file}/content"
            assert other.upload("a", b"1", status=403, path=path)["code"] == "storage_limit_exceeded"
            assert check_version(other, file, 403, size=1)["code"] == "storage_limit_exceeded"
            copy = {"parent": {"id": theirs}, "name": "twin"}
            other.share(theirs, box.ready["admin_user_id"])
            mine = box.upload("mine", b"1", place)["entries"][0]["id"]
            version = other.get(f"/files/{file}")["file_version"]["id"]
            for refused in (
                other.post(f"/files/{file}/copy", copy, 403),
                other.post(f"/folders/{theirs}/copy", {"parent": {"id": "0"}, "name": "twin"}, 403),
                other.post(f"/files/{file}/versions/current", {"id": version, "type": "file_version"}, 403),
                box.put(f"/files/{mine}", {"parent": {"id": theirs}}, 403),
            ):
                assert refused["code"] == "storage_limit_exceeded"
            user.space_amount = -1
            other.upload("a", b"1", status=200, path=path)
    finally:
        user.max_upload_size, user.space_amount = before


@pytest.fixture
def file(box, place):
    return box.upload("näme 100%.txt", TEXT, place)["entries"][0]


def location(box, path):
    response = box.call("GET", path, 302)
    assert response.content == b""
    return response.headers["location"]


def test_download_is_a_redirect_that_needs_no_token(box, file):
    import httpx

    response = httpx.get(location(box, f"/files/{file['id']}/content"), timeout=PATIENCE_SECONDS)

    assert (response.status_code, response.content) == (200, TEXT)


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=4-8", 206, b"quick"),
        ("bytes=16-", 206, b"fox"),
        ("bytes=-3", 206, b"fox"),
        ("bytes=10-99", 206, b"brown fox"),
        ("bytes=-99", 206, TEXT),
        ("bytes=0-0", 206, b"T"),
        ("Bytes=0-18", 206, TEXT),
        ("bytes=99-", 416, b""),
        ("bytes=19-", 416, b""),
        ("bytes=-0", 416, b""),
        ("nonsense", 200, TEXT),
        ("bytes=-", 200, TEXT),
        ("bytes=8-4", 200, TEXT),
        ("bytes=0-1,4-5", 200, TEXT),
        ("lines=0-1", 200, TEXT),
    ],
)
def test_ranges(box, file, asked, status, part):
    response = box.http.get(location(box, f"/files/{file['id']}/content"), headers={"range": asked})
    first = TEXT.find(part)
    told = {206: f"bytes {first}-{first + len(part) - 1}/{len(TEXT)}", 416: f"bytes */{len(TEXT)}"}

    assert (response.status_code, response.content) == (status, part)
    assert response.headers.get("content-range") == told.get(status)
    assert response.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=-1"])
def test_an_empty_file_has_no_ranges(box, place, asked):
    empty = box.upload("empty", b"", place)["entries"][0]["id"]
    where = location(box, f"/files/{empty}/content")

    assert box.http.get(where, headers={"range": asked}).status_code == 416
    assert box.http.get(where).content == b""


def test_download_of_a_version(box, file):
    box.upload("new", b"new", status=200, path=f"/files/{file['id']}/content")
    old = location(box, f"/files/{file['id']}/content?version={file['file_version']['id']}")

    assert box.http.get(old).content == TEXT
    assert box.http.get(location(box, f"/files/{file['id']}/content")).content == b"new"
    box.get(f"/files/{file['id']}/content?version=1", 404)


def test_download_by_token_in_the_query(box, file):
    path = f"/files/{file['id']}/content?access_token={box.ready['developer_token']}"
    box.call("GET", path, 302, headers={"authorization": ""})

    box.call("GET", f"/files/{file['id']}?access_token=x", 401, headers={"authorization": ""})


def test_forged_download_address(box, file):
    address = location(box, f"/files/{file['id']}/content")

    assert box.http.get(address.replace(file["file_version"]["id"], "1")).status_code == 403
    assert box.http.get(box.ready["api_base_url"].replace("/2.0", "/dl/x")).status_code == 403


def test_a_download_address_ends_after_a_quarter_of_an_hour(box, file):
    address = location(box, f"/files/{file['id']}/content")
    with box.clock(14 * 60):
        assert box.http.get(address).content == TEXT
    with box.clock(16 * 60):
        assert box.http.get(address).status_code == 403


def test_download_of_a_trashed_file(box, file):
    address = location(box, f"/files/{file['id']}/content")
    box.delete(f"/files/{file['id']}")
    box.get(f"/files/{file['id']}/content", 404)
    box.delete(f"/files/{file['id']}/trash")

    assert box.http.get(address).status_code == 404
