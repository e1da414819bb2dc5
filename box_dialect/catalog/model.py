"""What a table is: columns, the access paths to its rows, and how it is written. Declarations only.

A table of the catalog is data. `docs/add-a-table.md` shows how one is added.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from box_dialect.api import ApiPath, Paging
from box_dialect.api.path import places
from box_dialect.catalog.moments import MOMENT, MOMENTS_ONLY

JsonObject: TypeAlias = dict[str, Any]
"""A decoded object of Box's API."""


class Slotted(msgspec.Struct):
    """An object of Box's API, of which only the fields that are asked for were decoded; it is read as a dictionary."""

    def get(self, name: str) -> Any:
        """Return the value of a field, None where Box left it out; raises AttributeError for one not asked for."""
        return getattr(self, name)

    __getitem__ = get


OBJECTS: Final = (dict, Slotted)
"""The types that objects of Box's API are decoded as."""

Fetch: TypeAlias = Callable[[str], Awaitable[JsonObject | None]]
"""Get the object of an id; None where Box says that there is no such object."""

DIGITS: Final = re.compile("0|[1-9][0-9]{0,19}")
"""The ids that Box gives to most things; one with leading zeros would find an object of another id."""

BINARY: Final = "BINARY"
"""The collation that compares texts as they are."""

MAX_LIMIT: Final = 1000
"""The largest page that Box gives on most endpoints."""


class Type(enum.Enum):
    """A column's type; the value is what the column is declared as in SQLite.

    The declared words choose the affinity that SQLite compares with, so timestamps and JSON must stay text. A BLOB is
    downloaded where a statement reads it; until then it is a `Remote`.
    """

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    TIMESTAMP = "TIMESTAMP TEXT"
    JSON = "JSON TEXT"
    BLOB = "BLOB"


class Remote(NamedTuple):
    """Bytes that are still at Box: the path of the API that gives them, and how many they are, where Box tells."""

    path: ApiPath
    size: int | None


@dataclass(frozen=True, slots=True)
class Location:
    """A folder as a walk knows it: its id, its path with a slash at the end, and its depth (0 for the root)."""

    id: str
    prefix: str
    depth: int


