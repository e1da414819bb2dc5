"""Tell what an operation answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .content import Pieces
    from .representations import Json


@dataclass(slots=True)
class Stream:
    """Bytes that are sent as they are made; `length` is how many there will be, if that is known before."""

    pieces: Pieces
    length: int | None = None


@dataclass(slots=True)
class Reply:
    """An answer: a JSON object, raw bytes, or nothing. With `cut_after` the connection breaks after so many bytes."""

    status: int = 200
    body: Json | list[Any] | bytes | Stream | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
