"""A token cache that nobody asked for, without which things go on."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.token_cache.base import TokenCache

_log: Final = logging.getLogger("box_dialect")


class OptionalCache:
    """Use a token cache as long as it works: where it fails there is no entry, and nothing is stored.

    For grants that can be made again at any time, so that they need no place that can be written to.
    """

    def __init__(self, open_cache: Callable[[], TokenCache]) -> None:
        self._open_cache = open_cache
        self._cache: TokenCache | None = None

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none or the cache fails."""
        if self._cache is not None:
            try:
                return self._cache.load(key)
            except DatabaseError as problem:
                self._give_up(problem)
        return None

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry, if the cache works."""
        if self._cache is not None:
            try:
                self._cache.store(key, entry)
            except DatabaseError as problem:
                self._give_up(problem)

    def delete(self, key: str) -> None:
        """Remove the entry, if the cache works."""
        if self._cache is not None:
            self._cache.delete(key)

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Hold the entry, if the cache works; each time, it is tried anew."""
        with ExitStack() as held:
            try:
                self._cache = self._cache or self._open_cache()
                held.enter_context(self._cache.lock(key))
            except DatabaseError as problem:
                self._give_up(problem)
            yield

    def _give_up(self, problem: DatabaseError) -> None:
        self._cache = None
        _log.warning("tokens are not kept between runs: %s. TokenCache=memory asks for that", problem)
