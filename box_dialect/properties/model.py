"""What a connection property is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "blob", "path", "choice", "boolean", "integer", "url", "callback"]

Reach = Literal[
    "nothing", "sent", "host", "path", "key", "cache", "browser", "files", "bound", "charge", "schema", "deletion"
]
"""What a property leads to: nothing outside of the connection; a secret that is sent to the hosts; a host; the path of
a file; a private key or the path of one; a token cache; a browser and a port of this machine; files of this machine
that statements read and write; a bound on what the connection takes of this machine, 0 being none; what is charged for,
unless it is 0; what is stored in the schema of a file, unless it is false; what deletes more than rows, unless it is
false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """Declare one connection property.

    `name` is matched in any case and in snake_case; `values` are the allowed ones of a choice, matched in any case;
    `minimum` and `maximum` bound an integer; a `blob` is text that may have several lines; a `path` may begin with the
    home folder of a user, `~`; a `callback` is a URL that is kept letter by letter; a `secret` never appears in a text
    form of the properties. `reach` decides what the URL of a stranger may say; where that is not decided, it may say
    nothing. `may_be_empty` tells that an empty value is as none at all; elsewhere it is an error.
    """

    name: str
    kind: Kind = "text"
    default: str | int | bool | None = None
    values: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 999_999_999
    secret: bool = False
    reach: Reach | None = None
    may_be_empty: bool = False
    doc: str


def declare(name: str, kind: Kind = "text", *, compare: bool = True, **declaration: Any) -> Any:
    """Return a dataclass field that carries the declaration of its property.

    Connections that differ in properties without `compare` only share their client.
    """
    return field(metadata={"property": Property(name=name, kind=kind, **declaration)}, compare=compare)
