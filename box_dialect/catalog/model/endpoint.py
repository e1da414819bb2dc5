"""Endpoints: an operation of Box's API that gives rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import Host, Paging
from box_dialect.api.path import places
from box_dialect.api.template import names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from box_dialect.catalog.model.column import Column
    from box_dialect.catalog.model.objects import Fetch, JsonObject

MAX_LIMIT: Final = 1000
"""The largest page that Box gives on most endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Declare the `columns` that an endpoint's objects lack, and the further objects that tell them.

    `add` puts them into an object; it gets further objects, by their ids, from `path` with their `fields` at least,
    unless it `takes_fields` of none there, and the headers of the endpoint.
    """

    columns: frozenset[str]
    path: str
    fields: frozenset[str] = frozenset()
    takes_fields: bool = True
    add: Callable[[JsonObject, Fetch], Coroutine[Any, Any, None]]

    def serves(self, columns: Sequence[Column], numbers: Iterable[int]) -> bool:
        """Tell whether it adds one of these columns of a table, by their numbers."""
        return any(columns[number].name in self.columns for number in numbers)


@dataclass(frozen=True, slots=True)
class Nested:
    """Declare that the rows are the objects of a list within an endpoint's objects, which stands at `place`.

    In a row, the object around the list has the name `outer`, so that the source of a column may be `outer.id`. An
    object without the list has no rows.
    """

    place: str
    outer: str


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Declare an operation that gives rows.

    The path follows the base URL of the `host`. `{column}` in it is replaced by that column's bound value. The same
    goes for `parameters`, which are sent always, for `headers`, and for the texts of `body`. An endpoint with a `body`
    is one whose `method` is POST and that only reads: what stands in the query elsewhere (the page, `fields`, what
    filters and orders say) stands in the body, at dotted places. `rows` leads to lists within the objects, one after
    another. `keep` drops rows that have another value there. `given` are column values that every row of this endpoint
    has, so that it is not asked for others. `known` are keys whose column has the bound value in every row, whatever
    Box's object says. `complete` tells where what its objects lack is. `own` is a dotted place: a row that has another
    value there than a key belongs to another parent, and is listed there. `parent_type` are the parents that a fan-out
    asks the endpoint for, where they are of several types. `lists` names the table that an object is a row of, by its
    type, where the endpoint shows all that the table's columns need.
    """

    path: str
    method: str = "GET"
    host: Host = Host.API
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    paging: Paging = Paging.ONE
    max_limit: int = MAX_LIMIT
    max_offset: int | None = None
    takes_fields: bool = True
    rows: tuple[Nested, ...] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    complete: Completion | None = None
    own: str | None = None
    parent_type: str | None = None
    lists: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.method == "GET") != (self.body is None):
            raise ValueError(f"{self.operation}: an endpoint has a body where its method is POST, and only there")
        places(self.path)  # raises ValueError for what is no template of a path

    def keeping(self, **values: str) -> Endpoint:
        """Return the endpoint for objects with these values only."""
        return replace(self, keep=values)

    def knowing(self, *keys: str) -> Endpoint:
        """Return the endpoint where these columns have the bound value in every row."""
        return replace(self, known=frozenset(keys))

    def giving(self, **values: str) -> Endpoint:
        """Return the endpoint where every row has these column values."""
        return replace(self, given=values)

    @cached_property
    def inputs(self) -> frozenset[str]:
        """The columns whose values a call needs."""
        return names_in([dict(self.parameters), dict(self.headers), dict(self.body or {})]).union(places(self.path))

    @property
    def operation(self) -> str:
        """Method and path, as `EXPLAIN QUERY PLAN` shows them."""
        return f"{self.method} {self.path}"

    def field_of(self, place: str) -> str:
        """Return the field of Box's object that the value at a dotted place of a row is in."""
        steps = place.split(".")
        for nested in reversed(self.rows):
            if steps[0] != nested.outer or len(steps) == 1:
                return self.rows[0].place.split(".")[0]
            del steps[0]
        return steps[0]
