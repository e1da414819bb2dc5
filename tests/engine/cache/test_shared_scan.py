"""A shared scan runs its scan once for all who follow it, and lets go of what there is no room for."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import ApiCall, ApiPath
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.scan.answer_cache import AnswerCache

if TYPE_CHECKING:
    from collections.abc import Coroutine

pytestmark = pytest.mark.usefixtures("no_network")


class Pages:
    """A scan of given pages, which does not tell when they are at an end; an exception among them is raised."""

    is_exhausted = False

    def __init__(self, *pages: list[tuple[Any, ...]] | Exception) -> None:
        self.pages, self.asked, self.is_closed = list(pages), 0, False

    async def next_page(self) -> list[tuple[Any, ...]] | None:
        self.asked += 1
        await asyncio.sleep(0)
        page = self.pages.pop(0) if self.pages else None
        if isinstance(page, Exception):
            raise page
        return page

    def ready_pages(self) -> list[list[tuple[Any, ...]]]:
        return []

    async def aclose(self) -> None:
        self.is_closed = True


def keep(made: SharedScan, values: int) -> None:
    if made.values + values > made.most_values:
        made.let_go()


def shared_scan(scan: Pages, room: int = 100) -> SharedScan:
    return SharedScan(scan, 1, room, keep, lambda: None)


async def rows(of: SharedScan) -> list[tuple[Any, ...]]:
    page, found = of.take(), []
    while (following := await of.follow(page)) is not None:
        page = following
        found += page.rows
    return found


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, PATIENCE_SECONDS))


THREE = ([(1,), (2,)], [(3,)], [(4,), (5,)])
ALL = [(1,), (2,), (3,), (4,), (5,)]


def test_all_who_follow_get_the_rows_of_one_scan() -> None:
    async def check() -> None:
        scan = Pages(*THREE)
        made = shared_scan(scan)
        assert await asyncio.gather(*(rows(made) for _ in range(5))) == [ALL] * 5
        assert await rows(made) == ALL
        assert scan.asked == 4

    run(check())


def test_no_more_is_read_ahead_than_is_asked() -> None:
    async def check() -> None:
        scan = Pages(*THREE)
        made = shared_scan(scan)
        await made.fill(3)
        assert (scan.asked, made.end) == (2, 3)
        assert await rows(made) == ALL

    run(check())


def test_a_failure_ahead_is_raised_to_who_comes_to_it() -> None:
    async def check() -> None:
        made = shared_scan(Pages([(1,)], LookupError("no")))
        await made.fill(100)
        page = await made.follow(made.take())
        assert page is not None
        assert list(page.rows) == [(1,)]
        for _ in range(2):
            with pytest.raises(LookupError, match="no"):
                await made.follow(page)

    run(check())


@pytest.mark.long
def test_the_beginning_is_let_go_where_there_is_no_room() -> None:
    class Value:
        """Something whose end can be seen."""

    async def check() -> None:
        made = shared_scan(Pages([(Value(),)], [(2,), (3,)], [(4,)]), room=2)
        page = await made.follow(made.take())
        assert page is not None
        assert made.first is not None
        passed = weakref.ref(page.rows[0][0])
        page = await made.follow(page)
        assert page is not None
        gc.collect()
        assert (made.first, passed()) == (None, None)
        assert [await made.follow(page) is not None, made.end] == [True, 4]

    run(check())


def test_what_nobody_has_taken_yet_is_held_without_room() -> None:
    async def check() -> None:
        made = shared_scan(Pages(*THREE), room=0)
        await made.fill(100)
        assert await rows(made) == ALL
        assert made.first is None

    run(check())


def test_rows_that_are_known_take_no_scan() -> None:
    async def check() -> None:
        made = SharedScan(None, 1, 100, keep, lambda: None, [(1,)])
        assert made.is_finished
        assert await rows(made) == [(1,)]

    run(check())


CALL = ApiCall("GET", ApiPath("/comments/{id}", id="7"), {"fields": "item"})


def test_a_call_is_made_once_also_in_flight() -> None:
    async def check() -> None:
        made: list[ApiCall] = []

        async def send(call: ApiCall) -> int:
            made.append(call)
            await asyncio.sleep(0)
            return 7

        once = AnswerCache()
        assert await asyncio.gather(*(once.send(CALL, send) for _ in range(4))) == [7] * 4
        assert await once.send(CALL, send) == 7
        assert made == [CALL]

    run(check())


def test_a_call_is_cancelled_when_nobody_waits_for_it() -> None:
    async def check() -> None:
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def send(_: ApiCall) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        async def answer(_: ApiCall) -> int:
            return 7

        once = AnswerCache()
        waiting = [asyncio.ensure_future(once.send(CALL, send)) for _ in range(2)]
        await begun.wait()
        waiting[0].cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not cancelled.is_set()
        waiting[1].cancel()
        await asyncio.sleep(0)
        again = asyncio.ensure_future(once.send(CALL, answer))
        await cancelled.wait()
        assert await again == 7
        await asyncio.gather(*waiting, return_exceptions=True)

    run(check())


def test_a_call_that_failed_is_made_again() -> None:
    async def check() -> None:
        outcomes = [LookupError("no"), None]

        async def send(_: ApiCall) -> int:
            outcome = outcomes.pop(0)
            if outcome is not None:
                raise outcome
            return 7

        once = AnswerCache()
        with pytest.raises(LookupError):
            await once.send(CALL, send)
        assert await once.send(CALL, send) == 7

    run(check())
