"""Answer cache: a call is made once for all scans of a statement that need its answer, also while it is in flight."""

from __future__ import annotations

import asyncio
import copy
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import says_absent
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from box_dialect.api import ApiCall

MOST_OBJECTS: Final = 10_000
"""Objects of Box in the answers that a statement keeps at most."""


class AnswerCache:
    """The answers of calls that several scans make: walks of the same branches, lists of keys that overlap."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, asyncio.Future[Any]] = {}
        self._waiting: dict[asyncio.Future[Any], int] = {}
        self._nothing: dict[Hashable, DatabaseError] = {}
        self._objects = 0

    @property
    def has_room(self) -> bool:
        """Whether further answers are kept."""
        return self._objects <= MOST_OBJECTS

    async def send(self, call: ApiCall, send: Callable[[ApiCall], Awaitable[Any]]) -> Any:
        """Return the answer of a call, by `send` where it was not made; raises what that raises, to all who wait."""
        key = call.key
        if key in self._nothing:
            raise copy.copy(self._nothing[key])
        task = self._calls.get(key)
        if task is None:
            task = self._calls[key] = asyncio.ensure_future(send(call))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        try:
            if not task.done():
                await self._end(key, task)
            return task.result()
        finally:
            del task  # it refers to the exception, whose traceback refers to this frame

    async def _end(self, key: Hashable, task: asyncio.Future[Any]) -> None:
        """Wait for the end of a call, which is cancelled with the last one who waits."""
        self._waiting[task] = self._waiting.get(task, 0) + 1
        try:
            await asyncio.wait([task])
        finally:
            self._waiting[task] -= 1
            if not self._waiting[task]:
                del self._waiting[task]
                self._forget_unfinished(key, task)

    def _forget_unfinished(self, key: Hashable, task: asyncio.Future[Any]) -> None:
        """Cancel a call that nobody waits for, so that who asks next makes it anew."""
        if not task.done():
            self._forget(key, task)
            task.cancel()

    def _forget(self, key: Hashable, task: asyncio.Future[Any]) -> None:
        if self._calls.get(key) is task:
            del self._calls[key]

    def _ended(self, key: Hashable, task: asyncio.Future[Any]) -> None:
        problem = None if task.cancelled() else task.exception()
        answer = None if task.cancelled() or problem else task.result()
        entries = answer.get("entries") if isinstance(answer, dict) else None
        self._objects += len(entries) if isinstance(entries, list) else 1
        if isinstance(problem, DatabaseError) and says_absent(problem) and self.has_room:
            # An answer as good as any other, without its traceback, which holds on to much more.
            self._nothing[key] = copy.copy(problem)
        if answer is None or not self.has_room:
            self._forget(key, task)
