"""How many calls are in flight, by latencies of the test's own."""

from __future__ import annotations

import asyncio

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api.concurrency import FIRST_WIDTH, SLACK_SECONDS, Slots

pytestmark = pytest.mark.usefixtures("no_network")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def rounds(slots: Slots, *latencies: float) -> list[int]:
    """Return the width after each round of answers."""
    widths = []
    for latency in latencies:
        for _ in range(slots.width):
            slots.answered(latency)
        widths.append(slots.width)
    return widths


def test_the_width_doubles_with_each_round_while_the_latency_holds() -> None:
    assert rounds(Slots(100), *[0.2] * 5) == [2 * FIRST_WIDTH, 4 * FIRST_WIDTH, 8 * FIRST_WIDTH, 100, 100]


def test_a_small_bound_is_never_passed() -> None:
    assert rounds(Slots(3), 0.2, 0.2) == [3, 3]
    assert Slots(1).width == 1


def test_the_width_stays_while_the_latency_is_higher_than_usual() -> None:
    slots = Slots(1000)
    rounds(slots, 0.2, 0.2)
    width = slots.width
    assert rounds(slots, 0.5, 0.5) == [width, width]
    assert rounds(slots, 0.2) == [2 * width]
    assert rounds(slots, 100, *[0.5] * 8)[-1] > 2 * width, "what is usual now is no reason for ever"


def test_small_differences_of_latency_do_not_matter() -> None:
    slots = Slots(1000)
    rounds(slots, 0.001)
    assert rounds(slots, 0.001 + 0.9 * SLACK_SECONDS) == [4 * FIRST_WIDTH]


def test_a_refusal_halves_the_width_and_it_grows_by_one_from_there() -> None:
    slots = Slots(64)
    rounds(slots, *[0.2] * 3)
    slots.refused()
    assert slots.width == 32
    assert rounds(slots, 0.2, 0.2) == [33, 34]
    for _ in range(10):
        slots.refused()
    assert slots.width == 1
    assert rounds(slots, 0.2, 0.2) == [2, 3]


def test_no_more_calls_are_in_flight_than_the_width() -> None:
    async def check() -> None:
        slots, end, inside = Slots(2), asyncio.Event(), []

        async def call(number: int) -> None:
            async with slots.one():
                inside.append(number)
                await end.wait()

        tasks = [asyncio.ensure_future(call(number)) for number in range(6)]
        await settle()
        assert inside == [0, 1]
        tasks[0].cancel()
        await settle()
        assert inside == [0, 1, 2], "in their order"
        tasks[3].cancel()
        end.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert inside == [0, 1, 2, 4, 5]
        async with slots.one(), slots.one():
            assert slots._taken == 2
        assert slots._taken == 0

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))


def test_a_wider_width_lets_in_who_waits() -> None:
    async def check() -> None:
        slots, end, inside = Slots(2 * FIRST_WIDTH), asyncio.Event(), []

        async def call() -> None:
            async with slots.one():
                inside.append(None)
                await end.wait()

        tasks = [asyncio.ensure_future(call()) for _ in range(3 * FIRST_WIDTH)]
        await settle()
        assert len(inside) == FIRST_WIDTH
        rounds(slots, 0.2)
        await settle()
        assert len(inside) == 2 * FIRST_WIDTH
        end.set()
        await asyncio.gather(*tasks)

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))


def test_a_slot_that_was_given_to_a_cancelled_call_goes_to_the_next() -> None:
    async def check() -> None:
        slots = Slots(1)
        await slots._take()
        first, second = asyncio.ensure_future(slots._take()), asyncio.ensure_future(slots._take())
        await settle()
        slots._taken -= 1
        slots._let_in()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        assert slots._taken == 1

    asyncio.run(asyncio.wait_for(check(), PATIENCE_SECONDS))
