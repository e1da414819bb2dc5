"""Uploads in one call and in parts: what arrives, by which calls, and what becomes of an upload that fails."""

from __future__ import annotations

import asyncio
import hashlib
import io
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import pytest
from patience import PATIENCE_SECONDS, wait_until

from box_dialect._http import httpx
from box_dialect.api import CallCount, connections, portal, says_absent
from box_dialect.api.source import PIECE, Source
from box_dialect.api.upload import MOST_BYTES_AT_ONCE, upload
from box_dialect.errors import DataError, IntegrityError, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from conftest import Box

    import box_dialect

SMALL = b"a few bytes"
LARGE = b"0123456789abcdef" * (MOST_BYTES_AT_ONCE // 16 + 1)


class Uploads:
    """Uploads to a Box, and what they took."""

    def __init__(self, box: Box, connection: box_dialect.Connection) -> None:
        self.box, self.count = box, CallCount()
        self.client = connection.session.client

    def __call__(self, source: Source, **target: Any) -> dict[str, Any]:
        target = target if "file_id" in target else {"name": "x", "parent_id": "0", **target}

        async def uploaded() -> dict[str, Any]:
            return await upload(self.client, self.count, source, **target)

        return portal().run(uploaded)

    def content(self, file: dict[str, Any]) -> bytes:
        return self.box.store.files[file["id"]].content.read()

    def operations(self) -> dict[str, int]:
        """Return how often each operation was called since the last reset."""
        found: dict[str, int] = self.box.stats()["by_operation"]  # type: ignore[assignment]
        return found


@pytest.fixture
def uploads(fresh: Box) -> Iterator[Uploads]:
    with fresh.connect(MaxCallsPerMinute=0) as connection:
        yield Uploads(fresh, connection)


class Unseekable(io.RawIOBase):
    """A file that gives a few bytes at a time, and cannot seek."""

    def __init__(self, content: bytes, most: int = 100_000) -> None:
        self._content, self._most = io.BytesIO(content), most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, self._most) if size >= 0 else self._most)


