"""What SQLite asks a virtual table for in xBestIndex, read as what the planner takes.

Source: https://www.sqlite.org/vtab.html#the_xbestindex_method and
https://rogerbinns.github.io/apsw/vtable.html#indexinfo-class
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.catalog.model import RANGE, Op, Table, Type
from box_dialect.catalog.model.freshness import FRESHNESS, checked_freshness
from box_dialect.engine.plan.plan import Asked, Constraint, Request
from box_dialect.engine.plan.planner import has_datetimes_as_texts, inputs
from box_dialect.engine.plan.tree_scope import PATTERNS
from box_dialect.engine.scan.row_maker import used_columns
from box_dialect.engine.sql import conditions
from box_dialect.engine.sql.membership import HAS_ANY, has_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from box_dialect.engine.execution.session import Session

OPS: Final = {
    apsw.SQLITE_INDEX_CONSTRAINT_EQ: Op.EQ,
    apsw.SQLITE_INDEX_CONSTRAINT_GT: Op.GT,
    apsw.SQLITE_INDEX_CONSTRAINT_GE: Op.GE,
    apsw.SQLITE_INDEX_CONSTRAINT_LT: Op.LT,
    apsw.SQLITE_INDEX_CONSTRAINT_LE: Op.LE,
    apsw.SQLITE_INDEX_CONSTRAINT_LIKE: Op.LIKE,
    apsw.SQLITE_INDEX_CONSTRAINT_GLOB: Op.GLOB,
    apsw.SQLITE_INDEX_CONSTRAINT_MATCH: Op.MATCH,
    apsw.SQLITE_INDEX_CONSTRAINT_NE: Op.NE,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNULL: Op.IS_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNOTNULL: Op.NOT_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_FUNCTION: Op.HAS_ANY,
}


_CONDITION: Final = apsw.SQLITE_INDEX_CONSTRAINT_FUNCTION + 1
_VALUES: Final = apsw.SQLITE_INDEX_CONSTRAINT_FUNCTION + 2
FUNCTIONS: Final[Mapping[str, tuple[int, Callable[..., bool | None]]]] = {
    HAS_ANY: (apsw.SQLITE_INDEX_CONSTRAINT_FUNCTION, has_any),
    conditions.CONDITION: (_CONDITION, conditions.holds),
    conditions.VALUES: (_VALUES, conditions.holds),
}
"""The functions that SQLite tells of as of comparisons, with its numbers for these."""

_COMPARING_INPUTS: Final = frozenset({Op.EQ, Op.IN, Op.GT})

COMPARED_WITH_ONE: Final = 2
"""Arguments of a function that compares a column with a value."""


class RequestReader:
    """Read what SQLite asks a table for."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session
        self._inputs = inputs(table)

    def read(self, info: apsw.IndexInfo) -> Request:
        """Return what SQLite asks, with what the session knows of the statement."""
        constraints: list[Constraint] = []
        limits: dict[int, int] = {}
        asked: dict[int, int] = {}
        for number in range(info.nConstraint):
            op, usable = info.get_aConstraint_op(number), info.get_aConstraint_usable(number)
            if op in {apsw.SQLITE_INDEX_CONSTRAINT_LIMIT, apsw.SQLITE_INDEX_CONSTRAINT_OFFSET}:
                if usable:
                    limits[op] = number
                continue
            if op in {_CONDITION, _VALUES}:
                if usable:
                    asked[op] = number
                continue
            column = info.get_aConstraint_iColumn(number)
            self._check_freshness(op, column)
            if op in OPS and column >= 0:
                kind = Op.IN if info.get_aConstraintUsage_in(number) else OPS[op]
                declared, collation = self._table.columns[column], info.get_aConstraint_collation(number)
                is_sorted_so = kind not in RANGE or declared.type is Type.TIMESTAMP or self._session.is_utf8
                as_column = is_sorted_so and declared.is_compared_by(collation)
                is_told = kind in PATTERNS or declared.name == FRESHNESS.name
                pattern = info.get_aConstraint_rhs(number) if is_told else None
                constraints.append(Constraint(number, declared.name, kind, usable, as_column, pattern))
        told = self._told()
        inputs_left = self._inputs.difference(told)
        for each in constraints:
            if each.usable and each.column in inputs_left and each.op in _COMPARING_INPUTS:
                self._session.inputs_compared.setdefault(self._table.name, set()).add(each.column)
        self._session.has_datetimes_as_texts |= has_datetimes_as_texts(self._table, constraints)
        order = [(info.get_aOrderBy_iColumn(number), info.get_aOrderBy_desc(number)) for number in range(info.nOrderBy)]
        columns = self._used(info).union(self._returned(), self._written_by())
        return Request(
            tuple(constraints),
            tuple((self._table.columns[column].name if column >= 0 else "rowid", desc) for column, desc in order),
            limits.get(apsw.SQLITE_INDEX_CONSTRAINT_LIMIT),
            limits.get(apsw.SQLITE_INDEX_CONSTRAINT_OFFSET),
            columns,
            self._asked(info, asked),
            self._session.properties.freshness,
            lambda operation: self._session.client.refusals.has(operation),
            self._is_indexed(columns),
            self._session.properties.is_restricted,
            told,
        )

    def _told(self) -> frozenset[str]:
        """Return the columns by which a DELETE tells how rows are removed."""
        is_delete = "" in self._session.written_tables.get(self._table.name, ())
        return frozenset(self._table.told_by_delete if is_delete else ())

    def _is_indexed(self, columns: Iterable[int]) -> bool:
        """Tell whether Box's index has the columns that are read; the authorizer was told the name of each."""
        others = {each.name for each in (self._table.columns[number] for number in columns) if not each.indexed}
        read = (name for _, table, name in self._session.columns_read if table == self._table.name) if others else ()
        return others.isdisjoint(read)

    def _check_freshness(self, op: int, column: int) -> None:
        """Raise ProgrammingError for a freshness that is compared by what the planner is not told of, such as IS."""
        is_freshness = self._table.has_freshness and column == self._table.numbers[FRESHNESS.name]
        if is_freshness and op not in OPS:
            checked_freshness(None)

    def _asked(self, info: apsw.IndexInfo, numbers: Mapping[int, int]) -> Asked | None:
        """Return the condition that was read in the statement, by SQLite's numbers for it and its values."""
        written = info.get_aConstraint_rhs(numbers[_CONDITION]) if _CONDITION in numbers else None
        condition = conditions.read(written)
        if condition is None or (condition.has_parameters and _VALUES not in numbers):
            return None
        return Asked(condition, numbers[_CONDITION], numbers.get(_VALUES))

    def _used(self, info: apsw.IndexInfo) -> frozenset[int]:
        """Return the columns that are read; of an UPDATE SQLite tells all, until its listing has told which."""
        execution = self._session.execution
        is_update = "" not in self._session.written_tables.get(self._table.name, {""})
        if is_update and execution.columns_read is not None:
            return execution.columns_read
        self._session.reads_all_columns |= is_update and not execution.is_prepared
        return used_columns(info.colUsed, self._table)

    def _written_by(self) -> Iterable[int]:
        """Return the columns by which rows are written, where the statement writes some of the table."""
        columns = self._session.written_tables.get(self._table.name)
        if columns is None:
            return ()
        return (self._table.numbers[name] for name in (*self._table.noted, *self._table.patched(columns)))

    def _returned(self) -> tuple[int, ...]:
        """Return the columns that are read only to be returned by a DELETE."""
        returned = self._session.execution.returned
        return returned.columns if returned is not None and returned.reads(self._table) else ()
