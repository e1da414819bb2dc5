"""What a condition of a statement says of the rows of one table.

For each part it is found what holds where that is true, and what holds where it is false; where it is neither, since a
value is NULL, no row comes of it. So NOT takes the one for the other, AND leaves out what is not known, and OR needs
all of its parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import Comparison, Op, Sent, Steps, join_steps
from box_dialect.dbapi.conditions.scope import JSON_EACH
from box_dialect.dbapi.sqltext.nodes import Call, Compared, Exists, Named, Not, Several, Value, Within
from box_dialect.engine import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.catalog.model import Word
    from box_dialect.dbapi.sqltext.nodes import Node
    from box_dialect.dbapi.sqltext.selects import Query, Select

Implied = tuple[Sent[Steps], Sent[Steps]]
"""What holds where a condition is true, and where it is false."""

UNKNOWN: Final[Implied] = (True, True)

_OPS: Final = {
    "=": (Op.EQ, Op.NE),
    "!=": (Op.NE, Op.EQ),
    "<": (Op.LT, Op.GE),
    "<=": (Op.LE, Op.GT),
    ">": (Op.GT, Op.LE),
    ">=": (Op.GE, Op.LT),
    "is": (Op.IS, Op.IS_NOT),
    "is null": (Op.IS_NULL, Op.NOT_NULL),
    "like": (Op.LIKE, Op.NOT_LIKE),
    "in": (Op.IN, Op.NOT_IN),
}
_TURNED: Final = {"=": "=", "!=": "!=", "is": "is", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPERANDS: Final = {"is null": range(1, 2), "in": range(2, MOST_VALUES + 2), "like": range(2, 4)}
"""How many operands there are, where that is not two."""

_MEMBERS: Final = (Op.HAS_ANY, Op.HAS_NONE)
_OPPOSITE: Final[dict[str, Word]] = {"and": "OR", "or": "AND"}
_WORDS: Final[dict[str, Word]] = {"and": "AND", "or": "OR"}


class Implications:
    """What conditions say of the rows of a table, by what tells which column of it a name stands for, if any.

    `values` are those that columns are compared with.
    """

    def __init__(self, column: Callable[[Named], str | None]) -> None:
        self._column = column
        self.values: list[Value] = []

    def of(self, condition: Node) -> Implied:
        """Return what holds where a condition is true, and where it is false."""
        found: list[Implied] = []
        waiting: list[tuple[Node, bool]] = [(condition, False)]
        while waiting:
            node, has_parts = waiting.pop()
            if isinstance(node, Not | Several) and not has_parts:
                waiting.append((node, True))
                waiting += [(part, False) for part in ((node.part,) if isinstance(node, Not) else node.parts[::-1])]
            elif isinstance(node, Not):
                found.append(found.pop()[::-1])
            elif isinstance(node, Several):
                parts = found[-len(node.parts) :]
                del found[-len(node.parts) :]
                holding = join_steps(_WORDS[node.word], [true for true, _ in parts])
                found.append((holding, join_steps(_OPPOSITE[node.word], [false for _, false in parts])))
            else:
                found.append(self._compared(node))
        return found[0]

    def _compared(self, node: Node) -> Implied:
        if isinstance(node, Compared):
            return self._of_operands(node.operator, node.operands)
        if isinstance(node, Call) and node.name == "has_any":
            return self._said(_MEMBERS, node.arguments)
        if isinstance(node, Exists):
            return self._of_list(node.query)
        if isinstance(node, Within):
            return self._of_member(node.value, node.query)
        return UNKNOWN

    def _of_operands(self, operator: str, operands: Sequence[Node]) -> Implied:
        if operator not in _OPS or len(operands) not in _OPERANDS.get(operator, range(2, 3)):
            return UNKNOWN
        if operator in _TURNED and isinstance(operands[0], Value):
            operator, operands = _TURNED[operator], operands[::-1]
        return self._said(_OPS[operator], operands)

    def _said(self, ops: tuple[Op, Op], operands: Sequence[Node]) -> Implied:
        """Return a comparison of the first operand with the others, and its opposite."""
        named, *values = operands
        column = self._column(named) if isinstance(named, Named) else None
        known = [value for value in values if isinstance(value, Value)]
        if column is None or len(known) < len(values) or len(known) > MOST_VALUES:
            return UNKNOWN
        numbers = tuple(range(len(self.values), len(self.values) + len(known)))
        self.values += known
        true, false = (Comparison(column, op, numbers) for op in ops)
        return (true,), (false,)

    def _of_list(self, query: Query) -> Implied:
        """Return what `EXISTS (SELECT … FROM json_each(list) WHERE value = …)` says."""
        listed = _listed(query)
        if listed is None or not isinstance(listed.where, Compared) or listed.where.operator not in {"=", "in"}:
            return UNKNOWN
        member, *values = listed.where.operands
        if listed.where.operator == "=" and isinstance(member, Value):
            member, values = values[0], [member]
        return self._said(_MEMBERS, [_list(listed), *values]) if values and _is_value(member, listed) else UNKNOWN

    def _of_member(self, value: Node, query: Query) -> Implied:
        """Return what `value IN (SELECT value FROM json_each(list))` says."""
        listed = _listed(query)
        if listed is None or listed.where is not None or not _is_value(listed.columns[0], listed):
            return UNKNOWN
        return self._said(_MEMBERS, [_list(listed), value])


def _listed(query: Query) -> Select | None:
    """Return the SELECT of a query that gives members of a list as they are; None for another."""
    select = query.arms[0] if len(query.arms) == 1 and not query.is_cut else None
    if select is None or len(select.sources) != 1 or not select.is_plain:
        return None
    source = select.sources[0]
    arguments = source.arguments or ()
    named = arguments[0] if len(arguments) == 1 else None
    is_outside = isinstance(named, Named) and (
        named.table != source.known_as if named.table is not None else named.name not in JSON_EACH
    )
    is_simple = all(isinstance(column, Named | Value) for column in select.columns)
    return select if source.name == "json_each" and is_outside and is_simple else None


def _list(select: Select) -> Node:
    return (select.sources[0].arguments or ())[0]


def _is_value(node: Node, select: Select) -> bool:
    """Tell whether a column is that of the members of a list."""
    return isinstance(node, Named) and node.name == "value" and node.table in {None, select.sources[0].known_as}
