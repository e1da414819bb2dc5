"""A plan as SQLite is told of it: its arguments, and estimates of what it costs and gives."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.catalog.model import EXACT, Op
from box_dialect.engine.plan.selectivity import LEFT_BY, narrowed
from box_dialect.engine.plan.tree_scope import SCOPE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model import AccessPath, Table
    from box_dialect.engine.plan.plan import Constraint, Plan, Request

_CALL_COST: Final = 1_000.0
"""What a call costs in SQLite's unit, which is about the visit of a row."""
_LOSS_COST: Final = 1e12
_VALUES_OF_IN: Final = 10.0
_LEAST_SCOPE: Final = 0.003
_LOOKUPS: Final = 50.0
"""Lookups of a join that share the calls of one listing, at a guess."""


class Choice(Struct, frozen=True):
    """A plan with what SQLite is told of it: which constraints become arguments, in their order, and the estimates.

    `left` is the part of the rows that is thought to fulfil the comparisons which the plan does not take over.
    """

    plan: Plan
    arguments: tuple[int, ...]
    sets: frozenset[int]
    omitted: frozenset[int]
    cost: float
    rows: int
    unique: bool
    left: float


def part_in_scope(plan: Plan) -> float:
    """Return the part of all folders that a walk is thought to list, by its comparisons of paths and depths."""
    return max(_LEAST_SCOPE, prod(SCOPE_COLUMNS[term.column][term.op] for term in plan.scope))


def estimated(
    plan: Plan, request: Request, numbers: Sequence[int], bound: Sequence[Constraint], left: Sequence[Constraint]
) -> Choice:
    """Return what SQLite is told of a plan: `bound` are the comparisons of its keys, `left` those that it leaves."""
    path = plan.path
    many = _VALUES_OF_IN ** sum(term.op is Op.IN for term in plan.keys)
    part = many * narrowed(plan)
    part *= part_in_scope(plan)
    part /= len(path.endpoints) if plan.kinds else 1
    calls = path.calls * part * _asked(plan)
    if plan.listing is not None:
        calls *= min(1.0, plan.listing.path.calls / _LOOKUPS)
    share = prod({c.column: LEFT_BY[c.op] for c in left}.values())
    rows = path.rows * part * share
    return Choice(
        plan,
        tuple(numbers),
        sets=frozenset({c.number for c in request.constraints if c.op is Op.IN}.intersection(numbers)),
        omitted=_omitted(plan, request, bound).intersection(numbers) | {numbers[term.argument] for term in plan.told},
        cost=calls * _CALL_COST + path.rows * part + _loss(plan.table, path, request),
        rows=max(1, int(rows)),
        unique=path.unique and many == 1,
        left=share,
    )


def _asked(plan: Plan) -> float:
    """Return the part of the keys that takes calls: a parent that is seen to have no rows takes none.

    One whose type is not told is asked for as one of another type, too.
    """
    fan_outs = (path.fan_out for path in plan.table.paths if path.fan_out is not None)
    shares = (each.share for each in fan_outs if plan.path.own_keys == (each.key,))
    return next(shares, 1.0) if plan.kinds or len(plan.path.endpoints) == 1 else 1.0


def _omitted(plan: Plan, request: Request, bound: Sequence[Constraint]) -> frozenset[int]:
    """Return what SQLite need not compare again: what the rows are known by, and what holds for any row."""
    path = plan.path
    known = frozenset(c.number for c in bound if c.op is Op.MATCH or path.exact or _is_known(path, c))
    known |= {c.number for c in request.constraints if c.column in plan.table.decided}
    return known if request.asked is None else known | request.asked.numbers


def _is_known(path: AccessPath, bound: Constraint) -> bool:
    """Tell whether the rows have one of the values of IN that they were asked for by, which need not be compared then.

    SQLite gives these as the column compares with them, but those of `=` as they are, a number for what may be a text.
    """
    return bound.op is Op.IN and all(bound.column in endpoint.known for endpoint in path.endpoints)


def _loss(table: Table, path: AccessPath, request: Request) -> float:
    """Return what a path costs more that leaves out rows which the statement asks for by their key."""
    keys = {key for each in table.paths if each.unique for key in each.keys}
    is_keyed = any(c.column in keys and c.op in EXACT for c in request.constraints)
    return _LOSS_COST if path.partial and is_keyed else 0.0
