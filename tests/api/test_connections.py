"""Which connection is lent for which call. None of them is used, so nothing goes over the network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from patience import PATIENCE_SECONDS

from box_dialect._http import httpx
from box_dialect.api import ApiCall, ApiPath
from box_dialect.api import connections as connections_module
from box_dialect.api.connections import Connections, exchanged

pytestmark = pytest.mark.usefixtures("no_network")

API, OTHER = "https://api.box.com/2.0", "https://dl.boxcloud.com/d/1?a=b"


def test_a_host_is_lent_its_own_connections_again() -> None:
    async def lend() -> None:
        connections = Connections()
        async with connections.lent(API) as first, connections.lent(API) as second, connections.lent(OTHER) as other:
            assert len({first, second, other}) == 3
        assert connections.idle == 3
        async with connections.lent("https://dl.boxcloud.com/d/2") as again:
            assert again is other
        async with connections.lent(API) as again, connections.lent(API) as further:
            assert {again, further} == {first, second}
        await connections.aclose()
        assert connections.idle == 0

    asyncio.run(lend())


def test_a_connection_whose_call_failed_is_not_lent_again() -> None:
    async def lend() -> None:
        connections = Connections()
        with pytest.raises(LookupError):
            async with connections.lent(API):
                raise LookupError
        assert connections.idle == 0

    asyncio.run(lend())


def test_nothing_is_kept_at_the_end() -> None:
    async def lend() -> None:
        connections = Connections()
        async with connections.lent(API):
            connections.keep_no_more()
        assert connections.idle == 0

    asyncio.run(lend())


def test_what_nobody_uses_for_a_while_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "_SECONDS_IDLE", 0.01)

    async def lend() -> None:
        connections = Connections()
        for url in (API, OTHER):
            async with connections.lent(url), connections.lent(url):
                pass
        assert connections.idle == 4
        assert connections._expiring is not None
        await asyncio.wait_for(connections._expiring, PATIENCE_SECONDS)
        assert connections.idle == 0
        async with connections.lent(API):
            pass
        assert connections.idle == 1

    asyncio.run(lend())


def test_the_time_that_a_receiver_takes_is_not_that_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> bytes:
        loop, passed, taken = asyncio.get_running_loop(), 0, []
        clock = loop.time
        monkeypatch.setattr(loop, "time", lambda: clock() + passed)

        class Slow:
            headers: dict[str, str] = {}  # noqa: RUF012 - as a receiver has them

            async def receive(self, response: httpx.Response, paused: Any) -> None:
                nonlocal passed
                async for piece in response.stream:
                    with paused():
                        passed += 1_000
                        for _ in range(5):
                            await asyncio.sleep(0)
                    taken.append(piece)

        class Transport(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                await request.extensions["trace"]("http11.send_request_headers.started", {})
                return httpx.Response(200, stream=httpx.ByteStream(b"content"))

        call = ApiCall("GET", ApiPath("/files/{id}/content", id="1"), is_download=True, receiver=Slow())
        extensions = {"timeout": httpx.Timeout(60).as_dict()}
        response = await exchanged(Transport(), httpx.Request("GET", "http://x", extensions=extensions), call)
        assert response.content == b""
        return b"".join(taken)

    assert asyncio.run(check()) == b"content"
