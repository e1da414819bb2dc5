"""The run of a statement: from its text to its first row, and a write to its end.

1. rewrite     the text becomes that of SQLite (`sqltext.rewrite`)
2. for each set of parameters
   - bind      the values become those of SQLite
   - divide    a write with RETURNING becomes the write and a SELECT, CREATE TABLE AS the table and what fills it
   - prepare   SQLite prepares it, and what must be known before its first row is decided (`preparation`)
   - step      SQLite gives its first row; a write runs to its end
3. await       what was sent to Box has arrived
4. return      the SELECT of RETURNING runs
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from box_dialect.catalog import Type
from box_dialect.dbapi.create_as import CreateAs, are_affinities, create_as, created, types_of, view_of
from box_dialect.dbapi.datetimes.collated import reads_datetimes
from box_dialect.dbapi.datetimes.provenance import given_datetimes
from box_dialect.dbapi.preparation import Preparation
from box_dialect.dbapi.sqltext.classify import is_transaction
from box_dialect.dbapi.sqltext.returning import Returning, prepare, returning
from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement, rewrite
from box_dialect.dbapi.types import bind, is_timestamp
from box_dialect.engine import MOST_BYTES_OF_VALUE, ProcedureMemo
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.dbapi.backend import Backend
    from box_dialect.dbapi.result import Result
    from box_dialect.engine import Execution

Parameters = Sequence[Any] | Mapping[str, Any]


class StatementRun:
    """One `execute()`, or with `many` one `executemany()`, of a statement, which fills a result."""

    def __init__(self, backend: Backend, execution: Execution, result: Result, operation: str, *, many: bool) -> None:
        session = backend.session
        self._backend, self._execution, self._result, self._many = backend, execution, result, many
        if is_transaction(operation):
            session.negative_cache.forget()
        session.execution = execution
        backend.limit_values(MOST_BYTES_OF_VALUE)
        self._statement: RewrittenStatement = rewrite(
            operation, session.procedures, select_may_call=session.select_may_call
        )
        self._returning: Returning | None = returning(self._statement.text, session.tables)
        self._select: tuple[str, Any] | None = None
        self._preparation = Preparation(backend, execution, self._statement, result, many=many)

    def run(self, parameter_sets: Iterable[Parameters]) -> None:
        """Run the statement for each set of parameters; where it fails there is no result."""
        result = self._result
        result.begin(self._statement.shown)
        self._execution.resume()
        try:
            changed = self._run_sets(parameter_sets)
            self._tell_changes(changed)
            if self._select is not None:
                self._return_rows(*self._select)
        except BaseException:
            result.forget()
            result.end(has_failed=True)
            raise
        finally:
            result.pause()
            self._preparation.restore_last_row()
        result.has_run = True
        if result.description is None:
            result.end()

    def _run_sets(self, parameter_sets: Iterable[Parameters]) -> int:
        """Run the statement for each set, wait for what it writes to Box, and return how many rows it changed."""
        execution, writes, sets, changed = self._execution, self._execution.writes, iter(parameter_sets), 0
        self._foresee(parameter_sets, sets)
        try:
            with writes.finishing(sets):
                for parameters in sets:
                    if self._many:
                        execution.begin_set()
                    with self._backend.translated(self._statement):
                        changed += self._run_set(self._bound(parameters))
        finally:
            execution.end_sets()
            if writes.is_concurrent:
                changed = writes.written
            self._result.rowcount = changed if self._many or writes.is_concurrent else -1
        if writes.is_concurrent:
            self._backend.sqlite.set_last_insert_rowid(writes.last_rowid or 0)
        return changed

    def _foresee(self, parameter_sets: Iterable[Parameters], sets: Iterator[Parameters]) -> None:
        """Have the sets that come after the one that runs foreseen, where they are there already."""
        if self._many and type(parameter_sets) in {list, tuple} and not self._statement.procedures:
            self._execution.further = lambda: self._further(copy.copy(sets))

    def _further(self, sets: Iterator[Parameters]) -> Iterator[Any]:
        """Give the sets of parameters as SQLite takes them up to a wrong one, which is for the run that comes to it."""
        for parameters in sets:
            try:
                bound = self._bound(parameters)
            except Exception:  # noqa: BLE001 - a value may be of any class
                return
            yield bound

    def _bound(self, parameters: Parameters) -> Any:
        """Return a set of parameters as SQLite takes it."""
        return self._statement.bound(bound_parameters(parameters))

    def _run_set(self, parameters: Any) -> int:
        """Run the statement for one set, and return how many rows it changed; those of its triggers do not count."""
        sqlite = self._backend.sqlite
        # Another cursor may have run meanwhile: it may be what gives the sets of parameters.
        self._backend.session.execution = self._execution
        self._execution.statement.calls = ProcedureMemo(self._statement.marks)
        changes = sqlite.total_changes()
        if self._returning is not None:
            self._write_without_returning(self._returning, parameters)
        elif (made := create_as(self._statement.text)) is None:
            self._preparation.run(self._statement.text, parameters)
        elif made.is_table:
            self._create_table(made, parameters)
            return 0
        else:
            self._create_view(made, parameters)
        return 0 if sqlite.total_changes() == changes else sqlite.changes()

    def _write_without_returning(self, clause: Returning, parameters: Any) -> None:
        """Run a write to a table of Box without its RETURNING, once that is known to be right."""
        self._execution.returned = clause.rows()
        values, self._select = clause.write_values(parameters), clause.select(parameters)
        for statement in (clause.check(parameters), self._select):
            prepare(self._result.cursor, *statement)
        if self._many:
            raise Preparation.no_rows()
        self._preparation.run(clause.write, values)

    def _create_view(self, view: CreateAs, parameters: Any) -> None:
        """Make a view, whose query compares moments as such."""
        self._backend.columns_read.clear()
        self._preparation.run(view_of(view, self._result.cursor, self._preparation.collated), parameters)

    def _create_table(self, table: CreateAs, parameters: Any) -> None:
        """Make a table of a query, whose columns keep their types."""
        backend, session = self._backend, self._backend.session
        backend.columns_read.clear()
        types = types_of(table, self._result.cursor, parameters, self._statement.type)
        if None in types and reads_datetimes(backend.sqlite, session.tables, backend.columns_read):
            given = given_datetimes(backend.sqlite, session, table.query, parameters, is_timestamp)
            types = [
                kind or (Type.TIMESTAMP.value if is_datetime else None)
                for kind, is_datetime in zip(types, given, strict=True)
            ]
        if are_affinities(types):
            self._preparation.run(table.operation, parameters)
            return
        with created(backend.sqlite, table, types, parameters):
            self._preparation.run(table.insert, parameters)

    def _tell_changes(self, changed: int) -> None:
        """Tell how many rows were changed, and the last new one, unless the statement only reads."""
        result = self._result
        if result.description is None or self._preparation.has_written:
            result.rowcount = changed
            with self._backend.translated():
                result.lastrowid = (self._backend.sqlite.last_insert_rowid() or None) if changed else None

    def _return_rows(self, operation: str, parameters: Any) -> None:
        """Run the SELECT over the rows that the statement wrote to Box."""
        self._execution.begin_returning()
        with self._backend.translated(self._statement):
            self._preparation.run(operation, parameters)


class _Named(dict[str, Any]):
    """Parameters by name."""

    def __missing__(self, name: str) -> Any:
        raise ProgrammingError(f"there is no value for the parameter {name!r}")


def bound_parameters(parameters: Parameters) -> Any:
    """Return parameters with the values that SQLite stores for theirs; raises ProgrammingError for what are none."""
    if isinstance(parameters, Mapping):
        return _Named((name, bind(value)) for name, value in parameters.items())
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Sequence):
        raise ProgrammingError(f"parameters are a sequence or a mapping, not {type(parameters).__name__}")
    return tuple(map(bind, parameters))
