"""Data-flow analysis of a bytecode program of SQLite: what its registers may hold along every way through it.

A subroutine and a coroutine leave the registers alone that they do not write: each caller goes on with its own.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct, field

from box_dialect.bytecode.instructions import written_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from box_dialect.bytecode.instructions import Step

Origins: TypeAlias = "frozenset[str]"
"""Where a value may come from."""

NOWHERE: Final[Origins] = frozenset()

State: TypeAlias = "dict[int, Any]"
"""What registers hold: the origins of a value, or of the columns of a row."""

BRANCHES: Final = frozenset(
    {"If", "IfNot", "IfNotZero", "IfPos", "IfNullRow", "IfNotOpen", "IfNoHope", "IfEmpty", "IfSizeBetween", "IsNull"}
    | {"NotNull", "IsType", "ElseEq", "Once", "MustBeInt", "DecrJumpZero", "FkIfZero", "Filter", "Program"}
    | {"Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Found", "NotFound", "NoConflict", "NotExists", "SeekRowid"}
    | {"SeekLT", "SeekLE", "SeekGE", "SeekGT", "SeekScan", "IdxLT", "IdxLE", "IdxGE", "IdxGT", "SorterCompare"}
    | {"Rewind", "Last", "Next", "Prev", "Sort", "SorterSort", "SorterNext", "VFilter", "VNext", "RowSetRead"}
    | {"RowSetTest", "Gosub", "Goto", "Init", "InitCoroutine"}
)
"""What may go on at its second operand."""

_STOPS: Final = frozenset({"Goto", "Init", "Halt", "EndCoroutine", "Jump", "Yield", "Gosub"})
"""What does not go on with the next instruction."""

_JOINTS: Final = frozenset({"Yield", "EndCoroutine", "Gosub", "BeginSubrtn", "Return"})
"""Where subroutines and coroutines are entered and left."""


class _Routine(Struct):
    """A subroutine or a coroutine: where it begins and ends, where it is called and left, and what it writes."""

    first: int
    last: int = 0
    calls: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    written: frozenset[int] = frozenset()


class Flow:
    """The data-flow analysis of a program, up to its fixed point; `apply` does to a state what a step does."""

    def __init__(
        self,
        steps: Sequence[Step],
        apply: Callable[[State, int, Step], None],
    ) -> None:
        self._steps, self._apply = steps, apply
        self._before: dict[int, State] = {0: {}}
        self._pending = {0}
        self._has_grown = False

    @cached_property
    def _routines(self) -> Mapping[int, _Routine]:
        return _routines(self._steps)

    def sweep(self, check: Callable[[], None]) -> None:
        """Apply all steps in their order, whatever the ways, until nothing new comes of it.

        A state lasts to where another way comes in, so that no way has more than comes of that.
        """
        joints = {place + 1 for place, step in enumerate(self._steps) if step.code in _JOINTS | _STOPS}
        joints.update(step.second for step in self._steps if step.code in BRANCHES)
        joints.update(target for step in self._steps if step.code in {"Jump", "InitCoroutine"} for target in step[1:4])
        self._has_grown = True
        while self._has_grown:
            check()
            self._has_grown = False
            state: State = {}
            for place, step in enumerate(self._steps):
                if place in joints:
                    state = {}
                self._apply(state, place, step)

    def grow(self) -> None:
        """Have all followed once more: a table that the statement made for itself holds more than was known."""
        self._has_grown = True

    def follow(self, check: Callable[[], None]) -> None:
        """Follow all ways; `check`, which is called now and then, raises where the statement must not go on."""
        while self._pending:
            check()
            place = min(self._pending)  # in the order of the program, where most is known before it is read
            self._pending.remove(place)
            self._follow(place)
            if not self._pending and self._has_grown:
                self._has_grown, self._pending = False, {*self._before}

    def _follow(self, place: int) -> None:
        """Go on from a place to the next one that has several ways to it or from it."""
        state = dict(self._before[place])
        while place < len(self._steps):
            step = self._steps[place]
            self._apply(state, place, step)
            for target, reached in self._targets(place, step, state):
                self._reach(target, reached)
            if step.code in _STOPS or (step.code == "InitCoroutine" and step.second) or self._returns(step):
                return
            place += 1
            if place in self._before or (place < len(self._steps) and self._steps[place].code in _JOINTS):
                self._reach(place, state)
                return

    def _returns(self, step: Step) -> bool:
        """Tell whether a subroutine ends for all that it is entered by, which `_resumed` follows."""
        routine = self._routines.get(step.first)
        is_noted = routine is not None and any(self._steps[call].code == "BeginSubrtn" for call in routine.calls)
        return step.code == "Return" and (is_noted or not step.third)

    def _targets(self, place: int, step: Step, state: State) -> Iterator[tuple[int, State]]:
        """Yield where a program may go on besides the next instruction, and with what."""
        if step.code in BRANCHES and step.second:
            yield step.second, state
        if step.code == "Jump":
            yield from ((target, state) for target in step[1:4])
        if step.code in _JOINTS:
            routine = self._routines.get(step.second if step.code == "BeginSubrtn" else step.first)
            if routine is not None:
                yield from self._resumed(place, step, state, routine)

    def _resumed(self, place: int, step: Step, state: State, routine: _Routine) -> Iterator[tuple[int, State]]:
        """Yield where a routine, or its caller, goes on."""
        if place in routine.calls:
            self._pending.update(end for end in routine.ends if end in self._before)
            if step.code == "Yield":
                yield routine.first, state
                for end in routine.ends:
                    if end in self._before and self._steps[end].code == "Yield":
                        yield end + 1, _joined(self._before[end], state, routine.written)
        elif place in routine.ends:
            for call in routine.calls:
                known, code = self._before.get(call), self._steps[call].code
                # Without a call before it, a subroutine goes on behind its own end.
                target = {"BeginSubrtn": place + 1, "Gosub": call + 1}.get(code, call + 1)
                if step.code == "EndCoroutine":
                    target = self._steps[call].second
                if known is not None and target:
                    yield target, _joined(state, known, routine.written)

    def _reach(self, place: int, state: State) -> None:
        """Have a place followed where it is reached with more than is known of it."""
        known = self._before.get(place)
        if known is None:
            self._before[place] = dict(state)
            self._pending.add(place)
            return
        for register, origins in state.items():
            before = known.get(register, NOWHERE)
            if before != origins and (after := merged(before, origins)) != before:
                known[register] = after
                self._pending.add(place)


def merged(one: Any, other: Any) -> Any:
    """Return what either of two values may come from, or the columns of either of two rows; a row may be unknown."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        rows = [each if isinstance(each, tuple) else () for each in (one, other)]
        return tuple(left | right for left, right in zip_longest(*rows, fillvalue=NOWHERE))
    return one | other


