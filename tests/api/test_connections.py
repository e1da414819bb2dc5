"""Which connection is lent for which call. None of them is used, so nothing goes over the network."""

from __future__ import annotations

import asyncio

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import connections as connections_module
from box_dialect.api.connections import Connections

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
