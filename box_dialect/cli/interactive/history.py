"""What was typed into the shell, kept for the next one in a file of the user's, but for what may hold a secret."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from platformdirs import user_state_path
from prompt_toolkit.history import FileHistory

from box_dialect.cli.interactive.dot_commands import sql_of
from box_dialect.dbapi.sqltext.secrecy import without_secrets
from box_dialect.token_cache.keyring import SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from box_dialect.catalog.model.procedure import Procedure

_MOST_BYTES: Final = 1 << 20
_ENTRY: Final = b"\n# "
"""What each entry of prompt_toolkit's file begins with."""


def history_file() -> Path:
    """Return the path of the file, `shell_history` in the user's folder for state."""
    return user_state_path(SERVICE, appauthor=False) / "shell_history"


class History(FileHistory):
    """The history of the shell; the file is for its user alone, and has the last megabyte.

    A statement with a literal that may be a secret can be recalled in the shell that it was typed into, and is in no
    file.
    """

    def __init__(self, procedures: Mapping[str, Procedure]) -> None:
        self._procedures = procedures
        path = history_file()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        content = path.read_bytes()
        if len(content) > _MOST_BYTES:
            path.write_bytes(content[max(0, content.find(_ENTRY, len(content) - _MOST_BYTES // 2)) :])
        super().__init__(str(path))

    def store_string(self, string: str) -> None:
        """Write an entry to the file, unless it may hold a secret."""
        statement = sql_of(string)
        if not statement or without_secrets(statement, self._procedures) is None:
            super().store_string(string)
