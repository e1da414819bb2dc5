"""The token provider: one for each set of equal properties in a process."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

from box_dialect.errors import SignInNeededError, without_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.tokens import TokenSet

RETRY_SECONDS: Final = 30.0
"""After a renewal ahead of time has failed, the next one waits for so long, or until the token must be renewed."""

_log: Final = logging.getLogger("box_dialect")


class TokenSource(Protocol):
    """Where a provider gets its token sets from."""

    async def renew(self, seen: TokenSet | None) -> TokenSet:
        """Return another token set than `seen`, which is not good any more.

        Raises SignInError: retryable where Box or the network may answer later, final where it is refused, and
        SignInNeededError where the user has to sign in.
        """

    async def ask(self, problem: SignInNeededError) -> TokenSet:
        """Let the user sign in, or raise the problem where the properties do not allow that."""

    async def aclose(self) -> None:
        """Bring to its end what must not be lost."""


class TokenProvider:
    """Hand out a valid access token, and get a new one before the old one expires.

    Belongs to one event loop. However many calls wait for a token, one renewal is made and all take its result; it
    goes on where those who wait are cancelled, for Box may have given out tokens that come once only.
    """

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.time) -> None:
        self._source = source
        self._clock = clock
        self._tokens: TokenSet | None = None
        self._renewal: asyncio.Task[TokenSet] | None = None
        self._signing_in = asyncio.Lock()
        self._not_before = 0.0

    async def access_token(self) -> str:
        """Return an access token that is valid by its expiry time.

        Raises SignInError where Box refuses the sign-in or cannot be reached.
        """
        tokens, now = self._tokens, self._clock()
        if tokens is None or tokens.must_be_renewed(now):
            return (await self._renewed()).access_token
        if tokens.may_be_renewed(now) and now >= self._not_before:
            self._begun()
        return tokens.access_token

    @without_frames
    async def replace(self, refused: str) -> str:
        """Return another access token than `refused`, which Box answered with HTTP 401.

        Raises SignInError where none can be had.
        """
        if self._tokens is not None and self._tokens.access_token != refused:
            return await self.access_token()
        try:
            return (await self._renewed()).access_token
        except SignInNeededError:
            self._tokens = None  # so that the next one who signs in does not take the refused token for a good one
            raise

    async def sign_in(self) -> None:
        """Get a token set now, by the user where that is allowed and needed; raises SignInError."""
        async with self._signing_in:
            if self._tokens is None or self._tokens.must_be_renewed(self._clock()):
                try:
                    await self._renewed()
                except SignInNeededError as problem:
                    self._tokens = await self._source.ask(problem)

    async def aclose(self) -> None:
        """Wait for the renewal that runs, whose tokens would be lost otherwise."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal])
        await self._source.aclose()

    async def _renewed(self) -> TokenSet:
        renewal = self._begun()
        await asyncio.wait([renewal])  # which leaves it alone when this is cancelled
        return renewal.result()

    def _begun(self) -> asyncio.Task[TokenSet]:
        """Return the renewal that runs, begun now where there is none."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(_noted)
        return self._renewal

    async def _renew(self) -> TokenSet:
        try:
            self._tokens = await self._source.renew(self._tokens)
        except Exception:
            self._not_before = self._clock() + RETRY_SECONDS
            raise
        else:
            return self._tokens
        finally:
            self._renewal = None


def _noted(renewal: asyncio.Task[TokenSet]) -> None:
    """Log a failure, which nobody may wait for."""
    if not renewal.cancelled() and (problem := renewal.exception()) is not None:
        _log.debug("token renewal failed: %s", problem)
