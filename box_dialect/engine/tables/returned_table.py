"""The rows that a statement with RETURNING gives, as a virtual table that its RETURNING is evaluated over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from box_dialect.engine.execution.returned_rows import RETURNED_PLACE, returned_name
from box_dialect.engine.scan.row_maker import used_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.returned_rows import ReturnedRows
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.scan.row_maker import Row


class ReturnedModule:
    """The APSW module of the rows that statements return of one table."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, _connection: apsw.Connection, *_: str) -> tuple[str, ReturnedTable]:
        """Tell SQLite of the columns."""
        schema = f'{self._table.schema[:-1]}, "{RETURNED_PLACE}" INTEGER HIDDEN)'
        return schema, ReturnedTable(self._table, self._session)

    Create = Connect


class ReturnedTable:
    """The rows as SQLite sees them."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Learn which columns RETURNING uses."""
        returned = self._session.execution.returned
        if returned is not None and returned.table is self._table:
            returned.columns = tuple(sorted(used_columns(info.colUsed, self._table).union(returned.columns)))
        return True

    def Open(self) -> ReturnedCursor:
        """Open a cursor."""
        return ReturnedCursor(self._session.execution.returned)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect


class ReturnedCursor:
    """One run over the rows."""

    def __init__(self, returned: ReturnedRows | None) -> None:
        self._number = -1 if returned is None else len(returned.table.columns)
        self._places = {} if returned is None else {c: place for place, c in enumerate(returned.columns)}
        self._all: Sequence[Row] = [] if returned is None else returned.rows()
        self._next = 0

    def Filter(self, *_: Any) -> None:
        """Begin with the first row."""
        self._next = 0

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._next >= len(self._all)

    def Next(self) -> None:
        """Go to the next row."""
        self._next += 1

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        if number == self._number:
            return self._next
        return self._all[self._next][self._places[number] if number >= 0 else -1]

    def Rowid(self) -> Any:
        """Return the rowid of the row."""
        return self._all[self._next][-1]

    def Close(self) -> None:
        """Let go of the rows."""
        self._all = []


def install_returned(connection: apsw.Connection, session: Session, table: Table) -> None:
    """Make the rows known to a connection that statements return of a table."""
    connection.create_module(
        returned_name(table),
        cast("Any", ReturnedModule(table, session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        eponymous_only=True,
        read_only=True,
    )
