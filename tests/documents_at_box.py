"""An emulator with documents in it, which tests read as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Box

PEOPLE_XML = b"""<?xml version="1.0"?>
<root>
  <people>
    <personal><age>20</age><name><first>Jane</first><last>Doe</last></name></personal>
    <vehicles><type>car</type><model>Honda Civic</model></vehicles>
    <vehicles><type>truck</type><model>Dodge Ram</model></vehicles>
    <source>internet</source>
  </people>
  <people>
    <personal><age>24</age><name><first>Joe</first><last>Roberts</last></name></personal>
    <vehicles><type>car</type><model>Toyota Camry</model></vehicles>
    <source>phone</source>
  </people>
</root>
"""

PEOPLE_CSV = b"""name,age,boss,born,note
Ann,30,2,2001-01-02,"one, two"
Bob,40,3,1990-12-31,
Cy,50.5,,1980-07-01,it's
Di,20,1,2010-05-05,ann
Ed,20,1,,ANN
"""

ORDERS = b'{"id": 1, "amount": 10.5, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]}\n{"id": 2, "amount": 3}\n'


def put(box: Box, path: str, content: bytes) -> str:
    """Write a file, make the folders that lead to it, and return its id."""
    *folders, name = path.strip("/").split("/")
    with box.connect() as connection, connection.cursor() as cursor:
        parent = "0"
        for folder in folders:
            found = cursor.execute(
                "SELECT id FROM folders WHERE parent_id = ? AND name = ?", (parent, folder)
            ).fetchone()
            if found is None:
                cursor.execute("INSERT INTO folders (name, parent_id) VALUES (?, ?) RETURNING id", (folder, parent))
                found = cursor.fetchone()
            (parent,) = found
        cursor.execute("SELECT id FROM files WHERE parent_id = ? AND name = ?", (parent, name))
        found = cursor.fetchone()
        if found is not None:
            cursor.execute("DELETE FROM files WHERE id = ?", found)
        cursor.execute(
            "INSERT INTO files (name, parent_id, content) VALUES (?, ?, ?) RETURNING id", (name, parent, content)
        )
        (file_id,) = cursor.fetchone()
        return file_id


def downloads(box: Box) -> int:
    """Return how many calls for contents were made since the counts were forgotten."""
    by_operation: Any = box.stats()["by_operation"]
    return by_operation.get("get_files_id_content", 0)
