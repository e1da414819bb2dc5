"""Look rows up by key in a listing of the whole table, where many are looked up and a listing takes fewer calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from box_dialect.engine.plan import compared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row
    from box_dialect.engine.scan import Scan

MOST_VALUES: Final = 500_000
"""Values that a directory holds at most; past those, keys are looked up one by one."""


class Directory:
    """The rows of a table by key, listed page by page as far as that is worth it.

    A page costs a call, as looking a key up does: the first one is read when more keys are known to be asked for than
    the listing is thought to have pages, further ones while there are fewer of them than keys.
    """

    def __init__(self, lookup: Plan, listing: Plan, scan: Scan) -> None:
        self._accepts, self._alias = lookup.path.accepts.fullmatch, lookup.path.alias
        self._listing, self._scan = listing, scan
        self._key_place = listing.places[listing.table.numbers[listing.table.key]]
        self._keys: set[str] = set()
        self._rows: dict[Any, Row] = {}
        self._pages = 0
        self._lock = asyncio.Lock()
        self._is_finished = False

    @property
    def is_certain(self) -> bool:
        """Whether a key that is not found has no row."""
        return self._is_finished and not self._listing.path.partial

    @property
    def is_in_use(self) -> bool:
        """Whether its listing was begun and is not at its end."""
        return self._lock.locked() or (self._pages > 0 and not self._is_finished)

    @property
    def is_wanting(self) -> bool:
        """Whether it matters how many more keys will be asked for."""
        return not self._pages

    def expect(self, keys: Iterable[Any]) -> None:
        """Take note of keys that will be asked for."""
        self._keys.update(key for key in keys if isinstance(key, str))

    def keys(self, argument: Any) -> frozenset[str] | None:
        """Return the keys that an argument of a lookup asks for, None where the listing cannot tell of them."""
        keys = frozenset(compared(argument))
        can_tell = all(isinstance(key, str) and key != self._alias and self._accepts(key) for key in keys)
        return keys if keys and can_tell else None

    def known(self, argument: Any) -> list[Row] | None:
        """Return the rows that an argument of a lookup asks for, None where that takes a call."""
        keys = self.keys(argument) if self._pages else None
        if keys is None or not (self.is_certain or keys <= self._rows.keys()):
            return None
        return [self._rows[key] for key in keys if key in self._rows]

    async def find(self, keys: frozenset[str], *, begin: bool) -> dict[str, Row]:
        """Return the rows of keys, without those that the listing was not read for; raises what a call raised.

        A listing that was not read yet is so only with `begin`.
        """
        if not self._pages and not begin:
            return {}
        async with self._lock:
            while not self._is_finished and self._is_worth_more() and not keys <= self._rows.keys():
                rows = await self._scan.next_page()
                self._is_finished = rows is None
                self._pages += 1
                self._rows.update((row[self._key_place], row) for row in rows or ())
        return {key: self._rows[key] for key in keys if key in self._rows}

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        await self._scan.aclose()

    @property
    def is_worth_it(self) -> bool:
        """Whether more keys are known to be asked for than the listing is thought to have pages."""
        return len(self._keys) > self._listing.path.calls

    def _is_worth_more(self) -> bool:
        width = len(self._listing.layout) + 1
        return self._pages < len(self._keys) and len(self._rows) * width < MOST_VALUES


class Lookup:
    """A scan by key that looks into a directory first."""

    def __init__(self, directory: Directory, keys: frozenset[str], scan: Callable[[frozenset[str]], Scan]) -> None:
        self._directory, self._keys, self._made = directory, keys, scan
        self._scan: Scan | None = None
        self._is_begun = False
        directory.expect(keys)
        # Decided now and not when it runs, so that the calls of a statement do not depend on how fast they are.
        self._may_list = directory.is_worth_it

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, or None when there are no more; raises what a call raised."""
        if not self._is_begun:
            found = await self._directory.find(self._keys, begin=self._may_list)
            self._is_begun = True
            missing = self._keys.difference(found)
            if missing and not self._directory.is_certain:
                self._scan = self._made(missing)
            if found:
                return list(found.values())
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
