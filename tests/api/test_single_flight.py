"""Equal calls in flight, without a network."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.api import CallCount
from box_dialect.api.single_flight import SingleFlight

if TYPE_CHECKING:
    from box_dialect.api.single_flight import Counts

pytestmark = pytest.mark.usefixtures("no_network")


def test_a_failure_that_nobody_waits_for_any_more_is_not_logged() -> None:
    complaints: list[Any] = []

    async def cancelled_as_it_fails() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        flights: SingleFlight[None] = SingleFlight()
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


@pytest.mark.parametrize("is_counted", [False, True])
def test_an_attempt_counts_once_for_who_joins_it_before_or_after_it_has_begun(is_counted: bool) -> None:
    async def check() -> None:
        flights, told, counts = SingleFlight[int](), asyncio.Event(), [CallCount(), CallCount()]

        async def send(shared: Counts) -> int:
            if is_counted:
                shared.add()
            await told.wait()
            if not is_counted:
                shared.add()
            return 1

        waiting = [asyncio.ensure_future(flights.share("key", count, send)) for count in counts[:1]]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.append(asyncio.ensure_future(flights.share("key", counts[1], send)))
        await asyncio.sleep(0)
        told.set()
        assert await asyncio.gather(*waiting) == [1, 1]
        assert [count.calls for count in counts] == [1, 1]

    asyncio.run(check())


def test_a_call_ends_with_the_last_who_waits_whatever_each_has_counted() -> None:
    """Statements are told apart, though they have made as many calls."""

    async def cancelled_one_after_the_other() -> bool:
        flights, ended, counts = SingleFlight[None](), asyncio.Event(), [CallCount(), CallCount()]

        async def wait_for_ever(_: Counts) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        tasks = [asyncio.create_task(flights.share("call", count, wait_for_ever)) for count in counts]
        await asyncio.sleep(0)
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait([task])
            counts[0].add()
        return ended.is_set() or await asyncio.wait_for(ended.wait(), 60)

    assert asyncio.run(cancelled_one_after_the_other())
