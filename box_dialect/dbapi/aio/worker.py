"""The thread of an asynchronous connection: it carries out one call after another."""

from __future__ import annotations

import asyncio
import copy
import threading
import traceback
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from box_dialect.api import portal
from box_dialect.errors import Error, InterfaceError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_SECONDS_BETWEEN_INTERRUPTS: Final = 0.01


@dataclass
class _Mailbox:
    """What a thread and its worker share: the calls that wait, and the one that runs.

    Whoever interrupts holds the lock, so that the call which runs is the one that is meant. Whoever puts a call holds
    the `door`, so that none comes after the last; the garbage collector may close a cursor within.
    """

    calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = field(default_factory=SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    door: threading.RLock = field(default_factory=threading.RLock)
    running: Future[Any] | None = None


class Worker:
    """Carry out calls in a thread of their own, in their order, for the tasks of one event loop at a time.

    `interrupt` is called, from another thread, to stop the call that runs. The thread ends with `end()`; as a daemon
    it does not keep the interpreter from ending. It ends by itself, with `close` as its last call, where a loop is
    closed amid a call: the task that awaits it never goes on, and may keep the connection for ever.
    """

    def __init__(self) -> None:
        self.interrupt: Callable[[], None] = lambda: None
        self.close: Callable[[], Any] = lambda: None
        self._last: Future[Any] | None = None
        self._loop = _running_loop()
        self._start()

    def _start(self) -> None:
        self._desk = _Mailbox()
        self._thread = threading.Thread(target=_serve, args=(self._desk,), name="box-dialect-aio", daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether no further call is taken."""
        return self._last is not None

    async def run(self, function: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
        """Call a function in the thread and return its result.

        Where the task is cancelled, a call that waits is withdrawn, and one that runs is interrupted until it has
        ended. Raises InterfaceError after `end()`, and in a second event loop while the first one is open.
        """
        self._check_loop()
        call = self.submit(partial(function, *args, **options))
        self.end_with_loop(call)
        try:
            return await asyncio.wrap_future(call)
        except asyncio.CancelledError:
            if not call.cancel():
                while not call.done():
                    with suppress(asyncio.CancelledError):  # anyio's scopes cancel a task again at each await
                        await self._interrupt_until_done(call)
            raise
        finally:
            del call  # it refers to the exception, whose traceback refers to this frame

    def end_with_loop(self, awaited: Future[Any]) -> None:
        """Let the thread end after what a task awaits, where the task's loop is closed by then."""
        loop = self._loop
        awaited.add_done_callback(lambda _: self.end(self.close) if loop.is_closed() else None)

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called in the thread, in any thread and at once; raises InterfaceError after `end()`."""
        call: Future[T] = Future()
        with self._door():
            if self.has_ended:
                raise InterfaceError("the connection is closed")
            self._desk.calls.put((call, function))
        return call

    def end(self, function: Callable[[], Any]) -> Future[Any]:
        """Interrupt the call that runs, refuse those that wait, and let the thread end with a last one.

        It may be called from any thread.
        """
        with self._door():
            if self._last is not None:
                return self._last
            running, waiting = self._desk.running, self._taken()
            self._last = last = Future[Any]()
            self._desk.calls.put((last, function))
            self._desk.calls.put(None)
        for call in waiting:
            if call.set_running_or_notify_cancel():
                call.set_exception(InterfaceError("the connection is closed"))
        if running is not None:
            with suppress(RuntimeError):  # at the exit of the interpreter no thread begins any more
                portal().spawn(self._interrupt_until_done, running)
        return last

    def _door(self) -> threading.RLock:
        if not self.has_ended and not self._thread.is_alive():  # it is one of the process that this was forked from
            self._start()
        return self._desk.door

    def _taken(self) -> list[Future[Any]]:
        """Take the calls that wait from the desk."""
        taken = []
        with suppress(Empty):
            while waiting := self._desk.calls.get_nowait():
                taken.append(waiting[0])
        return taken

    def _check_loop(self) -> None:
        loop = _running_loop()
        if loop is not self._loop and not self._loop.is_closed() and self._thread.is_alive():
            raise InterfaceError("the connection belongs to another event loop; open one in each loop")
        self._loop = loop

    async def _interrupt_until_done(self, call: Future[Any]) -> None:
        """Interrupt a call again and again, for it may only be about to begin what can be interrupted."""
        while not call.done():
            self._interrupt(call)
            await asyncio.sleep(_SECONDS_BETWEEN_INTERRUPTS)

    def _interrupt(self, call: Future[Any]) -> None:
        with self._desk.lock, suppress(InterfaceError):  # which a connection raises that has just been closed
            if self._desk.running is call:
                self.interrupt()


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise InterfaceError(
            "box_dialect.aio needs the event loop of asyncio; with trio, call box_dialect in a thread"
        ) from None


def _serve(desk: _Mailbox) -> None:
    """Carry out calls until there is none."""
    while (waiting := desk.calls.get()) is not None:
        call, function = waiting
        with desk.lock:
            desk.running = call if call.set_running_or_notify_cancel() else None
        if desk.running is not None:
            _carry_out(desk, call, function)
        del waiting, call, function  # what they refer to is freed while the thread waits


def _carry_out(desk: _Mailbox, call: Future[Any], function: Callable[[], Any]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - it is raised where the call is awaited
        _note_end(desk)
        call.set_exception(_for_task(error))
    else:
        _note_end(desk)
        call.set_result(result)
    finally:
        del call, function  # the traceback of the exception refers to this frame


def _for_task(error: BaseException) -> BaseException:
    """Return an exception that may leave the thread.

    What its frames refer to is freed, since SQLite's part of it must be freed in this thread. One that the connection
    may keep is copied, for it is going to refer to the task that awaits it, and so to the connection.
    """
    raised = error
    if isinstance(error, Error):
        raised = copy.copy(error).with_traceback(error.__traceback__)
        raised.__context__, raised.__cause__ = error.__context__, error.__cause__
        raised.__suppress_context__ = error.__suppress_context__
    each: BaseException | None = raised
    while each is not None:
        traceback.clear_frames(each.__traceback__)
        each = each.__context__
    return raised


def _note_end(desk: _Mailbox) -> None:
    with desk.lock:
        desk.running = None
