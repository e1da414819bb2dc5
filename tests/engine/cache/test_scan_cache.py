"""What a statement has read is kept as long as there is room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from box_dialect.api import CallCount
from box_dialect.engine import Execution
from box_dialect.engine.cache.scan_cache import ScanCache
from box_dialect.engine.cache.shared_scan import SharedScan
from box_dialect.engine.scan.context import ScanContext
from box_dialect.engine.scan.negative_cache import NegativeCache
from box_dialect.properties import parse

pytestmark = pytest.mark.usefixtures("no_network")


class Pages:
    """A scan that never ends."""

    async def next_page(self) -> list[tuple[Any, ...]] | None:
        await asyncio.Event().wait()
        return None

    def ready_pages(self) -> list[list[tuple[Any, ...]]]:
        return []

    async def aclose(self) -> None:
        """Do nothing."""


def cache() -> ScanCache:
    runtime = Execution(parse({"OAuthAccessToken": "t"}))
    return ScanCache(runtime, ScanContext(CallCount(), NegativeCache()))


def scan_of(cache: ScanCache, *, most: int = 100) -> SharedScan:
    scan: Any = Pages()
    return SharedScan(scan, 1, most, cache._keep, cache.on_news)


def test_what_is_known_is_held_on_to_as_long_as_there_is_room() -> None:
    scans = cache()
    scan = scan_of(scans, most=2)
    page = scan.take()
    scan._append([(1,), (2,)])
    assert (scans._kept_values, scan.first) == (2, page)
    scan._append([(3,)])
    assert (scans._kept_values, scan.first, scan.is_kept) == (0, None, False)
