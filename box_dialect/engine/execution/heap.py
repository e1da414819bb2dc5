"""Memory limits: how much of SQLite's memory a statement may take, and its rows in Python's.

SQLite counts the memory of the process, not of a statement. Where that grows by much, the statements that run meanwhile
take turns, so that the one is found that makes it grow; nobody else's fails for it. What one step of SQLite takes at
once is bounded by a limit for all, as long as statements run, and it is far above what any of them may take alone.

Source: https://www.sqlite.org/malloc.html
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.engine.sql.authorizer import MOST_BYTES_OF_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SECONDS_TO_WAIT_FOR_TURN: Final = 0.1

_LARGE: Final = 8 * 1024
"""Bytes from which on a row is counted by itself."""

_LONG: Final = 500
"""Characters from which on it matters whether Python takes one, two or four bytes for each."""

_BYTES_OF_ROW: Final = 64
_BYTES_OF_PLACE: Final = 8
_BYTES_OF_VALUE: Final = 50
"""What Python takes for a tuple, for each place of it, and for a text or blob beside what it holds."""

_running: Final[dict[weakref.ref[Heap] | None, int]] = {}
"""What the statements that run may take, in bytes; one that is dropped runs no more.

A WeakKeyDictionary takes thrice the time, which each fetch takes.
"""

_lock = threading.Lock()
_turn = threading.Lock()


class Heap:
    """The limit of one statement's memory in SQLite: `most` bytes, 0 for no limit.

    All but `is_exceeded` is called between SQLite's steps. Raises nothing.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._base: int | None = None
        self._grown = 0
        self._turn_began: int | None = None
        self._key: weakref.ref[Heap] | None = None

    def begin(self) -> None:
        """Take note that the statement runs."""
        if not self._most:
            return
        used = apsw.memory_used()
        if self._base is None:
            self._base = used
            self._key = weakref.ref(self, lambda key: _running.pop(key, None))
        with _lock:
            _running[self._key] = self._most
            _limit(used + sum(_running.values()))

    def end(self) -> None:
        """Take note that the statement rests."""
        if not self._most:
            return
        self.leave_turn()
        with _lock:
            if _running.pop(self._key, None) is not None and not _running:
                _limit(0)

    def is_exceeded(self) -> bool:
        """Tell whether the statement has taken more than it may; asked between its steps."""
        if not self._most or self._base is None:
            return False
        self.leave_turn()
        if apsw.memory_used() - self._base <= self._most // 2:
            return False
        if self._grown > self._most // 2:
            return True
        if _turn.acquire(timeout=_SECONDS_TO_WAIT_FOR_TURN):
            self._turn_began = apsw.memory_used()
        return False

    def leave_turn(self) -> None:
        """Let another statement go on, and count by how much memory has grown in this one's turn."""
        if self._turn_began is not None:
            self._grown += apsw.memory_used() - self._turn_began
            self._turn_began = None
            _turn.release()


def longest_value(most: int, columns: Sequence[Sequence[str | None]]) -> int:
    """Return how many bytes a value may have, so that a row of these columns takes `most` bytes at most.

    A column is its name, declared type, database, table and the name that it has there, the last three None for an
    expression. The columns of one table have together what one value may have.
    """
    origins = [tuple(column[2:5]) for column in columns]
    named = [origin for origin in origins if origin[2] is not None]
    tables = {origin[:2] for origin in named}
    values = len(origins) - len({*named}) + len(tables)
    return min(MOST_BYTES_OF_VALUE, most // max(values, 1)) if most else MOST_BYTES_OF_VALUE


class FetchMemory:
    """The limit of what the rows of one fetch take in Python: `most` bytes.

    They are counted where there may be too many of them, from `next_count` on, and where not between `least` and
    `largest` bytes are `used`. Of SQLite's memory that tells, since it holds the values of the last row too, and keeps
    the room of large ones.
    """

    def __init__(self, most: int, used: Callable[[], int] = apsw.memory_used) -> None:
        self._most, self._used = most, used
        self._size = self._counted = 0
        self._usual = sys.maxsize
        self.next_count = self.least = self.largest = 0

    def is_exceeded_by(self, rows: list[tuple[Any, ...]]) -> bool:
        """Count the rows, the last of which SQLite has just given, and tell whether they take more than they may."""
        last = 0
        for row in rows[self._counted :]:
            last = size_of(row)
            self._size += last
        self._usual = min(self._usual, self._used() - last)
        self.least, self.largest = self._usual - _LARGE, self._usual + _LARGE
        self._counted = len(rows)
        self.next_count = self._counted + (self._most - self._size) // (2 * _LARGE) + 1
        return self._size > self._most


def size_of(row: Sequence[Any]) -> int:
    """Return how many bytes a row takes in Python, numbers left out."""
    size = _BYTES_OF_ROW + _BYTES_OF_PLACE * len(row)
    for value in row:
        if value.__class__ is str or value.__class__ is bytes:
            size += len(value) + _BYTES_OF_VALUE if len(value) < _LONG else sys.getsizeof(value)
    return size


def _limit(most: int) -> None:
    """Bound the memory of all statements, 0 for no bound; one that the program has set itself stays."""
    if _is_ours:
        apsw.hard_heap_limit(0)  # a higher limit leaves SQLite's soft one where it was
        if most:
            apsw.hard_heap_limit(most)


_is_ours: Final = not apsw.hard_heap_limit(-1) and not apsw.soft_heap_limit(-1)


def _forget_after_fork() -> None:
    """Leave behind the statements of the parent."""
    global _lock, _turn
    _lock, _turn = threading.Lock(), threading.Lock()
    _running.clear()
    _limit(0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
