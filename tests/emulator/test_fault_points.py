"""What goes wrong with Box by its names: each fault point, at the start, by the controls and in the program."""

import base64
import hashlib
import io
import zipfile

import httpx
import pytest
from patience import PATIENCE_SECONDS

from box_dialect.emulator import FAULT_POINTS, Fault
from box_dialect.emulator.resources import upload_sessions

TEXT = b"The quick brown fox"
PART_SIZE = 1000
SIZE = 2 * PART_SIZE + 560
CONTENT = bytes(range(256)) * (SIZE // 256)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Let sessions take small files, in small parts."""
    monkeypatch.setattr(upload_sessions, "PART_SIZE", PART_SIZE)
    monkeypatch.setattr(upload_sessions, "MIN_SIZE", SIZE)


@pytest.fixture
def faulty(box):
    """Return a function that lets something go wrong until the end of a test."""
    yield lambda *faults: box.control("POST", "/faults", json=faults).raise_for_status()
    box.control("POST", "/reset")


@pytest.fixture
def file(box, place):
    return box.upload("fox.txt", TEXT, place)["entries"][0]["id"]


def sha(data):
    return "sha=" + base64.b64encode(hashlib.sha1(data).digest()).decode()


def begin(box, place, status=201):
    body = {"folder_id": place, "file_name": "film.mov", "file_size": SIZE}
    return box.call("POST", "/files/upload_sessions", status, upload=True, json=body).json()


def send(box, session, first=0):
    data = CONTENT[first : first + PART_SIZE]
    told = {"digest": sha(data), "content-range": f"bytes {first}-{first + len(data) - 1}/{SIZE}"}
    kind = {"content-type": "application/octet-stream"}
    return box.http.put(session["session_endpoints"]["upload_part"], content=data, headers=told | kind)


def statuses(box, session, times=3):
    return [send(box, session, number * PART_SIZE).status_code for number in range(times)]


def preflight(box, place, status, name="new.txt"):
    body = {"name": name, "parent": {"id": place}, "size": 5}
    return box.call("OPTIONS", "/files/content", status, json=body).json()


def download(box, file, **headers):
    where = box.call("GET", f"/files/{file}/content", 302).headers["location"]
    return box.http.get(where, headers=headers)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ("nonsense", "no fault point"), ("part_fails=", "number"), ("part_fails=0", "number"),
        ("part_fails=-1", "number"), ("part_fails=x", "number"), ("part_fails=٣", "number"),
        ("part_fails=" + "9" * 20, "number"), ("quota_full=1", "no value"), ("", "no fault point"),
    ],
)  # fmt: skip
def test_what_is_no_fault_point_is_refused(box, start, told, complaint):
    answer = box.control("POST", "/faults", json=[told])
    assert (answer.status_code, complaint in answer.json()["message"]) == (400, True)
    with pytest.raises(ValueError, match=complaint):
        box.store.faults.script(told)
    with pytest.raises(ValueError, match=complaint), start(faults=(told,)):
        pass


@pytest.mark.parametrize("name", FAULT_POINTS)
def test_each_point_is_one_to_the_controls(box, faulty, name):
    faulty(name)
    if FAULT_POINTS[name].metavar:
        faulty(f"{name}=3")
    box.get("/users/me")


def test_a_point_from_the_start_ends_with_a_reset(start):
    with start(faults=("download_pending=5", "quota_full")) as box:
        file = next(iter(box.store.files))
        assert box.call("GET", f"/files/{file}/content", 202).headers["retry-after"] == "1"
        assert preflight(box, "0", 403)["code"] == "storage_limit_exceeded"
        box.control("POST", "/reset")
        box.call("GET", f"/files/{file}/content", 302)


def test_points_and_faults_go_together(box, faulty, file):
    faulty("download_pending", {"operation": "get_users_me", "status": 503})

    assert box.http.get(f"{box.ready['api_base_url']}/users/me").status_code == 503
    box.call("GET", f"/files/{file}/content", 202)


@pytest.mark.parametrize(("point", "is_done"), [("upload_breaks=2", False), ("upload_answer_lost=2", True)])
def test_uploads_that_break(box, faulty, place, file, point, is_done):
    faulty(point)
    box.upload("a", TEXT, place)
    with pytest.raises(httpx.RemoteProtocolError):
        box.upload("new", b"new", status=200, path=f"/files/{file}/content")

    assert (download(box, file).content == b"new") is is_done
    box.upload("b", TEXT, place)


def test_a_conflict_that_a_check_finds(box, faulty, place):
    faulty("preflight_conflict")

    assert preflight(box, place, 409)["code"] == "item_name_in_use"
    preflight(box, place, 200)


@pytest.mark.parametrize(
    ("point", "code"), [("quota_full", "storage_limit_exceeded"), ("file_size_limit", "file_size_limit_exceeded")]
)
def test_no_room(box, faulty, place, file, point, code):
    faulty(point)
    path, version = f"/files/{file}/content", {"file_size": SIZE}
    answers = [
        preflight(box, place, 403),
        box.call("OPTIONS", path, 403, json={"size": 5}, documented=False).json(),
        box.upload("new", b"", place, 403),
        box.upload("new", b"", status=403, path=path),
        begin(box, place, 403),
        box.call("POST", f"/files/{file}/upload_sessions", 403, upload=True, json=version).json(),
    ]

    assert {answer["code"] for answer in answers} == {code}


