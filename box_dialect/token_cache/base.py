"""What a token cache is: where token sets live between runs, and among processes and hosts that share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from box_dialect.properties import Properties

LOCK_SECONDS: Final = 300.0
"""How long to wait for another holder: longer than any refresh with all its retries takes."""


class TokenCache(Protocol):
    """Keep entries, one for each account, under keys that are no secrets.

    An entry is opaque: what is stored is what is loaded, and it is encrypted by whoever calls where a key is given.
    Methods block and may be called from any thread; they raise SignInError where the place cannot be used, and
    leave it as it was. `str()` names the place for messages, without a secret.
    """

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none; never a part of one."""

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry; when this returns, it survives the process. An entry is stored whole or not at all."""

    def delete(self, key: str) -> None:
        """Remove the entry; nothing happens where there is none."""

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the entry against all others that share the cache: threads, processes, hosts.

        `load` and `store` inside the block, by the thread that entered it, see and keep what nobody else changes.
        A `store` comes last: it may end the hold. Where the hold was lost before, `store` raises SignInError and
        keeps nothing.
        """


class CacheFactory(Protocol):
    """What an entry point of the group `box_dialect.token_cache` names: it opens a cache."""

    def __call__(self, location: str, properties: Properties) -> TokenCache:
        """Return the cache that `location`, the value of the property `TokenCache`, stands for.

        Cheap: nothing is connected to or written yet. Raises ProgrammingError where the location is wrong.
        """