def sources(content: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "content"
    path.write_bytes(content)
    return {
        "bytes": content,
        "view": memoryview(bytearray(content)),
        "path": path,
        "file": io.BytesIO(content),
        "stream": Unseekable(content),
        "iterator": (content[start : start + 77_777] for start in range(0, len(content), 77_777)),
    }


KINDS = ["bytes", "view", "path", "file", "stream", "iterator"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(content, kind) for content in (b"", SMALL) for kind in KINDS] + [(LARGE, kind) for kind in KINDS[::2]],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_uploaded_arrives(uploads: Uploads, tmp_path: Path, content: bytes, kind: str) -> None:
    file = uploads(Source.of(sources(content, tmp_path)[kind]))
    assert uploads.content(file) == content
    assert file["sha1"] == hashlib.sha1(content).hexdigest()
    assert uploads.count.calls == (1 if len(content) <= MOST_BYTES_AT_ONCE else 3 + 3)  # of three parts


class Damaged(Source):
    """A source that gives other bytes, as many, when it is read to be sent."""

    def __init__(self) -> None:
        self.size, self._read = len(SMALL), 0

    async def pieces(self) -> AsyncIterator[bytes]:
        self._read += 1
        yield SMALL if self._read == 1 else SMALL[::-1]


def test_what_arrives_has_the_sha1_that_box_is_told(fresh: Box) -> None:
    with fresh.connect(MaxRetries=0) as connection, pytest.raises(OperationalError, match="bad_digest"):
        Uploads(fresh, connection)(Damaged())
    assert "x" not in {each.name for each in fresh.store.root.children.values()}


@pytest.mark.parametrize("width", [1, 2])
def test_parts_are_sent_several_at_once(fresh: Box, width: int) -> None:
    fresh.faults({"operation": "put_files_upload_sessions_id", "delay_ms": 600_000, "times": 9})
    with fresh.connect(MaxConcurrency=width, MaxCallsPerMinute=0) as connection:
        uploads, future = Uploads(fresh, connection), Future[Any]()
        portal().begin(future, lambda: upload(uploads.client, uploads.count, Source.of(LARGE), name="x", parent_id="0"))
        wait_until(lambda: uploads.operations().get("put_files_upload_sessions_id", 0) == width)
        assert fresh.stats()["max_in_flight"] == width
        future.cancel()
        wait_until(lambda: sessions(fresh) == 1)
        assert uploads.operations()["put_files_upload_sessions_id"] == width


def lost(operation: str, *, carried_out: bool, times: int = 1, skip: int = 0) -> dict[str, Any]:
    """Return a fault: the connection breaks before or after a call has had its effect."""
    return {
        "operation": operation,
        "drop_connection": True,
        "carried_out": carried_out,
        "times": times,
        "skip": skip,
    }


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("carried_out", [False, True], ids=["not carried out", "carried out"])
def test_an_upload_whose_answer_is_lost_is_made_once(uploads: Uploads, content: bytes, carried_out: bool) -> None:
    last = "post_files_content" if content is SMALL else "post_files_upload_sessions_id_commit"
    uploads.box.faults(lost(last, carried_out=carried_out))
    file = uploads(Source.of(content))
    assert uploads.content(file) == content
    assert uploads.operations()[last] == (1 if carried_out else 2)
    assert [each.name for each in uploads.box.store.root.children.values()].count("x") == 1


def test_so_is_a_new_version(uploads: Uploads) -> None:
    file = uploads(Source.of(b"first"))
    uploads.box.faults(lost("post_files_id_content", carried_out=True))
    assert uploads(Source.of(SMALL), file_id=file["id"], etag="0")["etag"] == "1"
    assert uploads.content(file) == SMALL


def test_another_file_with_the_name_is_a_conflict_after_a_lost_answer(uploads: Uploads) -> None:
    uploads(Source.of(b"another"))
    uploads.box.faults(lost("post_files_content", carried_out=False))
    with pytest.raises(IntegrityError) as caught:
        uploads(Source.of(SMALL))
    assert caught.value.diag.code == "item_name_in_use"


def test_a_session_whose_answer_is_lost_is_begun_anew(uploads: Uploads) -> None:
    uploads.box.faults(lost("post_files_upload_sessions", carried_out=True))
    assert uploads.content(uploads(Source.of(LARGE))) == LARGE


def test_a_stream_that_stands_still_keeps_no_other_upload_waiting(fresh: Box) -> None:
    """The first one goes on when the second one is done, though parts of one upload alone may be in flight."""
    done = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield LARGE
        assert done.wait(PATIENCE_SECONDS)
        yield LARGE

    with fresh.connect(MaxConcurrency=1, MaxCallsPerMinute=0) as connection:
        uploads = Uploads(fresh, connection)
        slow: Future[Any] = Future()
        source = Source.of(pieces(), 2 * len(LARGE))
        portal().begin(slow, lambda: upload(uploads.client, uploads.count, source, name="slow", parent_id="0"))
        uploads(Source.of(LARGE))
        done.set()
        assert slow.result(PATIENCE_SECONDS)["size"] == 2 * len(LARGE)


def test_a_part_whose_answer_is_lost_is_found_among_those_that_came(uploads: Uploads) -> None:
    uploads.box.faults(lost("put_files_upload_sessions_id", carried_out=True))
    assert uploads.content(uploads(Source.of(LARGE))) == LARGE
    assert uploads.operations()["get_files_upload_sessions_id_parts"] == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"drop_connection": True},
        {"status": 400, "body": {"code": "bad_digest", "message": "not what was received"}},
    ],
    ids=["refused", "broken", "damaged"],
)
def test_a_part_that_breaks_is_sent_again(uploads: Uploads, fault: dict[str, Any]) -> None:
    uploads.box.faults(
        {"operation": "put_files_upload_sessions_id", "times": 2, "headers": {"retry-after": "0"}, **fault}
    )
    assert uploads.content(uploads(Source.of(LARGE))) == LARGE
    assert uploads.operations()["put_files_upload_sessions_id"] == 5


def test_a_commit_is_repeated_while_box_is_at_it(uploads: Uploads) -> None:
    operation = "post_files_upload_sessions_id_commit"
    uploads.box.faults({"operation": operation, "status": 202, "headers": {"retry-after": "0"}, "times": 12})
    assert uploads.content(uploads(Source.of(LARGE))) == LARGE
    assert uploads.operations()[operation] == 13


