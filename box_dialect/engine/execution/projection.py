"""Projection: columns that a statement shows as they are, given without a call of SQLite's for each value.

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

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import msgspec

if TYPE_CHECKING:
    from box_dialect.engine.cache.shared_scan import Position
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.row_maker import Row

Rest: TypeAlias = Callable[["Row"], Iterable["Row"]]
"""Return the rows that follow one in its page, as SQLite would; none where it has to be asked for them."""

_BYTES_AT_ONCE: Final = 1 << 16
"""Bytes of sorted rows that one fetch takes at once, also where it is of one row."""

_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Projection:
    """The columns that a statement shows of the rows of a table, by their numbers, in the order of the result.

    `positions` are where the cursors of the statement stand, of which there is one. `hidden` are the columns that
    SQLite takes for NULL, by the names of the table and the column; none where SQLite is given the first row of each
    page only. `carrier` is the one whose value carries the others through a sorter.
    """

    def __init__(
        self,
        positions: Sequence[Position],
        columns: Sequence[int],
        hidden: Collection[tuple[str, str]] = (),
        carrier: int | None = None,
    ) -> None:
        self.hidden, self.carrier = hidden, carrier
        self._positions, self._columns = positions, columns
        self._place = 0 if carrier is None else columns.index(carrier)
        self._last: Row | bytes = b""
        self._shown: Callable[[Row], Row] = tuple

    def begin(self, plan: Plan) -> None:
        """Take note of the plan whose rows come; the columns are often one part of them."""
        places = [plan.places[column] for column in self._columns]
        first, last = places[0], places[-1]
        is_part = places == [*range(first, last + 1)]
        self._shown = itemgetter(slice(first, last + 1)) if is_part else itemgetter(*places)

    def rest(self, row: Row) -> Iterable[Row]:
        """Return the rows that follow one in its page, as SQLite would; none where it has to be asked for them."""
        cursor = self._positions[0] if self._positions else None
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
            shown = self._last = self._shown(cast("Row", self._positions[0].row))
            return shown
        packed = self._last = cast("bytes", row[self._place])
        return _unpack(packed)

    def bytes_of_last(self) -> int:
        """Return about how many bytes the last whole row has."""
        return len(self._last if isinstance(self._last, bytes) else _pack(self._last))
