"""Key index: rows by key out of a listing, where many keys are looked up and a listing takes fewer calls.

A key of one row is found in a listing of the table, and one of several rows once that is at its end. Where a table is
listed by its parents, how many calls it takes is known once these are listed. Where the keys are the parents' own, that
list tells of which of them there are no rows.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.values import comparable
from box_dialect.engine.plan.plan import compared
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.row_maker import Row
    from box_dialect.engine.scan.scan import Scan

MOST_VALUES: Final = 500_000
"""Values that an index holds at most; past those, keys are looked up one by one."""

_PAGES_AT_FIRST: Final = 64
_PAGES_PER_KEY: Final = 4
"""Pages that a walk may be ahead of another one of the statement, which is going to need the same calls."""


def key_index(
    lookup: Plan,
    others: tuple[Any, ...],
    listing: Plan,
    scan: Callable[[Plan], Scan],
    width: int,
    context: ScanContext,
) -> KeyIndex:
    """Return what tells of the keys of a lookup in its statement, where at most `width` calls are made at once.

    They are those of its first key; its `others` have these values.
    """
    if listing.table is not lookup.table:
        return ParentIndex(lookup, listing, scan(listing), context, others[0] if lookup.path.is_as_user else None)
    if listing.listing is None and lookup.path.unique:
        return RowIndex(lookup, listing, scan(listing), others)
    if listing.listing is None:
        return RowsIndex(lookup, listing, scan(listing))
    return FanOutIndex(lookup, listing, scan(listing), scan(listing.listing), width)


class KeyIndex(ABC):
    """An index of rows by key, filled page by page from a listing, as far as that is worth it.

    A page costs a call, as looking a key up does: the first one is read when more keys are known to be asked for than
    the listing is thought to have pages, further ones while there are fewer of them than keys. One that fails is left.
    """

    def __init__(self, lookup: Plan, scan: Scan) -> None:
        self._lookup, self._scan = lookup, scan
        self._keys: set[str] = set()
        self._pages = self._values = 0
        self._lock = asyncio.Lock()
        self._is_finished = self._is_left = False

    @property
    @abstractmethod
    def is_worth_it(self) -> bool:
        """Whether the listing is to be begun, by the keys that are known to be asked for."""

    @property
    def lacks_keys(self) -> bool:
        """Whether more keys may tell that the listing is worth more."""
        return not self.is_worth_it

    @property
    def is_wanting(self) -> bool:
        """Whether it matters how many more keys will be asked for."""
        return not self._pages and not self._is_left

    @property
    def is_in_use(self) -> bool:
        """Whether its listing was begun and is not at its end."""
        return self._lock.locked() or (self._pages > 0 and not self._is_finished)

    def expect(self, keys: Iterable[Any]) -> None:
        """Take note of keys that will be asked for."""
        self._keys.update(key for key in keys if isinstance(key, str))

    def keys(self, argument: Any) -> frozenset[str] | None:
        """Return the keys that an argument of a lookup asks for, None where the listing cannot tell of them."""
        path, keys = self._lookup.path, frozenset(compared(argument))
        accepts = path.accepting(path.keys[0]).fullmatch
        can_tell = all(isinstance(key, str) and key != path.alias and accepts(key) for key in keys)
        return keys if keys and can_tell else None

    def known(self, argument: Any) -> list[Row] | None:
        """Return the rows that an argument of a lookup asks for, None where that takes a call."""
        keys = self.keys(argument) if self._pages else None
        found = {} if keys is None else self.told(keys)
        return None if keys is None or len(found) < len(keys) else [row for rows in found.values() for row in rows]

    @abstractmethod
    def told(self, keys: frozenset[str]) -> dict[str, Sequence[Row]]:
        """Return the rows of those of the keys of which the listing tells."""

    async def read(self, keys: frozenset[str], *, begin: bool) -> None:
        """Read what tells of keys, as far as that is worth it; one that was not begun is so only with `begin`."""
        if not self._pages and not begin:
            return
        async with self._lock:
            try:
                while not self._is_finished and await self._is_worth_more() and len(self.told(keys)) < len(keys):
                    rows = await self._scan.next_page()
                    self._pages += 1
                    self._values += sum(map(len, rows or ()))
                    self._take(rows or ())
                    self._is_finished = rows is None
            except DatabaseError:  # what keeps from the keys as well is raised there
                self._is_left = True

    @property
    def _most_pages(self) -> int:
        """How many pages the listing is read for, by the keys that are known to be asked for."""
        return len(self._keys)

    async def _is_worth_more(self) -> bool:
        return not self._is_left and self._pages < self._most_pages and self._values < MOST_VALUES

    @abstractmethod
    def _take(self, rows: Sequence[Row]) -> None:
        """Hold on to what rows of the listing tell."""

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        await self._scan.aclose()


class RowIndex(KeyIndex):
    """A unique index: a key has one row at most, among those that have the values of the `others`."""

    def __init__(self, lookup: Plan, listing: Plan, scan: Scan, others: tuple[Any, ...] = ()) -> None:
        super().__init__(lookup, scan)
        self._path = listing.path
        self._place, *further = (listing.places[listing.table.numbers[term.column]] for term in lookup.keys)
        self._others = [*zip(further, map(comparable, others), strict=False)]
        self._rows: dict[Any, list[Row]] = {}

    @property
    def is_worth_it(self) -> bool:
        """Whether more keys are known to be asked for than the listing is thought to have pages."""
        return len(self._keys) > self._path.calls

    def told(self, keys: frozenset[str]) -> dict[str, Sequence[Row]]:
        """Return the rows of those of the keys that were found, or of all where the listing leaves none out."""
        is_certain = self._is_finished and not self._path.partial
        return {key: self._rows.get(key, ()) for key in keys if is_certain or key in self._rows}

    def _take(self, rows: Sequence[Row]) -> None:
        for place, value in self._others:
            rows = [row for row in rows if row[place] == value]
        self._rows.update((row[self._place], [row]) for row in rows)


class RowsIndex(RowIndex):
    """An index of which a key may have several rows; it tells of no key before all are listed."""

    @property
    def is_worth_it(self) -> bool:
        """Whether the keys that are known to be asked for take more calls than the listing is thought to have pages."""
        return self._most_pages > self._path.calls

    @property
    def _most_pages(self) -> int:
        return len(self._keys) * len(self._lookup.path.endpoints)

    def told(self, keys: frozenset[str]) -> dict[str, Sequence[Row]]:
        """Return the rows of the keys, none before all rows were listed."""
        return super().told(keys) if self._is_finished else {}

    def _take(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._rows.setdefault(row[self._place], []).append(row)


class FanOutIndex(RowsIndex):
    """An index of a table that is listed by parents of another key."""

    def __init__(self, lookup: Plan, listing: Plan, scan: Scan, parents: Scan, width: int) -> None:
        super().__init__(lookup, listing, scan)
        self._parents, self._width = parents, width
        self._calls = 0
        self._has_parents = False

    @property
    def is_worth_it(self) -> bool:
        """Whether more keys are known to be asked for than can be at once, so that it pays to list the parents."""
        return len(self._keys) > self._width

    @property
    def lacks_keys(self) -> bool:
        """Whether more keys may tell that the listing is worth more: their number is compared with the parents'."""
        return True

    async def _is_worth_more(self) -> bool:
        """List the parents first; tell whether the calls for their rows are fewer than the keys."""
        while not self._has_parents and await super()._is_worth_more():
            rows = await self._parents.next_page()
            self._pages += 1
            self._calls += 1 + len(rows or ())
            self._has_parents = rows is None
        return self._has_parents and self._calls < len(self._keys) and await super()._is_worth_more()

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        await self._parents.aclose()
        await super().aclose()


