"""A statement as SQLite prepares and runs it: what is decided before its first row, and where its rows are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw

from box_dialect.dbapi.datetimes.collated import check_comparisons, may_mix, named_collations, with_collations
from box_dialect.dbapi.datetimes.provenance import odd_comparisons
from box_dialect.dbapi.sqltext.classify import (
    bare,
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
    MOST_BYTES_OF_VALUE,
    DryRunner,
    Execution,
    Rest,
    RowLimit,
    call_for_rows,
    check_name,
    effects_of,
    longest_value,
    projection,
    size_of,
)
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from box_dialect.dbapi.connection import Connection
    from box_dialect.dbapi.sqltext.rewrite import RewrittenStatement

NO_ROWS: Final = "executemany() is for statements that return no rows"

_MOST_UNBATCHED: Final = 1_000
"""Statements that a connection knows to be unfit for batches; past that many it learns anew."""

_SORTS_ALL: Final = frozenset({"USE TEMP B-TREE FOR GROUP BY", "USE TEMP B-TREE FOR ORDER BY"})
"""What a plan says where no row comes before all that lead to it were read."""

Row: TypeAlias = tuple[Any, ...]
Columns: TypeAlias = Sequence[tuple[str, str | None]]
DescriptionItem: TypeAlias = tuple[str, str | None, None, None, None, None, None]


class _Respelled(Exception):  # noqa: N818 - no failure
    """Ask for a statement to be run in other words, with the columns that it has as it was written."""

    def __init__(self, operation: str, columns: Columns) -> None:
        super().__init__()
        self.operation, self.columns = operation, columns


class _Hides(Exception):  # noqa: N818 - no failure
    """Ask for a statement to be prepared again, without the columns that its projection hides."""


class _PreparedAnew(Exception):  # noqa: N818 - no failure
    """Ask for a statement to be prepared again, as it is."""


class Prepared:
    """A statement, prepared and run once for each set of parameters, and at last for the rows that it returns.

    `source` gives its rows, which `converted` makes those of the caller; `rest` are all that come after one, where they
    can be had at once. `longest` is how many bytes a value of them may have, `used` how many more are taken where the
    last row is a large one.
    """

    def __init__(self, connection: Connection, execution: Execution, spelled: RewrittenStatement) -> None:
        self._connection, self._execution, self._spelled = connection, execution, spelled
        self.description: tuple[DescriptionItem, ...] | None = None
        self.converted = converter(())
        self.source: Iterator[Row] = iter(())
        self.rest: Rest | None = None
        self.used: Callable[[], int] = apsw.memory_used
        self.longest = MOST_BYTES_OF_VALUE
        self.has_written = self._has_called = self._knows_sizes = False
        self._query: str | None = None
        self._last_row = 0

    def run(self, cursor: apsw.Cursor, operation: str, parameters: Any, *, many: bool) -> None:
        """Run a statement, once more and in other words where it turns out to need that when it is prepared.

        That is without batches where IN has a subquery, since APSW fails on one that gives no values, and once SQLite
        knows the sizes of its local tables.
        """
        self._knows_sizes = False
        attempt: tuple[str, Columns | None] | None = bare(operation) or operation, None
        while attempt is not None:
            attempt = self._attempt(cursor, *attempt, parameters, many=many)

    def _attempt(
        self, cursor: apsw.Cursor, operation: str, columns: Columns | None, parameters: Any, *, many: bool
    ) -> tuple[str, Columns | None] | None:
        """Run a statement; return how it is to be run instead, None where it has run.

        `columns` are those of a statement that was respelled.
        """
        connection, session = self._connection, self._connection.session
        cursor.exec_trace = self._on_prepared(operation, columns, many=many)
        connection.columns_read.clear()
        session.has_moments_as_texts = False
        session.may_batch = operation not in connection.unbatched
        session.has_batched = False
        session.written_tables.clear()
        hides = False
        try:
            cursor.execute(operation, parameters)
        except _PreparedAnew:
            return operation, columns
        except _Respelled as respelled:
            return respelled.operation, respelled.columns
        except _Hides:
            hides = True
        finally:
            cursor.exec_trace = None  # it refers to this object, which would not be freed with its last reference
        if hides:
            self._execute_without_hidden(cursor, operation, parameters)
        self.source = cursor
        self.check()
        if self._has_called:
            self.source = iter(call_for_rows(session, self._gathered(cursor)))
        elif self.has_written:
            # SQLite has written all rows before it returns one, and ends the statement after the last.
            self.source = iter(self._gathered(cursor))
        return None

    def _execute_without_hidden(self, cursor: apsw.Cursor, operation: str, parameters: Any) -> None:
        """Run a statement that is known to take nothing but the rows that it shows from the columns that are hidden."""
        hidden, projection = self._connection.columns_hidden, self._execution.statement.projection

        def prepared(*_: Any) -> bool:
            hidden.clear()  # others are prepared while it runs
            return True

        cursor.exec_trace = prepared
        hidden.update(() if projection is None else projection.hidden)
        try:
            cursor.execute(operation, parameters)
        finally:
            hidden.clear()
            cursor.exec_trace = None

    def check(self) -> None:
        """Raise what a comparison failed with; a row may have come before SQLite saw that it is interrupted."""
        if self._execution.has_failed:
            next(self.source, None)
            self._execution.check()

    def _gathered(self, cursor: apsw.Cursor) -> list[Row]:
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

    def _on_prepared(
        self, operation: str, told: Columns | None, *, many: bool
    ) -> Callable[[apsw.Cursor, str, Any], bool]:
        """Return what APSW calls between preparing a statement and running it."""
        is_first = True

        def prepared(cursor: apsw.Cursor, statement: str, bindings: Any) -> bool:
            nonlocal is_first
            if is_first:  # comments after the statement come as another one
                is_first = False
                check_single(operation, statement)
                self._tell_sizes(cursor)
                columns = cursor.get_description() if told is None else told
                if told is None and (respelled := self.collated(operation, bindings, columns)) != operation:
                    raise _Respelled(respelled, columns)
                if not cursor.is_explain:
                    self._check_moments(statement, bindings, is_respelled=told is not None)
                    self._check_batches(operation, statement, bindings)
                if columns and many and self._spelled.call is None:
                    raise ProgrammingError(NO_ROWS)
                self._make_ready(cursor, operation, statement, bindings, returns=bool(columns))
                self._describe(cursor, columns, many=many)
                if columns and cursor.is_readonly and not cursor.is_explain and not self._has_called:
                    self._project(cursor, statement, bindings)
            return True

        return prepared

    def _tell_sizes(self, cursor: apsw.Cursor) -> None:
        """Have the statement prepared again where SQLite knows better now how many rows its local tables have."""
        if not self._knows_sizes:
            self._knows_sizes = True
            if self._connection.tell_sizes(cursor):
                raise _PreparedAnew

    def _make_ready(self, cursor: apsw.Cursor, operation: str, statement: str, bindings: Any, *, returns: bool) -> None:
        """Take note of what a statement that is prepared does, for what it shares with the engine while it runs."""
        context = self._execution.statement.context
        writes = not cursor.is_explain and (not cursor.is_readonly or is_savepoint(operation))
        if writes and not self._execution.is_prepared:
            self._begin(operation, statement, bindings, returns=returns)
        # The text with its values is long where they are.
        is_limited = returns and cursor.is_readonly and not cursor.is_explain and has_limit(statement)
        is_sorted = is_limited and self._sorts(statement, bindings)
        if is_limited and not is_sorted and (found := limit_of(cursor.expanded_sql)) is not None:
            context.row_limit = RowLimit(*found)
        query = statement if cursor.is_readonly else self._query
        if query is not None and can_run_dry(query):
            session, sqlite, further = self._connection.session, self._connection.sqlite, self._execution.further
            is_written = query is statement and writes
            stage = DryRunner(session, sqlite, query, bindings, further, writes=is_written, is_sorted=is_sorted)
            self._execution.statement.prefetch.stage = stage
        self.has_written = not cursor.is_readonly and not cursor.is_explain
        self._has_called = bool(self._spelled.marks) and not cursor.is_explain
        if self.has_written and not self._execution.reads_last_row:
            self._forget_last_row()

    def _sorts(self, statement: str, bindings: Any) -> bool:
        """Tell whether all rows are sorted before the first one is given, so that a LIMIT at the end spares no call."""
        return any(not parent and detail in _SORTS_ALL for parent, detail in self._plan(statement, bindings))

    def _plan(self, statement: str, bindings: Any) -> Iterator[tuple[int, str]]:
        """Yield the lines of SQLite's query plan, each with the number of the one that it belongs to."""
        for _, parent, _, detail in self._connection.sqlite.execute(f"EXPLAIN QUERY PLAN {statement}", bindings):
            yield parent, detail

    def _project(self, cursor: apsw.Cursor, statement: str, bindings: Any) -> None:
        """Find how the rows of a query are shown."""
        connection, running = self._connection, self._execution.statement
        found = projection(connection.sqlite, connection.session, connection.columns_hidden, statement, bindings)
        running.projection = found
        if found is None:
            return
        if not found.hidden:
            self.rest = found.rest
        else:
            if found.carrier is not None:
                self.rest = lambda _: found.further(cursor)
            converted, whole = self.converted, found.whole
            self.converted, self.used = lambda row: converted(whole(row)), found.bytes_of_last
            raise _Hides

    def _describe(self, cursor: apsw.Cursor, columns: Columns, *, many: bool) -> None:
        """Tell the columns of the result, how their values are converted, and how long one may be."""
        self.longest = longest_value(self._execution.most_bytes, cursor.description_full if columns else ())
        self._connection.bound_values(self.longest)
        kinds = [self._spelled.type(*each) for each in columns]
        named = zip((self._spelled.column(name) for name, _ in columns), map(type_code, kinds), strict=True)
        self.description = None if many else tuple((*each, None, None, None, None, None) for each in named) or None
        self.converted = converter(kinds)

    def collated(self, operation: str, parameters: Any, columns: Columns) -> str:
        """Return the statement that was just prepared so that it compares moments as such."""
        connection = self._connection
        return with_collations(
            connection.sqlite, connection.session.tables, connection.columns_read, operation, parameters, columns
        )

    def _check_moments(self, statement: str, bindings: Any, *, is_respelled: bool) -> None:
        """Raise ProgrammingError where the statement that was just prepared takes moments for texts or numbers."""
        connection = self._connection
        session = connection.session
        if (
            is_respelled
            or session.has_moments_as_texts
            or may_mix(session.tables, connection.columns_read, statement, bindings)
        ):
            named = named_collations(self._spelled.shown)
            check_comparisons(odd_comparisons(connection.sqlite, session, statement, bindings, named))

    def forget_rows(self) -> None:
        """Let go of the rows that are left."""
        self.description, self.rest = None, None

    def remember_last_row(self) -> None:
        """Give SQLite the number back, for `last_insert_rowid()`, where the statement made no row."""
        earlier, self._last_row = self._last_row, 0
        if earlier and not self._connection.is_closed and not self._connection.sqlite.last_insert_rowid():
            self._connection.sqlite.set_last_insert_rowid(earlier)

    def _forget_last_row(self) -> None:
        """Have SQLite forget the number of the last new row, which is to tell whether the statement makes one."""
        self._last_row = self._connection.sqlite.last_insert_rowid() or self._last_row
        self._connection.sqlite.set_last_insert_rowid(0)

    def _check_batches(self, operation: str, statement: str, bindings: Any) -> None:
        """Have the statement prepared again without batches where it is unfit for them."""
        connection = self._connection
        if not connection.session.has_batched:
            return
        plan = self._plan(statement, bindings)
        if any("LIST SUBQUERY" in detail or "IN-OPERATOR" in detail for _, detail in plan):
            if len(connection.unbatched) >= _MOST_UNBATCHED:
                connection.unbatched.clear()
            connection.unbatched.add(operation)
            raise _PreparedAnew

    def _begin(self, operation: str, statement: str, bindings: Any, *, returns: bool) -> None:
        """Make ready for a statement that writes: begin a transaction for local tables where it writes to some.

        RETURNING is refused where a trigger writes to Box: SQLite would return the row as it was before Box made it.
        """
        name = new_name(operation)
        if name is not None:
            check_name(self._connection.catalog.names, name)
        connection = self._connection
        found = effects_of(connection.sqlite, connection.session, connection.columns_read, statement, bindings)
        self._execution.prepare(found)
        # What writes to Box runs dry as itself, up to its first row; what writes to local tables by its query alone.
        if found.is_direct:
            self._query = query_of(statement) if found.writes_local or not found.writes_box else statement
        self._connection.begin_for(operation, found)
        if found.writes_box and returns:
            raise NotSupportedError("RETURNING is not available where a trigger writes to Box; SELECT the rows")
