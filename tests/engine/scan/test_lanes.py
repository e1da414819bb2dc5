"""Lanes: what is read as one user does not wait for what is read as another."""

from __future__ import annotations

import asyncio

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.engine.scan.lanes import Lanes

pytestmark = pytest.mark.usefixtures("no_network")


def user(node: str) -> str:
    return node[0]


def test_one_lane_is_a_stack() -> None:
    lanes = Lanes(["c", "b", "a"], lambda _: None)
    assert (lanes.pop(), len(lanes)) == ("a", 2)
    lanes.extend(["e", "d"])
    assert [lanes.pop() for _ in range(4)] == ["d", "e", "b", "c"]
    assert not lanes


def test_the_next_is_of_the_lane_with_fewest_in_flight() -> None:
    lanes = Lanes(["a1", "a2", "a3", "b1"], user)
    assert [lanes.pop() for _ in range(3)] == ["a3", "b1", "a2"]
    lanes.extend(["b2", "b3"])
    lanes.done("b1")
    assert lanes.pop() == "b3"
    lanes.clear()
    assert (len(lanes), bool(lanes)) == (0, False)


def test_a_lane_that_waits_leaves_room_for_others() -> None:
    begun: list[str] = []

    many = asyncio.Event()

    async def read(node: str) -> ScanPage[str, str]:
        begun.append(node)
        if len(begun) > 6:
            many.set()
        if user(node) == "a" and len(node) > 1:
            await asyncio.sleep(3_600)  # as for a rate limit
        if node == "a":  # what it leads to comes last, and so is the latest
            await many.wait()
        further = [f"{node}{number}" for number in range(9)] if len(node) < 3 else []
        return ScanPage([node], further)

    async def go_through() -> int:
        pages: ConcurrentPages[str, str] = ConcurrentPages(["a", "b"], read, 4, all_wanted=True, lane_of=user)
        found = 0
        while found < 1 + 1 + 9 + 81:
            found += len(await pages.next_page() or [])
        await pages.aclose()
        return found

    assert asyncio.run(asyncio.wait_for(go_through(), PATIENCE_SECONDS)) == 92
    assert sum(user(node) == "a" for node in begun) <= 1 + 3
