"""The pages of a sorted listing come in their order, and no more are read at once than the wanted rows lie on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from box_dialect.engine.scan.concurrent_pages import ScanPage
from box_dialect.engine.scan.sorted_pages import SortedPages
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

pytestmark = pytest.mark.usefixtures("no_network")

PAGES, PAGE_ROWS = 6, 10


class Pages:
    """Pages of ten rows, of which the first one tells of all others; each ends when it is let go."""

    def __init__(self, *, short: int = 0) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.gates = [asyncio.Event() for _ in range(PAGES)]
        self._rows = PAGE_ROWS - short

    async def read(self, number: int) -> ScanPage[int, int]:
        self.begun.append(number)
        await self.gates[number].wait()
        self.ended.append(number)
        if number == 4:
            raise LookupError(number)
        further = list(range(PAGES - 1, 0, -1)) if number == 0 else []
        return ScanPage([PAGE_ROWS * number + place for place in range(self._rows)], further)

    def free(self, *numbers: int) -> None:
        for number in numbers:
            self.gates[number].set()


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 60))


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def test_pages_that_are_wanted_are_read_at_once_and_come_in_their_order() -> None:
    async def check() -> None:
        pages = Pages()
        sequence = SortedPages([0], pages.read, 8, 35, PAGE_ROWS)
        pages.free(0)
        assert await sequence.next_page() == list(range(10))
        await settle()
        assert pages.begun == [0]
        second = asyncio.ensure_future(sequence.next_page())
        await settle()
        assert pages.begun == [0, 1, 2, 3]
        pages.free(3, 2)
        await settle()
        assert pages.ended == [0, 3, 2]
        assert not second.done()
        pages.free(1)
        assert await second == list(range(10, 20))
        assert await sequence.next_page() == list(range(20, 30))
        assert await sequence.next_page() == list(range(30, 40))
        await settle()
        assert pages.begun == [0, 1, 2, 3]

    run(check())


def test_no_more_pages_are_read_at_once_than_the_width() -> None:
    async def check() -> None:
        pages = Pages()
        sequence = SortedPages([0], pages.read, 2, 60, PAGE_ROWS)
        pages.free(0)
        await sequence.next_page()
        second = asyncio.ensure_future(sequence.next_page())
        await settle()
        assert pages.begun == [0, 1, 2]
        await sequence.aclose()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert pages.ended == [0]

    run(check())


@pytest.mark.parametrize(("wanted", "short"), [(None, 0), (10, 4)])
def test_pages_are_read_one_by_one_where_one_may_do(wanted: int | None, short: int) -> None:
    async def check() -> None:
        pages = Pages(short=short)
        sequence = SortedPages([0], pages.read, 8, wanted, PAGE_ROWS)
        pages.free(0, 1)
        await sequence.next_page()
        await sequence.next_page()
        await settle()
        assert pages.begun == [0, 1]

    run(check())


def test_a_failure_comes_after_the_pages_before_it() -> None:
    async def check() -> None:
        pages = Pages()
        sequence = SortedPages([0], pages.read, 8, 60, PAGE_ROWS)
        pages.free(0, 1, 2, 3, 4)
        assert [await sequence.next_page() is not None for _ in range(4)] == [True] * 4
        with pytest.raises(LookupError, match="4"):
            await sequence.next_page()
        with pytest.raises(InternalError, match="cancelled"):
            await sequence.next_page()
        assert pages.ended == [0, 1, 2, 3, 4]

    run(check())
