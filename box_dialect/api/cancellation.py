"""Cancel a call only once it has its connection.

asyncio loses a connection whose making is cancelled: the socket stays open until the garbage collector finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

LONGEST_WAIT_SECONDS: Final = 5.0
"""Seconds that a cancellation waits for a connection; one that takes longer is lost."""

_CONNECTED: Final = "send_request_headers.started"
"""How httpcore ends the names of the events that it traces when it begins to send a request."""


async def cancelled_when_connected(
    request: Callable[[dict[str, Any]], Awaitable[T]], begun: Callable[[], object] = lambda: None
) -> T:
    """Await `request(extensions)`; a cancellation waits until its connection is made, or the request has ended.

    `begun` is called once the connection is made. `extensions` are httpx's, which the request has to pass on. Source: https://www.encode.io/httpcore/extensions/#trace
    """
    connected = asyncio.Event()

    async def trace(event: str, _details: dict[str, Any]) -> None:
        if event.endswith(_CONNECTED):
            connected.set()
            begun()

    task = asyncio.ensure_future(request({"trace": trace}))
    task.add_done_callback(lambda _: connected.set())
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(connected.wait(), LONGEST_WAIT_SECONDS)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        raise
    return task.result()
