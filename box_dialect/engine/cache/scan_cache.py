"""Scan cache: each scan of a statement runs once, and its rows are kept while there is room."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Op
from box_dialect.engine.cache.key_index import KeyIndex, KeyLookup, key_index
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.scan.indexed_scan import IndexedScan, scan_of
from box_dialect.engine.scan.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from box_dialect.engine.cache.shared_scan import Position
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.runtime import Runtime
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.row_maker import Row

MOST_KEPT_VALUES: Final = 500_000
"""Values that a statement keeps at most for scans that it repeats; it bounds the memory that a join takes."""

MOST_KEPT_VALUES_OF_OUTERMOST: Final = 10_000
"""Values of a scan that is kept although it is in no other one's loop but has others in its own, or is the only one.

Such a scan is unlikely to be repeated.
"""


class ScanCache:
    """The scan cache of one statement.

    A join opens its inner scan once for each outer row, often with values that it had before: while it is kept it costs
    no call again, even while it is in flight. `positions` are where the cursors of the statement stand, the outermost
    first, and `cursors` counts those that are open. `on_news` is called on the event loop when rows came of a scan, it
    ended, or it failed. The thread of the statement and the event loop share all that under the `lock`.
    """

    def __init__(self, runtime: Runtime, context: ScanContext) -> None:
        self.context = context
        self.positions: list[Position] = []
        self.cursors = 0
        self.on_news: Callable[[], None] = _ignored
        self.lock = threading.RLock()
        self._runtime = runtime
        self._indexes: dict[Hashable, KeyIndex] = {}
        self._scans: dict[Hashable, SharedScan] = {}
        self._left: dict[Hashable, SharedScan] = {}
        self._kept_values = 0

    def knows(self, plan: Plan, arguments: tuple[Any, ...]) -> bool:
        """Tell whether a scan needs no call, or has made it."""
        scan = self._scans.get(plan.scan_key(arguments))
        return (scan is not None and scan.first is not None) or self.known_rows(plan, arguments) is not None

    def scan(self, plan: Plan, arguments: tuple[Any, ...]) -> SharedScan:
        """Return a scan, a new one where there is none that begins at its beginning."""
        key = plan.scan_key(arguments)
        with self.lock:
            scan = self._scans.get(key)
            if scan is None or scan.first is None:
                scan = self._scans[key] = self._made(plan, arguments)
            return scan

    def begun(self, plan: Plan, arguments: tuple[Any, ...]) -> SharedScan | None:
        """Return a scan, None where it was not begun."""
        return self._scans.get(plan.scan_key(arguments))

    def known_rows(self, plan: Plan, arguments: tuple[Any, ...]) -> Sequence[Row] | None:
        """Return the rows of a scan where they take no call; none where a preview makes no further one."""
        rows = self.context.side_rows.get(plan, arguments)
        if rows is None and (found := self._indexes.get(_index(plan, arguments))) is not None:
            rows = found.known(arguments[0])
        return () if rows is None and self.context.count.is_cut else rows

    def wanting_index(self, plan: Plan, arguments: tuple[Any, ...]) -> KeyIndex | None:
        """Return the key index of a lookup, where it matters to it how many more keys come."""
        found = self.key_index(plan, arguments)
        return found if found is not None and found.is_wanting else None

    def key_index(self, plan: Plan, arguments: tuple[Any, ...]) -> KeyIndex | None:
        """Return the key index of a lookup, where a listing may tell of many keys in fewer calls.

        Where there are several keys it is one of the first of them, for the values of the others.
        """
        listing, context, key = plan.listing, self.context, _index(plan, arguments)
        if listing is None or len(plan.keys) != len(plan.path.keys):
            return None
        is_by_parents = listing.table is not plan.table or listing.listing is not None
        if is_by_parents and context.row_limit.limit is not None:
            return None
        if any(term.op is Op.IN for term in plan.keys[1:]):
            return None
        if key not in self._indexes:
            client, width = self._runtime.client, self._runtime.width
            of_user = arguments[len(plan.keys) - 1 : len(plan.keys)] if plan.path.is_as_user else ()

            def scan(plan: Plan) -> Scan:
                return Scan(plan, of_user, client, context, all_wanted=True)

            self._indexes[key] = key_index(plan, arguments[1:], listing, scan, width, context)
        return self._indexes[key]

    def leave(self, plan: Plan, arguments: tuple[Any, ...], scan: SharedScan) -> list[SharedScan]:
        """Take note that a cursor follows a scan no more; return it where it has to be closed."""
        with self.lock:
            scan.followers -= 1
            key = plan.scan_key(arguments)
            if scan.first is None:
                return self._dropped(key, scan)
            if not scan.is_finished:
                self._left[key] = scan
            return []

    def begin_set(self, most: int, is_wanted: Callable[[Hashable], bool]) -> list[SharedScan]:
        """Begin with another set of parameters; return what has to be closed, since the one before left it unfinished.

        What earlier ones have read is let go of where there is little room for more, or there are more than `most`
        scans, unless it `is_wanted`.
        """
        with self.lock:
            unneeded = {key: scan for key, scan in self._left.items() if not scan.is_finished}
            if not self.has_room or len(self._scans) > most:
                unneeded = {key: scan for key, scan in self._scans.items() if not is_wanted(key)}
            self._left.clear()
            return [each for key, scan in unneeded.items() for each in self._dropped(key, scan)]

    def unfinished(self) -> list[SharedScan | KeyIndex]:
        """Let go of the scans and listings that are not at their end, and return them, to be closed."""
        scans = [key for key, scan in self._scans.items() if not scan.is_finished]
        indexes = [key for key, index in self._indexes.items() if index.is_in_use]
        return [*map(self._scans.pop, scans), *map(self._indexes.pop, indexes)]

    @property
    def is_in_use(self) -> bool:
        """Whether any cursor is open; where none is, nobody will ask for what is read ahead."""
        return self.cursors > 0

    @property
    def has_room(self) -> bool:
        """Whether much of the room is left for what is read ahead."""
        return 2 * self._kept_values < MOST_KEPT_VALUES

    def _made(self, plan: Plan, arguments: tuple[Any, ...]) -> SharedScan:
        most, width = self._most_kept_values(), len(plan.layout) + 1
        rows = self.known_rows(plan, arguments)
        scan = self._scan(plan, arguments) if rows is None else None
        return SharedScan(scan, width, most, self._keep, self.on_news, rows or ())

    def _most_kept_values(self) -> int:
        """Return how many values a scan that begins may have to be kept.

        One that no other is in the loop of may belong to a subquery, over which the statement is run dry.
        """
        outer = (each for each in self.positions if each.row is not None and each.is_looped)
        outermost = next((each.scan for each in outer), None)
        if outermost is not None:
            outermost.most_values = MOST_KEPT_VALUES_OF_OUTERMOST
        is_single = outermost is None and not self.context.fields.are_of_several_tables
        return MOST_KEPT_VALUES_OF_OUTERMOST if is_single else MOST_KEPT_VALUES

    def _scan(self, plan: Plan, arguments: tuple[Any, ...]) -> Scan | IndexedScan | KeyLookup:
        client = self._runtime.client

        def scan(keys: Any) -> Scan:
            return Scan(plan, (keys, *arguments[1:]), client, self.context)

        self.context.walked.update(plan.walked(arguments))
        found = self.key_index(plan, arguments)
        keys = None if found is None else found.keys(arguments[0])
        if found is None or keys is None:
            return scan_of(plan, arguments, client, self.context)
        return KeyLookup(found, keys, scan)

    def _dropped(self, key: Hashable, scan: SharedScan) -> list[SharedScan]:
        """Let go of a scan unless somebody follows it; return it where it has to be closed."""
        if scan.followers:
            return []
        if self._scans.get(key) is scan:
            del self._scans[key]
        self._left.pop(key, None)
        if scan.is_kept:
            self._kept_values -= scan.values
            scan.let_go()
        return [] if scan.is_finished else [scan]

    def _keep(self, scan: SharedScan, values: int) -> None:
        """Count so many values more that a scan holds on to; where there is no room, it lets go of all."""
        with self.lock:
            if not scan.is_kept:  # it was let go of meanwhile
                return
            if scan.values + values <= scan.most_values and self._kept_values + values <= MOST_KEPT_VALUES:
                self._kept_values += values
            else:
                self._kept_values -= scan.values
                scan.let_go()


def _index(plan: Plan, arguments: tuple[Any, ...]) -> Hashable:
    """Return what the lookups have in common that one key index tells of."""
    return plan.identity, arguments[1 : len(plan.keys)]


def _ignored() -> None:
    """Do nothing with news that nobody waits for."""
