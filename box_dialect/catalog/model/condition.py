"""Conditions: what a WHERE says of the rows of one table, with AND, OR and NOT, for a path that takes it whole.

SQLite tells a virtual table of comparisons that all hold; a condition is read in the statement. It holds for all rows
that the statement keeps, and perhaps for more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from msgspec import Struct

from box_dialect.catalog.model.op import Op

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")

Word: TypeAlias = Literal["AND", "OR"]

_SEVERAL: Final = (1, sys.maxsize)
_COUNTS: Final = {
    **dict.fromkeys((Op.IS_NULL, Op.NOT_NULL), (0, 0)),
    **dict.fromkeys((Op.IN, Op.NOT_IN, Op.HAS_ANY, Op.HAS_NONE), _SEVERAL),
    **dict.fromkeys((Op.LIKE, Op.NOT_LIKE), (1, 2)),
}
"""How many values comparisons have, at least and at most, where that is not one; ESCAPE is the second of LIKE."""


class Comparison(Struct, frozen=True, array_like=True, tag="comparison"):
    """A comparison of a column, which is `table.column` where it is one of a row that the item is in another table.

    `values` are numbers of the condition's values.
    """

    column: str
    op: Op
    values: tuple[int, ...] = ()

    @property
    def has_operands(self) -> bool:
        """Whether it has the values that its operator takes."""
        least, most = _COUNTS.get(self.op, (1, 1))
        return least <= len(self.values) <= most and min(self.values, default=0) >= 0

    @property
    def words(self) -> str:
        """The comparison as `EXPLAIN QUERY PLAN` shows it."""
        return f"{self.column} {self.op.value}{' ?' * bool(self.values)}"


class Joined(Struct, frozen=True, array_like=True, tag="joined"):
    """So many conditions before, joined by a word."""

    word: Word
    count: int


Steps: TypeAlias = tuple[Comparison | Joined, ...]
"""A condition in postfix order, where no depth is too deep."""

Sent: TypeAlias = T | bool
"""A condition as it is sent; True where any row may fulfil it, so that nothing is, and False where none can."""


class Condition(Struct, frozen=True):
    """A condition on the rows of a table.

    `constants` are the first of its values; the others come when the statement runs. `is_limited` tells that only the
    first rows of the statement's order are wanted; it may be all that is said, without steps.
    """

    steps: Steps
    constants: tuple[str | int | float | None, ...] = ()
    is_limited: bool = False

    def folded(self, compared: Callable[[Comparison], T], joined: Callable[[Word, list[T]], T]) -> T:
        """Return what the comparisons come to, joined from the innermost on; without any, AND of none."""
        found: list[T] = []
        for step in self.steps:
            if isinstance(step, Comparison):
                found.append(compared(step))
            else:
                parts = found[-step.count :]
                del found[-step.count :]
                found.append(joined(step.word, parts))
        return found[0] if found else joined("AND", [])

    def taken(self, takes: Mapping[str, frozenset[Op]]) -> Condition | None:
        """Return what is left of it where only some comparisons of columns are taken; None where nothing is."""

        def compared(comparison: Comparison) -> Sent[Steps]:
            return (comparison,) if comparison.op in takes.get(comparison.column, ()) else True

        steps = self.folded(compared, join_steps)
        return None if isinstance(steps, bool) else Condition(steps, self.constants, self.is_limited)

    @property
    def is_whole(self) -> bool:
        """Whether its steps make one condition, or it says without any that the rows are limited."""
        count = 0
        for step in self.steps:
            if not step.has_operands if isinstance(step, Comparison) else not 0 < step.count <= count:
                return False
            count += 1 - step.count if isinstance(step, Joined) else 1
        return count == 1 or (self.is_limited and not self.steps)

    @property
    def needed(self) -> int:
        """How many values there have to be for each of its numbers to have one."""
        return 1 + max((n for step in self.steps if isinstance(step, Comparison) for n in step.values), default=-1)

    @property
    def has_parameters(self) -> bool:
        """Whether some of its values come when the statement runs."""
        return self.needed > len(self.constants)

    @property
    def words(self) -> str:
        """The condition as `EXPLAIN QUERY PLAN` shows it."""
        words = self.folded(lambda comparison: comparison.words, lambda word, parts: f"({f' {word} '.join(parts)})")
        return words if isinstance(self.steps[-1], Comparison) else words[1:-1]

    def leaves_null_out(self, column: str) -> bool:
        """Tell whether it holds for no row that has NULL in a column."""
        return self.folded(
            lambda comparison: comparison.column == column and comparison.op not in HOLD_FOR_NULL,
            lambda word, parts: (any if word == "AND" else all)(parts),
        )


HOLD_FOR_NULL: Final = frozenset({Op.IS_NULL, Op.IS, Op.IS_NOT, Op.HAS_NONE})
"""The comparisons that may hold for NULL."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """Declare that the endpoint takes conditions, with AND and OR, on some columns.

    `takes` are the comparisons of each column, of its own or as `table.column` of the row that an item is in another
    table, which the first column of the key refers to. `render` turns a condition and its values into what is sent:
    what selects the same rows or more.
    """

    takes: Mapping[str, frozenset[Op]]
    render: Callable[[Condition, Sequence[Any]], Mapping[str, Any]]


def decided(word: Word, parts: Iterable[Sent[T]]) -> bool | list[T]:
    """Return those of some conditions that decide when they are joined, or the outcome where that is certain."""
    decisive, found = word == "OR", list[T]()
    for part in parts:
        if part is decisive:
            return decisive
        if not isinstance(part, bool):
            found.append(part)
    return found or not decisive


def join_steps(word: Word, parts: Iterable[Sent[Steps]]) -> Sent[Steps]:
    """Return conditions joined by a word."""
    found = decided(word, parts)
    if isinstance(found, bool):
        return found
    if len(found) == 1:
        return found[0]
    steps, count = list[Comparison | Joined](), 0
    for part in found:
        last = part[-1]
        is_alike = isinstance(last, Joined) and last.word == word
        steps += part[:-1] if is_alike else part
        count += last.count if is_alike and isinstance(last, Joined) else 1
    return (*steps, Joined(word, count))
