"""What a token cache keeps of an account: its token set, and which given tokens that stems from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
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

_SHORTENED: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A token set and its lineage: the fingerprints of the given tokens and codes that were used up for it.

    `used` are those of the refresh tokens that it went through last, shortened, for a place may be small. `hosts` are
    those that the tokens may be sent to, as `token_hosts` has them: None, as in older entries, is Box itself.
    """

    tokens: TokenSet
    lineage: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    hosts: str | None = None
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
