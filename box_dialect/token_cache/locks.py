"""Locks within a process, and among the processes of a machine."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from box_dialect.errors import Diagnostics, SignInError
from box_dialect.token_cache.base import LOCK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_threads: dict[str, threading.Lock] = {}


def lock_name(name: str) -> str:
    """Return the name of the lock file of what may be called anything."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"


@contextmanager
def thread_lock(name: str, what: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold `name` against the other threads of the process; raises SignInError when that takes too long."""
    lock = _threads.setdefault(name, threading.Lock())
    if not lock.acquire(timeout=seconds):
        raise held_by_another(what, seconds)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def file_lock(path: Path, what: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock file against threads and processes.

    It is made with its folder where it is missing, and stays, since whoever waits for a removed one waits for another
    than who comes later. Raises SignInError.
    """
    from filelock import FileLock, Timeout

    with thread_lock(str(path), what, seconds):  # over NFS, a lock of files is one of processes
        lock = FileLock(path, timeout=seconds, mode=0o600, thread_local=False)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise held_by_another(what, seconds) from None
        except OSError as error:
            raise SignInError(f"{what} cannot be locked by {path}: {error.strerror or error}") from None
        try:
            yield
        finally:
            lock.release()


def held_by_another(what: str, seconds: float) -> SignInError:
    """Return the error for a lock that did not become free."""
    return SignInError(
        f"another thread, process or host has held {what} for {seconds:g} seconds; end it, or try again",
        Diagnostics(retryable=True),
    )


# A child of fork() has none of the threads that would release what is locked now.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.clear)
