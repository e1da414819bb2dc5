"""Token sets that a token cache shares among threads, processes and hosts: one renews, the others take its result."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio
import anyio.from_thread
import anyio.to_thread

from box_dialect.auth.entry import Entry, decoded, encoded
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import DatabaseError, SignInError, SignInNeededError, without_frames
from box_dialect.properties import token_hosts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache

_log: Final = logging.getLogger("box_dialect")

_MILLISECONDS_FROM: Final = 100_000_000_000
"""A timestamp from here on counts milliseconds; as seconds it would be of the year 5138."""


class _Unkept(NamedTuple):
    """An entry that could not be stored, what the cache held in its place, and why."""

    key: str
    before: bytes | None
    entry: Entry
    problem: str


class CachedTokens(ABC):
    """Get token sets for one account, through its entry in the token cache.

    A renewal is one run of a worker thread that holds the entry's lock: it reads the entry again, takes it where
    somebody else has renewed it, else asks Box and stores the answer, and only then lets go of the lock.
    """

    def __init__(
        self, properties: Properties, cache: Callable[[], TokenCache], clock: Callable[[], float] = time.time
    ) -> None:
        self._properties = properties
        self._open_cache = cache
        self._clock = clock
        self._given = given_tokens(properties)
        self._hosts = token_hosts(properties)
        self._cache_in_use: TokenCache | None = None
        self._unkept: _Unkept | None = None
        self._thread = anyio.CapacityLimiter(1)

    @without_frames
    async def renew(self, seen: TokenSet | None) -> TokenSet:
        """Return another token set than `seen`; raises SignInError."""
        return await anyio.to_thread.run_sync(self._renew, seen, limiter=self._thread)

    async def ask(self, problem: SignInNeededError) -> TokenSet:
        """Raise the problem: there is no user to sign in."""
        raise problem

    async def aclose(self) -> None:
        """Store what could not be stored before."""
        if self._unkept is not None:
            try:
                await anyio.to_thread.run_sync(self._keep_at_last, limiter=self._thread)
            except RuntimeError:  # no thread begins any more, since the interpreter ends
                self._keep_at_last()

    @abstractmethod
    def _key(self) -> str:
        """Return the key of the account's entry; may read files."""

    @abstractmethod
    async def _fetch(self, entry: Entry | None, seen: TokenSet | None) -> Entry:
        """Get a new token set from Box, on the event loop; `entry` is what the cache holds."""

    def _secret(self) -> bytes:
        """Return what Box knows the application by, without which nobody is handed kept tokens."""
        return (self._properties.client_secret or "").encode()

    @property
    def _cache(self) -> TokenCache:
        """The token cache, opened at its first use, in the worker thread."""
        if self._cache_in_use is None:
            self._cache_in_use = self._open_cache()
        return self._cache_in_use

    @contextmanager
    def _held(self, seen: TokenSet | None) -> Iterator[str]:  # noqa: ARG002 - where entries differ by it
        """Hold the lock of the account's entry, whose key is the value."""
        key = self._key()
        with self._cache.lock(key):
            yield key

    def _read(self, data: bytes | None) -> Entry | None:
        """Return what the cache has held; raises SignInError for tokens that belong to other hosts."""
        entry = decoded(data)
        if entry is not None and entry.hosts != self._hosts:
            raise SignInError(
                f"the tokens that {self._cache} holds for this account were issued for other hosts, so they are not "
                "sent to these: somebody has moved the entry. Remove it, and sign in again"
            )
        return entry

    def _opened(self, data: bytes | None) -> Entry | None:
        """Return what the cache has held for these properties, as one that has ended where the secret is another one.

        What such an entry is renewed by is good still: Box takes it from nobody who has no secret that is right.
        """
        entry = self._owned(self._read(data))
        is_open = entry is None or entry.is_open_to(self._secret(), self._clock())
        return entry if entry is None or is_open else entry.ended()

    def _store(self, key: str, entry: Entry) -> None:
        self._cache.store(key, encoded(replace(entry, hosts=self._hosts)))

    def _owned(self, entry: Entry | None) -> Entry | None:
        """Return the entry where it belongs to what the properties give."""
        return entry

    def _renew(self, seen: TokenSet | None) -> TokenSet:
        with self._held(seen) as key:
            before = self._cache.load(key)
            entry = self._last(key, before)
            known = self._known(entry, seen)
            if known is not None:
                return known
            try:
                renewed = anyio.from_thread.run(self._fetch, entry, seen)
            except DatabaseError as problem:
                # Somebody else may have been faster, where a lock is one only as long as it is renewed.
                after = self._cache.load(key)
                known = self._known(self._opened(after), seen) if after != before else None
                if known is None:
                    was_tried = seen is not None or problem.diag.code is not None
                    if isinstance(problem, SignInNeededError) and was_tried and after == before:
                        self._end(key, entry)
                    raise
                return known
            return self._kept(key, before, renewed)

    def _end(self, key: str, entry: Entry | None) -> None:
        """Store that a sign-in is over, so that later connections do not take its access token for a good one."""
        if entry is not None:
            with suppress(DatabaseError):
                self._store(key, entry.ended())

    def _last(self, key: str, before: bytes | None) -> Entry | None:
        """Return the newest entry: the stored one, or a newer one that could not be stored."""
        unkept, self._unkept = self._unkept, None
        if unkept is not None and (unkept.key, unkept.before) == (key, before):
            self._kept(key, before, unkept.entry)
            return unkept.entry
        return self._opened(before)

    def _known(self, entry: Entry | None, seen: TokenSet | None) -> TokenSet | None:
        """Return the token set to use without a call to Box, if there is one: the newer of the kept and the given."""
        sets = [entry.tokens] if entry else []
        if self._given is not None and seen is None and self._given.expires_at is not None:
            sets.append(self._given)
        now, refused = self._clock(), seen and seen.access_token
        good = [s for s in sets if not s.must_be_renewed(now) and s.access_token != refused]
        return max(good, key=lambda tokens: tokens.issued_at, default=None)

    def _kept(self, key: str, before: bytes | None, entry: Entry) -> TokenSet:
        """Store a new entry over what the cache held before, and return the token set to go on with."""
        try:
            after = self._cache.load(key)
            other = self._read(after) if after != before else None
            if other is not None and other.tokens.issued_at > entry.tokens.issued_at:
                return other.tokens
            self._store(key, entry.opened_to(self._secret(), self._clock()))
        except Exception as problem:  # noqa: BLE001 - whatever a cache raises, these tokens come only once
            self._unkept = _Unkept(key, before, entry, str(problem))
            _log.error(
                "Box has issued new tokens, which could not be stored: %s. This process goes on with them, and tries "
                "again to store them; until then others that share the token cache may have to sign in again",
                problem,
            )
        return entry.tokens

    def _keep_at_last(self) -> None:
        unkept = self._unkept
        if unkept is not None:
            with suppress(Exception), self._cache.lock(unkept.key):
                self._last(unkept.key, self._cache.load(unkept.key))


def given_tokens(properties: Properties) -> TokenSet | None:
    """Return the token set that the properties hold, None where they hold none.

    Without an access token it is one that has expired. The expiry is known where both its times are given.
    """
    if not properties.access_token and not properties.refresh_token:
        return None
    issued_at = float(properties.token_timestamp or 0)
    if issued_at >= _MILLISECONDS_FROM:
        issued_at /= 1000
    expires_at = None
    if not properties.access_token:
        expires_at = 0.0
    elif issued_at and properties.expires_in is not None:
        expires_at = issued_at + properties.expires_in
    return TokenSet(properties.access_token or "", expires_at, properties.refresh_token, issued_at)
