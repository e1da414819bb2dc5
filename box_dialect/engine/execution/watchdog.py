"""Watchdog: a thread that interrupts SQLite where a statement has not ended soon after it should have.

SQLite asks the progress handler after a number of steps, and one step may take long where values are large.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol

_SECONDS_BETWEEN_LOOKS: Final = 0.05


class Watched(Protocol):
    """A statement that runs, as the watchdog sees it."""

    def enforce(self) -> None:
        """Have the statement stop at its bounds."""
        ...


_watched: Final[set[weakref.ref[Watched]]] = set()
"""The statements that run; one that is dropped runs no more."""

_begun = threading.Event()
_thread: threading.Thread | None = None


def watch(statement: Watched) -> None:
    """Look after a statement until `leave()`; it is asked to `enforce()` its end now and then."""
    global _thread
    _watched.add(weakref.ref(statement))
    if not _begun.is_set():
        _begun.set()
    if _thread is None:
        _thread = threading.Thread(target=_serve, name="box-dialect-watch", daemon=True)
        _thread.start()


def leave(statement: Watched) -> None:
    """Look after a statement no more."""
    _watched.discard(weakref.ref(statement))


def _serve() -> None:
    pause = threading.Event()
    while _begun.wait():
        pause.wait(_SECONDS_BETWEEN_LOOKS)
        if not _watched:
            _begun.clear()
        for watched in tuple(_watched):
            _begun.set()  # it may have come since
            _look(watched)


def _look(watched: weakref.ref[Watched]) -> None:
    """Have a statement enforce its end; nothing of it stays with the thread."""
    statement = watched()
    if statement is None:
        _watched.discard(watched)
    else:
        statement.enforce()


def _forget_after_fork() -> None:
    global _begun, _thread
    _watched.clear()
    _begun, _thread = threading.Event(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
