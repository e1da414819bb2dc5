"""What one statement shares among its scans: the count of calls, and the rows of small scans that it repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.api import CallCount
from box_dialect.engine.calls import ProcedureCalls

if TYPE_CHECKING:
    from collections.abc import Hashable

    from box_dialect.engine.rows import Row

MOST_REMEMBERED_ROWS: Final = 10_000
"""Rows that a statement keeps at most for scans that it repeats; it bounds the memory that a join takes."""


class Statement:
    """One execution of a statement.

    A join opens its inner scan once for each outer row, often with values that it had before; the rows of such a scan
    are remembered until the statement ends, and cost no call again.
    """

    def __init__(self) -> None:
        self.count = CallCount()
        self.calls = ProcedureCalls({})
        self._remembered: dict[Hashable, list[Row]] = {}
        self._rows = 0

    def recall(self, scan: Hashable) -> list[Row] | None:
        """Return the rows of an earlier scan with the same plan and values."""
        return self._remembered.get(scan)

    def remember(self, scan: Hashable, rows: list[Row]) -> None:
        """Keep the rows of a finished scan while there is room."""
        if self._rows + len(rows) + 1 <= MOST_REMEMBERED_ROWS:
            self._remembered[scan] = rows
            self._rows += len(rows) + 1
