"""Uploads that another call, or another process, goes on with: what is sent again, and what is not."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS, wait_until

import box_dialect
from box_dialect import aio, content
from box_dialect.api import locked_file, upload, upload_session
from box_dialect.api.unfinished_upload import UnfinishedUpload
from box_dialect.content import aio as async_content
from box_dialect.emulator.resources import upload_sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Box

PART_BYTES = 1 << 16
LARGE = b"0123456789abcdef" * (2 * PART_BYTES // 16 + 1)
"""What has three parts, of which the last one is small."""

OTHER = LARGE[:-1] + b"!"
BEGIN, PART, COMMIT, ABORT = (
    "post_files_upload_sessions",
    "put_files_upload_sessions_id",
    "post_files_upload_sessions_id_commit",
    "delete_files_upload_sessions_id",
)
LIST = "get_files_upload_sessions_id_parts"
PLACE = {"parent_id": "0", "name": "large"}


class Uploads:
    """Uploads to a Box of which parts are sent one after another, and a file that keeps those that are unfinished."""

    def __init__(self, box: Box, connection: box_dialect.Connection, resume: Path) -> None:
        self.box, self.connection, self.resume = box, connection, resume

    def __call__(self, source: Any = LARGE, **given: Any) -> content.FileInfo:
        place = given if {"path", "file_id", "name"} & given.keys() else {**PLACE, **given}
        return content.upload(self.connection, source, resume=self.resume, **place)

    def broken(self, source: Any = LARGE, *, after: int = 1, **given: Any) -> pytest.ExceptionInfo[Any]:
        """Have an upload fail after so many parts, and return what it raises."""
        self.box.faults({"operation": PART, "status": 403, "skip": after, "times": None})
        with pytest.raises(box_dialect.OperationalError) as caught:
            self(source, **given)
        self.box.reset()
        return caught

    def calls(self) -> dict[str, int]:
        """Return how often the operations of sessions were called since the last reset, those that were."""
        counted: dict[str, int] = self.box.stats()["by_operation"]  # type: ignore[assignment]
        return {name: counted[name] for name in (BEGIN, PART, COMMIT, ABORT) if name in counted}

    def named(self, name: str) -> bytes:
        """Return the content of the file of a name, of which there is one."""
        (found,) = [each for each in self.box.store.root.children.values() if each.name == name]
        read: bytes = self.box.store.files[found.id].content.read()
        return read


@pytest.fixture
def whole_uploads(fresh: Box, tmp_path: Path) -> Iterator[Uploads]:
    with fresh.connect(MaxCallsPerMinute=0, MaxConcurrency=1, MaxRetries=0) as connection:
        yield Uploads(fresh, connection, tmp_path / "upload.json")


@pytest.fixture
def uploads(whole_uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    """Uploads in parts that are smaller than Box's, which take less time."""
    monkeypatch.setattr(upload, "MOST_BYTES_AT_ONCE", PART_BYTES)
    monkeypatch.setattr(upload_sessions, "MIN_SIZE", PART_BYTES)
    monkeypatch.setattr(upload_sessions, "PART_SIZE", PART_BYTES)
    return whole_uploads


WHOLE = {PART: 3, COMMIT: 1}


def test_the_same_call_goes_on_with_what_failed(uploads: Uploads, tmp_path: Path) -> None:
    caught = uploads.broken()
    assert "the same call goes on" in str(caught.value)
    assert caught.value.diag.status == 403
    assert uploads.resume.stat().st_mode & 0o777 == 0o600
    kept = json.loads(uploads.resume.read_bytes())
    assert kept.keys() == {
        "box_dialect",
        "session_id",
        "part_size",
        "size",
        "name",
        "parent_id",
        "file_id",
        "sha1",
    }
    told: list[tuple[int, int | None]] = []
    made = uploads(progress=lambda *each: told.append(each))
    assert (made.name, made.size, made.sha1) == ("large", len(LARGE), hashlib.sha1(LARGE).hexdigest())
    assert uploads.calls() == {PART: 2, COMMIT: 1}
    assert told == [(done, len(LARGE)) for done in (PART_BYTES, 2 * PART_BYTES, len(LARGE))]
    assert list(tmp_path.iterdir()) == []


