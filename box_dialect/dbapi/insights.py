"""Statements of aggregates that Box answers itself, out of its index: `SELECT count(*) FROM enterprise_contract`.

SQLite tells a virtual table nothing of aggregates, so that the statement is read. Where it is more than Box computes,
or a condition cannot be sent so that it finds just the same rows, the rows are read.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.catalog.model import Comparison, Condition, Op, join_steps
from box_dialect.catalog.model.freshness import FRESHNESS, INDEXED, checked_freshness
from box_dialect.dbapi.conditions.implied import Implications
from box_dialect.dbapi.conditions.scope import parts_of
from box_dialect.dbapi.sqltext.aggregates import FUNCTIONS, Aggregates
from box_dialect.dbapi.sqltext.nodes import Compared, Named, Not, Several, Value
from box_dialect.dbapi.sqltext.parameters import Parameters
from box_dialect.dbapi.sqltext.reader import UnreadableError
from box_dialect.engine import InexactError, Measures, Question, asked_insights
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.catalog.model import Insights, Sent, Steps, Table
    from box_dialect.dbapi.sqltext.aggregates import Aggregate
    from box_dialect.dbapi.sqltext.nodes import Node
    from box_dialect.engine import Session
    from box_dialect.rows import TupleRow


class InsightStatement:
    """A statement that Box answers by insights; `is_explained` tells that only its plan is wanted."""

    def __init__(self, found: Aggregates, table: Table, asked: _Asked) -> None:
        self._found, self._table, self._asked = found, table, asked
        self._measures = Measures(asked.insights, [(each.function, name) for each, name in asked.columns])
        self.is_explained = found.is_explained

    @property
    def plan(self) -> list[TupleRow]:
        """The statement's query plan, as SQLite has it."""
        told = ", ".join([*(f"{key} = ?" for key in self._asked.keys), *self._asked.words])
        words = f"by insights: {self._asked.insights.endpoint.operation}" + (f" ({told})" if told else "")
        return [(2, 0, 0, f"SCAN {self._found.called} VIRTUAL TABLE INDEX 0:{words}")]

    @property
    def calls(self) -> int:
        """How many calls it takes."""
        return 1 if self._asked.sent_of_null is None else 2

    def rows(self, session: Session) -> list[TupleRow] | None:
        """Return the rows of the result; None where Box cannot tell them for sure, so that they are to be read."""
        asked, endpoint = self._asked, self._asked.insights.endpoint
        question = Question(endpoint, asked.keys, asked.sent, asked.group, asked.sent_of_null)
        try:
            found = asked_insights(session, self._table.name, question, self._measures)
        except InexactError:
            return None
        return None if found is None else self._shown(found)

    def _shown(self, rows: list[TupleRow]) -> list[TupleRow]:
        """Return rows as the statement sorts them, and as many as it wants."""
        for term in reversed(self._found.terms):
            rows.sort(key=partial(_sorted_by, term.column), reverse=term.descends)
        limit, offset = self._asked.limits
        first = max(offset, 0)
        return rows[first:] if limit is None or limit < 0 else rows[first : first + limit]


def may_be_insights(operation: str, tables: Mapping[str, Table]) -> bool:
    """Tell whether a statement may have aggregates of a table that Box computes with; most are not read for that."""
    lowered = operation.lower()
    return any(each in lowered for each in FUNCTIONS) and any(
        name in lowered and table.has_insights for name, table in tables.items()
    )


def insight_statement(operation: str, values: Any, session: Session) -> InsightStatement | None:
    """Return a statement that Box answers by insights, with the values of its parameters; None for another.

    Raises ProgrammingError for a freshness that there is not.
    """
    tables = session.tables
    found = _read(operation) if may_be_insights(operation, tables) else None
    table = None if found is None else tables.get(found.table)
    try:
        return None if found is None or table is None else _statement(found, table, values, session)
    except InexactError:
        return None


def _read(operation: str) -> Aggregates | None:
    """Return the parse of a statement of aggregates, None for another, and for one that is too long."""
    try:
        return Aggregates(operation)
    except (ProgrammingError, UnreadableError, RecursionError):
        return None


def _statement(found: Aggregates, table: Table, values: Any, session: Session) -> InsightStatement | None:
    asked = _Asked(found, table, values)
    if asked.freshness(session.properties.freshness) != INDEXED:
        return None
    for path in table.paths:
        if path.insights is not None and {*path.keys} == asked.keys.keys():
            is_refused = session.client.refusals.has(path.insights.endpoint.asked_as)
            are_keys = all(path.accepting(key).fullmatch(value) for key, value in asked.keys.items())
            if is_refused or not are_keys:
                return None
            asked.take(path.insights)
            return InsightStatement(found, table, asked)
    return None


