"""Tables of documents that a connection finds by its property `URI`."""

from __future__ import annotations

from dataclasses import dataclass

from box_dialect.catalog.model.relation import Relation


@dataclass(frozen=True, kw_only=True)
class DocumentRelation(Relation):
    """Declare a table whose rows are in documents: the `module` that reads them, and its `arguments`, in SQL.

    One that `takes_inputs` has rows only where a statement compares hidden columns.
    """

    module: str
    arguments: str = ""
    takes_inputs: bool = False

    @property
    def definition(self) -> str:
        """The statement that makes it, for the connection alone."""
        name = self.name.replace('"', '""')
        return f'CREATE VIRTUAL TABLE temp."{name}" USING {self.module}({self.arguments})'
