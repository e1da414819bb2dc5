"""Remote content: the bytes of one version of a file, read by ranges or as a stream, also where a body breaks off.

Source: https://developer.box.com/reference/get-files-id-content/
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect._http import httpx
from box_dialect.api.calls import AS_USER_HEADER, ApiCall
from box_dialect.api.path import ApiPath
from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractContextManager

    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient

MOST_BYTES_AHEAD: Final = 8 << 20
"""Bytes of a stream that have come and are not taken yet, at most."""

SECONDS_HELD: Final = 10.0
"""How long a stream holds its connection while nobody takes what has come; it goes on by a call of its own."""

_STEP: Final = 1 << 20
"""Bytes that have to come before a call which fails for good is made anew."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", re.ASCII)
_PARTIAL: Final = 206


class Version(Struct, frozen=True):
    """A version of a file: the file's id, its own id, and its size in bytes.

    Without an `id` it is the current one, whichever that is by then.
    """

    file_id: str
    id: str | None
    size: int


class RemoteContent:
    """The bytes of a version of a file, which stay the same whatever becomes of the file. Used on the event loop."""

    def __init__(self, client: BoxClient, count: CallCount, version: Version, as_user: str | None = None) -> None:
        self._client, self._count, self.version = client, count, version
        self._headers = {} if as_user is None else {AS_USER_HEADER: as_user}

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.version.size

    async def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from a place up to another one; raises what a call raises."""
        read = bytearray()

        async def take(piece: memoryview) -> None:
            read.extend(piece)

        await self.get(_Body(start, min(stop, self.size), self.size, take))
        return bytes(read)

    def stream(self, start: int = 0) -> ContentStream:
        """Begin to get the bytes from a place on."""
        return ContentStream(self, start)

    async def get(self, body: _Body) -> None:
        """Get what is left of a body; one that breaks off goes on from there, as long as it comes along."""
        parameters = {} if self.version.id is None else {"version": self.version.id}
        call = ApiCall(
            "GET",
            ApiPath("/files/{file_id}/content", file_id=self.version.file_id),
            parameters,
            headers=self._headers,
            is_download=True,
            receiver=body,
            most_bytes=sys.maxsize,  # the body ends where it has to
        )
        while not body.is_whole:
            begun_at = body.position
            try:
                await self._client.send(call, self._count)
            except OperationalError as error:
                if not error.diag.retryable or body.position < begun_at + _STEP:
                    raise


class ContentStream:
    """The bytes of a content from a place on, got ahead by a task, up to a bound. Belongs to the event loop."""

    def __init__(self, content: RemoteContent, start: int) -> None:
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._has_come, self._has_room = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._filled(content, start))
        self._task.add_done_callback(lambda _: self._has_come.set())

    async def next(self) -> bytes:
        """Return the bytes that have come, none at the end; raises what a call raises."""
        await self._has_come.wait()
        taken, self._pieces, self._bytes = b"".join(self._pieces), [], 0
        self._has_room.set()
        if not self._task.done():
            self._has_come.clear()
        elif not taken:
            await self._task
        return taken

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _filled(self, content: RemoteContent, start: int) -> None:
        body = _Body(start, content.size, content.size, self._take)
        while not body.is_whole:
            try:
                await content.get(body)
            except _NobodyTakesError:
                await self._has_room.wait()

    async def _take(self, piece: memoryview) -> None:
        if self._bytes >= MOST_BYTES_AHEAD:
            self._has_room.clear()
            try:
                async with asyncio.timeout(SECONDS_HELD):
                    await self._has_room.wait()
            except TimeoutError:
                raise _NobodyTakesError from None
        self._pieces.append(bytes(piece))
        self._bytes += len(piece)
        self._has_come.set()


class _NobodyTakesError(Exception):
    """What has come is not taken, so nothing more is waited for."""


class _Body:
    """A range of a content as it comes: what `Receiver` asks for, in attempts of which each goes on from the last."""

    def __init__(self, start: int, stop: int, size: int, take: Callable[[memoryview], Awaitable[None]]) -> None:
        self.position = start
        self._stop, self._size, self._take = stop, size, take

    @property
    def is_whole(self) -> bool:
        """Whether all of it has come."""
        return self.position >= self._stop

    @property
    def headers(self) -> Mapping[str, str]:
        """The range that has not come yet; places in what is compressed would be others."""
        is_all = self.position == 0 and self._stop == self._size
        place = {} if is_all else {"Range": f"bytes={self.position}-{self._stop - 1}"}
        return {"Accept-Encoding": "identity", **place}

    async def receive(self, response: httpx.Response, paused: Callable[[], AbstractContextManager[None]]) -> None:
        """Take what has not come yet."""
        before = self._before(response)
        is_longer = response.status_code != _PARTIAL and self._stop < self._size
        async for piece in _pieces(response):
            wanted = memoryview(piece)[before:]
            before -= len(piece) - len(wanted)
            if len(wanted) > self._stop - self.position and not is_longer:
                raise httpx.RemoteProtocolError("the content is longer than it was said to be")
            wanted = wanted[: self._stop - self.position]
            if wanted:
                with paused():
                    await self._take(wanted)
                self.position += len(wanted)
            if self.is_whole and is_longer:
                return
        if not self.is_whole:
            raise httpx.RemoteProtocolError("the content ends before it should")

    def _before(self, response: httpx.Response) -> int:
        """Return how many bytes of an answer come before those that are wanted: all, where ranges are not served."""
        if response.status_code != _PARTIAL:
            return self.position
        said = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if said is None or (int(said[1]), int(said[2])) != (self.position, self._size):
            raise httpx.RemoteProtocolError("the answer is another range than was asked for")
        return 0


def _pieces(response: httpx.Response) -> Any:
    return response.stream
