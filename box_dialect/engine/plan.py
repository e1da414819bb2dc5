"""Choose the access path for one table of a statement: pure functions over the catalog.

SQLite checks every comparison again on the rows it gets, so a plan may give too many rows, never too few. The
exceptions are declared: MATCH, and the keys of an `exact` path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import BINARY, AccessPath, Filter, Op, Order, Table
from box_dialect.engine.scope import SCOPE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CALL_COST: Final = 1_000.0
"""What a call costs in SQLite's unit, which is about the visit of a row."""
_LOSS_COST: Final = 1e12
_VALUES_OF_IN: Final = 10.0
_FILTERED: Final = 0.5
_SCOPED: Final = 0.05
_EXACT_OPS: Final = frozenset({Op.EQ, Op.IN})
_WHOLE_OPS: Final = frozenset({Op.EQ})
_TEXT_OPS: Final = frozenset({Op.LIKE, Op.GLOB, Op.MATCH})


@dataclass(frozen=True, slots=True)
class Constraint:
    """A comparison of a column in the statement: `number` is SQLite's for it, `usable` whether its value is known."""

    number: int
    column: str
    op: Op
    usable: bool = True
    collation: str = BINARY


@dataclass(frozen=True, slots=True)
class Request:
    """What SQLite asks of a table: comparisons, order, the numbers of LIMIT and OFFSET, the columns it will read."""

    constraints: tuple[Constraint, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    offset: int | None = None
    columns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Term:
    """A comparison that a plan takes over; `argument` is the place of its value among the scan's arguments."""

    column: str
    op: Op
    argument: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is read: the path, the comparisons it takes over, and the columns that are used.

    `etag` is a comparison that the scan leaves to SQLite, and a write to Box.
    """

    table: Table
    path: AccessPath
    keys: tuple[Term, ...] = ()
    filters: tuple[tuple[Filter, tuple[Term, ...]], ...] = ()
    scope: tuple[Term, ...] = ()
    order: Order | None = None
    descending: bool = False
    limit: int | None = None
    offset: int | None = None
    etag: Term | None = None
    columns: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """The plan as `EXPLAIN QUERY PLAN` shows it."""
        taken = [f"{term.column} {term.op.value} ?" for term in (*self.keys, *self.scope)]
        taken += [f"{term.column} {term.op.value} ?" for _, terms in self.filters for term in terms]
        if self.order is not None:
            taken.append(f"ORDER BY {self.order.column}{' DESC' if self.descending else ''}")
        return f"{self.path.name}: {self.path.operations}" + (f" ({', '.join(taken)})" if taken else "")


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan with what SQLite is told of it: which constraints become arguments, in their order, and the estimates."""

    plan: Plan
    arguments: tuple[int, ...]
    sets: frozenset[int]
    omitted: frozenset[int]
    cost: float
    rows: int
    unique: bool


def choose(table: Table, request: Request) -> Choice | None:
    """Return the cheapest plan, or None where no path can answer with what is usable.

    A path whose key has one row at most goes first.
    """
    choices = [choice for path in table.paths if (choice := _planned(table, path, request)) is not None]
    return min(choices, key=lambda choice: (not choice.plan.path.unique, choice.cost), default=None)


def _planned(table: Table, path: AccessPath, request: Request) -> Choice | None:
    keys = [_key(path, key, request.constraints) for key in path.keys]
    if not all(keys):
        return None
    bound: list[Constraint] = [key for key in keys if key is not None]
    if any(c.op is Op.MATCH and c not in bound for c in request.constraints):
        return None  # SQLite cannot check a MATCH itself
    arguments: list[int] = []

    def take(constraint: Constraint, column: str) -> Term:
        arguments.append(constraint.number)
        return Term(column, constraint.op, len(arguments) - 1)

    key_terms = tuple(take(constraint, key) for constraint, key in zip(bound, path.keys, strict=True))
    if path.exact:  # no comparison of the keys may be left to SQLite
        further = [c for c in _takeable(request.constraints, path.keys[0], _EXACT_OPS) if c not in bound]
        key_terms += tuple(take(c, path.keys[0]) for c in further)
        bound += further
    filters = tuple(
        (narrow, tuple(take(c, narrow.column) for c in found))
        for narrow in path.filters
        if (found := list(_takeable(request.constraints, narrow.column, narrow.ops)))
    )
    scope: list[Term] = []
    if path.walk:
        for column, ops in SCOPE_COLUMNS.items():
            scope += [take(c, column) for c in _takeable(request.constraints, column, ops)]
    one_listing = len(path.endpoints) == 1 and not path.walk and not path.fan_out
    single = one_listing and all(term.op is not Op.IN for term in key_terms)
    order, descending = _order(path, request) if single else (None, False)
    limit = offset = None
    if one_listing and request.limit is not None and not path.endpoints[0].keep and (order or not request.order):
        arguments.append(request.limit)
        limit = len(arguments) - 1
        if request.offset is not None:
            arguments.append(request.offset)
            offset = len(arguments) - 1
    etag = None
    if table.etag is not None and request.limit is None:  # SQLite limits what is taken over, and a write has no limit
        etag = next((take(c, c.column) for c in _takeable(request.constraints, table.etag, _WHOLE_OPS)), None)
    many = _VALUES_OF_IN ** sum(term.op is Op.IN for term in key_terms)
    narrowed = many * _FILTERED ** len(filters) * _SCOPED ** bool(scope)
    columns = tuple(sorted(request.columns))
    plan = Plan(
        table, path, key_terms, filters, tuple(scope), order, descending, limit, offset, etag=etag, columns=columns
    )
    in_numbers = {c.number for c in request.constraints if c.op is Op.IN}
    return Choice(
        plan,
        tuple(arguments),
        sets=frozenset(in_numbers.intersection(arguments)),
        omitted=frozenset(c.number for c in bound if c.op is Op.MATCH or path.exact),
        cost=max(1.0, path.calls * narrowed) * _CALL_COST + path.rows * narrowed + _loss(table, path, request),
        rows=max(1, int(path.rows * narrowed)),
        unique=path.unique and many == 1,
    )


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


def _takeable(constraints: Sequence[Constraint], column: str, ops: frozenset[Op]) -> Iterator[Constraint]:
    for constraint in constraints:
        # Another collation finds rows that Box, or a comparison of paths, would not.
        is_alike = constraint.op in _TEXT_OPS or constraint.collation == BINARY
        if constraint.column == column and constraint.op in ops and constraint.usable and is_alike:
            yield constraint


def _order(path: AccessPath, request: Request) -> tuple[Order | None, bool]:
    """Let Box sort where only the first rows are wanted; for all of them SQLite sorts, and paging stays by marker."""
    if request.limit is None or len(request.order) != 1:
        return None, False
    column, descending = request.order[0]
    return next((order for order in path.orders if order.column == column), None), descending
