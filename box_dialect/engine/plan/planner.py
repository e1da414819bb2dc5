"""Query planner: choose the access path for one table of a statement, by cost. Pure functions over the catalog.

SQLite checks every comparison again on the rows it gets, so a plan may give too many rows, never too few. The
exceptions are declared: MATCH, the keys of an `exact` path, and the values of IN that its rows are known by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import EXACT, RANGE, AccessPath, Column, Condition, Filter, Op, Order, Table, Type
from box_dialect.catalog.model.as_user import AS_USER, checked_user, restricted
from box_dialect.catalog.model.freshness import FRESHNESS, INDEXED, checked_freshness
from box_dialect.engine.plan.choice import Choice, estimated
from box_dialect.engine.plan.plan import Constraint, Plan, Request, Term
from box_dialect.engine.plan.tree_scope import SCOPE_COLUMNS, is_open

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

_UNCOLLATED: Final = frozenset({Op.LIKE, Op.GLOB, Op.MATCH, Op.IS_NULL, Op.NOT_NULL, Op.HAS_ANY})
_COMPARING: Final = EXACT | RANGE | {Op.NE}
_OF_NULL: Final = frozenset({Op.IS_NULL, Op.NOT_NULL})


class _Arguments:
    """The constraints whose values a plan is to get, in their order; `others` are those that another one gets."""

    def __init__(self, others: Sequence[int] = ()) -> None:
        self.numbers: list[int] = [*others]
        self.taken: set[int] = set()

    def take(self, number: int) -> int:
        """Return the place of the value among the arguments."""
        self.taken.add(number)
        if number not in self.numbers:
            self.numbers.append(number)
        return self.numbers.index(number)

    def term(self, constraint: Constraint, column: str) -> Term:
        """Take a comparison over."""
        return Term(column, constraint.op, self.take(constraint.number))


def choose(table: Table, request: Request) -> Choice | None:
    """Return the cheapest plan, or None where no path can answer with what is usable.

    A path whose key has one row at most goes first. Raises ProgrammingError for a freshness that there is not, and for
    a user who may not be named so.
    """
    asked, said = _freshness(table, request)
    request = replace(request, constraints=tuple(c for c in request.constraints if c is not asked))
    paths = _paths(table, request)
    live = _cheapest(_planned(table, path, request) for path in paths if not path.indexed)
    if live is None:
        return None
    may_ask_index = request.is_indexed and said in {INDEXED, None}
    found = _cheapest([*_of_index(table, paths, request, live), live]) if may_ask_index else live
    if found is None or asked is None or not asked.usable:
        return found
    return _with_freshness(found, asked, is_known=said is not None)


def _cheapest(choices: Iterable[Choice | None]) -> Choice | None:
    found = (choice for choice in choices if choice is not None)
    return min(found, key=lambda choice: (not choice.plan.path.unique, choice.cost), default=None)


def _freshness(table: Table, request: Request) -> tuple[Constraint | None, str | None]:
    """Return the comparison of the freshness, and the freshness that holds; None where its value is not known yet."""
    found = [c for c in request.constraints if c.column == FRESHNESS.name] if table.has_freshness else []
    if not found or not found[0].usable:
        return (found[0] if found else None), request.freshness
    asked = found[0]
    if len(found) > 1 or asked.op is not Op.EQ:
        checked_freshness(None)
    return asked, None if asked.pattern is None else checked_freshness(asked.pattern)


def _paths(table: Table, request: Request) -> Sequence[AccessPath]:
    """Return the paths of a table, as users where the statement says whom; raises ProgrammingError where it may not."""
    said = [c for c in request.constraints if c.column == AS_USER.name] if table.has_as_user else []
    if not any(c.op in EXACT for c in said):
        if any(c.op not in _OF_NULL for c in said):
            checked_user(None)
        return table.paths
    if request.is_restricted:
        raise restricted()
    return [path.as_user for path in table.paths]


def _of_index(table: Table, paths: Sequence[AccessPath], request: Request, live: Choice) -> Iterator[Choice]:
    """Yield the plans that read Box's index, each with the one that is taken where Box refuses that."""
    for path in paths:
        is_refused = request.refused is not None and any(request.refused(each.asked_as) for each in path.endpoints)
        choice = _planned(table, path, request, live.arguments) if path.indexed and not is_refused else None
        if choice is not None:
            instead = replace(live.plan, columns=choice.plan.columns, listing=None)
            yield replace(
                choice,
                plan=replace(choice.plan, live=instead),
                sets=choice.sets | live.sets,
                omitted=choice.omitted & live.omitted,
            )


