"""The key of a settings file for which no passphrase is given: in the system's keyring, else in a file beside it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Final

from box_dialect.errors import SignInError
from box_dialect.properties.secret_files import read_secret
from box_dialect.token_cache.envelope import IDENTITY_SIZE, Key, Kind
from box_dialect.token_cache.files import replace_file
from box_dialect.token_cache.keyring import SystemKeyring
from box_dialect.token_cache.locks import file_lock

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "key of settings files"
"""Of the key in the keyring, which serves all settings files of the user."""


class MachineKey:
    """The key of the settings file at `path`.

    It is made with the first entry: in the keyring where there is one, else in the file `path` with `.key` added. A key
    file that is there goes first, so that the two do not alternate where the keyring comes and goes with the desktop.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.with_name(f"{path.name}.key")

    def current(self) -> Key:
        """Return the key, made where there is none; raises SignInError where it can be neither read nor kept."""
        return self._from_file() or self._of_keyring() or self._made()

    def find(self, kind: Kind, identity: bytes) -> Key | None:
        """Return the key of that kind if it is the one; raises SignInError where it cannot be read."""
        found = None
        if kind is Kind.KEY_FILE:
            found = self._from_file()
        elif kind is Kind.KEYRING and (keyring := SystemKeyring.here()) is not None:
            found = _key(Kind.KEYRING, keyring.get(_NAME))
        return found if found is not None and found.identity == identity else None

    def _from_file(self) -> Key | None:
        try:
            key = _key(Kind.KEY_FILE, read_secret(self._file, follow=False).decode())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SignInError(f"cannot read the key file {self._file}: {error.strerror or error}") from None
        except ValueError:
            key = None
        if key is None:
            raise SignInError(
                f"the key file {self._file} is damaged. It stays as it is: bring back a copy, or remove it and the "
                "settings file beside it, and sign in again"
            )
        return key

    def _of_keyring(self) -> Key | None:
        """Return the key in the keyring, made where there is none; None where there is no keyring, or it is locked."""
        keyring = SystemKeyring.here()
        if keyring is None:
            return None
        with contextlib.suppress(SignInError):
            found = _key(Kind.KEYRING, keyring.get(_NAME))
            if found is not None:
                return found
            with keyring.lock(_NAME):
                if keyring.get(_NAME) is None:
                    keyring.set(_NAME, _new())
                return _key(Kind.KEYRING, keyring.get(_NAME))
        return None

    def _made(self) -> Key:
        with file_lock(self._file.with_name(f"{self._file.name}.lock"), f"the key file {self._file}"):
            found = self._from_file()
            if found is None:
                replace_file(self._file, f"{_new()}\n".encode())
                found = self._from_file()
        if found is None:
            raise SignInError(f"the key file {self._file} was removed as soon as it was written; try again")
        return found


def _new() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _key(kind: Kind, text: str | None) -> Key | None:
    """Return the key that a text holds, None where it holds none."""
    try:
        secret = base64.b64decode((text or "").strip(), validate=True)
    except ValueError:
        return None
    identity = hashlib.sha256(b"box-dialect key " + secret).digest()[:IDENTITY_SIZE]
    return Key(kind, identity, secret) if len(secret) == 32 else None
