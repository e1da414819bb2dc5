"""Endpoints: a `GET` of Box's API that gives rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import Paging

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from box_dialect.catalog.model.column import Column
    from box_dialect.catalog.model.objects import Fetch, JsonObject

MAX_LIMIT: Final = 1000
"""The largest page that Box gives on most endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Declare the `columns` that an endpoint's objects lack, and the further objects that tell them.

    `add` puts them into an object; it gets further objects, by their ids, from `path` with their `fields` at least.
    """

    columns: frozenset[str]
    path: str
    fields: frozenset[str]
    add: Callable[[JsonObject, Fetch], Coroutine[Any, Any, None]]

    def serves(self, columns: Sequence[Column], numbers: Iterable[int]) -> bool:
        """Tell whether it adds one of these columns of a table, by their numbers."""
        return any(columns[number].name in self.columns for number in numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Declare a `GET` that gives rows; `{column}` in the path is replaced by that column's bound value.

    The same goes for `parameters`, which are sent always. `keep` drops objects that have another value there. `given`
    are column values that every row of this endpoint has, so that it is not asked for others. `known` are keys whose
    column has the bound value in every row, whatever Box's object says. `complete` tells where what its objects lack
    is. `own` is a dotted place: an object that has another value there than a key belongs to another parent, and is
    listed there. `parent_type` are the parents that a fan-out asks the endpoint for, where they are of several types.
    `lists` names the table that an object is a row of, by its type, where the endpoint shows all that the table's
    columns need.
    """

    path: str
    paging: Paging = Paging.ONE
    parameters: Mapping[str, str] = field(default_factory=dict)
    max_limit: int = MAX_LIMIT
    max_offset: int | None = None
    takes_fields: bool = True
    keep: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    complete: Completion | None = None
    own: str | None = None
    parent_type: str | None = None
    lists: Mapping[str, str] = field(default_factory=dict)

    def keeping(self, **values: str) -> Endpoint:
        """Return the endpoint for objects with these values only."""
        return replace(self, keep=values)

    def knowing(self, *keys: str) -> Endpoint:
        """Return the endpoint where these columns have the bound value in every row."""
        return replace(self, known=frozenset(keys))

    def giving(self, **values: str) -> Endpoint:
        """Return the endpoint where every row has these column values."""
        return replace(self, given=values)

    @property
    def operation(self) -> str:
        """Method and path, as `EXPLAIN QUERY PLAN` shows them."""
        return f"GET {self.path}"
