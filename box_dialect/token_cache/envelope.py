"""Encrypt what a token cache keeps.

A sealed entry is `BXT1`, the kind of its key, 16 bytes that say which key of that kind, a nonce of 12 bytes, and the
entry encrypted by AES-256-GCM. All before the nonce is authenticated, and so is the key that the entry is kept under,
so that none passes for another account's. An entry that is not encrypted is `BXT10` and the entry.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import ExitStack, contextmanager
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from box_dialect.errors import Error, SignInError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from box_dialect.token_cache.base import TokenCache

T = TypeVar("T")

_MAGIC: Final = b"BXT1"
IDENTITY_SIZE: Final = 16
_NONCE_SIZE: Final = 12


class Kind(Enum):
    """Where the key of an entry is; the value stands in the envelope."""

    NONE = b"0"
    PASSPHRASE = b"P"
    KEYRING = b"R"
    KEY_FILE = b"F"


class Key(NamedTuple):
    """A key of 32 bytes; `identity` tells which one, or for a passphrase what salt stretched it."""

    kind: Kind
    identity: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.kind})"


class Keys(Protocol):
    """What an entry is sealed with, and opened."""

    def current(self) -> Key:
        """Return the key for new entries."""

    def find(self, kind: Kind, identity: bytes) -> Key | None:
        """Return the key that the envelope of an entry names, None where it is not here."""


class Passphrase:
    """Entries are encrypted by a passphrase: whoever has it opens them, wherever they are."""

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase
        self._salt: bytes | None = None

    def current(self) -> Key:
        """Return a key with the salt of the entry seen last, since to stretch costs a third of a second."""
        if self._salt is None:
            self._salt = os.urandom(IDENTITY_SIZE)
        return self._stretched(self._salt)

    def find(self, kind: Kind, identity: bytes) -> Key | None:
        """Return the key with the salt that the entry names."""
        if kind is not Kind.PASSPHRASE:
            return None
        self._salt = identity
        return self._stretched(identity)

    def _stretched(self, salt: bytes) -> Key:
        return Key(Kind.PASSPHRASE, salt, _stretch(self._passphrase, salt))


@lru_cache(maxsize=64)
def _stretch(passphrase: str, salt: bytes) -> bytes:
    # OWASP's least in 32 MiB: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=2**15, r=8, p=3, maxmem=2**26, dklen=32)


class SealedCache:
    """A token cache whose entries are encrypted where there are keys."""

    def __init__(self, cache: TokenCache, keys: Keys | None) -> None:
        self._cache = cache
        self._keys = keys

    def __str__(self) -> str:
        return str(self._cache)

    def sealed_by(self) -> Kind:
        """Return where the key of new entries is, which is made where it is missing."""
        return Kind.NONE if self._keys is None else self._keys.current().kind

    def load(self, key: str) -> bytes | None:
        """Return the entry as it was stored; raises SignInError where the key that opens it is not here."""
        sealed = self._tried(self._cache.load, key)
        return None if sealed is None else self._opened(key, sealed)

    def store(self, key: str, entry: bytes) -> None:
        """Encrypt the entry, and store it."""
        self._tried(self._cache.store, key, self._sealed(key, entry))

    def delete(self, key: str) -> None:
        """Remove the entry, whatever opens it."""
        self._tried(self._cache.delete, key)

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the entry, as the cache beneath does."""
        return self._held(self._tried(self._cache.lock, key))

    @contextmanager
    def _held(self, lock: AbstractContextManager[None]) -> Iterator[None]:
        held = ExitStack()
        self._tried(held.enter_context, lock)
        try:
            yield
        except BaseException:
            if not self._tried(held.__exit__, *sys.exc_info()):
                raise
        else:
            self._tried(held.close)

    def _tried(self, method: Callable[..., T], *arguments: Any) -> T:
        """Call a method of the cache beneath; SignInError is all that it may raise, whoever made the cache."""
        try:
            return method(*arguments)
        except Error:
            raise
        except Exception as error:  # noqa: BLE001 - other packages add caches
            failure = type(error).__name__
        # Raised here, since the error of another package may quote what is secret.
        raise SignInError(f"{self} failed ({failure})")

    def _sealed(self, key: str, entry: bytes) -> bytes:
        if self._keys is None:
            return _MAGIC + Kind.NONE.value + entry
        used = self._keys.current()
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header = _MAGIC + used.kind.value + used.identity
        nonce = os.urandom(_NONCE_SIZE)
        return header + nonce + AESGCM(used.secret).encrypt(nonce, entry, header + key.encode())

    def _opened(self, key: str, sealed: bytes) -> bytes:
        magic, mark = sealed[: len(_MAGIC)], sealed[len(_MAGIC) : len(_MAGIC) + 1]
        if magic != _MAGIC or mark not in {kind.value for kind in Kind}:
            raise self._closed("are damaged, or were not written by this driver")
        kind, rest = Kind(mark), sealed[len(_MAGIC) + 1 :]
        if kind is Kind.NONE:
            if self._keys is None:
                return rest
            raise self._closed("are not encrypted, though there is a key; whoever may write there could have put them")
        identity, nonce = rest[:IDENTITY_SIZE], rest[IDENTITY_SIZE : IDENTITY_SIZE + _NONCE_SIZE]
        used = self._keys.find(kind, identity) if self._keys else None
        if used is None:
            raise self._closed(_MISSING[kind])
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header = magic + mark + identity
        try:
            return AESGCM(used.secret).decrypt(nonce, rest[IDENTITY_SIZE + _NONCE_SIZE :], header + key.encode())
        except (InvalidTag, ValueError):
            raise self._closed(_WRONG.get(kind, "are damaged")) from None

    def _closed(self, reason: str) -> SignInError:
        return SignInError(
            f"the tokens in {self} {reason}. They stay as they are. To begin anew, remove them there, or name another "
            "place, and sign in again"
        )


_MISSING: Final = {
    Kind.PASSPHRASE: "are encrypted with another key: give the TokenCacheKey they were written with",
    Kind.KEYRING: "are encrypted with another key: it is in the keyring of the machine and user that wrote them, so "
    "that they cannot be read elsewhere. Sign in there with TokenCacheKey set, and what is written then can be copied",
    Kind.KEY_FILE: "are encrypted with another key: it is in a file of the machine that wrote them, beside the "
    "settings file (its name and .key). Sign in there with TokenCacheKey set, and what is written then can be copied",
}
_WRONG: Final = {
    Kind.PASSPHRASE: "are damaged, or encrypted with another key: give the TokenCacheKey they were written with"
}
