"""The rows of an INSERT that conflict, as a virtual table that ON CONFLICT DO UPDATE reads the new values from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from box_dialect.engine.execution.conflicts import (
    EXCLUDED_COLUMN,
    EXCLUDED_PARAMETER,
    MOST_PARAMETERS,
    excluded_name,
)
from box_dialect.engine.tables.list_cursor import ListCursor

if TYPE_CHECKING:
    import apsw

    from box_dialect.catalog.model import Table
    from box_dialect.engine.execution.session import Session

_PARAMETERS: Final = ", ".join(f"{EXCLUDED_PARAMETER}{number}" for number in range(MOST_PARAMETERS))


class ExcludedModule:
    """The APSW module of the rows that conflict of one table; its columns compare as those of the table do."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, _connection: apsw.Connection, *_: str) -> tuple[str, ExcludedTable]:
        """Tell SQLite of the columns."""
        named = (replace(each, name=f"{EXCLUDED_COLUMN}{each.name}", hidden=False) for each in self._table.columns)
        columns = ", ".join(column.schema for column in named)
        return f"CREATE TABLE excluded({columns}, {_PARAMETERS})", ExcludedTable(self._session)

    Create = Connect


class ExcludedTable:
    """The rows as SQLite sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Tell that there are few rows, which cost nothing."""
        info.estimatedCost, info.estimatedRows = 1.0, 1
        return True

    def Open(self) -> ExcludedCursor:
        """Open a cursor."""
        conflicts = self._session.execution.conflicts
        return ExcludedCursor(() if conflicts is None else conflicts.rows)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect


class ExcludedCursor(ListCursor):
    """One run over the rows."""

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        return self.place if number < 0 else self.rows[self.place].values[number]


def install_excluded(connection: apsw.Connection, session: Session, table: Table) -> None:
    """Make the rows known to a connection that conflict when some are inserted into a table."""
    connection.create_module(
        excluded_name(table),
        cast("Any", ExcludedModule(table, session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        eponymous_only=True,
        read_only=True,
    )
