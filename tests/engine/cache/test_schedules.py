"""What waits on the event loop is woken, and what is cancelled costs nobody else anything, in any order of answers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import Steps, steps

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.cancellation import cancelled_when_connected
from box_dialect.api.concurrency import Slots
from box_dialect.api.ratelimit import RateLimiter
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.scan.answer_cache import AnswerCache
from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

pytestmark = pytest.mark.usefixtures("no_network")

MANY = settings(max_examples=100)
DRAWN = st.builds(random.Random, st.integers(0, 2**32))


def tree_of(drawn: random.Random) -> dict[int, list[int]]:
    """Return what each node leads to; node 0 is the first."""
    tree: dict[int, list[int]] = {0: []}
    for number in range(1, drawn.randint(1, 25)):
        tree[drawn.randint(max(0, number - 6), number - 1)].append(number)
        tree[number] = []
    return tree


def pages_of(loop: Steps, tree: dict[int, list[int]], width: int) -> ConcurrentPages[int, int]:
    async def read(node: int) -> ScanPage[int, int]:
        rows = await loop.call(node)
        return ScanPage(rows, tree[node][::-1])

    return ConcurrentPages([0], read, width)


async def ready(pages: ConcurrentPages[int, int]) -> list[list[int]]:
    return pages.ready_pages()


def interrupted(loop: Steps, coroutine: Coroutine[Any, Any, Any]) -> tuple[bool, Any]:
    """Run a coroutine, or cancel it on the way; tell whether it has ended by itself, and return its result."""
    task = loop.loop.create_task(coroutine)
    loop.some(6)
    task.cancel()
    while not task.done():
        assert loop.one()
    return not task.cancelled(), None if task.cancelled() else task.result()


@MANY
@given(drawn=DRAWN)
def test_concurrent_pages_give_each_row_once_also_where_who_asks_is_cancelled(drawn: random.Random) -> None:
    tree, width = tree_of(drawn), drawn.randint(1, 5)
    rows = {node: [node] * drawn.randint(0, 1) for node in tree}
    with steps(drawn, lambda node: rows[node]) as loop:
        pages, found = pages_of(loop, tree, width), []
        while True:
            if drawn.random() < 0.3:
                has_ended, page = interrupted(loop, pages.next_page())
                if not has_ended:
                    continue
            else:
                page = loop.run(pages.next_page())
            if page is None:
                break
            found += page
            if drawn.random() < 0.3:
                found += [row for each in loop.run(ready(pages)) for row in each]
        assert loop.most_in_flight <= width
    assert sorted(found) == sorted(row for each in rows.values() for row in each)


@MANY
@given(drawn=DRAWN)
def test_concurrent_pages_that_fail_or_are_closed_give_no_end_and_leave_nothing(drawn: random.Random) -> None:
    tree = tree_of(drawn)
    wrong = drawn.randint(0, len(tree))
    with steps(drawn, lambda node: LookupError(node) if node == wrong else [node]) as loop:
        pages, closing = pages_of(loop, tree, drawn.randint(1, 5)), drawn.random() < 0.5 or wrong == len(tree)

        async def consume() -> str:
            try:
                while await pages.next_page() is not None:
                    pass
            except LookupError:
                return "failed"
            except InternalError:
                return "closed"
            return "ended"

        consuming = loop.loop.create_task(consume())
        loop.some(12)
        if closing:
            loop.run(pages.aclose())
        while not consuming.done():
            assert loop.one(), "who waits is not woken"
        assert consuming.result() in ({"failed", "closed", "ended"} if closing else {"failed"})
        if consuming.result() == "ended":
            assert wrong == len(tree)
        assert not loop.in_flight


@MANY
@given(drawn=DRAWN)
def test_all_who_follow_a_reading_get_its_rows_whoever_is_cancelled(drawn: random.Random) -> None:
    tree = tree_of(drawn)
    with steps(drawn, lambda node: [node]) as loop:
        pages: Any = pages_of(loop, tree, drawn.randint(1, 4))
        scan = SharedScan(pages, 1, 10**9, lambda *_: None, lambda: None)

        async def follow() -> list[int]:
            page, found = scan.take(), []
            while (following := await scan.follow(page)) is not None:
                page = following
                found += page.rows
            return found

        following = [loop.loop.create_task(follow()) for _ in range(3)]
        ahead = loop.loop.create_task(scan.fill(drawn.randint(0, 30)))
        doomed = [task for task in (*following, ahead) if drawn.random() < 0.4]
        while not all(task.done() for task in (*following, ahead)):
            assert loop.one()
            if doomed and drawn.random() < 0.1:
                doomed.pop().cancel()
        for task in following:
            assert task.cancelled() or sorted(task.result()) == sorted(tree)
        loop.run(scan.aclose())


@MANY
@given(drawn=DRAWN)
def test_a_shared_call_ends_for_all_who_wait_and_with_the_last_of_them(drawn: random.Random) -> None:
    with steps(drawn, lambda _: drawn.choice([{"entries": [1]}, LookupError("no")])) as loop:
        once = AnswerCache()

        async def ask(key: str) -> bool:
            try:
                return bool(await once.send(ApiCall("GET", ApiPath(f"/{key}")), loop.call))
            except LookupError:
                return True

        asking: list[asyncio.Task[bool]] = []
        for _ in range(drawn.randint(1, 12)):
            asking.append(loop.loop.create_task(ask(drawn.choice("ab"))))
            loop.some(2)
            if drawn.random() < 0.4:
                drawn.choice(asking).cancel()
            if all(task.done() or task.cancelling() for task in asking):
                loop.settle()
                assert not loop.in_flight, "a call is in flight that nobody waits for"
        doomed = {task for task in asking if task.cancelling()}
        while not all(task.done() for task in asking):
            assert loop.one()
        assert all(task in doomed or task.result() for task in asking)
    assert not once._waiting


@MANY
@given(drawn=DRAWN)
def test_each_slot_is_given_back(drawn: random.Random) -> None:
    with steps(drawn, lambda _: None) as loop:
        slots, width = Slots(drawn.randint(1, 6)), 0

        async def call() -> None:
            async with slots.one():
                await loop.call(None)
                slots.answered(1.0)

        calls = []
        for _ in range(drawn.randint(1, 30)):
            calls.append(loop.loop.create_task(call()))
            loop.some(2)
            width = max(width, slots.width)
            if drawn.random() < 0.3:
                drawn.choice(calls).cancel()
            if drawn.random() < 0.1:
                slots.refused()
        while not all(task.done() for task in calls):
            assert loop.one(), "a call waits for a slot that is free"
            width = max(width, slots.width)
        assert loop.most_in_flight <= width
        assert slots._taken == 0


@MANY
@given(drawn=DRAWN)
def test_no_minute_has_more_calls_than_the_rate_where_waiting_ones_are_cancelled(drawn: random.Random) -> None:
    now, moments = [0.0], list[float]()
    with steps(drawn, lambda _: None) as loop:
        sleeping: dict[asyncio.Future[None], float] = {}

        async def sleep(seconds: float) -> None:
            future = loop.loop.create_future()
            sleeping[future] = now[0] + seconds
            try:
                await future
            finally:
                del sleeping[future]

        limiter = RateLimiter(6, 3, lambda: now[0], sleep)

        async def admit() -> None:
            await limiter.admit()
            moments.append(now[0])

        waiting = [loop.loop.create_task(admit()) for _ in range(drawn.randint(1, 30))]
        loop.settle()
        while sleeping:
            for _ in range(drawn.randint(0, 3)):
                drawn.choice(waiting).cancel()
            loop.settle()
            if drawn.random() < 0.2:
                waiting.append(loop.loop.create_task(admit()))
                loop.settle()
            if sleeping:
                now[0] = min(sleeping.values())
                for future in [each for each, end in sleeping.items() if end == now[0]]:
                    future.set_result(None)
                loop.settle()
        assert all(task.done() for task in waiting)
    for moment in moments:
        assert len([each for each in moments if moment <= each < moment + 60]) <= 6


@MANY
@given(drawn=DRAWN)
def test_a_call_that_is_cancelled_ends_and_tells_nothing_more(drawn: random.Random) -> None:
    with steps(drawn, lambda _: drawn.choice(["answer", LookupError("no")])) as loop:

        async def request(extensions: dict[str, Any]) -> Any:
            await loop.call("connect")
            await extensions["trace"]("http11.send_request_headers.started", {})
            return await loop.call("send")

        async def call() -> Any:
            try:
                return await cancelled_when_connected(request)
            except LookupError:
                return "failed"

        task = loop.loop.create_task(call())
        loop.some(4)
        task.cancel()
        while not task.done():
            assert loop.one()
        assert task.cancelled() or task.result() in {"answer", "failed"}
