"""Show columns of one table without a call of SQLite's for each value, where a statement shows them as they are.

SQLite asks for every value of every row by a call of its own, which takes longer than all the rest of the driver's
work. The program of a statement shows what happens to a row.

Where that is nothing, as in `SELECT id, name FROM files WHERE parent_id = ?`, SQLite plans the statement, begins and
ends it, and steps to the first row of each page; the rows that follow there are taken as they are.

Where SQLite compares other columns of a row, or sorts the rows, it has to see each. The columns that it only shows are
hidden from it then: the authorizer has it take NULL for them, but for one, whose value carries all that is shown of a
row. So it counts for the memory that SQLite sorts in as the values did. The program with NULL for the columns has to
be the one without in all else, or they are used for something else, and nothing is hidden.

Source: https://www.sqlite.org/opcode.html and https://www.sqlite.org/c3ref/set_authorizer.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

import apsw
import msgspec

from box_dialect.engine.execution import Execution
from box_dialect.engine.flow import BRANCHES
from box_dialect.engine.instructions import Step, collations_of
from box_dialect.errors import Error

if TYPE_CHECKING:
    from box_dialect.engine.module import TableCursor
    from box_dialect.engine.plan import Plan
    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session

Rest: TypeAlias = Callable[["Row"], Iterable["Row"]]
"""Return the rows that follow one in its page, as SQLite would; none where it has to be asked for them."""

_LEAST_HIDDEN: Final = 16
"""Columns that have to be hidden so that a few hundred rows make up for preparing the statement twice more."""

_BYTES_AT_ONCE: Final = 1 << 16
"""Bytes of sorted rows that one fetch takes at once, also where it is of one row."""

_ONCE: Final = ("VOpen", "VFilter", "VNext", "ResultRow")
_ONCE_SORTED: Final = ("SorterOpen", "SorterInsert", "OpenPseudo", "SorterData")
"""What is once in the program of a statement that shows rows of one table, and in that of one that sorts them."""

_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Projection:
    """The columns that a statement shows of the rows of a table, by their numbers, in the order of the result.

    `cursors` are those of the statement, of which there is one. `hidden` are the columns that SQLite takes for NULL, by
    the names of the table and the column; none where SQLite is given the first row of each page only. `carrier` is the
    one whose value carries the others through a sorter.
    """

    def __init__(
        self,
        cursors: Sequence[TableCursor],
        columns: Sequence[int],
        hidden: Collection[tuple[str, str]] = (),
        carrier: int | None = None,
    ) -> None:
        self.hidden, self.carrier = hidden, carrier
        self._cursors, self._columns = cursors, columns
        self._place = 0 if carrier is None else columns.index(carrier)
        self._bytes = 0
        self._shown: Callable[[Row], Row] = tuple

    def begin(self, plan: Plan) -> None:
        """Take note of the plan whose rows come; the columns are often one part of them."""
        places = [plan.places[column] for column in self._columns]
        first, last = places[0], places[-1]
        is_part = places == [*range(first, last + 1)]
        self._shown = itemgetter(slice(first, last + 1)) if is_part else itemgetter(*places)

    def rest(self, row: Row) -> Iterable[Row]:
        """Return the rows that follow one in its page, as SQLite would; none where it has to be asked for them."""
        cursor = self._cursors[0] if self._cursors else None
        if cursor is None or cursor.row is None or self._shown(cursor.row) != row:
            return ()
        return map(self._shown, cursor.pass_page())

    def further(self, rows: Iterator[Row]) -> Iterable[Row]:
        """Return the next rows of those that SQLite has sorted, a few that take no call and little memory."""
        taken: list[Row] = []
        size = 0
        while size < _BYTES_AT_ONCE and (row := next(rows, None)) is not None:
            taken.append(row)
            size += len(cast("bytes", row[self._place]))
        return taken

    def packed(self, row: Row) -> bytes:
        """Return the value of the carrier of a row."""
        return _pack(self._shown(row))

    def whole(self, row: Row) -> Row:
        """Return a row of SQLite's with all that is shown; the cursor stands on it, unless the rows are sorted."""
        if self.carrier is None:
            shown = self._shown(cast("Row", self._cursors[0].row))
            self._bytes = len(_pack(shown))
            return shown
        packed = cast("bytes", row[self._place])
        self._bytes = len(packed)
        return _unpack(packed)

    def bytes_of_last(self) -> int:
        """Return about how many bytes the last whole row has."""
        return self._bytes


