"""The connection: a local database of SQLite, with Box's tables beside it."""

from __future__ import annotations

import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, overload

from box_dialect.catalog import Catalog
from box_dialect.dbapi.backend import Backend
from box_dialect.dbapi.cursor import Cursor
from box_dialect.dbapi.estimates import Estimate, estimated
from box_dialect.dbapi.exceptions import Exceptions
from box_dialect.dbapi.sqltext.secrecy import executed_without_secrets
from box_dialect.dbapi.transaction_warning import warn_of_writes
from box_dialect.engine import DOCUMENT_ROWS, Session, add_functions, install_authorizer, open_local
from box_dialect.errors import OperationalError, SignInNeededError
from box_dialect.rows import Row, tuple_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import apsw

    from box_dialect.catalog.model import Relation
    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.properties import Properties
    from box_dialect.rows import RowFactory

T = TypeVar("T")


class Connection(Exceptions, Generic[Row]):
    """A PEP 249 connection. It belongs to one thread at a time; a second one gets InterfaceError.

    The connection's own tables live in `LocalDatabase`. An INSERT, UPDATE or DELETE in them begins a transaction,
    which `commit()` keeps and `rollback()` or `close()` undoes, unless `autocommit` is set. Box has no transactions:
    every write to it is there at once, and `rollback()` after one warns that it cannot undo it. As a context manager
    the connection commits at the end of the block, rolls back where it fails, and is closed. It belongs to the process
    that opened it, too: a child that `fork()` makes opens its own. `row_factory` makes the rows of its cursors.
    """

    def __init__(self, properties: Properties, row_factory: RowFactory[Any] = tuple_row) -> None:
        self.properties = properties
        self.row_factory: RowFactory[Row] = row_factory
        this = weakref.proxy(self)
        self.catalog = Catalog(
            built_in=[DOCUMENT_ROWS],
            install=lambda *added: this.backend.install(*added),
            uninstall=lambda tables: this.backend.uninstall(tables),
        )
        """What the connection knows of Box: `catalog.add(table)` has it know another table or procedure."""
        self.session = Session(properties, self.catalog)
        # SQLite keeps what it is given out of the garbage collector's sight: a circle through it would never be freed.
        session = weakref.proxy(self.session)
        local = properties.local_database
        sqlite = open_local(local, readonly=properties.readonly)
        self.backend: Final = Backend(properties, self.session, sqlite)
        # The collations too, which the tables name.
        add_functions(sqlite, lambda failure: session.execution.fail(failure), lambda: session.execution.check())
        self.backend.register()
        self.session.written_tables = install_authorizer(
            sqlite,
            self.catalog.names,
            local,
            lambda: session.must_stop(),
            self.backend.columns_read,
            self.backend.statistics.doubt,
            self.backend.columns_hidden,
            lambda: session.properties.tells_paths,
            most_local=properties.max_local_database,
            most_temporary=properties.max_temporary_disk,
            trusts_file=properties.trust_local_database,
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
        return self.backend.sqlite

    @property
    def is_closed(self) -> bool:
        """Whether the connection is of no use any more: it was closed, or it belongs to the parent process."""
        return self.backend.is_closed

    def find_tables(self, name: str | None = None, *, anew: bool = False) -> Relation | None:
        """Have the catalog know the tables of metadata templates and of documents: that of a name, or all of them.

        Returns what the catalog has by the name, or the table of documents of it that a statement has made.

        All are told from a listing within the last seconds, or with `anew` from one that is made now. A statement that
        names one does so by itself. The templates are listed where this process has not done so for connections with
        equal properties, or where the name is not among them; raises what the calls for that raise. Before anybody has
        signed in there is no account that has some, so that all of them are none.
        """
        self.check_open()
        with self.backend.translated():
            self.backend.check_thread()
            with self.session.planning_aside(), self._timed():
                if name is None:
                    with suppress(SignInNeededError):
                        self.backend.find_tables(anew=anew)
                    return None
                return self.backend.find_table(name)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Let what is read within a block take no longer than a statement may."""
        execution = self.session.execution
        execution.resume()
        try:
            yield
        finally:
            execution.pause()

    def check_open(self) -> None:
        """Raise InterfaceError when the connection is closed."""
        _ = self.sqlite

    @overload
    def cursor(self) -> Cursor[Row]: ...

    @overload
    def cursor(self, *, row_factory: RowFactory[T]) -> Cursor[T]: ...

    def cursor(self, *, row_factory: RowFactory[Any] | None = None) -> Cursor[Any]:
        """Return a new cursor, whose rows are those of `row_factory`, of the connection's by default."""
        return Cursor(self, self.row_factory if row_factory is None else row_factory)

    @property
    def autocommit(self) -> bool:
        """Whether each statement on local tables is kept at once; to set it commits what is open."""
        return self.backend.autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        if value:
            self._end("COMMIT")
        self.backend.autocommit, self.session.has_written = value, False

    def commit(self) -> None:
        """Keep what was written to local tables; Box has every write already."""
        self._end("COMMIT")
        self.session.has_written = False

    def rollback(self) -> None:
        """Undo what was written to local tables; warn where something was written to Box, for it stays."""
        self._end("ROLLBACK")
        if self.autocommit:
            self.session.has_written = False  # nobody who asked for that expects a way back
        self.warn_of_writes()

    def warn_of_writes(self) -> None:
        """Warn that a rollback does not take back what was written to Box."""
        if self.session.has_written:
            self.session.has_written = False
            warn_of_writes()

    @executed_without_secrets
    def estimate(self, operation: str, parameters: Parameters = ()) -> Estimate:
        """Return how many API calls a statement is going to make, and how long they take, without making any.

        Where it names a metadata template that is not known yet, templates are listed. It goes by SQLite's plan of the
        statement and by what connections of this process with equal properties have seen of the account: a walk of the
        folder tree, listings of users and groups. LIMIT lowers `least` only. Raises ProgrammingError for wrong SQL.
        """
        self.check_open()
        with self.backend.translated():
            self.backend.check_thread()
        return estimated(self.backend, operation, parameters)

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
        self.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if not self.is_closed:
                self.commit() if kind is None else self._end("ROLLBACK")
        finally:
            self.close()

    def _end(self, statement: str) -> None:
        sqlite = self.sqlite
        self.session.negative_cache.forget()
        with self.backend.translated():
            if sqlite.in_transaction:
                sqlite.execute(statement)
