"""The file system of fsspec: what its own suite does not ask."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import pickle
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from content_box import ContentBox
from patience import wait_until
from rounds import Rounds

import box_dialect
from box_dialect.emulator.app import App

fsspec = pytest.importorskip("fsspec", reason="fsspec is missing")

from box_dialect.content.filesystem import BoxFileSystem  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


ROOT = Path(__file__).resolve().parents[2]
SPEC = {"name": "box-dialect", "group": "fsspec.specs"}


@pytest.fixture
def fs(written: Box) -> Iterator[BoxFileSystem]:
    made = BoxFileSystem(box_url=written.url, skip_instance_cache=True)
    made.mkdir("/fs")
    yield made
    made.invalidate_cache()
    made.rm("/fs", recursive=True)


def calls(written: Box) -> Any:
    return written.stats()["calls"]


def test_the_package_declares_its_protocol() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = EntryPoint(**SPEC, value=project["entry-points"]["fsspec.specs"]["box-dialect"])
    assert declared.load() is BoxFileSystem
    assert BoxFileSystem.protocol == SPEC["name"]


def test_it_is_known_by_its_protocol(written: Box) -> None:
    with fsspec.open("box-dialect://Notes.txt", "rb", box_url=written.url) as file:
        assert file.read()
    made, path = fsspec.url_to_fs("box-dialect:///Contracts/", box_url=written.url)
    assert (type(made), path) == (BoxFileSystem, "/Contracts")
    assert made.unstrip_protocol(path) == "box-dialect:///Contracts"
    assert BoxFileSystem(box_url=written.url) is BoxFileSystem(box_url=written.url)
    assert BoxFileSystem(url=written.url).exists("/Notes.txt")


def test_the_url_may_be_in_the_environment(written: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", written.url)
    made = BoxFileSystem(skip_instance_cache=True)
    assert made.exists("/Notes.txt")
    with ContentBox(b"").connected() as connection:
        monkeypatch.setenv("BOX_URL", _url(connection))
        assert made.ls("/", detail=False) == ["/data.bin"]
    monkeypatch.delenv("BOX_URL")
    with pytest.raises(box_dialect.ProgrammingError, match="BOX_URL"):
        fsspec.filesystem("box-dialect").exists("/Notes.txt")


def test_a_process_that_restricts_urls_takes_none_of_the_environment(
    written: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_URL", written.url)
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    made = BoxFileSystem(skip_instance_cache=True)
    with pytest.raises(box_dialect.ProgrammingError, match="restricts URLs"):
        made.ls("/")
    with pytest.raises(box_dialect.ProgrammingError, match="restricts URLs"):
        BoxFileSystem(box_url=f"{written.url}&TokenCache=file", skip_instance_cache=True).ls("/")
    with pytest.raises(box_dialect.ProgrammingError, match="restricts URLs"):
        BoxFileSystem(box_url=written.url, skip_instance_cache=True).pipe("/stranger.txt", b"")


def test_it_travels_to_other_processes(written: Box) -> None:
    made = BoxFileSystem(box_url=written.url)
    assert pickle.loads(pickle.dumps(made)).exists("/Notes.txt")
    assert made.from_json(made.to_json()).exists("/Notes.txt")


def test_its_text_forms_hold_no_secret(written: Box) -> None:
    made = BoxFileSystem(written.url, skip_instance_cache=True)
    secret = written.emulator.ready["client_secret"]
    assert secret in made.to_json()
    assert secret not in made.to_json(include_password=False)
    assert secret not in repr(made)
    with pytest.raises(box_dialect.ProgrammingError) as failed:
        BoxFileSystem(f"{written.url}&NoSuchProperty=1", skip_instance_cache=True).ls("/")
    frames = []
    each = failed.value.__traceback__
    while each is not None:
        frames.append(each.tb_frame)
        each = each.tb_next
    assert secret not in str(
        [frame.f_locals for frame in frames if "box_dialect/properties" in frame.f_code.co_filename]
    )


def test_an_item_is_told_as_box_has_it(fs: BoxFileSystem) -> None:
    fs.pipe("/fs/told.txt", b"told")
    told = fs.info("/fs/told.txt")
    assert (told["name"], told["size"], told["type"]) == ("/fs/told.txt", 4, "file")
    assert told["sha1"] == hashlib.sha1(b"told").hexdigest() == fs.ukey("/fs/told.txt")
    assert fs.checksum("/fs/told.txt") == int(told["sha1"], 16)
    assert fs.created("/fs/told.txt") == told["created"]
    assert fs.modified("/fs/told.txt").tzinfo is dt.UTC
    fs.invalidate_cache()
    assert fs.info("/fs/told.txt") == told
    assert fs.info("/fs")["type"] == "directory"
    assert fs.info("/")["type"] == "directory"


def test_names_are_what_they_are(fs: BoxFileSystem) -> None:
    for name in (" blank", "ä ö", "a?b=c&d#e", "100%", "semi;colon"):
        fs.pipe(f"/fs/{name}", name.encode())
        fs.invalidate_cache()
        assert fs.cat(f"/fs/{name}") == name.encode()


def test_an_item_with_the_name_of_a_pattern_is_that_item(written: Box, fs: BoxFileSystem) -> None:
    for name in ("a1", "a[1]", "b[1]", "c1", "c*"):
        fs.pipe_file(f"/fs/{name}", name.encode())
    fs.pipe_file("/fs/d[1]/e*", b"e*")
    written.reset()
    assert fs.cat("/fs/a[1]") == b"a[1]"
    assert calls(written) == 2  # the file is looked up, and nothing is listed
    fs.rm("/fs/a[1]")
    fs.rm_file("/fs/c*")
    fs.pipe("/fs/b", b"written over")
    fs.mv("/fs/b[1]", "/fs/b")
    assert fs.cat("/fs/b") == b"b[1]"
    assert fs.expand_path("/fs/d[1]", recursive=True) == ["/fs/d[1]", "/fs/d[1]/e*"]
    assert fs.cat("/fs/d[1]/e*") == b"e*"
    assert fs.ls("/fs", detail=False) == ["/fs/a1", "/fs/b", "/fs/c1", "/fs/d[1]"]
    fs.rm("/fs/?1")
    assert fs.ls("/fs", detail=False, refresh=True) == ["/fs/b", "/fs/d[1]"]
    with pytest.raises(FileNotFoundError):
        fs.rm_file("/fs/b*")


def test_ranges_are_read(fs: BoxFileSystem) -> None:
    fs.pipe("/fs/range.txt", b"0123456789")
    assert fs.cat_file("/fs/range.txt", 2, 5) == b"234"
    assert fs.cat_file("/fs/range.txt", -3) == b"789"
    assert fs.cat_file("/fs/range.txt", 8, 99) == b"89"
    assert fs.head("/fs/range.txt", 2) == b"01"
    assert fs.tail("/fs/range.txt", 2) == b"89"
    assert fs.cat_ranges(["/fs/range.txt"] * 2, [0, 4], [1, 6]) == [b"0", b"45"]
    assert fs.read_block("/fs/range.txt", 3, 4) == b"3456"


def test_a_listing_is_a_call_for_each_folder(written: Box, fs: BoxFileSystem) -> None:
    for name in "abc":
        fs.pipe(f"/fs/{name}/file.txt", b"")
    fs.invalidate_cache()
    fs.ls("/")
    written.reset()
    assert fs.find("/fs") == [f"/fs/{name}/file.txt" for name in "abc"]
    assert calls(written) == 4
    assert fs.glob("/fs/*/file.txt") == fs.find("/fs")
    assert fs.du("/fs") == 0
    assert fs.isdir("/fs/a")
    assert calls(written) == 4


def test_folders_are_listed_several_at_once(written: Box, fs: BoxFileSystem) -> None:
    for name in "abcdef":
        fs.pipe(f"/fs/{name}/below/file.txt", b"")
    fs.invalidate_cache()
    fs.ls("/")
    written.reset()
    rounds = Rounds()
    with ThreadPoolExecutor(1) as threads, rounds.holding(App):
        found = threads.submit(fs.find, "/fs")
        for folders in (1, 6, 6):
            wait_until(lambda folders=folders: rounds.held == folders)
            rounds.give()
        assert len(found.result()) == 6
    assert calls(written) == 1 + 6 + 6
    written.reset()
    assert fs.find("/fs", maxdepth=2) == []
    assert calls(written) == 0
    assert len(fs.find("/fs", maxdepth=2, withdirs=True, refresh=True)) == 13
    assert calls(written) == 1 + 6
    assert len(BoxFileSystem(box_url=written.url, use_listings_cache=False).find("/fs/a")) == 1


def test_writes_keep_listings_true_without_calls(written: Box, fs: BoxFileSystem) -> None:
    fs.ls("/fs")
    written.reset()
    fs.pipe("/fs/new.txt", b"new")
    assert fs.ls("/fs", detail=False) == ["/fs/new.txt"]
    fs.mkdir("/fs/folder")
    fs.mv("/fs/new.txt", "/fs/moved.txt")
    assert fs.ls("/fs", detail=False) == ["/fs/folder", "/fs/moved.txt"]
    fs.rm("/fs/moved.txt")
    assert fs.ls("/fs", detail=False) == ["/fs/folder"]
    assert fs.ls("/fs", refresh=True, detail=False) == ["/fs/folder"]
    upload, folder, move, deletion, listing = 1, 1, 1, 1, 1
    is_moved_into = 1  # a folder that might be there by now
    assert calls(written) == upload + folder + move + deletion + listing + is_moved_into


def test_a_file_that_others_made_or_deleted_meanwhile_is_written(written: Box, fs: BoxFileSystem) -> None:
    other = BoxFileSystem(box_url=written.url, skip_instance_cache=True)
    fs.ls("/fs")
    other.pipe("/fs/raced.txt", b"other")
    with fs.open("/fs/raced.txt", "wb") as file:
        file.write(b"mine")
    assert other.cat("/fs/raced.txt") == b"mine"
    other.rm("/fs/raced.txt")
    fs.pipe("/fs/raced.txt", b"again")
    assert fs.cat("/fs/raced.txt") == b"again"
    other.mkdir("/fs/folder")
    with pytest.raises(FileExistsError):
        fs.mkdir("/fs/folder")
    fs.makedirs("/fs/folder", exist_ok=True)


def test_what_others_change_is_seen_where_a_file_is_opened(written: Box, fs: BoxFileSystem) -> None:
    other = BoxFileSystem(box_url=written.url, skip_instance_cache=True)
    fs.pipe("/fs/shared.txt", b"first")
    fs.ls("/fs")
    other.pipe("/fs/shared.txt", b"second")
    assert fs.cat("/fs/shared.txt") == b"second"
    other.pipe("/fs/later.txt", b"later")
    assert fs.exists("/fs/later.txt")
    other.rm("/fs/shared.txt")
    with pytest.raises(FileNotFoundError):
        fs.cat("/fs/shared.txt")
    fs.pipe("/fs/replaced.txt", b"first")
    fs.ls("/fs")
    other.mv("/fs/replaced.txt", "/fs/away.txt")
    other.pipe("/fs/replaced.txt", b"second")
    assert fs.cat("/fs/replaced.txt") == b"second"


def test_what_is_not_there_is_not_found(fs: BoxFileSystem, tmp_path: Path) -> None:
    for path in ("/fs/nothing.txt", "/nothing/at/all.txt"):
        assert not fs.exists(path)
        for ask in (fs.cat_file, fs.info, fs.ls, fs.rm, fs.rmdir, fs.open):
            with pytest.raises(FileNotFoundError):
                ask(path)
        with pytest.raises(FileNotFoundError):
            fs.get_file(path, tmp_path / "file")
    fs.pipe("/fs/file.txt", b"")
    with pytest.raises(FileNotFoundError):
        fs.cat("/fs/file.txt/below")
    with pytest.raises(FileExistsError):
        fs.pipe("/fs/file.txt/below", b"")


def test_what_is_there_is_kept(fs: BoxFileSystem) -> None:
    fs.pipe("/fs/file.txt", b"1")
    for make in (fs.mkdir, fs.makedirs):
        with pytest.raises(FileExistsError):
            make("/fs/file.txt")
    with pytest.raises(FileExistsError):
        fs.makedirs("/fs", exist_ok=False)
    fs.makedirs("/fs/a/b", exist_ok=True)
    fs.makedirs("/fs/a/b", exist_ok=True)
    with pytest.raises(IsADirectoryError):
        fs.open("/fs/a")
    with pytest.raises(IsADirectoryError):
        fs.pipe("/fs/a", b"")
    for delete in (fs.rmdir, fs.rm):
        with pytest.raises(OSError, match="not empty"):
            delete("/fs/a")
    fs.rmdir("/fs/a/b")
    fs.rm("/fs/a")
    with pytest.raises(box_dialect.NotSupportedError):
        fs.rm("/fs", recursive=True, maxdepth=1)
    assert fs.find("/fs") == ["/fs/file.txt"]


def test_a_failure_that_tells_nothing_of_a_file_is_raised(written: Box) -> None:
    wrong = BoxFileSystem(box_url=written.url.replace("://", "://x"), skip_instance_cache=True)
    for ask in (wrong.exists, wrong.ls, wrong.isfile):
        with pytest.raises(box_dialect.OperationalError):
            ask("/Notes.txt")


def test_a_copy_keeps_the_file_that_it_writes_over(fs: BoxFileSystem) -> None:
    fs.pipe({"/fs/source.txt": b"source", "/fs/target.txt": b"target"})
    before = fs.info("/fs/target.txt")
    fs.cp("/fs/source.txt", "/fs/target.txt")
    fs.cp("/fs/source.txt", "/fs/deep/er/copy.txt")
    after = fs.info("/fs/target.txt")
    assert (after["id"], after["size"]) == (before["id"], 6)
    assert after["version_id"] != before["version_id"]
    assert fs.cat("/fs/deep/er/copy.txt") == fs.cat("/fs/target.txt") == b"source"


def test_a_move_is_one_call(written: Box, fs: BoxFileSystem) -> None:
    fs.pipe({"/fs/a/one.txt": b"1", "/fs/b/two.txt": b"2"})
    one, folder = fs.info("/fs/a/one.txt"), fs.info("/fs/b")
    fs.mv("/fs/b", "/fs/a/")
    assert fs.info("/fs/a/b")["id"] == folder["id"]
    fs.mv("/fs/a/one.txt", "/fs/new/three.txt")
    assert fs.info("/fs/new/three.txt")["id"] == one["id"]
    fs.mv("/fs/a/b/two.txt", "/fs/new/three.txt")
    fs.mv("/fs/new/three.txt", "/fs/new/three.txt")
    assert fs.cat("/fs/new/three.txt") == b"2"
    fs.invalidate_cache()
    assert fs.find("/fs") == ["/fs/new/three.txt"]
    fs.ls("/fs/new")
    written.reset()
    fs.mv("/fs/new/three.txt", "/fs/new/four.txt")
    assert calls(written) <= 3
    fs.mv("/fs/new/f*.txt", "/fs/a/")
    assert fs.find("/fs") == ["/fs/a/four.txt"]


def test_files_are_written_as_a_whole(fs: BoxFileSystem) -> None:
    with fs.open("/fs/text.txt", "w", encoding="utf-8") as file:
        file.write("Zürich\n")
    with fs.open("/fs/text.txt", "r", encoding="utf-8") as file:
        assert file.readlines() == ["Zürich\n"]
    with pytest.raises(box_dialect.NotSupportedError, match="as a whole"):
        fs.open("/fs/text.txt", "ab")
    with fs.transaction, pytest.raises(box_dialect.NotSupportedError, match="no transactions"):
        fs.open("/fs/other.txt", "wb")
    fs.touch("/fs/empty")
    assert fs.size("/fs/empty") == 0
    with pytest.raises(box_dialect.NotSupportedError):
        fs.touch("/fs/empty", truncate=False)
    with fsspec.open("box-dialect://fs/packed.txt.gz", "wb", compression="infer", **fs.storage_options) as file:
        file.write(b"packed" * 100)
    with pytest.raises(box_dialect.NotSupportedError, match="compression"):
        fs.open("/fs/packed.txt.gz", "wb", compression="infer")
    with fs.open("/fs/packed.txt.gz", compression="infer") as file:
        assert file.read() == b"packed" * 100
    assert fs.size("/fs/packed.txt.gz") < 600


def test_what_only_reads_writes_nothing(written: Box) -> None:
    reading = BoxFileSystem(box_url=f"{written.url}&Readonly=true", skip_instance_cache=True)
    writes = (
        lambda: reading.pipe("/Notes.txt", b""),
        lambda: reading.open("/Notes.txt", "wb"),
        lambda: reading.mkdir("/new"),
        lambda: reading.rm("/Notes.txt"),
        lambda: reading.mv("/Notes.txt", "/other.txt"),
        lambda: reading.cp("/Notes.txt", "/other.txt"),
        lambda: reading.touch("/new"),
    )
    for write in writes:
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
            write()
    assert reading.exists("/Notes.txt")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a\\b", "nul\0", None])
def test_a_name_that_leads_elsewhere_is_refused(name: Any, tmp_path: Path) -> None:
    box = ContentBox(b"content", name=name)
    with box.connected() as connection:
        fs = BoxFileSystem(box_url=_url(connection), skip_instance_cache=True)
        with pytest.raises(box_dialect.OperationalError, match="Box allows none"):
            fs.get("/", str(tmp_path / "target"), recursive=True)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_progress_is_told(fs: BoxFileSystem, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    class Told(fsspec.callbacks.Callback):  # type: ignore[misc]
        def call(self, *_: object, **__: object) -> None:
            told.append((self.size, self.value))

    (tmp_path / "file").write_bytes(b"x" * 1000)
    fs.put_file(tmp_path / "file", "/fs/file", callback=Told())
    assert told[-1] == (1000, 1000)
    told.clear()
    fs.get_file("/fs/file", tmp_path / "again", callback=Told())
    assert told[-1] == (1000, 1000)


def test_a_json_document_goes_both_ways(fs: BoxFileSystem) -> None:
    with fs.open("/fs/data.json", "w") as file:
        json.dump({"a": [1, 2]}, file)
    with fs.open("/fs/data.json") as file:
        assert json.load(file) == {"a": [1, 2]}


def _url(connection: box_dialect.Connection) -> str:
    properties = connection.properties
    return (
        f"box://?OAuthAccessToken={properties.access_token}&APIBaseURL={properties.api_base_url}"
        f"&RetrySeconds={properties.retry_seconds}"
    )


def test_threads_that_write_at_once_see_all_of_it(fs: BoxFileSystem) -> None:
    paths = [f"/fs/new/{number % 4}/{number}.txt" for number in range(24)]
    with ThreadPoolExecutor(len(paths)) as threads:
        list(threads.map(lambda path: fs.pipe_file(path, path.encode()), paths))
    assert sorted(fs.find("/fs/new")) == sorted(paths)
    fs.invalidate_cache()
    assert sorted(fs.find("/fs/new")) == sorted(paths)
    assert len(fs.ls("/fs/new")) == 4
