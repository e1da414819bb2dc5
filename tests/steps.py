"""An event loop that a test drives step by step, with calls that end in an order that is drawn; no clock is needed."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Coroutine, Iterator


class Steps:
    """A loop, and the calls in flight on it, each of which ends when it is drawn, as `outcome()` says.

    That returns what the call gives, or an exception that it raises.
    """

    def __init__(self, drawn: random.Random, outcome: Callable[[Any], Any]) -> None:
        self.drawn, self._outcome = drawn, outcome
        self.loop = asyncio.new_event_loop()
        self.in_flight: list[tuple[Any, asyncio.Future[Any]]] = []
        self.most_in_flight = 0
        self.problems: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self.problems.append(context))

    async def call(self, what: Any) -> Any:
        """Be a call in flight until its end is drawn."""
        entry = (what, self.loop.create_future())
        self.in_flight.append(entry)
        self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        try:
            return await entry[1]
        finally:
            self.in_flight.remove(entry)

    @property
    def is_idle(self) -> bool:
        """Whether the loop has nothing to do before a call ends."""
        return not self.loop._ready  # type: ignore[attr-defined]

    def step(self) -> None:
        """Let the loop run what is ready now."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def some(self, most: int = 3) -> None:
        """Let a few things happen, or nothing."""
        for _ in range(self.drawn.randint(0, most)):
            if not self.one():
                return

    def one(self) -> bool:
        """Let one thing happen: a step, or the end of a call; False where nothing can."""
        calls = [entry for entry in self.in_flight if not entry[1].done()]
        if calls and (self.is_idle or self.drawn.random() < 0.5):
            what, future = self.drawn.choice(calls)
            outcome = self._outcome(what)
            future.set_exception(outcome) if isinstance(outcome, BaseException) else future.set_result(outcome)
        elif not self.is_idle:
            self.step()
        else:
            return False
        return True

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Let things happen until a coroutine ends, and return its result; fails where nothing can happen before."""
        task = self.loop.create_task(coroutine)
        while not task.done():
            assert self.one(), "nothing is left that could wake who waits"
        return task.result()

    def settle(self) -> None:
        """Let the loop do all that it can before a call ends."""
        while not self.is_idle:
            self.step()


@contextmanager
def steps(drawn: random.Random, outcome: Callable[[Any], Any]) -> Iterator[Steps]:
    """Give a loop; at the end nothing may run on it, or have failed without being told."""
    made = Steps(drawn, outcome)
    try:
        yield made
        made.settle()
        left = asyncio.all_tasks(made.loop)
        assert not left, "something still runs"
        assert not made.in_flight
        assert not made.problems
    finally:
        for task in asyncio.all_tasks(made.loop):
            task.cancel()
        made.settle()
        made.loop.close()
