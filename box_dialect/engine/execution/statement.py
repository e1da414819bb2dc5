"""What one statement shares among its scans: the count of calls, what was read already, and what is read ahead."""

from __future__ import annotations

import asyncio
import os
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from box_dialect.engine.cache.downloads import Downloads
from box_dialect.engine.cache.key_index import KeyIndex, KeyLookup, key_index
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.execution.procedure_memo import ProcedureMemo
from box_dialect.engine.prefetch.prefetch import Prefetch
from box_dialect.engine.scan.context import ScanContext
from box_dialect.engine.scan.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Sequence

    from box_dialect.api import CallCount
    from box_dialect.engine.execution.projection import Projection
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.negative_cache import NegativeCache
    from box_dialect.engine.scan.row_maker import Row

MOST_KEPT_VALUES: Final = 500_000
"""Values that a statement keeps at most for scans that it repeats; it bounds the memory that a join takes."""

MOST_KEPT_VALUES_OF_OUTERMOST: Final = 10_000
"""Values of a scan that is kept although it is in no other one's loop but has others in its own, or is the only one.

Such a scan is unlikely to be repeated.
"""

MOST_READINGS: Final = 10_000
"""Scans that are kept for further sets of parameters at most, beside those ahead, however few rows they have."""


class StatementScope:
    """One execution of a statement.

    A join opens its inner scan once for each outer row, often with values that it had before, and each such scan is a
    reading that runs once: it is kept until the statement ends while there is room, and it costs no call again, even
    while it is in flight. The thread of the statement and the event loop share all that under the `lock`. `projection`
    tells how its rows are shown, None where that takes each value.
    """

    def __init__(self, count: CallCount, negative_cache: NegativeCache) -> None:
        self._negative_cache = negative_cache
        self.context = ScanContext(count, negative_cache)
        self.calls = ProcedureMemo()
        self.downloads = Downloads()
        self.prefetch = Prefetch(self)
        self.projection: Projection | None = None
        self._indexes: dict[Hashable, KeyIndex] = {}
        self._readings: dict[Hashable, SharedScan] = {}
        self._left: dict[Hashable, SharedScan] = {}
        self.lock = threading.RLock()
        self._cursors = 0
        self._kept_values = 0
        self._process = os.getpid()

    def knows(self, plan: Plan, arguments: tuple[Any, ...]) -> bool:
        """Tell whether a scan needs no call, or has made it."""
        reading = self._readings.get(plan.scan_key(arguments))
        return (reading is not None and reading.first is not None) or self.known_rows(plan, arguments) is not None

    def reading(self, plan: Plan, arguments: tuple[Any, ...], session: Session) -> SharedScan:
        """Return the reading of a scan, a new one where there is none that begins at its beginning."""
        key = plan.scan_key(arguments)
        with self.lock:
            reading = self._readings.get(key)
            if reading is None or reading.first is None:
                most = self._most_kept_values()
                rows = self.known_rows(plan, arguments)
                scan, width = self._scan(plan, arguments, session) if rows is None else None, len(plan.layout) + 1
                reading = self._readings[key] = SharedScan(
                    scan, width, most, self._keep, self.prefetch.tell, rows or ()
                )
            return reading

    def _most_kept_values(self) -> int:
        """Return how many values a scan that begins may have to be kept.

        One that no other is in the loop of may belong to a subquery, over which the statement is run dry.
        """
        outer = (cursor for cursor in self.prefetch.cursors if cursor.row is not None and cursor.is_looped)
        outermost = next((cursor.reading for cursor in outer), None)
        if outermost is not None:
            outermost.most_values = MOST_KEPT_VALUES_OF_OUTERMOST
        is_single = outermost is None and not self.context.fields.are_of_several_tables
        return MOST_KEPT_VALUES_OF_OUTERMOST if is_single else MOST_KEPT_VALUES

    def begun(self, plan: Plan, arguments: tuple[Any, ...]) -> SharedScan | None:
        """Return the reading of a scan, None where it was not begun."""
        return self._readings.get(plan.scan_key(arguments))

    def wanting_index(self, plan: Plan, session: Session) -> KeyIndex | None:
        """Return where the rows of a lookup are found, where it matters to it how many more keys come."""
        found = self.directory(plan, session)
        return found if found is not None and found.is_wanting else None

    def directory(self, plan: Plan, session: Session) -> KeyIndex | None:
        """Return what tells of the keys that a lookup asks for, where a listing may tell of many in fewer calls."""
        listing, context, client = plan.listing, self.context, session.client
        if listing is None or len(plan.keys) != 1 or (context.row_limit.limit is not None and not plan.is_lookup):
            return None
        if plan.identity not in self._indexes:
            width = client.properties.max_concurrency
            made = key_index(
                plan, listing, lambda plan: Scan(plan, (), client, context, all_wanted=True), width, context
            )
            self._indexes[plan.identity] = made
        return self._indexes[plan.identity]

    def leave(self, plan: Plan, arguments: tuple[Any, ...], reading: SharedScan) -> list[SharedScan]:
        """Take note that a cursor follows a reading no more; return it where it has to be closed."""
        with self.lock:
            reading.followers -= 1
            key = plan.scan_key(arguments)
            if reading.first is None:
                return self._dropped(key, reading)
            if not reading.is_finished:
                self._left[key] = reading
            return []

    def begin_set(self) -> list[SharedScan]:
        """Begin with another set of parameters; return what has to be closed, since the one before left it unfinished.

        What earlier ones have read is let go of where there is little room for more.
        """
        with self.lock:
            unneeded = {key: reading for key, reading in self._left.items() if not reading.is_finished}
            if not self.has_room or len(self._readings) > MOST_READINGS + self.prefetch.scans_ahead:
                unneeded = {key: each for key, each in self._readings.items() if not self.prefetch.is_noted(key)}
            self._left.clear()
            return [each for key, reading in unneeded.items() for each in self._dropped(key, reading)]

    def _dropped(self, key: Hashable, reading: SharedScan) -> list[SharedScan]:
        """Let go of a reading unless somebody follows it; return it where it has to be closed."""
        if reading.followers:
            return []
        if self._readings.get(key) is reading:
            del self._readings[key]
        self._left.pop(key, None)
        if reading.is_kept:
            self._kept_values -= reading.values
            reading.let_go()
        return [] if reading.is_finished else [reading]

    def release(self) -> None:
        """Let go of all that was read, where the statement has come to its end."""
        if not self._cursors:
            self.context = ScanContext(self.context.count, self._negative_cache)
            self._readings, self._left, self._indexes = {}, {}, {}
            self.downloads, self.prefetch = Downloads(), Prefetch(self)

    def opened(self) -> None:
        """Take note of a cursor."""
        with self.lock:
            self._cursors += 1

    def closed(self) -> Callable[[], Coroutine[Any, Any, None]] | None:
        """Take note of a cursor's end; with the last one, return what cancels all that is in flight."""
        with self.lock:
            self._cursors -= 1
            if self._cursors:
                return None
            unfinished = [key for key, reading in self._readings.items() if not reading.is_finished]
            begun = [key for key, directory in self._indexes.items() if directory.is_in_use]
            open_scans: list[SharedScan | KeyIndex | Downloads] = [self._readings.pop(key) for key in unfinished]
            open_scans += [self._indexes.pop(key) for key in begun]
            open_scans += [self.downloads] if self.downloads.is_in_use else []
            ahead = tuple(self.prefetch.running)
        return partial(_cancel, ahead, open_scans) if ahead or open_scans else None

    @property
    def is_parents(self) -> bool:
        """Whether this is a forked child: what is in flight, and the loop that it runs on, are the parent's."""
        return self._process != os.getpid()

    @property
    def is_in_use(self) -> bool:
        """Whether any cursor is open; where none is, nobody will ask for what is read ahead."""
        return self._cursors > 0

    @property
    def has_room(self) -> bool:
        """Whether much of the room is left for what is read ahead."""
        return 2 * self._kept_values < MOST_KEPT_VALUES

    def known_rows(self, plan: Plan, arguments: tuple[Any, ...]) -> Sequence[Row] | None:
        """Return the rows of a scan where they take no call."""
        rows = self.context.side_rows.get(plan, arguments)
        if rows is None and (found := self._indexes.get(plan.identity)) is not None:
            return found.known(arguments[0])
        return rows

    def _scan(self, plan: Plan, arguments: tuple[Any, ...], session: Session) -> Scan | KeyLookup:
        def scan(keys: Any) -> Scan:
            return Scan(plan, (keys, *arguments[1:]), session.client, self.context)

        self.context.walked.update(plan.walked)
        found = self.directory(plan, session)
        keys = None if found is None else found.keys(arguments[0])
        if found is None or keys is None:
            return Scan(plan, arguments, session.client, self.context)
        return KeyLookup(found, keys, scan)

    def _keep(self, reading: SharedScan, values: int) -> None:
        """Count so many values more that a reading holds on to; where there is no room, it lets go of all."""
        with self.lock:
            if not reading.is_kept:  # it was let go of meanwhile
                return
            if reading.values + values <= reading.most_values and self._kept_values + values <= MOST_KEPT_VALUES:
                self._kept_values += values
            else:
                self._kept_values -= reading.values
                reading.let_go()


async def _cancel(
    ahead: Sequence[asyncio.Future[None]], open_scans: Sequence[SharedScan | KeyIndex | Downloads]
) -> None:
    for task in ahead:
        task.cancel()
    await asyncio.gather(*ahead, *(each.aclose() for each in open_scans), return_exceptions=True)