Derive: TypeAlias = Callable[[JsonObject, Location | None], Any]
"""Compute a column from Box's object and, where a walk knows it, the folder that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A value computed from Box's object, and the fields that takes; fewer where the folder is known.

    It is a `part` of what the function gives, where several columns are computed at once.
    """

    function: Derive
    fields: tuple[str, ...]
    fields_in_folder: tuple[str, ...] | None = None
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Declare a column.

    `source` is the dotted place of the value in Box's object (default: the column's name), `derived` computes it
    instead. `references` is the `table.column` it points to, `relation` what the row there is called (default: the
    column's name without `_id`), and `reverse` what this table's rows are called there (default: the table's name, with
    a word such as `created` from `created_by` before it). A column that is not `nullable` has a value in every row.
    `collation` is what SQLite compares texts by. `insert` and `update` are the dotted places in the bodies
    that write it; a column without them is read-only. `cleared` is what an UPDATE to NULL sends there, None for JSON's
    null; without it the column takes no NULL. A `hidden` column is an input, or is left out of `SELECT *`.
    """

    name: str
    type: Type = Type.TEXT
    source: str | None = None
    doc: str = ""
    derived: Derived | None = None
    references: str | None = None
    relation: str | None = None
    reverse: str | None = None
    nullable: bool = True
    collation: str = BINARY
    insert: str | None = None
    update: str | None = None
    cleared: Any = msgspec.UNSET
    hidden: bool = False

    @property
    def schema(self) -> str:
        """The column in the `CREATE TABLE` that SQLite is told."""
        collation = "" if self.compared_by == BINARY else f" COLLATE {self.compared_by}"
        return f'"{self.name}" {self.type.value}{collation}{" HIDDEN" if self.hidden else ""}'

    @property
    def compared_by(self) -> str:
        """The collation that SQLite compares the column by."""
        return MOMENTS_ONLY if self.type is Type.TIMESTAMP else self.collation

    def is_compared_by(self, collation: str) -> bool:
        """Tell whether a collation compares the column's values as its own does."""
        if self.type is Type.TIMESTAMP:
            return collation in {MOMENTS_ONLY, MOMENT}
        return collation in {self.collation, BINARY, MOMENT}

    def read_only(self) -> Column:
        """Return the column without the places that write it."""
        return replace(self, insert=None, update=None)

    @property
    def relationship(self) -> str:
        """What the row that the column refers to is called."""
        return self.relation or self.name.removesuffix("_id")

    def reverse_of(self, table: str) -> str:
        """Return what the rows of the table that has the column are called where it refers to."""
        verb, by, _ = self.relationship.rpartition("_by")
        return self.reverse or (f"{verb}_{table}" if by else table)

    @property
    def place(self) -> tuple[str, ...]:
        """The keys that lead to the value in Box's object."""
        return tuple((self.source or self.name).split("."))

    def fields(self, *, in_folder: bool) -> tuple[str, ...]:
        """Return what `fields=` must name for this column."""
        if self.derived is None:
            return () if self.hidden else self.place[:1]
        if in_folder and self.derived.fields_in_folder is not None:
            return self.derived.fields_in_folder
        return self.derived.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Declare the `columns` that an endpoint's objects lack, and the further objects that tell them.

    `add` puts them into an object; it gets further objects, by their ids, from `path` with their `fields` at least.
    """

    columns: frozenset[str]
    path: str
    fields: frozenset[str]
    add: Callable[[JsonObject, Fetch], Coroutine[Any, Any, None]]

    def serves(self, table: Table, numbers: Iterable[int]) -> bool:
        """Tell whether it adds one of these columns of a table."""
        return any(table.columns[number].name in self.columns for number in numbers)


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


class Op(enum.Enum):
    """The comparisons that SQLite tells of; an access path may take over those up to MATCH."""

    EQ = "="
    IN = "IN"
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    LIKE = "LIKE"
    GLOB = "GLOB"
    MATCH = "MATCH"
    NE = "!="
    IS_NULL = "IS NULL"
    NOT_NULL = "IS NOT NULL"


RANGE: Final = frozenset({Op.GT, Op.GE, Op.LT, Op.LE})

Bound: TypeAlias = list[tuple[Op, tuple[Any, ...]]]
"""What a statement binds a column to: each comparison with its values; all of them hold (AND)."""

Render: TypeAlias = Callable[[Bound, Mapping[str, str]], Mapping[str, str]]
"""Turn what a column is bound to, and the keys, into query parameters that select the same rows or more.

SQLite drops the rows that are too many, so a renderer returns nothing wherever it is not sure.
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Declare that comparisons of a column narrow what the endpoint gives."""

    column: str
    ops: frozenset[Op]
    render: Render


@dataclass(frozen=True, slots=True)
class Order:
    """Declare that the endpoint sorts by a column just as SQLite does; `paging` is the kind that sorting needs."""

    column: str
    ascending: Mapping[str, str]
    descending: Mapping[str, str]
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Declare that the rows are listed for each of their parents, which are listed first.

    `parents` lists them, down the folder tree where `walk` is set, and its `keep` tells which objects are parents.
    `key` is the column that a parent's id is bound to. `having` names the field that tells, when it is zero or false,
    that a parent has no rows; `share` is the part of them that is thought to have some, and so is asked.
    """

    parents: Endpoint
    key: str
    walk: bool = False
    having: str | None = None
    share: float = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPath:
    """Declare one way to a table's rows.

    `keys` must be bound by `=` or `IN`, and each value that `accepts` matches is asked for on its own; another value
    has no rows. `match` are the columns whose MATCH binds the first key too. `walk` lists the folder tree, `fan_out`
    the parents first. `also` is asked once beside a walk. `exact` tells that Box's answer decides on the key, and no
    comparison is repeated; `alias` is a value that stands for a row with another key. `unique` tells that a key has one
    row at most, `partial` that rows are left out which a unique key finds. `calls` and `rows` are what one value of
    each key is thought to cost and give; they decide between paths and on the order of joins. So those of a fan-out are
    the parents' listing and what the path by its key takes for its `share` of them.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    keys: tuple[str, ...] = ()
    accepts: re.Pattern[str] = DIGITS
    match: frozenset[str] = frozenset()
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    walk: bool = False
    fan_out: FanOut | None = None
    also: tuple[Endpoint, ...] = ()
    exact: bool = False
    alias: str | None = None
    unique: bool = False
    partial: bool = False
    calls: float = 1
    rows: float = 1

    @property
    def walks(self) -> bool:
        """Whether the folder tree is listed, for rows or for their parents."""
        return self.walk or (self.fan_out is not None and self.fan_out.walk)

    @property
    def operations(self) -> str:
        """The Box endpoints of the path, as `EXPLAIN QUERY PLAN` shows them."""
        first = [self.fan_out.parents.operation] if self.fan_out else []
        return ", then ".join([*first, " and ".join(dict.fromkeys(e.operation for e in (*self.also, *self.endpoints)))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Declare a call that writes one row: `POST /folders`; `required` columns must have a value on INSERT.

    `{column}` in the path is replaced by the row's value of that column, which an INSERT must have too. `body` is laid
    under what the columns say. A column that only UPDATE can write is sent by an update right after the INSERT.
    `takes_fields` tells whether the answer can be narrowed. `takes_etag` tells that Box compares the row's `etag` where
    If-Match names one, and `unmatched` are keys of the body with which it does not.
    """

    method: str
    path: str
    required: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    takes_fields: bool = True
    takes_etag: bool = False
    unmatched: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that the path names."""
        return places(self.path)


def numeric_rowid(entry: JsonObject) -> int | None:
    """Return the rowid of an object whose id is a decimal number that is unique in the table; None for another id."""
    identity = entry["id"]
    return int(identity) if identity.isascii() and identity.isdigit() and len(identity) <= 18 else None


def mixed_rowid(*types: str) -> Callable[[JsonObject], int | None]:
    """Return what numbers objects of several types, which may have equal ids, without a clash."""
    bits = len(types).bit_length()

    def rowid(entry: JsonObject) -> int | None:
        number = numeric_rowid(entry)
        return None if number is None or number >> (63 - bits) else number << bits | types.index(entry["type"])

    return rowid


@dataclass(frozen=True, kw_only=True)
class Table:
    """Declare a table.

    `key` names its primary key. The paths of `update` and `delete` may name several columns of the row that is written.
    Raises ValueError where the path of a write names what is no column. `fields` are always asked for, since the table
    itself needs them. `rowid` gives an object's stable number within the table, None to take a hash of the key.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    paths: tuple[AccessPath, ...]
    key: str = "id"
    reference: str = ""
    fields: tuple[str, ...] = ("id",)
    rowid: Callable[[JsonObject], int | None] = numeric_rowid
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None
    distinct: bool = False

    def __post_init__(self) -> None:
        for write in filter(None, (self.insert, self.update, self.delete)):
            if unknown := {*write.keys} - {column.name for column in self.columns}:
                raise ValueError(f"{self.name} has no column {', '.join(unknown)}, which {write.path} names")

    @cached_property
    def written_by(self) -> tuple[str, ...]:
        """The columns that the paths of `update` and `delete` name, by which a row is written."""
        return tuple(
            dict.fromkeys(key for write in (self.update, self.delete) if write is not None for key in write.keys)
        )

    @cached_property
    def signs(self) -> Mapping[str, Mapping[str, str]]:
        """The types of the parents that a key of the table names, each with the field that tells that one has no rows.

        No key is in it where Box tells nothing of the kind.
        """
        fan_outs = [(path.fan_out, path.endpoints) for path in self.paths if path.fan_out is not None]
        return {
            fan_out.key: {each.parent_type: fan_out.having for each in endpoints if each.parent_type is not None}
            for fan_out, endpoints in fan_outs
            if fan_out.having is not None
        }

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each column by its name."""
        return {column.name: number for number, column in enumerate(self.columns)}

    @cached_property
    def schema(self) -> str:
        """The `CREATE TABLE` that SQLite is told."""
        columns = ", ".join(column.schema for column in self.columns)
        return f'CREATE TABLE "{self.name}"({columns})'

    @cached_property
    def parents(self) -> Table | None:
        """What the rows are listed by, as a table of its own: the id, the type, and the field that tells of no rows.

        None where the table is not listed by its parents.
        """
        path = next((path for path in self.paths if path.fan_out is not None), None)
        if path is None or (fan_out := path.fan_out) is None:
            return None
        columns = (Column("id"), Column("type"), *([Column(fan_out.having, Type.BOOLEAN)] if fan_out.having else ()))
        listing = replace(path, endpoints=(fan_out.parents,), walk=fan_out.walk, fan_out=None)
        rowid = mixed_rowid(*fan_out.parents.lists)
        return Table(name=f"parents of {self.name}", doc="", columns=columns, paths=(listing,), rowid=rowid)

    @cached_property
    def etag(self) -> str | None:
        """The column that Box compares when a row is written, None where it compares none."""
        takes = any(write is not None and write.takes_etag for write in (self.update, self.delete))
        return "etag" if takes else None

    @property
    def singular(self) -> str:
        """What one row is called: `web_link`."""
        return self.name.removesuffix("ies") + "y" if self.name.endswith("ies") else self.name.removesuffix("s")

    @property
    def is_writable(self) -> bool:
        """Whether any statement can change the table."""
        return any((self.insert, self.update, self.delete))
