"""What a statement downloads ahead is bounded by its bytes, and cancelled where its rows are passed over."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from box_dialect.catalog.model import Remote
from box_dialect.engine import downloads
from box_dialect.engine.downloads import Downloads


class Source:
    """Gives each value once its path is among those that `may_end`."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.has_begun = asyncio.Event()
        self.cancelled: list[str] = []
        self.may_end: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def get(self, path: str) -> bytes:
        self.begun.append(path)
        self.has_begun.set()
        try:
            await self.may_end[path].wait()
        except asyncio.CancelledError:
            self.cancelled.append(path)
            raise
        return path.encode()


def remotes(*sizes: int | None) -> list[Remote]:
    return [Remote(f"{number}", size) for number, size in enumerate(sizes)]


def test_what_comes_is_begun_up_to_the_bytes_that_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_AHEAD", 100)

    async def read() -> None:
        source, reading = Source(), Downloads()
        source.may_end["0"].set()
        first, *coming = remotes(500, 60, 40, 1, 1)
        assert await reading.read(first, coming, [], source.get) == b"0"
        assert source.begun == ["0", "1", "2"]
        source.may_end["1"].set()
        assert await reading.read(coming[0], coming[1:], [], source.get) == b"1"
        assert source.begun == ["0", "1", "2", "3", "4"]
        await reading.aclose()
        assert source.cancelled == ["2", "3", "4"]

    asyncio.run(read())


def test_one_of_unknown_size_is_not_begun_ahead() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        source.may_end["0"].set()
        first, *coming = remotes(1, None, 1)
        await reading.read(first, coming, [], source.get)
        assert source.begun == ["0"]
        assert not reading.is_in_use

    asyncio.run(read())


def test_those_that_are_passed_over_are_cancelled_and_make_room() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        for path in "03":
            source.may_end[path].set()
        first, *coming = remotes(1, 1, 1, 1)
        await reading.read(first, coming, [], source.get)
        assert await reading.read(coming[2], [], coming[:2], source.get) == b"3"
        assert source.begun == ["0", "1", "2", "3"]
        assert not reading.is_in_use
        await asyncio.sleep(0)
        assert source.cancelled == ["1", "2"]

    asyncio.run(read())


def test_a_download_that_is_not_waited_for_any_more_is_cancelled() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        task = asyncio.ensure_future(reading.read(remotes(1)[0], [], [], source.get))
        await source.has_begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert source.cancelled == ["0"]

    asyncio.run(read())


def test_the_end_of_a_download_that_is_waited_for_ends_those_that_come() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        first, *coming = remotes(1, 1, 1)
        task = asyncio.ensure_future(reading.read(first, coming, [], source.get))
        await source.has_begun.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert sorted(source.cancelled) == ["0", "1", "2"]
        assert not reading.is_in_use

    asyncio.run(read())


def test_the_last_one_is_kept_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_KEPT", 0)
    assert begun("0", "0", "1", "1", "0") == ["0", "1", "0"]


def test_many_that_are_empty_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_KEPT", 2_000)
    paths = [f"{number}" for number in range(100)]
    assert begun(*paths, "99", "0") == [*paths, "0"]


def begun(*paths: str) -> list[str]:
    """Return the downloads that are begun where empty values are read one after another."""
    calls: list[str] = []

    async def get(path: str) -> bytes:
        calls.append(path)
        return b""

    async def read() -> None:
        reading = Downloads()
        for path in paths:
            assert await reading.read(Remote(path, 0), [], [], get) == b""

    asyncio.run(read())
    return calls
