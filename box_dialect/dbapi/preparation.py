"""Preparation: what is decided about a statement between `sqlite3_prepare()` and its first row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.dbapi.datetimes.collated import with_collations
from box_dialect.dbapi.prepared import Prepared, check_datetimes, check_inputs, check_reads_all
from box_dialect.dbapi.readings import Reading
from box_dialect.dbapi.sqltext.classify import (
    can_run_dry,
    check_single,
    has_limit,
    is_savepoint,
    limit_of,
    new_name,
)
from box_dialect.dbapi.sqltext.queries import query_of
from box_dialect.dbapi.types import converter, type_code
from box_dialect.engine import (
    DryRunner,
    Execution,
    RowLimit,
    call_for_rows,
    check_name,
    columns_of,
    effects_of,
    longest_value,
    projection,
    size_of,
)
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    import apsw

    from box_dialect.dbapi.backend import Backend
    from box_dialect.dbapi.create_as import Columns
    from box_dialect.dbapi.insights import InsightStatement
    from box_dialect.dbapi.result import Result
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement
    from box_dialect.rows import TupleRow

_MOST_UNBATCHED: Final = 1_000
"""Statements that a connection knows to be unfit for batches; past that many it learns anew."""


class _PrepareAgain(Exception):  # noqa: N818 - no failure
    """Ask for the statement to be prepared again, which may have been rewritten."""


class _AskInsights(Exception):  # noqa: N818 - no failure
    """Ask for a statement, which SQLite has found to be right, to be answered by Box itself."""


class _HideColumns(Exception):  # noqa: N818 - no failure
    """Ask for a statement to be prepared again, without the columns that its projection hides."""


class Preparation:
    """The preparation of a statement, for each set of parameters anew: `_decide` has the decisions in their order.

    `has_written` tells that what was prepared last writes.
    """

    def __init__(
        self, backend: Backend, execution: Execution, statement: RewrittenStatement, result: Result, *, many: bool
    ) -> None:
        self._backend, self._execution, self._statement, self._result = backend, execution, statement, result
        self._many = many
        self.has_written = False
        self._calls_for_rows = False
        self._operation = ""
        self._columns: Columns | None = None
        self._is_decided = self._knows_sizes = False
        self._insight: InsightStatement | None = None
        self._answered: list[TupleRow] | None = None
        self._query: str | None = None
        self._readings: dict[str, Reading] = {}
        self._last_row = 0

    @staticmethod
    def no_rows() -> ProgrammingError:
        """Return the error of a statement that returns rows to executemany()."""
        return ProgrammingError("executemany() is for statements that return no rows")

    def run(self, operation: str, parameters: Any) -> None:
        """Prepare a statement, and run it to its first row, or to its end where it writes or calls for its rows.

        It is prepared again where that turns out to be needed: rewritten so that it compares moments as such, without
        batches where IN has a subquery, since APSW fails on one that gives no values, and once SQLite knows the sizes
        of its local tables.
        """
        cursor, result, session = self._result.cursor, self._result, self._backend.session
        reading = self._readings.get(operation)
        if reading is None:
            reading = self._readings[operation] = Reading.of(operation, session.tables)
        self._operation = reading.told(session.tables, parameters)
        self._columns = None
        self._knows_sizes = False
        self._insight = reading.insight(parameters, session)
        while not self._attempt(cursor, parameters):
            pass
        result.source = cursor if self._answered is None else iter(self._answered)
        result.check()
        if self._calls_for_rows:
            result.source = iter(call_for_rows(self._backend.session, self._all_rows(cursor)))
        elif self.has_written:
            # SQLite has written all rows before it returns one, and ends the statement after the last.
            result.source = iter(self._all_rows(cursor))

    def forget(self) -> None:
        """Take note that further tables are known, which a text may name."""
        self._readings.clear()

    def _attempt(self, cursor: apsw.Cursor, parameters: Any) -> bool:
        """Have SQLite prepare and begin the statement; False where it is to be prepared again."""
        backend, session = self._backend, self._backend.session
        backend.columns_read.clear()
        session.has_datetimes_as_texts = session.reads_all_columns = False
        session.mode.may_batch = self._operation not in backend.unbatched
        session.mode.has_batched = False
        session.written_tables.clear()
        session.inputs_compared.clear()
        self._is_decided = hides = False
        self._answered = None
        cursor.exec_trace = self._decide
        try:
            cursor.execute(self._operation, parameters)
        except _PrepareAgain:
            return False
        except _AskInsights:
            return self._is_answered()
        except _HideColumns:
            hides = True
        finally:
            cursor.exec_trace = None  # it refers to this object, which would not be freed with its last reference
        if hides:
            self._execute_without_hidden(cursor, parameters)
        return True

    def _is_answered(self) -> bool:
        """Have Box answer the statement itself; False where it is to be prepared again, for its rows are to be read."""
        statement, self._insight = self._insight, None
        if statement is not None:
            self._answered = statement.plan if statement.is_explained else statement.rows(self._backend.session)
        return self._answered is not None

    def _execute_without_hidden(self, cursor: apsw.Cursor, parameters: Any) -> None:
        """Run a statement that is known to take nothing but the rows that it shows from the columns that are hidden."""
        hidden, projection = self._backend.columns_hidden, self._execution.statement.projection

        def prepared(*_: Any) -> bool:
            hidden.clear()  # others are prepared while it runs
            return True

        cursor.exec_trace = prepared
        hidden.update(() if projection is None else projection.hidden)
        try:
            cursor.execute(self._operation, parameters)
        finally:
            hidden.clear()
            cursor.exec_trace = None

    def _all_rows(self, cursor: apsw.Cursor) -> list[TupleRow]:
        """Return all rows of a statement that writes, or that calls procedures for them."""
        rows, size, most = [], 0, self._execution.most_bytes
        row_limit = self._execution.statement.context.row_limit
        for row in cursor:
            rows.append(row)
            row_limit.given += 1
            size += size_of(row) if most else 0
            if size > most:
                rows.clear()  # whoever keeps the error keeps this frame
                raise self._execution.too_large()
        return rows

    def _decide(self, cursor: apsw.Cursor, text: str, values: Any) -> bool:
        """Decide what has to be known before the first row; APSW calls it between preparing a statement and running it.

        Raises what keeps the statement from being run, or asks for it to be prepared again.
        """
        if self._is_decided:  # comments after the statement come as another one
            return True
        self._is_decided = True
        prepared = Prepared(cursor, text, values)
        check_single(self._operation, text)
        self._complete_tables()
        self._tell_sizes(prepared)
        columns = self._compare_datetimes(prepared)
        check_datetimes(prepared, self._backend, self._statement.shown, is_collated=self._columns is not None)
        self._check_batches(prepared)
        check_inputs(prepared, self._backend)
        if columns and self._many and self._statement.call is None:
            raise self.no_rows()
        writes = self._begin_write(prepared, returns=bool(columns))
        self._select_fields(prepared)
        self._look_ahead(prepared, writes=writes, is_sorted=bool(columns) and self._limit_rows(prepared))
        self._describe(prepared, columns)
        if self._insight is not None and columns:
            raise _AskInsights
        if columns and prepared.is_query and not self._calls_for_rows:
            self._project(prepared)
        return True

    def _complete_tables(self) -> None:
        """Have the statement prepared again where it reads tables, as by a view, that have further columns now."""
        if self._backend.templates.add_fields(lambda: (name for _, name, _ in self._backend.columns_read)):
            raise _PrepareAgain

    def _tell_sizes(self, prepared: Prepared) -> None:
        """Have the statement prepared again where SQLite knows better now how many rows its local tables have."""
        if not self._knows_sizes:
            self._knows_sizes = True
            if self._backend.tell_sizes(prepared.cursor):
                raise _PrepareAgain

    def _compare_datetimes(self, prepared: Prepared) -> Columns:
        """Have the statement prepared again so that it compares moments as such; return its columns before that."""
        if self._columns is not None:
            return self._columns
        columns = prepared.cursor.get_description()
        operation = self.collated(self._operation, prepared.values, columns)
        if operation != self._operation:
            self._operation, self._columns = operation, columns
            raise _PrepareAgain
        return columns

    def collated(self, operation: str, parameters: Any, columns: Columns) -> str:
        """Return the statement that was just prepared so that it compares moments as such."""
        backend = self._backend
        return with_collations(
            backend.sqlite, backend.session.tables, backend.columns_read, operation, parameters, columns
        )

    def _check_batches(self, prepared: Prepared) -> None:
        """Have the statement prepared again without batches where it is unfit for them."""
        unbatched = self._backend.unbatched
        if prepared.cursor.is_explain or not self._backend.session.mode.has_batched:
            return
        if prepared.has_list_of_subquery(self._backend.sqlite):
            if len(unbatched) >= _MOST_UNBATCHED:
                unbatched.clear()
            unbatched.add(self._operation)
            raise _PrepareAgain

    def _begin_write(self, prepared: Prepared, *, returns: bool) -> bool:
        """Make ready for a statement that writes, or calls procedures for its rows; True where it is the former."""
        is_explain = prepared.cursor.is_explain
        writes = not is_explain and (not prepared.cursor.is_readonly or is_savepoint(self._operation))
        if writes or (self._statement.marks and not is_explain):
            check_reads_all(self._backend)
        if writes and not self._execution.is_prepared:
            self._note_effects(prepared, returns=returns)
            if self._backend.session.reads_all_columns and self._execution.columns_read is not None:
                raise _PrepareAgain
        self.has_written = not is_explain and not prepared.cursor.is_readonly
        self._calls_for_rows = not is_explain and bool(self._statement.marks)
        if self.has_written and not self._execution.reads_last_row:
            self._forget_last_row()
        return writes

    def _select_fields(self, prepared: Prepared) -> None:
        """Have Box asked only for what the statement reads of the columns that SQLite tells of together."""
        fields, returned = self._execution.statement.context.fields, self._execution.returned
        if not prepared.cursor.is_explain and fields.is_told_too_many:
            read = columns_of(self._backend.sqlite, prepared.text, prepared.values)
            if read is not None:
                fields.read_only(read.union(() if returned is None else returned.columns))

    def _note_effects(self, prepared: Prepared, *, returns: bool) -> None:
        """Learn what the statement writes, and begin a transaction for local tables where it writes to some.

        RETURNING is refused where a trigger writes to Box: SQLite would return the row as it was before Box made it.
        """
        backend, text = self._backend, prepared.text
        name = new_name(self._operation)
        if name is not None:
            check_name(backend.names, name)
        written = backend.session.written_tables
        effects = effects_of(backend.sqlite, backend.names, written, backend.columns_read, text, prepared.values)
        self._execution.prepare(effects)
        # What writes to Box runs dry as itself, up to its first row; what writes to local tables by its query alone.
        if effects.is_direct:
            self._query = query_of(text) if effects.writes_local or not effects.writes_box else text
        backend.begin_for(self._operation, effects)
        if effects.writes_box and returns:
            raise NotSupportedError("RETURNING is not available where a trigger writes to Box; SELECT the rows")

    def _limit_rows(self, prepared: Prepared) -> bool:
        """Note how many rows LIMIT lets a query give; True where all are sorted before, so that it spares no call."""
        # The text with its values is long where they are.
        if not prepared.is_query or not has_limit(prepared.text):
            return False
        if prepared.sorts_all(self._backend.sqlite):
            return True
        if (found := limit_of(prepared.cursor.expanded_sql)) is not None:
            self._execution.statement.context.row_limit = RowLimit(*found)
        return False

    def _look_ahead(self, prepared: Prepared, *, writes: bool, is_sorted: bool) -> None:
        """Have the statement, or the query of one that writes, run dry for what to ask Box ahead."""
        query = prepared.text if prepared.cursor.is_readonly else self._query
        if query is None or not can_run_dry(query):
            return
        self._execution.statement.prefetch.dry_runner = DryRunner(
            self._backend.session.mode,
            self._backend.sqlite,
            query,
            prepared.values,
            self._execution.further,
            writes=writes and query is prepared.text,
            is_sorted=is_sorted,
        )

    def _describe(self, prepared: Prepared, columns: Columns) -> None:
        """Tell the columns of the result, how their values are converted, and how long one may be."""
        result, described = self._result, prepared.cursor.description_full if columns else ()
        result.longest = longest_value(self._execution.most_bytes, described)
        self._backend.limit_values(result.longest)
        kinds = [self._statement.type(*each) for each in columns]
        named = zip((self._statement.column(name) for name, _ in columns), map(type_code, kinds), strict=True)
        items = tuple((*each, None, None, None, None, None) for each in named)
        result.description = None if self._many else items or None
        result.converted = converter(kinds)

    def _project(self, prepared: Prepared) -> None:
        """Find how the rows of a query are shown."""
        backend, result = self._backend, self._result
        found = projection(backend.sqlite, backend.session, backend.columns_hidden, prepared.text, prepared.values)
        self._execution.statement.projection = found
        if found is None:
            return
        if not found.hidden:
            result.rest = found.rest
        else:
            cursor = prepared.cursor
            if found.carrier is not None:
                result.rest = lambda _: found.further(cursor)
            converted, whole = result.converted, found.whole
            result.converted, result.used = lambda row: converted(whole(row)), found.bytes_of_last
            raise _HideColumns

    def restore_last_row(self) -> None:
        """Give SQLite the number back, for `last_insert_rowid()`, where the statement made no row."""
        earlier, self._last_row = self._last_row, 0
        if earlier and not self._backend.is_closed and not self._backend.sqlite.last_insert_rowid():
            self._backend.sqlite.set_last_insert_rowid(earlier)

    def _forget_last_row(self) -> None:
        """Have SQLite forget the number of the last new row, which is to tell whether the statement makes one."""
        self._last_row = self._backend.sqlite.last_insert_rowid() or self._last_row
        self._backend.sqlite.set_last_insert_rowid(0)
