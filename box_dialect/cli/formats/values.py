"""The values of a result as texts."""

from __future__ import annotations

import base64
import datetime as dt
import unicodedata
from typing import Any, Final

_KEPT: Final = {"\u200c", "\u200d"}
"""Marks that join letters, or keep them apart, and hide nothing."""


def shown(value: Any) -> str:
    """Return a value as a text: times by ISO 8601 with their offset, booleans as true and false, bytes as base64."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def displayed(text: str) -> str:
    """Return a text as a line of a terminal can show it: what controls one, or turns its direction, as its escape."""
    return text if text.isprintable() else "".join(map(_displayed, text))


def _displayed(character: str) -> str:
    if character.isprintable() or character in _KEPT or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode()
