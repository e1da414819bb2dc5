"""Projection: which columns of one table a bytecode program of SQLite passes on to its result rows.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from box_dialect.bytecode.flow import BRANCHES
from box_dialect.bytecode.instructions import Step, collations_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ONCE: Final = ("VOpen", "VFilter", "VNext", "ResultRow")
_ONCE_SORTED: Final = ("SorterOpen", "SorterInsert", "OpenPseudo", "SorterData")
"""What is once in the program of a statement that shows rows of one table, and in that of one that sorts them."""


class Shown(NamedTuple):
    """What a program shows of the rows of a table: the columns, and those of them that nothing but the result reads.

    `words` are those of the plan, `is_sorted` tells whether the rows come by a sorter. `compared` are the columns that
    have to be equal to something for a row to be shown, None where anything else happens to it.
    """

    words: str | None
    is_sorted: bool
    columns: Sequence[int]
    unread: frozenset[int]
    compared: frozenset[int] | None


def nulled(step: Step, columns: frozenset[int]) -> Step:
    """Return what a program has in the place of an instruction where it takes NULL for columns."""
    is_hidden = step.code == "VColumn" and step.second in columns
    return Step("Null", 0, step.third, 0, None, 0) if is_hidden else step


def shown_by(steps: Sequence[Step]) -> Shown | None:
    """Return what a program shows of the rows of one table, None where it shows anything else.

    That is what the instructions just before read, also where it comes by a sorter. An outer join shows NULL for all
    columns of a row that is not there.
    """
    codes = [step.code for step in steps]
    if any(codes.count(code) != 1 for code in _ONCE):
        return None
    end, result = codes.index("VNext"), codes.index("ResultRow")
    place, fields, keys = result, None, 0  # of a sorter: what its records have, and how many it sorts by
    if result > end:
        if any(codes.count(code) != 1 for code in _ONCE_SORTED):
            return None
        place = codes.index("SorterInsert") - 1  # behind the record of a row
        fields = _read_before(steps, result, "Column")
        keys = len(collations_of(steps[codes.index("SorterOpen")].fourth))
        if codes[place] != "MakeRecord" or codes[result - len(fields) - 1] != "SorterData":
            return None
    first, read = steps[place].first, _read_before(steps, place, "VColumn")
    begin = place - len(read)
    if ("NullRow", steps[end].first) in {step[:2] for step in steps} or "Jump" in codes:
        return None
    if any(step.code in BRANCHES and begin < step.second <= place for step in steps):
        return None
    registers = [steps[result].first + number for number in range(steps[result].second)]
    if fields is not None:
        registers = [first + fields.get(register, -1 - first) for register in registers]
    if not read.keys() >= {*registers}:
        return None
    free = {*registers}.difference(range(first, first + keys))
    needed = {step.second for step in (*steps[:begin], *steps[place:]) if step.code == "VColumn"}
    needed.update(column for register, column in read.items() if register not in free)
    return Shown(
        steps[codes.index("VFilter")].fourth,
        fields is not None,
        [read[register] for register in registers],
        frozenset(read.values()) - needed,
        _compared(steps[steps[end].second : begin], end) if result == end - 1 else None,
    )


def _read_before(steps: Sequence[Step], place: int, code: str) -> Mapping[int, int]:
    """Return the columns that the instructions just before a place read, by the registers that they are read into."""
    run = [*takewhile(lambda step: step.code == code, reversed(steps[:place]))]
    return {step.third: step.second for step in reversed(run)}


def _compared(steps: Sequence[Step], end: int) -> frozenset[int] | None:
    """Return the columns of which each has to be equal to something, or the program goes on at `end`."""
    pairs = [*zip(steps[::2], steps[1::2], strict=False)]
    if len(steps) % 2 or not all(
        (read.code, compare.code, compare.second) == ("VColumn", "Ne", end)
        and read.third in {compare.first, compare.third}
        for read, compare in pairs
    ):
        return None
    return frozenset(read.second for read, _ in pairs)
