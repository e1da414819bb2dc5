"""What is read of an element for one row or several: the columns that are asked for, compiled into a tree of parts."""

from __future__ import annotations

from itertools import product
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from box_dialect.documents.bounds import JOINED_ROWS
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from box_dialect.documents.model import ColumnType, DocumentTable

Convert: TypeAlias = "Callable[[Any], object] | None"
Values: TypeAlias = list[Any]
Groups: TypeAlias = list[list[tuple[object, ...]]]


class Part:
    """What is read of an element: its own value, that of its attributes, and its parts.

    Slots are indexes into the values of the row that the element is in, -1 where nothing is read. `fragment` takes the
    element as text of its format, `numbered` the parts by their numbers where it is one of an array, of which `counter`
    counts how many have come, `labels` its value by the text of the attribute `label`. `seen` tells that it has come,
    where it may do so once; `has_text` that a column has it where it is no object. An element with a `row` is a row of
    its own, the `group`-th of the row that it is in.
    """

    __slots__ = (
        "attributes",
        "children",
        "convert",
        "counter",
        "fragment",
        "group",
        "has_text",
        "is_value",
        "key",
        "label",
        "labels",
        "numbered",
        "repeats",
        "row",
        "seen",
        "value",
    )

    def __init__(self, key: str) -> None:
        self.key = key
        self.value = -1
        self.convert: Convert = None
        self.fragment = -1
        self.counter = -1
        self.seen = -1
        self.attributes: list[tuple[str, int, Convert]] = []
        self.label = ""
        self.labels: dict[str, tuple[int, Convert]] = {}
        self.children: dict[str, Part] = {}
        self.numbered: dict[int, Part] = {}
        self.group = -1
        self.repeats = False
        self.has_text = False
        self.row: Row | None = None
        self.is_value = False

    def finish(self, row: Row) -> None:
        """Note what it turned out to be, when all columns are known, and so for its parts."""
        is_simple = not (self.attributes or self.children or self.numbered or self.labels or self.row)
        self.is_value = is_simple and self.value >= 0 and self.fragment < 0
        if self.numbered:
            self.counter = row.slot(0)
        elif not (is_simple or self.repeats or self.row):
            self.seen = row.slot(None)
        for part in (*self.children.values(), *self.numbered.values()):
            part.finish(part.row or row)


class Row:
    """One row's place in what is read: the slots of its values, and the groups of rows in it that are joined to it."""

    def __init__(self) -> None:
        self.template: Values = []
        self.groups: list[Row] = []
        self.width = 0
        self.is_crossed = False
        self.empty: tuple[None, ...] = ()
        self.columns: list[int] = []

    def slot(self, value: object) -> int:
        """Return the index of a further value, which begins as this one."""
        self.template.append(value)
        return len(self.template) - 1

    def close(self) -> None:
        """Note how many of the slots are columns, those so far, and whether arrays beside each other are joined in it.

        The groups in it are closed before.
        """
        self.width = len(self.template)
        self.is_crossed = len(self.groups) > 1 or any(group.is_crossed for group in self.groups)
        self.empty = (None,) * (self.width + sum(len(group.all_columns()) for group in self.groups))

    def all_columns(self) -> list[int]:
        """Return the indexes of the columns, as they stand in a row that is expanded."""
        return [*self.columns, *(column for group in self.groups for column in group.all_columns())]

    def expanded(self, values: Values, groups: Groups) -> Iterable[tuple[object, ...]]:
        """Return the rows of an element: its values with the cross join of its groups, each one row at least."""
        own = tuple(values[: self.width])
        if not groups:
            return (own,)
        if len(groups) == 1:
            return [own + each for each in groups[0]] if groups[0] else (own + self.groups[0].empty,)
        filled = [rows or [row.empty] for rows, row in zip(groups, self.groups, strict=True)]
        return (sum(combined, own) for combined in product(*filled))

    def join(self, found: list[tuple[object, ...]], values: Values, groups: Groups) -> None:
        """Add the rows of an element that is within a row to those of the elements before it there.

        Raises DataError where a cross join makes more of them than are kept.
        """
        rows = len(found) + prod(len(each) or 1 for each in groups)
        if self.is_crossed and rows > JOINED_ROWS:
            raise DataError(f"the cross join of arrays in one element has more than {JOINED_ROWS:,} rows")
        found.extend(self.expanded(values, groups))


