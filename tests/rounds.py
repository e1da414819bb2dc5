"""Count the rounds in which a statement makes its calls, without a clock.

Answers are held until the driver waits for them and can do nothing else, and then given all together. So calls that go
at once are one round, and calls that wait for one another take one each.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from patience import PATIENCE_SECONDS

from box_dialect import api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import box_dialect

_SECONDS_BETWEEN_LOOKS = 0.001
_LOOKS = 3
"""Times in a row that everything has to stand still."""


class Rounds:
    """What holds the answers of an emulator; `count` is how often it gave some."""

    def __init__(self) -> None:
        self.count = 0
        self._held: dict[asyncio.Event, tuple[str, asyncio.AbstractEventLoop]] = {}

    @contextmanager
    def holding(self, application: Any) -> Iterator[None]:
        """Hold the answers of an ASGI application's class to calls of Box's API."""
        answer = application.__call__

        async def held(app: Any, scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].startswith("/2.0/"):
                event = asyncio.Event()
                self._held[event] = scope["path"], asyncio.get_running_loop()
                await event.wait()
            await answer(app, scope, receive, send)

        application.__call__ = held
        try:
            yield
        finally:
            application.__call__ = answer
            self.give()

    def run(self, cursor: box_dialect.Cursor, function: Callable[[], Any]) -> Any:
        """Return what a function gives that runs a statement of a cursor; raises what it raises."""
        found: list[Any] = []

        def outcome() -> None:
            try:
                found.append(function())
            except BaseException as error:
                found.append(error)
                raise

        thread = threading.Thread(target=outcome, daemon=True)
        thread.start()
        deadline, looks, seen = time.monotonic() + PATIENCE_SECONDS, 0, None
        while thread.is_alive():
            assert time.monotonic() < deadline, "a statement neither ends nor waits for Box"
            now = self._standing(cursor)
            looks, seen = (looks + 1 if now is not None and now == seen else 0), now
            if looks >= _LOOKS:
                self.count += 1
                self.give()
                looks = 0
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        (result,) = found
        return result

    def _standing(self, cursor: box_dialect.Cursor) -> Any:
        """Return what tells whether anything moved, None where something surely moves."""
        portal = api.portal()

        async def taken() -> int:
            return sum(client._slots._taken for client in portal._clients.values())

        waiting, held = cursor._execution._waiting, len(self._held)
        in_flight = portal.run(taken)
        if waiting is None or not held or in_flight > held:  # those that were cancelled stay held
            return None
        return id(waiting), held

    @property
    def held(self) -> int:
        """How many answers are held."""
        return len(self._held)

    def give(self, ending: str = "") -> None:
        """Give the answers that are held, of paths with an ending."""
        for event, (path, loop) in list(self._held.items()):
            if path.endswith(ending):
                del self._held[event]
                loop.call_soon_threadsafe(event.set)
