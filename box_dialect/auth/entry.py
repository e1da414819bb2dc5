"""What a token cache keeps of an account: its token set, which given tokens that stems from, and whom it is for."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from box_dialect.auth.tokens import TokenSet  # noqa: TC001 - msgspec reads it
from box_dialect.errors import SignInError
from box_dialect.properties import token_hosts

if TYPE_CHECKING:
    from box_dialect.properties import Properties

SCHEMA: Final = 1
"""The version of an entry's form; a program reads those up to its own."""

MOST_USED: Final = 20
"""How many refresh tokens that were used up an entry remembers."""

MOST_PROOFS: Final = 4
"""How many secrets that Box has taken an entry remembers: those of an application that are good at once are few."""

_SHORTENED: Final = 16
"""Letters of the fingerprint of a refresh token, and bytes of the hash of a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A token set and its lineage: the fingerprints of the given tokens and codes that were used up for it.

    `used` are those of the refresh tokens that it went through last, shortened, for a place may be small. `hosts` are
    those that the tokens may be sent to, as `token_hosts` has them: None, as in older entries, is Box itself.

    `proofs` are the secrets of the application that Box has taken for the account, each by its hash with `salt`, and
    until when it opens the entry: as long as the token lasts that Box gave for it. So who knows but the ids does not
    get the tokens, and while a secret is rotated the entry is that of the old and of the new one. An older entry has
    none, and is open until it is renewed.
    """

    tokens: TokenSet
    lineage: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    hosts: str | None = None
    salt: str = ""
    proofs: tuple[tuple[str, float], ...] = ()
    schema: int = SCHEMA

    def stems_from(self, origin: str) -> bool:
        """Tell whether the tokens stem from a given token or code, by its fingerprint."""
        last = self.tokens.refresh_token
        is_last = last is not None and fingerprint(last) == origin
        return is_last or origin in self.lineage or origin[:_SHORTENED] in self.used

    def renewed(self, refresh_token: str, tokens: TokenSet) -> Entry:
        """Return the entry with the tokens that a refresh token was used up for."""
        used = (*self.used, fingerprint(refresh_token)[:_SHORTENED])
        return replace(self, tokens=tokens, used=used[-MOST_USED:])

    def is_open_to(self, secret: bytes, now: float) -> bool:
        """Tell whether Box has taken a secret of the application so lately that what it gave for it is still good."""
        good = {proof for proof, until in self.proofs if until > now}
        return not self.salt or (bool(good) and _proof(secret, self.salt) in good)

    def opened_to(self, secret: bytes, now: float) -> Entry:
        """Return the entry as one whose tokens Box gave for a secret of the application."""
        salt = self.salt or _salt()
        own = _proof(secret, salt)
        others = (each for each in self.proofs if each[0] != own and each[1] > now)
        proofs = (*others, (own, self.tokens.expires_at or now))
        return replace(self, salt=salt, proofs=proofs[-MOST_PROOFS:])

    def ended(self) -> Entry:
        """Return the entry with an access token that has expired."""
        return replace(self, tokens=replace(self.tokens, expires_at=0.0))


class _Versioned(msgspec.Struct):
    schema: int


def encoded(entry: Entry) -> bytes:
    """Return the JSON form of an entry."""
    return msgspec.json.encode(entry)


def decoded(data: bytes | None) -> Entry | None:
    """Return the entry of its JSON form, None for none; raises SignInError where it cannot be read."""
    if data is None:
        return None
    problem = "is damaged; delete it and sign in again"
    try:
        if msgspec.json.decode(data, type=_Versioned).schema > SCHEMA:
            problem = "was written by a newer version of box-dialect; install that version here too"
        else:
            return msgspec.json.decode(data, type=Entry)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass
    # Raised here, since the decoder's own error may quote what it could not read.
    raise SignInError(f"an entry of the token cache {problem}")


def key(properties: Properties, *account: str | None) -> str:
    """Return the key of an account's entry: a hash of nothing that is secret.

    `account` is the client id, and whom it acts for. The hosts are a part of it, so that a connection which sends
    tokens elsewhere finds none that Box, or another host, has issued.
    """
    hosts = token_hosts(properties) or urlsplit(properties.token_url).netloc
    named = (hosts, properties.auth_scheme, properties.scope, *account)
    return hashlib.sha256(msgspec.json.encode(named)).hexdigest()


def fingerprint(secret: str) -> str:
    """Return the hash by which an entry remembers a given token or code."""
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(maxsize=1)
def _salt() -> str:
    """Return the salt of the entries that this process begins: one, since each costs a hash for each secret."""
    return os.urandom(16).hex()


def _proof(secret: bytes, salt: str) -> str:
    """Return the hash of a secret by which an entry remembers it."""
    return _stretched(hashlib.sha256(secret).digest(), salt)


@lru_cache(maxsize=64)
def _stretched(digest: bytes, salt: str) -> str:
    # Box's secrets are 32 random characters, and private keys, which no hash gives away. It is slow for weaker ones of
    # other hosts: some 30 ms, once in a process. PBKDF2 is there in each build of Python, also in FIPS mode.
    return hashlib.pbkdf2_hmac("sha256", digest, salt.encode(), 100_000, _SHORTENED).hex()
