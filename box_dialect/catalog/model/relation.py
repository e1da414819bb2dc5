"""Relations: what has rows and columns, as a table of Box, a view over these, or what tells of the catalog itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from box_dialect.catalog.model.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model.column import Column


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Declare what has rows and columns; `key` names its primary key, which may be several columns."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: str | tuple[str, ...] = "id"

    @property
    def variable(self) -> str:
        """What the variable is called that holds it."""
        return self.name

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """What its columns refer to; one with a target of several tables has a reference to each."""
        found = []
        for column in self.columns:
            names = column.relationship, column.reverse_of(self.name)
            if column.references is not None:
                target, key = _split(column.references)
                own, keys = (*column.along, column.name), (*column.along.values(), key)
                found.append(self._listed(Reference(self.name, own, target, keys, *names)))
            if column.target is not None:
                for kind, place in column.target.tables.items():
                    if place is not None:
                        called = column.target.relations.get(kind, f"{names[0]}_{kind}")
                        of_kind = called, names[1], column.target.by, kind
                        target, key = _split(place)
                        found.append(self._listed(Reference(self.name, (column.name,), target, (key,), *of_kind)))
        return tuple(found)

    def _listed(self, reference: Reference) -> Reference:
        """Return a reference, without `reverse` where no access path finds the rows by the columns."""
        return reference

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each column by its name."""
        return {column.name: number for number, column in enumerate(self.columns)}

    @cached_property
    def schema(self) -> str:
        """The `CREATE TABLE` that SQLite is told."""
        columns = ", ".join(column.schema for column in self.columns)
        return f'CREATE TABLE "{self.name}"({columns})'


def _split(place: str) -> tuple[str, str]:
    """Return table and column of `table.column`."""
    table, _, column = place.rpartition(".")
    return table, column
