"""How many calls a statement is thought to make, by the program that SQLite has made of it and what was seen of Box."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.api import Paging
from box_dialect.bytecode.loops import Loops, Source
from box_dialect.catalog.model import Location, Op
from box_dialect.engine.execution.program_scans import Asked, ProgramScans
from box_dialect.engine.execution.seen_account import SeenAccount, held
from box_dialect.engine.plan.choice import part_in_scope
from box_dialect.engine.scan.bindings import Bindings
from box_dialect.engine.scan.listing import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from box_dialect.api.seen import Seen, SeenFolder, Survey
    from box_dialect.bytecode.instructions import Step
    from box_dialect.catalog.model import Endpoint
    from box_dialect.engine.plan.choice import Choice
    from box_dialect.engine.plan.plan import Plan

_UNSURE: Final = "unsure"
"""What those calls are noted by that may be fewer."""

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
        self._scans = ProgramScans(steps, choices, self._loops)
        # Nobody knows how many documents a table of documents has before their files are listed.
        self._is_known = not self._scans.has_document_tables

    def result(self) -> ExpectedCalls:
        """Return the calls of all scans, downloads and writes."""
        codes = {step.code for step in self._steps}
        calls: dict[Hashable, float] = {}
        sure: dict[Hashable, float] = {}
        for place in self._scans.choices:
            found = self._calls(place)
            calls |= found
            if self._loops.is_certain(place) and not self._scans.plan(place).emptiness:
                sure |= self._sure(self._scans.plan(place), found)
        self._is_known &= "Program" not in codes  # of a trigger
        least = ceil(sum(sure.values()))
        if "DecrJumpZero" in codes or "VUpdate" in codes:  # LIMIT, EXISTS; rows that are written by their keys
            least = min(least, 1 if "VUpdate" not in codes else 0)
        most = ceil(sum(calls.values()) + self._downloads() + self._documents() + self._writes() - 1e-6)
        return ExpectedCalls(least, max(least, most) if self._is_known else None)

    def _sure(self, plan: Plan, calls: dict[Hashable, float]) -> dict[Hashable, float]:
        """Return those of the calls of a scan that are made in any case."""
        tree = self._seen.tree
        if plan.path.match:
            return dict.fromkeys(calls, 1.0)
        if plan.scope and tree is not None and any(each.prefix is None for each in tree.folders.values()):
            return {(plan.path.endpoints[0].path, ROOT.id): 1.0}
        return {key: each for key, each in calls.items() if not (isinstance(key, tuple) and key[0] == _UNSURE)}

    def _downloads(self) -> float:
        """Return how many calls download values."""
        found: Counter[tuple[int, int]] = Counter()
        for place, step in enumerate(self._steps):
            scan = self._scans.of_cursor(step.first, place) if step.code == "VColumn" else None
            if scan is not None and step.second in (plan := self._scans.plan(scan)).downloaded:
                value, each = (step.first, step.second), plan.table.columns[step.second].download_calls
                found[value] = max(found[value], ceil(self._loops.times(place)) * each)
        return found.total()

    def _documents(self) -> float:
        """Return how many calls read the documents that a statement names, and look up files that are in no listing."""
        return sum(
            self._loops.times(place) * (1.0 if self._scans.column(source) is not None else 2.0)
            for place, source in self._scans.named_documents.items()
        )

    def _writes(self) -> float:
        """Return how many rows are written to Box."""
        return sum(self._loops.times(place) for place, step in enumerate(self._steps) if step.code == "VUpdate")

    def _count(self, place: int, asked: Asked) -> float:
        """Return how many different values a scan is asked for with."""
        different = max((self._different(each, place) for each in asked.sources), default=1.0)
        return min(self._loops.times(place), different) * asked.values

    def _different(self, source: Source, before: int) -> float:
        """Return how many different values a source gives: no more than what it is read from has rows."""
        times = self._loops.times(before if source.place is None else source.place)
        scan = None if source.column is None else self._scans.of_cursor(source.column[0], source.place or 0)
        if scan is None:
            return times
        plan, asked = self._scans.plan(scan), self._scans.asked(scan)
        if plan.path.unique or not plan.path.keys or plan.path.is_as_user or asked.arguments is not None:
            return times
        calls = sum(self._of_unknown(plan, asked, self._loops.times(scan) * asked.values).values())
        return min(times, calls * max(plan.path.rows, _ROWS_OF_PARENT))

    def _calls(self, place: int) -> dict[Hashable, float]:
        """Return what a scan calls for."""
        plan, asked = self._scans.plan(place), self._scans.asked(place)
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

    def _as_users(self, place: int, plan: Plan, asked: Asked) -> dict[Hashable, float]:
        """Return what a scan calls for as users, of whose folders nothing was seen: the first page of each."""
        self._is_known &= plan.path.unique
        first = plan.path.endpoints if plan.path.unique else plan.path.asked[:1]
        if asked.arguments is None:
            return {(_UNSURE, plan.identity): self._count(place, asked) * len(first)}
        named = Bindings(plan, asked.arguments).combinations()
        return {(each.path, *keys.items()): 1.0 for each in first for keys in named}

    def _folders(self, plan: Plan, asked: Asked) -> Mapping[str, SeenFolder]:
        """Return the folders that a walk lists, of those that were seen, some where their names were not."""
        folders = self._seen.folders
        if not plan.scope or asked.arguments is None:
            return folders
        bindings, reads_paths = Bindings(plan, asked.arguments), any(term.column != "depth" for term in plan.scope)
        unnamed = [identity for identity, folder in folders.items() if reads_paths and folder.prefix is None]
        thought = unnamed[: max(bindings.named_folders, ceil(len(unnamed) * part_in_scope(plan)))]
        named = folders.keys() - {*unnamed}
        listed = {each for each in named if bindings.scope(_location(each, folders[each]))}.union(thought)
        return {identity: folder for identity, folder in folders.items() if identity in listed}

    def _walk(self, plan: Plan, asked: Asked) -> dict[Hashable, float]:
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

    def _whole(self, plan: Plan, asked: Asked) -> dict[Hashable, float]:
        """Return the calls of a listing of all, with those for what its objects lack."""
        endpoint, survey = plan.path.endpoints[0], self._seen.listing(plan, asked.arguments)
        also: dict[Hashable, float] = {each.asked_as: 1.0 for each in plan.path.also}
        if endpoint.complete is None:
            return self._listing(endpoint, survey, plan.path.calls) | also
        if endpoint.complete.serves(plan.table.columns, plan.columns):
            also[_UNSURE, endpoint.complete.path] = self._rows_of(plan, asked)
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
            if survey is None and first.parents.paging is not Paging.ONE:
                return {**found, (_UNSURE, plan.identity): self._supposed(plan.path.calls - 1)}
            parents = 1.0 if survey is None else survey.holds.total()
        for level, asked in zip(inner, rows, strict=False):
            found[_UNSURE, asked.path] = parents
            parents *= level.share * (1.0 if asked.paging is Paging.ONE else _ROWS_OF_PARENT)
        for endpoint in plan.path.endpoints:
            is_walked = first.walk and not inner
            found[_UNSURE, endpoint.path] = self._seen.parents(first, endpoint.parent_type) if is_walked else parents
        return found

    def _listing(self, endpoint: Endpoint, survey: Survey | None, calls: float = 1) -> dict[Hashable, float]:
        """Return the calls of a listing of all: those it took, or else the first and as many further as is declared."""
        if survey is not None:
            return {endpoint.asked_as: float(survey.calls)}
        if endpoint.paging is Paging.ONE:
            return {endpoint.asked_as: 1.0}
        self._is_known &= self._seen.scale is not None
        return {endpoint.asked_as: 1.0, (_UNSURE, endpoint.asked_as): self._supposed(calls) - 1}

    def _supposed(self, number: float) -> float:
        """Return how many there are thought to be of what was not seen, by what an access path declares."""
        return max(1.0, number * (self._seen.scale or 1.0))

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
                if endpoint.paging is Paging.STREAM_POSITION:
                    self._is_known &= self._seen.scale is not None
                    found[_UNSURE, endpoint.path, identity] = self._supposed(plan.path.calls)
        return found

    def _pages(self, plan: Plan, endpoint: Endpoint, identity: str) -> float:
        """Return how many calls the listing of a key takes, one that pages as far as it was seen to."""
        tree = self._seen.tree
        if plan.path.unique or plan.emptiness:
            return 1.0
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

    def _of_unknown(self, plan: Plan, asked: Asked, count: float) -> dict[Hashable, float]:
        """Return what keys call for that come from rows, by how many are expected."""
        group = ("of rows", plan.identity)
        self._is_known &= "parent_id" not in plan.path.keys or self._seen.tree is not None
        whole = plan.listing
        # A listing that leaves some out does not tell of keys that it may not have.
        if whole is not None and whole.table is plan.table and (not whole.path.partial or self._scans.is_of_box(asked)):
            listing = whole if whole.listing is None else whole.listing
            survey = self._seen.listings.get(listing.path.endpoints[0].asked_as)
            known = self._supposed(whole.path.calls) if survey is None else survey.calls
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
            if fan_out is not None and kind is not None and self._scans.is_of_box(asked):
                most = min(count, self._seen.holds[kind] or count)
                found[group, endpoint.path] = most * self._seen.share(kind, fan_out.having, fan_out.share)
            else:
                found[group, endpoint.path] = count
        return found

    def _is_answered(self, place: int, plan: Plan, asked: Asked) -> bool:
        """Tell whether other listings of the statement have what keys of rows are looked up for."""
        scans = [choice.plan for other, choice in self._scans.choices.items() if other != place]
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
        column = self._scans.column_of(asked)
        ids = {("id",), *((within.outer, "id") for each in showing for e in each.path.asked for within in e.rows)}
        is_listed = bool(showing) and (column is None or column.place in ids)
        return is_listed or any(each.path.walks for each in showing)

    def _is_root_asked(self, plan: Plan, asked: Asked) -> bool:
        """Tell whether the root folder may be looked up, which no listing has."""
        column = self._scans.column_of(asked)
        is_parent = column is not None and column.name == "parent_id"
        return plan.path.unique and plan.table.name == "folders" and is_parent

    def _rows(self, place: int) -> float:
        """Return how many rows a scan gives that fulfil what the statement compares."""
        choice = self._scans.choices.get(place)
        if choice is None:
            return _ROWS_OF_OTHERS
        return self._rows_of(choice.plan, self._scans.asked(place)) * choice.left

    def _rows_of(self, plan: Plan, asked: Asked) -> float:
        path, tree = plan.path, self._seen.tree
        kinds = {endpoint.keep.get("type") for endpoint in path.endpoints}
        if path.is_as_user:
            return asked.values * path.rows
        if path.walk:
            rows = path.rows if tree is None else sum(held(f, kinds) for f in self._folders(plan, asked).values())
            names_one = any(term.column == "path" and term.op is Op.EQ for term in plan.scope)
            return min(rows, 1.0) if names_one else rows
        if path.fan_out is not None:
            level = path.levels[-1]
            if path.walks:
                return _ROWS_OF_PARENT * sum(self._seen.parents(level, e.parent_type) for e in path.endpoints)
            return self._supposed(path.rows)
        if not path.keys:
            survey = self._seen.listing(plan, asked.arguments)
            return self._supposed(path.rows) if survey is None else survey.holds.total()
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


def _location(identity: str, folder: SeenFolder) -> Location:
    return Location(identity, folder.prefix or "", folder.depth)
