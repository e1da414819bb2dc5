"""Box's tables: one module for each family of Box's API reference. Every `Table` in a module is one of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model import Table
from box_dialect.catalog.references import check_names, check_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLES"]

_MOST_USED: Final = ("content", "people", "collaboration", "events")
"""The families that lists of tables begin with; the others follow by name."""

TABLES: Final[Mapping[str, Table]] = MappingProxyType(dict(declarations(__name__, __path__, Table, _MOST_USED)))
"""Every table that Box has, by its name."""

check_targets(TABLES)
check_names(TABLES)
