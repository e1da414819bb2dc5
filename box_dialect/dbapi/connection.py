"""The connection: a local database of SQLite, with Box's tables beside it."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Final, Self

import apsw

from box_dialect import errors
from box_dialect.catalog import Catalog
from box_dialect.dbapi.cursor import Cursor
from box_dialect.dbapi.exceptions import Exceptions
from box_dialect.dbapi.sqlite_errors import from_sqlite
from box_dialect.dbapi.sqltext.classify import is_savepoint, is_transaction
from box_dialect.dbapi.statistics import Statistics
from box_dialect.dbapi.transaction_warning import warn_of_writes
from box_dialect.engine import (
    MOST_BYTES_OF_STATEMENT,
    MOST_BYTES_OF_VALUE,
    MOST_MEGABYTES_OF_TABLES,
    ColumnRead,
    Session,
    StatementEffects,
    add_functions,
    guard,
    install,
    install_procedures,
    leave_to_parent,
    open_local,
)
from box_dialect.errors import DataError, InterfaceError, InternalError, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from box_dialect.catalog.model import Table
    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement
    from box_dialect.properties import Properties


_connections: Final[weakref.WeakSet[Connection]] = weakref.WeakSet()


class Connection(Exceptions):
    """A PEP 249 connection. It belongs to one thread at a time; a second one gets InterfaceError.

    The connection's own tables live in `LocalDatabase`. An INSERT, UPDATE or DELETE in them begins a transaction,
    which `commit()` keeps and `rollback()` or `close()` undoes, unless `autocommit` is set. Box has no transactions:
    every write to it is there at once, and `rollback()` after one warns that it cannot undo it. As a context manager
    the connection commits at the end of the block, rolls back where it fails, and is closed. It belongs to the process
    that opened it, too: a child that `fork()` makes opens its own.
    """

    def __init__(self, properties: Properties) -> None:
        self.properties = properties
        this = weakref.proxy(self)
        self.catalog = Catalog(install=lambda tables, procedures: this.install(tables, procedures))
        """What the connection knows of Box: `catalog.add(table)` has it know another table or procedure."""
        self.session = Session(properties, self.catalog)
        # SQLite keeps what it is given out of the garbage collector's sight: a circle through it would never be freed.
        session = weakref.proxy(self.session)
        self.unbatched: set[str] = set()
        self.columns_read: set[ColumnRead] = set()
        self._statistics = Statistics(properties.local_database)
        self.columns_hidden: set[tuple[str, str]] = set()
        self._autocommit = False
        self._longest = 0
        self._cursors: weakref.WeakSet[Cursor] = weakref.WeakSet()
        local = properties.local_database
        self._sqlite: apsw.Connection | None = open_local(local, readonly=properties.readonly)
        self._file = self._sqlite.filename
        self._closed = "the connection is closed"
        _connections.add(self)
        # The collations too, which the tables name.
        add_functions(self._sqlite, lambda failure: session.execution.fail(failure), lambda: session.execution.check())
        self.install(self.catalog.tables.values(), self.catalog.procedures.values())
        self.session.written_tables = guard(
            self._sqlite,
            self.catalog.names,
            local,
            lambda: session.must_stop(),
            self.columns_read,
            self._statistics.doubt,
            self.columns_hidden,
            most_temporary=properties.max_temporary_disk,
            readonly=properties.readonly,
            box_readonly=properties.is_box_readonly,
        )

    @property
    def signs_in(self) -> bool:
        """Whether `InitiateOAuth` has the connection signed in at connect."""
        return self.properties.initiate_oauth != "OFF"

    @property
    def sqlite(self) -> apsw.Connection:
        """The SQLite connection beneath; raises InterfaceError when this one is closed."""
        if self._sqlite is None:
            raise InterfaceError(self._closed)
        return self._sqlite

    @property
    def is_closed(self) -> bool:
        """Whether the connection is of no use any more: it was closed, or it belongs to the parent process."""
        return self._sqlite is None

    def check_open(self) -> None:
        """Raise InterfaceError when the connection is closed."""
        _ = self.sqlite

    def cursor(self) -> Cursor:
        """Return a new cursor."""
        cursor = Cursor(self, self.sqlite.cursor())
        self._cursors.add(cursor)
        return cursor

    def install(self, tables: Collection[Table], procedures: Collection[Procedure]) -> None:
        """Make tables and procedures known to SQLite, which the catalog has or is about to have.

        Raises ProgrammingError in a transaction, whose rollback would take them away again.
        """
        if self.sqlite.in_transaction:
            raise ProgrammingError("a transaction is open, in which nothing is added to a catalog: commit or roll back")
        session = weakref.proxy(self.session)
        with self.translated():
            install(self.sqlite, session, tables)
            install_procedures(self.sqlite, session, procedures)

    def tell_sizes(self, cursor: apsw.Cursor) -> bool:
        """Tell SQLite the sizes of the local tables that the statement which a cursor has prepared joins with Box's.

        Returns whether it has to be prepared anew.
        """
        return self._statistics.tell(
            self.sqlite,
            self.session.tables,
            self.columns_read,
            lambda: not any(each.is_reading_beside(cursor) for each in self._cursors),
        )

    def bound_values(self, longest: int) -> None:
        """Have SQLite refuse values of more bytes."""
        if longest != self._longest:
            self.sqlite.limit(apsw.SQLITE_LIMIT_LENGTH, longest)
            self._longest = longest

    def _too_long(self, error: apsw.TooBigError, spelled: RewrittenStatement | None) -> DataError:
        found = from_sqlite(error, self.session.tables)
        if spelled is not None and len(spelled.text.encode()) > MOST_BYTES_OF_STATEMENT:
            return DataError(
                f"the statement has more than {MOST_BYTES_OF_STATEMENT:,} bytes; give its values as parameters"
            )
        if self._longest == MOST_BYTES_OF_VALUE:
            return DataError(f"{found}: a value has {self._longest:,} bytes at most")
        return DataError(
            f"{found}: a value of this statement has {self._longest:,} bytes at most, so that a row fits the "
            f"{self.properties.max_statement_memory} MB of memory that MaxStatementMemory allows; select fewer "
            "columns, or raise the property MaxStatementMemory"
        )

    def _full(self, error: apsw.FullError) -> OperationalError:
        temporary = max(MOST_MEGABYTES_OF_TABLES, self.properties.max_temporary_disk)
        return OperationalError(
            f"{from_sqlite(error, self.session.tables)}: temporary tables take {temporary:,} MB at most, "
            f"tables in memory {MOST_MEGABYTES_OF_TABLES:,} MB; drop some, raise the property MaxTemporaryDisk for "
            "temporary ones, keep others in a file by the property LocalDatabase, or look whether the disk is full"
        )

    def drop_rows_of_others(self, cursor: Cursor) -> None:
        """End the statements of all other cursors, where SQLite was interrupted: it would go on to interrupt them."""
        for other in self._cursors - {cursor}:
            other.drop_rows()

    @property
    def autocommit(self) -> bool:
        """Whether each statement on local tables is kept at once; to set it commits what is open."""
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if value:
            self._end("COMMIT")
        self._autocommit, self.session.has_written = value, False

    def begin_for(self, operation: str, program: StatementEffects) -> None:
        """Begin a transaction where the statement writes to local tables, or begins a savepoint."""
        needs = program.writes_local or is_savepoint(operation)
        if needs and not self._autocommit and not self.sqlite.in_transaction and not is_transaction(operation):
            self.sqlite.execute("BEGIN")

    def commit(self) -> None:
        """Keep what was written to local tables; Box has every write already."""
        self._end("COMMIT")
        self.session.has_written = False

    def rollback(self) -> None:
        """Undo what was written to local tables; warn where something was written to Box, for it stays."""
        self._end("ROLLBACK")
        if self._autocommit:
            self.session.has_written = False  # nobody who asked for that expects a way back
        self.warn_of_writes()

    def warn_of_writes(self) -> None:
        """Warn that a rollback does not take back what was written to Box."""
        if self.session.has_written:
            self.session.has_written = False
            warn_of_writes()

    def interrupt(self) -> None:
        """Stop the statement that runs in another thread, if one does: it raises OperationalError.

        Its calls to Box are cancelled; a write on its way may have been carried out. The one method that any thread may
        call while another one uses the connection.
        """
        self.check_open()
        # Not SQLite's interrupt(), which would stop the statements too whose rows other cursors have yet to fetch.
        self.session.execution.stop(OperationalError("the statement was interrupted"))

    def close(self) -> None:
        """Close the connection and cancel what its cursors have in flight; closing again does nothing."""
        if self._sqlite is not None:
            with self.translated():
                self._sqlite.close(True)
            self._sqlite = None
            _connections.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._sqlite is not None:
                self.commit() if kind is None else self._end("ROLLBACK")
        finally:
            self.close()

    def translated(self, spelled: RewrittenStatement | None = None) -> _Translated:
        """Raise SQLite's errors within a block, of a statement if there is one, as PEP 249 exceptions."""
        return _Translated(self, spelled)

    def translation(self, error: Exception, spelled: RewrittenStatement | None) -> errors.Error | None:
        """Return what an error of SQLite's is for PEP 249, None for another; raises what stopped the statement."""
        if isinstance(error, apsw.InterruptError):
            self.session.execution.check()
            return from_sqlite(error, self.session.tables)
        if isinstance(error, apsw.NoMemError):
            return self.session.execution.too_large()
        if isinstance(error, apsw.TooBigError):
            return self._too_long(error, spelled)
        if isinstance(error, apsw.FullError):
            return self._full(error)
        if isinstance(error, apsw.Error | OverflowError | ValueError):
            return from_sqlite(error, self.session.tables, self.session.procedures, spelled)
        return None

    def leave_to_parent(self) -> None:
        """Let go of what this process has inherited by `fork()`; what is in flight goes on in the parent alone."""
        sqlite, self._sqlite = self._sqlite, None
        if sqlite is not None:
            leave_to_parent(sqlite, self._file, is_running=self.session.execution.is_running)
        self._closed = "the connection was opened before fork(), and belongs to the parent process; open a new one here"

    def _end(self, statement: str) -> None:
        sqlite = self.sqlite
        self.session.negative_cache.forget()
        with self.translated():
            if sqlite.in_transaction:
                sqlite.execute(statement)


class _Translated:
    """A block whose errors of SQLite's are raised as PEP 249 exceptions; those of Box pass.

    The frame of a generator would keep what is raised in a circle, and the connection with it.
    """

    def __init__(self, connection: Connection, spelled: RewrittenStatement | None) -> None:
        self._connection, self._spelled = connection, spelled

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, errors.Error):
            return
        problem = self._connection.translation(error, self._spelled)
        try:
            if problem is None:
                raise InternalError(f"the driver failed ({error!r}); please report it") from error
            raise problem from None
        finally:
            del problem  # its traceback refers to this frame


def _after_fork() -> None:
    for connection in list(_connections):
        connection.leave_to_parent()
    _connections.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
