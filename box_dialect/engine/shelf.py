"""Rows of other tables that listings show by the way, for the lookups by key of the same statement.

A walk passes folders on its way to the files, and a fan-out lists the parents of its rows: where the statement joins
these tables by their key, their rows need no call of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from box_dialect.catalog.model import Endpoint
    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row

MOST_ROWS: Final = 50_000
"""Rows that wait for a lookup at once; those that wait longest go first."""

Found: TypeAlias = "tuple[Hashable, Sequence[Row]]"
"""The key of a scan, and all of its rows."""


class Shelf:
    """The results of scans that nobody has asked for yet; `wanted` are the lookups of the statement by their table."""

    def __init__(self) -> None:
        self.wanted: dict[str, list[Plan]] = {}
        self._found: OrderedDict[Hashable, Sequence[Row]] = OrderedDict()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may look rows up by this plan."""
        plans = self.wanted.setdefault(plan.table.name, [])
        if all(known.identity != plan.identity for known in plans):
            plans.append(plan)

    def lookups(self, endpoint: Endpoint, kind: Any) -> Iterable[Plan]:
        """Return the lookups that an object of a listing answers, by the type that Box says it has."""
        table = endpoint.lists.get(kind)
        return () if table is None else self.wanted.get(table, ())

    def put(self, found: Iterable[Found]) -> None:
        """Keep rows for who looks them up."""
        for key, rows in found:
            self._found[key] = rows
            self._found.move_to_end(key)
        while len(self._found) > MOST_ROWS:
            self._found.popitem(last=False)

    def get(self, key: Hashable) -> Sequence[Row] | None:
        """Return the rows of a scan, None where they are not known."""
        return self._found.get(key)
