"""The run of a statement: from its text to its first row, and a write to its end.

1. rewrite     the text becomes that of SQLite (`sqltext.rewrite`), that of SHOW and DESCRIBE the query which it
               stands for (`shown`)
2. for each set of parameters
   - bind      the values become those of SQLite
   - resolve   where SQLite knows no table of a name, or Box no template, templates are listed (`template_tables`)
   - divide    a write with RETURNING becomes the write and a SELECT, an UPSERT the INSERT and an UPDATE, CREATE TABLE
               AS the table and what fills it
   - prepare   SQLite prepares it, and what must be known before its first row is decided (`preparation`)
   - step      SQLite gives its first row; a write runs to its end
3. change      the UPDATE of an UPSERT runs, where rows conflict
4. await       what was sent to Box has arrived
5. return      the SELECT of RETURNING runs
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import apsw
from msgspec.structs import replace

from box_dialect.catalog import Type
from box_dialect.dbapi.create_as import CreateAs, all_or_nothing, are_affinities, create_as, created, types_of, view_of
from box_dialect.dbapi.datetimes.collated import reads_datetimes
from box_dialect.dbapi.datetimes.provenance import given_datetimes
from box_dialect.dbapi.document_tables import name_beside
from box_dialect.dbapi.preparation import Preparation
from box_dialect.dbapi.shown import query_of_shown
from box_dialect.dbapi.sqltext.classify import is_transaction
from box_dialect.dbapi.sqltext.create_documents import CreateDocuments, create_documents
from box_dialect.dbapi.sqltext.returning import Returning, prepare, returning
from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement, rewrite
from box_dialect.dbapi.sqltext.upsert import Upsert, explained_upsert, upsert
from box_dialect.dbapi.sqltext.views import with_definitions
from box_dialect.dbapi.types import bind, is_timestamp
from box_dialect.documents.formats import FORMATS
from box_dialect.engine import MOST_BYTES_OF_VALUE, ProcedureMemo, Told, discovered
from box_dialect.errors import DatabaseError, ProgrammingError

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
        self._began = time.monotonic()
        if is_transaction(operation):
            session.negative_cache.forget()
        session.execution = execution
        backend.limit_values(MOST_BYTES_OF_VALUE)
        backend.templates.follow()
        self._statement = self._rewritten(operation)
        backend.templates.add_fields(self._statement.names)
        self._returning: Returning | None
        self._upsert: Upsert | None
        self._explained: tuple[str, Upsert] | None
        self._made: CreateAs | None
        self._documents: CreateDocuments | None
        self._select: tuple[str, Any] | None = None
        self._preparation = Preparation(backend, execution, self._statement, result, many=many)
        self._read()

    def _rewritten(self, operation: str) -> RewrittenStatement:
        """Return the statement for SQLite; what SHOW and DESCRIBE tell of is found for that."""
        session, execution = self._backend.session, self._execution
        execution.resume()
        try:
            query = query_of_shown(self._backend, operation)
        finally:
            execution.pause()
        statement = rewrite(query, session.catalog, select_may_call=session.select_may_call)
        return statement if query is operation else replace(statement, shown=operation)

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
                        changed += self._resolved(self._bound(parameters))
                    if self._upsert is not None and self._upsert.reads:
                        self._change_conflicting(self._upsert)
                if self._upsert is not None:
                    self._change_conflicting(self._upsert)
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

    def _resolved(self, parameters: Any) -> int:
        """Run the statement for one set, once what it names is known; metadata templates are found when they are."""
        while True:
            try:
                return self._run_set(parameters)
            except (apsw.SQLError, DatabaseError) as error:
                if not self._backend.resolve(error, self._statement.names(), self._began):
                    raise
                if isinstance(error, DatabaseError) and self._preparation.has_written:
                    prepare(self._result.cursor, self._statement.text, parameters)  # which may name what is gone
                    raise  # some of it may be written
            self._read()

    def _read(self) -> None:
        """Read the statement by the tables that are known: its RETURNING, and what else is divided.

        An UPSERT may stand behind EXPLAIN.
        """
        text, tables = self._statement.text, self._backend.session.tables
        self._backend.define(text)
        self._returning = returning(text, tables)
        self._upsert = upsert(text if self._returning is None else self._returning.write, tables)
        self._explained = explained_upsert(text, tables)
        self._made = create_as(text)
        self._documents = create_documents(text, FORMATS)
        self._execution.conflicts = None if self._upsert is None else self._upsert.conflicts()
        self._preparation.forget()

    def _change_conflicting(self, statement: Upsert) -> None:
        """Change the rows that conflict as ON CONFLICT says; those of one key are changed one after another."""
        conflicts, writes = self._execution.conflicts, self._execution.writes
        if conflicts is None or statement.update is None:
            return
        writes.wait()
        while conflicts.begin():
            self._execution.begin_conflicts()
            with self._backend.translated(self._statement):
                self._preparation.run(statement.update, ())
            for change in conflicts.missed() if statement.is_unconditional else ():
                writes.refuse(statement.not_found(), again=change)
            writes.wait()

    def _run_set(self, parameters: Any) -> int:
        """Run the statement for one set, and return how many rows it changed; those of its triggers do not count."""
        sqlite = self._backend.sqlite
        # Another cursor may have run meanwhile: it may be what gives the sets of parameters.
        self._backend.session.execution = self._execution
        self._execution.statement.calls = ProcedureMemo(self._statement.marks)
        changes = sqlite.total_changes()
        if self._returning is not None:
            self._write_without_returning(self._returning, parameters)
        elif self._upsert is not None:
            self._write(self._statement.text, parameters)
        elif self._explained is not None:
            self._explain(*self._explained, parameters)
        elif self._documents is not None:
            self._create_documents(self._documents, parameters)
            return 0
        elif self._made is None:
            self._preparation.run(self._statement.text, parameters)
        elif self._made.is_table:
            self._create_table(self._made, parameters)
            return 0
        else:
            self._create_view(self._made, parameters)
        return 0 if sqlite.total_changes() == changes else sqlite.changes()

    def _write_without_returning(self, clause: Returning, parameters: Any) -> None:
        """Run a write to a table of Box without its RETURNING, once that is known to be right."""
        self._execution.returned = clause.rows()
        values, self._select = clause.write_values(parameters), clause.select(parameters)
        for statement in (clause.check(parameters), self._select):
            prepare(self._result.cursor, *statement)
        if self._many:
            raise Preparation.no_rows()
        self._write(clause.write, values)

    def _write(self, text: str, parameters: Any) -> None:
        """Run a write to a table of Box, without what an UPSERT does to rows that conflict."""
        conflicts = self._execution.conflicts
        if self._upsert is not None and conflicts is not None:
            if not self._execution.is_prepared:
                for each in filter(None, (self._upsert.check, self._upsert.update)):
                    prepare(self._result.cursor, each, ())
            parameters, conflicts.parameters = self._upsert.divided(parameters)
            text = self._upsert.insert
        self._preparation.run(text, parameters)

    def _explain(self, words: str, statement: Upsert, parameters: Any) -> None:
        """Run an EXPLAIN of an UPSERT: of the INSERT, and of the UPDATE of rows that conflict."""
        self._execution.conflicts = statement.conflicts()
        values, _ = statement.divided(parameters)
        of_update = list[Any]()
        if statement.update is not None:
            self._preparation.run(f"{words}{statement.update}", ())
            of_update = [*self._result.source]
        self._preparation.run(f"{words}{statement.insert}", values)
        self._result.source = itertools.chain(self._result.source, of_update)

    def _create_view(self, view: CreateAs, parameters: Any) -> None:
        """Make a view, whose query compares moments as such.

        One that is kept has what Box's views are in it, since these belong to the connection.
        """
        self._backend.columns_read.clear()
        if view.schema.lower() != "temp":
            view = view.of(with_definitions(view.query, self._backend.session.catalog.views))
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

    def _create_documents(self, statement: CreateDocuments, parameters: Any) -> None:
        """Make the tables of documents, whose columns are found first; what else is wrong is raised before a call."""
        sqlite = self._backend.sqlite
        if statement.if_not_exists and sqlite.table_exists(statement.schema, statement.name):
            self._preparation.run(statement.operation, parameters)
            return
        prepare(self._result.cursor, statement.operation, parameters)
        told = Told.written(statement.format, statement.arguments)
        told, tables = discovered(self._backend.session, told)
        taken = self._backend.session.catalog.names
        with all_or_nothing(sqlite):
            for number, table in enumerate(tables):
                name = name_beside(taken, table.name, told) if number else statement.name
                self._backend.documents.forget_nested(name)
                self._preparation.run(statement.statement(name, told.arguments(table)), ())

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
