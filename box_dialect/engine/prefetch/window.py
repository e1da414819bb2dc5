"""Prefetch window: how many scans and downloads may be asked for ahead, which doubles with what is used of them.

It is as many scans as calls may be in flight at first, one where the statement has a LIMIT, and then twice as many as
were used. What may turn out not to be needed is counted for each plan by itself, so that wrong guesses hold nothing up.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from box_dialect.engine.cache.downloads import MOST_BYTES_AHEAD

if TYPE_CHECKING:
    from collections.abc import Hashable

    from box_dialect.catalog.model import Remote
    from box_dialect.engine.cache.scan_cache import ScanCache
    from box_dialect.engine.documents.document_files import DocumentFile
    from box_dialect.engine.plan.plan import Plan

MOST_AHEAD: Final = 16_384
"""Scans that were noted and not used yet, at most."""

_SHARE_OF_CALLS: Final = 0.01
"""The part of MaxApiCalls that may go to what turns out not to be needed."""


ScanAsked: TypeAlias = "tuple[Plan, tuple[Any, ...]]"
"""A scan: a plan with its arguments."""


class Noted(Struct, frozen=True):
    """A scan, or the download of a value or a document, that is to be asked for ahead, and whether it is a guess.

    Guesses are counted by their `group`; `size` is how many bytes are going to be
    held on to, of a download.
    """

    key: Hashable
    group: str
    asked: ScanAsked | Remote | DocumentFile
    is_guess: bool
    size: int = 0


class PrefetchWindow:
    """What a statement has asked for ahead and not used yet, and how much more it may.

    `width` is how many calls may be in flight at once; `awaited` is the key of what the statement waits for. Scans are
    grouped by their plan, downloads are one group.
    """

    def __init__(self, cache: ScanCache, width: int) -> None:
        self.awaited: Hashable = None
        self._cache, self._width = cache, width
        self._ahead: dict[Hashable, Noted] = {}
        self._ahead_of: Counter[str] = Counter()
        self._guesses: Counter[str] = Counter()
        self._guesses_used: Counter[str] = Counter()
        self._used_of: Counter[str] = Counter()
        self._used = self._bytes = 0
        self._passed_before: dict[str, int] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._ahead

    def __len__(self) -> int:
        return len(self._ahead)

    def is_noted(self, key: Hashable) -> bool:
        """Tell whether something was noted before, and not used yet, or is what the statement waits for."""
        return key in self._ahead or key == self.awaited

    def add(self, noted: Noted) -> None:
        """Take note of what is asked for ahead."""
        self._ahead[noted.key] = noted
        self._bytes += noted.size
        self._ahead_of[noted.group] += 1
        self._guesses[noted.group] += noted.is_guess

    def weigh(self, key: Hashable, size: int) -> None:
        """Take note of how many bytes a value has that was asked for ahead, once it is there."""
        noted = self._ahead.get(key)
        if noted is not None:
            self._bytes += size - noted.size
            self._ahead[key] = replace(noted, size=size)

    def use(self, key: Hashable, group: str) -> bool:
        """Take note that the statement has come to what takes a call; tell whether that was foreseen."""
        self._passed_before.setdefault(group, self._cache.context.row_limit.passed)
        self._used_of[group] += 1
        noted = self._ahead.pop(key, None)
        self._bytes -= 0 if noted is None else noted.size
        self._ahead_of[group] -= noted is not None
        if noted is not None and noted.is_guess:
            self._guesses[noted.group] -= 1
            self._guesses_used[noted.group] += 1
        else:
            self._used += 1
        return noted is not None

    @property
    def bytes_left(self) -> int:
        """How many bytes of values may be downloaded ahead yet."""
        return MOST_BYTES_AHEAD - self._bytes

    def size(self, *, has_limit: bool) -> int:
        """Return how many scans more may be noted; where the statement has a LIMIT, none is sure to be needed."""
        # The outermost scan gives none of the rows.
        most = max(1 if has_limit else self._width, 2 * (self._used - 1))
        unneeded = self._most_unneeded - len(self) if has_limit else inf
        if self._cache.context.row_limit.limit is not None:
            return int(min(max(map(self.most_of, [*self._used_of]), default=0), unneeded))
        if not self._cache.has_room:
            most = min(most, 2 * self._width)
        return int(min(min(most, MOST_AHEAD) - len(self), unneeded))

    def most_of(self, group: str) -> float:
        """Return how many scans more of a plan may be noted, by what the rows so far took of the LIMIT."""
        row_limit = self._cache.context.row_limit
        if row_limit.limit is None:
            return inf
        used, since = self._used_of.get(group, 0), self._passed_before.get(group, 0)
        left = row_limit.calls_left(used - 1, since)
        return (2 * (used - 1) if left is None else left - 1) - self._ahead_of[group]

    def may_guess(self, group: str, made: Counter[str]) -> bool:
        """Tell whether a dry run that has made so many guesses, by their groups, may make another."""
        most = max(self._width // 4, 2 * self._guesses_used[group])
        unneeded = self._guesses.total() + made.total()
        return self._guesses[group] + made[group] < most and unneeded < self._most_unneeded

    @property
    def _most_unneeded(self) -> float:
        """How many calls may be made that turn out not to be needed."""
        most = self._cache.context.count.most
        return int(most * _SHARE_OF_CALLS) if most else inf
