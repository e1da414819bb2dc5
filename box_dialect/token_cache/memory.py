"""Tokens in the memory of the process, gone with it."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING

from box_dialect.token_cache.locks import thread_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from box_dialect.properties import Properties

_named: dict[str, MemoryCache] = {}


class MemoryCache:
    """Keep entries in a dictionary; a process that forks has two from then on."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._entries: dict[str, bytes] = {}

    def __str__(self) -> str:
        return "the memory of this process"

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none."""
        return self._entries.get(key)

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry."""
        self._entries[key] = entry

    def delete(self, key: str) -> None:
        """Remove the entry."""
        self._entries.pop(key, None)

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the entry against the other threads."""
        return thread_lock(f"memory://{self._name}/{key}", str(self))


def open_memory(location: str, properties: Properties) -> MemoryCache:
    """Return the cache of that name, or the one that connections with these very properties share."""
    name = location.partition("://")[2]
    if not name:
        name = f"?{hashlib.sha256(repr(astuple(properties)).encode()).hexdigest()}"
    return _named.setdefault(name, MemoryCache(name))
