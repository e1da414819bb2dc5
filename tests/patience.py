"""How long tests wait for what comes at once unless something is broken, however slow the machine."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from box_dialect import api

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS: Final = 120


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, which another thread or process brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what a test waits for does not come"
        time.sleep(0.01)


def wait_until_quiet() -> None:
    """Wait until no call of the driver is on its way, such as one read ahead for a statement that ended before."""
    portal = api.portal()

    async def quiet() -> None:
        # A copy, since any thread may make a client meanwhile.
        while any(client._slots._taken for client in [*portal._clients.values()]):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.001)

    portal.run(asyncio.wait_for, quiet(), PATIENCE_SECONDS)
