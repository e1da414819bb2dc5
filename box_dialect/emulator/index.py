"""Say what indexes of items have in common: what they know of items, and for how long they do not learn of a change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, TypeVar

from . import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Item

Seen = TypeVar("Seen")


class Index(Generic[Seen]):
    """An index of the items that are known by kind and id.

    It looks at an item that changed when it is asked the next time; if it lags, at once, and has what it saw only once
    so many seconds have passed.
    """

    def __init__(self, known: Mapping[str, Mapping[str, Item]]) -> None:
        self._known, self._lag = known, 0.0
        self._outdated: dict[Item, None] = {}
        self._waiting: list[tuple[float, Item, Seen | None]] = []

    @property
    def lag(self) -> float:
        """After how many seconds the index has a change; what changed before a lag is set is there at once."""
        return self._lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        if seconds:
            self.refresh()
        self._lag = seconds

    def outdate(self, item: Item) -> None:
        """Note that an item changed."""
        if self._lag:
            self._waiting.append((clock.exact(), item, self._look_if_known(item)))
        else:
            self._outdated[item] = None

    def refresh(self) -> None:
        """Learn of what changed long enough ago; what is no longer known is forgotten."""
        latest = clock.exact() - self._lag if self._lag else math.inf
        due = [entry for entry in self._waiting if entry[0] <= latest]
        self._waiting = [entry for entry in self._waiting if entry[0] > latest]
        outdated, self._outdated = self._outdated, {}
        self._learn([(item, seen) for _, item, seen in due])
        self._learn([(item, self._look_if_known(item)) for item in outdated])

    def _look_if_known(self, item: Item) -> Seen | None:
        return self._look(item) if item.id in self._known[item.type] else None

    def _look(self, item: Item) -> Seen:
        """Return what the index has of an item."""
        raise NotImplementedError

    def _learn(self, seen: list[tuple[Item, Seen | None]]) -> None:
        """Take over what was seen of items, which is None of those that are gone."""
        raise NotImplementedError
