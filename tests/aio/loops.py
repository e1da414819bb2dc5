"""Run a test on an event loop, and wait there for what comes by itself."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test that is a coroutine, each on a loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **options: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **options), PATIENCE_SECONDS))

    return run


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; a test's ceiling is the wait's."""
    while not condition():  # noqa: ASYNC110 - another thread may bring it about
        await asyncio.sleep(0.005)


def workers() -> list[threading.Thread]:
    """Return the threads of connections that are open."""
    return [thread for thread in threading.enumerate() if thread.name == "box-dialect-aio"]


def workers_in_use() -> list[threading.Thread]:
    """Return the threads of connections that are open and not forgotten.

    A thread that has just ended a call refers to the connection for a moment more, so a collection may come too early:
    who waits has to ask again.
    """
    gc.collect()
    return workers()


class Failure(Exception):  # noqa: N818 - a test's own
    """What ends a block early."""


@contextlib.asynccontextmanager
async def failing(block: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Enter a block, and let it end with a failure."""
    with contextlib.suppress(Failure):
        async with block as entered:
            yield entered
            raise Failure