class ParentIndex(KeyIndex):
    """An index of which parents have rows, where these are looked up by a key that stands for parents of several types.

    They are those that a `user` sees, None for the one who is signed in. Listing them costs nothing where the statement
    walks the same folders anyway.
    """

    def __init__(self, lookup: Plan, listing: Plan, scan: Scan, context: ScanContext, user: str | None) -> None:
        super().__init__(lookup, scan)
        self._user, self._context = user, context
        self._walked = listing.path.endpoints[0].path, user
        self._types: dict[Any, tuple[Any, ...]] = {}

    @property
    def is_worth_it(self) -> bool:
        """Whether the statement walks the same folders anyway."""
        return self._walked in self._context.walked

    @property
    def is_wanting(self) -> bool:
        """Whether it is going to be begun, and then as far as there are keys."""
        return self.is_worth_it and super().is_wanting

    def told(self, keys: frozenset[str]) -> dict[str, Sequence[Row]]:
        """Return no rows for those of the keys that are of no parent with rows, but were seen, once all were."""
        return {key: () for key in keys if self._is_finished and self._types.get(key) == ()}

    async def read(self, keys: frozenset[str], *, begin: bool) -> None:
        """Read as far as that is worth it, and take note of parents of the keys that have no rows or are not there."""
        await super().read(keys, begin=begin)
        for key in keys if self._is_finished and not self._context.count.is_cut else ():
            for kind in self._lookup.parent_types.difference(self._types.get(key, self._lookup.parent_types)):
                self._context.side_rows.note_empty(self._lookup, kind, key, self._user)

    def _take(self, rows: Sequence[Row]) -> None:
        for key, kind, has_rows, _ in rows:
            if kind in self._lookup.parent_types:
                self._types[key] = (*self._types.get(key, ()), *([kind] if has_rows != 0 else ()))

    @property
    def _most_pages(self) -> int:
        """How many pages the listing is ahead of the other one at most."""
        return _PAGES_AT_FIRST + _PAGES_PER_KEY * len(self._keys)


class KeyLookup:
    """A lookup by key that asks a key index before it asks Box."""

    def __init__(self, index: KeyIndex, keys: frozenset[str], scan: Callable[[frozenset[str]], Scan]) -> None:
        self._index, self._keys, self._made = index, keys, scan
        self._scan: Scan | None = None
        self._is_begun = False
        index.expect(keys)
        # Decided now and not when it runs, so that the calls of a statement do not depend on how fast they are.
        self._may_list = index.is_worth_it

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, or None when there are no more; raises what a call raised."""
        if not self._is_begun:
            await self._index.read(self._keys, begin=self._may_list)
            self._is_begun = True
            told = self._index.told(self._keys)
            missing = self._keys.difference(told)
            if missing:
                self._scan = self._made(missing)
            if found := [row for rows in told.values() for row in rows]:
                return found
        return None if self._scan is None else await self._scan.next_page()

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return self._is_begun and (self._scan is None or self._scan.is_exhausted)

    def ready_pages(self) -> list[list[Row]]:
        """Return the pages that are there already."""
        return [] if self._scan is None else self._scan.ready_pages()

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        if self._scan is not None:
            await self._scan.aclose()
