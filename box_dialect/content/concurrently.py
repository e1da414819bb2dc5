"""Work on many things at once, on the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

T = TypeVar("T")


async def each_of(things: Iterable[T], work: Callable[[T], Awaitable[object]], most: int) -> None:
    """Await `work` for each thing, for `most` of them at once, and begin in their order.

    What one raises is raised at once, and cancels the others.
    """
    left = iter(things)

    async def worker() -> None:
        for each in left:
            await work(each)

    workers = [asyncio.ensure_future(worker()) for _ in range(most)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
