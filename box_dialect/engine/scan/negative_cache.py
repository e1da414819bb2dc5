"""Negative cache: parents that have no rows in another table, as a file whose `comment_count` is zero has no comments.

A program that reads objects often asks for what belongs to them by its next statements, as the ORM does.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeAlias

from box_dialect.api import writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.catalog.model import Having

SECONDS_KEPT: Final = 10.0
"""How long after Box's answer a statement may begin that goes by it."""

Sign: TypeAlias = tuple[str | None, ...]
"""The type of a parent, the name of what tells that it has no rows, None where there is no such one, its id, and the
user as whom it was read."""

Seen: TypeAlias = "OrderedDict[Sign, float]"
"""The time of Box's answer that told so."""


class NegativeCache:
    """The negative cache of a connection, which its statements share.

    `signs` are the types of the parents, each with what tells of them. `clock` tells the seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.signs: set[tuple[str, Having]] = set()
        self.clock = clock
        self.forget()

    def forget(self) -> None:
        """Let the statements that begin from now on know nothing of the earlier ones; those that run keep what is."""
        self._seen: Seen = OrderedDict()
        self._writes = writes()

    @property
    def seen(self) -> Seen:
        """What a statement that begins now may know, and adds to; nothing where this process has written meanwhile."""
        if self._writes != writes():
            self.forget()
        return self._seen
