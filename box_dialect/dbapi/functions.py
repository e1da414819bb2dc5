"""Functions: the names that tools complete, and which of them take many rows."""

from __future__ import annotations

import re
from typing import Any, Final

from box_dialect.engine import REFUSED_FUNCTIONS

AGGREGATES: Final = frozenset({
    "avg", "count", "group_concat", "json_group_array", "json_group_object", "jsonb_group_array", "jsonb_group_object",
    "max", "median", "min", "percentile", "percentile_cont", "percentile_disc", "string_agg", "sum", "total",
})  # fmt: skip
"""Functions of many rows."""

_NAMES: Final = "SELECT DISTINCT name FROM pragma_function_list"
_TABLE_VALUED: Final = frozenset({"json_each", "json_tree"})
"""SQLite's functions that stand in FROM; it lists them among modules."""

_CALLABLE: Final = re.compile(r"(?!fts|rtree|geopoly|moment_key)[a-z]\w*")
"""Names that a statement can call; the others are operators, and inner parts of indexes and of the driver."""


def names(connection: Any) -> list[str]:
    """Return the functions that the statements of a connection may call, and its procedures, sorted; no call is made.

    `connection` is the driver's, or SQLAlchemy's face of it.
    """
    cursor = connection.cursor()
    cursor.execute(_NAMES)
    procedures = cursor.connection.catalog.procedures
    known = {name for (name,) in cursor.fetchall() if _CALLABLE.fullmatch(name)} - REFUSED_FUNCTIONS - {*procedures}
    return sorted([*known, *_TABLE_VALUED, *(each.name for each in procedures.values())], key=str.lower)
