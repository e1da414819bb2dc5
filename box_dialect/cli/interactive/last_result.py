"""The rows of the shell's last result, held up to a bound, so that they can be written once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.cli.formats import Rows
from box_dialect.cli.formats.rows import row_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_BYTES: Final = 1 << 25
"""Bytes of rows that are held; of a result that takes more none are."""

_BYTES_OF_A_VALUE: Final = 64
"""What Python needs for a value, beside what is in it."""


class LastResult:
    """What gives the rows of a statement on, as a cursor does, and holds them while they are few enough."""

    def __init__(self, statement: str, rows: Rows) -> None:
        self.statement = statement
        self.description = rows.description
        self._rows, self._held, self._left = rows, list[tuple[Any, ...]](), _MOST_BYTES
        self._is_whole = False

    def fetchmany(self, size: int) -> Sequence[tuple[Any, ...]]:
        """Return the next rows, fewer than asked for at the end."""
        found = self._rows.fetchmany(size)
        self._left -= sum(row_bytes(row) + _BYTES_OF_A_VALUE * len(row) for row in found)
        if self._left >= 0:
            self._held += found
        else:
            self._held.clear()
        self._is_whole = len(found) < size
        return found

    def again(self) -> Rows | None:
        """Return all rows once more; None where they were too many, or not all of them came."""
        return Rows(_Held(self.description, self._held)) if self._is_whole and self._left >= 0 else None


class _Held:
    """Rows that are given as a cursor gives them."""

    def __init__(self, description: Sequence[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> None:
        self.description = description
        self._rows, self._place = rows, 0

    def fetchmany(self, size: int) -> Sequence[tuple[Any, ...]]:
        """Return the next rows, fewer than asked for at the end."""
        found = self._rows[self._place : self._place + size]
        self._place += size
        return found