PROCESS = """
import sys
import box_dialect
from box_dialect import content

url, source, resume = sys.argv[1:]
with box_dialect.connect(url, MaxCallsPerMinute=0, MaxConcurrency=1) as connection:
    content.upload(connection, source, path="/large", resume=resume)
"""


@pytest.mark.parametrize(
    ("operation", "parts"),
    [
        (PART, 2),
        pytest.param(BEGIN, 0, marks=pytest.mark.long),
        pytest.param(PART, 0, marks=pytest.mark.long),
        pytest.param(COMMIT, 3, marks=pytest.mark.long),
    ],
)
def test_another_process_goes_on_with_what_was_killed(
    whole_uploads: Uploads, tmp_path: Path, operation: str, parts: int
) -> None:
    """It is killed amid a call, when so many parts have come."""
    uploads, source, body = whole_uploads, tmp_path / "source", bytes(upload.MOST_BYTES_AT_ONCE + 1)
    source.write_bytes(body)
    nth = parts + 1 if operation == PART else 1
    uploads.box.faults({"operation": operation, "skip": nth - 1, "delay_ms": 600_000})
    command = [sys.executable, "-c", PROCESS, uploads.box.url, str(source), str(uploads.resume)]
    with subprocess.Popen(command) as process:
        wait_until(lambda: uploads.calls().get(operation) == nth)
        process.kill()
    uploads.box.reset()
    assert uploads(source, path="/large").sha1 == hashlib.sha1(body).hexdigest()
    begun_anew = {BEGIN: 1} if operation == BEGIN else {}
    assert uploads.calls() == {**begun_anew, COMMIT: 1, **({PART: 3 - parts} if parts < 3 else {})}
    assert not uploads.resume.exists()


