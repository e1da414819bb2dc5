"""What a statement downloads is kept within bounds, and cancelled where nobody waits for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from box_dialect.catalog.model import Remote
from box_dialect.engine.cache import downloads
from box_dialect.engine.cache.downloads import Downloads

pytestmark = pytest.mark.usefixtures("no_network")


class Source:
    """Gives each value once its path is among those that `may_end`."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.has_begun = asyncio.Event()
        self.cancelled: list[str] = []
        self.may_end: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def get(self, remote: Remote) -> bytes:
        path = str(remote.path)
        self.begun.append(path)
        self.has_begun.set()
        try:
            await self.may_end[path].wait()
        except asyncio.CancelledError:
            self.cancelled.append(path)
            raise
        return path.encode()


VALUE = Remote("0", 1)


def test_what_is_got_ahead_is_got_once() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        ahead = asyncio.ensure_future(reading.get_ahead(VALUE, source.get))
        await source.has_begun.wait()
        assert (reading.is_in_use, reading.known(VALUE)) == (True, (False, None))
        source.may_end["0"].set()
        assert await reading.read(VALUE, source.get) == b"0"
        await ahead
        await reading.get_ahead(VALUE, source.get)
        assert reading.known(VALUE) == (True, b"0")
        assert source.begun == ["0"]
        assert not reading.is_in_use

    asyncio.run(read())


def test_what_is_there_is_taken_at_once() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        ahead = asyncio.ensure_future(reading.get_ahead(VALUE, source.get))
        await source.has_begun.wait()
        assert reading.taken(VALUE) == (False, None)
        source.may_end["0"].set()
        await ahead
        assert reading.taken(VALUE) == reading.taken(VALUE) == (True, b"0")
        assert reading.known(VALUE) == (True, b"0")
        assert not reading.is_in_use

    asyncio.run(read())


def test_a_failure_ahead_is_raised_to_who_reads_it() -> None:
    async def get(remote: Remote) -> bytes:
        path = str(remote.path)
        raise LookupError(path)

    async def read() -> None:
        reading = Downloads()
        await reading.get_ahead(VALUE, get)
        assert reading.taken(VALUE) == (False, None)
        with pytest.raises(LookupError):
            await reading.read(VALUE, get)

    asyncio.run(read())


def test_what_is_in_flight_is_cancelled_at_the_end() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        ahead = asyncio.ensure_future(reading.get_ahead(VALUE, source.get))
        await source.has_begun.wait()
        await reading.aclose()
        await ahead
        assert source.cancelled == ["0"]
        assert not reading.is_in_use

    asyncio.run(read())


def test_a_download_that_is_not_waited_for_any_more_is_cancelled() -> None:
    async def read() -> None:
        source, reading = Source(), Downloads()
        task = asyncio.ensure_future(reading.read(VALUE, source.get))
        await source.has_begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert source.cancelled == ["0"]
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

    async def get(remote: Remote) -> bytes:
        path = str(remote.path)
        calls.append(path)
        return b""

    async def read() -> None:
        reading = Downloads()
        for path in paths:
            assert await reading.read(Remote(path, 0), get) == b""

    asyncio.run(read())
    return calls
