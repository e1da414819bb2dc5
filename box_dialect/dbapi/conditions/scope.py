"""What the names in a SELECT stand for: columns of what it reads, of which some are of items that belong to others."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.dbapi.sqltext.nodes import Compared, Named, Several, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from box_dialect.catalog.model import Table, Target
    from box_dialect.dbapi.sqltext.nodes import Node
    from box_dialect.dbapi.sqltext.selects import Select, Source

JSON_EACH: Final = frozenset({"key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"})
"""The columns of `json_each()`."""

Place = tuple[int, str]
"""The number of a source, and the name of a column of it."""


class _Known(NamedTuple):
    """A source with its table, None for another than Box's, and its columns by their names in lower case, if known."""

    source: Source
    table: Table | None
    columns: Mapping[str, str] | None


class Scope:
    """The sources of a SELECT, of which `tables` are Box's; `common` are names that WITH gives to queries.

    `value` tells what a literal or a parameter stands for.
    """

    def __init__(
        self, select: Select, tables: Mapping[str, Table], common: set[str], value: Callable[[Value], Any]
    ) -> None:
        self._sources = [_known(source, tables, common) for source in select.sources]
        self._select, self._value = select, value

    def table(self, number: int) -> Table | None:
        """Return the table of a source, None where it is none of Box's, or its name leads to several."""
        known = self._sources[number]
        is_single = sum(each.source.known_as == known.source.known_as for each in self._sources) == 1
        return known.table if is_single else None

    def place(self, named: Named) -> Place | None:
        """Return what a name stands for, None where that is not sure."""
        found: list[Place] = []
        for number, (source, _, columns) in enumerate(self._sources):
            if named.table is not None and named.table != source.known_as:
                continue
            if columns is None:
                return None
            if named.name in columns:
                found.append((number, columns[named.name]))
        return found[0] if len(found) == 1 else None

    @cached_property
    def conjuncts(self) -> Sequence[Node]:
        """What holds for all rows of the SELECT: the parts of WHERE, and of ON unless that is of a LEFT JOIN."""
        conditions = [self._select.where]
        conditions += [each.on for each in self._select.sources if not each.is_optional]
        return [part for condition in conditions if condition is not None for part in parts_of(condition)]

    def items(self, number: int) -> Mapping[int, Table]:
        """Return the sources whose row is the very item that a row of a source belongs to, with their tables.

        These have the id that the row refers to, and the type. Others belong to that item too, and have the same key.
        """
        source, table = self._select.sources[number], self.table(number)
        if table is None or source.is_optional:
            return {}
        return {
            other: item
            for other, (joined, item, _) in enumerate(self._sources)
            if item is not None and not joined.is_optional and self.table(other) is item
            for column in table.columns
            if column.target is not None
            if self._is_item(number, column.name, column.target, other, item)
            or self._is_of_item(number, column.name, column.target, other, item)
        }

    def _is_item(self, number: int, column: str, target: Target, other: int, item: Table) -> bool:
        """Tell whether a row of a source is the item that the column of another one refers to."""
        kind = next((kind for kind, place in target.tables.items() if place == f"{item.name}.id"), None)
        if kind is None or not self._are_equal((number, column), (other, "id")):
            return False
        return self._are_equal((number, target.by), (other, "type")) or self._is((number, target.by), kind)

    def _is_of_item(self, number: int, column: str, target: Target, other: int, item: Table) -> bool:
        """Tell whether a row of a source belongs to the item that the column of another one refers to."""
        keys = (column, target.by)
        if other == number or item.keys != keys or not any(each.target is not None for each in item.columns):
            return False
        are_of_kind = any(all(self._is((each, target.by), kind) for each in (number, other)) for kind in target.tables)
        are_alike = are_of_kind or self._are_equal((number, target.by), (other, target.by))
        return are_alike and self._are_equal((number, column), (other, column))

    def _are_equal(self, one: Place, other: Place) -> bool:
        """Tell whether two columns are equal in all rows."""
        (_, column), (last, name) = sorted((one, other))
        is_common = name == column and name.lower() in self._select.sources[last].using
        return is_common or any({one, other} == {self._place(each) for each in operands} for operands in self._equal)

    def _is(self, place: Place, value: str) -> bool:
        """Tell whether a column has a value in all rows."""
        return any(
            self._place(one) == place and isinstance(other, Value) and self._value(other) == value
            for operands in self._equal
            for one, other in (operands, operands[::-1])
        )

    @cached_property
    def _equal(self) -> Sequence[tuple[Node, ...]]:
        return [each.operands for each in self.conjuncts if isinstance(each, Compared) and each.operator == "="]

    def _place(self, node: Node) -> Place | None:
        return self.place(node) if isinstance(node, Named) else None


def parts_of(condition: Node) -> Iterator[Node]:
    """Yield what has to hold for a condition to hold."""
    yield from condition.parts if isinstance(condition, Several) and condition.word == "and" else (condition,)


def _known(source: Source, tables: Mapping[str, Table], common: set[str]) -> _Known:
    if source.arguments is not None:
        is_list = source.name == "json_each"
        return _Known(source, None, {name: name for name in JSON_EACH} if is_list else None)
    table = None if source.name is None or source.name in common else tables.get(source.name)
    return _Known(source, table, None if table is None else {name.lower(): name for name in table.numbers})
