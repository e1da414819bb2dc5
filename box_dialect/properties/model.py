"""What a connection property is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "blob", "choice", "boolean", "integer", "url", "callback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """Declare one connection property.

    `name` is matched in any case and in snake_case; `values` are the allowed ones of a choice, matched in any case;
    `minimum` and `maximum` bound an integer; a `blob` is text that may have several lines; a `callback` is a URL that
    is kept letter by letter; a `secret` never appears in a text form of the properties.
    """

    name: str
    kind: Kind = "text"
    default: str | int | bool | None = None
    values: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 999_999_999
    secret: bool = False
    doc: str


def declare(name: str, kind: Kind = "text", **declaration: Any) -> Any:
    """Return a dataclass field that carries the declaration of its property."""
    return field(metadata={"property": Property(name=name, kind=kind, **declaration)})
