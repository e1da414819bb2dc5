"""The tokens of a user: refreshed for ever, from a code or tokens that are given, or from the browser."""

from __future__ import annotations

import dataclasses
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import anyio.from_thread
import anyio.to_thread

from box_dialect.auth import authorization_code
from box_dialect.auth.authorization_code import SIGN_IN
from box_dialect.auth.cached import CachedTokens
from box_dialect.auth.entry import Entry, fingerprint, key
from box_dialect.auth.token_endpoint import DEAD_GRANT
from box_dialect.errors import SignInError, SignInNeededError, without_frames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.auth.tokens import TokenSet

_log: Final = logging.getLogger("box_dialect")


class UserTokens(CachedTokens):
    """Get token sets by the authorization code grant and by refresh tokens, each of which is good for one use.

    An account has one entry in the cache. Where that stems from another code or refresh token than the properties
    give, these may be of another user: a code is exchanged and replaces the entry, a refresh token gets an entry of its
    own, whose key holds its fingerprint. Where a given refresh token is dead and a later sign-in has left its tokens as
    the account's entry, `_later` goes on with those.
    """

    _later: UserTokens | None = None

    async def aclose(self) -> None:
        """Store what could not be stored before."""
        await super().aclose()
        if self._later is not None:
            await self._later.aclose()

    @without_frames
    async def ask(self, problem: SignInNeededError) -> TokenSet:
        """Let the user sign in by the browser, where `InitiateOAuth=GETANDREFRESH` allows that."""
        if self._properties.initiate_oauth != "GETANDREFRESH":
            raise problem
        from box_dialect.auth.loopback import browser_sign_in

        return await self._keep(await browser_sign_in(self._properties))

    @without_frames
    async def keep(self, tokens: TokenSet) -> None:
        """Store the token set of a new sign-in, in the place of an older one.

        Raises SignInError where it cannot be stored; whoever signed in for that has to do it again.
        """
        await self._keep(tokens)
        if self._unkept is not None:
            problem, self._unkept = self._unkept.problem, None
            raise SignInError(
                f"the tokens of the new sign-in could not be stored: {problem}; mend that, and sign in again"
            )

    async def _keep(self, tokens: TokenSet) -> TokenSet:
        return await anyio.to_thread.run_sync(self._keep_new, tokens, limiter=self._thread)

    @without_frames
    async def forget(self) -> bool:
        """Revoke the kept tokens and remove them; False where there are none. Raises SignInError."""
        return await anyio.to_thread.run_sync(self._forget, limiter=self._thread)

    def _renew(self, seen: TokenSet | None) -> TokenSet:
        if self._later is not None:
            return self._later._renew(seen)  # noqa: SLF001 - of the same class
        try:
            return super()._renew(seen)
        except SignInNeededError as problem:
            later = self._later_sign_in(seen) if problem.diag.code == DEAD_GRANT else None
            if later is None:
                raise
            try:
                tokens = later._renew(None)  # noqa: SLF001 - of the same class
            except SignInNeededError:
                raise problem from None
        _log.warning(
            "Box does not take the refresh token of OAuthRefreshToken any more; the connection goes on with the later "
            "sign-in that the token cache holds. Leave OAuthAccessToken and OAuthRefreshToken out"
        )
        self._later = later
        return tokens

    def _later_sign_in(self, seen: TokenSet | None) -> UserTokens | None:
        """Return where the account's own entry is used, if that is newer than all that came of what is given."""
        own, shared = (self._read(self._cache.load(key)) for key in (self._key(*self._origin), self._key()))
        earlier = [each.issued_at for each in (seen, self._given, own and own.tokens) if each]
        if self._properties.verifier or shared is None or shared.tokens.issued_at <= max(earlier, default=0.0):
            return None
        properties = dataclasses.replace(
            self._properties, access_token=None, refresh_token=None, token_timestamp=None, expires_in=None
        )
        return UserTokens(properties, lambda: self._cache, self._clock)

    def _keep_new(self, tokens: TokenSet) -> TokenSet:
        with self._held(None) as place:
            return self._kept(place, self._cache.load(place), Entry(tokens=tokens, lineage=self._origin))

    def _forget(self) -> bool:
        with self._held(None) as place:
            entry = self._read(self._cache.load(place))
            if entry is None:
                return False
            token = entry.tokens.refresh_token or entry.tokens.access_token
            anyio.from_thread.run(authorization_code.revoke, self._properties, token)
            self._cache.delete(place)
            return True

    @property
    def _origin(self) -> tuple[str, ...]:
        """The fingerprint of the code or refresh token that is given, if one is."""
        secret = self._properties.verifier or self._properties.refresh_token
        return (fingerprint(secret),) if secret else ()

    def _key(self, *origin: str) -> str:
        return key(self._properties, self._properties.client_id, self._properties.subject_id, *origin)

    def _owned(self, entry: Entry | None) -> Entry | None:
        return entry if entry is not None and all(map(entry.stems_from, self._origin)) else None

    @contextmanager
    def _held(self, seen: TokenSet | None) -> Iterator[str]:
        shared, own = self._key(), self._key(*self._origin)
        if own == shared:
            with self._cache.lock(shared):
                yield shared
            return
        if self._cache.load(own) is None:
            with self._cache.lock(shared):
                entry = self._read(self._cache.load(shared))
                replaces = seen is None and self._properties.verifier is not None
                if entry is None or replaces or self._owned(entry) is not None:
                    yield shared
                    return
        with self._cache.lock(own):
            yield own

    def _known(self, entry: Entry | None, seen: TokenSet | None) -> TokenSet | None:
        is_first = entry is None and seen is None
        if is_first and self._properties.verifier:
            return None
        known, given = super()._known(entry, seen), self._given
        if known is None and is_first and given is not None and given.refresh_token is None:
            return given  # of unknown age, and there is nothing to renew it by
        return known

    async def _fetch(self, entry: Entry | None, seen: TokenSet | None) -> Entry:
        code = self._properties.verifier
        if code and entry is None and seen is None:
            return Entry(tokens=await self._exchanged(code), lineage=self._origin)
        problem = SignInNeededError(
            f"no token is given, and the token cache holds none for this application and account; {SIGN_IN}"
            if seen is None
            else f"the access token is refused or has expired, and no refresh token came with it; {SIGN_IN}"
        )
        for refresh_token, before in self._refresh_tokens(entry, seen):
            try:
                tokens = await authorization_code.refresh(self._properties, refresh_token, clock=self._clock)
            except SignInError as error:
                if error.diag.code != DEAD_GRANT:
                    raise
                problem = SignInNeededError(f"{error}{self._afterwards}", error.diag)
            else:
                return before.renewed(refresh_token, tokens)
        raise problem

    def _refresh_tokens(self, entry: Entry | None, seen: TokenSet | None) -> Iterator[tuple[str, Entry]]:
        """Yield the refresh tokens that may be good, each with the entry that what it gives goes on from."""
        tokens, given = seen or self._given, self._properties.refresh_token
        last = Entry(tokens=tokens, lineage=self._origin) if entry is None and tokens is not None else entry
        if last is None:
            return
        if last.tokens.refresh_token:
            yield last.tokens.refresh_token, last
        if given and not last.stems_from(fingerprint(given)):
            yield given, dataclasses.replace(last, lineage=(*last.lineage, fingerprint(given)))

    async def _exchanged(self, code: str) -> TokenSet:
        try:
            return await authorization_code.exchange(self._properties, code, clock=self._clock)
        except SignInError as error:
            if error.diag.code != DEAD_GRANT:
                raise
            raise SignInError(f"{error}{self._afterwards}", error.diag) from None

    @property
    def _afterwards(self) -> str:
        """What to do where the properties go on to give what is used up."""
        given = {"OAuthVerifier": self._properties.verifier, "OAuthRefreshToken": self._properties.refresh_token}
        names = " and ".join(name for name, value in given.items() if value)
        return f"; leave {names} out to use a later sign-in, which the token cache holds" if names else ""