def projection(
    connection: apsw.Connection, session: Session, hidden: set[tuple[str, str]], sql: str, bindings: Any
) -> Projection | None:
    """Return how the rows of a query that was just prepared are shown; None where SQLite is asked for each value.

    So it is where the rows are few, and do not make up for looking at the program. What is prepared while columns are
    in `hidden` takes NULL for them.
    """
    plans = session.statement.shared.fields.plans
    if not plans or any(plan.path.unique or plan.table is not plans[0].table for plan in plans):
        return None
    steps = _program(connection, sql, bindings)
    shown = _shown(steps)
    plans = [plan for plan in plans if shown is not None and plan.words == shown.words]
    if shown is None or not plans or any(plan.downloaded for plan in plans):
        return None
    if shown.compared is not None and all(shown.compared <= plan.listed_by for plan in plans):
        return Projection(session.statement.prefetch.cursors, shown.columns)
    if len(shown.unread) < _LEAST_HIDDEN:
        return None
    table = plans[0].table
    names = {number: (table.name, table.columns[number].name) for number in shown.unread}
    running, session.execution = session.execution, Execution(session.properties)  # no plan of this is to be noted
    hidden.update(names.values())
    try:
        without = _program(connection, sql, bindings)
    except (apsw.Error, Error):
        return None
    finally:
        session.execution = running
        hidden.clear()
    if [_nulled(step, shown.unread) for step in steps] != without:
        return None
    carrier = names.popitem()[0] if shown.is_sorted else None
    return Projection(session.statement.prefetch.cursors, shown.columns, names.values(), carrier)


class _Shown(NamedTuple):
    """What a program shows of the rows of a table: the columns, and those of them that nothing but the result reads.

    `words` are those of the plan, `is_sorted` tells whether the rows come by a sorter. `compared` are the columns that
    have to be equal to something for a row to be shown, None where anything else happens to it.
    """

    words: str | None
    is_sorted: bool
    columns: Sequence[int]
    unread: frozenset[int]
    compared: frozenset[int] | None


def _program(connection: apsw.Connection, sql: str, bindings: Any) -> Sequence[Step]:
    return [Step(*row[1:7]) for row in connection.execute(f"EXPLAIN {sql}", bindings)]


def _nulled(step: Step, columns: frozenset[int]) -> Step:
    """Return what a program has in the place of an instruction where it takes NULL for columns."""
    is_hidden = step.code == "VColumn" and step.second in columns
    return Step("Null", 0, step.third, 0, None, 0) if is_hidden else step


def _shown(steps: Sequence[Step]) -> _Shown | None:
    """Return what a program shows of the rows of one table, None where it shows anything else.

    That is what the instructions just before read, also where it comes by a sorter. An outer join shows NULL for all
    columns of a row that is not there.
    """
    codes = [step.code for step in steps]
    if any(codes.count(code) != 1 for code in _ONCE):
        return None
    end, result = codes.index("VNext"), codes.index("ResultRow")
    place, fields, keys = result, None, 0  # of a sorter: what its records have, and how many it sorts by
    if result > end:
        if any(codes.count(code) != 1 for code in _ONCE_SORTED):
            return None
        place = codes.index("SorterInsert") - 1  # behind the record of a row
        fields = _read_before(steps, result, "Column")
        keys = len(collations_of(steps[codes.index("SorterOpen")].fourth))
        if codes[place] != "MakeRecord" or codes[result - len(fields) - 1] != "SorterData":
            return None
    first, read = steps[place].first, _read_before(steps, place, "VColumn")
    begin = place - len(read)
    if ("NullRow", steps[end].first) in {step[:2] for step in steps} or "Jump" in codes:
        return None
    if any(step.code in BRANCHES and begin < step.second <= place for step in steps):
        return None
    registers = [steps[result].first + number for number in range(steps[result].second)]
    if fields is not None:
        registers = [first + fields.get(register, -1 - first) for register in registers]
    if not read.keys() >= {*registers}:
        return None
    free = {*registers}.difference(range(first, first + keys))
    needed = {step.second for step in (*steps[:begin], *steps[place:]) if step.code == "VColumn"}
    needed.update(column for register, column in read.items() if register not in free)
    return _Shown(
        steps[codes.index("VFilter")].fourth,
        fields is not None,
        [read[register] for register in registers],
        frozenset(read.values()) - needed,
        _compared(steps[steps[end].second : begin], end) if result == end - 1 else None,
    )


def _read_before(steps: Sequence[Step], place: int, code: str) -> Mapping[int, int]:
    """Return the columns that the instructions just before a place read, by the registers that they are read into."""
    run = [*takewhile(lambda step: step.code == code, reversed(steps[:place]))]
    return {step.third: step.second for step in reversed(run)}


def _compared(steps: Sequence[Step], end: int) -> frozenset[int] | None:
    """Return the columns of which each has to be equal to something, or the program goes on at `end`."""
    pairs = [*zip(steps[::2], steps[1::2], strict=False)]
    if len(steps) % 2 or not all(
        (read.code, compare.code, compare.second) == ("VColumn", "Ne", end)
        and read.third in {compare.first, compare.third}
        for read, compare in pairs
    ):
        return None
    return frozenset(read.second for read, _ in pairs)
