"""Tables: columns, the access paths to the rows, and how these are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from box_dialect.catalog.model.column import Column, Derived, Type
from box_dialect.catalog.model.objects import dig
from box_dialect.catalog.model.rowid import hashed_rowid, numeric_rowid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from box_dialect.catalog.model.access_path import AccessPath, Having
    from box_dialect.catalog.model.objects import JsonObject
    from box_dialect.catalog.model.write import Write


@dataclass(frozen=True, kw_only=True)
class Table:
    """Declare a table.

    `key` names its primary key, which may be several columns. The paths of `update` and `delete` may name several
    columns of the row that is written. Raises ValueError where the path of a write names what is no column. `fields`
    are always asked for, since the table itself needs them. `rowid` gives an object's stable number within the table,
    None to take a hash of the key; where nothing is said it is the `id`, if that is the key and a number.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    paths: tuple[AccessPath, ...]
    key: str | tuple[str, ...] = "id"
    reference: str = ""
    fields: tuple[str, ...] = ("id",)
    rowid: Callable[[JsonObject], int | None] = numeric_rowid
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None
    distinct: bool = False

    def __post_init__(self) -> None:
        for write in filter(None, (self.insert, self.update, self.delete)):
            if unknown := write.named - self.numbers.keys():
                raise ValueError(f"{self.name} has no column {', '.join(sorted(unknown))}, which {write.path} names")

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @cached_property
    def number(self) -> Callable[[JsonObject], int | None] | None:
        """What gives the number of an object within the table; None where each rowid is a hash of the key."""
        return None if self.rowid is numeric_rowid and self.keys != ("id",) else self.rowid

    @cached_property
    def written_by(self) -> tuple[str, ...]:
        """The columns that the calls of `update` and `delete` name, by which a row is written."""
        calls = [call for write in (self.update, self.delete) if write is not None for call in write.calls]
        return tuple(dict.fromkeys(key for call in calls for key in call.keys))

    @cached_property
    def signs(self) -> Mapping[str, Mapping[str, Having]]:
        """The types of the parents that a key of the table names, each with what tells that one has no rows.

        No key is in it where Box tells nothing of the kind.
        """
        fan_outs = [(path.fan_out, path.endpoints) for path in self.paths if path.fan_out is not None]
        return {
            fan_out.key: {each.parent_type: fan_out.having for each in endpoints if each.parent_type is not None}
            for fan_out, endpoints in fan_outs
            if fan_out.having is not None and fan_out.source == "id"
        }

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each column by its name."""
        return {column.name: number for number, column in enumerate(self.columns)}

    @cached_property
    def schema(self) -> str:
        """The `CREATE TABLE` that SQLite is told."""
        columns = ", ".join(column.schema for column in self.columns)
        return f'CREATE TABLE "{self.name}"({columns})'

    @cached_property
    def parents(self) -> Table | None:
        """What the rows are listed by, as a table of its own: the id, the type, and whether it may have rows.

        None where the table is not listed by its parents.
        """
        path = next((path for path in self.paths if path.fan_out is not None and not path.keys), None)
        if path is None or (fan_out := path.fan_out) is None or fan_out.parents is None:
            return None
        having = fan_out.having
        told = Derived(
            function=lambda parent, _: having is None or not having.tells_of_none(parent),
            fields=() if having is None else (having.field,),
        )
        columns = (Column("id", source=fan_out.source), Column("type"), Column("has_rows", Type.BOOLEAN, derived=told))
        listing = replace(path, endpoints=(fan_out.parents,), walk=fan_out.walk, fan_out=fan_out.outer)
        place = fan_out.source.split(".")

        def rowid(parent: JsonObject) -> int:
            """Return the number of a parent: those of several types may have equal ids, and some have no type."""
            return hashed_rowid(str(parent.get("type")), str(dig(parent, *place)))

        return Table(name=f"parents of {self.name}", doc="", columns=columns, paths=(listing,), rowid=rowid)

    @cached_property
    def etag(self) -> str | None:
        """The column that Box compares when a row is written, None where it compares none."""
        takes = any(write is not None and write.takes_etag for write in (self.update, self.delete))
        return "etag" if takes else None

    @property
    def singular(self) -> str:
        """What one row is called: `web_link`."""
        return self.name.removesuffix("ies") + "y" if self.name.endswith("ies") else self.name.removesuffix("s")

    @property
    def is_writable(self) -> bool:
        """Whether any statement can change the table."""
        return any((self.insert, self.update, self.delete))
