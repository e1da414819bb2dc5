"""The cursor: one statement at a time, its rows as they arrive."""

from __future__ import annotations

import copy
import itertools
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

import apsw

from box_dialect.catalog import Type
from box_dialect.dbapi.create_as import Stored, are_affinities, created, stored_of, types_of, view_of
from box_dialect.dbapi.datetimes.collated import reads_moments
from box_dialect.dbapi.datetimes.provenance import given_moments
from box_dialect.dbapi.preparation import NO_ROWS, DescriptionItem, Prepared, Row
from box_dialect.dbapi.sqltext.classify import is_rollback, is_transaction
from box_dialect.dbapi.sqltext.procedure_calls import call_of
from box_dialect.dbapi.sqltext.returning import Returning, prepare, returning
from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement, spell
from box_dialect.dbapi.sqltext.secrecy import executed_without_secrets, without_secrets
from box_dialect.dbapi.types import bind, is_timestamp
from box_dialect.engine import MOST_BYTES_OF_VALUE, Execution, ProcedureMemo, Room
from box_dialect.errors import InterfaceError, ProgrammingError

if TYPE_CHECKING:
    from box_dialect.dbapi.connection import Connection

_log: Final = logging.getLogger("box_dialect")

Parameters = Sequence[Any] | Mapping[str, Any]


class _Named(dict[str, Any]):
    """Parameters by name."""

    def __missing__(self, name: str) -> Any:
        raise ProgrammingError(f"there is no value for the parameter {name!r}")


