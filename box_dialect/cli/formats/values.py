"""The values of a result as texts."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any


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
