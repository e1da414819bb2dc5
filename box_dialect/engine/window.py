"""How far to look ahead of what SQLite asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from box_dialect.engine.shared import Shared


class Window:
    """How many things to begin before they are asked for, `most` at most.

    That is none for the first one, one more with each that was foreseen, and twice as many each time; fewer again where
    some were passed over, or where the LIMIT of the statement will be reached. `asked` counts what was asked for.
    """

    def __init__(self, most: int, shared: Shared) -> None:
        self.size = self.asked = 0
        self._most, self._shared = most, shared
        self._since = shared.demand.passed

    def learn(self, *, was_foreseen: bool | None, skipped: int) -> None:
        """Learn from one more that is asked for, before which `skipped` were passed over.

        `was_foreseen` is None where nothing could be foreseen, as at the end of what was read.
        """
        if was_foreseen and skipped:
            self.size //= 2
        elif was_foreseen:
            self.size = min(max(1, 2 * self.size), self._most)
        elif was_foreseen is not None:
            self.size = 0
        left = self._shared.demand.calls_left(self.asked, self._since)
        if left is not None:
            self.size = min(self.size, left - 1)
        self.asked += 1
