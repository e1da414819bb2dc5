"""Duplicate elimination: what moves while its tree is walked is listed twice, and so are some events."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.engine.scan.row_maker import Row


class Distinct:
    """The rowids that came before: all of them, at about a hundred bytes each, or the latest `window`."""

    def __init__(self, window: int | None = None) -> None:
        self._window = window
        self._seen: set[Any] = set()
        self._latest: deque[Any] = deque()

    @property
    def has_any(self) -> bool:
        """Whether any row came before."""
        return bool(self._seen)

    def fresh(self, rows: Iterable[Row]) -> list[Row]:
        """Return those of the rows that did not come before."""
        fresh = []
        for row in rows:
            if row[-1] not in self._seen:
                self._seen.add(row[-1])
                fresh.append(row)
        if self._window is not None:
            self._latest.extend(row[-1] for row in fresh)
            while len(self._latest) > self._window:
                self._seen.discard(self._latest.popleft())
        return fresh
