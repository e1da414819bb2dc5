"""The token provider: one for each set of equal properties in a process."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from box_dialect.errors import Diagnostics, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.tokens import Grant, TokenSet

EXPIRY_MARGIN_SECONDS: Final = 60
"""A token this close to its end is renewed before it is used, so that it does not expire on its way to Box."""


class TokenProvider:
    """Hand out a valid access token, and get a new one before the old one expires.

    Belongs to one event loop. `given` is a token to begin with; without a `grant` it cannot be renewed. However many
    calls wait for a token, one grant is made and all take its result.
    """

    def __init__(
        self, *, grant: Grant | None = None, given: TokenSet | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._grant = grant
        self._tokens = given
        self._clock = clock
        self._lock = asyncio.Lock()

    async def access_token(self) -> str:
        """Return an access token that is valid by its expiry time.

        Raises OperationalError where Box refuses the sign-in or cannot be reached.
        """
        if self._tokens is None or self._expires_soon(self._tokens):
            return await self._renewed(self._tokens.access_token if self._tokens else None)
        return self._tokens.access_token

    async def replace(self, refused: str) -> str:
        """Return another access token than `refused`, which Box answered with HTTP 401.

        Raises OperationalError where none can be had.
        """
        return await self._renewed(refused)

    async def _renewed(self, seen: str | None) -> str:
        if self._grant is None:
            raise OperationalError(
                "Box refused the access token: it is wrong or has expired. Set OAuthAccessToken to a new one, "
                "or sign in with AuthScheme=OAuthClient, which renews its token by itself",
                Diagnostics(status=401),
            )
        async with self._lock:
            if self._tokens is None or self._tokens.access_token == seen:
                self._tokens = await self._grant.fetch()
            return self._tokens.access_token

    def _expires_soon(self, tokens: TokenSet) -> bool:
        return tokens.expires_at is not None and tokens.expires_at - EXPIRY_MARGIN_SECONDS <= self._clock()
