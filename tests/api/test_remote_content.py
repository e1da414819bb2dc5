"""Reading a content by ranges and as a stream, where bodies break off and servers do as they like."""

from __future__ import annotations

import io
import json
import os
import random
import time
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import content_box
import pytest
from content_box import FILE_ID, ContentBox
from patience import PATIENCE_SECONDS

import box_dialect
from box_dialect.api import CallCount, portal, remote_content
from box_dialect.api.read_ahead import BLOCK, MOST_BYTES_AT_ONCE, MOST_BYTES_KEPT
from box_dialect.api.remote_content import RemoteContent, Version
from box_dialect.api.remote_file import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1 << 20


@contextmanager
def served(box: ContentBox, size: int | None = None, **properties: object) -> Iterator[RemoteContent]:
    with box.connected(**properties) as connection:
        version = Version(FILE_ID, box.version_id, len(box.content) if size is None else size)
        yield RemoteContent(connection.session.client, CallCount(), version)


@contextmanager
def opened(box: ContentBox) -> Iterator[RemoteFile]:
    with served(box) as content, RemoteFile(content, portal().run, box.name) as file:
        yield file


def streamed(content: RemoteContent, start: int = 0) -> bytes:
    async def read() -> bytes:
        stream, pieces = content.stream(start), []
        try:
            while piece := await stream.next():
                pieces.append(piece)
        finally:
            await stream.aclose()
        return b"".join(pieces)

    return portal().run(read)


def test_a_range_is_all_that_is_fetched() -> None:
    box = ContentBox(random.randbytes(MIB))
    with served(box) as content:
        assert portal().run(content.read, 1000, 3000) == box.content[1000:3000]
    assert (box.ranges, box.sent) == ([(1000, 3000)], 2000)


def test_an_empty_range_takes_no_call() -> None:
    box = ContentBox(b"")
    with served(box) as content:
        assert portal().run(content.read, 0, 0) == streamed(content) == b""
    assert box.operations == []


def test_a_body_that_breaks_off_goes_on_from_there() -> None:
    box = ContentBox(random.randbytes(3 * MIB), breaks=[MIB, MIB + 5])
    with served(box) as content:
        assert streamed(content) == box.content
    assert box.ranges == [None, (MIB, 3 * MIB), (2 * MIB + 5, 3 * MIB)]


def test_a_body_that_comes_along_may_break_off_more_often_than_a_call_is_sent() -> None:
    box = ContentBox(random.randbytes(5 * MIB), breaks=[MIB + 1] * 4)
    with served(box, MaxRetries=0) as content:
        assert streamed(content) == box.content


def test_a_body_that_does_not_come_along_is_given_up() -> None:
    box = ContentBox(random.randbytes(3 * MIB), breaks=[MIB] + [10] * 20)
    with served(box, MaxRetries=1) as content, pytest.raises(box_dialect.OperationalError, match="cannot be got"):
        streamed(content)
    assert len(box.ranges) == 4


def test_a_content_that_is_not_ready_is_waited_for() -> None:
    box = ContentBox(b"later", pending=2)
    with served(box) as content:
        assert streamed(content) == b"later"


def test_a_server_without_ranges_gives_what_is_wanted_all_the_same() -> None:
    box = ContentBox(random.randbytes(MIB), serves_ranges=False)
    with served(box) as content:
        assert portal().run(content.read, 500_000, 500_100) == box.content[500_000:500_100]
        assert streamed(content, 7) == box.content[7:]


def test_another_range_than_was_asked_for_is_an_error() -> None:
    box = ContentBox(random.randbytes(1000), shift=1)
    with served(box, MaxRetries=0) as content, pytest.raises(box_dialect.OperationalError, match="cannot be got"):
        portal().run(content.read, 10, 20)


@pytest.mark.parametrize("told", [999, 1001])
def test_a_content_of_another_size_than_was_told_is_an_error(told: int) -> None:
    box = ContentBox(random.randbytes(1000))
    with served(box, told, MaxRetries=0) as content, pytest.raises(box_dialect.OperationalError):
        streamed(content)


def test_a_stream_that_nobody_takes_lets_its_connection_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_content, "MOST_BYTES_AHEAD", 1)
    monkeypatch.setattr(remote_content, "SECONDS_HELD", 0.01)
    box = ContentBox(random.randbytes(4 * MIB))
    with served(box, MaxConcurrency=1, MaxRetries=0) as content:
        client = content._client

        async def read() -> bytes:
            stream = content.stream()
            first = await stream.next()
            while client._slots._taken:
                await remote_content.asyncio.sleep(0.01)
            rest = []
            while piece := await stream.next():
                rest.append(piece)
            return b"".join([first, *rest])

        assert portal().run(read) == box.content
    assert len(box.ranges) > 1