def test_a_task_that_is_cancelled_leaves_what_has_come(uploads: Uploads, run: Callable[[Any], Any]) -> None:
    async def check() -> None:
        async with await aio.connect(uploads.box.url, MaxCallsPerMinute=0, MaxConcurrency=1) as connection:
            task = asyncio.create_task(async_content.upload(connection, LARGE, resume=uploads.resume, **PLACE))
            await asyncio.to_thread(wait_until, lambda: uploads.calls().get(PART) == 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            made = await async_content.upload(connection, LARGE, resume=uploads.resume, **PLACE)
            assert made.sha1 == hashlib.sha1(LARGE).hexdigest()

    uploads.box.faults({"operation": PART, "skip": 1, "delay_ms": 600_000})
    run(check())
    assert uploads.calls() == {BEGIN: 1, PART: 4, COMMIT: 1}
    assert not uploads.resume.exists()


def test_a_file_that_another_call_is_about_to_let_go_of_is_waited_for(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(locked_file, "_WAIT_SECONDS", PATIENCE_SECONDS)
    began = UnfinishedUpload(uploads.resume)
    with ThreadPoolExecutor(1) as threads:
        upload = threads.submit(uploads)
        time.sleep(0.1)
        assert not upload.done()
        began.close()
        assert upload.result().size == len(LARGE)


def test_what_ends_it_otherwise_says_so_in_a_note(uploads: Uploads) -> None:
    def stop(_: int, __: int | None) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough") as caught:
        uploads(progress=stop)
    assert any("the same call goes on" in note for note in caught.value.__notes__)
    assert uploads.resume.exists()


def test_a_source_that_changed_is_not_mixed(uploads: Uploads) -> None:
    uploads.broken(after=2)
    changed = b"!" + LARGE[1:]
    assert uploads(changed).sha1 == hashlib.sha1(changed).hexdigest()
    assert uploads.calls() == {ABORT: 1, BEGIN: 1, **WHOLE}


def test_what_was_not_sent_may_have_changed(uploads: Uploads) -> None:
    uploads.broken(after=2)
    assert uploads(OTHER).sha1 == hashlib.sha1(OTHER).hexdigest()
    assert uploads.calls() == {PART: 1, COMMIT: 1}


def test_a_stream_begins_again(uploads: Uploads) -> None:
    uploads.broken(iter([LARGE]), size=len(LARGE))
    assert uploads(iter([LARGE]), size=len(LARGE)).sha1 == hashlib.sha1(LARGE).hexdigest()
    assert uploads.calls() == {PART: 2, COMMIT: 1}


def test_a_stream_that_changed_is_uploaded_by_the_call_after(uploads: Uploads) -> None:
    uploads.broken(iter([LARGE]), size=len(LARGE))
    changed = b"!" + LARGE[1:]
    with pytest.raises(box_dialect.DataError, match="upload the stream again"):
        uploads(iter([changed]), size=len(LARGE))
    assert uploads.calls() == {ABORT: 1}
    assert not uploads.resume.exists()
    assert uploads(iter([changed]), size=len(LARGE)).sha1 == hashlib.sha1(changed).hexdigest()


@pytest.mark.parametrize("call", [1, 3], ids=["before", "amid"])
def test_a_session_that_has_ended_is_followed_by_another(uploads: Uploads, call: int) -> None:
    uploads.broken()
    uploads.box.store.faults.script(f"session_expired={call}")
    if call > 1:
        with pytest.raises(box_dialect.OperationalError, match=r"upload the file again$"):
            uploads()
    before = uploads.calls().get(PART, 0)
    assert uploads().sha1 == hashlib.sha1(LARGE).hexdigest()
    assert uploads.calls() == {BEGIN: 1, PART: before + 3, COMMIT: 1}
    assert not uploads.resume.exists()


@pytest.mark.parametrize(
    "other", [{"name": "other", "parent_id": "0"}, {"source": LARGE + b"!"}], ids=["place", "size"]
)
def test_another_upload_takes_the_place_of_the_unfinished_one(uploads: Uploads, other: dict[str, Any]) -> None:
    uploads.broken()
    made = uploads(**other)
    assert made.sha1 == hashlib.sha1(other.get("source", LARGE)).hexdigest()
    assert uploads.calls() == {ABORT: 1, BEGIN: 1, **WHOLE}
    assert not uploads.resume.exists()


def test_a_small_upload_ends_the_unfinished_one(uploads: Uploads) -> None:
    uploads.broken()
    uploads(b"small")
    assert uploads.calls() == {ABORT: 1}
    assert not uploads.resume.exists()


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"", lambda kept: kept[:20], lambda kept: kept[:-5], lambda kept: kept.replace(b"65536", b"-1")],
    ids=["empty", "its beginning", "cut off", "no size"],
)
def test_a_damaged_file_is_replaced(uploads: Uploads, damage: Callable[[bytes], bytes]) -> None:
    uploads.broken()
    uploads.resume.write_bytes(damage(uploads.resume.read_bytes()))
    assert uploads().sha1 == hashlib.sha1(LARGE).hexdigest()
    assert uploads.calls() == {BEGIN: 1, **WHOLE}
    assert not uploads.resume.exists()


def test_a_session_of_other_parts_is_aborted(uploads: Uploads) -> None:
    uploads.broken(after=0)
    uploads.resume.write_bytes(uploads.resume.read_bytes().replace(b"65536", b"65535"))
    assert uploads().sha1 == hashlib.sha1(LARGE).hexdigest()
    assert uploads.calls() == {ABORT: 1, BEGIN: 1, **WHOLE}


def test_parts_are_listed_a_page_at_a_time(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_session, "_PARTS_OF_PAGE", 1)
    uploads.broken(after=2)
    uploads()
    assert uploads.calls() == {PART: 1, COMMIT: 1}
    assert uploads.box.stats()["by_operation"][LIST] == 2  # type: ignore[index]


PARTS = [{"offset": 0, "size": PART_BYTES}]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("get_files_upload_sessions_id", []),
        (LIST, []),
        (LIST, {"entries": None}),
        (LIST, {"entries": [5]}),
        (LIST, {"entries": [{"offset": 1}]}),
        (LIST, {"entries": [{"offset": "0"}]}),
        (LIST, {"entries": PARTS * 4, "limit": 4, "total_count": 10**18}),
    ],
)
def test_an_answer_that_is_not_box_s_ends_nothing(uploads: Uploads, operation: str, body: Any) -> None:
    uploads.broken()
    kept = uploads.resume.read_bytes()
    uploads.box.faults({"operation": operation, "status": 200, "body": body})
    with pytest.raises(box_dialect.OperationalError, match="not as its reference says"):
        uploads()
    assert uploads.resume.read_bytes() == kept
    uploads()
    assert uploads.calls() == {PART: 2, COMMIT: 1}


