"""Access paths: one way to the rows of a table, and what Box takes over on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.objects import dig
from box_dialect.catalog.model.op import Op

if TYPE_CHECKING:
    from box_dialect.api import Paging
    from box_dialect.catalog.model.condition import Predicate
    from box_dialect.catalog.model.endpoint import Endpoint, Shown
    from box_dialect.catalog.model.insights import Insights
    from box_dialect.catalog.model.objects import JsonObject

DIGITS: Final = re.compile("0|[1-9][0-9]{0,19}")
"""The ids that Box gives to most things; one with leading zeros would find an object of another id."""

UUID: Final = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""The ids that Box gives to other things."""

TEXT: Final = re.compile(".{1,1024}", re.DOTALL)
"""Any text, such as a name that is a key."""


Bound: TypeAlias = list[tuple[Op, tuple[Any, ...]]]
"""What a statement binds a column to: each comparison with its values; all of them hold (AND)."""


Render: TypeAlias = Callable[[Bound, Mapping[str, str]], Mapping[str, Any]]
"""Turn what a column is bound to, and the keys, into query parameters that select the same rows or more.

For an endpoint with a body they are dotted places in it, with any JSON.

SQLite drops the rows that are too many, so a renderer returns nothing wherever it is not sure.
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Declare that comparisons of a column narrow what the endpoint gives.

    `leaves` is the part of the rows that is thought to be left, where the comparison does not tell. `exact` tells that
    Box alone decides on it: SQLite compares nothing again, and the column is compared in no other way.
    """

    column: str
    ops: frozenset[Op]
    render: Render
    leaves: float | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Declare that the endpoint sorts by a column just as SQLite does; `paging` is the kind that sorting needs.

    What is sent for either direction are query parameters, or places in the body of an endpoint that has one.
    `nulls_last` tells that NULL comes last in both directions; SQLite has it first where the values ascend, so that
    the endpoint sorts then only where the statement leaves NULL out.
    """

    column: str
    ascending: Mapping[str, Any]
    descending: Mapping[str, Any]
    paging: Paging
    nulls_last: bool = False


@dataclass(frozen=True)
class Having:
    """Declare which parents may have rows, by the value at a dotted `place` of a parent.

    Those whose value is one of `without` have none: zero or false, where nothing else is said. With `among` only those
    have rows whose value is one of these. One whose value Box does not tell is taken to have none. A `*` at the end of
    the place stands for each value of the object there, of which one is enough: `assignment_counts.*`.
    """

    place: str
    without: frozenset[Any] = frozenset({0})
    among: frozenset[Any] | None = None

    @cached_property
    def field(self) -> str:
        """The field of Box's object that tells."""
        return self.place.split(".")[0]

    @cached_property
    def name(self) -> str:
        """What it has in common with an equal one; a text is hashed once, and this for each object of a listing."""
        return repr((self.place, sorted(map(repr, self.without)), self.among and sorted(map(repr, self.among))))

    def may_have_rows(self, parent: JsonObject) -> bool:
        """Tell whether a parent may have rows."""
        return self._is_told(parent) and not self.tells_of_none(parent)

    @cached_property
    def tells_of_none(self) -> Callable[[JsonObject], bool]:
        """What tells whether Box says of a parent that it has no rows; it is asked of each object of a listing."""
        place, without, among = self.place, self.without, self.among

        def excludes(value: Any) -> bool:
            return value in without or (among is not None and value is not None and value not in among)

        if self._is_object:
            return lambda parent: self._is_told(parent) and all(map(excludes, self._counts(parent)))
        if among is not None or "." in place:
            return lambda parent: excludes(dig(parent, *place.split(".")))
        return lambda parent: parent.get(place) in without

    @cached_property
    def _is_told(self) -> Callable[[JsonObject], bool]:
        steps = self.place.split(".")
        return (
            (lambda parent: bool(self._counts(parent)))
            if self._is_object
            else lambda parent: dig(parent, *steps) is not None
        )

    @property
    def _is_object(self) -> bool:
        """Whether each value of an object tells."""
        return self.place.endswith(".*")

    def _counts(self, parent: JsonObject) -> list[Any]:
        """Return the values that the object has."""
        found = dig(parent, *self.place.split(".")[:-1]) or {}
        return [value for value in found.values() if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Declare that the rows are listed for each of their parents, which are listed first.

    `parents` lists them, down the folder tree where `walk` is set, and its `keep` tells which objects are parents.
    `key` is the column that the value at the dotted place `source` of a parent is bound to, and `binds` are further
    columns with the places of theirs. Instead of listed, the `values` of the key may be fixed. `outer` is the fan-out
    that gives what `parents` needs itself: policies, their assignments, the files of these. `having` tells which
    parents may have rows; `share` is the part of them that is thought to have some, and so is asked.
    """

    key: str
    parents: Endpoint | None = None
    source: str = "id"
    binds: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    walk: bool = False
    outer: FanOut | None = None
    having: Having | None = None
    share: float = 1

    def __post_init__(self) -> None:
        if self.having is not None and not isinstance(self.having, Having):
            raise ValueError(f"`having` of a fan-out by {self.key} is a Having, as in Having({str(self.having)!r})")
        if (self.parents is None) != bool(self.values):
            raise ValueError(f"a fan-out by {self.key} has either parents or values")
        if self.walk and self.outer is not None:
            raise ValueError(f"a fan-out by {self.key} walks the folder tree, so it has no outer one")

    @property
    def keys(self) -> frozenset[str]:
        """The columns that it binds."""
        return frozenset({self.key, *self.binds})

    @property
    def as_user(self) -> FanOut:
        """The fan-out over the parents that the user sees whom the column says."""
        parents = None if self.parents is None else self.parents.as_user
        return replace(self, parents=parents, outer=None if self.outer is None else self.outer.as_user)

    def keys_of(self, parent: JsonObject) -> dict[str, str]:
        """Return the values that a parent gives; raises KeyError for one that is no text."""
        places = {self.key: self.source, **self.binds}
        found = {column: dig(parent, *place.split(".")) for column, place in places.items()}
        if not all(isinstance(value, str) for value in found.values()):
            raise KeyError(*(column for column, value in found.items() if not isinstance(value, str)))
        return found


@dataclass(frozen=True, kw_only=True)
class AccessPath:
    """Declare one way to a table's rows.

    `keys` must be bound by `=` or `IN`, and each value that `accepts` matches is asked for on its own; another value
    has no rows. What is in no path of Box's can be a key too: a query parameter that Box does not answer without.
    `match` are the columns whose MATCH binds the first key too. `predicate` takes what the statement says with AND, OR
    and NOT. `walk` lists the folder tree, `fan_out` the parents first, those of each value of the keys where there are
    any. `also` is asked once beside a walk, or a listing of all, and beside a fan-out when all else was read. `exact`
    tells that Box's answer decides on the key, and no comparison is repeated; `alias` is a value that stands for a row
    with another key. `unique` tells
    that a key has one row at most, `partial` that rows are left out which a unique key finds. `lacks` are columns that
    the path does not tell: a statement that reads one takes another path. `calls` and `rows`
    are what one value of each key is thought to cost and give; they decide between paths and on the order of joins.
    So those of a fan-out are the parents' listing and what the path by its key takes for its `share` of them.
    `indexed` tells that it reads Box's index, which lags behind: it is open where a statement or the connection
    says `indexed`, and where Box refuses it, or answers in an unknown form, another one is read. `insights` tells
    what Box computes over its rows. `shown` tells where listings of others have the row of the keys.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    keys: tuple[str, ...] = ()
    accepts: re.Pattern[str] | Mapping[str, re.Pattern[str]] = DIGITS
    match: frozenset[str] = frozenset()
    filters: tuple[Filter, ...] = ()
    predicate: Predicate | None = None
    orders: tuple[Order, ...] = ()
    walk: bool = False
    fan_out: FanOut | None = None
    also: tuple[Endpoint, ...] = ()
    exact: bool = False
    alias: str | None = None
    unique: bool = False
    partial: bool = False
    lacks: frozenset[str] = frozenset()
    indexed: bool = False
    insights: Insights | None = None
    shown: Shown | None = None
    calls: float = 1
    rows: float = 1

    @property
    def unbound(self) -> Mapping[str, frozenset[str]]:
        """The operations whose calls cannot be filled, each with the inputs that nothing binds."""
        bound = {*self.keys, *(["parent_id"] if self.walk else [])}
        given: list[tuple[Endpoint, set[str]]] = []
        for level in self.levels:
            if level.parents is not None:
                given.append((level.parents, {*bound, *(["parent_id"] if level.walk else [])}))
            bound |= level.keys
        given += [(endpoint, bound) for endpoint in self.endpoints]
        return {each.operation: left for each, names in given if (left := (each.inputs | each.known) - names)}

    @cached_property
    def as_user(self) -> AccessPath:
        """The path taken as users, whose ids are its last key: each call is made as one of them."""
        return replace(
            self,
            keys=(*self.keys, AS_USER.name),
            accepts={key: self.accepting(key) for key in self.keys},
            endpoints=tuple(endpoint.as_user for endpoint in self.endpoints),
            also=tuple(endpoint.as_user for endpoint in self.also),
            fan_out=None if self.fan_out is None else self.fan_out.as_user,
            insights=None,
        )

    @cached_property
    def is_as_user(self) -> bool:
        """Whether it is one that is taken as users."""
        return AS_USER.name in self.keys

    @cached_property
    def own_keys(self) -> tuple[str, ...]:
        """The keys without that of the user."""
        return tuple(key for key in self.keys if key != AS_USER.name)

    @cached_property
    def levels(self) -> tuple[FanOut, ...]:
        """The fan-outs from the outermost to the one whose parents have the rows."""
        found: list[FanOut] = []
        level = self.fan_out
        while level is not None:
            found.append(level)
            level = level.outer
        return tuple(reversed(found))

    @cached_property
    def asked(self) -> tuple[Endpoint, ...]:
        """All endpoints that are asked, those of the parents first."""
        return (*(level.parents for level in self.levels if level.parents is not None), *self.also, *self.endpoints)

    @cached_property
    def walks(self) -> bool:
        """Whether the folder tree is listed, for rows or for their parents."""
        return self.walk or any(level.walk for level in self.levels)

    @property
    def operations(self) -> str:
        """The Box endpoints of the path, as `EXPLAIN QUERY PLAN` shows them."""
        parents = [level.parents.operation for level in self.levels if level.parents is not None]
        rows = dict.fromkeys(endpoint.operation for endpoint in (*self.also, *self.endpoints))
        return ", then ".join([*parents, " and ".join(rows)])

    def accepting(self, key: str) -> re.Pattern[str]:
        """Return what the values of a key match."""
        return self.accepts if isinstance(self.accepts, re.Pattern) else self.accepts.get(key, DIGITS)
