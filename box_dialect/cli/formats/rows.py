"""The rows of a statement as they come from Box, in batches that begin small and grow."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

_MOST_ROWS: Final = 1024
_MOST_BYTES: Final = 1 << 22
"""What the rows of a batch are to take, by the last one of the batch before."""


class Source(Protocol):
    """What gives rows as a cursor does."""

    @property
    def description(self) -> Sequence[tuple[Any, ...]] | None:
        """The names and types of the columns, as PEP 249 has them."""

    def fetchmany(self, size: int) -> Sequence[tuple[Any, ...]]:
        """Return the next rows, fewer than asked for at the end."""


class Rows:
    """The rows that a cursor has yet to give: the names and the declared types of their columns, and how many came.

    It stands in for the cursor where one is wanted that has `description` and `fetchmany`. Each time rows are fetched,
    that is done in the block of `waiting`.
    """

    def __init__(
        self, cursor: Source, waiting: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
    ) -> None:
        self._cursor, self._waiting = cursor, waiting
        self.description = cursor.description or ()
        self.names: list[str] = [item[0] for item in self.description]
        self.types: list[str | None] = [item[1] for item in self.description]
        self.count = 0

    def fetchmany(self, size: int) -> Sequence[tuple[Any, ...]]:
        """Return the next rows, fewer than asked for at the end."""
        with self._waiting():
            rows = self._cursor.fetchmany(size)
        self.count += len(rows)
        return rows

    def __iter__(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows that are left, in batches; the first row is there as soon as it comes."""
        size = 1
        while rows := self.fetchmany(size):
            yield rows
            if len(rows) < size:
                return
            size = max(1, min(_MOST_ROWS, 2 * size, _MOST_BYTES // row_bytes(rows[-1])))


def row_bytes(row: tuple[Any, ...]) -> int:
    """Return about how many bytes a row takes."""
    return sum(len(value) if isinstance(value, str | bytes) else 8 for value in row) or 1
