"""Uploads in parts."""

import base64
import hashlib

import pytest

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
        return response.json()

    return begin


def put(box, session, first, data, status=200, **headers):
    told = {"digest": sha(data), "content-range": f"bytes {first}-{first + len(data) - 1}/{SIZE}", **headers}
    kind = {"content-type": "application/octet-stream"}
    response = box.http.put(session["session_endpoints"]["upload_part"], content=data, headers={**told, **kind})
    assert response.status_code == status, response.text
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
