"""A Box that takes calls and answers none before it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from client_numbers import CLIENT_NUMBERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PAGE = json.dumps({"entries": [{"id": "1", "type": "user", "name": "Ada", "login": "ada@example.com"}]})

_TURNS_OF_AN_ACCEPT = 5


class SilentBox:
    """`calls` counts those that came, `hung_up` those whose caller left without an answer.

    It lives on the loop of the test, so it gets no call while somebody blocks that loop.
    """

    def __init__(self) -> None:
        self.calls = self.hung_up = 0
        self.url = ""
        self.answers = asyncio.Event()
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._serving[asyncio.ensure_future(self._serve(reader, writer))] = writer

    async def aclose(self) -> None:
        """Close all connections, also those that are not served yet."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        for writer in self._serving.values():
            await _closed(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await reader.readuntil(b"\r\n\r\n"):
                    self.calls += 1
                    if not await self._is_told_to_answer(reader):
                        self.hung_up += 1
                        return
                    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(PAGE)}\r\n\r\n"
                    writer.write((head + PAGE).encode())
        finally:
            await _closed(writer)

    async def _is_told_to_answer(self, reader: asyncio.StreamReader) -> bool:
        """Wait until the call is to be answered, or its caller is gone."""
        gone, told = asyncio.ensure_future(reader.read()), asyncio.ensure_future(self.answers.wait())
        await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
        is_told = not gone.done()
        gone.cancel()
        told.cancel()
        await asyncio.gather(gone, told, return_exceptions=True)
        return is_told


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        # To cancel what it waits for would cancel that for everybody.
        await asyncio.shield(writer.wait_closed())


@contextlib.asynccontextmanager
async def silent_box(**properties: Any) -> AsyncIterator[SilentBox]:
    """Serve a silent Box on the loop that runs; `properties` go into its URL."""
    box = SilentBox()
    server = await asyncio.start_server(box.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    own = {"MaxRetries": 0, "RetrySeconds": next(CLIENT_NUMBERS)}
    given = "".join(f"&{name}={value}" for name, value in (own | properties).items())
    box.url = f"box://127.0.0.1:{port}/?OAuthAccessToken=token{given}"
    try:
        yield box
    finally:
        for _ in range(_TURNS_OF_AN_ACCEPT):  # of callers that have left before they were accepted
            await asyncio.sleep(0)
        server.close()
        await box.aclose()
