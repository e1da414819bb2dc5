"""Field selection: the `fields=` that a statement asks for, alike for all its scans of one listing.

A table that stands twice in a statement, or two tables that a folder lists, read different columns of the same objects.
SQLite plans all tables of a statement before it scans the first one, so it is known by then what all of them read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from box_dialect.catalog.model import Completion, Named
from box_dialect.engine.scan.row_maker import COLUMNS_TOLD, fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from box_dialect.catalog.model import Endpoint, FanOut
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.side_rows import SideRows


class FieldSelection:
    """The `fields=` of each path of Box's API, for all plans that a statement may run."""

    def __init__(self, side_rows: SideRows) -> None:
        self._side_rows = side_rows
        self._plans: dict[str, Plan] = {}
        self._names: dict[str, str] = {}
        self._read: frozenset[int] | None = None

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        if plan.identity not in self._plans:
            self._plans[plan.identity] = plan
            self._names.clear()
        for other in filter(None, (plan.listing, plan.live)):
            self.want(other)

    @property
    def is_told_too_many(self) -> bool:
        """Whether plans have columns that the statement may not read, and that cost a field of their own."""
        return any(
            plan.table.columns[number].named is not None
            for plan in self._plans.values()
            for number in plan.columns
            if number >= COLUMNS_TOLD
        )

    def read_only(self, numbers: Collection[int]) -> None:
        """Take note of the numbers of the columns that the statement reads, of whichever table."""
        self._read = frozenset(numbers)
        self._names.clear()

    @property
    def plans(self) -> Sequence[Plan]:
        """The plans that the statement may run, each of which differs from the others."""
        return [*self._plans.values()]

    def of(self, path: str) -> str:
        """Return what `fields=` has to be for what an endpoint is asked as."""
        if path not in self._names:
            names: set[str] = set()
            for plan in self._plans.values():
                for use in _uses(plan):
                    if _meet(_asked_as(use.source), path):
                        names |= self._needed(plan, use)
            self._names[path] = ",".join(sorted(names))
        return self._names[path]

    @property
    def are_of_several_tables(self) -> bool:
        """Whether the statement reads several tables, or one of them several times with other columns."""
        return len({(plan.table.name, plan.columns) for plan in self._plans.values()}) > 1

    def is_shared(self, path: str) -> bool:
        """Tell whether several tables of the statement may ask an endpoint, by what it is asked as."""
        asked = ((plan, use) for plan in self._plans.values() for use in _uses(plan))
        return len({(plan.table.name, plan.columns) for plan, use in asked if _meet(_asked_as(use.source), path)}) > 1

    def _needed(self, plan: Plan, use: _Use) -> set[str]:
        """Return the fields that rows of a plan need, and those of the side rows that the listing has."""
        level, endpoint, in_folder = use.level, use.source, use.in_folder
        if isinstance(endpoint, Completion):
            return {*endpoint.fields}
        if level is not None:
            read = ("id", "type", level.source, *level.binds.values(), *endpoint.keep)
            names = {endpoint.field_of(place) for place in read}
            names |= set() if level.having is None else {endpoint.field_of(level.having.place)}
        else:
            names = {"id", "type"}  # the parameters of an endpoint may tell what its rows need
            if "fields" not in endpoint.parameters:
                names = fields(plan.table, self._columns(plan), endpoint, in_folder=in_folder)
            names |= {"name"} if plan.scope else set()
        names.update(having.field for kind, having in self._side_rows.signs if kind in endpoint.lists)
        for kind in endpoint.lists:
            for lookup in self.lookups(endpoint, kind):
                names |= fields(lookup.table, self._columns(lookup), endpoint.objects, in_folder=in_folder)
        for lookup, shown in self._side_rows.shown(endpoint):
            within = replace(endpoint, rows=(shown.nested,))
            names |= fields(lookup.table, self._columns(lookup), within, in_folder=False)
        return names

    def lookups(self, endpoint: Endpoint, kind: Any) -> Sequence[Plan]:
        """Return the lookups that an object of a listing answers, by the type that Box says it has.

        Where single values within the objects are named, others than the endpoint's own cannot be.
        """
        found = self._side_rows.lookups(endpoint, kind)
        if all(nested.named is not Named.VALUE for nested in endpoint.rows):
            return found
        return [each for each in found if all(each.table.columns[n].named is None for n in self._columns(each))]

    def _columns(self, plan: Plan) -> Sequence[int]:
        """Return the columns of a plan, without those that cost a field of their own and are not read."""
        read, columns = self._read, plan.table.columns
        if read is None:
            return plan.columns
        return [number for number in plan.columns if number in read or columns[number].named is None]


class _Use(NamedTuple):
    """What a plan asks for, whether the folder that an endpoint lists is known, and whose parents it lists."""

    source: Endpoint | Completion
    in_folder: bool = False
    level: FanOut | None = None


def _uses(plan: Plan) -> Iterator[_Use]:
    path = plan.path
    for level in path.levels:
        if level.parents is not None:
            yield _Use(level.parents, level.walk, level)
    yield from map(_Use, path.also)
    for endpoint in path.endpoints:
        yield _Use(endpoint, path.walk)
        if (lacking := endpoint.complete) is not None and lacking.serves(plan.table.columns, plan.columns):
            yield _Use(lacking)


def _asked_as(source: Endpoint | Completion) -> str:
    return source.path if isinstance(source, Completion) else source.asked_as


def _meet(one: str, other: str) -> bool:
    """Tell whether two paths can be of one object: `/folders/{id}` and `/folders/0`."""
    mine, theirs = one.split("/"), other.split("/")
    return len(mine) == len(theirs) and all(m == t or "{" in m + t for m, t in zip(mine, theirs, strict=True))
