"""A cancellation waits for the connection, and for nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import cancellation
from box_dialect.api.cancellation import cancelled_when_connected

pytestmark = pytest.mark.usefixtures("no_network")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_call_is_cancelled_once_it_has_its_connection() -> None:
    async def check() -> None:
        connection, seen = asyncio.Event(), []

        async def request(extensions: dict[str, Any]) -> None:
            await extensions["trace"]("connection.connect_tcp.started", {})
            try:
                await connection.wait()
                seen.append("connected")
                await extensions["trace"]("http11.send_request_headers.started", {})
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        call = asyncio.ensure_future(cancelled_when_connected(request))
        await settle()
        call.cancel()
        await settle()
        assert (seen, call.done()) == ([], False)
        connection.set()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert seen == ["connected", "cancelled"]

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))


@pytest.mark.parametrize("outcome", [ConnectionError("no"), None])
def test_a_call_that_ends_meanwhile_is_not_waited_for(outcome: Exception | None) -> None:
    async def check() -> None:
        end = asyncio.Event()

        async def request(_: dict[str, Any]) -> None:
            await end.wait()
            if outcome is not None:
                raise outcome

        call = asyncio.ensure_future(cancelled_when_connected(request))
        await settle()
        call.cancel()
        await settle()
        end.set()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))


def test_a_connection_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "LONGEST_WAIT_SECONDS", 0.01)

    async def check() -> None:
        call = asyncio.ensure_future(cancelled_when_connected(lambda _: asyncio.Event().wait()))
        await settle()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))


def test_what_the_request_gives_or_raises_is_passed_on() -> None:
    async def give(_: dict[str, Any]) -> int:
        return 7

    async def fail(_: dict[str, Any]) -> int:
        raise ConnectionError("no")

    assert asyncio.run(cancelled_when_connected(give)) == 7
    with pytest.raises(ConnectionError):
        asyncio.run(cancelled_when_connected(fail))
