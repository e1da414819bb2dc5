"""What a token cache keeps of an account: its token set, and which given tokens that stems from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from box_dialect.auth.tokens import TokenSet  # noqa: TC001 - msgspec reads it
from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from box_dialect.properties import Properties

SCHEMA: Final = 1
"""The version of an entry's form; a program reads those up to its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A token set and its lineage: the fingerprints of the given tokens and codes that were used up for it."""

    tokens: TokenSet
    lineage: tuple[str, ...] = ()
    schema: int = SCHEMA

    def ended(self) -> Entry:
        """Return the entry with an access token that has expired."""
        return replace(self, tokens=replace(self.tokens, expires_at=0.0))


class _Versioned(msgspec.Struct):
    schema: int


def encoded(entry: Entry) -> bytes:
    """Return the JSON form of an entry."""
    return msgspec.json.encode(entry)


def decoded(data: bytes | None) -> Entry | None:
    """Return the entry of its JSON form, None for none; raises OperationalError where it cannot be read."""
    if data is None:
        return None
    problem = "is damaged; delete it and sign in again"
    try:
        if msgspec.json.decode(data, type=_Versioned).schema > SCHEMA:
            problem = "was written by a newer version of box-dialect; install that version here too"
        else:
            return msgspec.json.decode(data, type=Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    # Raised here, since the decoder's own error may quote what it could not read.
    raise OperationalError(f"an entry of the token cache {problem}")


def key(properties: Properties, *account: str | None) -> str:
    """Return the key of an account's entry: a hash of nothing that is secret.

    `account` is the client id, and whom it acts for.
    """
    named = (urlsplit(properties.token_url).netloc, properties.auth_scheme, properties.scope, *account)
    return hashlib.sha256(msgspec.json.encode(named)).hexdigest()


def fingerprint(secret: str) -> str:
    """Return the hash by which an entry remembers a given token or code."""
    return hashlib.sha256(secret.encode()).hexdigest()