@pytest.mark.parametrize(
    ("point", "code"),
    [("part_fails=2", (500, "internal_server_error")), ("part_digest_mismatch=2", (400, "bad_digest"))],
)
def test_a_part_that_is_refused(box, faulty, place, point, code):
    faulty(point)
    session = begin(box, place)
    answers = [send(box, session, first) for first in (0, PART_SIZE, PART_SIZE)]

    assert [answer.status_code for answer in answers] == [200, code[0], 200]
    assert answers[1].json()["code"] == code[1]
    assert box.http.get(session["session_endpoints"]["status"]).json()["num_parts_processed"] == 2


@pytest.mark.parametrize(("point", "status"), [("part_breaks=2", 200), ("part_answer_lost=2", 409)])
def test_a_part_that_breaks(box, faulty, place, point, status):
    faulty(point)
    session = begin(box, place)
    assert send(box, session).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        send(box, session, PART_SIZE)

    assert send(box, session, PART_SIZE).status_code == status


def test_a_commit_that_is_pending_for_each_session(box, faulty, place):
    faulty("commit_pending=2")
    for _ in range(2):
        folder = box.folder("of one session", place) if _ else place
        session = begin(box, folder)
        urls = session["session_endpoints"]
        assert statuses(box, session) == [200] * 3
        parts = box.http.get(urls["list_parts"]).json()["entries"]
        answers = [
            box.http.post(urls["commit"], json={"parts": parts}, headers={"digest": sha(CONTENT)}) for _ in range(3)
        ]
        assert [answer.status_code for answer in answers] == [202, 202, 201]
        assert [answer.headers.get("retry-after") for answer in answers] == ["1", "1", None]
        assert [answer.content for answer in answers[:2]] == [b"", b""]


def test_a_session_that_expires(box, faulty, place):
    faulty("session_expired=3")
    session = begin(box, place)

    assert statuses(box, session) == [200, 200, 404]
    assert box.http.get(session["session_endpoints"]["list_parts"]).status_code == 404
    assert statuses(box, begin(box, place), 1) == [200]


def test_downloads_that_are_pending_for_each_file(box, faulty, place, file):
    faulty("download_pending=2")
    other = box.upload("other.txt", TEXT, place)["entries"][0]["id"]
    for each in (file, other):
        answers = [box.http.get(f"{box.ready['api_base_url']}/files/{each}/content") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [202, 202, 302]
        assert answers[0].headers["retry-after"] == "1"


def test_a_download_that_breaks(box, faulty, file):
    faulty("download_breaks=9")
    where = box.call("GET", f"/files/{file}/content", 302).headers["location"]
    read = []
    with box.http.stream("GET", where) as answer, pytest.raises(httpx.RemoteProtocolError):
        read.extend(answer.iter_raw())

    assert (answer.headers["content-length"], b"".join(read)) == (str(len(TEXT)), TEXT[:9])
    assert box.http.get(where, headers={"range": "bytes=9-"}).content == TEXT[9:]


def test_downloads_without_ranges(box, faulty, file):
    assert download(box, file, range="bytes=4-8").headers["accept-ranges"] == "bytes"
    faulty("download_without_ranges")
    for _ in range(2):
        answer = download(box, file, range="bytes=4-8")

        assert (answer.status_code, answer.content, answer.headers["accept-ranges"]) == (200, TEXT, "none")


def test_a_broken_answer_of_any_operation(box, faulty):
    faulty({"operation": "get_users_me", "cut_after": 5})
    with pytest.raises(httpx.RemoteProtocolError):
        box.get("/users/me")

    box.get("/users/me")


def test_a_broken_answer_of_unknown_length_does_not_look_whole(box, faulty, file):
    faulty({"operation": "get_zip_downloads_id_content", "cut_after": 5})
    begun = box.post("/zip_downloads", {"items": [{"type": "file", "id": file}]}, 202)
    with pytest.raises(httpx.RemoteProtocolError):
        box.http.get(begun["download_url"])


def test_thumbnails_that_are_pending(box, faulty, file):
    faulty("thumbnail_pending=2")
    path = f"/files/{file}/thumbnail.png"
    answers = [box.call("GET", path, status) for status in (202, 202, 200)]

    assert [answer.headers.get("retry-after") for answer in answers] == ["1", "1", None]
    stand_in = httpx.get(answers[0].headers["location"], timeout=PATIENCE_SECONDS, trust_env=False)
    assert (stand_in.status_code, stand_in.headers["content-type"]) == (200, "image/png")


def test_an_archive_that_fails(box, faulty, place, file):
    faulty("zip_fails")
    other = box.upload("other.txt", TEXT, place)["entries"][0]["id"]
    body = {"items": [{"type": "file", "id": each} for each in (file, other)]}
    begun = [box.post("/zip_downloads", body, 202) for _ in range(2)]
    with pytest.raises(httpx.RemoteProtocolError):
        box.http.get(begun[0]["download_url"])
    data = box.http.get(begun[1]["download_url"]).content

    assert [box.http.get(each["status_url"]).json()["state"] for each in begun] == ["failed", "succeeded"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert sorted(archive.namelist()) == ["fox.txt", "other.txt"]


@pytest.mark.usefixtures("faulty")
def test_a_fault_of_the_program_counts_for_each_path(box, place, file):
    box.store.faults.script(Fault(operation="get_files_id,get_folders_id", status=503, skip=1, each=True))
    paths = (f"/files/{file}", f"/folders/{place}")

    answers = [[box.http.get(box.ready["api_base_url"] + path).status_code for path in paths] for _ in range(3)]
    assert answers == [[200, 200], [503, 503], [200, 200]]
