"""Tables: columns, the access paths to the rows, and how these are written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.column import Column, Derived, Type
from box_dialect.catalog.model.freshness import FRESHNESS
from box_dialect.catalog.model.objects import dig
from box_dialect.catalog.model.relation import Relation
from box_dialect.catalog.model.rowid import hashed_rowid, numeric_rowid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from box_dialect.catalog.model.access_path import AccessPath, Having
    from box_dialect.catalog.model.objects import JsonObject
    from box_dialect.catalog.model.op import Op
    from box_dialect.catalog.model.reference import Reference
    from box_dialect.catalog.model.write import Write


@dataclass(frozen=True, kw_only=True)
class Table(Relation):
    """Declare a table of Box.

    The paths of `update` and `delete` may name several columns of the row that is written. `fields` are always
    asked for, since the table itself needs them. `rowid` gives an object's stable number within the table, None to
    take a hash of the key; where nothing is said it is the `id`, if that is the key and a number. `distinct` tells
    that a listing may give an object twice, of which one is a row. `alias_of` is the name by which the table is
    listed, of one that is there by several names. `options` are what more holds of it, as SQLAlchemy's options of a
    table are called without their `box_`.
    Raises ValueError where something names what is no column, and where a path does not bind what a call needs.
    """

    paths: tuple[AccessPath, ...]
    reference: str = ""
    fields: tuple[str, ...] = ("id",)
    rowid: Callable[[JsonObject], int | None] = numeric_rowid
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None
    distinct: bool = False
    alias_of: str | None = None
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Columns of which a statement has to have a value, where Box does not list the table: the keys of a path."""
        return () if any(not path.keys for path in self.paths) else self.paths[0].keys

    @cached_property
    def number(self) -> Callable[[JsonObject], int | None] | None:
        """What gives the number of an object within the table; None where each rowid is a hash of the key."""
        return None if self.rowid is numeric_rowid and self.keys != ("id",) else self.rowid

    def _listed(self, reference: Reference) -> Reference:
        known = {*reference.constrained}
        return reference if any(known.issuperset(p.own_keys) for p in self.paths) else replace(reference, reverse=None)

    @cached_property
    def written_by(self) -> tuple[str, ...]:
        """The columns that the calls of `update` and `delete` name, by which a row is written."""
        calls = [call for write in (self.update, self.delete) if write is not None for call in write.calls]
        return tuple(dict.fromkeys(key for call in calls for key in call.keys))

    @cached_property
    def noted(self) -> tuple[str, ...]:
        """The columns that are known of a row which is written: those, and as whom it was read."""
        return (*self.written_by, *([AS_USER.name] if self.has_as_user else []))

    @cached_property
    def told_by_delete(self) -> tuple[str, ...]:
        """The hidden columns by which a DELETE tells Box how to remove a row."""
        return () if self.delete is None else (*self.delete.parameters.values(),)

    @cached_property
    def takes(self) -> Mapping[str, frozenset[Op]]:
        """The comparisons in conditions that some path takes, by columns, and `table.column` of others."""
        taken: dict[str, frozenset[Op]] = {}
        for path in self.paths:
            for column, ops in {} if path.predicate is None else path.predicate.takes.items():
                taken[column] = taken.get(column, frozenset()) | ops
        return taken

    @cached_property
    def told(self) -> Mapping[str, frozenset[Op]]:
        """The comparisons that all paths which take conditions take on their own, as SQLite tells of them."""
        paths = [path for path in self.paths if path.predicate is not None]
        told = [{narrow.column: narrow.ops for narrow in path.filters} for path in paths]
        return {
            column: frozenset.intersection(*(each.get(column, frozenset()) for each in told)) for column in self.takes
        }

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
    def decided(self) -> frozenset[str]:
        """The columns on whose comparisons Box alone decides."""
        return frozenset(narrow.column for path in self.paths for narrow in path.filters if narrow.exact)

    @cached_property
    def has_insights(self) -> bool:
        """Whether Box computes aggregates over rows of the table."""
        return any(path.insights is not None for path in self.paths)

    @cached_property
    def has_freshness(self) -> bool:
        """Whether a statement tells by a column whether the table may be read out of Box's index."""
        return FRESHNESS in self.columns

    @cached_property
    def has_as_user(self) -> bool:
        """Whether a statement tells by a column as whom the rows are read and written."""
        return AS_USER in self.columns

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
            path, endpoints=(fan_out.parents,), walk=fan_out.walk, fan_out=fan_out.outer, also=(), filters=(), orders=()
        )
        place = fan_out.source.split(".")

        def rowid(parent: JsonObject) -> int:
            """Return the number of a parent: those of several types may have equal ids, and some have no type."""
            return hashed_rowid(str(parent.get("type")), str(dig(parent, *place)))

        return Table(name=f"parents of {self.name}", doc="", columns=columns, paths=(listing,), rowid=rowid)

    @cached_property
    def version(self) -> str | None:
        """The column that Box compares when a row is written, None where it compares none.

        It is the `etag` where Box takes If-Match, or the one of the key that a JSON Patch tests.
        """
        if any(write is not None and write.takes_etag for write in (self.update, self.delete)):
            return "etag"
        tests = None if self.update is None else self.update.tests
        return next((each.name for each in self.columns if each.derived is None and each.place == (tests,)), None)

    def patched(self, columns: Collection[str]) -> tuple[str, ...]:
        """Return the columns that are read where an UPDATE sets some by a JSON Patch, which has what differs."""
        if self.update is None or self.update.patch is None or not self.numbers.keys() >= {*columns}:
            return ()
        return tuple(dict.fromkeys(filter(None, (*columns, self.version))))

    @property
    def has_own_key(self) -> bool:
        """Whether an INSERT gives the key, so that a row may have it already."""
        if self.insert is None:
            return False
        given = {*self.insert.keys, *(column.name for column in self.columns if column.insert is not None)}
        return given.issuperset(self.keys)

    def is_inserted(self, column: Column) -> bool:
        """Tell whether an INSERT takes a column in the call that makes the row."""
        if self.insert is None:
            return False
        by_path = self.insert.by_path
        is_path = by_path is not None and by_path.column == column.name
        return column.insert is not None or column.name in self.insert.keys or is_path

    @property
    def is_writable(self) -> bool:
        """Whether any statement can change the table."""
        return any((self.insert, self.update, self.delete))


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
        yield {*path.keys, *path.match, *([FRESHNESS.name] if path.indexed else [])}, f"the access path {path.name!r}"
        yield {each.column for each in path.filters}, f"a filter of the access path {path.name!r}"
        yield {each.column for each in path.orders}, f"an order of the access path {path.name!r}"
        yield {*path.lacks}, f"`lacks` of the access path {path.name!r}"
        for endpoint in (*path.endpoints, *path.also):
            yield {*endpoint.given}, f"`given` of {endpoint.path}"
            yield set(endpoint.complete.columns) if endpoint.complete else set(), f"`complete` of {endpoint.path}"
    for column in table.columns:
        if column.target:
            yield {column.target.by}, f"`target` of {column.name}"
        if column.along:
            yield {*column.along}, f"`along` of {column.name}"
    yield {*table.keys}, "`key`"
