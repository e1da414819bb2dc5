"""Rows of other tables that listings show by the way, for the lookups by key of the same statement.

A walk passes folders on its way to the files, and a fan-out lists the parents of its rows: where the statement joins
these tables by their key, their rows need no call of their own. Nor do those of a parent that is seen to have none.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from box_dialect.catalog.model import Endpoint
    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row

MOST_WAITING: Final = 50_000
"""Results that wait for a lookup at once; those that wait longest go first."""

Found: TypeAlias = "tuple[Hashable, Sequence[Row]]"
"""The key of a scan, and all of its rows."""


class Shelf:
    """The results of scans that nobody has asked for yet, for what the statement is planned to look up."""

    def __init__(self) -> None:
        self._lookups: dict[str, list[Plan]] = {}
        self._of_parents: dict[str, Plan] = {}
        self._empty: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._found: OrderedDict[Hashable, Sequence[Row]] = OrderedDict()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        if plan.is_lookup:
            plans = self._lookups.setdefault(plan.table.name, [])
            if all(known.identity != plan.identity for known in plans):
                plans.append(plan)
        if plan.emptiness:
            self._of_parents[plan.identity] = plan

    def lookups(self, endpoint: Endpoint, kind: Any) -> Sequence[Plan]:
        """Return the lookups that an object of a listing answers, by the type that Box says it has."""
        table = endpoint.lists.get(kind)
        return () if table is None else self._lookups.get(table, ())

    def signs(self, endpoint: Endpoint) -> Sequence[tuple[str, str, str]]:
        """Return what tells that an object of a listing has no rows in another table.

        That is the type of the object, the field that is then zero, and the plan's identity.
        """
        plans = tuple(self._of_parents.values())
        signs = [(kind, having, plan.identity) for plan in plans for kind, having in plan.emptiness.items()]
        return [sign for sign in signs if sign[0] in endpoint.lists]

    def put_empty(self, identity: str, kind: str, key: str) -> None:
        """Take note that a plan gives no row for a parent of a type."""
        self._empty[identity, kind, key] = None
        if len(self._empty) > MOST_WAITING:
            self._empty.popitem(last=False)

    def put(self, found: Iterable[Found]) -> None:
        """Keep rows for who looks them up."""
        for key, rows in found:
            self._found[key] = rows
            self._found.move_to_end(key)
        while len(self._found) > MOST_WAITING:
            self._found.popitem(last=False)

    def get(self, plan: Plan, arguments: tuple[Any, ...]) -> Sequence[Row] | None:
        """Return the rows of a scan, None where they are not known."""
        if plan.emptiness and all(self.is_empty(plan, e, arguments[0]) for e in plan.endpoints(arguments)):
            return ()
        return self._found.get(plan.scan_key(arguments))

    def is_empty(self, plan: Plan, endpoint: Endpoint, *keys: Any) -> bool:
        """Tell whether it was seen that a plan gives no row for a parent by one of its endpoints."""
        return (plan.identity, endpoint.parent_type, *keys) in self._empty