class RowPlan:
    """How rows are read of the elements at the paths of a table, for some of its columns.

    `conversions` makes the value of a column out of what the document has. `root` is the part of the outermost
    elements, `row` their place.
    """

    def __init__(
        self, table: DocumentTable, columns: Sequence[int], conversions: Callable[[ColumnType], Convert]
    ) -> None:
        self.root = Part("")
        self.row = self.root.row = Row()
        self.id_slot = self.parent_slot = -1
        layout = table.layout
        groups = [tuple(steps) for steps in layout["groups"]]
        self._rows: dict[tuple[Any, ...], Row] = {(): self.row}
        self._arrays = set(_arrays(layout["columns"]))
        self._texts = {tuple(steps) for kind, steps, *_ in layout["columns"] if kind in {"value", "fragment"}}
        self.root.has_text = () in self._texts
        for steps in groups:
            self._add_group(steps)
        for column in dict.fromkeys(columns):
            kind, steps, *more = layout["columns"][column]
            self._add(column, kind, tuple(steps), more, conversions(table.columns[column].type))
        for row in reversed(self._rows.values()):
            row.close()
        self.root.finish(self.row)
        found = self.row.all_columns()
        places = {column: place for place, column in enumerate(found)}
        wanted = [places[column] for column in columns]
        self._order = None if wanted == list(range(len(found))) else _picked(wanted)

    def rows_of(self, values: Values, groups: Groups) -> Iterator[tuple[object, ...]]:
        """Return the rows of an outermost element, with the columns that are asked for in their order."""
        rows = self.row.expanded(values, groups)
        return iter(rows) if self._order is None else map(self._order, rows)

    def _add_group(self, steps: tuple[Any, ...]) -> None:
        above = max((each for each in self._rows if steps[: len(each)] == each), key=len)
        part, row = self._part(steps), Row()
        part.row = self._rows[steps] = row
        part.group = len(self._rows[above].groups)
        self._rows[above].groups.append(row)

    def _add(self, column: int, kind: str, steps: tuple[Any, ...], more: list[str], convert: Convert) -> None:
        above = max((each for each in self._rows if steps[: len(each)] == each), key=len)
        row, part = self._rows[above], self._part(steps)
        slot = row.slot(None)
        row.columns.append(column)
        if kind == "id":
            self.id_slot = slot
        elif kind == "parent":
            self.parent_slot = slot
        elif kind == "value":
            part.value, part.convert = slot, convert
        elif kind == "fragment":
            part.fragment = slot
        elif kind == "attribute":
            part.attributes.append((more[0], slot, convert))
        else:
            part.label = more[0]
            part.labels[more[1]] = (slot, convert)

    def _part(self, steps: tuple[Any, ...]) -> Part:
        part = self.root
        for end, step in enumerate(steps, 1):
            parts: dict[Any, Part] = part.numbered if isinstance(step, int) else part.children
            if step not in parts:
                parts[step] = Part(part.key if isinstance(step, int) else step)
                parts[step].repeats = steps[:end] in self._arrays
                parts[step].has_text = steps[:end] in self._texts
            part = parts[step]
        return part


def _arrays(sources: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield the steps of what may come several times in one element."""
    for kind, steps, *_ in sources:
        if kind in {"fragment", "label"}:
            yield tuple(steps)
        yield from (tuple(steps[:at]) for at, step in enumerate(steps) if isinstance(step, int))


def misfit(where: str, what: str) -> DataError:
    """Return the error for an element that has no place in the columns of its table."""
    return DataError(
        f"{where}: {what}, which was not so in the rows that were scanned; make the table again with a larger"
        " row_scan_depth, or 0 for the whole document"
    )


def _picked(places: list[int]) -> Callable[[tuple[object, ...]], tuple[object, ...]]:
    if len(places) == 1:
        place = places[0]
        return lambda row: (row[place],)
    return itemgetter(*places) if places else lambda _row: ()