def _joined(inner: State, outer: State, written: frozenset[int]) -> State:
    """Return what registers hold: those that a routine writes as it has them, all others as its caller has them."""
    kept = {register: origins for register, origins in outer.items() if register not in written}
    return kept | {register: origins for register, origins in inner.items() if register in written}


def _routines(steps: Sequence[Step]) -> Mapping[int, _Routine]:
    """Return the subroutines and coroutines of a program by the register that tells where they are left for."""
    found: dict[int, _Routine] = {}
    for place, step in enumerate(steps):
        if step.code == "InitCoroutine" and step.second:
            found[step.first] = _Routine(step.third, step.second)
        elif step.code == "BeginSubrtn":
            found.setdefault(step.second, _Routine(place + 1)).calls.append(place)
        elif step.code == "Gosub":
            found.setdefault(step.first, _Routine(step.second)).calls.append(place)
    for place, step in enumerate(steps):
        routine = found.get(step.first)
        if routine is None or step.code not in {"Return", "Yield", "EndCoroutine"}:
            continue
        if step.code == "Return":
            routine.last = max(routine.last, place + 1)
        is_end = step.code != "Yield" or routine.first <= place < routine.last
        (routine.ends if is_end else routine.calls).append(place)
    for routine in found.values():
        body = steps[routine.first : routine.last]
        routine.written = frozenset(register for step in body for register in written_by(step))
    for routine in found.values():
        inner = [found[s.first].written for s in steps[routine.first : routine.last] if s.code in {"Gosub", "Yield"}]
        routine.written = routine.written.union(*inner)
    return found
