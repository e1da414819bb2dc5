"""The connection: SQLite in memory, with Box's tables in it."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import apsw

from box_dialect import errors
from box_dialect.catalog import TABLES
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.dbapi.cursor import Cursor
from box_dialect.dbapi.errors import from_sqlite
from box_dialect.engine import Session, guard, install, install_procedures
from box_dialect.errors import BoxTransactionWarning, InterfaceError, InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from box_dialect.properties import Properties


class Connection:
    """A PEP 249 connection. It belongs to one thread at a time; a second one gets InterfaceError.

    Box has no transactions: every write is there at once, `commit()` has nothing to do, and `rollback()` after a write
    warns that it cannot undo it. Tables that a statement creates live in the connection's memory until it is closed.
    """

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    def __init__(self, properties: Properties) -> None:
        self.properties = properties
        self.session = Session(properties)
        self.unbatched: set[str] = set()
        self._sqlite: apsw.Connection | None = apsw.Connection(":memory:")
        install(self._sqlite, self.session, TABLES.values())
        install_procedures(self._sqlite, self.session, PROCEDURES.values())
        guard(self._sqlite, TABLES, self.session.procedures, readonly=properties.readonly)
        if properties.initiate_oauth != "OFF":
            self.session.portal.run(self.session.client.sign_in)

    @property
    def sqlite(self) -> apsw.Connection:
        """The SQLite connection beneath; raises InterfaceError when this one is closed."""
        if self._sqlite is None:
            raise InterfaceError("the connection is closed")
        return self._sqlite

    def check_open(self) -> None:
        """Raise InterfaceError when the connection is closed."""
        _ = self.sqlite

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        return Cursor(self, self.sqlite.cursor())

    def commit(self) -> None:
        """Do nothing to Box, where every write is there at once; end a transaction of SQLite that a statement began."""
        self._end("COMMIT")
        self.session.has_written = False

    def rollback(self) -> None:
        """Warn where something was written to Box since the last commit, for it stays."""
        self._end("ROLLBACK")
        self.warn_of_writes()

    def warn_of_writes(self) -> None:
        """Warn that a rollback does not take back what was written to Box."""
        if self.session.has_written:
            self.session.has_written = False
            warnings.warn(
                "what was written to Box stays there: Box has no transactions to roll back",
                BoxTransactionWarning,
                stacklevel=3,
            )

    def close(self) -> None:
        """Close the connection and cancel what its cursors have in flight; closing again does nothing."""
        if self._sqlite is not None:
            with self.translated():
                self._sqlite.close(True)
            self._sqlite = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def translated(self, told: Callable[[str], str] = str) -> Iterator[None]:
        """Raise SQLite's errors as PEP 249 exceptions, their messages as `told` has them; those of Box pass."""
        try:
            yield
        except errors.Error:
            raise
        except (apsw.Error, OverflowError, ValueError) as error:
            raise from_sqlite(error, TABLES, self.session.procedures, told) from None
        except Exception as error:
            raise InternalError(f"the driver failed ({error!r}); please report it") from error

    def _end(self, statement: str) -> None:
        sqlite = self.sqlite
        with self.translated():
            if sqlite.in_transaction:
                sqlite.execute(statement)
