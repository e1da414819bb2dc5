"""A statement with its conditions told to the tables of Box that take them.

SQLite tells a table of comparisons that all hold, and of OR in parts, if at all. What else the statement says of the
rows stands behind its own condition, as a function that holds for any row: SQLite knows which table it is about, and
compares all that the statement says as before. Nor does SQLite tell of LIKE with ESCAPE: behind one stands a LIKE whose
pattern is without the signs of ESCAPE, and which holds for each row that it holds for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Comparison, Condition, Op, Steps, join_steps
from box_dialect.dbapi.conditions.implied import Implications
from box_dialect.dbapi.conditions.scope import Scope, parts_of
from box_dialect.dbapi.sqltext.lexer import edited
from box_dialect.dbapi.sqltext.nodes import Call, Compared, Named, Not, Several, Value
from box_dialect.dbapi.sqltext.parameters import Parameters
from box_dialect.dbapi.sqltext.reader import UnreadableError
from box_dialect.dbapi.sqltext.selects import Selects
from box_dialect.engine import CONDITION, LIST, MOST_VALUES, UNESCAPED, VALUES, written_condition
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from box_dialect.catalog.model import Sent, Table
    from box_dialect.dbapi.sqltext.nodes import Node
    from box_dialect.dbapi.sqltext.selects import Select


_LONGEST: Final = 1 << 20
"""Letters of a statement that is read."""


def may_tell(operation: str, tables: Mapping[str, Table]) -> bool:
    """Tell whether a statement may have conditions to tell a table that it names; most are not read whole for that."""
    lowered = operation.lower() if len(operation) <= _LONGEST else ""
    has_escape = "escape" in lowered
    return any(has_escape or table.takes for name, table in tables.items() if name in lowered)


def with_conditions(operation: str, tables: Mapping[str, Table], parameters: Any = ()) -> str:
    """Return a statement that tells the tables of its conditions; as it is where it is not understood.

    A column of the result that has no other name than its text stays as it is. The `parameters` tell of which type the
    items are that a table is joined with.
    """
    if not may_tell(operation, tables):
        return operation
    try:
        found = Selects(operation)
    except (UnreadableError, RecursionError, ProgrammingError):
        return operation
    given = Parameters(found.found, parameters)
    statement = _Statement(operation, found, given)
    for select in found.selects:
        is_name = any(start <= select.start < end for start, end in found.unnamed)
        if not select.is_outer and not is_name:
            statement.tell(select, Scope(select, tables, found.common, given.value))
    return statement.text


class _Statement:
    """A statement that is read, and what is to stand in it."""

    def __init__(self, operation: str, found: Selects, parameters: Parameters) -> None:
        self._operation, self._found, self._parameters = operation, found, parameters
        self._inserted: dict[int, str] = {}

    @property
    def text(self) -> str:
        """The statement as it tells the tables."""
        return edited(self._operation, [(place, place, text) for place, text in self._inserted.items()])

    def tell(self, select: Select, scope: Scope) -> None:
        """Have a SELECT tell the tables that it reads."""
        told = [*self._unescaped(select, scope, scope.conjuncts)]
        told_in = {
            number: [*self._unescaped(select, scope, parts_of(source.on))]
            for number, source in enumerate(select.sources)
            if source.is_optional and source.on is not None
        }
        whole: set[int] = set()
        for number, source in enumerate(select.sources):
            table = scope.table(number)
            if table is None or not table.takes:
                continue
            about = _Table(self, scope, number, table, source.called)
            is_limited = select.is_limited and not source.is_optional
            told += about.told(scope.conjuncts, is_limited=is_limited, is_joined=len(select.sources) > 1)
            if source.is_optional and source.on is not None:
                told_in[number] += about.told(parts_of(source.on))
            whole |= about.whole
        for number, source in enumerate(select.sources):
            self._add(source.on, source.on_start, source.on_end, told_in.get(number, []), whole)
        self._add(select.where, select.start, select.end, told, whole)

    def _unescaped(self, select: Select, scope: Scope, conjuncts: Iterable[Node]) -> Iterator[str]:
        """Yield what LIKE with ESCAPE is without that, for the columns of which SQLite tells no other LIKE."""
        for node in conjuncts:
            if not isinstance(node, Compared) or node.operator != "like" or len(node.operands) != 3:
                continue
            named, pattern, escape = node.operands
            place = scope.place(named) if isinstance(named, Named) else None
            table = None if place is None else scope.table(place[0])
            if place is None or table is None or Op.LIKE in table.takes.get(place[1], ()):
                continue
            if isinstance(pattern, Value) and isinstance(escape, Value):
                column = f'{select.sources[place[0]].called}."{place[1]}"'
                yield f"{column} LIKE {UNESCAPED}({self.spelled(pattern)}, {self.spelled(escape)})"

    def _add(self, condition: Node | None, start: int, end: int, told: Sequence[str], whole: Collection[int]) -> None:
        """Have conditions stand behind one, which begins and ends at these places, or where there is none.

        What it has with OR, and is told as a whole, is kept from SQLite, which would have a scan for each part.
        """
        behind = " AND ".join(told)
        if condition is None:
            self._insert(end, f" WHERE {behind}" if told else "")
            return
        ors = [part for part in parts_of(condition) if isinstance(part, Several) and id(part) in whole]
        is_bare = any(part.opening is None for part in ors)
        self._insert(start, "(" * bool(told) + "+(" * is_bare)
        for part in ors:
            if part.opening is not None:
                self._insert(self._found.found[part.opening].start, "+")
        self._insert(end, ")" * is_bare + (f") AND {behind}" if told else ""))

    def _insert(self, place: int, text: str) -> None:
        self._inserted[place] = self._inserted.get(place, "") + text

    def spelled(self, value: Value) -> str:
        """Return a value as it stands, with the number of a parameter that has no name."""
        first, last = self._found.found[value.first], self._found.found[value.last]
        places = (place for place in range(value.first, value.last + 1) if self._found.found[place].token.text == "?")
        variables = ((self._found.found[place], self._parameters.number(place)) for place in places)
        edits = [(symbol.start, symbol.end, f"?{number}") for symbol, number in variables]
        return edited(self._operation, edits, first.start, last.end)


class _Table:
    """A table of Box that a SELECT reads; `whole` are the ids of the conditions with OR that it is told of."""

    def __init__(self, statement: _Statement, scope: Scope, number: int, table: Table, called: str) -> None:
        self._statement, self._scope, self._number = statement, scope, number
        self._table, self._called = table, called
        self._items = scope.items(number)
        self.whole: set[int] = set()

    def told(self, conjuncts: Iterable[Node], *, is_limited: bool = False, is_joined: bool = False) -> list[str]:
        """Return what tells the table of conditions that all hold; nothing where there is none that it takes.

        Of a LIMIT SQLite tells where a SELECT has one table, and nothing but comparisons of its columns.
        """
        implications = Implications(self._column)
        implied = [(node, implications.of(node)[0]) for node in conjuncts]
        found = [(node, self._left(node, steps)) for node, steps in implied]
        steps = join_steps("AND", (each for _, each in found))
        if isinstance(steps, bool):
            is_untold = is_joined or any(isinstance(each, bool) for _, each in implied)
            return self._written((), [], is_limited=True) if is_limited and is_untold else []
        told = (node for node, each in found if each is not True)
        self.whole.update(id(node) for node in told if isinstance(node, Several) and node.word == "or")
        return self._written(steps, implications.values, is_limited=is_limited)

    def _left(self, node: Node, steps: Sent[Steps]) -> Sent[Steps]:
        """Return what the table takes of what a condition says, and SQLite does not tell of."""
        kept = None if isinstance(steps, bool) else Condition(steps).taken(self._table.takes)
        if kept is None:
            return True
        told = self._table.told
        is_told = all(isinstance(each, Comparison) and each.op in told.get(each.column, ()) for each in kept.steps)
        return True if is_told and _is_told(node) else kept.steps

    def _column(self, named: Named) -> str | None:
        """Return the column that a name stands for, also of an item in another table."""
        place = self._scope.place(named)
        if place is None:
            return None
        number, column = place
        if number == self._number:
            return column
        return f"{self._items[number].name}.{column}" if number in self._items else None

    def _written(self, steps: Steps, values: Sequence[Value], *, is_limited: bool) -> list[str]:
        """Return the functions that have a condition, and the values that come when the statement runs."""
        used = {number: values[number] for step in steps if isinstance(step, Comparison) for number in step.values}
        constants = [number for number, value in used.items() if value.literal is not ...]
        others = [number for number, value in used.items() if value.literal is ...]
        if len(others) > MOST_VALUES:
            return []
        places = {number: place for place, number in enumerate((*constants, *others))}
        placed = tuple(
            Comparison(step.column, step.op, tuple(places[number] for number in step.values))
            if isinstance(step, Comparison)
            else step
            for step in steps
        )
        condition = Condition(placed, tuple(used[number].literal for number in constants), is_limited)
        text = written_condition(condition).decode().replace("'", "''")
        column = f'{self._called}."{self._table.keys[0]}"'
        told = [f"{CONDITION}({column}, '{text}')"]
        if others:
            spelled = ", ".join(self._statement.spelled(used[number]) for number in others)
            told.append(f"{VALUES}({column}, {LIST}({spelled}))")
        return told


def _is_told(node: Node) -> bool:
    """Tell whether SQLite tells of a comparison as it is written, where it does of such ones."""
    if isinstance(node, Call):
        return len(node.arguments) == 2
    if isinstance(node, Compared):
        return node.operator != "like" or len(node.operands) == 2
    return isinstance(node, Not) and isinstance(node.part, Compared) and node.part.operator == "is null"
