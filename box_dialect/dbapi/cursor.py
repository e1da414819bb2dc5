"""The cursor: one statement at a time, its rows as they arrive."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self

from box_dialect.dbapi.estimates import estimated
from box_dialect.dbapi.result import DescriptionItem, Result
from box_dialect.dbapi.sqltext.classify import is_rollback, planned
from box_dialect.dbapi.sqltext.procedure_calls import call_of
from box_dialect.dbapi.sqltext.secrecy import executed_without_secrets
from box_dialect.dbapi.statement_run import Parameters, StatementRun, bound_parameters
from box_dialect.dbapi.template_run import TemplateRun
from box_dialect.engine import Execution
from box_dialect.errors import Error, InterfaceError, ProgrammingError
from box_dialect.rows import Row, RowFactory, RowMaker, TupleRow, no_row, row_maker

if TYPE_CHECKING:
    from box_dialect.dbapi.backend import Backend
    from box_dialect.dbapi.connection import Connection


class Cursor(Generic[Row]):
    """A PEP 249 cursor, whose rows are those of its row factory (`box_dialect.rows`).

    `api_calls` counts the calls to Box that the statement has made so far, each attempt for itself; signing in does not
    count. Rows are asked of Box as they are fetched: what nobody fetches may never be asked for. What writes, or calls
    a procedure with a side effect, is carried out by `execute()` to its end.
    """

    arraysize = 1

    def __init__(self, connection: Connection[Any], row_factory: RowFactory[Row]) -> None:
        self.connection = connection
        self._row_factory = row_factory
        self._row_maker: RowMaker[Any] = tuple
        self.max_api_calls = 0
        """Calls that each statement may make from now on, where that is less than `MaxApiCalls`; 0 is no limit."""
        self._execution = Execution(connection.properties)
        self._result = Result(connection.backend, self._execution)
        self._is_closed = False

    @property
    def description(self) -> tuple[DescriptionItem, ...] | None:
        """The columns of the rows: seven values for each, of which the first two are told; None without rows."""
        return self._result.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed, -1 where it changes none."""
        return self._result.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The key of the row that the last statement inserted."""
        return self._result.lastrowid

    @property
    def row_factory(self) -> RowFactory[Row]:
        """What makes the rows; to set it changes the rows that are left."""
        return self._row_factory

    @row_factory.setter
    def row_factory(self, value: RowFactory[Row]) -> None:
        self._row_factory = value
        self._row_maker = row_maker(self, self._row_factory)

    @property
    def api_calls(self) -> int:
        """How many calls to Box the last statement has made so far."""
        return self._execution.count.calls

    @property
    def is_preview_partial(self) -> bool:
        """Whether rows of the last statement may be missing, since it has made the calls that `PreviewCalls` allows."""
        return self._execution.count.is_cut

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
        return next(self, None)

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Return the next `size` rows, `arraysize` by default; fewer at the end."""
        number: object = self.arraysize if size is None else size
        if not isinstance(number, int) or number < 0:
            raise ProgrammingError(f"fetchmany() takes a number of rows, not {number!r}")
        return self._fetch(min(number, sys.maxsize))

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        return self._fetch(None)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        values = next(self._result.ready, None)  # none is ready of a cursor that is closed
        if values is None or self.connection.is_closed:
            return next(iter(self._fetch(1)))
        row: Row = self._row_maker(values)
        return row

    @executed_without_secrets
    def callproc(self, procname: str, parameters: Parameters = ()) -> Parameters:
        """Call a procedure with the values of its inputs, a sequence or a mapping by name; its rows are to be fetched.

        Returns a copy of the parameters, since all of them are inputs. Raises ProgrammingError where they do not fit.
        """
        if not isinstance(procname, str):
            raise ProgrammingError(f"a procedure's name is text, not {type(procname).__name__}")
        operation, values = call_of(procname, bound_parameters(parameters), self.connection.session.procedures)
        self.execute(operation, values)
        return copy.copy(parameters)

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Do nothing, as PEP 249 allows."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing, as PEP 249 allows."""

    def close(self) -> None:
        """Forget the rows that are left and cancel what is in flight for them; closing again does nothing."""
        if not self._is_closed:
            self._result.close()
        self._is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise InterfaceError("the cursor is closed")
        self.connection.check_open()

    def _run(self, operation: str, parameter_sets: Iterable[Parameters], *, many: bool) -> None:
        """Let go of the statement before, and run one in its place."""
        self._check_open()
        if not isinstance(operation, str):
            raise ProgrammingError(f"a statement is text, not {type(operation).__name__}")
        backend, session = self.connection.backend, self.connection.session
        with backend.translated():
            backend.check_thread()  # before anything of the statement changes that the other thread runs
        self._result.close()
        self._execution = Execution(
            self.connection.properties, sqlite=backend.sqlite, negative_cache=session.negative_cache
        )
        self._execution.bound_calls(self.max_api_calls)
        self._result = Result(backend, self._execution)
        self._row_maker = no_row
        template_run = TemplateRun.of(backend, self._execution, self._result, operation)
        if template_run is None:
            StatementRun(backend, self._execution, self._result, operation, many=many).run(parameter_sets)
        else:
            template_run.run(parameter_sets, many=many)
        if not many and (statement := planned(operation)) is not None:
            self._result.source = _with_estimate(backend, self._result.source, statement, *parameter_sets)
        self._row_maker = row_maker(self, self._row_factory)
        if is_rollback(operation):
            self.connection.warn_of_writes()

    def _fetch(self, limit: int | None) -> list[Row]:
        self._check_open()
        rows: list[Any] = self._result.fetch(limit)
        return rows if self._row_maker is tuple else [*map(self._row_maker, rows)]


def _with_estimate(
    backend: Backend, steps: Iterator[TupleRow], statement: str, parameters: Parameters
) -> Iterator[TupleRow]:
    """Yield the steps of a plan, and at last what its statement is going to cost, as a step of its own at the root.

    That takes longer than the plan, and so is found when it is fetched. A statement that is going to fail has a plan
    all the same.
    """
    number = 0
    for step in steps:
        number = max(number, step[0])
        yield step
    try:
        told = str(estimated(backend, statement, parameters))
    except Error as error:
        told = f"none, for the statement fails: {error}"
    yield number + 1, 0, 0, f"ESTIMATE {told}"
