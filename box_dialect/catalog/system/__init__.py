"""System tables: the catalog of a connection, and its properties, as tables. Every `SystemTable` in a module is one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model import SystemTable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SYSTEM_TABLES"]

SYSTEM_TABLES: Final[Mapping[str, SystemTable]] = MappingProxyType(
    dict(declarations(__name__, __path__, SystemTable, ("tables",)))
)
"""Every table that tells of a connection itself, by its name."""
