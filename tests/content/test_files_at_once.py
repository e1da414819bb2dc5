"""`get` and `put` of the file system of fsspec: several files at once."""

from __future__ import annotations

import _thread
import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS, wait_until

import box_dialect
from box_dialect.emulator.app import App

fsspec = pytest.importorskip("fsspec", reason="fsspec is missing")

from box_dialect.content.filesystem import BoxFileSystem  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

NAMES = "abcd"
UPLOAD, CONTENT, LIST, FILE = "post_files_content", "get_files_id_content", "get_folders_id_items", "get_files_id"


@pytest.fixture
def fs(fresh: Box) -> BoxFileSystem:
    made = BoxFileSystem(box_url=fresh.url, skip_instance_cache=True)
    made.mkdir("/fs")
    return made


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A local folder with a file of each name, and an empty folder."""
    folder = tmp_path / "local"
    (folder / "sub" / "empty").mkdir(parents=True)
    for name in NAMES:
        (folder / "sub" / name).write_text(name)
    return folder


def operations(box: Box) -> Any:
    return box.stats()["by_operation"]


def test_a_tree_goes_both_ways(fs: BoxFileSystem, fresh: Box, local: Path, tmp_path: Path) -> None:
    fresh.reset()
    fs.put(str(local), "/fs/", recursive=True)
    made = operations(fresh)
    assert (made[UPLOAD], made["post_folders"]) == (4, 3)
    fs.invalidate_cache()
    fresh.reset()
    fs.get("/fs/local", str(tmp_path / "back"), recursive=True)
    assert operations(fresh) == {LIST: 5, CONTENT: 4}  # what was just listed is not asked for again
    assert {each.name: each.read_text() for each in (tmp_path / "back" / "sub").iterdir() if each.is_file()} == {
        name: name for name in NAMES
    }
    assert (tmp_path / "back" / "sub" / "empty").is_dir()
    fresh.reset()
    fs.get("/fs/local/sub/*", str(tmp_path / "again"))
    assert operations(fresh) == {FILE: 4, CONTENT: 4}


def test_files_are_downloaded_at_once(fs: BoxFileSystem) -> None:
    """Each write waits for one of every other file."""
    barrier = threading.Barrier(len(NAMES), timeout=PATIENCE_SECONDS)

    class Target:
        def __init__(self) -> None:
            self.written = b""

        def write(self, data: Any) -> int:
            barrier.wait()
            self.written += bytes(data)
            return len(data)

    for name in NAMES:
        fs.pipe(f"/fs/{name}", name.encode())
    targets = [Target() for _ in NAMES]
    fs.get([f"/fs/{name}" for name in NAMES], targets)
    assert [each.written.decode() for each in targets] == [*NAMES]


def test_files_are_uploaded_at_once_and_an_interrupt_cancels_all(fs: BoxFileSystem, fresh: Box, local: Path) -> None:
    fs.ls("/fs")
    fresh.reset()
    fresh.faults({"operation": UPLOAD, "delay_ms": 3_600_000, "times": None})

    def interrupt() -> None:
        try:
            wait_until(lambda: operations(fresh).get(UPLOAD) == len(NAMES))
        finally:
            _thread.interrupt_main()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        fs.put(str(local / "sub") + "/", "/fs/", recursive=True)
    interrupting.join()
    fresh.reset()
    assert fs.ls("/fs", detail=False, refresh=True) == ["/fs/empty"]


def test_no_more_are_transferred_at_once_than_calls_may_be_in_flight(
    fresh: Box, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No upload is answered before two files have begun, which a slow thread delays."""
    fs = BoxFileSystem(box_url=f"{fresh.url}&MaxConcurrency=2", skip_instance_cache=True)
    at_once: set[str] = set()
    most = 0
    answer = App.__call__

    async def held(app: Any, scope: Any, receive: Any, send: Any) -> None:
        for _ in range(5_000):
            if most > 1 or not scope["path"].endswith("/files/content"):
                break
            await asyncio.sleep(0.001)
        await answer(app, scope, receive, send)

    class Branch(fsspec.callbacks.Callback):  # type: ignore[misc]
        def close(self) -> None:
            at_once.discard(self.path)

    class Callback(fsspec.callbacks.Callback):  # type: ignore[misc]
        def branched(self, source: str, _target: str, **_: Any) -> Any:
            nonlocal most
            at_once.add(source)
            most = max(most, len(at_once))
            made = Branch()
            made.path = source
            return made

    monkeypatch.setattr(App, "__call__", held)
    fs.put([str(local / "sub" / name) for name in NAMES], [f"/{name}" for name in NAMES], callback=Callback())
    assert (most, at_once) == (2, set())


