"""Query planner: choose the access path for one table of a statement, by cost. Pure functions over the catalog.

SQLite checks every comparison again on the rows it gets, so a plan may give too many rows, never too few. The
exceptions are declared: MATCH, the keys of an `exact` path, and the values of IN that its rows are known by.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.catalog.model import RANGE, AccessPath, Filter, Op, Order, Table, Type
from box_dialect.engine.plan.plan import Constraint, Plan, Request, Term
from box_dialect.engine.plan.tree_scope import SCOPE_COLUMNS, is_open

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

_CALL_COST: Final = 1_000.0
"""What a call costs in SQLite's unit, which is about the visit of a row."""
_LOSS_COST: Final = 1e12
_VALUES_OF_IN: Final = 10.0
_LEAST_SCOPE: Final = 0.003
_LOOKUPS: Final = 50.0
"""Lookups of a join that share the calls of one listing, at a guess."""
_LEFT_BY: Final = dict.fromkeys(Op, 0.4) | {Op.EQ: 0.1, Op.IN: 0.2, Op.LIKE: 0.2, Op.GLOB: 0.2, Op.NE: 0.9}
"""Which part of the rows a comparison is thought to leave."""
_EXACT_OPS: Final = frozenset({Op.EQ, Op.IN})
_TEXT_OPS: Final = frozenset({Op.LIKE, Op.GLOB, Op.MATCH})
_COMPARING: Final = _EXACT_OPS | RANGE | {Op.NE}


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


class _Arguments:
    """The constraints whose values a plan is to get, in their order."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def take(self, number: int) -> int:
        """Return the place of the value among the arguments."""
        self.numbers.append(number)
        return len(self.numbers) - 1

    def term(self, constraint: Constraint, column: str) -> Term:
        """Take a comparison over."""
        return Term(column, constraint.op, self.take(constraint.number))


def choose(table: Table, request: Request) -> Choice | None:
    """Return the cheapest plan, or None where no path can answer with what is usable.

    A path whose key has one row at most goes first.
    """
    choices = [choice for path in table.paths if (choice := _planned(table, path, request)) is not None]
    return min(choices, key=lambda choice: (not choice.plan.path.unique, choice.cost), default=None)


def has_datetimes_as_texts(table: Table, constraints: Sequence[Constraint]) -> bool:
    """Tell whether a statement may compare timestamps as texts."""
    return any(
        not c.as_column and c.op in _COMPARING and table.columns[table.numbers[c.column]].type is Type.TIMESTAMP
        for c in constraints
    )


def _planned(table: Table, path: AccessPath, request: Request) -> Choice | None:
    bound = _bound(path, request.constraints)
    if bound is None:
        return None
    arguments = _Arguments()
    keys = tuple(arguments.term(constraint, column) for constraint, column in bound)
    filters = tuple(_filters(path, request, arguments))
    scope = tuple(_scope(path, request, arguments))
    kinds = tuple(_kinds(path, request, arguments))
    left = [c for c in request.constraints if c.number not in arguments.numbers and c.usable and _is_plain(c)]
    is_one_listing = len(path.endpoints) == 1 and not path.walk and not path.fan_out
    order, descending = None, False
    if is_one_listing and all(term.op is not Op.IN for term in keys):
        order, descending = _order(path, request)
    limit = offset = None
    may_limit = is_one_listing and not path.unique and not left and (order or not path.endpoints[0].keep)
    if may_limit and request.limit is not None and (order or not request.order):
        limit = arguments.take(request.limit)
        offset = None if request.offset is None else arguments.take(request.offset)
    taken = len(arguments.numbers)
    etag = _etag(table, request, arguments)
    columns, listing = _columns(table, path, request, kinds)
    plan = Plan(
        table,
        path,
        keys,
        filters,
        scope,
        kinds,
        order,
        descending,
        limit,
        offset,
        columns,
        listing,
        taken,
        etag,
    )
    return _estimated(plan, request, arguments.numbers, [c for c, _ in bound], left)


def _bound(path: AccessPath, constraints: Sequence[Constraint]) -> list[tuple[Constraint, str]] | None:
    """Return the comparisons that bind the keys, each with its key; None where one is not bound."""
    bound: list[tuple[Constraint, str]] = []
    for column in path.keys:
        constraint = _key(path, column, constraints)
        if constraint is None:
            return None
        bound.append((constraint, column))
    taken = {constraint.number for constraint, _ in bound}
    if any(c.op is Op.MATCH and c.number not in taken for c in constraints):
        return None  # SQLite cannot check a MATCH itself
    if path.exact:  # no comparison of the keys may be left to SQLite
        further = _takeable(constraints, path.keys[0], _EXACT_OPS)
        bound += [(c, path.keys[0]) for c in further if c.number not in taken]
    return bound


def _filters(path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[tuple[Filter, tuple[Term, ...]]]:
    for narrow in path.filters:
        found = tuple(_takeable(request.constraints, narrow.column, narrow.ops))
        if found:
            yield narrow, tuple(arguments.term(constraint, narrow.column) for constraint in found)


def _scope(path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[Term]:
    for column, ops in SCOPE_COLUMNS.items() if path.walk else ():
        for constraint in _takeable(request.constraints, column, ops):
            if not is_open(constraint.op, constraint.pattern):
                yield arguments.term(constraint, column)


def _kinds(path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[Term]:
    """Take over comparisons that only some of several endpoints have rows for."""
    columns = {column for endpoint in path.endpoints for column in endpoint.given} if len(path.endpoints) > 1 else set()
    for column in sorted(columns):
        for constraint in _takeable(request.constraints, column, _EXACT_OPS):
            yield arguments.term(constraint, column)


def _etag(table: Table, request: Request, arguments: _Arguments) -> Term | None:
    """Return the comparison of the `etag`, whose value a write sends; SQLite limits what is taken over, not a write."""
    if table.etag is None or request.limit is not None:
        return None
    found = next(_takeable(request.constraints, table.etag, frozenset({Op.EQ})), None)
    if found is None:
        return None
    if found.number not in arguments.numbers:
        return arguments.term(found, found.column)
    return Term(found.column, found.op, arguments.numbers.index(found.number))


def _columns(
    table: Table, path: AccessPath, request: Request, kinds: Sequence[Term]
) -> tuple[tuple[int, ...], Plan | None]:
    """Return the columns to read, and the plan of a listing that tells of many keys where these take more calls."""
    columns, parents = tuple(sorted(request.columns)), _parents(table)
    whole = next((p for p in table.paths if not p.keys and not p.walk), None)
    if whole is None or not path.keys:
        return columns, None
    if whole.fan_out is not None and path.keys == (whole.fan_out.key,):
        return columns, parents if len(path.endpoints) > 1 and not kinds else None
    if path.unique == (parents is not None) or whole.walks:
        return columns, None
    # The key is read too, so that rows of the listing can be told apart.
    columns = tuple(sorted(request.columns | {table.numbers[path.keys[0]]}))
    return columns, Plan(table, whole, columns=columns, listing=parents)


def _parents(table: Table) -> Plan | None:
    """Return the plan that lists the parents of a table's rows, None where it is not listed by any."""
    parents = table.parents
    return None if parents is None else Plan(parents, parents.paths[0], columns=tuple(range(len(parents.columns))))


