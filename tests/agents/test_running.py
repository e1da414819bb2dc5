"""Statements that run: what the client is told, how they end, how many there are."""

from __future__ import annotations

import asyncio

import pytest
from agents_client import AT_ONCE, HELD, account, text, with_client
from patience import PATIENCE_SECONDS

from box_dialect.mcp import Bounds, server
from box_dialect.mcp.bounds import bounded

ONE = Bounds(statements=1, waiting=1)


def test_the_client_is_told_how_far_a_statement_has_come(scripted, gate, monkeypatch):
    monkeypatch.setattr("box_dialect.mcp.statements._SECONDS_BETWEEN_NOTICES", 0.001)
    told = []

    async def progress(number: float, _: float | None, message: str | None) -> None:
        told.append((number, message))
        if gate.arrived.is_set() and "1 calls" in (message or ""):
            gate.open.set()

    result = with_client(
        server(account(scripted)), lambda client: client.call_tool("query", HELD, progress_callback=progress)
    )
    assert not result.is_error
    assert told[-1][1] == "0 rows, 1 calls to Box"
    assert [number for number, _ in told] == sorted({number for number, _ in told})


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_call_that_is_cancelled_makes_room_for_others(scripted, gate, mode):
    async def use(client):
        called = asyncio.create_task(client.call_tool("query", HELD))
        await asyncio.to_thread(gate.arrived.wait, PATIENCE_SECONDS)
        called.cancel()
        with pytest.raises(asyncio.CancelledError):
            await called
        return await client.call_tool("query", AT_ONCE)

    result = with_client(server(account(scripted), ONE), use, mode=mode)
    assert result.structured_content["rows"] == [["Ada"]]
    assert not gate.open.is_set()


def test_so_many_calls_wait_and_no_more(scripted, gate):
    async def use(client):
        running = asyncio.create_task(client.call_tool("query", HELD))
        await asyncio.to_thread(gate.arrived.wait, PATIENCE_SECONDS)
        others = [asyncio.create_task(client.call_tool("query", AT_ONCE)) for _ in range(2)]
        (refused,), (waiting,) = await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
        gate.open.set()
        return await refused, await waiting, await running

    refused, waiting, running = with_client(server(account(scripted), ONE), use)
    assert refused.is_error
    assert "1 calls wait already" in text(refused)
    assert waiting.structured_content["rows"] == [["Ada"]]
    assert not running.is_error


@pytest.mark.parametrize(
    ("given", "write", "expected"),
    [
        ({}, False, {"Readonly": True, "MaxApiCalls": 1_000, "Timeout": 120, "MaxAICalls": 0, "LocalFiles": None}),
        ({"readonly": "false", "max_api_calls": "5"}, False, {"Readonly": True, "MaxApiCalls": "5"}),
        ({"Readonly": "true"}, True, {"Readonly": "true"}),
        ({"MaxAICalls": 9, "LocalFiles": "/", "LocalBrowser": "true"}, True, {"MaxAICalls": 0, "LocalBrowser": False}),
        ({"LocalFiles": "/"}, True, {"LocalFiles": None}),
        ({"InitiateOAuth": "GETANDREFRESH", "OAuthClientId": "a", "OAuthClientSecret": "b"}, False,
         {"InitiateOAuth": "REFRESH"}),
    ],
)  # fmt: skip
def test_what_statements_run_with(given, write, expected):
    found = bounded({"OAuthAccessToken": "any", **given}, write=write)
    assert {name: found.get(name) for name in expected} == expected
