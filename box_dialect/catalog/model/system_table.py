"""System tables: what tells of the catalog of a connection, and of its properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from box_dialect.catalog.model.relation import Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.catalog.model.table import Table
    from box_dialect.properties import Properties


class Known(Protocol):
    """What a connection knows, by names in lower case: its catalog."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables of Box."""

    @property
    def relations(self) -> Mapping[str, Relation]:
        """The tables of Box, system tables and views."""

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        """The procedures."""


Tell: TypeAlias = "Callable[[Known, Properties], Iterable[tuple[Any, ...]]]"
"""Give the rows for what a connection knows, and for its properties, as SQLite stores their values."""


@dataclass(frozen=True, kw_only=True)
class SystemTable(Relation):
    """Declare a table whose rows `tell` of the connection itself; reading it takes no call."""

    tell: Tell
