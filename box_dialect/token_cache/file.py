"""Tokens in a file, the default: the settings file."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from box_dialect.errors import ProgrammingError, SignInError
from box_dialect.properties.secret_files import check_link, read_secret
from box_dialect.token_cache.envelope import SealedCache
from box_dialect.token_cache.files import replace_file
from box_dialect.token_cache.locks import file_lock, lock_name

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache

VERSION: Final = 1
"""Of the file's form: an object with `version` and `entries`, which maps keys to entries in Base64."""


MOST_BYTES: Final = 1 << 26
"""Bytes of a settings file at most: the entries of some ten thousand accounts."""


class FileCache:
    """Keep the entries of several accounts in one file.

    Each account has a lock file, so that one's refresh does not hold up another's; the file's own is held only while it
    is rewritten. A link is followed once: its target is what is rewritten.
    """

    def __init__(self, path: Path) -> None:
        self._named = path.expanduser()
        self.path = Path(os.path.realpath(self._named))

    def __str__(self) -> str:
        return f"the settings file {self.path}"

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none; raises SignInError where the file is damaged."""
        # Windows replaces no file that somebody reads.
        with self._alone() if os.name == "nt" else contextlib.nullcontext():
            return self._read().get(key)

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry; raises SignInError and leaves the file as it is where that fails."""
        with self._alone():
            self._write({**self._read(), key: entry})

    def delete(self, key: str) -> None:
        """Remove the entry."""
        with self._alone():
            entries = self._read()
            if entries.pop(key, None) is not None:
                self._write(entries)

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the entry against the threads and processes of this machine."""
        return file_lock(self._beside(f".{lock_name(key)}"), str(self))

    def _alone(self) -> AbstractContextManager[None]:
        return file_lock(self._beside(".lock"), str(self))

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def _read(self) -> dict[str, bytes]:
        try:
            check_link(self._named)
            content = read_secret(self.path, most_bytes=MOST_BYTES, follow=False)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SignInError(f"cannot read {self}: {error.strerror or error}") from None
        try:
            held = json.loads(content)
            version = held["version"]
            if version == VERSION:
                return {key: base64.b64decode(text, validate=True) for key, text in held["entries"].items()}
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            raise SignInError(
                f"{self} is damaged, or was not written by this driver. It stays as it is: bring back a copy, or "
                "remove it (or name another OAuthSettingsLocation) and sign in again"
            ) from None
        raise SignInError(f"{self} has form {version!r}, which a later version of box-dialect wrote; upgrade")

    def _write(self, entries: dict[str, bytes]) -> None:
        texts = {key: base64.b64encode(entry).decode() for key, entry in entries.items()}
        replace_file(self.path, json.dumps({"version": VERSION, "entries": texts}, indent=1).encode())


def open_file(_location: str, properties: Properties) -> TokenCache:
    """Return the cache at `OAuthSettingsLocation`; without `TokenCacheKey` a key of this machine encrypts it.

    Raises ProgrammingError where the location is a URL.
    """
    from box_dialect.token_cache.machine_key import MachineKey

    if "://" in (properties.settings_location or ""):
        raise ProgrammingError(
            "property OAuthSettingsLocation is the path of a file, or memory://NAME; TokenCache names other places"
        )
    cache = FileCache(Path(properties.settings_location) if properties.settings_location else _default_path())
    if properties.token_cache_key:
        return cache
    return SealedCache(cache, MachineKey(cache.path))


def _default_path() -> Path:
    from platformdirs import user_config_path

    return user_config_path("box-dialect", appauthor=False) / "OAuthSettings.txt"
