"""The SQLite database beneath a connection, which runs its statements, and what these share.

Source: https://www.sqlite.org/c3ref/sqlite3.html
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Final, Protocol

import apsw

from box_dialect import errors
from box_dialect.dbapi.document_tables import DocumentTables
from box_dialect.dbapi.sqlite_errors import from_sqlite
from box_dialect.dbapi.sqltext.classify import is_savepoint, is_transaction
from box_dialect.dbapi.statistics import Statistics
from box_dialect.dbapi.template_tables import TemplateTables
from box_dialect.engine import (
    MOST_BYTES_OF_STATEMENT,
    MOST_BYTES_OF_VALUE,
    MOST_MEGABYTES_OF_TABLES,
    BoxNames,
    Session,
    StatementEffects,
    define,
    install,
    install_documents,
    install_procedures,
    leave_to_parent,
    register,
    uninstall,
)
from box_dialect.errors import DataError, InterfaceError, InternalError, LimitExceededError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection

    from box_dialect.catalog.model import Relation
    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement
    from box_dialect.properties import Properties

_backends: Final[weakref.WeakSet[Backend]] = weakref.WeakSet()


class OpenResult(Protocol):
    """The result of a statement, as another statement of the connection may have to know of it."""

    def is_reading_beside(self, other: apsw.Cursor) -> bool:
        """Tell whether SQLite has yet to give rows of it, and it is not the one of the other cursor."""

    def drop(self) -> None:
        """End it; to fetch more of its rows is an error."""


class Backend:
    """The SQLite database of one connection, and what the statements of that connection have in common.

    While SQLite prepares a statement, the authorizer adds the columns that it reads to the session's
    `columns_read`, and takes those in `columns_hidden` for NULL. `unbatched` are statements that are known to be
    unfit for batches, `open_results` the results that may have rows left. `names` are Box's tables and procedures
    in lower case.
    """

    def __init__(self, properties: Properties, session: Session, sqlite: apsw.Connection) -> None:
        self.properties, self.session = properties, session
        self.names: BoxNames = session.catalog.names
        self.columns_read = session.columns_read
        self.columns_hidden: set[tuple[str, str]] = set()
        self.unbatched: set[str] = set()
        self.statistics = Statistics(properties.local_database)
        self.templates = TemplateTables(weakref.proxy(session), weakref.proxy(sqlite))
        session.newest = self.templates.newest
        self.documents = DocumentTables(weakref.proxy(session), weakref.proxy(sqlite))
        self.open_results: weakref.WeakSet[OpenResult] = weakref.WeakSet()
        self.autocommit = False
        self._sqlite: apsw.Connection | None = sqlite
        self._file = sqlite.filename
        self._longest = 0
        self._closed = "the connection is closed"
        _backends.add(self)

    @property
    def sqlite(self) -> apsw.Connection:
        """The SQLite connection; raises InterfaceError when it is closed."""
        if self._sqlite is None:
            raise InterfaceError(self._closed)
        return self._sqlite

    @property
    def is_closed(self) -> bool:
        """Whether the connection is of no use any more: it was closed, or it belongs to the parent process."""
        return self._sqlite is None

    def register(self) -> None:
        """Have SQLite find the tables and procedures of the catalog by their names."""
        session = weakref.proxy(self.session)
        register(self.sqlite, session, self.session.catalog.relations.values())
        install_procedures(self.sqlite, session, self.session.procedures.values())
        install_documents(self.sqlite, session)

    def install(
        self, relations: Collection[Relation], procedures: Collection[Procedure], amid_transaction: bool = False
    ) -> None:
        """Make tables, views and procedures known to SQLite, which the catalog is about to have.

        Raises ProgrammingError in a transaction, unless it may be amid one.
        """
        if self.sqlite.in_transaction and not amid_transaction:
            raise ProgrammingError("a transaction is open, in which nothing is added to a catalog: commit or roll back")
        session = weakref.proxy(self.session)
        with self.translated():
            install(self.sqlite, session, relations)
            install_procedures(self.sqlite, session, procedures)

    def resolve(self, error: BaseException, names: Collection[str], began: float) -> bool:
        """Tell whether a statement that failed may be run again, since more is known of templates or documents now.

        `names` are those that stand in the statement, which began at a moment of the monotonic clock.
        """
        return self.templates.resolve(error, names, began) or self.documents.resolve(error)

    def find_tables(self, *, anew: bool = False) -> None:
        """Have the catalog know all metadata templates, and the documents of `URI`.

        It is told from a listing of the last seconds, or with `anew` from one that is made now.
        """
        self.templates.refresh() if anew else self.templates.find_all()
        self.documents.find_all()

    def find_table(self, name: str) -> Relation | None:
        """Have the catalog know the table of a name, and return it, also one of documents that a statement has made."""
        self.templates.reflect(name)
        self.documents.find(name)
        return self.session.catalog.relations.get(name.lower()) or self.documents.made(name)

    def define(self, text: str) -> None:
        """Have SQLite define what a text may name of the catalog; a rollback may have undone that."""
        with self.translated():
            define(self.sqlite, weakref.proxy(self.session), text)

    def uninstall(self, tables: Collection[Relation]) -> None:
        """Have SQLite know tables no more; raises InUseError while a result has rows of one to give."""
        with self.translated():
            uninstall(self.sqlite, tables)

    def check_thread(self) -> None:
        """Raise InterfaceError when the connection is closed, or another thread is at work with it."""
        _ = self.sqlite.in_transaction

    def close(self) -> None:
        """Close the SQLite connection; closing again does nothing."""
        if self._sqlite is not None:
            with self.translated():
                self._sqlite.close(True)
            self._sqlite = None
            _backends.discard(self)

    def leave_to_parent(self) -> None:
        """Let go of what this process has inherited by `fork()`; what is in flight goes on in the parent alone."""
        sqlite, self._sqlite = self._sqlite, None
        if sqlite is not None:
            leave_to_parent(sqlite, self._file, is_running=self.session.execution.is_running)
        self._closed = "the connection was opened before fork(), and belongs to the parent process; open a new one here"

    def limit_values(self, longest: int) -> None:
        """Have SQLite refuse values of more bytes."""
        if longest != self._longest:
            self.sqlite.limit(apsw.SQLITE_LIMIT_LENGTH, longest)
            self._longest = longest

    def tell_sizes(self, cursor: apsw.Cursor) -> bool:
        """Tell SQLite the sizes of the local tables that the statement which a cursor has prepared joins with Box's.

        Returns whether it has to be prepared anew.
        """
        return self.statistics.tell(
            self.sqlite,
            self.session.catalog.relations,
            self.columns_read,
            lambda: not any(each.is_reading_beside(cursor) for each in self.open_results),
        )

    def begin_for(self, operation: str, effects: StatementEffects) -> None:
        """Begin a transaction where the statement writes to local tables, or begins a savepoint."""
        needs = effects.writes_local or is_savepoint(operation)
        if needs and not self.autocommit and not self.sqlite.in_transaction and not is_transaction(operation):
            self.sqlite.execute("BEGIN")

    def drop_others(self, result: OpenResult) -> None:
        """End the statements of all other results, where SQLite was interrupted: it would go on to interrupt them."""
        for other in self.open_results - {result}:
            other.drop()

    def translated(self, statement: RewrittenStatement | None = None) -> _Translated:
        """Raise SQLite's errors within a block, of a statement if there is one, as PEP 249 exceptions."""
        return _Translated(self, statement)

    def translation(self, error: Exception, statement: RewrittenStatement | None) -> errors.Error | None:
        """Return what an error of SQLite's is for PEP 249, None for another; raises what stopped the statement."""
        if isinstance(error, apsw.InterruptError):
            self.session.execution.check()
            return from_sqlite(error, self.session.tables)
        if isinstance(error, apsw.NoMemError):
            return self.session.execution.too_large()
        if isinstance(error, apsw.TooBigError):
            return self._too_long(error, statement)
        if isinstance(error, apsw.FullError):
            return self._full(error)
        if isinstance(error, apsw.Error | OverflowError | ValueError):
            return from_sqlite(error, self.session.tables, self.session.procedures, statement)
        return None

    def _too_long(self, error: apsw.TooBigError, statement: RewrittenStatement | None) -> DataError:
        found = from_sqlite(error, self.session.tables)
        if statement is not None and len(statement.text.encode()) > MOST_BYTES_OF_STATEMENT:
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

    def _full(self, error: apsw.FullError) -> LimitExceededError:
        temporary = max(MOST_MEGABYTES_OF_TABLES, self.properties.max_temporary_disk)
        return LimitExceededError(
            f"{from_sqlite(error, self.session.tables)}: temporary tables take {temporary:,} MB at most, others what "
            f"MaxLocalDatabase={self.properties.max_local_database} allows; drop some, raise the property "
            "MaxTemporaryDisk for temporary ones or MaxLocalDatabase for others, or look whether the disk is full"
        )


class _Translated:
    """A block whose errors of SQLite's are raised as PEP 249 exceptions; those of Box pass.

    The frame of a generator would keep what is raised in a circle, and the connection with it.
    """

    def __init__(self, backend: Backend, statement: RewrittenStatement | None) -> None:
        self._backend, self._statement = backend, statement

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, errors.Error | errors.Warning):
            return
        problem = self._backend.translation(error, self._statement)
        try:
            if problem is None:
                raise InternalError(f"the driver failed ({error!r}); please report it") from error
            raise problem from None
        finally:
            del problem  # its traceback refers to this frame


def _after_fork() -> None:
    for backend in list(_backends):
        backend.leave_to_parent()
    _backends.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
