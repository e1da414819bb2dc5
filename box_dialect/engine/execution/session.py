"""Session: the state that the statements and the tables of one connection share."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from box_dialect.api import Portal, portal
from box_dialect.engine.execution.execution import Execution
from box_dialect.engine.prefetch.dry_runner import TableMode
from box_dialect.engine.scan.negative_cache import NegativeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

    from box_dialect.api.client import BoxClient
    from box_dialect.catalog import Catalog, Table
    from box_dialect.engine.execution.statement import StatementScope
    from box_dialect.engine.sql.authorizer import ColumnRead, Written
    from box_dialect.properties import Properties

T = TypeVar("T")


class Session:
    """The state of one connection: its properties, its tables and procedures, and the execution that runs.

    `tables` and `procedures` are those of its catalog. `columns_read` are what the statement reads which is
    prepared, or was last, and `written_tables` what it writes, its triggers too, by the names that SQLite has for
    them. `mode` is how the tables plan and answer now. `is_utf8` tells that texts sort by their characters'
    numbers. `has_datetimes_as_texts` is set where the statement which is prepared may compare a timestamp as a
    text, `inputs_compared` are the inputs of each table that it compares, `reads_all_columns` where it is an UPDATE of
    which it is not known yet what it reads. `opened` are SQLite's names of Box's tables, and the origins of their
    columns, by schema and name, for as long as they are open. `negative_cache` is what its statements tell one another
    of parents that have nothing. `newest` gives a table as it is by now, where it may have changed since it was found.
    """

    def __init__(self, properties: Properties, catalog: Catalog) -> None:
        self.properties = properties
        self.execution = Execution(properties)
        self.negative_cache = NegativeCache()
        self.mode = TableMode()
        self.has_written = False
        self.is_utf8 = True
        self.has_datetimes_as_texts = False
        self.reads_all_columns = False
        self.inputs_compared: dict[str, set[str]] = {}
        self.opened: dict[tuple[str, str], tuple[str, Mapping[int, frozenset[str]]]] = {}
        self.catalog = catalog
        self.tables = catalog.tables
        self.procedures = catalog.procedures
        self.columns_read: set[ColumnRead] = set()
        self.written_tables: Written = {}
        self.newest: Callable[[Table], Table] = lambda table: table

    @property
    def select_may_call(self) -> bool:
        """Whether a SELECT may call a procedure that has a side effect; tools let strangers write any SELECT."""
        return not self.properties.is_restricted

    @property
    def statement(self) -> StatementScope:
        """What the scans of the statement that runs have in common."""
        return self.execution.statement

    @property
    def portal(self) -> Portal:
        """The event loop of this process."""
        return portal()

    @property
    def client(self) -> BoxClient:
        """The client of this process for the properties."""
        return self.portal.client(self.properties)

    def hide_paths(self) -> None:
        """Tell SQL no path of this machine from now on, where others write it than who runs the program."""
        self.properties = replace(self.properties, tells_paths=False)

    @contextmanager
    def planning_aside(self) -> Iterator[None]:
        """Note no plan of what is prepared within a block for the statement that runs."""
        running, self.execution = self.execution, Execution(self.properties)
        try:
            yield
        finally:
            self.statement.release()
            self.execution = running

    def must_stop(self) -> bool:
        """Tell whether what SQLite runs must not go on, as it asks after each thousand steps or so."""
        return self.execution.must_stop() or (self.mode.dry_run is not None and self.mode.dry_run.must_stop())

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Await `function(*args)` on the event loop, as long as the statement that runs may take."""
        return self.execution.run(function, *args)