def test_a_file_object_reads_as_one_in_memory_does() -> None:
    drawn = random.Random(17)
    box = ContentBox(drawn.randbytes(700_000))
    same = io.BytesIO(box.content)
    with opened(box) as file:
        for _ in range(300):
            what = drawn.randrange(6)
            if what == 0:
                offset, whence = drawn.choice([(drawn.randrange(800_000), 0), (drawn.randrange(-5, 9), 1), (-100, 2)])
                if whence != 1 or same.tell() + offset >= 0:
                    assert file.seek(offset, whence) == same.seek(offset, whence)
            elif what == 1:
                assert file.readline() == same.readline()
            elif what == 2:
                taken = bytearray(drawn.choice([0, 1, 100, 70_000]))
                assert file.readinto(taken) == same.readinto(bytearray(len(taken)))
            else:
                size = drawn.choice([0, 1, 30, 5000, 100_000])
                assert file.read(size) == same.read(size)
            assert file.tell() == same.tell()
        file.seek(0)
        assert file.read() == box.content
        file.seek(10)
        assert len(file.peek()) > 0
        assert file.tell() == 10


def test_the_directory_of_an_archive_is_read_without_the_rest() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for number in range(20):
            written.writestr(f"{number}.bin", random.randbytes(200_000))
    box = ContentBox(archive.getvalue())
    with opened(box) as file, zipfile.ZipFile(file) as read:
        assert len(read.namelist()) == 20
        assert box.sent <= BLOCK
        assert len(read.read("7.bin")) == 200_000
    assert box.sent <= 200_000 + 5 * BLOCK


def test_the_end_is_read_by_one_call() -> None:
    box = ContentBox(random.randbytes(MIB))
    with opened(box) as file:
        file.seek(-8, os.SEEK_END)
        assert file.read() == box.content[-8:]
    assert box.sent <= BLOCK
    assert len(box.ranges) == 1


def test_a_large_read_here_and_there_fetches_nothing_else() -> None:
    box = ContentBox(random.randbytes(4 * MIB))
    with opened(box) as file:
        for place in (3 * MIB, MIB, 0):
            file.seek(place)
            assert file.read(300_000) == box.content[place : place + 300_000]
    assert box.sent == 900_000


def test_reads_that_follow_each_other_are_fetched_ahead_by_few_calls() -> None:
    box = ContentBox(random.randbytes(40 * MIB))
    with opened(box) as file:
        while file.read(8192):
            pass
    assert len(box.ranges) <= 15
    assert box.sent == len(box.content)
    assert max(stop - start for start, stop in filter(None, box.ranges)) <= MOST_BYTES_AT_ONCE


def test_the_next_range_is_fetched_while_this_one_is_worked_on() -> None:
    box = ContentBox(random.randbytes(4 * MIB))
    with opened(box) as file:
        for _ in range(3):
            file.read(BLOCK)
        end = time.monotonic() + PATIENCE_SECONDS
        while len(box.ranges) < 4 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(box.ranges) == 4


def test_what_is_kept_is_bounded() -> None:
    box = ContentBox(random.randbytes(30 * MIB))
    with opened(box) as file:
        while file.read(MIB):
            assert sum(len(each.data) for each in file._reader._kept) <= MOST_BYTES_KEPT


def test_lines_are_read() -> None:
    lines = [json.dumps({"number": number}) for number in range(20_000)]
    box = ContentBox("\n".join(lines).encode())
    with opened(box) as file, io.TextIOWrapper(file, encoding="utf-8") as text:
        assert [line.rstrip("\n") for line in text] == lines


def test_a_closed_file_is_not_read() -> None:
    box = ContentBox(b"content")
    with opened(box) as file:
        file.close()
        file.close()
        with pytest.raises(ValueError, match="closed"):
            file.read()
        with pytest.raises(ValueError, match="closed"):
            file.seek(0)


def test_places_that_there_are_not_are_refused() -> None:
    with opened(ContentBox(b"content")) as file:
        with pytest.raises(ValueError, match="negative"):
            file.seek(-1)
        with pytest.raises(ValueError, match="whence"):
            file.seek(0, 7)


def test_a_signed_address_is_in_no_message() -> None:
    box = ContentBox(random.randbytes(100), breaks=[1] * 9)
    with served(box, MaxRetries=0) as content, pytest.raises(box_dialect.OperationalError) as failed:
        streamed(content)
    assert "/dl" not in str(failed.value)
    assert content_box.FILE_ID in str(failed.value)
