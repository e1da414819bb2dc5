"""Statement scope: what the cursors of a statement share while it reads for one set of parameters, or for several."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.engine.cache.downloads import Downloads
from box_dialect.engine.cache.scan_cache import ScanCache
from box_dialect.engine.documents.document_store import DocumentStore
from box_dialect.engine.execution.procedure_memo import ProcedureMemo
from box_dialect.engine.prefetch.prefetch import Prefetch
from box_dialect.engine.scan.context import ScanContext

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from box_dialect.api import CallCount
    from box_dialect.engine.cache.key_index import KeyIndex
    from box_dialect.engine.cache.shared_scan import SharedScan
    from box_dialect.engine.execution.projection import Projection
    from box_dialect.engine.runtime import Runtime
    from box_dialect.engine.scan.negative_cache import NegativeCache

Unfinished: TypeAlias = "SharedScan | KeyIndex | Downloads | DocumentStore"
"""What a statement may have in flight."""

MOST_SCANS: Final = 10_000
"""Scans that are kept for further sets of parameters at most, beside those ahead, however few rows they have."""


class StatementScope:
    """The scans, downloads, procedure calls and prefetches that the cursors of a statement share.

    `projection` tells how its rows are shown, None where that takes each value.
    """

    def __init__(self, runtime: Runtime, count: CallCount, negative_cache: NegativeCache) -> None:
        self._runtime, self._count, self._negative_cache = runtime, count, negative_cache
        self.calls = ProcedureMemo()
        self.projection: Projection | None = None
        self._process = os.getpid()
        self._begin()

    def _begin(self) -> None:
        self._has_read = False
        self.context = ScanContext(self._count, self._negative_cache)
        self.cache = ScanCache(self._runtime, self.context)
        self.downloads = Downloads()
        self.documents = DocumentStore(self._runtime, self.context)
        self.prefetch = Prefetch(self._runtime, self.cache, self.downloads, self.documents)

    def begin_set(self) -> list[SharedScan]:
        """Begin with another set of parameters; return what the one before left unfinished, to be closed."""
        return self.cache.begin_set(MOST_SCANS + self.prefetch.scans_ahead, self.prefetch.is_noted)

    def release(self) -> None:
        """Let go of all that was read, where the statement has come to its end."""
        if (self._has_read or self.documents.has_found) and not self.cache.is_in_use:
            self.documents.end()
            self._begin()

    def opened(self) -> None:
        """Take note of a cursor."""
        with self.cache.lock:
            self._has_read = True
            self.cache.cursors += 1

    def closed(self) -> Callable[[], Coroutine[Any, Any, None]] | None:
        """Take note of a cursor's end; with the last one, return what cancels all that is in flight."""
        with self.cache.lock:
            self.cache.cursors -= 1
            if self.cache.is_in_use:
                return None
            unfinished: list[Unfinished] = [*self.cache.unfinished()]
            unfinished += [each for each in (self.downloads, self.documents) if each.is_in_use]
            ahead = tuple(self.prefetch.running)
        return partial(_cancel, ahead, unfinished) if ahead or unfinished else None

    @property
    def is_parents(self) -> bool:
        """Whether this is a forked child: what is in flight, and the loop that it runs on, are the parent's."""
        return self._process != os.getpid()


async def _cancel(ahead: Sequence[asyncio.Future[None]], unfinished: Sequence[Unfinished]) -> None:
    for task in ahead:
        task.cancel()
    await asyncio.gather(*ahead, *(each.aclose() for each in unfinished), return_exceptions=True)