class _Asked:
    """What a statement of aggregates asks of a table; raises InexactError for what Box cannot tell for sure."""

    insights: Insights
    columns: Sequence[tuple[Aggregate, str | None]]
    group: str | None
    sent: Mapping[str, Any]
    sent_of_null: Mapping[str, Any] | None

    def __init__(self, found: Aggregates, table: Table, values: Any) -> None:
        self._found, self._table, self._parameters = found, table, Parameters(found.found, values)
        self._names = {name.lower(): name for name in table.numbers}
        self._told: Any = None
        self.keys: dict[str, str] = {}
        self._conditions: list[Node] = []
        for part in () if found.where is None else parts_of(found.where):
            self._sort_out(part)
        self.limits = self._number(found.limit), self._number(found.offset) or 0

    def freshness(self, of_connection: str) -> str:
        """Return the freshness that the statement names, or that of the connection."""
        return of_connection if self._told is None else checked_freshness(self._told)

    def take(self, insights: Insights) -> None:
        """Find what is sent for the statement."""
        self.insights, found = insights, self._found
        self.columns = [(each, None if each.column is None else self._column(each.column)) for each in found.columns]
        groups = [self._group(each) for each in found.groups]
        group = groups[0] if groups else None
        alone = {name for each, name in self.columns if each.function is None}
        if len(groups) > 1 or (groups and group not in insights.groups) or not alone <= {group} - {None}:
            raise InexactError
        self.group = None if group is None else insights.groups[group]
        implications = Implications(self._column)
        for node in self._conditions:
            self._check_known(node)
        steps: list[Sent[Steps]] = [implications.of(node)[0] for node in self._conditions]
        values = [self._value(value) for value in implications.values]
        self.sent = self._sending(steps, values)
        is_null: Steps = () if group is None else (Comparison(group, Op.IS_NULL),)
        joined = join_steps("AND", steps)
        leaves_null_out = not isinstance(joined, bool) and Condition(joined).leaves_null_out(group or "")
        self.sent_of_null = None if group is None or leaves_null_out else self._sending([*steps, is_null], values)
        self.words = [] if isinstance(joined, bool) else [Condition(joined).words]

    def _group(self, node: Node) -> str | None:
        """Return the column that rows are grouped by, which may be named by its number in the result."""
        number = node.literal if isinstance(node, Value) else None
        if isinstance(number, int) and 1 <= number <= len(self.columns):
            return self.columns[number - 1][1] if self.columns[number - 1][0].function is None else None
        return self._column(node) if isinstance(node, Named) else None

    def _sending(self, steps: Sequence[Sent[Steps]], values: Sequence[Any]) -> Mapping[str, Any]:
        joined = join_steps("AND", steps)
        if joined is True:
            return {}
        sent = None if joined is False else self.insights.exactly(Condition(joined), values)
        if sent is None:
            raise InexactError
        return sent

    def _sort_out(self, part: Node) -> None:
        """Take the freshness and keys of paths out of what has to hold."""
        if isinstance(part, Compared) and part.operator == "=":
            named, value = part.operands if isinstance(part.operands[0], Named) else part.operands[::-1]
            column = self._column(named) if isinstance(named, Named) and isinstance(value, Value) else None
            is_key = any(column in path.keys for path in self._table.paths if path.insights is not None)
            if column == FRESHNESS.name and self._table.has_freshness and isinstance(value, Value):
                self._told = self._value(value)
                return
            if is_key and column is not None and isinstance(value, Value):
                self.keys[column] = str(self._value(value))
                return
        self._conditions.append(part)

    def _check_known(self, node: Node) -> None:
        """Raise InexactError for a condition of which a part is not known for what it is."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Not):
                waiting.append(each.part)
            elif isinstance(each, Several):
                waiting += each.parts
            elif isinstance(Implications(self._column).of(each)[0], bool):
                raise InexactError

    def _column(self, named: Named) -> str | None:
        """Return the column of the table that a name stands for, None where it is none."""
        return self._names.get(named.name) if named.table in {None, self._found.called} else None

    def _number(self, value: Value | None) -> int | None:
        found = None if value is None else self._value(value)
        if found is not None and type(found) is not int:
            raise InexactError
        return found

    def _value(self, value: Value) -> Any:
        """Return a value of the statement: that of a literal or a parameter; raises InexactError for another."""
        found = self._parameters.value(value)
        if found is ...:
            raise InexactError
        return found


def _sorted_by(column: int, row: TupleRow) -> tuple[bool, Any]:
    """Return what sorts rows by a column as SQLite does, where NULL comes first."""
    return row[column] is not None, row[column]
