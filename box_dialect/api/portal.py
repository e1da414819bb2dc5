"""The one event loop of a process, in a daemon thread, and the clients that live on it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import CancelScope
from anyio.from_thread import BlockingPortal, start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from box_dialect.api.client import BoxClient
    from box_dialect.properties import Properties

T = TypeVar("T")


class _Wait:
    """One wait for the loop, which may be interrupted before the loop has even begun."""

    __slots__ = ("is_over", "scope")

    def __init__(self) -> None:
        self.is_over = False
        self.scope: CancelScope | None = None

    async def on(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Await the function, unless or until the wait is over."""
        with CancelScope() as self.scope:
            if self.is_over:
                self.scope.cancel()
            return await function(*args)
        raise asyncio.CancelledError

    def end(self) -> None:
        """Cancel what still runs; called on the loop."""
        if self.scope is not None:
            self.scope.cancel()


class Portal:
    """Run coroutines on the event loop from any thread, and keep one client for each set of equal properties."""

    def __init__(self) -> None:
        self._context = start_blocking_portal("asyncio", name="box-dialect")
        self._portal: BlockingPortal = self._context.__enter__()
        self._clients: dict[Properties, BoxClient] = {}
        self._lock = threading.Lock()

    def client(self, properties: Properties) -> BoxClient:
        """Return the client that all connections with these properties share."""
        # Imported with the first query: HTTP takes longer to import than all the rest.
        from box_dialect.api.client import BoxClient

        with self._lock:
            if properties not in self._clients:
                self._clients[properties] = BoxClient(properties)
            return self._clients[properties]

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Await `function(*args)` on the loop and return its result; the calling thread waits without the GIL.

        Where the wait is interrupted, as by Ctrl-C, what it waits for is cancelled.
        """
        wait = _Wait()
        try:
            result: T = self._portal.call(wait.on, function, *args)
        except BaseException:
            wait.is_over = True
            with contextlib.suppress(RuntimeError):  # at interpreter exit the loop is gone
                self._portal.start_task_soon(wait.end)
            raise
        return result

    def spawn(self, function: Callable[..., Awaitable[Any]], *args: Any) -> None:
        """Start `function(*args)` on the loop and return at once."""
        with contextlib.suppress(RuntimeError):  # at interpreter exit the loop is gone
            self._portal.start_task_soon(function, *args)

    def close(self) -> None:
        """Close the clients and stop the loop."""
        for client in self._clients.values():
            self.run(client.aclose)
        self._context.__exit__(None, None, None)


_lock = threading.Lock()
_portal: Portal | None = None
_parents: list[Portal] = []


def portal() -> Portal:
    """Return the portal of this process, made at its first use."""
    global _portal
    with _lock:
        if _portal is None:
            _portal = Portal()
            atexit.register(_portal.close)
        return _portal


def _forget_after_fork() -> None:
    """Leave the parent's loop and sockets alone: a child makes its own.

    The parent's portal is kept, since its end would wait for a loop that does not run in the child.
    """
    global _portal, _lock
    if _portal is not None:
        atexit.unregister(_portal.close)
        _parents.append(_portal)
    _portal, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)
