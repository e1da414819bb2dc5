"""How often each instruction of a program is thought to run, by its loops and the rows of what they go through.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

import itertools
from functools import cached_property
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.bytecode.flow import BRANCHES
from box_dialect.bytecode.instructions import EQUAL, INSERTS, ORDERED, written_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from box_dialect.bytecode.instructions import Step

_NEXT: Final = frozenset({"VNext", "Next", "Prev", "SorterNext"})
"""What goes back to the beginning of a loop, which stands behind what begins it."""
_GOES_THROUGH: Final = frozenset({"Rewind", "Last", "Sort", "SorterSort"})
"""What begins a loop over all rows of a table."""
_NEVER_ON: Final = frozenset({"Goto", "Init", "Halt", "EndCoroutine", "Jump"})
"""What does not go on with the next instruction."""
_TESTS: Final = EQUAL | ORDERED | {"If", "IfNot", "IsNull", "NotNull"}
"""What a condition becomes."""
_NUMBERS: Final = frozenset({"Integer", "Int64"})
_TEXTS: Final = frozenset({"String8", "String", "Real"})
_COPIES: Final = frozenset({"Copy", "SCopy", "IntCopy"})


class Region(Struct, frozen=True):
    """Instructions that run as often as the `head` that leads to them, times what `kind` they are."""

    first: int
    last: int
    kind: str
    head: int


class Source(Struct, frozen=True):
    """Where the value of a register comes from: a constant, or the column of a cursor.

    `place` is the instruction that gives it, None where none is found.
    """

    place: int | None = None
    is_constant: bool = False
    value: Any = None
    column: tuple[int, int] | None = None


class Loops:
    """The loops of a program; the numbers are floats, since they are guesses.

    `rows_of_filter` tells how many rows a VFilter at a place gives, `rows_of_table` how many a local table has, by its
    root page and the number of its schema. A recursive query goes on `depth` times. `rounds` are known of the loops
    that begin at some places.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        rows_of_filter: Callable[[int], float],
        rows_of_table: Callable[[int, int], float],
        depth: int,
        rounds: Mapping[int, float] = MappingProxyType({}),
    ) -> None:
        self.steps, self._depth, self._known_rounds = steps, depth, rounds
        self._rows_of_filter, self._rows_of_table = rows_of_filter, rows_of_table
        self._times: dict[int, float] = {}
        self._begun: set[int] = set()

    @cached_property
    def _regions(self) -> list[Region]:
        """The regions, the innermost of those that have a place in common first."""
        found = [*self._found_regions()]
        return sorted(found, key=lambda region: region.last - region.first)

    def _found_regions(self) -> Iterator[Region]:
        begun = {step.first: place for place, step in enumerate(self.steps) if step.code == "InitCoroutine"}
        for place, step in enumerate(self.steps):
            target = step.second
            if step.code in _NEXT and 0 < target <= place:
                yield Region(target, place, "loop", target - 1)
            elif step.code == "Goto" and target < place and self.steps[target].code in {"Yield", "Rewind"}:
                yield Region(target + 1, place, "loop", target)
            elif step.code == "Once" and target > place:
                yield Region(place + 1, target - 1, "once", place)
            elif step.code == "InitCoroutine" and target > place:
                yield Region(step.third, target - 1, "coroutine", begun[step.first])
            elif step.code == "Gosub" and self.steps[target - 1].code != "BeginSubrtn":
                last = next((p for p, s in enumerate(self.steps) if (s.code, s.first) == ("Return", step.first)), place)
                yield Region(target, last, "subroutine", place)

    @cached_property
    def reached(self) -> frozenset[int]:
        """The instructions that there is a way to; LIMIT 0 leaves out what would give the rows."""
        entries = {step.first: step.third for step in self.steps if step.code == "InitCoroutine"}
        found, pending = set[int](), [0]
        while pending:
            place = pending.pop()
            if place in found or place >= len(self.steps):
                continue
            found.add(place)
            step = self.steps[place]
            is_passed = step.code == "InitCoroutine" and step.second > 0
            pending += [place + 1] if step.code not in _NEVER_ON and not is_passed else []
            if step.code == "Jump":
                pending += step[1:4]
            elif step.code == "Yield":
                pending += [step.second, entries.get(step.first, 0)]
            elif step.code in BRANCHES:
                pending.append(step.second)
        return frozenset(found)

    def is_certain(self, place: int) -> bool:
        """Tell whether an instruction runs in any case: it stands in no loop, and no test before leads past it.

        Of several coroutines one may be begun only where another gives a row.
        """
        first = min((region.first for region in self._regions if region.kind == "coroutine"), default=0)
        around = [region for region in self._regions if region.first <= place <= region.last]
        is_inner = any(r.kind in {"loop", "subroutine"} or (r.kind == "coroutine" and r.first > first) for r in around)
        return not is_inner and not any(s.code in _TESTS and s.second > place for s in self.steps[:place])

    def times(self, place: int) -> float:
        """Return how often the instruction at a place is thought to run."""
        if place in self._begun:  # it depends on itself
            return 0.0
        if place not in self._times:
            self._begun.add(place)
            self._times[place] = min(self._times_of_regions(place), self._most(place))
            self._begun.discard(place)
        return self._times[place]

    def _times_of_regions(self, place: int) -> float:
        around = [region for region in self._regions if region.first <= place <= region.last]
        if not around:
            return 1.0
        inner = around[0]
        if inner.kind == "once":
            return 1.0
        if inner.kind == "subroutine":
            calls = {region.head for region in around if region.kind == "subroutine" and region.first == inner.first}
            return sum(map(self.times, sorted(calls)))
        if inner.kind == "coroutine":
            return self.times(inner.head)
        return self.times(inner.head) * self._rounds(inner)

    def _most(self, place: int) -> float:
        """Return how often the instruction before a LIMIT is run at most."""
        if place + 1 < len(self.steps) and self.steps[place + 1].code == "DecrJumpZero":
            limit = self.source(self.steps[place + 1].first, place)
            if limit.is_constant and limit.place is not None and isinstance(limit.value, int) and limit.value >= 0:
                return limit.value * max(1.0, self.times(limit.place))
        return inf

    def _rounds(self, loop: Region) -> float:
        """Return how often a loop goes round, each time that it is begun."""
        head = self.steps[loop.head]
        if loop.head in self._known_rounds:
            return self._known_rounds[loop.head]
        if head.code == "VFilter":
            return self._rows_of_filter(loop.head)
        if head.code == "Yield":
            return self._given(head.first)
        if head.code in _GOES_THROUGH:
            rows = self.rows(head.first, loop.head)
            return rows * self._growth(loop) if head.code == "Rewind" else rows
        return 1.0

    def _growth(self, loop: Region) -> float:
        """Return how many rows a loop comes to for each that it begins with, as it adds to its table."""
        places = range(loop.first, loop.last + 1)
        table = self.steps[loop.head].first
        into = [p for p in places if self.steps[p].code in INSERTS and self.steps[p].first == table]
        if not into:
            return 1.0
        once = Loops(self.steps, self._rows_of_filter, self._rows_of_table, self._depth, {loop.head: 1.0})
        added = sum(map(once.times, into)) / max(1.0, once.times(loop.head))
        return float(sum(added**level for level in range(self._depth + 1)))

    def _given(self, register: int) -> float:
        """Return how many rows a coroutine gives each time that it is begun."""
        body = next((r for r in self._regions if r.kind == "coroutine" and self.steps[r.head].first == register), None)
        if body is None:
            return 1.0
        steps = range(body.first, body.last + 1)
        yields = [p for p in steps if (self.steps[p].code, self.steps[p].first) == ("Yield", register)]
        return sum(map(self.times, yields)) / max(1.0, self.times(body.head))

    def rows(self, cursor: int, before: int) -> float:
        """Return how many rows a table has that is open at a place, each time that it is opened."""
        opening = next((p for p in range(before, -1, -1) if self._opens(p, cursor)), None)
        if opening is None:
            return 1.0
        step = self.steps[opening]
        if step.code == "OpenDup":
            return self.rows(step.second, opening)
        if step.code in {"OpenRead", "OpenWrite"}:
            return self._rows_of_table(step.second, step.third)
        into = [p for p, s in enumerate(self.steps) if s.code in INSERTS and s.first == cursor and p > opening]
        into = [p for p in into if not self._is_recursive(p, cursor)]
        rows = sum(map(self.times, into)) / max(1.0, self.times(opening))
        return min(rows, *(self._kept(place, cursor) for place in into), inf)

    def _is_recursive(self, place: int, cursor: int) -> bool:
        """Tell whether a row is inserted into the table whose rows the loop goes through."""
        around = (r for r in self._regions if r.kind == "loop" and r.first <= place <= r.last)
        return any((s.code, s.first) == ("Rewind", cursor) for s in (self.steps[region.head] for region in around))

    def _opens(self, place: int, cursor: int) -> bool:
        step = self.steps[place]
        return step.first == cursor and step.code.startswith(("Open", "SorterOpen"))

    def _kept(self, place: int, cursor: int) -> float:
        """Return how many rows are kept of those that a LIMIT sorts, by what stands before they are inserted."""
        for before in range(place, max(place - 200, -1), -1):
            step = self.steps[before]
            if step.code == "IfNotZero" and self.steps[before + 1][:2] == ("Last", cursor):
                limit = self.source(step.first, before)
                return float(limit.value) if limit.is_constant and isinstance(limit.value, int) else inf
        return inf

    def source(self, register: int, before: int) -> Source:
        """Return where the value of a register comes from at a place."""
        places = itertools.chain(range(before - 1, -1, -1), range(len(self.steps) - 1, before, -1))
        place = next((p for p in places if register in written_by(self.steps[p])), None)
        if place is None:
            return Source()
        step = self.steps[place]
        if step.code in _NUMBERS:
            return Source(place, True, step.first if step.code == "Integer" else int(step.fourth or 0))
        if step.code in _TEXTS:
            return Source(place, True, step.fourth)
        if step.code == "Null":
            return Source(place, True)
        if step.code in _COPIES:
            found = self.source(step.first + register - step.second, place)
            # A coroutine gives another value each time.
            return Source(place) if self._is_given(found.place, place) else found
        if step.code in {"VColumn", "Column"}:
            return Source(place, column=(step.first, step.second))
        return Source(place)

    def _is_given(self, place: int | None, to: int) -> bool:
        """Tell whether a value is made by a coroutine, and read outside of it."""
        coroutines = [region for region in self._regions if region.kind == "coroutine"]
        return place is not None and any(r.first <= place <= r.last and not r.first <= to <= r.last for r in coroutines)

    def is_table(self, cursor: int, before: int) -> bool:
        """Tell whether a cursor goes through a table that is stored."""
        opening = next((p for p in range(before, -1, -1) if self._opens(p, cursor)), None)
        return opening is not None and self.steps[opening].code in {"OpenRead", "OpenWrite"}

    def listed(self, cursor: int, before: int) -> frozenset[Any] | None:
        """Return the values of a list, as that of IN, None where they are no constants."""
        into = [p for p in range(before) if self.steps[p].code == "IdxInsert" and self.steps[p].first == cursor]
        sources = [self.source(self._inserted(place), place) for place in into]
        return frozenset(each.value for each in sources) if all(each.is_constant for each in sources) else None

    def _inserted(self, place: int) -> int:
        """Return the register of the first value that is inserted."""
        record = next(p for p in range(place, -1, -1) if self.steps[p].code == "MakeRecord")
        return self.steps[record].first