def _with_freshness(choice: Choice, asked: Constraint, *, is_known: bool) -> Choice:
    """Return a choice of which SQLite does not compare the freshness; the plan is told it where it is not known yet."""
    told = None if is_known else Term(asked.column, asked.op, len(choice.arguments))
    return replace(
        choice,
        plan=replace(choice.plan, freshness=told),
        arguments=(*choice.arguments, asked.number),
        omitted=choice.omitted | {asked.number},
    )


def has_datetimes_as_texts(table: Table, constraints: Sequence[Constraint]) -> bool:
    """Tell whether a statement may compare timestamps as texts."""
    return any(
        not c.as_column and c.op in _COMPARING and table.columns[table.numbers[c.column]].type is Type.TIMESTAMP
        for c in constraints
    )


def _planned(table: Table, path: AccessPath, request: Request, others: Sequence[int] = ()) -> Choice | None:
    """Return the plan of a path, whose arguments begin with `others`."""
    bound = _bound(path, request.constraints)
    lacking = {table.numbers[name] for name in path.lacks}
    if bound is None or lacking & request.columns or _lacks_input(table, path, request):
        return None
    arguments = _Arguments(others)
    keys = tuple(arguments.term(constraint, column) for constraint, column in bound)
    filters = tuple(_filters(path, request, arguments))
    decided = [c for c in request.constraints if c.column in table.decided and c.op not in _OF_NULL]
    if len(decided) > 1 or not arguments.taken.issuperset(c.number for c in decided):
        return None
    scope = tuple(_scope(table, path, request, arguments))
    kinds = tuple(_kinds(path, request, arguments))
    condition, given = _condition(path, request, arguments)
    left = [c for c in request.constraints if c.number not in arguments.taken and c.usable and _is_plain(c)]
    is_one_listing = len(path.endpoints) == 1 and not (path.walk or path.fan_out or path.also)
    order, descending = None, False
    if is_one_listing and all(term.op is not Op.IN for term in keys):
        order, descending = _order(path, request)
    limit = offset = None
    is_sure = not (left or decided) and request.asked is None
    may_limit = is_one_listing and not path.unique and is_sure and (order or not path.endpoints[0].keep)
    if may_limit and request.limit is not None and (order or not request.order):
        limit = arguments.take(request.limit)
        offset = None if request.offset is None else arguments.take(request.offset)
    taken = len(arguments.numbers)
    etag = _etag(table, request, arguments)
    told = tuple(_told(request, arguments))
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
        condition,
        given,
        told=told,
    )
    return estimated(plan, request, arguments.numbers, [c for c, _ in bound], left)


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
        further = _takeable(constraints, path.keys[0], EXACT)
        bound += [(c, path.keys[0]) for c in further if c.number not in taken]
    return bound


def _lacks_input(table: Table, path: AccessPath, request: Request) -> bool:
    """Tell whether the statement compares an input that the path does not bind, so that no row of it has the value."""
    compared = {c.column for c in request.constraints if c.op in EXACT}.difference(path.keys, request.told)
    return any(_is_input(table.columns[table.numbers[name]]) for name in compared)


def _is_input(column: Column) -> bool:
    return column.hidden and column.derived is NOTHING


def inputs(table: Table) -> frozenset[str]:
    """Return the columns that only Box can compare, since they say how it is asked."""
    as_user = {AS_USER.name} if table.has_as_user else set[str]()
    return table.decided.union(as_user, (column.name for column in table.columns if _is_input(column)))


