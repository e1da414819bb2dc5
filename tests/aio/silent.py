"""A Box that takes calls and answers none before it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PAGE = json.dumps({"entries": [{"id": "1", "type": "user", "name": "Ada", "login": "ada@example.com"}]})


class SilentBox:
    """`calls` counts those that came, `hung_up` those whose caller left without an answer.

    It lives on the loop of the test, so it gets no call while somebody blocks that loop.
    """

    def __init__(self) -> None:
        self.calls = self.hung_up = 0
        self.url = ""
        self.answers = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._serving.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def aclose(self) -> None:
        """Close all connections."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

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
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _is_told_to_answer(self, reader: asyncio.StreamReader) -> bool:
        """Wait until the call is to be answered, or its caller is gone."""
        gone, told = asyncio.ensure_future(reader.read()), asyncio.ensure_future(self.answers.wait())
        await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
        is_told = not gone.done()
        gone.cancel()
        told.cancel()
        await asyncio.gather(gone, told, return_exceptions=True)
        return is_told


@contextlib.asynccontextmanager
async def silent_box(**properties: Any) -> AsyncIterator[SilentBox]:
    """Serve a silent Box on the loop that runs; `properties` go into its URL."""
    box = SilentBox()
    server = await asyncio.start_server(box.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    given = "".join(f"&{name}={value}" for name, value in ({"MaxRetries": 0} | properties).items())
    box.url = f"box://127.0.0.1:{port}/?OAuthAccessToken=token{given}"
    try:
        yield box
    finally:
        server.close()
        await box.aclose()
