"""The dashboard "Box governance" for Superset, as the ZIP that Superset imports; its sources are the YAML files here.

`python -m box_dialect.integrations.superset.governance FILE.zip` writes it. Superset is not needed for that.

Source: https://superset.apache.org/docs/configuration/importing-exporting-datasources
"""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["DATABASE_UUID", "bundle"]

DATABASE_UUID: Final = "c3a0bd4e-90c5-4092-971e-1c5840b64972"
"""The database that Superset makes of the ZIP, unless another is named."""

_URL: Final = 'sqlalchemy_uri: "box://"'
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


def bundle(url: str = "box://", database_uuid: str = DATABASE_UUID) -> bytes:
    """Return the ZIP; equal arguments give equal bytes.

    `url` is the URL of the database that Superset makes. It is in the ZIP as it is; Superset asks for a password that
    is written `XXXXXXXXXX` when it imports. `database_uuid` names a database that Superset has already, whose own URL
    stays as it is.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in sorted(_sources(files(__package__))):
            changed = text.replace(DATABASE_UUID, database_uuid).replace(_URL, f"sqlalchemy_uri: {json.dumps(url)}")
            entry = zipfile.ZipInfo(f"box_governance/{path}", _LONG_AGO)
            entry.create_system = 3  # Unix, wherever it is made
            archive.writestr(entry, changed)
    return stream.getvalue()


def _sources(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each YAML file below a folder."""
    for child in folder.iterdir():
        if child.is_dir():
            yield from _sources(child, f"{path}{child.name}/")
        elif child.name.endswith(".yaml"):
            yield path + child.name, child.read_text(encoding="utf-8")
