"""Equal calls in flight, without a network."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

from box_dialect.api import CallCount
from box_dialect.api.flights import Flights

if TYPE_CHECKING:
    from box_dialect.api.flights import Counts


def test_a_failure_that_nobody_waits_for_any_more_is_not_logged() -> None:
    complaints: list[Any] = []

    async def cancelled_as_it_fails() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        flights: Flights[None] = Flights()
        waiting: list[asyncio.Task[None]] = []

        async def fail(_: Counts) -> None:
            await asyncio.sleep(0)
            waiting[0].cancel()
            raise ValueError

        waiting.append(asyncio.create_task(flights.share("call", CallCount(), fail)))
        await asyncio.wait(waiting)
        gc.collect()

    asyncio.run(cancelled_as_it_fails())
    gc.collect()
    assert not complaints
