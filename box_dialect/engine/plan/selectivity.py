"""Selectivity: which part of a table's rows comparisons and conditions are thought to leave."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import Op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model import Comparison, Word
    from box_dialect.engine.plan.plan import Plan

LEFT_BY: Final = (
    dict.fromkeys(Op, 0.4)
    | {Op.EQ: 0.1, Op.IS: 0.1, Op.IN: 0.2, Op.LIKE: 0.2, Op.GLOB: 0.2}
    | dict.fromkeys((Op.NE, Op.IS_NOT, Op.NOT_IN, Op.NOT_LIKE, Op.HAS_NONE), 0.9)
)
"""Which part of the rows a comparison is thought to leave."""


def narrowed(plan: Plan) -> float:
    """Return which part of the rows is thought to be left by what a plan takes over."""
    condition = plan.condition
    left = {
        term.column: LEFT_BY[term.op] if narrow.leaves is None else narrow.leaves
        for narrow, terms in plan.filters
        for term in terms
    }
    return prod(left.values()) * (1.0 if condition is None else condition.folded(_left_by_one, _left_by_several))


def _left_by_one(comparison: Comparison) -> float:
    return LEFT_BY[comparison.op]


def _left_by_several(word: Word, parts: Sequence[float]) -> float:
    """Return which part of the rows conditions are thought to leave that are joined by a word."""
    return prod(parts) if word == "AND" else 1 - prod(1 - part for part in parts)
