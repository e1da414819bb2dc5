"""Zip archives of files and folders."""

import io
import zipfile

import httpx
import pytest
from patience import PATIENCE_SECONDS

from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.resources import zip_downloads


def begin(box, *items, status=202, **options):
    named = [{"type": kind, "id": identity} for kind, identity in items]
    return box.post("/zip_downloads", {"items": named, **options}, status)


def fetch(url, status=200):
    """Ask without a token."""
    answer = httpx.get(url, timeout=PATIENCE_SECONDS, trust_env=False)
    assert answer.status_code == status, answer.text
    return answer


def packed(answer):
    """Return what is in an archive by its names."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def status_of(box, begun, status=200):
    path = begun["status_url"].removeprefix(box.ready["api_base_url"])
    return box.get(path, status)


@pytest.fixture
def tree(box, place):
    """Make a file, and a folder with a file, an empty folder and a web link, and return both as they are named."""
    file = box.upload("é.txt", b"first", place)["entries"][0]["id"]
    folder = box.folder("folder", place)
    box.folder("empty", folder)
    box.upload("inner.txt", b"second", folder)
    box.post("/web_links", {"url": "https://example.com", "name": "link", "parent": {"id": folder}}, 200)
    return ("file", file), ("folder", folder)


def test_an_archive_has_files_and_folders_with_all_below(box, tree):
    begun = begin(box, *tree, download_file_name='My "Ä" files')
    assert begun["name_conflicts"] == []
    assert status_of(box, begun, 404)["code"] == "not_found"
    answer = fetch(begun["download_url"])

    assert packed(answer) == {
        "é.txt": b"first", "folder/": b"", "folder/empty/": b"", "folder/inner.txt": b"second",
    }  # fmt: skip
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        "attachment;filename=\"My ___ files.zip\";filename*=UTF-8''My%20%22%C3%84%22%20files.zip"
    )
    assert status_of(box, begun) == {
        "total_file_count": 2, "downloaded_file_count": 2, "skipped_file_count": 0, "skipped_folder_count": 0,
        "state": "succeeded",
    }  # fmt: skip


def test_an_archive_is_downloaded_once(box, tree):
    begun = begin(box, *tree)
    fetch(begun["download_url"])

    assert fetch(begun["download_url"], 404).json()["code"] == "not_found"
    fetch(begun["download_url"].replace("/zip_downloads/", "/zip_downloads/x"), 404)
    with box.signed_in(box.ready["user_id"]) as other:
        status_of(other, begun, 404)
    assert httpx.get(begun["status_url"], timeout=PATIENCE_SECONDS, trust_env=False).status_code == 401


def test_an_archive_is_gone_when_nobody_begins_and_its_status_after_half_a_day(box, tree):
    late, begun = begin(box, *tree), begin(box, *tree)
    fetch(begun["download_url"])
    with box.clock(zip_downloads.LIFETIME + 600):
        fetch(late["download_url"], 404)
        assert status_of(box, begun)["state"] == "succeeded"
    again = begin(box, *tree)
    fetch(again["download_url"])
    with box.clock(12 * 3600 + 600):
        status_of(box, again, 404)


def test_equal_names_are_told_apart(box, place, tree):
    other = box.upload("É.txt", b"third", box.folder("other", place))["entries"][0]["id"]
    begun = begin(box, *tree, ("file", other), tree[0])
    (alike,) = begun["name_conflicts"]

    assert [(each["type"], each["id"], each["original_name"]) for each in alike] == [
        ("file", tree[0][1], "é.txt"), ("file", other, "É.txt"),
    ]  # fmt: skip
    names = [each["download_name"] for each in alike]
    assert len({*names, "é.txt", "É.txt"}) == 4
    assert all(name.endswith(".txt") for name in names)
    contents = packed(fetch(begun["download_url"]))
    assert [contents[name] for name in names] == [b"first", b"third"]


@pytest.mark.parametrize(
    "items", [[], [("folder", "0")], [("file", "404404")], [("web_link", "1")], [("file", "x")]], ids=str
)
def test_what_cannot_be_packed_is_refused(box, items):
    named = [{"type": kind, "id": identity} for kind, identity in items]
    answer = box.call("POST", "/zip_downloads", 400, json={"items": named}, check_request=False)

    assert answer.json()["code"] == "bad_request"


def test_a_trashed_file_is_refused(box, tree):
    box.delete(f"/files/{tree[0][1]}")

    assert begin(box, tree[0], status=400)["context_info"]["errors"][0]["name"] == "items[0].id"


def test_what_may_not_be_downloaded_is_refused_or_skipped(box, place, tree):
    box.share(place, role="viewer")
    with box.signed_in(box.ready["user_id"]) as other:
        box.put(f"/files/{tree[0][1]}", {"lock": {"type": "lock", "is_download_prevented": True}})
        begun = begin(other, ("folder", place))
        assert set(packed(fetch(begun["download_url"]))) >= {f"{box.store.folders[place].name}/folder/inner.txt"}
        assert status_of(other, begun)["skipped_file_count"] == 1
    shown = box.folder("shown", place)
    grantee = next(user for user in box.store.users.values() if user.role == "user" and user.id != box.ready["user_id"])
    box.share(shown, grantee.id, "previewer")
    with box.signed_in(grantee.id) as other:
        assert begin(other, ("folder", shown), status=403)["code"] == "access_denied_insufficient_permissions"


def test_what_is_gone_by_then_is_skipped(box, tree):
    begun = begin(box, *tree)
    box.delete(f"/files/{tree[0][1]}")

    assert "é.txt" not in packed(fetch(begun["download_url"]))
    told = status_of(box, begun)
    assert (told["total_file_count"], told["downloaded_file_count"], told["skipped_file_count"]) == (2, 1, 1)


def test_limits(box, tree, monkeypatch):
    monkeypatch.setattr(zip_downloads, "MAX_FILES", 1)
    assert begin(box, *tree, status=400)["code"] == "zip_download_file_count_exceeded_limit"
    begin(box, tree[0])
    monkeypatch.undo()
    monkeypatch.setattr(box.store.admin, "max_upload_size", 10)
    assert begin(box, *tree, status=400)["code"] == "zip_download_pre_compressed_bytes_exceeded_limit"


def test_an_archive_is_written_while_it_is_sent(box, place):
    folder = box.store.folders[place]
    for number in range(2):
        box.store.add_file(f"large{number}", folder, PatternContent("line", 64 << 20), box.store.admin)
    begun = begin(box, ("folder", place))
    with httpx.stream("GET", begun["download_url"], timeout=PATIENCE_SECONDS, trust_env=False) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        told = status_of(box, begun)

        assert (told["state"], told["downloaded_file_count"] < 2) == ("in_progress", True)
        assert "content-length" not in answer.headers


def test_a_user_has_few_downloads_at_once(box, tree, monkeypatch):
    begun = [begin(box, *tree) for _ in range(zip_downloads.MAX_PARALLEL + 1)]
    table = box.store.of(zip_downloads.ZipDownload)
    for each in begun[1:]:
        monkeypatch.setattr(table[each["download_url"].split("/")[-2]], "state", "in_progress")

    assert fetch(begun[0]["download_url"], 429).json()["code"] == "user_too_many_concurrent_downloads"
