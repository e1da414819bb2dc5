"""Views: queries over tables, which have a name and columns of their own."""

from __future__ import annotations

from dataclasses import dataclass

from box_dialect.catalog.model.relation import Relation


@dataclass(frozen=True, kw_only=True)
class View(Relation):
    """Declare a view, which SQLite reads as the query that it is.

    `sql` is that query: a SELECT over tables and views, whose columns are `columns`, in their order. A column that is
    a moment, a boolean or JSON is a column of a table there, and in the first SELECT of several, so that its values
    are those. `calls` tells in words what reading all of it costs, `cheaper` what makes it cost less.
    Raises ValueError for a key that is no column.
    """

    sql: str
    calls: str
    cheaper: str

    def __post_init__(self) -> None:
        if unknown := {*self.keys} - {column.name for column in self.columns}:
            raise ValueError(f"{self.name} has no column {', '.join(sorted(unknown))}, which `key` names")

    @property
    def definition(self) -> str:
        """The statement that makes it, for the connection alone."""
        columns = ", ".join(f'"{column.name}"' for column in self.columns)
        return f'CREATE TEMP VIEW "{self.name}"({columns}) AS {self.sql}'
