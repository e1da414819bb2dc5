"""Rows out of values of a JSON document."""

from __future__ import annotations

import math
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.documents.bounds import NESTING
from box_dialect.documents.model import ColumnType
from box_dialect.documents.row_plan import misfit
from box_dialect.documents.values import CONVERSIONS, INTEGERS, bounded
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from box_dialect.documents.row_plan import Groups, Part, Row, RowPlan, Values


ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
"""What writes values as JSON, with numbers as they were in the document."""


class JSONRows:
    """Read the rows of one value after the other by a plan.

    An array or an object in the place of one value is its text. Raises DataError for one that has no place in the
    columns.
    """

    def __init__(self, plan: RowPlan) -> None:
        self._plan = plan

    def of(self, value: Any, number: int, parent: int) -> Iterator[tuple[object, ...]]:
        """Return the rows of a value, the `number`-th at its path, in the `parent`-th at that of the parents."""
        plan = self._plan
        values: Values = plan.row.template.copy()
        groups: Groups = [[] for _ in plan.row.groups]
        if plan.id_slot >= 0:
            values[plan.id_slot] = number
        if plan.parent_slot >= 0:
            values[plan.parent_slot] = parent
        self._read(value, plan.root, values, groups)
        return plan.rows_of(values, groups)

    def _read(self, value: Any, part: Part, values: Values, groups: Groups) -> None:
        """Read a value, and what is in it, into the values of its row."""
        if part.fragment >= 0 and value is not None:
            values[part.fragment] = encoded(value)
        if part.value >= 0 and value is not None:
            values[part.value] = value if part.convert is None else part.convert(value)
        if isinstance(value, dict):
            for key, inner in part.children.items():
                if (found := value.get(key)) is not None:
                    self._read_part(found, inner, values, groups)
        elif part.children and value is not None and not part.has_text:
            raise misfit(printable(part.key) or "a row", f"{_kind(value)} is in the place of an object")

    def _read_part(self, value: Any, part: Part, values: Values, groups: Groups) -> None:
        if part.is_value:
            values[part.value] = value if part.convert is None else part.convert(value)
        elif part.row is not None:
            for each in listed(value):
                self._read_row(each, part, part.row, groups[part.group])
        elif part.repeats:
            if part.fragment >= 0:
                values[part.fragment] = encoded(value)
            items = listed(value)
            for number, inner in part.numbered.items():
                if number < len(items):
                    self._read_part(items[number], inner, values, groups)
            if part.children:
                for each in items:
                    self._read_inner(each, part, values, groups)
        else:
            self._read(value, part, values, groups)

    def _read_inner(self, item: Any, part: Part, values: Values, groups: Groups) -> None:
        """Read what is joined to a row out of an item of an array that is not."""
        if isinstance(item, dict):
            for key, inner in part.children.items():
                if (found := item.get(key)) is not None:
                    self._read_part(found, inner, values, groups)

    def _read_row(self, value: Any, part: Part, row: Row, found: list[tuple[object, ...]]) -> None:
        """Add the rows of a value that is joined to the row that it is in."""
        values: Values = row.template.copy()
        groups: Groups = [[] for _ in row.groups]
        self._read(value, part, values, groups)
        row.join(found, values, groups)


def listed(value: Any) -> list[Any]:
    """Return the items of an array, or what stands in its place as the only one; none for null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def below(values: Iterable[tuple[Any, int]], key: str, *, are_parents: bool) -> Iterator[tuple[Any, int]]:
    """Yield what is at a key of values, item by item, each with the ordinal of its parent, which they may be."""
    number = 0
    for value, parent in values:
        if isinstance(value, dict):
            for each in listed(value.get(key)):
                number += 1
                yield each, number if are_parents else parent


def encoded(value: Any) -> str:
    """Return a value as JSON; raises DataError where it is nested too deep, or too long."""
    try:
        return bounded(ENCODER.encode(value).decode(), "the document")
    except RecursionError:
        raise DataError(f"a value is nested in more levels than are written as text; {NESTING:,} is the most") from None


def _plain(value: Any) -> object:
    if isinstance(value, dict | list):
        return encoded(value)
    if isinstance(value, Decimal):
        return _float(value)
    return str(value) if isinstance(value, int) and value not in INTEGERS else value


def _text(value: Any) -> object:
    return value if isinstance(value, str) or value is None else encoded(value)


def _number(value: Any) -> object:
    return float(value) if type(value) is int and value in INTEGERS else _plain(value)


def _float(value: Decimal) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else str(value)


def _dated(convert: Callable[[str], object]) -> Callable[[Any], object]:
    return lambda value: convert(value) if isinstance(value, str) else _plain(value)


def _kind(value: Any) -> str:
    return "an array" if isinstance(value, list) else "an object" if isinstance(value, dict) else "a plain value"


JSON_CONVERSIONS: Final[Mapping[ColumnType, Callable[[Any], object]]] = MappingProxyType(
    {
        ColumnType.TEXT: _text,
        ColumnType.INTEGER: _plain,
        ColumnType.FLOAT: _number,
        ColumnType.BOOLEAN: _plain,
        ColumnType.DATE: _dated(CONVERSIONS[ColumnType.DATE]),
        ColumnType.TIMESTAMP: _dated(CONVERSIONS[ColumnType.TIMESTAMP]),
        ColumnType.JSON: encoded,
    }
)
"""What makes a value of a type out of one of JSON; one that does not fit stays as it is, arrays and objects as text."""
