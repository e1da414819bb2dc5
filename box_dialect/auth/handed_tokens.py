"""The tokens of a sign-in that another program keeps, which hands in whichever refresh token of it that it has."""

from __future__ import annotations

import dataclasses
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from box_dialect.auth.user_tokens import UserTokens
from box_dialect.errors import DatabaseError, without_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.auth.entry import Entry
    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache


class HandedTokens(UserTokens):
    """Get token sets by any refresh token of one sign-in, also by one that was used up long ago.

    The property `SubjectId` names the sign-in, whose entry in the cache no other one shares: so whatever stands there
    belongs to whoever hands in a token of it. The entry goes where the sign-in is over.
    """

    _origin = ()  # whichever token is given, the entry is its own
    _afterwards = ""

    def _known(self, entry: Entry | None, seen: TokenSet | None) -> TokenSet | None:
        """Return the token set that is kept, as long as it need not be renewed soon: another program holds on to it."""
        known = super()._known(entry, seen)
        return None if known is None or known.may_be_renewed(self._clock()) else known

    def _refresh_tokens(self, entry: Entry | None, seen: TokenSet | None) -> Iterator[tuple[str, Entry]]:
        for refresh_token, before in super()._refresh_tokens(entry, seen):
            yield refresh_token, dataclasses.replace(before, lineage=())

    def _end(self, key: str, entry: Entry | None) -> None:
        if entry is not None:
            with suppress(DatabaseError):
                self._cache.delete(key)


@without_frames
async def renewed(
    properties: Properties, cache: TokenCache | None = None, clock: Callable[[], float] = time.time
) -> TokenSet:
    """Return a token set of the sign-in `SubjectId` that is good for a while, got by `OAuthRefreshToken` where needed.

    Of all that share the token cache (default: the one that the properties name) one renews, and the others take what
    it got. Raises SignInNeededError where the sign-in is over, and SignInError where Box or the cache fails.
    """

    def opened() -> TokenCache:
        from box_dialect.token_cache import open_cache

        return open_cache(properties) if cache is None else cache

    source = HandedTokens(properties, opened, clock)
    try:
        return await source.renew(None)
    finally:
        await source.aclose()
