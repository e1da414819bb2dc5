"""Where tokens live between runs: one protocol, and a module for each place."""

from __future__ import annotations

from box_dialect.token_cache.base import CacheFactory, TokenCache
from box_dialect.token_cache.registry import open_cache

__all__ = ["CacheFactory", "TokenCache", "open_cache"]
