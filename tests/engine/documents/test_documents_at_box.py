"""Documents at Box: kept by their digests, fetched by ranges, bounded on disk, and the version that was listed."""

from __future__ import annotations

import gc
import io
import os
import stat
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from descriptors import held_below, needs_descriptors
from documents_at_box import downloads, put
from patience import wait_until

import box_dialect
from box_dialect.emulator.content import MemoryContent
from box_dialect.engine.documents import document_cache
from box_dialect.engine.documents.document_cache import DocumentCache

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

pytest.importorskip("pyarrow")


def made(box: Box, **properties: Any) -> box_dialect.Connection:
    connection = box.connect(**properties)
    connection.cursor().execute("CREATE VIRTUAL TABLE kept USING csv(path = '/Kept/*.csv')")
    return connection


@pytest.fixture
def box(written: Box) -> Box:
    for number in range(3):
        put(written, f"/Kept/{number}.csv", f"a\n{number}\n".encode())
    return written


def test_the_cache_spares_downloads_also_of_other_connections(box: Box, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    with made(box, DocumentCache=str(folder)) as connection:
        connection.cursor().execute("SELECT sum(a) FROM kept").fetchone()
    assert len([*folder.iterdir()]) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    box.reset()
    with made(box, DocumentCache=str(folder)) as connection:
        assert connection.cursor().execute("SELECT sum(a) FROM kept").fetchone() == (3,)
        assert downloads(box) == 0
        put(box, "/Kept/0.csv", b"a\n10\n")
        box.reset()
        assert connection.cursor().execute("SELECT sum(a) FROM kept").fetchone() == (13,)
        assert downloads(box) == 1


@pytest.mark.parametrize("is_cached", [False, True], ids=["no cache", "cache"])
def test_a_document_of_another_sha1_than_box_tells_is_not_read(box: Box, tmp_path: Path, is_cached: bool) -> None:
    spoiled: Any = box.store.items["file"][put(box, "/Spoiled/a.csv", b"a\n1\n")]
    with box.connect(DocumentCache=str(tmp_path) if is_cached else None) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE spoiled USING csv(path = '/Spoiled/a.csv')")
        told = spoiled.versions[-1].content.sha1
        spoiled.versions[-1].content = MemoryContent(b"a\n2\n")
        spoiled.versions[-1].content.__dict__["sha1"] = told
        for each in tmp_path.iterdir():
            each.unlink()
        with pytest.raises(box_dialect.OperationalError, match=r"/Spoiled/a\.csv has the SHA-1"):
            cursor.execute("SELECT a FROM spoiled").fetchall()
    assert [*tmp_path.iterdir()] == []


def test_a_kept_document_that_was_changed_is_downloaded(box: Box, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    with made(box, DocumentCache=str(folder)) as connection:
        connection.cursor().execute("SELECT sum(a) FROM kept").fetchone()
    changed = next(each for each in folder.iterdir() if each.read_bytes() == b"a\n2\n")
    changed.unlink()  # a file that this process has not opened is in its place
    changed.write_bytes(b"a\n9\n")
    document_cache._compare.cache_clear()
    box.reset()
    for downloaded in (1, 1):
        with made(box, DocumentCache=str(folder)) as connection:
            assert connection.cursor().execute("SELECT sum(a) FROM kept").fetchone() == (3,)
        assert downloads(box) == downloaded
    assert changed.read_bytes() == b"a\n2\n"


def test_nothing_is_kept_without_the_property(box: Box) -> None:
    with made(box) as connection:
        box.reset()
        for _ in range(2):
            connection.cursor().execute("SELECT sum(a) FROM kept").fetchone()
        assert downloads(box) == 6


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    cache = DocumentCache(str(tmp_path), 25)
    (left, old), (written, _) = (tempfile.mkstemp(prefix=".part-", dir=tmp_path) for _ in range(2))
    os.close(written)
    os.utime(old, (0, 0))
    os.close(left)
    for number in range(4):
        descriptor, path = cache.begun()
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(b"x" * 10)
        cache.keep(path, f"{number:040x}")
    assert sorted(len(each.name) == 40 for each in tmp_path.iterdir()) == [False, True, True]
    assert cache.opened("../../etc/passwd", 10) is None
    assert cache.opened(f"{3:040x}", 11) is None


def test_a_folder_that_cannot_be_used_is_told_of(box: Box, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(box_dialect.OperationalError, match="property DocumentCache: nothing can be written"):
        made(box, DocumentCache=str(tmp_path / "file" / "folder"))


def test_a_document_beyond_the_disk_is_refused_before_it_is_downloaded(box: Box) -> None:
    put(box, "/Large/large.csv", b"a\n" + b"1\n" * (1 << 19) + b"2\n")
    with box.connect(MaxTemporaryDisk=1) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE large USING csv(path = '/Large/large.csv')")
        box.reset()
        with pytest.raises(box_dialect.OperationalError, match="MaxTemporaryDisk"):
            cursor.execute("SELECT count(*) FROM large").fetchone()
        assert downloads(box) == 0


def test_what_was_read_makes_room_for_others(box: Box) -> None:
    for number in range(3):
        put(box, f"/Room/{number}.csv", b"a\n" + b"12345\n" * 100_000)
    with box.connect(MaxTemporaryDisk=1, MaxConcurrency=1) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE room USING csv(path = '/Room/*.csv')")
        assert cursor.execute("SELECT count(*) FROM room").fetchone() == (300_000,)


@needs_descriptors
def test_a_statement_that_has_ended_keeps_no_document(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gc.disable()
    try:  # what is waited for are documents that were downloaded ahead
        with made(box) as connection:
            wait_until(lambda: not held_below(tmp_path))
            cursor = connection.cursor()
            cursor.execute("SELECT a FROM kept").fetchall()
            wait_until(lambda: not held_below(tmp_path))
            with pytest.raises(box_dialect.Error, match="malformed JSON"):
                cursor.execute("SELECT json('{' || a) FROM kept").fetchall()
            wait_until(lambda: not held_below(tmp_path))
            cursor.execute("SELECT a FROM kept").fetchone()
            assert held_below(tmp_path)
            cursor.close()
            wait_until(lambda: not held_below(tmp_path))
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE copied (a)")
            cursor.executemany("INSERT INTO copied SELECT a FROM kept WHERE a = ?", [(0,), (1,)])
            wait_until(lambda: not held_below(tmp_path))
        with box.connect(URI="/Kept/*.csv") as connection:
            connection.find_tables()
            wait_until(lambda: not held_below(tmp_path))
    finally:
        gc.enable()


def test_of_parquet_only_what_is_read_is_fetched(box: Box) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {f"c{number}": pa.array([number * 100_000 + row for row in range(20_000)]) for number in range(20)}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, row_group_size=2_000, compression="none", use_dictionary=False)
    put(box, "/Parquet/wide.parquet", buffer.getvalue())
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE wide USING parquet(path = '/Parquet/wide.parquet')")
        seen: list[int] = []
        streamed: list[RemoteContent] = []
        from box_dialect.api.remote_content import RemoteContent

        with pytest.MonkeyPatch.context() as patch:
            read = RemoteContent.read

            async def counted(content: RemoteContent, start: int, stop: int) -> bytes:
                seen.append(stop - start)
                return await read(content, start, stop)

            stream = RemoteContent.stream

            def whole(content: RemoteContent) -> Any:
                streamed.append(content)
                return stream(content)

            patch.setattr(RemoteContent, "read", counted)
            patch.setattr(RemoteContent, "stream", whole)
            cursor.execute("SELECT sum(c3), min(c7) FROM wide WHERE c3 BETWEEN 304000 AND 305999")
            assert cursor.fetchone() == (sum(range(304_000, 306_000)), 704_000)
        assert 0 < sum(seen) < len(buffer.getvalue()) / 8
        assert not streamed
        cursor.execute("SELECT c1 FROM wide WHERE c3 = 304000 OR c7 = 704001 ORDER BY 1")
        assert cursor.fetchall() == [(104_000,), (104_001,)]
