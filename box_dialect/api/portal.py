"""The one event loop of a process, in a daemon thread, and the clients that live on it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from box_dialect.api.client import BoxClient
    from box_dialect.properties import Properties

T = TypeVar("T")


class Portal:
    """Run coroutines on the event loop from any thread, and keep one client for each set of equal properties."""

    def __init__(self) -> None:
        self._clients: dict[Properties, BoxClient] = {}
        self._lock = threading.Lock()
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=_serve, args=(started,), name="box-dialect", daemon=True)
        self._thread.start()
        self._loop, self._end = started.result()

    def client(self, properties: Properties) -> BoxClient:
        """Return the client that all connections with these properties share."""
        # Imported with the first query: HTTP takes longer to import than all the rest.
        from box_dialect.api.client import BoxClient

        with self._lock:
            if properties not in self._clients:
                self._clients[properties] = BoxClient(properties)
            return self._clients[properties]

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> Future[T]:
        """Start `function(*args)` on the loop and return at once, with what can be waited for and cancelled."""
        coroutine = function(*args)
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Await `function(*args)` on the loop and return its result; the calling thread waits without the GIL.

        Whatever ends the wait, such as Ctrl-C, cancels what is awaited.
        """
        future = self.start(function, *args)
        try:
            return future.result()
        finally:
            future.cancel()

    def spawn(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        """Start `function(*args)` on the loop; nobody waits for it."""
        with contextlib.suppress(RuntimeError):  # at interpreter exit the loop is gone
            self.start(function, *args)

    def wake(self, function: Callable[[], object]) -> None:
        """Have the loop call a function soon."""
        self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """Close the clients and stop the loop."""
        for client in self._clients.values():
            self.run(client.aclose)
        self.wake(self._end.set)
        self._thread.join()


def _serve(started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    """Run a loop until its event is set; what still runs on it then is cancelled."""

    async def wait() -> None:
        end = asyncio.Event()
        started.set_result((asyncio.get_running_loop(), end))
        await end.wait()

    asyncio.run(wait())


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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
