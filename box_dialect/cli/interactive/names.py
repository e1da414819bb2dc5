"""The names of tables that a statement may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from box_dialect import Connection

_LOCAL: Final = """
    SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
    UNION ALL
    SELECT name FROM sqlite_temp_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
"""


def table_names(connection: Connection) -> list[str]:
    """Return the names of Box's tables that are known, and of the local ones, sorted."""
    of_box = (relation.name for relation in connection.catalog.relations.values())
    return sorted({*of_box, *(str(name) for (name,) in connection.sqlite.execute(_LOCAL))})
