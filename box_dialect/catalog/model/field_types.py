"""The types of the fields of a declaration: Python takes any value, and a text for a tuple of its letters."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final

_MORE: Final[Mapping[str, Any]] = {"Callable": Callable, "Mapping": Mapping, "float": int}
"""Names of types that a value may have without a class of that name, and the class that such values have."""


def check_types(declaration: Any) -> None:
    """Raise ValueError where a field of a declaration has a value of another type than it is annotated with."""
    declared = declaration.__class__
    for name, default, annotation, kind in _annotated(declared):
        value = getattr(declaration, name)
        if value is not default and not _fits(value, kind):
            raise ValueError(f"`{name}` of {declared.__name__} is {annotation}, not {repr(value)[:80]}")


@cache
def _annotated(declared: Any) -> tuple[tuple[str, Any, str, ast.expr], ...]:
    """Return the fields of a dataclass with their defaults and annotations, also as syntax: not all names are here."""
    typed = ((each.name, each.default, str(each.type)) for each in fields(declared))
    return tuple((*each, ast.parse(each[2], mode="eval").body) for each in typed)


def _fits(value: Any, kind: ast.expr) -> bool:
    match kind:
        case ast.BinOp(left=left, right=right):
            return _fits(value, left) or _fits(value, right)
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[of, ast.Constant()])):
            return isinstance(value, tuple) and all(_fits(each, of) for each in value)
        case ast.Subscript(value=outer):
            return _fits(value, outer)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name == "Any" or name in _names(value.__class__)
        case _:
            return value is None


@cache
def _names(of: Any) -> frozenset[str]:
    """Return the names of the types that a value of a class has."""
    return frozenset(each.__name__ for each in of.__mro__) | {
        name for name, each in _MORE.items() if issubclass(of, each)
    }
