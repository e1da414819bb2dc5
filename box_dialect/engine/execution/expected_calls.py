"""How many calls a statement is thought to make, by the program that SQLite has made of it and what was seen of Box."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.api import Paging
from box_dialect.bytecode.loops import Loops, Source
from box_dialect.catalog.model import Location
from box_dialect.engine.documents.document_plan import OF_DOCUMENTS
from box_dialect.engine.execution.seen_account import SeenAccount, held
from box_dialect.engine.scan.bindings import Bindings
from box_dialect.engine.scan.listing import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from box_dialect.api.seen import Seen, SeenFolder, Survey
    from box_dialect.bytecode.instructions import Step
    from box_dialect.catalog.model import Column, Endpoint
    from box_dialect.engine.plan.choice import Choice
    from box_dialect.engine.plan.plan import Plan

NOTED: Final = "plan "
"""How the name begins that a plan has in a program which is estimated; its number follows."""

_PARENTS: Final = "of parents"
"""What the calls for the rows of parents are noted by, which are as many as have any."""

_ROWS_OF_OTHERS: Final = 10.0
"""Rows that a table-valued function is thought to give."""

_DEPTH: Final = 10
"""How often a recursive query is thought to go on at most."""

_ROWS_OF_PARENT: Final = 1.5
"""Rows that a parent which has some is thought to have."""


class ExpectedCalls(Struct, frozen=True):
    """The calls that a statement makes at least, and those that it is thought to make at most, None where unknown."""

    least: int
    most: int | None


def expected_calls(
    steps: Sequence[Step], choices: Sequence[Choice], seen: Seen, rows_of_table: Callable[[int, int], float]
) -> ExpectedCalls:
    """Return how many calls a program is going to make.

    Its scans have the names of the `choices`, by their numbers. `rows_of_table` tells how many rows a local table has,
    by its root page and the number of its schema.
    """
    return _Estimation(steps, choices, seen, rows_of_table).result()


class _Asked(Struct, frozen=True):
    """What a scan asks for: its arguments, None where one comes from rows, how many values these are each time.

    `sources` are where those come from.
    """

    arguments: tuple[Any, ...] | None = ()
    values: float = 1.0
    sources: tuple[Source, ...] = ()


class _Estimation:
    """The estimation of one program. `calls` are what is called for, each once, with how many calls it takes."""

    def __init__(
        self,
        steps: Sequence[Step],
        choices: Sequence[Choice],
        seen: Seen,
        rows_of_table: Callable[[int, int], float],
    ) -> None:
        self._steps, self._seen = steps, SeenAccount(seen)
        depth = max((folder.depth for folder in self._seen.folders.values()), default=_DEPTH)
        self._loops = Loops(steps, self._rows, rows_of_table, min(depth, _DEPTH))
        self._scans = {
            place: choices[int((step.fourth or "").removeprefix(NOTED))]
            for place, step in enumerate(steps)
            if step.code == "VFilter" and (step.fourth or "").startswith(NOTED) and place in self._loops.reached
        }
        # Nobody knows how many documents there are before their files are listed.
        self._is_known = not any(
            step.code == "VFilter" and (step.fourth or "").startswith(OF_DOCUMENTS) for step in steps
        )

    def result(self) -> ExpectedCalls:
        """Return the calls of all scans, downloads and writes."""
        codes = {step.code for step in self._steps}
        calls: dict[Hashable, float] = {}
        sure: dict[Hashable, float] = {}
        for place in self._scans:
            found = self._calls(place)
            calls |= found
            if self._loops.is_certain(place) and not self._scans[place].plan.emptiness:
                sure |= self._sure(self._scans[place].plan, found)
        self._is_known &= "Program" not in codes  # of a trigger
        least = ceil(sum(sure.values()))
        if "DecrJumpZero" in codes or "VUpdate" in codes:  # LIMIT, EXISTS; rows that are written by their keys
            least = min(least, 1 if "VUpdate" not in codes else 0)
        most = ceil(sum(calls.values()) + self._downloads() + self._writes() - 1e-6)
        return ExpectedCalls(least, max(least, most) if self._is_known else None)

    def _sure(self, plan: Plan, calls: dict[Hashable, float]) -> dict[Hashable, float]:
        """Return those of the calls of a scan that are made in any case."""
        tree = self._seen.tree
        if plan.path.match:
            return dict.fromkeys(calls, 1.0)
        if plan.scope and tree is not None and any(each.prefix is None for each in tree.folders.values()):
            return {(plan.path.endpoints[0].path, ROOT.id): 1.0}
        return {key: each for key, each in calls.items() if not (isinstance(key, tuple) and key[0] == _PARENTS)}

    def _downloads(self) -> float:
        """Return how many calls download values."""
        found: Counter[tuple[int, int]] = Counter()
        for place, step in enumerate(self._steps):
            scan = self._scan_of(step.first, place) if step.code == "VColumn" else None
            if scan is not None and step.second in (plan := self._scans[scan].plan).downloaded:
                value, each = (step.first, step.second), plan.table.columns[step.second].download_calls
                found[value] = max(found[value], ceil(self._loops.times(place)) * each)
        return found.total()

    def _writes(self) -> float:
        """Return how many rows are written to Box."""
        return sum(self._loops.times(place) for place, step in enumerate(self._steps) if step.code == "VUpdate")

    def _scan_of(self, cursor: int, before: int) -> int | None:
        """Return the place where the scan begins that a cursor follows at a place."""
        places = range(before - 1, -1, -1)
        return next((p for p in places if p in self._scans and self._steps[p].first == cursor), None)

    def _asked(self, place: int) -> _Asked:
        """Return what a scan asks for."""
        plan, first = self._scans[place].plan, self._steps[place].third + 2
        arguments, values, sources = [], 1.0, list[Source]()
        for register in range(first, first + plan.taken):
            begun = self._list_of(register, place)
            listed = None if begun is None else self._loops.listed(begun, place)
            found = self._loops.source(register, place) if begun is None else Source(is_constant=listed is not None)
            arguments.append(found.value if begun is None else listed)
            if not found.is_constant:
                sources.append(found)
                values *= 1.0 if begun is None else self._loops.rows(begun, place)
        return _Asked(None if sources else tuple(arguments), values, tuple(sources))

    def _count(self, place: int, asked: _Asked) -> float:
        """Return how many different values a scan is asked for with."""
        different = max((self._different(each, place) for each in asked.sources), default=1.0)
        return min(self._loops.times(place), different) * asked.values

    def _different(self, source: Source, before: int) -> float:
        """Return how many different values a source gives: no more than what it is read from has rows."""
        times = self._loops.times(before if source.place is None else source.place)
        scan = None if source.column is None else self._scan_of(source.column[0], source.place or 0)
        if scan is None:
            return times
        plan, asked = self._scans[scan].plan, self._asked(scan)
        if plan.path.unique or not plan.path.keys or plan.path.is_as_user or asked.arguments is not None:
            return times
        calls = sum(self._of_unknown(plan, asked, self._loops.times(scan) * asked.values).values())
        return min(times, calls * max(plan.path.rows, _ROWS_OF_PARENT))

    def _list_of(self, register: int, place: int) -> int | None:
        """Return the cursor of the list that an argument is, None for one value."""
        for before in range(place - 1, max(place - 20, -1), -1):
            step = self._steps[before]
            if step.code == "VInitIn" and step.second == register:
                return step.first
        return None

    def _calls(self, place: int) -> dict[Hashable, float]:
        """Return what a scan calls for."""
        plan, asked = self._scans[place].plan, self._asked(place)
        if plan.path.is_as_user:
            return self._as_users(place, plan, asked)
        if plan.path.walk:
            return self._walk(plan, asked)
        if plan.path.fan_out is not None:
            return self._fan_out(plan)
        if not plan.path.keys:
            return self._whole(plan, asked)
        if asked.arguments is not None:
            return self._of_known(plan, asked.arguments)
        if self._is_answered(place, plan, asked):
            return {("root", plan.table.name): 1.0} if self._is_root_asked(plan, asked) else {}
        return self._of_unknown(plan, asked, self._count(place, asked))

    def _as_users(self, place: int, plan: Plan, asked: _Asked) -> dict[Hashable, float]:
        """Return what a scan calls for as users, of whose folders nothing was seen: the first page of each."""
        self._is_known &= plan.path.unique
        first = plan.path.endpoints if plan.path.unique else plan.path.asked[:1]
        if asked.arguments is None:
            return {(_PARENTS, plan.identity): self._count(place, asked) * len(first)}
        named = Bindings(plan, asked.arguments).combinations()
        return {(each.path, *keys.items()): 1.0 for each in first for keys in named}

    def _folders(self, plan: Plan, asked: _Asked) -> Mapping[str, SeenFolder]:
        """Return the folders that a walk lists, of those that were seen."""
        folders = self._seen.folders
        if not plan.scope or asked.arguments is None:
            return folders
        scope, reads_paths = Bindings(plan, asked.arguments).scope, any(term.column != "depth" for term in plan.scope)
        return {
            identity: folder
            for identity, folder in folders.items()
            if (reads_paths and folder.prefix is None) or scope(Location(identity, folder.prefix or "", folder.depth))
        }

    def _walk(self, plan: Plan, asked: _Asked) -> dict[Hashable, float]:
        excludes_root = asked.arguments is not None and Bindings(plan, asked.arguments).excludes_root
        also = {} if excludes_root else {each.path: 1.0 for each in plan.path.also}
        return self._listed(plan.path.endpoints[0].path, self._folders(plan, asked)) | also

    def _listed(self, path: str, folders: Mapping[str, SeenFolder]) -> dict[Hashable, float]:
        """Return the calls that list folders, and their part of those that were not kept; one where none was seen."""
        tree = self._seen.tree
        if tree is None:
            self._is_known = False
            return {(path, ROOT.id): 1.0}
        rest = tree.rest.calls * len(folders) / max(1, len(tree.folders))
        return {path: rest, **{(path, identity): float(each.calls) for identity, each in folders.items()}}

    def _whole(self, plan: Plan, asked: _Asked) -> dict[Hashable, float]:
        """Return the calls of a listing of all, with those for what its objects lack."""
        endpoint, survey = plan.path.endpoints[0], self._seen.listing(plan, asked.arguments)
        also: dict[Hashable, float] = {each.asked_as: 1.0 for each in plan.path.also}
        if endpoint.complete is not None and endpoint.complete.serves(plan.table.columns, plan.columns):
            rows = plan.path.rows if survey is None else survey.holds.total()
            also[_PARENTS, endpoint.complete.path] = rows
        return self._listing(endpoint, survey) | also

    def _fan_out(self, plan: Plan) -> dict[Hashable, float]:
        first, *inner = plan.path.levels
        rows = [*(level.parents for level in inner if level.parents is not None), plan.path.endpoints[0]]
        found: dict[Hashable, float] = {}
        if first.parents is None:
            parents = float(len(first.values))
        elif first.walk:
            found = self._listed(first.parents.path, self._seen.folders)
            parents = self._seen.parents(first, rows[0].parent_type)
        else:
            survey = self._seen.listings.get(first.parents.asked_as)
            found = self._listing(first.parents, survey)
            parents = 1.0 if first.parents.paging is Paging.ONE else 0.0 if survey is None else survey.holds.total()
        for level, asked in zip(inner, rows, strict=False):
            found[_PARENTS, asked.path] = parents
            parents *= level.share * (1.0 if asked.paging is Paging.ONE else _ROWS_OF_PARENT)
        for endpoint in plan.path.endpoints:
            is_walked = first.walk and not inner
            found[_PARENTS, endpoint.path] = self._seen.parents(first, endpoint.parent_type) if is_walked else parents
        return found

    def _listing(self, endpoint: Endpoint, survey: Survey | None) -> dict[Hashable, float]:
        self._is_known &= survey is not None or endpoint.paging is Paging.ONE
        return {endpoint.asked_as: 1.0 if survey is None else float(survey.calls)}

    def _of_known(self, plan: Plan, arguments: tuple[Any, ...]) -> dict[Hashable, float]:
        """Return what the keys call for that a statement names."""
        bindings = Bindings(plan, arguments)
        named = bindings.combinations()
        named += [alias[0]] if (alias := bindings.by_alias()) is not None else []
        found: dict[Hashable, float] = {}
        for endpoint in plan.endpoints(arguments):
            for keys in named:
                identity = ",".join(keys.values())
                found[endpoint.path, identity] = self._pages(plan, endpoint, identity)
        return found

    def _pages(self, plan: Plan, endpoint: Endpoint, identity: str) -> float:
        """Return how many calls the listing of a key takes, one that pages as far as it was seen to."""
        tree = self._seen.tree
        if plan.path.unique or plan.emptiness:
            return 1.0
        if endpoint.paging is Paging.STREAM_POSITION:
            self._is_known = False
        if endpoint.max_offset is not None and plan.path.match:
            if tree is None:
                self._is_known = False
                return 1.0
            return float(max(1, ceil(min(self._seen.holds.total(), endpoint.max_offset) / endpoint.max_limit)))
        if "parent_id" in plan.path.keys:
            if tree is None or identity not in tree.folders:
                self._is_known &= tree is not None
                return 1.0
            return float(tree.folders[identity].calls)
        return 1.0

    def _of_unknown(self, plan: Plan, asked: _Asked, count: float) -> dict[Hashable, float]:
        """Return what keys call for that come from rows, by how many are expected."""
        group = ("of rows", plan.identity)
        self._is_known &= "parent_id" not in plan.path.keys or self._seen.tree is not None
        whole = plan.listing
        # A listing that leaves some out does not tell of keys that it may not have.
        if whole is not None and whole.table is plan.table and (not whole.path.partial or self._is_of_box(asked)):
            listing = whole if whole.listing is None else whole.listing
            survey = self._seen.listings.get(listing.path.endpoints[0].asked_as)
            known = whole.path.calls if survey is None else survey.calls
            count = min(count, known if whole.listing is None or survey is None else known + survey.holds.total())
        if plan.path.unique or not plan.emptiness:
            kind = plan.path.endpoints[0].given.get("type") if plan.path.unique else "folder"
            if kind is not None and (plan.path.unique or "parent_id" in plan.path.keys) and self._seen.holds[kind]:
                count = min(count, 1.0 + self._seen.holds[kind])
            return {group: count * len(plan.path.endpoints)}
        fan_out = next((p.fan_out for p in plan.table.paths if p.fan_out and plan.path.keys == (p.fan_out.key,)), None)
        found: dict[Hashable, float] = {}
        for endpoint in plan.path.endpoints:
            kind = endpoint.parent_type
            if fan_out is not None and kind is not None and self._is_of_box(asked):
                most = min(count, self._seen.holds[kind] or count)
                found[group, endpoint.path] = most * self._seen.share(kind, fan_out.having, fan_out.share)
            else:
                found[group, endpoint.path] = count
        return found

    def _is_of_box(self, asked: _Asked) -> bool:
        """Tell whether a key is thought to come from a listing of Box, which tells of what has no rows."""
        for source in asked.sources:
            if source.column is None or source.place is None:
                continue
            cursor, _ = source.column
            is_scanned = self._steps[source.place].code == "VColumn"
            if self._loops.is_table(cursor, source.place):
                return False
            if is_scanned and self._column(source) is None and not self._takes_of_box(cursor, source.place):
                return False
        return True

    def _takes_of_box(self, cursor: int, before: int) -> bool:
        """Tell whether a table-valued function, as json_each(), takes apart what a column of Box has."""
        places = range(before - 1, -1, -1)
        begun = next((p for p in places if self._steps[p].code == "VFilter" and self._steps[p].first == cursor), None)
        return begun is not None and self._column(self._loops.source(self._steps[begun].third + 2, begun)) is not None

    def _is_answered(self, place: int, plan: Plan, asked: _Asked) -> bool:
        """Tell whether other listings of the statement have what keys of rows are looked up for."""
        scans = [choice.plan for other, choice in self._scans.items() if other != place]
        others = [each for each in scans if not each.path.is_as_user]
        if "parent_id" in plan.path.keys:
            return any(each.path.walks and not each.scope for each in others)
        if not plan.path.unique:
            return False
        showing = [
            each
            for each in others
            if not each.path.unique and any(plan.table.name in e.lists.values() for e in each.path.asked)
        ]
        column = self._column_of(asked)
        ids = {("id",), *((within.outer, "id") for each in showing for e in each.path.asked for within in e.rows)}
        is_listed = bool(showing) and (column is None or column.place in ids)
        return is_listed or any(each.path.walks for each in showing)

    def _is_root_asked(self, plan: Plan, asked: _Asked) -> bool:
        """Tell whether the root folder may be looked up, which no listing has."""
        column = self._column_of(asked)
        is_parent = column is not None and column.name == "parent_id"
        return plan.path.unique and plan.table.name == "folders" and is_parent

    def _column_of(self, asked: _Asked) -> Column | None:
        """Return the column of Box that a key comes from, None where it is no such one."""
        return self._column(asked.sources[-1]) if asked.sources else None

    def _column(self, source: Source) -> Column | None:
        scan = None if source.column is None else self._scan_of(source.column[0], source.place or 0)
        if scan is None or source.column is None:
            return None
        return self._scans[scan].plan.table.columns[source.column[1]]

    def _rows(self, place: int) -> float:
        """Return how many rows a scan gives that fulfil what the statement compares."""
        choice = self._scans.get(place)
        if choice is None:
            return _ROWS_OF_OTHERS
        return self._rows_of(choice.plan, self._asked(place)) * choice.left

    def _rows_of(self, plan: Plan, asked: _Asked) -> float:
        path, tree = plan.path, self._seen.tree
        kinds = {endpoint.keep.get("type") for endpoint in path.endpoints}
        if path.is_as_user:
            return asked.values * path.rows
        if path.walk:
            return path.rows if tree is None else sum(held(f, kinds) for f in self._folders(plan, asked).values())
        if path.fan_out is not None:
            level = path.levels[-1]
            return _ROWS_OF_PARENT * sum(self._seen.parents(level, e.parent_type) for e in path.endpoints)
        if not path.keys:
            survey = self._seen.listing(plan, asked.arguments)
            return path.rows if survey is None else survey.holds.total()
        if asked.arguments is not None:
            named = Bindings(plan, asked.arguments).combinations()
            if "parent_id" in path.keys and tree is not None:
                keys = [each["parent_id"] for each in named]
                return sum(held(tree.folders[key], kinds) for key in keys if key in tree.folders)
            values = float(len(named))
        else:
            values = asked.values
        if path.unique:
            return values
        if "parent_id" in path.keys and tree is not None:
            found = [number for folder in tree.folders.values() if (number := held(folder, kinds))]
            return values * sum(found) / max(1, len(found))
        return values * (min(path.rows, self._seen.holds.total()) if path.match and tree is not None else path.rows)
