"""Local databases: one for each database of Superset and each of its viewers.

Each query of Superset's is a connection of its own, in any of its processes; what one creates, the next one of the same
viewer finds in this file, and nobody else does.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from box_dialect.errors import OperationalError
from box_dialect.properties.secret_files import check_secret

if TYPE_CHECKING:
    from pathlib import Path

    from box_dialect.integrations.superset.application import Viewer


def local_database(folder: Path, database: str, viewer: Viewer) -> Path:
    """Return the file of a database, by its UUID, and a viewer, which is made where it is missing.

    `folder/UUID/ID-NAME.db`, where NAME stands for the viewer's name, since ids may be given out again. Nobody but
    Superset's own user may read it, or change it. Raises OperationalError where it cannot be made, or others may.
    """
    name = hashlib.sha256(viewer.username.encode()).hexdigest()[:16]
    file = folder / database / f"{viewer.id}-{name}.db"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It is there before it is opened, which Readonly=true could not do otherwise.
        file.touch(mode=0o600)
        check_secret(file)
    except OSError as error:
        raise OperationalError(
            f"the local database {file} cannot be used: {error.strerror or error}; make its folder one of Superset's "
            "own user, or name another as LocalDatabases in BOX_DIALECT of superset_config.py"
        ) from None
    return file


def properties_of(file: Path) -> dict[str, Any]:
    """Return the properties of a connection that uses a viewer's file: it has what this viewer's SQL has put there."""
    return {"LocalDatabase": str(file), "TrustLocalDatabase": True}
