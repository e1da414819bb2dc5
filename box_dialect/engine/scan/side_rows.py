"""Side rows: rows of other tables that a listing has too, kept for the lookups by key of the same statement.

A walk passes folders on its way to the files, and a fan-out lists the parents of its rows: where the statement joins
these tables by their key, their rows need no call of their own. Nor do those of a parent that is seen to have none.
"""

from __future__ import annotations

from collections import OrderedDict
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.api import writes
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.engine.scan.negative_cache import SECONDS_KEPT

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

    from box_dialect.catalog.model import Endpoint, Having, JsonObject, Shown
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.negative_cache import NegativeCache, Sign
    from box_dialect.engine.scan.row_maker import Row

MOST_WAITING: Final = 50_000
"""Results that wait for a lookup at once; those that wait longest go first."""

Found: TypeAlias = "tuple[Hashable, Sequence[Row]]"
"""The key of a scan, and all of its rows."""


class SideRows:
    """The results of scans that nobody has asked for yet, for what the statement is planned to look up.

    `signs` are the types of the parents whose rows the statement may ask for, each with what tells that there are none.
    """

    def __init__(self, negative_cache: NegativeCache) -> None:
        self.signs: set[tuple[str, Having]] = set()
        self._all_signs, self._clock = negative_cache.signs, negative_cache.clock
        self._seen, self._began, self._writes = negative_cache.seen, negative_cache.clock(), writes()
        self._lookups: dict[tuple[str, bool], list[Plan]] = {}
        self._shown: dict[tuple[str, bool], list[Plan]] = {}
        self._found: OrderedDict[Hashable, Sequence[Row]] = OrderedDict()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        if plan.is_lookup:
            _add(plan, self._lookups.setdefault((plan.table.name, plan.path.is_as_user), []))
        if plan.shown is not None:
            _add(plan, self._shown.setdefault((plan.shown.called, plan.path.is_as_user), []))
        self.signs.update(plan.emptiness.items())

    def lookups(self, endpoint: Endpoint, kind: Any) -> Sequence[Plan]:
        """Return the lookups that an object of a listing answers, by the type that Box says it has.

        They are read as users where the listing is.
        """
        table = endpoint.lists.get(kind)
        return () if table is None else self._lookups.get((table, AS_USER.name in endpoint.known), ())

    def shown(self, endpoint: Endpoint) -> Sequence[tuple[Plan, Shown]]:
        """Return the lookups whose rows stand within the objects of a listing, each with where it does.

        They are read as users where the listing is.
        """
        is_as_user = AS_USER.name in endpoint.known
        plans = [plan for called in endpoint.shows for plan in self._shown.get((called, is_as_user), ())]
        return [(plan, plan.shown) for plan in plans if plan.shown is not None]

    def note_empty_of(
        self, entries: Iterable[JsonObject], endpoint: Endpoint, fields: Collection[str], user: str | None = None
    ) -> None:
        """Take note of which objects of an answer have no rows in another table, by the fields that were asked for.

        They were read as a `user`, None for the one who is signed in.
        """
        seen, now = self._seen, self._clock()
        for kind, having in self._all_signs:
            if kind not in endpoint.lists or having.field not in fields:
                continue
            name = having.name
            for entry in entries:
                if entry.get("type") != kind:
                    continue
                sign = kind, name, entry["id"], user
                if not having.tells_of_none(entry):
                    seen.pop(sign, None)
                elif seen.get(sign, -inf) < self._began:  # what this statement has read may be what it read before
                    self._note(sign, now)

    def signs_told(self, fields: Collection[str]) -> Sequence[tuple[str, Having]]:
        """Return what the fields that were asked for tell of objects: whether they have rows in another table."""
        return [sign for sign in self._all_signs if sign[1].field in fields]

    def note_empty(self, plan: Plan, kind: str, key: str, user: str | None) -> None:
        """Take note that a plan gives no row for a parent, as a user, or that there is none of the type."""
        sign = _sign(plan, kind, key, user)
        if self._seen.get(sign, -inf) < self._began:
            self._note(sign, self._clock())

    def _note(self, sign: Sign, now: float) -> None:
        self._seen[sign] = now
        self._seen.move_to_end(sign)
        if len(self._seen) > MOST_WAITING:
            self._seen.popitem(last=False)

    def put(self, found: Iterable[Found]) -> None:
        """Keep rows for who looks them up."""
        for key, rows in found:
            self._found[key] = rows
            self._found.move_to_end(key)
        while len(self._found) > MOST_WAITING:
            self._found.popitem(last=False)

    def get(self, plan: Plan, arguments: tuple[Any, ...]) -> Sequence[Row] | None:
        """Return the rows of a scan, None where they are not known."""
        endpoints = plan.endpoints(arguments)
        if not endpoints:
            return ()
        if plan.parent_types:
            users = plan.users(arguments)
            if all(self.is_empty(plan, each, arguments[0], user) for each in endpoints for user in users):
                return ()
        return self._found.get(plan.scan_key(arguments))

    def is_empty(self, plan: Plan, endpoint: Endpoint, key: Any, user: str | None) -> bool:
        """Tell whether it was seen that a plan gives no row for a parent by one of its endpoints, as a user.

        What an earlier statement saw is of no use any more where this one, as its triggers may, has written meanwhile.
        """
        earliest = self._began - (SECONDS_KEPT if self._writes == writes() else 0)
        kind = endpoint.parent_type
        return kind in plan.parent_types and self._seen.get(_sign(plan, kind, key, user), -inf) > earliest


def _sign(plan: Plan, kind: str | None, key: Any, user: str | None) -> Sign:
    """Return what is noted of a parent without rows: by what tells that, or None for one that is not there."""
    having = plan.emptiness.get(kind or "")
    return kind, None if having is None else having.name, key, user


def _add(plan: Plan, plans: list[Plan]) -> None:
    """Add a plan where there is none yet that gives the same rows."""
    if all(known.identity != plan.identity for known in plans):
        plans.append(plan)
