"""Single flight: equal calls that are in flight at once are one call, whoever waits for its answer."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from box_dialect.api.calls import CallLimitError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from box_dialect.api.calls import CallCount

T = TypeVar("T")

_writes = 0


def end_sharing() -> None:
    """Have calls that begin now share none that began before, of all clients: something was written."""
    global _writes
    _writes += 1


def writes() -> int:
    """Return how much this process has written to Box."""
    return _writes


class Counts:
    """Counts a call, and each attempt of it, for all statements that wait for it."""

    def __init__(self) -> None:
        self.waiting: list[CallCount] = []
        self.has_begun = False
        self.exceeded: dict[int, CallLimitError] = {}

    def add(self) -> None:
        """Count an attempt; raises CallLimitError where no statement may make it."""
        self.has_begun = True
        for count in self.waiting:
            try:
                count.add()
            except CallLimitError as problem:
                self.exceeded[id(count)] = problem
        if self.waiting and all(id(count) in self.exceeded for count in self.waiting):
            raise copy.copy(self.exceeded[id(self.waiting[0])])


@dataclass(eq=False)
class _Flight(Generic[T]):
    """A call in flight, and how much was written before it began."""

    task: asyncio.Future[T]
    counts: Counts
    writes: int = field(default_factory=lambda: _writes)


class SingleFlight(Generic[T]):
    """The calls of a client that are in flight. Belongs to one event loop."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[T]] = {}

    async def share(self, key: Hashable, count: CallCount, send: Callable[[Counts], Awaitable[T]]) -> T:
        """Return the answer of an equal call that is in flight, by `send` where there is none; raises what it raises.

        The call is cancelled with the last one who waits for it.
        """
        flight = self._flights.get(key)
        if flight is not None and flight.writes == _writes:
            if flight.counts.has_begun:  # the attempt that is on its way
                count.add()
            flight.counts.waiting.append(count)
        else:
            counts = Counts()
            counts.waiting.append(count)
            flight = self._flights[key] = _Flight(asyncio.ensure_future(send(counts)), counts)
            flight.task.add_done_callback(lambda task: self._forget(key, task))
        try:
            await asyncio.wait([flight.task])
            return self._outcome(flight, count)
        finally:
            flight.counts.waiting.remove(count)
            if not flight.counts.waiting and not flight.task.done():
                self._forget(key, flight.task)
                flight.task.cancel()
            del flight  # its task refers to the exception, whose traceback refers to this frame

    def _outcome(self, flight: _Flight[T], count: CallCount) -> T:
        failure = flight.task.exception()
        problem = flight.counts.exceeded.get(id(count)) or failure
        if problem is None:
            return flight.task.result()
        raise copy.copy(problem)

    def _forget(self, key: Hashable, task: asyncio.Future[T]) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if task.done() and not task.cancelled():
            task.exception()  # asyncio logs one that nobody has seen, as where all who waited were cancelled
