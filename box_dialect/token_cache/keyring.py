"""Tokens in the keyring of the system: Keychain, Credential Locker, Secret Service, KWallet."""

from __future__ import annotations

import base64
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import SignInError
from box_dialect.token_cache.locks import file_lock, lock_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from box_dialect.properties import Properties

SERVICE: Final = "box-dialect"
_RECOMMENDED: Final = 1
"""The least priority of a backend that keyring recommends; those below fail, forget, or do not encrypt."""


class SystemKeyring:
    """The texts that box-dialect has in the keyring."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    @classmethod
    def here(cls) -> SystemKeyring | None:
        """Return the keyring, None where there is none, or its library is not installed."""
        try:
            import keyring
        except ImportError:
            return None
        backend = keyring.get_keyring()
        chained = getattr(backend, "backends", None) or [backend]
        return cls(backend) if max(each.priority for each in chained) >= _RECOMMENDED else None

    def get(self, name: str) -> str | None:
        """Return the text of that name; raises SignInError, as the other methods do."""
        text: str | None = _reported(self._backend.get_password, SERVICE, name)
        return text

    def set(self, name: str, text: str) -> None:
        """Replace the text of that name."""
        _reported(self._backend.set_password, SERVICE, name, text)

    def delete(self, name: str) -> None:
        """Remove the text of that name."""
        if self.get(name) is not None:
            _reported(self._backend.delete_password, SERVICE, name)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold the text of that name against the other processes of the user, by a file, for keyrings have no locks."""
        from platformdirs import user_state_path

        return file_lock(user_state_path(SERVICE, appauthor=False) / lock_name(name), "the keyring")


def _reported(call: Callable[..., Any], *arguments: str) -> Any:
    try:
        return call(*arguments)
    except Exception as error:  # noqa: BLE001 - backends raise what the libraries beneath them raise
        raise SignInError(
            f"the keyring refused ({type(error).__name__}: {error}); unlock it, or take another TokenCache"
        ) from None


class KeyringCache:
    """Keep each entry as a password of the service box-dialect."""

    def __str__(self) -> str:
        return "the keyring"

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none."""
        text = self._keyring.get(key)
        try:
            return None if text is None else base64.b64decode(text, validate=True)
        except ValueError:
            raise SignInError(
                f"the password of {SERVICE} in the keyring was not written by this driver; remove it, and sign in again"
            ) from None

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry; Windows refuses one of more than 900 bytes or so, which no token of Box needs."""
        self._keyring.set(key, base64.b64encode(entry).decode())

    def delete(self, key: str) -> None:
        """Remove the entry."""
        self._keyring.delete(key)

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the entry against the user's processes on this machine."""
        return self._keyring.lock(key)

    @cached_property
    def _keyring(self) -> SystemKeyring:
        found = SystemKeyring.here()
        if found is None:
            raise SignInError(
                "this machine has no keyring that keeps secrets (see `python -m keyring --list-backends`); take "
                "another TokenCache"
            )
        return found


def open_keyring(_location: str, _properties: Properties) -> KeyringCache:
    """Return the cache in the keyring; raises ImportError where the library is not installed."""
    import keyring  # noqa: F401 - only to see that it is there; its backends are looked for when they are needed

    return KeyringCache()