def test_a_file_that_box_takes_long_to_make_is_left_at_that(fresh: Box) -> None:
    operation = "post_files_upload_sessions_id_commit"
    with fresh.connect(RetrySeconds=5) as connection:
        uploads = Uploads(fresh, connection)
        fresh.faults({"operation": operation, "status": 202, "headers": {"retry-after": "60"}})
        with pytest.raises(OperationalError, match="look whether it is there") as caught:
            uploads(Source.of(LARGE))
    assert caught.value.diag.is_unknown
    assert not sessions(fresh)


def test_a_conflict_costs_one_small_call(uploads: Uploads) -> None:
    uploads(Source.of(SMALL))
    uploads.count.calls = 0
    with pytest.raises(IntegrityError, match="item_name_in_use"):
        uploads(Source.of(LARGE))
    assert uploads.count.calls == 1


@pytest.mark.parametrize(("point", "error"), [("quota_full", OperationalError), ("file_size_limit", DataError)])
def test_no_room_costs_one_small_call(uploads: Uploads, point: str, error: type[Exception]) -> None:
    uploads.box.store.faults.script(point)
    with pytest.raises(error, match="_exceeded"):
        uploads(Source.of(LARGE))
    assert uploads.operations() == {"options_files_content": 1}


def sessions(box: Box) -> int:
    return box.stats()["by_operation"].get("delete_files_upload_sessions_id", 0)  # type: ignore[attr-defined,no-any-return]


def test_a_session_that_fails_is_aborted(uploads: Uploads) -> None:
    uploads.box.faults({"operation": "put_files_upload_sessions_id", "status": 403, "skip": 1})
    with pytest.raises(OperationalError):
        uploads(Source.of(LARGE))
    assert sessions(uploads.box) == 1


@pytest.mark.parametrize("call", [1, 4], ids=["part", "commit"])
def test_a_session_that_has_ended_is_no_file_that_is_not_there(uploads: Uploads, call: int) -> None:
    file = uploads(Source.of(SMALL))
    uploads.box.store.faults.script(f"session_expired={call}")
    with pytest.raises(OperationalError, match="upload the file again") as caught:
        uploads(Source.of(LARGE), file_id=file["id"])
    assert caught.value.diag.retryable
    assert not says_absent(caught.value)
    assert uploads.content(file) == SMALL


def test_a_session_that_is_cancelled_is_aborted(uploads: Uploads) -> None:
    uploads.box.faults({"operation": "put_files_upload_sessions_id", "delay_ms": 600_000, "times": 9})
    future: Future[Any] = Future()
    portal().begin(future, lambda: upload(uploads.client, uploads.count, Source.of(LARGE), name="x", parent_id="0"))
    wait_until(lambda: uploads.operations().get("put_files_upload_sessions_id", 0) > 0)
    future.cancel()
    wait_until(lambda: sessions(uploads.box) == 1)


class Changing(io.BytesIO):
    """A file that has another size than it said."""

    def __init__(self, content: bytes, told: int) -> None:
        super().__init__(content)
        self._told = told

    def seek(self, offset: int, whence: int = 0) -> int:
        return super().seek(offset, whence) if whence == 0 else self._told


@pytest.mark.parametrize("size", [len(SMALL), len(LARGE)], ids=["small", "large"])
@pytest.mark.parametrize("difference", [-1, 1], ids=["shrinks", "grows"])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_source_that_changes_is_not_uploaded(uploads: Uploads, size: int, difference: int, kind: str) -> None:
    content = (LARGE + b"x")[: size + difference]
    source = Source.of(Changing(content, size)) if kind == "file" else Source.of(iter([content[:5], content[5:]]), size)
    with pytest.raises(DataError, match="has changed while it was read"):
        uploads(source)
    assert "x" not in {each.name for each in uploads.box.store.root.children.values()}
    assert sessions(uploads.box) == (size > MOST_BYTES_AT_ONCE)


