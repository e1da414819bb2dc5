"""Endpoints: an operation of Box's API that gives rows."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api import AS_USER_HEADER, Host, Paging
from box_dialect.api.path import places
from box_dialect.api.template import names_in
from box_dialect.catalog.model.as_user import AS_USER

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from box_dialect.catalog.model.column import Column
    from box_dialect.catalog.model.objects import Fetch, JsonObject

MAX_LIMIT: Final = 1000
"""The largest page that Box gives on most endpoints."""

_AS_USER: Final = {AS_USER_HEADER: f"{{{AS_USER.name}}}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Declare the `columns` that an endpoint's objects lack, and the further objects that tell them.

    `add` puts them into an object; it gets further objects, by their ids, from `path` with their `fields` at least,
    unless it `takes_fields` of none there, and its `headers`, those of the endpoint unless told. What else the path
    needs it names.
    """

    columns: frozenset[str]
    path: str
    fields: frozenset[str] = frozenset()
    takes_fields: bool = True
    headers: Mapping[str, str] | None = None
    add: Callable[[JsonObject, Fetch], Coroutine[Any, Any, None]]

    def serves(self, columns: Sequence[Column], numbers: Iterable[int]) -> bool:
        """Tell whether it adds one of these columns of a table, by their numbers."""
        return any(columns[number].name in self.columns for number in numbers)


class Named(enum.Enum):
    """What `fields` names for a value within an endpoint's objects.

    The `FIELD` of Box's object that has the value in it, the `PLACE` of the list or object that has it as a whole, or
    that place with the name of the `VALUE` behind it; what begins with `$` comes with the place itself.
    """

    FIELD = "field"
    PLACE = "place"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Nested:
    """Declare that the rows are the objects of a list within an endpoint's objects, which stands at `place`.

    In a row, the object around the list has the name `outer`, so that the source of a column may be `outer.id`. An
    object without the list has no rows. `single` tells that there stands one object instead of a list. Where Box nests
    objects by names instead, `keyed` tells how deep: the rows are the values at that level. `named` is what `fields`
    names for what is in it.
    """

    place: str
    outer: str
    single: bool = False
    keyed: int = 0
    named: Named = Named.FIELD

    def field_of(self, place: str) -> str:
        """Return what `fields` names for the value at a dotted place of a row."""
        if self.named is Named.FIELD:
            return self.place.split(".")[0]
        return self.place if self.named is Named.PLACE or place.startswith("$") else f"{self.place}.{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Declare that the row of a key stands within the objects of listings of others, which show what is called so.

    `nested` leads to it, and `keys` are the places of the keys' values in the object around it. It tells no column of
    `lacks`.
    """

    called: str
    nested: Nested
    keys: Mapping[str, str]
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Declare an operation that gives rows.

    The path follows the base URL of the `host`. `{column}` in it is replaced by that column's bound value. The same
    goes for `parameters`, which are sent always, for `headers`, and for the texts of `body`; `constants` are values
    for all of these that are no column's. Where the parameters have `fields`, these are what the rows need, and what
    other tables read of the objects is added to them. An endpoint with a `body` is one whose `method` is POST and that
    only reads: what stands in the query elsewhere (the page, `fields`, what filters and orders say) stands in the body,
    at dotted places. `rows` leads to lists within the objects, one after another. `keep` drops rows that have another
    value there, or one that a pattern does not match as a whole; its texts are filled as the path is. `given` are
    column values that every row of this endpoint has, so that it is not asked for others. `known` are keys whose column
    has the bound value in every row, whatever Box's object says. `takes_limit` tells that Box takes the size of a page.
    `complete` tells where what its objects lack is. `own` is a dotted place: a row that has another value there than a
    key belongs to another parent, and is listed there. `parent_type` are the parents that a fan-out asks the endpoint
    for, where they are of several types. `lists` names the table that an object is a row of, by its type, where the
    endpoint shows all that the table's columns need. `joins` are the places in the body where its own text and those of
    filters stand as one, with what stands between. `absent` are statuses or codes by which Box says that there is
    nothing under the keys, beside 404, which without a key is one only where it stands there. `advice` is what to do
    about failures that are the endpoint's own, by Box's codes. `spelled` gives what `fields` calls a field there, None
    for one that comes anyway. `shows` are the kinds of rows of other tables, by what a `Shown` calls them, that stand
    within its objects where they are asked for. `strict` tells that the form of the answer is not known for sure: an
    object that lacks a field which was asked for is of another form, and no failure says that there are no rows.
    """

    path: str
    method: str = "GET"
    host: Host = Host.API
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    constants: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = Paging.ONE
    max_limit: int = MAX_LIMIT
    takes_limit: bool = True
    max_offset: int | None = None
    takes_fields: bool = True
    rows: tuple[Nested, ...] = ()
    keep: Mapping[str, str | re.Pattern[str]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    complete: Completion | None = None
    own: str | None = None
    parent_type: str | None = None
    lists: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[int | str] = frozenset()
    advice: Mapping[str, str] = field(default_factory=dict)
    spelled: Callable[[str], str | None] | None = None
    shows: frozenset[str] = frozenset()
    strict: bool = False

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
        templates = [dict(self.parameters), dict(self.headers), dict(self.body or {}), dict(self.keep)]
        return names_in(templates).union(places(self.path)).difference(self.constants)

    @cached_property
    def asked_as(self) -> str:
        """What it has in common with another one that gives the same objects: the path, and the body that is sent."""
        if self.body is None:
            return self.path
        body = msgspec.json.encode([self.body, self.constants], order="deterministic")
        return f"{self.path}/{hashlib.blake2b(body, digest_size=8).hexdigest()}"

    @cached_property
    def objects(self) -> Endpoint:
        """The endpoint whose rows are its objects, and not what is within them."""
        return replace(self, rows=()) if self.rows else self

    @cached_property
    def as_user(self) -> Endpoint:
        """The endpoint asked as the user whom the column says, as whom its rows were read."""
        complete = self.complete
        if complete is not None and complete.headers is not None:
            complete = replace(complete, headers={**complete.headers, **_AS_USER})
        return replace(self, headers={**self.headers, **_AS_USER}, known=self.known | {AS_USER.name}, complete=complete)

    @property
    def operation(self) -> str:
        """Method and path, as `EXPLAIN QUERY PLAN` shows them."""
        return f"{self.method} {self.path}"

    def field_of(self, place: str) -> str:
        """Return what `fields` names for the value at a dotted place of a row."""
        steps = place.split(".")
        for nested in reversed(self.rows):
            if steps[0] != nested.outer or len(steps) == 1:
                return (nested if nested is self.rows[0] else self.rows[0]).field_of(".".join(steps))
            del steps[0]
        return steps[0]