def test_callbacks_are_told_of_all_and_of_each(fs: BoxFileSystem, local: Path, tmp_path: Path) -> None:
    branches: dict[str, Any] = {}

    class Callback(fsspec.callbacks.Callback):  # type: ignore[misc]
        def branched(self, source: str, _target: str, **_: Any) -> Any:
            return branches.setdefault(source.rpartition("/")[2], fsspec.callbacks.Callback())

    told = Callback()
    fs.put(str(local / "sub"), "/fs/", recursive=True, callback=told)
    assert (told.size, told.value) == (6, 6)
    assert {name: (branches[name].size, branches[name].value) for name in NAMES} == dict.fromkeys(NAMES, (1, 1))
    branches.clear()
    told = Callback()
    fs.get("/fs/sub", str(tmp_path / "back"), recursive=True, callback=told)
    assert (told.size, told.value) == (6, 6)
    assert {name: (branches[name].size, branches[name].value) for name in NAMES} == dict.fromkeys(NAMES, (1, 1))


def test_a_failure_is_raised(fs: BoxFileSystem, fresh: Box, local: Path, tmp_path: Path) -> None:
    fs.put(str(local / "sub"), "/fs/", recursive=True)
    fresh.faults({"operation": CONTENT, "status": 403})
    with pytest.raises(box_dialect.OperationalError):
        fs.get("/fs/sub", str(tmp_path / "back"), recursive=True)
    with pytest.raises(FileNotFoundError):
        fs.get(["/fs/sub/a", "/fs/sub/missing"], [str(tmp_path / "a"), str(tmp_path / "missing")])
    with pytest.raises(FileNotFoundError):
        fs.put([str(local / "missing")], ["/fs/missing"])
    with pytest.raises(FileExistsError):
        fs.put([str(local / "sub" / "a")], ["/fs/sub/a"], mode="create")


def test_what_others_have_done_since_a_folder_was_listed_is_seen(
    fs: BoxFileSystem, fresh: Box, local: Path, tmp_path: Path
) -> None:
    paths = [f"/fs/{name}" for name in NAMES]
    fs.pipe("/fs/a", b"old")
    fs.ls("/fs")
    other = BoxFileSystem(box_url=fresh.url, skip_instance_cache=True)
    other.pipe("/fs/b", b"of another")
    other.rm("/fs/a")
    fs.put([str(local / "sub" / name) for name in NAMES], paths)
    assert [fs.cat_file(path) for path in paths] == [name.encode() for name in NAMES]
    other.rm("/fs/a")
    other.pipe("/fs/a", b"made anew")
    other.pipe("/fs/c", b"version")
    other.mv("/fs/d", "/fs/e")
    other.pipe("/fs/d", b"in its place")
    fs.get(paths, [str(tmp_path / name) for name in NAMES])
    assert [(tmp_path / name).read_text() for name in NAMES] == ["made anew", "b", "version", "in its place"]


def test_several_sources_of_one_target_are_written_one_after_another(fs: BoxFileSystem, local: Path) -> None:
    fs.put([str(local / "sub" / name) for name in "ab"], ["/fs/x", "/fs/x"])
    assert fs.ls("/fs", detail=False) == ["/fs/x"]
