"""System tables as SQLite virtual tables: their rows are what the connection knows when a statement reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from box_dialect.engine.tables.list_cursor import ListCursor

if TYPE_CHECKING:
    import apsw

    from box_dialect.catalog.model import SystemTable
    from box_dialect.engine.execution.session import Session


class SystemTableModule:
    """The APSW module of one system table, and the table as SQLite sees it."""

    def __init__(self, table: SystemTable, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, *_: object) -> tuple[str, SystemTableModule]:
        """Tell SQLite of the table's columns."""
        return self._table.schema, self

    Create = Connect

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Have SQLite read all rows, which are there, and do the rest."""
        info.estimatedCost = info.estimatedRows = _ROWS
        return True

    def Open(self) -> SystemTableCursor:
        """Open a cursor."""
        return SystemTableCursor([*self._table.tell(self._session.catalog, self._session.properties)])

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect


_ROWS = 1_000


class SystemTableCursor(ListCursor):
    """One cursor over a system table."""

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        return self.place if number < 0 else self.rows[self.place][number]


def install_system_table(connection: apsw.Connection, session: Session, table: SystemTable) -> None:
    """Make a system table known to a connection."""
    connection.create_module(
        table.name,
        cast("Any", SystemTableModule(table, session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        iVersion=1,
        eponymous=True,
        read_only=True,
    )
