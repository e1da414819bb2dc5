"""Plan: the access path by which a table is read, and what it takes over of what SQLite asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from box_dialect.catalog.model import AccessPath, Condition, Filter, Op, Order, Table
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.freshness import LIVE, checked_freshness
from box_dialect.catalog.values import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from box_dialect.catalog.model import Endpoint, Having, Shown


class Constraint(Struct, frozen=True):
    """A comparison of a column in the statement: `number` is SQLite's for it, `usable` whether its value is known.

    `as_column` tells that texts are compared as the column compares them, and not by another collation. `pattern` is
    that of LIKE and GLOB, and the value of a freshness, where the statement tells it.
    """

    number: int
    column: str
    op: Op
    usable: bool = True
    as_column: bool = True
    pattern: Any = None


class Asked(Struct, frozen=True):
    """A condition that was read in the statement: SQLite's numbers for it, and for its further values.

    SQLite need not look at those, which hold for any row.
    """

    condition: Condition
    number: int
    values: int | None = None

    @property
    def numbers(self) -> frozenset[int]:
        """SQLite's numbers for all of it."""
        return frozenset({self.number} if self.values is None else {self.number, self.values})


class Request(Struct, frozen=True):
    """What SQLite asks of a table: comparisons, order, the numbers of LIMIT and OFFSET, the columns it will read.

    `asked` is the condition that was read in the statement, beside the comparisons that SQLite tells of. `freshness` is
    that of the connection, `refused` tells of operations, by what they are asked as, that Box refused, and `is_indexed`
    that Box's index has all columns that are read. `is_restricted` tells that no user may be named to read as. `told`
    are the columns by which a DELETE tells how rows are removed.
    """

    constraints: tuple[Constraint, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    offset: int | None = None
    columns: frozenset[int] = frozenset()
    asked: Asked | None = None
    freshness: str = LIVE
    refused: Callable[[str], bool] | None = None
    is_indexed: bool = True
    is_restricted: bool = False
    told: frozenset[str] = frozenset()


class Term(Struct, frozen=True):
    """A comparison that a plan takes over; `argument` is the place of its value among the scan's arguments."""

    column: str
    op: Op
    argument: int

    @property
    def words(self) -> str:
        """The comparison as `EXPLAIN QUERY PLAN` shows it."""
        return f"{self.column} {self.op.value}" + ("" if self.op in {Op.IS_NULL, Op.NOT_NULL} else " ?")


def operands(argument: Any) -> tuple[Any, ...]:
    """Return the values of an argument; those of a batched IN come as a set, in the same order each time."""
    return tuple(sorted(argument, key=str)) if isinstance(argument, frozenset) else (argument,)


def compared(argument: Any) -> tuple[Any, ...]:
    """Return the values of an argument as a TEXT column compares them; NULL equals nothing."""
    return tuple(comparable(value) for value in operands(argument) if value is not None)


class Plan(Struct, frozen=True, dict=True):
    """How a table is read: the path, the comparisons it takes over, and the columns that are used.

    `kinds` are comparisons that tell which of the path's endpoints can have rows, if any. `listing` reads the whole
    table instead of many keys, or the parents that these belong to. The scan takes over the first `taken` arguments;
    `etag` is a comparison of the table's version, which it leaves to SQLite, and to a write to Box, and `told` are
    those that tell a DELETE how rows are removed. `condition` is what it takes of the one that was read in the
    statement, and `given` the place of the argument with the further values of that. `live` is what is read instead of
    an index where Box refuses that, or the value of `freshness` says so. Equal plans are shared by the statements of a
    connection, so nothing of one statement may be kept here.
    """

    table: Table
    path: AccessPath
    keys: tuple[Term, ...] = ()
    filters: tuple[tuple[Filter, tuple[Term, ...]], ...] = ()
    scope: tuple[Term, ...] = ()
    kinds: tuple[Term, ...] = ()
    order: Order | None = None
    descending: bool = False
    limit: int | None = None
    offset: int | None = None
    columns: tuple[int, ...] = ()
    listing: Plan | None = None
    taken: int = 0
    etag: Term | None = None
    condition: Condition | None = None
    given: int | None = None
    live: Plan | None = None
    freshness: Term | None = None
    told: tuple[Term, ...] = ()

    @cached_property
    def identity(self) -> str:
        """What two plans have in common that give the same rows for the same arguments."""
        filters = [(id(narrow), terms) for narrow, terms in self.filters]
        order = self.order and (self.order.column, self.descending)
        taken = self.keys, filters, self.scope, self.kinds, self.condition, self.given
        live = "" if self.live is None else self.live.identity
        return repr((id(self.path), taken, order, self.limit, self.offset, self.columns, live))

    def as_fresh_as(self, arguments: tuple[Any, ...]) -> Plan:
        """Return the plan for what xFilter says of the freshness; raises ProgrammingError for what is none."""
        if self.freshness is None:
            return self
        is_live = checked_freshness(arguments[self.freshness.argument]) == LIVE
        return self.live if is_live and self.live is not None else self

    def scanned(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return those of the arguments of xFilter that the scan takes over, the values of IN as one."""
        return tuple(frozenset(each) if isinstance(each, set) else each for each in arguments[: self.taken])

    def wanted_rows(self, arguments: tuple[Any, ...]) -> int | None:
        """Return how many rows LIMIT and OFFSET ask for, None where they do not tell."""
        wanted = [arguments[place] for place in (self.limit, self.offset) if place is not None]
        return sum(wanted) if wanted and all(isinstance(each, int) and each >= 0 for each in wanted) else None

    def scan_key(self, arguments: tuple[Any, ...]) -> Hashable:
        """Return what two scans that give the same rows have in common."""
        return (self.identity, arguments, *map(type, arguments))

    @cached_property
    def listed_by(self) -> frozenset[int]:
        """The columns that have one value in all rows of a scan, that of a key by `=`."""
        return frozenset(
            self.table.numbers[term.column]
            for term in self.keys
            if term.op is Op.EQ and all(term.column in endpoint.known for endpoint in self.path.endpoints)
        )

    def shows(self, table: Table) -> bool:
        """Tell whether its listings have rows of a table too."""
        return not self.path.unique and any(table.name in each.lists.values() for each in self.path.endpoints)

    @cached_property
    def shown(self) -> Shown | None:
        """Where listings of others have the row that the plan looks up by its keys; None where they tell too little."""
        shown = self.path.shown
        if shown is None or len(self.keys) != len(self.path.keys) or any(term.op is not Op.EQ for term in self.keys):
            return None
        lacks = any(self.table.columns[number].name in shown.lacks for number in self.columns)
        return None if lacks or self.filters or self.condition is not None else shown

    @property
    def is_lookup(self) -> bool:
        """Whether the plan asks for one row by its key, and by nothing that others of its rows have not too."""
        is_by_key = self.path.unique and self.has_single_key and not self.filters
        return is_by_key and all(term.op is Op.EQ for term in self.kinds)

    def lookup_key(self, key: Any, *user: Any) -> Hashable:
        """Return what the scan that looks a row up by its key, as a user, has in common with others."""
        (endpoint,) = self.path.endpoints
        return self.scan_key((key, *user, *(endpoint.given[term.column] for term in self.kinds)))

    @cached_property
    def has_single_key(self) -> bool:
        """Whether one comparison binds a key, beside that of the user as whom the rows are read."""
        return len(self.keys) == 1 + self.path.is_as_user and len(self.path.own_keys) == 1

    def users(self, arguments: tuple[Any, ...]) -> Sequence[str | None]:
        """Return the users as whom a scan reads; None stands for the one who is signed in."""
        found = [term.argument for term in self.keys if term.column == AS_USER.name]
        return [user for place in found for user in compared(arguments[place])] if found else [None]

    def walked(self, arguments: tuple[Any, ...]) -> frozenset[tuple[str, str | None]]:
        """Return the paths of Box's API by which a scan lists all folders, each with the users as whom it does."""
        if not self.path.walks or self.scope:
            return frozenset()
        walked = next((level.parents for level in self.path.levels if level.walk), None)
        sources = self.path.endpoints if walked is None else (walked,)
        alike = [each for each in sources if "fields" not in each.parameters]  # whose answers others may share
        return frozenset((each.path, user) for each in alike for user in self.users(arguments))

    def endpoints(self, arguments: tuple[Any, ...]) -> Sequence[Endpoint]:
        """Return the endpoints that can have rows with such arguments."""
        asked = [(term.column, compared(arguments[term.argument])) for term in self.kinds]
        return [
            endpoint
            for endpoint in self.path.endpoints
            if all(endpoint.given.get(column) in {None, *values} for column, values in asked)
        ]

    @cached_property
    def emptiness(self) -> Mapping[str, Having]:
        """The types of the parents that the plan gives the rows of, each with what tells that there are none.

        No type is in it where the plan is not one of a single parent, or Box tells nothing of the kind.
        """
        return self.table.signs.get(self.path.own_keys[0], {}) if self.has_single_key else {}

    @cached_property
    def parent_types(self) -> frozenset[str]:
        """The types of the parents that the plan gives the rows of, where its only key is their id."""
        is_by_id = any(
            path.fan_out is not None and path.fan_out.source == "id" and self.path.own_keys == (path.fan_out.key,)
            for path in self.table.paths
        )
        types = (endpoint.parent_type for endpoint in self.path.endpoints if is_by_id)
        return frozenset(each for each in types if each is not None)

    @cached_property
    def layout(self) -> tuple[int | None, ...]:
        """The columns of a row; where most are read, all of them in their order, with None for one that is not."""
        count = len(self.table.columns)
        if 2 * len(self.columns) < count:
            return self.columns
        return tuple(number if number in self.columns else None for number in range(count))

    @cached_property
    def is_direct(self) -> bool:
        """Whether each column has its own number as its place in a row, and its value there."""
        return len(self.layout) == len(self.table.columns) and not self.downloaded

    @cached_property
    def downloaded(self) -> frozenset[int]:
        """The columns that are read whose values are not in the row."""
        return frozenset(number for number in self.columns if self.table.columns[number].download_calls)

    @cached_property
    def places(self) -> Sequence[int]:
        """The place of each column in a row; -1, that of the rowid, comes last and stands for what is not read."""
        places = [-1] * (len(self.table.columns) + 1)
        for place, column in enumerate(self.layout):
            if column is not None:
                places[column] = place
        return places

    @cached_property
    def written_by(self) -> Sequence[tuple[str, int]]:
        """The columns by which a row is written, with their places in it; none where one of them is not read."""
        found = [(name, self.places[self.table.numbers[name]]) for name in self.table.noted]
        return () if any(place < 0 for _, place in found) else found

    @property
    def words(self) -> str:
        """The plan as `EXPLAIN QUERY PLAN` shows it."""
        taken = [term.words for term in (*self.keys, *self.scope, *self.kinds)]
        taken += [term.words for _, terms in self.filters for term in terms]
        if self.condition is not None:
            taken.append(self.condition.words)
        if self.order is not None:
            taken.append(f"ORDER BY {self.order.column}{' DESC' if self.descending else ''}")
        words = f"{self.path.name}: {self.path.operations}" + (f" ({', '.join(taken)})" if taken else "")
        if self.freshness is not None and self.live is not None:
            words += f", or where freshness is 'live' {self.live.words}"
        if self.listing is None or self.listing.table is not self.table:
            return words
        return f"{words}, or all at once: {self.listing.path.operations}"