class Cursor:
    """A PEP 249 cursor.

    `api_calls` counts the calls to Box that the statement has made so far, each attempt for itself; signing in does not
    count. Rows are asked of Box as they are fetched: what nobody fetches may never be asked for. What writes, or calls
    a procedure with a side effect, is carried out by `execute()` to its end.
    """

    arraysize = 1

    def __init__(self, connection: Connection, sqlite: apsw.Cursor) -> None:
        self.connection = connection
        self._sqlite: apsw.Cursor | None = sqlite
        self._execution = Execution(connection.properties)
        self._spelled = RewrittenStatement("", "")
        self._prepared = Prepared(connection, self._execution, self._spelled)
        self._returning: Returning | None = None
        self._returned: tuple[str, Any] | None = None
        self._ready: Iterator[Row] = iter(())
        self._has_executed = False
        self._untold: tuple[str, float] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    @property
    def description(self) -> tuple[DescriptionItem, ...] | None:
        """The columns of the rows: seven values for each, of which the first two are told; None without rows."""
        return self._prepared.description

    @property
    def api_calls(self) -> int:
        """How many calls to Box the last statement has made so far."""
        return self._execution.count.calls

    @executed_without_secrets
    def execute(self, operation: str, parameters: Parameters = ()) -> Self:
        """Run one statement.

        `parameters` fill its `?` in their order, or its `:name` by a mapping. Raises ProgrammingError for wrong SQL,
        and for more than one statement before any is run.
        """
        self._run(operation, [parameters], many=False)
        return self

    @executed_without_secrets
    def executemany(self, operation: str, parameters: Iterable[Parameters]) -> Self:
        """Run one statement for each set of parameters; raises ProgrammingError for one that returns rows.

        What they write to Box goes several rows at once, and a row that fails keeps no other from being written: one
        error at the end names those that failed. `rowcount` is the number of rows that were written, also then. The
        rows of EXEC and CALL are dropped.
        """
        if not isinstance(parameters, Iterable):
            raise ProgrammingError(f"executemany() takes many sets of parameters, not {type(parameters).__name__}")
        self._run(operation, parameters, many=True)
        return self

    def fetchone(self) -> Row | None:
        """Return the next row, None at the end."""
        row = next(self._ready, None)  # none is ready of a cursor that is closed
        if row is None or self.connection.is_closed:
            return next(iter(self._fetched(1)), None)
        return row

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next `size` rows, `arraysize` by default; fewer at the end."""
        number: object = self.arraysize if size is None else size
        if not isinstance(number, int) or number < 0:
            raise ProgrammingError(f"fetchmany() takes a number of rows, not {number!r}")
        return self._fetched(min(number, sys.maxsize))

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        return self._fetched(None)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    @executed_without_secrets
    def callproc(self, procname: str, parameters: Parameters = ()) -> Parameters:
        """Call a procedure with the values of its inputs, a sequence or a mapping by name; its rows are to be fetched.

        Returns a copy of the parameters, since all of them are inputs. Raises ProgrammingError where they do not fit.
        """
        if not isinstance(procname, str):
            raise ProgrammingError(f"a procedure's name is text, not {type(procname).__name__}")
        operation, values = call_of(procname, _checked(parameters), self.connection.session.procedures)
        self.execute(operation, values)
        return copy.copy(parameters)

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Do nothing, as PEP 249 allows."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing, as PEP 249 allows."""

    def close(self) -> None:
        """Forget the rows that are left and cancel what is in flight for them; closing again does nothing."""
        if self._sqlite is not None:
            self._tell()
            if not self.connection.is_closed:
                with self.connection.translated():
                    self._sqlite.close(True)
            self._execution.statement.release()
        self._sqlite = None
        self._forget_rows()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _open(self) -> apsw.Cursor:
        if self._sqlite is None:
            raise InterfaceError("the cursor is closed")
        self.connection.check_open()
        return self._sqlite

    def _run(self, operation: str, parameter_sets: Iterable[Parameters], *, many: bool) -> None:
        _ = self._open
        if not isinstance(operation, str):
            raise ProgrammingError(f"a statement is text, not {type(operation).__name__}")
        with self.connection.translated():
            _ = self.connection.sqlite.in_transaction  # raises where another thread is at work: its execution stays
            # APSW refuses to run another statement while comments stand behind the one whose rows are left.
            self._open.close(True)
            self._sqlite = self.connection.sqlite.cursor()
        self._tell()
        self._forget_rows()
        self.rowcount, self.lastrowid, self._has_executed = -1, None, False
        session = self.connection.session
        if is_transaction(operation):
            session.negative_cache.forget()
        execution = session.execution = Execution(
            self.connection.properties, sqlite=self.connection.sqlite, negative_cache=session.negative_cache
        )
        self._execution = execution
        self.connection.bound_values(MOST_BYTES_OF_VALUE)
        self._spelled = spell(operation, session.procedures, select_may_call=session.select_may_call)
        self._prepared = Prepared(self.connection, execution, self._spelled)
        self._returning, self._returned = returning(self._spelled.text, session.tables), None
        self._untold = (self._spelled.shown, time.monotonic())
        execution.resume()
        try:
            changed = self._run_sets(parameter_sets, many=many)
            if self.description is None or self._prepared.has_written:
                self.rowcount = changed
                with self.connection.translated():
                    self.lastrowid = (self.connection.sqlite.last_insert_rowid() or None) if changed else None
            if self._returned is not None:
                self._return_rows(*self._returned)
        except BaseException:
            self._forget_rows()
            self._tell(has_failed=True)
            raise
        finally:
            self._pause(execution)
            self._prepared.remember_last_row()
        self._has_executed = True
        if self.description is None:
            self._tell()
        if is_rollback(operation):
            self.connection.warn_of_writes()

    def _run_sets(self, parameter_sets: Iterable[Parameters], *, many: bool) -> int:
        """Run a statement for each set of parameters, wait for what it writes, and return how many rows it changed."""
        execution, writes, changed, sets = self._execution, self._execution.writes, 0, iter(parameter_sets)
        if many and type(parameter_sets) in {list, tuple} and not self._spelled.procedures:  # others give them in time
            execution.further = lambda: self._further(copy.copy(sets))
        try:
            with writes.finishing(sets):
                for parameters in sets:
                    if many:
                        execution.begin_set()
                    with self.connection.translated(self._spelled):
                        changed += self._execute(self._bound(parameters), many=many)
        finally:
            execution.end_sets()
            if writes.is_concurrent:
                changed = writes.written
            self.rowcount = changed if many or writes.is_concurrent else -1
        if writes.is_concurrent:
            self.connection.sqlite.set_last_insert_rowid(writes.last_rowid or 0)
        return changed

    def _bound(self, parameters: Parameters) -> Any:
        """Return a set of parameters as SQLite takes it."""
        return self._spelled.bound(_checked(parameters))

    def _further(self, sets: Iterator[Parameters]) -> Iterator[Any]:
        """Give the sets of parameters as SQLite takes them up to a wrong one, which is for the run that comes to it."""
        for parameters in sets:
            try:
                bound = self._bound(parameters)
            except Exception:  # noqa: BLE001 - a value may be of any class
                return
            yield bound

    def _execute(self, parameters: Any, *, many: bool) -> int:
        """Run the statement and return how many rows it changed, without those that its triggers changed."""
        sqlite, operation = self.connection.sqlite, self._spelled.text
        # Another cursor may have run meanwhile: it may be what gives the sets of parameters.
        self.connection.session.execution = self._execution
        changes = sqlite.total_changes()
        self._execution.statement.calls = ProcedureMemo(self._spelled.marks)
        if self._returning is not None:
            self._execution.returned = self._returning.rows()
            values, self._returned = self._returning.write_values(parameters), self._returning.select(parameters)
            for statement in (self._returning.check(parameters), self._returned):
                prepare(self._open, *statement)
            if many:
                raise ProgrammingError(NO_ROWS)
            operation, parameters = self._returning.write, values
        elif (kept := stored_of(operation)) is not None:
            if kept.is_table:
                self._copy(kept, parameters, many=many)
                return 0
            self.connection.columns_read.clear()
            operation = view_of(kept, self._open, self._prepared.collated)
        self._prepared.run(self._open, operation, parameters, many=many)
        return 0 if sqlite.total_changes() == changes else sqlite.changes()

    def _copy(self, table: Stored, parameters: Any, *, many: bool) -> None:
        """Make a table of a query, whose columns keep their types."""
        connection, session = self.connection, self.connection.session
        connection.columns_read.clear()
        types = types_of(table, self._open, parameters, self._spelled.type)
        if None in types and reads_moments(connection.sqlite, session.tables, connection.columns_read):
            given = given_moments(connection.sqlite, session, table.query, parameters, is_timestamp)
            types = [
                kind or (Type.TIMESTAMP.value if is_moment else None)
                for kind, is_moment in zip(types, given, strict=True)
            ]
        if are_affinities(types):
            self._prepared.run(self._open, table.operation, parameters, many=many)
            return
        with created(self.connection.sqlite, table, types, parameters):
            self._prepared.run(self._open, table.insert, parameters, many=many)

    def _return_rows(self, operation: str, parameters: Any) -> None:
        """Run the SELECT over the rows that the statement wrote to Box."""
        self._execution.begin_returning()
        with self.connection.translated(self._spelled):
            self._prepared.run(self._open, operation, parameters, many=False)

    def _tell(self, *, has_failed: bool = False) -> None:
        """Log the statement, once it has ended, with the calls that it made, and let go of what it has read."""
        if self._untold is not None and _log.isEnabledFor(logging.INFO):
            operation, began = self._untold
            if has_failed:  # maybe since the name of what takes a secret is misspelt
                operation = without_secrets(operation, self.connection.session.procedures) or operation
            calls = "1 API call" if self.api_calls == 1 else f"{self.api_calls} API calls"
            _log.info("%s: %s in %.0f ms", " ".join(operation.split()), calls, (time.monotonic() - began) * 1000)
        self._untold = None
        self._execution.statement.release()

    def _fetched(self, limit: int | None) -> list[Row]:
        """Return the next rows, so many at most: those that are there already, and more as SQLite gives them."""
        _ = self._open
        if self.description is None:
            if not self._has_executed:
                raise ProgrammingError("there are no rows to fetch: no statement was executed, or it failed")
            return []  # BI tools fetch after every statement, also after one that returns no rows
        rows = [*itertools.islice(self._ready, limit)]
        if len(rows) == limit:
            return rows
        execution, prepared = self._execution, self._prepared
        row_limit = execution.statement.context.row_limit
        used = prepared.used
        room = Room(execution.most_bytes, used) if execution.most_bytes and limit != 1 else None
        with self.connection.translated():
            _ = self.connection.sqlite.in_transaction  # raises where another thread is at work: its execution stays
            self.connection.session.execution = execution
            self.connection.bound_values(self._prepared.longest)
            execution.resume()
            try:
                for row in prepared.source:
                    rows.append(prepared.converted(row))
                    row_limit.given += 1
                    if prepared.rest is not None:
                        self._ready = map(prepared.converted, prepared.rest(row))
                        rows += itertools.islice(self._ready, None if limit is None else limit - len(rows))
                    if room is not None and (len(rows) >= room.next_count or not room.least < used() < room.largest):
                        self._check_room(room, rows)
                    if len(rows) == limit:
                        prepared.check()
                        return rows
                prepared.check()
                prepared.rest = None  # it refers to what was read
                self._tell()
            except (Exception, KeyboardInterrupt):
                rows.clear()  # whoever keeps the error keeps this frame
                # SQLite has ended the statement; to fetch on must not look like the end of its rows.
                self._forget_rows()
                self._has_executed = False
                raise
            finally:
                self._pause(execution)
        return rows

    def is_reading_beside(self, other: apsw.Cursor) -> bool:
        """Tell whether SQLite has yet to give rows of the statement, and it is not the one of the other cursor."""
        try:
            return self._sqlite is not None and self._sqlite is not other and self._sqlite.has_vdbe
        except apsw.ExecutionCompleteError:
            return False

    def _check_room(self, room: Room, rows: list[Row]) -> None:
        """Raise OperationalError, and end the statement, where the rows that are fetched take too much memory."""
        if room.is_exceeded_by(rows):
            self.drop_rows()
            raise self._execution.too_large()

    def _pause(self, execution: Execution) -> None:
        """Let the statement rest; where it had to be interrupted, the others of the connection end with it."""
        execution.pause()
        if execution.is_interrupted and not self.connection.is_closed:
            execution.is_interrupted = False
            self.connection.drop_rows_of_others(self)

    def drop_rows(self) -> None:
        """End the statement; to fetch more of its rows is an error."""
        if self._sqlite is not None and self.description is not None:
            self._sqlite.close(True)
            self._sqlite = self.connection.sqlite.cursor()
            self._tell()
            self._forget_rows()
            self._has_executed = False

    def _forget_rows(self) -> None:
        self._prepared.forget_rows()
        self._ready = iter(())


def _checked(parameters: Parameters) -> Any:
    if isinstance(parameters, Mapping):
        return _Named((name, bind(value)) for name, value in parameters.items())
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence):
        raise ProgrammingError(f"parameters are a sequence or a mapping, not {type(parameters).__name__}")
    return tuple(map(bind, parameters))