def test_progress_is_told(uploads: Uploads) -> None:
    told: list[tuple[int, int | None]] = []
    uploads(Source.of(LARGE), progress=lambda done, size: told.append((done, size)))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) == 3
    assert told[-1] == (len(LARGE), len(LARGE))


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("problem", [SystemExit, KeyboardInterrupt, ValueError, TimeoutError, httpx.ReadError])
def test_what_the_progress_raises_ends_the_upload_alone(
    uploads: Uploads, content: bytes, problem: type[BaseException]
) -> None:
    def stop(_: int, __: int | None) -> None:
        raise problem("enough")

    with pytest.raises(problem, match="enough"):
        uploads(Source.of(content), progress=stop)
    assert uploads.content(uploads(Source.of(SMALL), name="y")) == SMALL


def test_so_does_what_a_stream_raises(uploads: Uploads) -> None:
    def pieces() -> Iterator[bytes]:
        yield SMALL
        raise SystemExit

    with pytest.raises(SystemExit):
        uploads(Source.of(pieces()))
    assert uploads.content(uploads(Source.of(SMALL))) == SMALL


def test_a_stream_of_unknown_size_has_a_bound(fresh: Box) -> None:
    with fresh.connect(MaxTemporaryDisk=20) as connection:
        uploads = Uploads(fresh, connection)
        with pytest.raises(DataError, match="MaxTemporaryDisk"):
            uploads(Source.of(iter([LARGE, b"0" * 1_000_000])))
        assert uploads.count.calls == 0


def test_many_uploads_in_parts_share_what_may_be_in_memory(fresh: Box) -> None:
    with fresh.connect(MaxConcurrency=2, MaxCallsPerMinute=0) as connection:
        uploads = Uploads(fresh, connection)

        async def together() -> list[dict[str, Any]]:
            return await asyncio.gather(
                *(upload(uploads.client, uploads.count, Source.of(LARGE), name=f"{n}", parent_id="0") for n in range(4))
            )

        assert {file["sha1"] for file in portal().run(together)} == {hashlib.sha1(LARGE).hexdigest()}


def test_each_piece_has_the_time_for_an_answer(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[str] = []

    class Noted(connections._Timed):
        def __init__(self, stream: Any, begun: Callable[[], object]) -> None:
            async def noted() -> AsyncIterator[bytes]:
                async for piece in stream:
                    began.append("piece")
                    yield piece

            def begin() -> None:
                began.append("time")
                begun()

            super().__init__(noted(), begin)  # type: ignore[arg-type]

    monkeypatch.setattr(connections, "_Timed", Noted)
    uploads(Source.of(bytes(3 * PIECE)))
    assert began == ["piece", "time"] * 4 + ["time"]  # the last piece is the end of the form


@pytest.mark.parametrize(
    "content", ["text", 5, None, io.StringIO("text")], ids=["text path", "number", "nothing", "text"]
)
def test_what_is_no_source_is_refused(content: Any) -> None:
    with pytest.raises((ProgrammingError, OSError)):
        Source.of(content)


def test_a_stream_of_texts_is_refused(uploads: Uploads) -> None:
    with pytest.raises(ProgrammingError, match="binary mode"):
        uploads(Source.of(iter(["text"])))


class Held(bytes):
    """Bytes of which is known how many there are at a time."""

    now = most = 0

    def __new__(cls, content: Any) -> Self:
        made = super().__new__(cls, content)
        Held.now += len(made)
        Held.most = max(Held.most, Held.now)
        return made

    def __del__(self) -> None:
        Held.now -= len(self)


class HeldSource(Source):
    """A source whose parts are counted as long as anybody has them."""

    def __init__(self, source: Source) -> None:
        self._source, self.size = source, source.size

    async def read(self, offset: int, length: int) -> bytes:
        return Held(await self._source.read(offset, length))


@pytest.mark.long
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_large_file_is_never_in_memory_as_a_whole(fresh: Box, tmp_path: Path, kind: str) -> None:
    size, part, width = 200 << 20, 8 << 20, 4
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size)
    with fresh.connect(MaxConcurrency=width, MaxCallsPerMinute=0) as connection, path.open("rb") as file:
        source = Source.of(file) if kind == "file" else Source.of(iter(partial(file.read, 1 << 20), b""), size)
        Held.most = 0
        assert Uploads(fresh, connection)(HeldSource(source))["size"] == size
    assert part < Held.most <= (width + 2) * part
