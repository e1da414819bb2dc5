"""Contents go up and down by procedures: as values, and as files of this machine where the connection allows them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import box_dialect
from box_dialect.api import representations
from box_dialect.emulator.app import App
from box_dialect.emulator.content import MemoryContent
from box_dialect.engine.execution import procedure_memo
from box_dialect.engine.tables import procedures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

README = "1200000000008"
TEXT = b"No extension at all."
VERSION = "1300000000008"
MOMENT = 1_600_000_000
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def cursor(fresh: Box, folder: Path) -> Iterator[box_dialect.Cursor]:
    with fresh.connect(LocalFiles=str(folder)) as connection, connection.cursor() as cursor:
        yield cursor


def called(cursor: box_dialect.Cursor, name: str, **inputs: Any) -> dict[str, Any]:
    """Return the only row that a procedure gives, by its outputs."""
    cursor.callproc(name, inputs)
    (row,) = cursor.fetchall()
    assert cursor.description is not None
    return dict(zip((each[0] for each in cursor.description), row, strict=True))


def held(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def calls(box: Box, operation: str) -> int:
    by_operation: Any = box.stats()["by_operation"]
    return int(by_operation.get(operation, 0))


def sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def content_of(box: Box, identity: str) -> bytes:
    file: Any = box.store.items["file"][identity]
    return bytes(file.versions[-1].content.read())


@pytest.mark.parametrize("content", [b"\x00bytes", b"", "Grüße"])
def test_a_value_is_uploaded(fresh: Box, cursor: box_dialect.Cursor, content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    made = called(
        cursor,
        "UploadFile",
        Name="new.bin",
        ParentId="160000000012",
        Content=content,
        ContentCreatedAt="2020-01-02 03:04:05",
        ContentModifiedAt="2021-01-02 03:04:05",
    )
    assert cursor.api_calls == 1
    assert content_of(fresh, made["Id"]) == data
    assert (made["Name"], made["ParentId"], made["Size"]) == ("new.bin", "160000000012", len(data))
    assert made["SHA1"] == sha1(data)
    cursor.execute("SELECT content_created_at, file_version_id FROM files WHERE id = ?", (made["Id"],))
    ((created_at, version_id),) = cursor.fetchall()
    assert (str(created_at), version_id) == ("2020-01-02 03:04:05+00:00", made["VersionId"])


def test_a_local_file_is_uploaded_under_its_name(fresh: Box, cursor: box_dialect.Cursor, folder: Path) -> None:
    (folder / "report.txt").write_bytes(b"a report")
    made = called(cursor, "UploadFile", LocalPath="report.txt", ParentId="160000000012")
    assert (made["Name"], content_of(fresh, made["Id"])) == ("report.txt", b"a report")
    named = called(cursor, "UploadFile", LocalPath=str(folder / "report.txt"), Name="other.txt")
    assert (named["Name"], named["ParentId"]) == ("other.txt", "0")


def test_a_new_version_is_uploaded_where_the_etag_is_the_same(
    fresh: Box, cursor: box_dialect.Cursor, folder: Path
) -> None:
    (folder / "new.txt").write_bytes(b"a file")
    assert called(cursor, "UploadFileVersion", FileId=README, Content=b"a value", ETag="0")["ETag"] == "1"
    with pytest.raises(box_dialect.OperationalError, match="HTTP 412"):
        called(cursor, "UploadFileVersion", FileId=README, Content=b"another", ETag="0")
    assert content_of(fresh, README) == b"a value"
    made = called(
        cursor, "UploadFileVersion", FileId=README, LocalPath="new.txt", Name="READ ME", ContentModifiedAt="2021-01-02"
    )
    assert (made["Name"], made["VersionId"] != VERSION, content_of(fresh, README)) == ("READ ME", True, b"a file")


@pytest.mark.parametrize("inputs", [{}, {"Content": "a", "LocalPath": "a"}])
@pytest.mark.parametrize("name", ["UploadFile", "UploadFileVersion"])
def test_an_upload_has_one_source(cursor: box_dialect.Cursor, name: str, inputs: dict[str, str]) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=f"{name} needs one of its inputs Content and LocalPath"):
        cursor.callproc(name, {**inputs, "FileId" if name == "UploadFileVersion" else "Name": README})
    assert cursor.api_calls == 0


def test_a_name_that_is_taken(cursor: box_dialect.Cursor) -> None:
    called(cursor, "UploadFile", Name="twice.txt", Content="a")
    with pytest.raises(box_dialect.IntegrityError, match="item_name_in_use"):
        called(cursor, "UploadFile", Name="twice.txt", Content="b")


def test_a_file_is_downloaded_as_a_value(cursor: box_dialect.Cursor) -> None:
    told = {"Id": README, "VersionId": VERSION, "Name": "README", "Size": len(TEXT), "SHA1": sha1(TEXT)}
    assert called(cursor, "DownloadFile", FileId=README) == {**told, "LocalPath": None, "Content": TEXT}
    assert cursor.api_calls == 2
    assert cursor.execute(f"SELECT Content FROM DownloadFile('{README}')").fetchall() == [(TEXT,)]
    ((value,),) = cursor.execute("SELECT DownloadFile(id) FROM files WHERE id = ?", (README,)).fetchall()
    assert base64.b64decode(json.loads(value)["Content"]) == TEXT


def test_a_past_version_is_downloaded(cursor: box_dialect.Cursor) -> None:
    called(cursor, "UploadFileVersion", FileId=README, Content="newer")
    assert called(cursor, "DownloadFile", FileId=README)["Content"] == b"newer"
    assert called(cursor, "DownloadFile", FileId=README, VersionId=VERSION)["Content"] == TEXT


def test_a_file_is_downloaded_to_a_local_one(cursor: box_dialect.Cursor, folder: Path) -> None:
    told = called(cursor, "DownloadFile", FileId=README, LocalPath="README.txt")
    assert (told["LocalPath"], told["Content"], told["SHA1"]) == ("README.txt", None, sha1(TEXT))
    assert held(folder) == {"README.txt": TEXT}
    called(cursor, "UploadFileVersion", FileId=README, Content="newer")
    with pytest.raises(box_dialect.OperationalError, match=r"there already.*Replace"):
        called(cursor, "DownloadFile", FileId=README, LocalPath="README.txt")
    called(cursor, "DownloadFile", FileId=README, LocalPath="README.txt", Replace=True)
    assert held(folder) == {"README.txt": b"newer"}


def test_a_large_one_comes_in_pieces_and_goes_on_where_it_breaks(
    fresh: Box, cursor: box_dialect.Cursor, folder: Path
) -> None:
    content = b"0123456789abcdef" * 200_000
    file = fresh.store.add_file("large.bin", fresh.store.root, MemoryContent(content), fresh.store.admin, MOMENT)
    fresh.store.faults.script("download_breaks=2000000")
    called(cursor, "DownloadFile", FileId=file.id, LocalPath="large.bin")
    assert held(folder) == {"large.bin": content}
    assert cursor.api_calls == 3


def test_files_go_where_their_rows_say(cursor: box_dialect.Cursor, folder: Path) -> None:
    cursor.execute("SELECT DownloadFile(id, NULL, 'of ' || name) FROM files WHERE name IN ('README', 'notes')")
    assert len(cursor.fetchall()) == 2
    assert held(folder) == {"of README": TEXT, "of notes": b"a file without extension"}


def test_what_has_another_digest_is_not_kept(fresh: Box, cursor: box_dialect.Cursor, folder: Path) -> None:
    file: Any = fresh.store.items["file"][README]
    file.versions[-1].content = MemoryContent(b"x" * len(TEXT))
    file.versions[-1].content.__dict__["sha1"] = sha1(TEXT)
    for inputs in ({}, {"LocalPath": "README.txt"}):
        with pytest.raises(box_dialect.OperationalError, match="another SHA-1") as raised:
            called(cursor, "DownloadFile", FileId=README, **inputs)
        assert raised.value.diag.retryable
    assert held(folder) == {}


@pytest.mark.long
def test_a_failure_leaves_no_file(fresh: Box, cursor: box_dialect.Cursor, folder: Path) -> None:
    fresh.faults({"operation": "download", "status": 403, "times": 100})
    with pytest.raises(box_dialect.OperationalError):
        called(cursor, "DownloadFile", FileId=README, LocalPath="README.txt")
    assert held(folder) == {}


@pytest.mark.parametrize("path", ["../README.txt", "/etc/README.txt", "link/README.txt"])
def test_a_path_that_leads_out_is_refused(cursor: box_dialect.Cursor, folder: Path, path: str) -> None:
    (folder.parent / "outside").mkdir()
    (folder / "link").symlink_to(folder.parent / "outside")
    with pytest.raises(box_dialect.DatabaseError, match=r"local (path|file)"):
        called(cursor, "DownloadFile", FileId=README, LocalPath=path, Replace=True)
    with pytest.raises(box_dialect.DatabaseError, match=r"local (path|file)"):
        called(cursor, "UploadFile", LocalPath=path)
    assert held(folder.parent / "outside") == {}


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("DownloadFile", {"FileId": README}),
        ("DownloadZip", {"Items": "[{}]"}),
        ("UploadFile", {}),
        ("UploadFileVersion", {"FileId": README}),
    ],
)
def test_local_files_need_the_property(small: Box, name: str, inputs: dict[str, str]) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.ProgrammingError, match=f"{name} with LocalPath .*the property LocalFiles"):
            cursor.callproc(name, {**inputs, "LocalPath": "a.txt"})
        assert cursor.api_calls == 0


def test_readonly_lets_values_be_downloaded_alone(small: Box, folder: Path) -> None:
    with small.connect(Readonly=True, LocalFiles=str(folder)) as connection, connection.cursor() as cursor:
        assert called(cursor, "DownloadFile", FileId=README)["Content"] == TEXT
        items = json.dumps([{"type": "file", "id": README}])
        assert called(cursor, "DownloadZip", Items=items)["Content"]
        for name, inputs in (("DownloadFile", {"FileId": README}), ("DownloadZip", {"Items": items})):
            with pytest.raises(box_dialect.ProgrammingError, match=f"{name}.* but without LocalPath"):
                called(cursor, name, **inputs, LocalPath="a")
    assert held(folder) == {}


def test_a_process_that_restricts_urls_uploads_nothing(
    small: Box, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with small.connect(LocalFiles=str(folder)) as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.ProgrammingError, match="nothing is written to"):
            called(cursor, "UploadFile", Name="a", Content="a")
        assert cursor.api_calls == 0
        called(cursor, "DownloadFile", FileId=README, LocalPath="README.txt")  # the program itself has named the folder
    assert held(folder) == {"README.txt": TEXT}


def test_a_value_is_no_larger_than_sqlite_takes(
    fresh: Box, cursor: box_dialect.Cursor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procedures, "MOST_BYTES_OF_VALUE", len(TEXT) - 1)
    items = json.dumps([{"type": "file", "id": README}])
    for name, inputs in (("DownloadFile", {"FileId": README}), ("DownloadZip", {"Items": items})):
        with pytest.raises(box_dialect.DataError, match="LocalPath"):
            called(cursor, name, **inputs)
        assert calls(fresh, "get_files_id_content") == 0  # its size was known before
        called(cursor, name, **inputs, LocalPath=name)
        fresh.reset()
    assert {*held(folder)} == {"DownloadFile", "DownloadZip"}


def test_values_of_many_rows_are_bounded_together(fresh: Box) -> None:
    for number in range(5):
        content = MemoryContent(b"x" * 600_000)
        fresh.store.add_file(f"large {number}", fresh.store.root, content, fresh.store.admin, MOMENT)
    with fresh.connect(MaxStatementMemory=2, MaxConcurrency=1) as connection, connection.cursor() as cursor:
        assert len(cursor.execute("SELECT DownloadFile(id) FROM files WHERE name = 'large 1'").fetchall()) == 1
        fresh.reset()
        with pytest.raises(box_dialect.OperationalError, match="MaxStatementMemory"):
            cursor.execute("SELECT DownloadFile(id) FROM files WHERE name LIKE 'large %'")
    assert calls(fresh, "get_files_id_content") == 3


def test_items_are_downloaded_as_one_archive(cursor: box_dialect.Cursor, folder: Path) -> None:
    items = json.dumps([{"type": "folder", "id": "160000000012"}, {"type": "file", "id": README}])
    told = called(cursor, "DownloadZip", Items=items, DownloadFileName="all")
    assert cursor.api_calls == 3
    with zipfile.ZipFile(io.BytesIO(told["Content"])) as archive:
        assert archive.read("README") == TEXT
        files = [name for name in archive.namelist() if not name.endswith("/")]
    assert told["Size"] == len(told["Content"])
    assert (told["State"], told["TotalFileCount"], told["DownloadedFileCount"]) == (
        "succeeded",
        len(files),
        len(files),
    )
    assert (told["SkippedFileCount"], told["SkippedFolderCount"]) == (0, 0)
    called(cursor, "DownloadZip", Items=items, LocalPath="all.zip")
    with zipfile.ZipFile(folder / "all.zip") as archive:
        assert archive.read("README") == TEXT


def test_items_of_one_name_are_told(fresh: Box, cursor: box_dialect.Cursor) -> None:
    other = fresh.store.add_file("README", fresh.store.root, MemoryContent(b"other"), fresh.store.admin, MOMENT)
    items = json.dumps([{"type": "file", "id": each} for each in (README, other.id)])
    told = called(cursor, "DownloadZip", Items=items)
    ((one, two),) = json.loads(told["NameConflicts"])
    assert {one["id"], two["id"]} == {README, other.id}
    with zipfile.ZipFile(io.BytesIO(told["Content"])) as archive:
        assert {*archive.namelist()} == {one["download_name"], two["download_name"]}


def test_an_archive_that_fails_leaves_no_file(fresh: Box, cursor: box_dialect.Cursor, folder: Path) -> None:
    fresh.store.faults.script("zip_fails")
    with pytest.raises(box_dialect.OperationalError, match=r"/zip_downloads/\{zip_download_id\}/content"):
        called(cursor, "DownloadZip", Items=json.dumps([{"type": "file", "id": README}]), LocalPath="a.zip")
    assert held(folder) == {}


def test_the_address_of_an_archive_is_shown_nowhere(
    fresh: Box, cursor: box_dialect.Cursor, caplog: pytest.LogCaptureFixture
) -> None:
    """It gives the archive to whoever has it."""
    caplog.set_level(logging.DEBUG)
    items = json.dumps([{"type": "file", "id": README}])
    called(cursor, "DownloadZip", Items=items)
    fresh.faults({"operation": "get_zip_downloads_id_content", "status": 500, "times": 100})
    with pytest.raises(box_dialect.OperationalError) as raised:
        called(cursor, "DownloadZip", Items=items)
    made = [*fresh.store.zip_downloads]
    assert len(made) == 2
    for identity in made:
        assert identity not in caplog.text
        assert identity not in f"{raised.value} {raised.value.diag}"


@pytest.mark.parametrize("failure", [{"drop_connection": True}, {"status": 500}, {"status": 401}])
def test_an_address_that_is_good_for_one_use_is_used_once(
    fresh: Box, cursor: box_dialect.Cursor, failure: dict[str, Any]
) -> None:
    fresh.reset()
    fresh.faults({"operation": "get_zip_downloads_id_content", **failure, "times": 100})
    with pytest.raises(box_dialect.OperationalError):
        called(cursor, "DownloadZip", Items=json.dumps([{"type": "file", "id": README}]))
    assert calls(fresh, "get_zip_downloads_id_content") == 1


def test_no_token_is_sent_to_the_address_of_an_archive(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[str, set[str]] = {}
    answer = App.__call__

    async def hear(app: Any, scope: Any, receive: Any, send: Any) -> None:
        heard[scope["path"].rpartition("/")[2]] = {name.decode() for name, _ in scope["headers"]}
        await answer(app, scope, receive, send)

    monkeypatch.setattr(App, "__call__", hear)
    with fresh.connect(AsUserId=fresh.store.admin.id) as connection, connection.cursor() as cursor:
        called(cursor, "DownloadZip", Items=json.dumps([{"type": "file", "id": README}]))
    assert {"authorization", "as-user"} <= heard["status"]
    assert not {"authorization", "as-user"} & heard["content"]


def test_thumbnails(cursor: box_dialect.Cursor) -> None:
    """Of some kinds of files Box makes none, and says so by a picture of the kind, or an error."""
    cursor.execute("SELECT name, GetThumbnail(id) FROM files")
    pictures = dict(cursor.fetchall())
    assert pictures["NDA.pdf"].startswith(PNG)
    assert pictures["README"] is None  # 404
    assert pictures["budget 100%.xlsx"] is None  # 302
    cursor.execute("SELECT GetThumbnail(id, 'jpg', 160) FROM files WHERE name = 'NDA.pdf'")
    assert cursor.fetchall()[0][0].startswith(b"\xff\xd8")


def test_a_thumbnail_that_box_still_makes_is_waited_for(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.faults(
        {"operation": "get_files_id_thumbnail_id", "status": 202, "headers": {"Retry-After": "0", "Location": "/x"}}
    )
    cursor.execute("SELECT GetThumbnail(id) FROM files WHERE name = 'NDA.pdf'")
    assert cursor.fetchall()[0][0].startswith(PNG)


def test_representations(cursor: box_dialect.Cursor, monkeypatch: pytest.MonkeyPatch, fresh: Box) -> None:
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 0.0)
    fresh.store.faults.script("representation_pending=3")
    assert called(cursor, "GetRepresentation", FileId=README) == {"Content": TEXT}
    cursor.execute("SELECT GetRepresentation(id, 'pdf'), GetRepresentation(id, '[none][pdf]') FROM files "
                   "WHERE name = 'NDA.pdf'")  # fmt: skip
    ((pdf, also),) = cursor.fetchall()
    assert pdf == also
    assert pdf.startswith(b"%PDF")
    assert called(cursor, "GetRepresentation", FileId=README, Hints="[none]") == {"Content": None}


@pytest.mark.parametrize("path", ["../../content", "a//b", "."])
def test_the_part_of_a_representation_is_a_path(cursor: box_dialect.Cursor, path: str) -> None:
    with pytest.raises(box_dialect.DataError, match="no asset_path"):
        called(cursor, "GetRepresentation", FileId=README, AssetPath=path)


def test_what_is_read_is_not_all_remembered(cursor: box_dialect.Cursor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal reads in a statement are one, as long as what they give is not too much."""
    cursor.execute("CREATE TABLE twice AS SELECT 1 UNION ALL SELECT 2")
    statement = f"SELECT length(GetRepresentation('{README}')) FROM twice"
    assert cursor.execute(statement).fetchall() == [(len(TEXT),)] * 2
    once = cursor.api_calls
    monkeypatch.setattr(procedure_memo, "MOST_BYTES_REMEMBERED", 0)
    assert cursor.execute(statement).fetchall() == [(len(TEXT),)] * 2
    assert cursor.api_calls == 2 * once


def test_what_is_no_bytes_is_no_content(cursor: box_dialect.Cursor) -> None:
    assert called(cursor, "UploadFile", Name="a", Content=12)["Size"] == 2


@pytest.mark.parametrize("value", ["{folder}", "~/files"])
def test_a_url_of_a_stranger_names_no_folder(
    small: Box, folder: Path, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    monkeypatch.setenv("BOX_DIALECT_ALLOWED_FOLDERS", str(folder.parent))
    with pytest.raises(box_dialect.ProgrammingError, match="LocalFiles lets statements read and write files"):
        box_dialect.connect(f"{small.url}&LocalFiles={value.format(folder=folder)}")
