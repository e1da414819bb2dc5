"""The official client of the Model Context Protocol, to call the tools of servers by."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("mcp", reason="mcp is not installed, which brings httpx2")

import httpx2
from mcp import Client

from box_dialect.mcp import server
from box_dialect.properties import from_url

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from conftest import Box
    from mcp_types import CallToolResult
    from scripted_box import ScriptedBox

__all__ = ["httpx2"]  # which comes with mcp

HELD = {"sql": "SELECT name FROM groups"}
"""What waits for the answer of the fixture `gate`."""

AT_ONCE = {"sql": "SELECT name FROM users WHERE id = '1'"}

_NUMBERS = itertools.count(10_000)


def with_client(target: Any, use: Callable[[Client], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    """Run something with a client that is connected."""

    async def main() -> Any:
        async with Client(target, **options) as client:
            return await use(client)

    return asyncio.run(main())


def call(box: Box, tool: str, write: bool = False, **arguments: Any) -> CallToolResult:
    """Call a tool of a server for an emulator."""
    return with_client(server(from_url(box.url), write=write), lambda client: client.call_tool(tool, arguments))


def failure(box: Box, tool: str, **arguments: Any) -> str:
    """Return what a call says that fails."""
    result = call(box, tool, **arguments)
    assert result.is_error
    return text(result)


def account(box: ScriptedBox) -> dict[str, Any]:
    """Return the properties of an account at a scripted Box."""
    # What a client keeps of another server that had the same port is not this one's.
    own = {"MaxRetries": 0, "RetrySeconds": next(_NUMBERS)}
    return {"OAuthAccessToken": "token", "APIBaseURL": f"{box.url}/2.0", **own}


def text(result: CallToolResult) -> str:
    (block,) = result.content
    return block.text


def data(result: CallToolResult) -> list[str]:
    """Return the lines between the two that mark them as data."""
    found = text(result).split("\n")
    start = next(number for number, line in enumerate(found) if line.startswith("<box-data "))
    assert found[-1] == found[start].replace("<", "</", 1)
    return found[start + 1 : -1]


def entries(result: CallToolResult) -> list[Any]:
    return [json.loads(line) for line in data(result)]
