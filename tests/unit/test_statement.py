"""What a statement has read is kept as long as there is room."""

from __future__ import annotations

import asyncio
from typing import Any

from box_dialect.api import CallCount
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.execution.statement import StatementScope
from box_dialect.engine.scan.negative_cache import NegativeCache


class Pages:
    """A scan that never ends."""

    async def next_page(self) -> list[tuple[Any, ...]] | None:
        await asyncio.Event().wait()
        return None

    def ready_pages(self) -> list[list[tuple[Any, ...]]]:
        return []

    async def aclose(self) -> None:
        """Do nothing."""


def reading_of(statement: StatementScope, *, most: int = 100) -> SharedScan:
    scan: Any = Pages()
    return SharedScan(scan, 1, most, statement._keep, statement.prefetch.tell)


def test_what_is_known_is_held_on_to_as_long_as_there_is_room() -> None:
    statement = StatementScope(CallCount(), NegativeCache())
    reading = reading_of(statement, most=2)
    page = reading.take()
    reading._append([(1,), (2,)])
    assert (statement._kept_values, reading.first) == (2, page)
    reading._append([(3,)])
    assert (statement._kept_values, reading.first, reading.is_kept) == (0, None, False)
