"""What folders hold, for the completion of paths: one call for each that is listed, and what was seen is kept."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from box_dialect import Error

if TYPE_CHECKING:
    from box_dialect import Connection

_SQL: Final = "SELECT id, name, type FROM items WHERE parent_id = ? LIMIT 1000"
_SECONDS_KEPT: Final = 60.0
_SECONDS_WAITED: Final = 3.0
_ROOT: Final = "0"

Entries = dict[str, tuple[str, str]]
"""The id and the type of each item by its name."""


class Folders:
    """The folders of an account by their paths; one that is not listed in time has nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[str, tuple[float, Entries]] = {}

    def entries(self, path: str) -> Entries:
        """Return what the folder of a path holds, `/` the root folder; nothing where there is none."""
        folder = _ROOT
        for name in filter(None, path.split("/")):
            found = self._listed(folder).get(name)
            if found is None or found[1] != "folder":
                return {}
            folder = found[0]
        return self._listed(folder)

    def _listed(self, folder: str) -> Entries:
        at, entries = self._seen.get(folder, (0.0, {}))
        if not at or time.monotonic() - at > _SECONDS_KEPT:
            entries = self._list(folder)
            self._seen[folder] = time.monotonic(), entries
        return entries

    def _list(self, folder: str) -> Entries:
        timer = threading.Timer(_SECONDS_WAITED, self._connection.interrupt)
        timer.start()
        try:
            with self._connection.cursor() as cursor:
                return {str(name): (str(id_), str(kind)) for id_, name, kind in cursor.execute(_SQL, (folder,))}
        except Error:
            return {}
        finally:
            timer.cancel()
