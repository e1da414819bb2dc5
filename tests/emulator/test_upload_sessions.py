"""Uploads in parts."""

import base64
import hashlib
import tracemalloc

import pytest

from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.resources import upload_sessions
from box_dialect.emulator.resources.upload_sessions import PART_SIZE

SIZE = 2 * PART_SIZE + 4_000_000


def sha(data):
    return "sha=" + base64.b64encode(hashlib.sha1(data).digest()).decode()


@pytest.fixture
def begun(box, place):
    """Return a function that begins a session, at the address for uploads."""

    def begin(path="/files/upload_sessions", status=201, **body):
        told = {"folder_id": place, "file_name": "film.mov", "file_size": SIZE} | body
        response = box.http.post(box.ready["upload_base_url"] + path, json=told)
        assert response.status_code == status, response.text
        box.contract.check(response, check_request=status != 400)
        return response.json()

    return begin


def put(box, session, first, data, status=200, **headers):
    told = {"digest": sha(data), "content-range": f"bytes {first}-{first + len(data) - 1}/{SIZE}", **headers}
    kind = {"content-type": "application/octet-stream"}
    response = box.http.put(session["session_endpoints"]["upload_part"], content=data, headers={**told, **kind})
    assert response.status_code == status, response.text
    box.contract.check(response, check_request=False)
    return response.json()


def test_a_file_comes_in_parts_in_any_order(box, begun):
    session = begun()
    assert (session["part_size"], session["total_parts"], session["num_parts_processed"]) == (PART_SIZE, 3, 0)
    data = bytes(range(256)) * (SIZE // 256)
    parts = {first: data[first : first + PART_SIZE] for first in range(0, SIZE, PART_SIZE)}
    for first in reversed(parts):
        part = put(box, session, first, parts[first])["part"]
        assert (part["offset"], part["size"]) == (first, len(parts[first]))
        assert part["sha1"] == hashlib.sha1(parts[first]).hexdigest()
    urls = session["session_endpoints"]
    for each in ("list_parts", "status"):
        box.contract.check(box.http.get(urls[each]), check_request=True)
    listed = box.http.get(urls["list_parts"]).json()
    assert [each["offset"] for each in listed["entries"]] == [*parts]
    assert box.http.get(urls["status"]).json()["num_parts_processed"] == 3
    made = box.http.post(urls["commit"], json={"parts": listed["entries"]}, headers={"digest": sha(data)})
    assert made.status_code == 201
    (file,) = made.json()["entries"]
    assert (file["name"], file["size"], file["sha1"]) == ("film.mov", SIZE, hashlib.sha1(data).hexdigest())
    assert box.http.get(urls["status"]).status_code == 404
    again = begun(f"/files/{file['id']}/upload_sessions", folder_id=None)
    assert again["id"] != session["id"]
    assert box.http.delete(again["session_endpoints"]["abort"]).status_code == 204
    assert box.http.get(again["session_endpoints"]["status"]).status_code == 404


def test_what_is_wrong_of_a_session_is_refused(box, place, begun):
    assert begun(status=400, file_size=1000)["code"] == "file_size_too_small"
    assert begun(status=400, file_name="a/b")["code"] == "item_name_invalid"
    begun(status=404, folder_id="404404")
    box.upload("film.mov", b"", place)
    assert begun(status=409)["code"] == "item_name_in_use"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("folder_id", None, "missing_destination"), ("folder_id", 5, "invalid_folder_id"),
        ("file_size", None, "missing_file_size"), ("file_size", "large", "invalid_file_size"),
        ("file_size", -1, "invalid_file_size"), ("file_size", 19_999_999, "file_size_too_small"),
        ("file_name", None, "missing_file_name"), ("file_name", 5, "item_name_invalid"),
    ],
)  # fmt: skip
def test_what_is_wrong_of_a_session_has_codes_of_its_own(box, place, begun, name, value, code):
    assert begun(status=400, **{name: value})["code"] == code
    if name == "file_size":
        file = box.upload("old.mov", b"", place)["entries"][0]["id"]
        assert begun(f"/files/{file}/upload_sessions", 400, **{name: value})["code"] == code


@pytest.fixture
def small_parts(monkeypatch):
    """Let sessions take small files, in small parts."""
    monkeypatch.setattr(upload_sessions, "PART_SIZE", 1000)
    monkeypatch.setattr(upload_sessions, "MIN_SIZE", 1000)


def commit(box, session, data, status=201, headers=None, **body):
    """Send a file in parts of a thousand bytes and make it of these."""
    urls = session["session_endpoints"]
    for first in range(0, len(data), 1000):
        part = data[first : first + 1000]
        told = {"digest": sha(part), "content-range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"}
        box.http.put(urls["upload_part"], content=part, headers=told).raise_for_status()
    parts = box.http.get(urls["list_parts"]).json()["entries"]
    answer = box.http.post(
        urls["commit"], json={"parts": parts, **body}, headers={"digest": sha(data), **(headers or {})}
    )
    assert answer.status_code == status, answer.text
    box.contract.check(answer, check_request=status != 201 or not body)  # the document lacks the attributes
    return answer.json()


@pytest.mark.usefixtures("small_parts")
def test_the_times_of_a_file_that_comes_in_parts(box, begun):
    times = {"content_created_at": "2019-08-07T06:05:04-03:00", "content_modified_at": "2020-01-01"}
    file = commit(box, begun(file_size=1500), b"x" * 1500, attributes=times)["entries"][0]

    assert (file["content_created_at"], file["content_modified_at"]) == (
        "2019-08-07T02:05:04-07:00", "2019-12-31T16:00:00-08:00",
    )  # fmt: skip


