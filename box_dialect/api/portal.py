"""The one event loop of a process, in a daemon thread, and the clients that live on it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from box_dialect.api.caller import CallerError
from box_dialect.api.thread import THREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from box_dialect.api.client import BoxClient
    from box_dialect.properties import Properties

T = TypeVar("T")

_LONGEST_WAIT_SECONDS: Final = 1.0

MOST_CLIENTS: Final = 500
"""Clients that a process keeps; past that many, the one that was asked for least lately is forgotten."""


def result(future: Future[T], seconds: float | None = None) -> T:
    """Wait for a future, for so many seconds at most, and return its result; raises TimeoutError.

    A signal that comes in the moment before a thread begins to wait does not wake it, so that Ctrl-C would be noticed
    at the end only: the thread looks up now and then.
    """
    end = None if seconds is None else time.monotonic() + seconds
    try:
        while True:
            left = _LONGEST_WAIT_SECONDS if end is None else min(end - time.monotonic(), _LONGEST_WAIT_SECONDS)
            try:
                return future.result(max(left, 0.0))
            except TimeoutError:
                if future.done():
                    return future.result()
                if left < _LONGEST_WAIT_SECONDS:
                    raise
    finally:
        del future  # it refers to the exception, whose traceback refers to this frame


class Portal:
    """Run coroutines on the event loop from any thread, and keep one client for each set of equal properties."""

    def __init__(self) -> None:
        self._clients: dict[Properties, BoxClient] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=_serve, args=(started,), name=THREAD, daemon=True)
        self._thread.start()
        self._loop, self._end = started.result()

    def client(self, properties: Properties) -> BoxClient:
        """Return the client that all connections with these properties share."""
        # Imported with the first query: HTTP takes longer to import than all the rest.
        from box_dialect.api.client import BoxClient

        with self._lock:
            client = self._clients.pop(properties, None) or BoxClient(properties)
            self._clients[properties] = client
            forgotten = [self._clients.pop(next(iter(self._clients)))] if len(self._clients) > MOST_CLIENTS else []
        for each in forgotten:
            self.spawn(each.aclose)
        return client

    def begin(self, future: Future[T], function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> None:
        """Have the loop await `function(*args)` into a future, whose cancellation cancels it.

        The future is made by who waits, so that an interrupt at any moment finds something to cancel.
        """
        self._loop.call_soon_threadsafe(self._await_into, future, function, args)

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Await `function(*args)` on the loop and return its result; the calling thread waits without the GIL.

        Whatever ends the wait, such as Ctrl-C, cancels what is awaited.
        """
        future: Future[T] = Future()
        try:
            self.begin(future, function, *args)
            return result(future)
        finally:
            future.cancel()
            del future  # it refers to the exception, whose traceback refers to this frame

    def spawn(self, function: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        """Start `function(*args)` on the loop; nobody waits for it."""
        with contextlib.suppress(RuntimeError):  # at interpreter exit the loop is gone
            self.begin(Future(), function, *args)

    def _await_into(self, future: Future[T], function: Callable[..., Coroutine[Any, Any, T]], args: Any) -> None:
        if future.cancelled():
            return
        task = self._loop.create_task(function(*args))
        task.add_done_callback(lambda done: _settle(future, done))
        future.add_done_callback(lambda ended: self._cancel(task) if ended.cancelled() else None)

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # as above
            self._loop.call_soon_threadsafe(task.cancel)

    def wake(self, function: Callable[[], object]) -> None:
        """Have the loop call a function soon."""
        self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """Close the clients and stop the loop; closing again does nothing."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            clients = tuple(self._clients.values())
        if was_closed:
            return
        try:
            self.run(_closed, clients)
        finally:
            self.wake(self._end.set)
            self._thread.join()


def _settle(future: Future[T], task: asyncio.Task[T]) -> None:
    """Give a future what became of the task; it may have been cancelled meanwhile, by another thread."""
    if task.cancelled():
        future.cancel()
    elif future.set_running_or_notify_cancel():
        problem = task.exception()
        if problem is None:
            future.set_result(task.result())
        else:
            # What would have ended the loop itself, of a function that the caller gave.
            future.set_exception(problem.problem if isinstance(problem, CallerError) else problem)
    else:
        task.exception()  # nobody waits for it any more


def _serve(started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    """Run a loop until its event is set; what still runs on it then is cancelled.

    `asyncio.run` would start a thread to end the loop's executor, which Python refuses at the exit of the interpreter.
    """
    loop, end = asyncio.new_event_loop(), asyncio.Event()
    started.set_result((loop, end))
    try:
        loop.run_until_complete(end.wait())
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(_ended(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _closed(clients: Iterable[BoxClient]) -> None:
    """Close clients; what fails for one is raised when all have been."""
    problems = await asyncio.gather(*(client.aclose() for client in clients), return_exceptions=True)
    for problem in filter(None, problems):
        raise problem


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


_lock = threading.RLock()
_portal: Portal | None = None
_parents: list[Portal] = []


def portal() -> Portal:
    """Return the portal of this process, made at its first use."""
    global _portal
    # Without the lock where it is made: the garbage collector closes cursors in any thread, wherever that is.
    if _portal is not None:
        return _portal
    with _lock:
        if _portal is None:
            _portal = Portal()
            _at_exit(_portal.close)
        return _portal


def _at_exit(function: Callable[[], None]) -> None:
    """Have a function called when the process ends."""
    atexit.register(function)
    starting = sys.modules.get("multiprocessing.process")
    if sys.version_info < (3, 13) and starting is not None and starting.parent_process() is not None:
        # A child that multiprocessing has forked ends without what atexit has.
        from multiprocessing.util import Finalize

        Finalize(None, function, exitpriority=0)


def _forget_after_fork() -> None:
    """Leave the parent's loop and sockets alone: a child makes its own.

    The parent's portal is kept, since its end would wait for a loop that does not run in the child.
    """
    global _portal, _lock
    if _portal is not None:
        atexit.unregister(_portal.close)
        _parents.append(_portal)
    _portal, _lock = None, threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
