"""Plan: the access path by which a table is read, and what it takes over of what SQLite asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from box_dialect.catalog.model import AccessPath, Filter, Op, Order, Table, Type
from box_dialect.catalog.values import comparable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from box_dialect.catalog.model import Endpoint, Having


class Constraint(Struct, frozen=True):
    """A comparison of a column in the statement: `number` is SQLite's for it, `usable` whether its value is known.

    `as_column` tells that texts are compared as the column compares them, and not by another collation. `pattern` is
    that of LIKE and GLOB, where the statement tells it.
    """

    number: int
    column: str
    op: Op
    usable: bool = True
    as_column: bool = True
    pattern: Any = None


class Request(Struct, frozen=True):
    """What SQLite asks of a table: comparisons, order, the numbers of LIMIT and OFFSET, the columns it will read."""

    constraints: tuple[Constraint, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    offset: int | None = None
    columns: frozenset[int] = frozenset()


class Term(Struct, frozen=True):
    """A comparison that a plan takes over; `argument` is the place of its value among the scan's arguments."""

    column: str
    op: Op
    argument: int


def operands(argument: Any) -> tuple[Any, ...]:
    """Return the values of an argument; those of a batched IN come as a set, in the same order each time."""
    return tuple(sorted(argument, key=str)) if isinstance(argument, frozenset) else (argument,)


def compared(argument: Any) -> tuple[Any, ...]:
    """Return the values of an argument as a TEXT column compares them; NULL equals nothing."""
    return tuple(comparable(value) for value in operands(argument) if value is not None)


class Plan(Struct, frozen=True, dict=True):
    """How a table is read: the path, the comparisons it takes over, and the columns that are used.

    `kinds` are comparisons that tell which of the path's endpoints can have rows. `listing` reads the whole table
    instead of many keys, or the parents that these belong to. The scan takes over the first `taken` arguments; `etag`
    is a comparison that it leaves to SQLite, and to a write to Box. Equal plans are shared by the statements of a
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

    @cached_property
    def identity(self) -> str:
        """What two plans have in common that give the same rows for the same arguments."""
        filters = [(id(narrow), terms) for narrow, terms in self.filters]
        order = self.order and (self.order.column, self.descending)
        return repr(
            (id(self.path), self.keys, filters, self.scope, self.kinds, order, self.limit, self.offset, self.columns)
        )

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

    @property
    def is_lookup(self) -> bool:
        """Whether the plan's only argument is the key of one row."""
        return self.path.unique and len(self.keys) == 1 and not self.filters

    @cached_property
    def walked(self) -> frozenset[str]:
        """The paths of Box's API by which all folders are listed, where the plan does that."""
        walked = next((level.parents for level in self.path.levels if level.walk), None)
        sources = self.path.endpoints if walked is None else (walked,)
        return frozenset(each.path for each in sources if self.path.walks and not self.scope)

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
        return self.table.signs.get(self.path.keys[0], {}) if len(self.keys) == 1 else {}

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
        return frozenset(number for number in self.columns if self.table.columns[number].type is Type.BLOB)

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
        found = [(name, self.places[self.table.numbers[name]]) for name in self.table.written_by]
        return () if any(place < 0 for _, place in found) else found

    @property
    def words(self) -> str:
        """The plan as `EXPLAIN QUERY PLAN` shows it."""
        taken = [f"{term.column} {term.op.value} ?" for term in (*self.keys, *self.scope, *self.kinds)]
        taken += [f"{term.column} {term.op.value} ?" for _, terms in self.filters for term in terms]
        if self.order is not None:
            taken.append(f"ORDER BY {self.order.column}{' DESC' if self.descending else ''}")
        words = f"{self.path.name}: {self.path.operations}" + (f" ({', '.join(taken)})" if taken else "")
        if self.listing is None or self.listing.table is not self.table:
            return words
        return f"{words}, or all at once: {self.listing.path.operations}"
