"""What expressions consist of, as far as conditions can be made of it."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct


class Named(Struct, frozen=True):
    """A column, by the name of its table if there is one; both in lower case."""

    table: str | None
    name: str


class Value(Struct, frozen=True):
    """What has one value for all rows: a literal, a parameter, or what is computed of these.

    `first` and `last` are its tokens. `literal` is what a text, a number or NULL is alone, `...` stands for another.
    """

    first: int
    last: int
    literal: Any = ...


class Opaque(Struct, frozen=True):
    """Anything else."""


class Call(Struct, frozen=True):
    """A call of a function, by its name in lower case."""

    name: str
    arguments: tuple[Node, ...]


class Compared(Struct, frozen=True):
    """A comparison, by its operator in lower case, such as `=`, `is not`, `like`, `in`, `is null`."""

    operator: str
    operands: tuple[Node, ...]


class Several(Struct, frozen=True):
    """Conditions joined by `and` or `or`; `opening` is the token of the parenthesis that they stand in, if they do."""

    word: str
    parts: tuple[Node, ...]
    opening: int | None = None


class Not(Struct, frozen=True):
    """The opposite of a condition."""

    part: Node


class Exists(Struct, frozen=True):
    """That a query has rows."""

    query: Any


class Within(Struct, frozen=True):
    """That a value is one of those of a query."""

    value: Node
    query: Any


Node: TypeAlias = "Named | Value | Opaque | Call | Compared | Several | Not | Exists | Within"
