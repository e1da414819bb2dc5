"""A server over HTTP: who reaches it, and what a lost connection stops."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn
from agents_client import AT_ONCE, HELD, account, httpx2, with_client
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from patience import PATIENCE_SECONDS, wait_until

from box_dialect import OperationalError, ProgrammingError
from box_dialect.mcp import Bounds
from box_dialect.mcp.http import PATH, Address, http_app, serve_http
from box_dialect.properties import from_url

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = Address("127.0.0.1", 0)
TOKEN = "a-token-that-nobody-guesses"
ANY = {"OAuthAccessToken": "any"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@contextmanager
def serving(properties, address=LOCAL, **options) -> Iterator[str]:
    config = uvicorn.Config(
        http_app(properties, address, **options), log_config=None, ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def local(small) -> Iterator[str]:
    with serving(from_url(small.url)) as url:
        yield url


@pytest.fixture(scope="module")
def guarded(small) -> Iterator[str]:
    with serving(from_url(small.url), Address("box.example", 0), token=TOKEN, hosts=["127.0.0.1"]) as url:
        yield url


def status(url: str, **headers: str) -> int:
    return httpx2.post(url, json=PING, headers={**ACCEPT, **headers}, timeout=PATIENCE_SECONDS).status_code


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_queries_by_it(local, mode):
    called = {"sql": "SELECT name FROM files WHERE id = '1200000000008'"}
    result = with_client(local, lambda client: client.call_tool("query", called), mode=mode)
    assert result.structured_content["rows"] == [["README"]]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example", "MCP-Protocol-Version": "2026-07-28"}, 421),
        ({"Origin": "http://evil.example", "MCP-Protocol-Version": "2026-07-28"}, 403),
    ],
)
def test_a_page_in_a_browser_does_not_reach_it(local, headers, refused):
    assert status(local, **headers) == refused


def test_this_machine_reaches_it_by_any_of_its_names(local):
    for host in ("localhost:1", "127.0.0.1", "[::1]:99"):
        assert status(local, Host=host, Origin=f"http://{host}") not in {401, 403, 421}


def test_another_address_of_this_machine_is_a_name_of_it(small):
    with serving(from_url(small.url), Address("127.0.0.5", 0)) as url:
        assert status(url, Host="127.0.0.5:80", Origin="http://127.0.0.5:80") not in {401, 403, 421}
        assert status(url, Host="127.0.0.6:80") == 421


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} "[:-2]])
def test_who_has_not_the_token_is_told_to_send_one(guarded, authorization):
    headers = ACCEPT if authorization is None else {**ACCEPT, "Authorization": authorization}
    for method in ("POST", "GET", "DELETE"):
        answer = httpx2.request(method, guarded, headers=headers, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert TOKEN not in answer.text


def test_who_has_the_token_is_served_at_the_names_that_are_allowed(guarded, caplog):
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    async def use():
        async with (
            httpx2.AsyncClient(headers=bearer, timeout=PATIENCE_SECONDS) as http,
            Client(streamable_http_client(guarded, http_client=http)) as client,
        ):
            return await client.call_tool("query", {"sql": "SELECT 1"})

    assert asyncio.run(use()).structured_content["rows"] == [[1]]
    assert status(guarded, **bearer, Host="box.example:8443", Origin="https://box.example") not in {401, 403, 421}
    assert status(guarded, **bearer, Host="evil.example") == 421
    assert TOKEN not in caplog.text


def test_a_lost_connection_stops_the_statement(scripted, gate):
    async def lose(url: str) -> None:
        async with Client(url) as client:
            called = asyncio.create_task(client.call_tool("query", HELD))
            await asyncio.to_thread(gate.arrived.wait, PATIENCE_SECONDS)
            called.cancel()
            await asyncio.wait([called])

    with serving(account(scripted), bounds=Bounds(statements=1)) as url:
        asyncio.run(lose(url))
        result = with_client(url, lambda client: client.call_tool("query", AT_ONCE))
    assert result.structured_content["rows"] == [["Ada"]]
    assert not gate.open.is_set()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8000", Address("127.0.0.1", 8000)),
        ("0.0.0.0:80", Address("0.0.0.0", 80)),
        ("[::1]:0", Address("::1", 0)),
        ("box.example:443", Address("box.example", 443)),
    ],
)
def test_an_address_is_a_port_or_a_host_and_a_port(text, address):
    assert Address.of(text) == address


@pytest.mark.parametrize("text", ["", "a", "a:", "::1:80", "1:99999", "a:-1", "a:8\u0662"])
def test_another_text_is_no_address(text):
    with pytest.raises(ProgrammingError, match="neither PORT nor HOST:PORT"):
        Address.of(text)


@pytest.mark.parametrize(
    ("host", "options", "said"),
    [
        ("0.0.0.0", {}, "give a token"),
        ("box.example", {}, "give a token"),
        ("127.0.0.1", {"hosts": ["box.example"]}, "give a token"),
        ("0.0.0.0", {"token": TOKEN}, "every address of this machine"),
        ("::", {"token": TOKEN}, "every address of this machine"),
        ("127.0.0.1", {"token": "short"}, "24 printable ASCII characters or more"),
        ("127.0.0.1", {"token": "é" * 40}, "24 printable ASCII characters or more"),
    ],
)
def test_it_does_not_start_where_strangers_would_reach_it(host, options, said):
    with pytest.raises(ProgrammingError, match=said):
        http_app(ANY, Address(host, 0), **options)


def test_a_port_that_is_taken_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OperationalError, match="cannot listen at"):
        serve_http(ANY, Address("127.0.0.1", taken.getsockname()[1]), print)
