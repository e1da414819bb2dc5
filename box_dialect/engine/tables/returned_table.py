"""The rows that a statement with RETURNING gives, as a virtual table that its RETURNING is evaluated over."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from box_dialect.engine.cache.downloads import check_size, getter
from box_dialect.engine.caller_warnings import tell
from box_dialect.engine.execution.returned_rows import RETURNED_PLACE, returned_name
from box_dialect.engine.scan.row_maker import COLUMNS_TOLD, used_columns
from box_dialect.engine.tables.list_cursor import ListCursor

if TYPE_CHECKING:
    import apsw

    from box_dialect.catalog.model import Remote, Table
    from box_dialect.engine.cache.downloads import Value
    from box_dialect.engine.execution.session import Session


class ReturnedModule:
    """The APSW module of the rows that statements return of one table."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, _connection: apsw.Connection, *_: str) -> tuple[str, ReturnedTable]:
        """Tell SQLite of the columns."""
        # The place comes first: of the columns behind the 63rd SQLite tells together whether one is used.
        schema = self._table.schema.replace('"(', f'"("{RETURNED_PLACE}" INTEGER HIDDEN, ', 1)
        return schema, ReturnedTable(self._table, self._session)

    Create = Connect


class ReturnedTable:
    """The rows as SQLite sees them."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Learn which columns RETURNING uses, of the last ones, of which SQLite tells together, by the authorizer."""
        returned = self._session.execution.returned
        if returned is not None and returned.table is self._table:
            name, columns = returned_name(self._table), self._table.columns
            read = {column for _, table, column in self._session.columns_read if table == name}
            told = used_columns(info.colUsed, self._table, before=1)
            used = {number for number in told if number < COLUMNS_TOLD - 1 or columns[number].name in read}
            returned.columns = tuple(sorted(used.union(returned.columns)))
        return True

    def Open(self) -> ReturnedCursor:
        """Open a cursor."""
        return ReturnedCursor(self._session)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect


class ReturnedCursor(ListCursor):
    """One run over the rows."""

    def __init__(self, session: Session) -> None:
        returned = session.execution.returned
        super().__init__([] if returned is None else returned.rows(partial(_downloaded, session)))
        self._places = {} if returned is None else {c + 1: place for place, c in enumerate(returned.columns)}

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        if number == 0:
            return self.place
        return self.rows[self.place][self._places[number] if number >= 0 else -1]

    def Rowid(self) -> Any:
        """Return the rowid of the row."""
        return self.rows[self.place][-1]


def _downloaded(session: Session, remote: Remote) -> Value:
    """Return what a value is now that it was written."""
    check_size(remote)
    context = session.statement.context
    value = session.run(getter(session.client, context), remote)
    tell(context.warnings)
    return value


def install_returned(connection: apsw.Connection, session: Session, table: Table) -> None:
    """Make the rows known to a connection that statements return of a table."""
    connection.create_module(
        returned_name(table),
        cast("Any", ReturnedModule(table, session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        eponymous_only=True,
        read_only=True,
    )
