"""Foresee which rows SQLite will drop, so that nothing is read ahead for them.

SQLite has the last word: a row that is dropped here by mistake costs its call later, one that is kept by mistake a call
that nobody needed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw

from box_dialect.catalog.model import Op, Type
from box_dialect.catalog.moments import canonical
from box_dialect.catalog.values import comparable

if TYPE_CHECKING:
    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row

Check: TypeAlias = Callable[[Any], bool]

_COMPARE: Final[Mapping[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
}
_MOST_STEPS: Final = 1 << 16
"""Characters of a text times those of its pattern that are compared here; more of them take long."""

_NUMBERS: Final = frozenset({Type.INTEGER, Type.BOOLEAN})


def checks(plan: Plan, arguments: tuple[Any, ...]) -> Callable[[Row], bool]:
    """Return what tells whether SQLite will keep a row, by the comparisons of a plan with their values."""
    found: list[tuple[int, Check]] = []
    for term in plan.checks:
        number = plan.table.numbers[term.column]
        if (place := plan.places[number]) >= 0 and number not in plan.downloaded:
            kind = plan.table.columns[number].type
            found.append((place, _check(term.op, kind, arguments[term.argument])))
    return lambda row: all(check(row[place]) for place, check in found)


def _check(op: Op, kind: Type, operand: Any) -> Check:
    if op is Op.IS_NULL:
        return lambda value: value is None
    if op is Op.NOT_NULL:
        return lambda value: value is not None
    if op is Op.IN:
        operands = frozenset(_as_stored(kind, each) for each in operand) if isinstance(operand, frozenset) else None
        return lambda value: operands is None or (value is not None and value in operands)
    if op in {Op.LIKE, Op.GLOB}:
        return _pattern(str(operand), is_like=op is Op.LIKE)
    compare = _COMPARE.get(op)
    if compare is None:
        return lambda _: True
    stored = _as_stored(kind, operand)

    def check(value: Any) -> bool:
        if value is None or stored is None:
            return False
        try:
            return compare(value, stored)
        except TypeError:  # SQLite orders values of different types too
            return True

    return check


def _as_stored(kind: Type, operand: Any) -> Any:
    """Return a value as a column of that type compares with it."""
    if kind in _NUMBERS:
        try:
            return float(operand) if isinstance(operand, str) else operand
        except ValueError:
            return operand
    if kind is Type.TIMESTAMP and isinstance(operand, str):
        return canonical(operand) or operand
    return comparable(operand)


def _pattern(text: str, *, is_like: bool) -> Check:
    differ = apsw.strlike if is_like else apsw.strglob

    def check(value: Any) -> bool:
        if value is None:
            return False
        found = str(value)
        try:
            return len(text) * len(found) > _MOST_STEPS or not differ(text, found)
        except ValueError:  # a NUL is in one of them
            return True

    return check
