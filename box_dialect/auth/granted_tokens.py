"""The tokens of a grant that can be made again at any time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from box_dialect.auth.cached import CachedTokens
from box_dialect.auth.entry import Entry, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache


class Grant(Protocol):
    """One way to get a token set from Box's token endpoint, as often as one likes."""

    def account(self) -> tuple[str | None, ...]:
        """Return the client id and whom tokens are for; reads the files that the grant needs.

        Called in a worker thread before each `fetch`. Raises ProgrammingError where a file cannot be used.
        """

    def secret(self) -> bytes:
        """Return what Box knows the application by; called after `account`."""

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set.

        Raises SignInError: retryable where Box or the network may answer later, final where it is refused.
        """


class GrantedTokens(CachedTokens):
    """Get token sets by a grant, which spares a call where the cache has one that another process got."""

    def __init__(
        self,
        properties: Properties,
        grant: Grant,
        cache: Callable[[], TokenCache],
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(properties, cache, clock)
        self._grant = grant

    def _key(self) -> str:
        return key(self._properties, *self._grant.account())

    def _secret(self) -> bytes:
        return self._grant.secret()

    async def _fetch(self, entry: Entry | None, seen: TokenSet | None) -> Entry:  # noqa: ARG002 - of no use here
        tokens = await self._grant.fetch()
        return Entry(tokens=tokens) if entry is None else replace(entry, tokens=tokens)
