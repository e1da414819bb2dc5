"""What Box looks like as tables: declarations, one module per family."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import AccessPath, Column, Table, Type
from box_dialect.catalog.tables import collaboration, content, events, people

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLES", "AccessPath", "Column", "Table", "Type"]

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {table.name: table for family in (content, people, collaboration, events) for table in family.TABLES}
)
"""Every table by its name."""