def _estimated(
    plan: Plan, request: Request, numbers: Sequence[int], bound: Sequence[Constraint], left: Sequence[Constraint]
) -> Choice:
    path = plan.path
    many = _VALUES_OF_IN ** sum(term.op is Op.IN for term in plan.keys)
    narrowed = many * prod({term.column: _LEFT_BY[term.op] for _, terms in plan.filters for term in terms}.values())
    narrowed *= max(_LEAST_SCOPE, prod(SCOPE_COLUMNS[term.column][term.op] for term in plan.scope))
    narrowed /= len(path.endpoints) if plan.kinds else 1
    calls = path.calls * narrowed * _asked(plan)
    if plan.listing is not None:
        calls *= min(1.0, plan.listing.path.calls / _LOOKUPS)
    share = prod({c.column: _LEFT_BY[c.op] for c in left}.values())
    rows = path.rows * narrowed * share
    return Choice(
        plan,
        tuple(numbers),
        sets=frozenset({c.number for c in request.constraints if c.op is Op.IN}.intersection(numbers)),
        omitted=frozenset(c.number for c in bound if c.op is Op.MATCH or path.exact or _is_known(path, c)),
        cost=calls * _CALL_COST + path.rows * narrowed + _loss(plan.table, path, request),
        rows=max(1, int(rows)),
        unique=path.unique and many == 1,
        left=share,
    )


def _asked(plan: Plan) -> float:
    """Return the part of the keys that takes calls: a parent that is seen to have no rows takes none.

    One whose type is not told is asked for as one of another type, too.
    """
    fan_outs = (path.fan_out for path in plan.table.paths if path.fan_out is not None)
    shares = (each.share for each in fan_outs if plan.path.keys == (each.key,))
    return next(shares, 1.0) if plan.kinds or len(plan.path.endpoints) == 1 else 1.0


def _is_known(path: AccessPath, bound: Constraint) -> bool:
    """Tell whether the rows have one of the values of IN that they were asked for by, which need not be compared then.

    SQLite gives these as the column compares with them, but those of `=` as they are, a number for what may be a text.
    """
    return bound.op is Op.IN and all(bound.column in endpoint.known for endpoint in path.endpoints)


def _loss(table: Table, path: AccessPath, request: Request) -> float:
    """Return what a path costs more that leaves out rows which the statement asks for by their key."""
    keys = {key for each in table.paths if each.unique for key in each.keys}
    is_keyed = any(c.column in keys and c.op in _EXACT_OPS for c in request.constraints)
    return _LOSS_COST if path.partial and is_keyed else 0.0


def _key(path: AccessPath, key: str, constraints: Sequence[Constraint]) -> Constraint | None:
    """Return the comparison that binds a key: `=` rather than IN, and MATCH where it is the search."""
    if key == path.keys[0]:
        for constraint in constraints:
            if constraint.op is Op.MATCH and constraint.usable and constraint.column in path.match:
                return constraint
    candidates = _takeable(constraints, key, _EXACT_OPS)
    return min(candidates, key=lambda c: c.op is Op.IN, default=None)


def _takeable(constraints: Sequence[Constraint], column: str, ops: Container[Op]) -> Iterator[Constraint]:
    for constraint in constraints:
        if constraint.column == column and constraint.op in ops and constraint.usable and _is_plain(constraint):
            yield constraint


def _is_plain(constraint: Constraint) -> bool:
    """Tell whether texts are compared as they are; another collation finds rows that Box, or Python, would not."""
    return constraint.op in _TEXT_OPS or constraint.as_column


def _order(path: AccessPath, request: Request) -> tuple[Order | None, bool]:
    """Let Box sort where only the first rows are wanted; for all of them SQLite sorts, and paging stays by marker."""
    if request.limit is None or len(request.order) != 1:
        return None, False
    column, descending = request.order[0]
    return next((order for order in path.orders if order.column == column), None), descending
