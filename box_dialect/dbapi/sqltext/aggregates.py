"""A parse of a SELECT of aggregates over one table, whole or not at all.

`SELECT [GROUP, …] count(*) | count(column) | sum(column) | …, … FROM table [WHERE …] [GROUP BY column] [ORDER BY …]
[LIMIT …]`, perhaps behind EXPLAIN QUERY PLAN.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.expressions import Expressions
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.sqltext.nodes import Named, Node, Value
from box_dialect.dbapi.sqltext.reader import NO_NAMES, UnreadableError

FUNCTIONS: Final = frozenset({"count", "sum", "avg", "min", "max"})


class Aggregate(Struct, frozen=True):
    """A column of the result: a function of a column, that of all rows where it has none, or a column alone."""

    function: str | None
    column: Named | None


class Term(Struct, frozen=True):
    """What rows are sorted by: the number of a column of the result, from 0 on; whether it descends."""

    column: int
    descends: bool


class Aggregates(Expressions):
    """A SELECT of aggregates.

    Raises UnreadableError for any other statement.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(read(operation))
        self.is_explained = self.takes("explain", "query", "plan")
        self.expect("select")
        self.columns: list[Aggregate] = []
        self._names: list[str | None] = []
        while not self.columns or self.takes(","):
            self.columns.append(self._aggregate())
            self._names.append(self.name() if self.takes("as") or self._is_name() else None)
        self.expect("from")
        self.table = self.name()
        self.called = self.name() if self.takes("as") or self._is_name() else self.table
        self.where: Node | None = self.expression() if self.takes("where") else None
        self.groups: tuple[Node, ...] = self.expressions() if self.takes("group", "by") else ()
        self.terms = [*self._terms()] if self.takes("order", "by") else []
        self.limit, self.offset = self._limits() if self.takes("limit") else (None, None)
        if not self.is_at_end or all(each.function is None for each in self.columns):
            raise UnreadableError(self.next)

    def query(self) -> Any:
        """Read a query, which there is none of here."""
        raise UnreadableError(self.next)

    def _is_name(self) -> bool:
        symbol = self.found[self.place]
        return symbol.kind == "quoted" or (symbol.kind == "word" and symbol.text not in NO_NAMES)

    def _aggregate(self) -> Aggregate:
        function = self.next
        if function not in FUNCTIONS or self.ahead(1) != "(":
            return Aggregate(None, self._column_alone())
        self.takes(function, "(")
        column = None if function == "count" and self.takes("*") else self._column_alone()
        self.expect(")")
        if self.next in {"filter", "over"}:
            raise UnreadableError(self.next)
        return Aggregate(function, column)

    def _column_alone(self) -> Named:
        found = self.operand()
        if not isinstance(found, Named):
            raise UnreadableError("column")
        return found

    def _terms(self) -> list[Term]:
        found: list[Term] = []
        while not found or self.takes(","):
            column = self._term()
            descends = self.takes("desc")
            if not descends:
                self.takes("asc")
            found.append(Term(column, descends))
        return found

    def _term(self) -> int:
        """Read what rows are sorted by: the number or the name of a column of the result, or what it has itself."""
        if self.found[self.place].kind == "number":
            value = self.operand()
            number = value.literal if isinstance(value, Value) else None
            if isinstance(number, int) and 1 <= number <= len(self.columns):
                return number - 1
            raise UnreadableError("number")
        aggregate = self._aggregate()
        named = aggregate.column
        is_name = aggregate.function is None and named is not None and named.table is None
        if is_name and named is not None and named.name in self._names:
            return self._names.index(named.name)
        if aggregate in self.columns:
            return self.columns.index(aggregate)
        raise UnreadableError("order")

    def _limits(self) -> tuple[Value | None, Value | None]:
        first = self._value()
        if self.takes("offset"):
            return first, self._value()
        return (self._value(), first) if self.takes(",") else (first, None)

    def _value(self) -> Value:
        found = self.expression()
        if not isinstance(found, Value):
            raise UnreadableError("limit")
        return found
