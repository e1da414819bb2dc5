"""Tables: columns, the access paths to the rows, and how these are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from box_dialect.catalog.model.column import Column, Derived, Type
from box_dialect.catalog.model.objects import dig
from box_dialect.catalog.model.reference import Reference
from box_dialect.catalog.model.rowid import hashed_rowid, numeric_rowid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from box_dialect.catalog.model.access_path import AccessPath, Having
    from box_dialect.catalog.model.objects import JsonObject
    from box_dialect.catalog.model.write import Write


@dataclass(frozen=True, kw_only=True)
class Table:
    """Declare a table.

    `key` names its primary key, which may be several columns. The paths of `update` and `delete` may name several
    columns of the row that is written. `fields` are always asked for, since the table itself needs them. `rowid` gives
    an object's stable number within the table, None to take a hash of the key; where nothing is said it is the `id`, if
    that is the key and a number. `distinct` tells that a listing may give an object twice, of which one is a row.
    Raises ValueError where something names what is no column, and where a path does not bind what a call needs.
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
        _check(self)

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
                found.append(Reference(self.name, column.name, *_split(column.references), *names))
            if column.target is not None:
                for kind, place in column.target.tables.items():
                    if place is not None:
                        of_kind = f"{names[0]}_{kind}", names[1], column.target.by, kind
                        found.append(Reference(self.name, column.name, *_split(place), *of_kind))
        return tuple(found)

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
        has_rows = Column("has_rows", Type.BOOLEAN, derived=told)
        columns = (Column("id", source=fan_out.source), Column("type"), has_rows)
        listing = replace(
            path, endpoints=(fan_out.parents,), walk=fan_out.walk, fan_out=fan_out.outer, filters=(), orders=()
        )
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
    def is_writable(self) -> bool:
        """Whether any statement can change the table."""
        return any((self.insert, self.update, self.delete))


def _split(place: str) -> tuple[str, str]:
    """Return table and column of `table.column`."""
    table, _, column = place.partition(".")
    return table, column


def _check(table: Table) -> None:
    """Raise ValueError for a column that there is twice or not at all, and for a call that cannot be filled."""
    counts = Counter(column.name for column in table.columns)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ValueError(f"{table.name} declares {', '.join(twice)} more than once")
    for names, where in _named_columns(table):
        if unknown := names - counts.keys():
            raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}, which {where} names")
    for column in table.columns:
        for place in (column.references, *(column.target.tables.values() if column.target else ())):
            if place is not None and place.count(".") != 1:
                raise ValueError(f"{table.name}.{column.name} refers to {place!r}, which is no table.column")
    for path in table.paths:
        if not path.endpoints:
            raise ValueError(f"the access path {path.name!r} of {table.name} has no endpoint")
        for operation, unbound in path.unbound.items():
            inputs = ", ".join(sorted(unbound))
            raise ValueError(f"nothing binds {inputs} of {operation} in the access path {path.name!r} of {table.name}")


def _named_columns(table: Table) -> Iterator[tuple[set[str], str]]:
    """Yield the columns that a declaration names, and where it does."""
    for write in filter(None, (table.insert, table.update, table.delete)):
        yield {*write.named}, write.path
    for path in table.paths:
        yield {*path.keys, *path.match}, f"the access path {path.name!r}"
        yield {each.column for each in path.filters}, f"a filter of the access path {path.name!r}"
        yield {each.column for each in path.orders}, f"an order of the access path {path.name!r}"
        for endpoint in (*path.endpoints, *path.also):
            yield {*endpoint.given}, f"`given` of {endpoint.path}"
            yield set(endpoint.complete.columns) if endpoint.complete else set(), f"`complete` of {endpoint.path}"
    for column in table.columns:
        yield {column.target.by} if column.target else set(), f"`target` of {column.name}"
    yield {*table.keys}, "`key`"
