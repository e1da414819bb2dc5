"""A keyring that several processes see: a file for each password, in the folder FOLDER_KEYRING."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FolderKeyring(KeyringBackend):
    priority = 5
    locked = False

    def _file(self, service: str, username: str) -> Path:
        if self.locked:
            raise KeyringLocked("the user did not unlock it")
        folder = Path(os.environ["FOLDER_KEYRING"])
        folder.mkdir(exist_ok=True)
        return folder / hashlib.sha256(f"{service}/{username}".encode()).hexdigest()

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(service, username)
        return file.read_text() if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        file = self._file(service, username)
        new = file.with_suffix(f".{os.getpid()}")
        new.write_text(password)
        new.replace(file)

    def delete_password(self, service: str, username: str) -> None:
        self._file(service, username).unlink()
