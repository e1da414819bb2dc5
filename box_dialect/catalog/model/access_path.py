"""Access paths: one way to the rows of a table, and what Box takes over on it."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from box_dialect.api import Paging
    from box_dialect.catalog.model.endpoint import Endpoint

DIGITS: Final = re.compile("0|[1-9][0-9]{0,19}")
"""The ids that Box gives to most things; one with leading zeros would find an object of another id."""


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