@pytest.mark.parametrize("found", [b"a letter", b'{"box_dialect":"other"}', b"{}"])
def test_any_other_file_stays_as_it_is(uploads: Uploads, found: bytes) -> None:
    uploads.resume.write_bytes(found)
    with pytest.raises(box_dialect.ProgrammingError, match="not the file of an unfinished upload"):
        uploads()
    assert uploads.calls() == {}
    assert uploads.resume.read_bytes() == found


def test_a_folder_keeps_no_upload(uploads: Uploads, tmp_path: Path) -> None:
    uploads.resume = tmp_path
    with pytest.raises(IsADirectoryError):
        uploads()
    assert uploads.calls() == {}


def test_two_uploads_do_not_share_a_file(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(locked_file, "_WAIT_SECONDS", 0.0)
    began = UnfinishedUpload(uploads.resume)
    with pytest.raises(box_dialect.OperationalError, match="another upload"):
        uploads()
    began.close()
    with pytest.raises(box_dialect.OperationalError, match="another upload"):
        uploads(progress=lambda *_: UnfinishedUpload(uploads.resume))
    uploads()


def test_a_session_that_cannot_be_kept_is_aborted(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        uploads()
    assert uploads.calls() == {BEGIN: 1, ABORT: 1}
    assert list(uploads.resume.parent.iterdir()) == []


def test_a_file_that_box_takes_long_to_make_is_waited_for_by_the_same_call(uploads: Uploads) -> None:
    uploads.box.faults({"operation": COMMIT, "status": 202, "headers": {"retry-after": "60"}})
    with pytest.raises(box_dialect.OperationalError, match=r"not ready.*the same call goes on") as caught:
        uploads()
    assert caught.value.diag.retryable
    uploads.box.reset()
    assert uploads().sha1 == hashlib.sha1(LARGE).hexdigest()
    assert uploads.calls() == {COMMIT: 1}


def lost(uploads: Uploads, **place: Any) -> None:
    """Have Box make a file, and the upload fail all the same: its answer is lost, and the file cannot be looked at."""
    look = "get_files_id" if "file_id" in place else "options_files_content"
    uploads.box.faults(
        {"operation": COMMIT, "drop_connection": True, "carried_out": True},
        {"operation": look, "status": 403, "skip": 0 if "file_id" in place else 1},
    )
    with pytest.raises(box_dialect.OperationalError, match="the same call goes on"):
        uploads(**place)
    uploads.box.reset()


@pytest.mark.parametrize("kind", ["name", "path", "file_id"])
def test_a_file_that_was_made_is_not_uploaded_again(uploads: Uploads, kind: str) -> None:
    first = uploads(b"first", path="/there")
    place = {"name": PLACE, "path": {"path": "/large"}, "file_id": {"file_id": first.id}}[kind]
    lost(uploads, **place)
    told: list[int] = []
    made = uploads(progress=lambda done, _: told.append(done), **place)
    assert told == [len(LARGE)]
    assert (made.sha1, made.etag) == (hashlib.sha1(LARGE).hexdigest(), "1" if kind == "file_id" else "0")
    assert uploads.calls() == {}
    assert not uploads.resume.exists()


def test_a_file_that_was_made_of_another_source_gets_a_version(uploads: Uploads) -> None:
    lost(uploads, path="/large")
    made = uploads(OTHER, path="/large")
    assert (made.sha1, made.etag) == (hashlib.sha1(OTHER).hexdigest(), "1")


def test_so_it_does_of_another_stream(uploads: Uploads) -> None:
    lost(uploads, path="/large")
    with pytest.raises(box_dialect.DataError, match="upload the stream again"):
        uploads(iter([OTHER]), size=len(OTHER), path="/large")
    made = uploads(iter([OTHER]), size=len(OTHER), path="/large")
    assert (made.sha1, made.etag) == (hashlib.sha1(OTHER).hexdigest(), "1")


def test_a_file_elsewhere_is_not_taken_for_the_one_that_was_made(uploads: Uploads) -> None:
    first = uploads(b"first", path="/there")
    content.upload(uploads.connection, LARGE, file_id=first.id)
    lost(uploads, path="/large")
    assert uploads(file_id=first.id).etag == "2"