def _filters(path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[tuple[Filter, tuple[Term, ...]]]:
    for narrow in path.filters:
        found = tuple(_takeable(request.constraints, narrow.column, narrow.ops))
        if found:
            yield narrow, tuple(arguments.term(constraint, narrow.column) for constraint in found)


def _scope(table: Table, path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[Term]:
    for column, ops in SCOPE_COLUMNS.items() if path.walk else ():
        if column not in table.numbers or not table.columns[table.numbers[column]].tells_folder:
            continue
        for constraint in _takeable(request.constraints, column, ops):
            if not is_open(constraint.op, constraint.pattern):
                yield arguments.term(constraint, column)


def _kinds(path: AccessPath, request: Request, arguments: _Arguments) -> Iterator[Term]:
    """Take over comparisons that tell of some endpoints, or of all, that they have no rows."""
    columns = {column for endpoint in path.endpoints for column in endpoint.given}
    for column in sorted(columns.difference(path.keys)):
        for constraint in _takeable(request.constraints, column, EXACT):
            yield arguments.term(constraint, column)


def _condition(path: AccessPath, request: Request, arguments: _Arguments) -> tuple[Condition | None, int | None]:
    """Take over what the path takes of the condition, with the place of its further values.

    One that says of the order alone is taken too, so that SQLite need not look at it for each row.
    """
    asked = request.asked
    if path.predicate is None or asked is None:
        return None, None
    condition = asked.condition.taken(path.predicate.takes)
    if condition is not None or not asked.condition.steps:
        arguments.take(asked.number)
    if condition is None:
        return None, None
    return condition, None if asked.values is None else arguments.take(asked.values)


def _etag(table: Table, request: Request, arguments: _Arguments) -> Term | None:
    """Return the comparison of the version, which a write sends; SQLite limits what is taken over, not a write."""
    if table.version is None or request.limit is not None:
        return None
    found = next(_takeable(request.constraints, table.version, frozenset({Op.EQ})), None)
    if found is None:
        return None
    if found.number not in arguments.numbers:
        return arguments.term(found, found.column)
    return Term(found.column, found.op, arguments.numbers.index(found.number))


def _told(request: Request, arguments: _Arguments) -> Iterator[Term]:
    """Yield the comparisons that tell a DELETE how rows are removed, and no row has."""
    for column in sorted(request.told):
        for constraint in _takeable(request.constraints, column, frozenset({Op.EQ})):
            yield arguments.term(constraint, column)


def _columns(
    table: Table, path: AccessPath, request: Request, kinds: Sequence[Term]
) -> tuple[tuple[int, ...], Plan | None]:
    """Return the columns to read, and the plan of a listing that tells of many keys where these take more calls."""
    columns, parents = tuple(sorted(request.columns)), _parents(table, path)
    whole = next((p for p in table.paths if not (p.keys or p.walk or p.indexed)), None)
    if whole is None or not path.own_keys:
        return columns, None
    if whole.fan_out is not None and path.own_keys == (whole.fan_out.key,):
        return columns, parents if len(path.endpoints) > 1 and not kinds else None
    is_listed = _is_listed(table, path, whole) if parents is None else not path.unique
    if whole.walks or not is_listed:
        return columns, None
    # The keys are read too, so that rows of the listing can be told apart.
    columns = tuple(sorted(request.columns.union(table.numbers[key] for key in path.keys)))
    whole, keys = _as_same_user(whole, path)
    return columns, Plan(table, whole, keys, columns=columns, listing=parents)


def _is_listed(table: Table, path: AccessPath, whole: AccessPath) -> bool:
    """Tell whether a listing of the table has the rows of keys; those of a part of the key where it leaves none out."""
    return path.unique or (path.own_keys == table.keys[:1] and not whole.partial)


def _parents(table: Table, path: AccessPath) -> Plan | None:
    """Return the plan that lists the parents of a table's rows for a path, None where it is not listed by any."""
    parents = table.parents
    if parents is None:
        return None
    listing, keys = _as_same_user(parents.paths[0], path)
    return Plan(parents, listing, keys, columns=tuple(range(len(parents.columns))))


def _as_same_user(listing: AccessPath, path: AccessPath) -> tuple[AccessPath, tuple[Term, ...]]:
    """Return a listing, with its keys, for a path: as the same user where that is taken as one."""
    return (listing.as_user, (Term(AS_USER.name, Op.EQ, 0),)) if path.is_as_user else (listing, ())


def _key(path: AccessPath, key: str, constraints: Sequence[Constraint]) -> Constraint | None:
    """Return the comparison that binds a key: `=` rather than IN, and MATCH where it is the search."""
    if key == path.keys[0]:
        for constraint in constraints:
            if constraint.op is Op.MATCH and constraint.usable and constraint.column in path.match:
                return constraint
    candidates = _takeable(constraints, key, EXACT)
    return min(candidates, key=lambda c: c.op is Op.IN, default=None)


def _takeable(constraints: Sequence[Constraint], column: str, ops: Container[Op]) -> Iterator[Constraint]:
    for constraint in constraints:
        if constraint.column == column and constraint.op in ops and constraint.usable and _is_plain(constraint):
            yield constraint


def _is_plain(constraint: Constraint) -> bool:
    """Tell whether texts are compared as they are; another collation finds rows that Box, or Python, would not."""
    return constraint.op in _UNCOLLATED or constraint.as_column


def _order(path: AccessPath, request: Request) -> tuple[Order | None, bool]:
    """Let Box sort where only the first rows are wanted; for all of them SQLite sorts, and paging stays by marker."""
    is_limited = request.limit is not None or (request.asked is not None and request.asked.condition.is_limited)
    if not is_limited or len(request.order) != 1:
        return None, False
    column, descending = request.order[0]
    order = next((order for order in path.orders if order.column == column), None)
    if order is not None and order.nulls_last and not descending and not _leaves_null_out(column, request):
        return None, descending
    return order, descending


def _leaves_null_out(column: str, request: Request) -> bool:
    """Tell whether no row of the result has NULL in a column."""
    is_left_out = request.asked is not None and request.asked.condition.leaves_null_out(column)
    return is_left_out or any(c.column == column and c.op is not Op.IS_NULL for c in request.constraints)
