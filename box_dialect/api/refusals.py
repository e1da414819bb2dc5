"""Operations that Box refused, or answered in an unknown form, so that they are not asked for again at once."""

from __future__ import annotations

import time
from typing import Final

SECONDS_REMEMBERED: Final = 600.0
"""Seconds for which a refused operation is not asked for."""

_MOST_REMEMBERED: Final = 1_000


class Refusals:
    """The operations that a client was refused, by what they are asked as.

    Any thread may use it.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def has(self, operation: str) -> bool:
        """Tell whether an operation was refused a short while ago."""
        return self._until.get(operation, float("-inf")) > time.monotonic()

    def note(self, operation: str) -> bool:
        """Take note of a refusal; True where none of the operation was known."""
        is_new = not self.has(operation)
        if len(self._until) >= _MOST_REMEMBERED:
            self._until.clear()
        self._until[operation] = time.monotonic() + SECONDS_REMEMBERED
        return is_new
