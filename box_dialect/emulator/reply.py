"""Tell what an operation answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .representations import Json


@dataclass(slots=True)
class Reply:
    """An answer: a JSON object, raw bytes, or nothing."""

    status: int = 200
    body: Json | list[Any] | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
