"""What a caller gave to be called, such as a callback or a file that is read: run beside the event loop.

It may block, and it may raise what ends a thread; neither may reach the loop, which all calls of the process run on.
"""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

T = TypeVar("T")


class Closable(Protocol):
    """What is to be closed once nobody needs it."""

    def close(self) -> None:
        """Let go of what it has opened."""


C = TypeVar("C", bound=Closable)


class CallerError(Exception):
    """What the caller gave raised a `problem` that would end the event loop, or be taken for one of Box's."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__()
        self.problem = problem


async def called(function: Callable[..., T], *args: Any) -> T:
    """Call a function in a worker thread and return what it returns; a cancellation does not wait for it.

    Raises what it raises, and CallerError for what is no Exception.
    """
    import anyio.to_thread  # which takes longer to import than the error that others need

    result, problem = await anyio.to_thread.run_sync(partial(_outcome, function, args), abandon_on_cancel=True)
    if problem is None:
        assert result is not None  # noqa: S101 - one of the two is there
        return result[0]
    raise problem if isinstance(problem, Exception) else CallerError(problem)


async def opened(function: Callable[..., C], *args: Any) -> C:
    """Do what `called` does, and close what the function returns where a cancellation has come meanwhile."""
    made: list[C] = []
    lock, is_left = threading.Lock(), threading.Event()

    def make() -> None:
        one = function(*args)
        with lock:
            if not is_left.is_set():
                made.append(one)
                return
        one.close()

    try:
        await called(make)
    except asyncio.CancelledError:
        with lock:
            is_left.set()
        for each in made:
            each.close()
        raise
    return made[0]


def _outcome(function: Callable[..., T], args: tuple[Any, ...]) -> tuple[tuple[T] | None, BaseException | None]:
    try:
        return (function(*args),), None
    except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
        return None, problem
