"""Columns: what a value is, where it stands in Box's object, and how it is written."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import msgspec

from box_dialect.catalog.datetimes import MOMENT, MOMENTS_ONLY
from box_dialect.catalog.model.objects import JsonObject, Location

if TYPE_CHECKING:
    from box_dialect.catalog.model.taxonomy import Taxonomy

BINARY: Final = "BINARY"
"""The collation that compares texts as they are."""

SECRET_COLUMNS: Final[set[str]] = set()
"""The names of all columns that are declared as secret, whichever table has one: a statement with such a name tells
of a secret."""


class Type(enum.Enum):
    """A column's type; the value is what the column is declared as in SQLite.

    The declared words choose the affinity that SQLite compares with, so dates, timestamps and JSON must stay text.
    """

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    REAL = "REAL"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE TEXT"
    TIMESTAMP = "TIMESTAMP TEXT"
    JSON = "JSON TEXT"
    BLOB = "BLOB"


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """Declare that a column refers to a row of one of several tables.

    The column `by` tells the type of what is referred to, and `tables` the `table.column` for each type, None for one
    that is no table. What is written has one of these types; one of those that stand `alone` is written without an id.
    `relations` are what the row there is called, by its type (default: the column's relation and the type).
    """

    by: str
    tables: Mapping[str, str | None]
    alone: frozenset[str] = frozenset()
    relations: Mapping[str, str] = field(default_factory=dict)


class Form(NamedTuple):
    """Declare what a value is as JSON, beside its type: the `words` that an error says, and what tells it."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """Declare a column.

    `source` is the dotted place of the value in Box's object (default: the column's name), `derived` computes it
    instead. `named` is what `fields` names for it (default: the first step of that place). `references` is the
    `table.column` it points to, `along` are the columns that point to the other columns of that key, `target` tells of
    one that points to several tables, `relation` what the row there is called (default: the column's name without
    `_id`), and `reverse` what this table's rows are called there (default: the table's name, with a word such as
    `created` from `created_by` before it). A column that is not `nullable` has a value in every row.
    `collation` is what SQLite compares texts by. `options` are the only values that Box takes, or takes in a list,
    where these are fixed, and `form` is what a value is as JSON beside its type: another one is not sent. `taxonomy` is
    the one whose nodes it holds. `insert` and `update` are the dotted places in the bodies that write it, empty where
    the value is the body itself; a column without them is read-only. `cleared` is what an UPDATE to NULL sends there,
    None for JSON's null; where NULL `removes` the object around the value, it is the dotted place of that which is sent
    as null. Without either the column takes no NULL. `sent` makes of a value what a body has for it. A `hidden` column
    is an input, or is left out of `SELECT *`; what a `secret` one is given is in no log and no message. `written_in` is
    the table whose rows write the value, where that is another one, and `unset` says why no call of Box's sets it that
    one may expect to, and what to do. `indexed` tells that Box's index tells it: a
    statement that reads another one reads what is. A value that takes `download_calls` is no part of Box's object: it
    is a `Remote` until a statement reads it, which downloads it by so many calls.
    """

    name: str
    type: Type = Type.TEXT
    source: str | None = None
    doc: str = ""
    derived: Derived | None = None
    named: str | None = None
    references: str | None = None
    along: Mapping[str, str] = field(default_factory=dict, hash=False)
    target: Target | None = None
    relation: str | None = None
    reverse: str | None = None
    nullable: bool = True
    collation: str = BINARY
    options: tuple[str, ...] = ()
    taxonomy: Taxonomy | None = None
    form: Form | None = None
    insert: str | None = None
    update: str | None = None
    cleared: Any = msgspec.UNSET
    removes: str | None = None
    sent: Callable[[Any], Any] | None = None
    hidden: bool = False
    secret: bool = False
    written_in: str | None = None
    unset: str | None = None
    indexed: bool = True
    download_calls: int = 0

    def __post_init__(self) -> None:
        if self.secret:
            SECRET_COLUMNS.add(self.name)

    @property
    def schema(self) -> str:
        """The column in the `CREATE TABLE` that SQLite is told."""
        collation = "" if self.compared_by == BINARY else f" COLLATE {self.compared_by}"
        name = self.name.replace('"', '""')
        return f'"{name}" {self.type.value}{" HIDDEN" if self.hidden else ""}{collation}'

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
    def tells_folder(self) -> bool:
        """Whether it is computed from the folder that a walk has come to."""
        return self.derived is not None and self.derived.fields_in_folder is not None

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
            return (self.named,) if self.named else () if self.hidden else self.place[:1]
        if in_folder and self.derived.fields_in_folder is not None:
            return self.derived.fields_in_folder
        return self.derived.fields
