"""Give the rows of a page without a step of SQLite for each, where a statement does nothing but show their columns.

SQLite asks for every value of every row by a call of its own, which takes longer than all the rest of the driver's
work. The program of `SELECT id, name FROM files WHERE parent_id = ?` shows that nothing else happens to a row: SQLite
plans such a statement, begins and ends it, and steps to the first row of each page, and the rows that follow there are
taken as they are. Of a statement that compares more than the key that its rows were listed by, which is the same in all
of them, or computes, sorts, counts or limits, SQLite is given every row.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import apsw

    from box_dialect.engine.rows import Row
    from box_dialect.engine.statement import Statement

Rest: TypeAlias = Callable[["Row"], Iterable["Row"]]
"""Return the rows that follow one in its page, as SQLite would; none where it has to be asked for them."""


def projection(statement: Statement, connection: apsw.Connection, sql: str, bindings: Any) -> Rest | None:
    """Return what gives the rest of a page, for a statement that has begun to run; None where SQLite must be asked.

    So it is where the rows are few, and do not make up for looking at the program.
    """
    cursors = statement.prefetch.cursors
    plan = cursors[0].plan if len(cursors) == 1 else None
    if plan is None or plan.path.unique:
        return None
    columns = _shown_columns(connection, sql, bindings, plan.listed_by)
    if columns is None:
        return None
    show = _shown([plan.places[column] for column in columns])

    def rest(row: Row) -> Iterable[Row]:
        cursor = cursors[0] if cursors else None
        if cursor is None or cursor.row is None or show(cursor.row) != row:
            return ()
        return map(show, cursor.pass_page())

    return rest


def _shown(places: Sequence[int]) -> Callable[[Row], Row]:
    """Return what gives the values of a row at some places; they are often one part of it."""
    first, last = places[0], places[-1]
    if [*places] == [*range(first, last + 1)]:
        return itemgetter(slice(first, last + 1))
    return itemgetter(*places)


def _shown_columns(connection: apsw.Connection, sql: str, bindings: Any, alike: frozenset[int]) -> Sequence[int] | None:
    """Return the columns of one table that a statement shows of each row, None where it does anything else.

    It may leave the row out where one of the columns that are `alike` in all rows is not equal to something.
    """
    program = list(connection.execute(f"EXPLAIN {sql}", bindings))
    codes = [instruction[1] for instruction in program]
    if codes.count("VOpen") != 1 or codes.count("VNext") != 1:
        return None
    end = codes.index("VNext")
    *columns, result = program[program[end][3] : end]
    while len(columns) > 1 and columns[1][1] == "Ne" and columns[1][3] == end:
        read, compare, *columns = columns
        if read[1] != "VColumn" or read[3] not in alike or read[4] not in {compare[2], compare[4]}:
            return None
    if result[1] != "ResultRow" or any(column[1] != "VColumn" for column in columns):
        return None
    registers = range(result[2], result[2] + result[3])
    return [column[3] for column in columns] if [column[4] for column in columns] == [*registers] else None