@pytest.mark.usefixtures("small_parts")
def test_a_version_that_comes_in_parts_may_be_for_an_etag(box, place, begun):
    old = box.upload("film.mov", b"old", place)["entries"][0]

    def version(status, **headers):
        session = begun(f"/files/{old['id']}/upload_sessions", file_size=1500)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return commit(box, session, b"x" * 1500, status, sent)

    assert version(412, if_match="7")["code"] == "precondition_failed"
    assert version(412, if_none_match="0")["code"] == "precondition_failed"
    assert version(201, if_match="0")["entries"][0]["size"] == 1500
    assert version(201, if_none_match="0")["entries"][0]["etag"] == "2"


@pytest.mark.usefixtures("small_parts")
def test_any_range_of_what_came_in_parts(box, begun):
    data = bytes(range(250)) * 10
    file = commit(box, begun(file_size=len(data)), data)["entries"][0]["id"]
    where = box.call("GET", f"/files/{file}/content", 302).headers["location"]

    assert box.http.get(where).content == data
    for first, last in ((0, 0), (999, 1000), (1000, 1999), (500, 2400), (2000, 9999), (2499, 2499)):
        answer = box.http.get(where, headers={"range": f"bytes={first}-{last}"})
        assert (answer.status_code, answer.content) == (206, data[first : last + 1])


@pytest.mark.usefixtures("small_parts")
def test_what_came_in_parts_is_found_by_its_words(box, begun):
    file = commit(box, begun(file_size=1500), b"zebra crossing ".ljust(1500, b"x"))["entries"][0]["id"]

    assert [entry["id"] for entry in box.get("/search?query=zebra&content_types=file_content")["entries"]] == [file]


def test_a_session_ends_after_a_week(box, begun):
    session = begun()
    with box.clock(7 * 86400 + 600):
        assert box.http.get(session["session_endpoints"]["status"]).status_code == 404


def test_the_parts_of_a_file_are_not_copied(box, begun, monkeypatch):
    """A commit and a download hold little besides the parts, which are kept."""
    size, part_size = 40 << 20, 1 << 20
    monkeypatch.setattr(upload_sessions, "PART_SIZE", part_size)
    session = begun(file_size=size)
    urls, kept = session["session_endpoints"], box.store.upload_sessions[session["id"]]
    kept.parts = dict.fromkeys(range(0, size, part_size), MemoryContent(bytes(part_size)))
    parts, digest = box.http.get(urls["list_parts"]).json()["entries"], sha(bytes(size))
    tracemalloc.start()
    try:
        made = box.http.post(urls["commit"], json={"parts": parts}, headers={"digest": digest}).json()["entries"][0]
        where = box.call("GET", f"/files/{made['id']}/content", 302).headers["location"]
        with box.http.stream("GET", where) as answer:
            assert sum(map(len, answer.iter_raw())) == size
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()


def test_what_is_wrong_of_a_part_is_refused(box, begun):
    session, part = begun(), b"x" * PART_SIZE
    assert put(box, session, 0, part, 400, digest=sha(b"y"))["code"] == "bad_digest"
    put(box, session, 0, part[:-1], 416)
    put(box, session, 5, part, 416)
    put(box, session, 0, part, 416, **{"content-range": "nonsense"})
    first = put(box, session, 0, part)["part"]
    assert put(box, session, 0, part, 409)["code"] == "range_overlaps_existing_part"
    commit = session["session_endpoints"]["commit"]
    for parts, status in (([first], 409), ([], 400)):
        told = box.http.post(commit, json={"parts": parts}, headers={"digest": sha(part)})
        assert told.status_code == status


def test_parts_that_the_file_has_already_are_not_sent_again(box, place, begun):
    old, new = (bytes([number]) * PART_SIZE for number in (1, 2))
    end = bytes([3]) * (SIZE - 2 * PART_SIZE)
    file = box.upload("film.mov", old + new + end, place)["entries"][0]["id"]
    session = begun(f"/files/{file}/upload_sessions", folder_id=None)
    urls = session["session_endpoints"]
    parts = [
        {"offset": number * PART_SIZE, "size": len(part), "sha512": hashlib.sha512(part).hexdigest()}
        for number, part in enumerate((old, old, end))
    ]
    planned = box.http.post(urls["plan"], json={"parts": [*parts, parts[0] | {"offset": 5}]}).json()
    assert [each["offset"] for each in planned["hits"]] == [0, 2 * PART_SIZE]
    assert [each["offset"] for each in planned["misses"]] == [PART_SIZE, 5]
    put(box, session, PART_SIZE, old)
    listed = box.http.get(urls["list_parts"]).json()["entries"]
    assert [each["part_id"] for each in listed if each["offset"] != PART_SIZE] == [
        each["part_id"] for each in planned["hits"]
    ]
    data = old + old + end
    made = box.http.post(urls["commit"], json={"parts": listed}, headers={"digest": sha(data)})
    assert made.json()["entries"][0]["sha1"] == hashlib.sha1(data).hexdigest()
    unknown = box.http.post(begun(file_name="other.mov")["session_endpoints"]["plan"], json={"parts": parts}).json()
    assert (unknown["hits"], unknown["misses"]) == ([], parts)
