"""Concurrent pages begin no call that nobody waits for, and more at once the more is asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.engine import RowLimit
from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

pytestmark = pytest.mark.usefixtures("no_network")


class Tree:
    """Nodes that lead to others; `begun` are the reads in their order, each of which ends when it is let go."""

    def __init__(self, further: dict[str, list[str]], rows: Callable[[str], list[str]], *, free: bool = True) -> None:
        self.further, self.rows = further, rows
        self.begun: list[str] = []
        self.cancelled: list[str] = []
        self.at_once = self.most_at_once = 0
        self.gate = asyncio.Event()
        if free:
            self.gate.set()

    async def read(self, node: str) -> ScanPage[str, str]:
        self.begun.append(node)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(node)
            raise
        finally:
            self.at_once -= 1
        return ScanPage(self.rows(node), self.further.get(node, [])[::-1])


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, PATIENCE_SECONDS))


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def drained(pages: ConcurrentPages[str, str]) -> list[str]:
    found = []
    while (page := await pages.next_page()) is not None:
        found += page
    return found


FLAT = {"root": [f"n{number}" for number in range(40)]}


def test_nothing_is_read_before_it_is_asked_for() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 8)
        await settle()
        assert tree.begun == []
        assert await pages.next_page() == ["root"]
        await settle()
        assert tree.begun == ["root"]

    run(check())


def test_a_root_without_rows_costs_one_more_read() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [] if node == "root" else [node])
        pages = ConcurrentPages(["root"], tree.read, 8)
        assert await pages.next_page() == ["n0"]
        await settle()
        assert tree.begun == ["root", "n0"]

    run(check())


def test_the_width_grows_with_each_page_up_to_the_limit() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 8)
        assert sorted(await drained(pages)) == sorted(["root", *FLAT["root"]])
        assert tree.most_at_once == 8

    run(check())


def test_a_search_for_rows_widens_by_itself() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node] if node == "n39" else [])
        pages = ConcurrentPages(["root"], tree.read, 8)
        assert await pages.next_page() == ["n39"]
        assert tree.most_at_once == 8

    run(check())


def test_no_more_is_read_than_the_limit_of_the_statement_needs() -> None:
    async def check() -> None:
        tree, limit = Tree(FLAT, lambda node: [node, node]), RowLimit(20)
        pages = ConcurrentPages(["root"], tree.read, 8, limit)
        while limit.given < 20:
            page = await pages.next_page()
            assert page is not None
            await settle()
            limit.given += sum(map(len, [page, *pages.ready_pages()]))
        await settle()
        assert len(tree.begun) == 10

    run(check())


def test_what_a_page_leads_to_is_tried_before_others_where_few_rows_are_wanted() -> None:
    async def check() -> None:
        tree = Tree({"root": ["a", "b", "c"], "b": ["b1"], "b1": ["b2"]}, lambda node: [node] if node == "b2" else [])
        pages = ConcurrentPages(["root"], tree.read, 8, RowLimit(1))
        assert await pages.next_page() == ["b2"]
        assert tree.begun == ["root", "a", "b", "b1", "b2"]

    run(check())


def test_pages_that_nobody_takes_are_bounded() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 4)
        for _ in range(4):
            await pages.next_page()
        await settle()
        assert len(tree.begun) <= 4 + 2 * 4

    run(check())


def test_pages_that_are_there_can_be_taken_without_waiting() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 4)
        assert pages.ready_pages() == []
        found = []
        while (page := await pages.next_page()) is not None:
            await settle()
            more = pages.ready_pages()
            assert len(more) <= 2 * 4
            found += [node for each in (page, *more) for node in each]
        assert sorted(found) == sorted(["root", *FLAT["root"]])
        assert pages.ready_pages() == []

    run(check())


def test_what_a_page_leads_to_is_read_first() -> None:
    async def check() -> None:
        tree = Tree({"root": ["a", "b"], "a": ["a1", "a2"], "b": ["b1"]}, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 1)
        assert await drained(pages) == ["root", "a", "a1", "a2", "b", "b1"]

    run(check())


def test_large_pages_that_lead_to_one_another_are_read_one_ahead() -> None:
    async def check() -> None:
        chain = {f"p{number}": [f"p{number + 1}"] for number in range(9)}
        tree = Tree(chain, lambda node: [node] * 1_000)
        pages = ConcurrentPages(["p0"], tree.read, 16)
        for taken in range(1, 9):
            assert await pages.next_page() == [f"p{taken - 1}"] * 1_000
            await settle()
            assert len(tree.begun) == (taken if taken == 1 else taken + 1)

    run(check())


@pytest.mark.parametrize(("branches", "depth"), [(1_000, 1), (6, 5), (2, 12), (1, 500)])
def test_little_waits_to_be_read_however_wide_and_deep_a_tree_is(branches: int, depth: int) -> None:
    """What is known and not yet begun is all that a walk holds; one level of the tree would be up to 7,776 nodes."""
    width = 16

    async def check() -> None:
        begun = known = most = 0

        async def read(level: int) -> ScanPage[int, str]:
            nonlocal begun, known, most
            begun += 1
            await asyncio.sleep(0)
            further = [level + 1] * (branches if level < depth else 0)
            known += len(further)
            most = max(most, known + 1 - begun)
            return ScanPage(["row"] if level == depth else [], further)

        pages = ConcurrentPages([0], read, width)
        rows = 0
        while (page := await pages.next_page()) is not None:
            rows += len(page)
        assert rows == branches**depth
        assert most <= branches * depth * width

    run(check())


def test_the_first_rows_of_a_deep_tree_take_a_call_for_each_level() -> None:
    async def check() -> None:
        further = {"": ["a", "b"], "a": ["aa", "ab"], "aa": ["aaa", "aab"], "aaa": ["row", "other"]}
        tree = Tree(further, lambda node: [node] if node == "row" else [])
        pages = ConcurrentPages([""], tree.read, 16, RowLimit(1))
        assert await pages.next_page() == ["row"]
        assert tree.begun == ["", "a", "aa", "aaa", "row"]

    run(check())


def test_a_failure_is_raised_and_cancels_the_others() -> None:
    def rows(node: str) -> list[str]:
        if node == "n30":
            raise LookupError(node)
        return [node]

    async def check() -> None:
        tree = Tree(FLAT, rows)
        pages = ConcurrentPages(["root"], tree.read, 8)
        with pytest.raises(LookupError, match="n30"):
            await drained(pages)
        begun = len(tree.begun)
        await settle()
        assert (len(tree.begun), tree.at_once) == (begun, 0)
        assert begun < len(FLAT["root"])

    run(check())


def test_closing_cancels_what_is_in_flight_and_tells_who_waits() -> None:
    async def check() -> None:
        tree = Tree(FLAT, lambda node: [node])
        pages = ConcurrentPages(["root"], tree.read, 8)
        for _ in range(6):
            await pages.next_page()
        tree.gate.clear()
        asking = asyncio.ensure_future(drained(pages))
        await settle()
        await pages.aclose()
        with pytest.raises(InternalError, match="a cancelled scan is read on"):
            await asking
        begun = len(tree.begun)
        await settle()
        assert len(tree.begun) == begun
        assert tree.at_once == 0

    run(check())
