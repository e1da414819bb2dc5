"""The tables of the catalog as SQLite virtual tables, through APSW.

Source: https://www.sqlite.org/vtab.html and https://rogerbinns.github.io/apsw/vtable.html
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, cast

import apsw

from box_dialect.api import portal
from box_dialect.catalog.model import Remote, Table
from box_dialect.catalog.values import comparable
from box_dialect.engine.cache.downloads import check_size
from box_dialect.engine.cache.shared_scan import Position
from box_dialect.engine.caller_warnings import tell
from box_dialect.engine.execution.program_scans import NOTED
from box_dialect.engine.plan.planner import choose
from box_dialect.engine.prefetch.dry_run import EndOfSet
from box_dialect.engine.tables import writes
from box_dialect.engine.tables.dry_run_cursor import DryRunCursor
from box_dialect.engine.tables.index_request import COMPARED_WITH_ONE, FUNCTIONS, RequestReader
from box_dialect.engine.tables.named_rows import named_rows
from box_dialect.errors import Error, InternalError, NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.engine.cache.shared_scan import RowPage, SharedScan
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.choice import Choice
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.row_maker import Row


class TableModule:
    """The APSW module of one table."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, connection: apsw.Connection, *_: str) -> tuple[str, BoxTable]:
        """Tell SQLite of the table's columns."""
        self._session.opened.clear()
        return self._table.schema, BoxTable(self._table, self._session, connection)

    Create = Connect


class BoxTable:
    """A table as SQLite sees it."""

    def __init__(self, table: Table, session: Session, connection: apsw.Connection) -> None:
        self.table, self.session = table, session
        self._connection: apsw.Connection = weakref.proxy(connection)  # which keeps this object
        self._requests = RequestReader(table, session)
        self._plans: list[Plan] = []
        self._numbers: dict[Any, int] = {}

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Choose a plan; False where no access path can answer with what is usable."""
        choice = choose(self.table, self._requests.read(info))
        if choice is None:
            return False
        for place, number in enumerate(choice.arguments, start=1):
            info.set_aConstraintUsage_argvIndex(number, place)
            info.set_aConstraintUsage_omit(number, number in choice.omitted)
            if number in choice.sets and self.session.mode.may_batch:
                self.session.mode.has_batched = True
                info.set_aConstraintUsage_in(number, True)
        info.idxNum = self._number(choice)
        self.session.statement.context.want(choice.plan)
        info.idxStr = choice.plan.words if (noted := self.session.mode.noted) is None else _note(noted, choice)
        info.estimatedCost = choice.cost
        info.estimatedRows = choice.rows
        info.orderByConsumed = choice.plan.order is not None
        if choice.unique:
            info.idxFlags = apsw.SQLITE_INDEX_SCAN_UNIQUE
        return True

    def plan(self, number: int) -> Plan:
        """Return a plan by its number; SQLite runs a prepared statement again without choosing anew."""
        return self._plans[number]

    def FindFunction(self, name: str, arguments: int) -> tuple[int, Callable[..., bool | None]] | None:
        """Have SQLite tell of `has_any(column, value)` as of a comparison; with more values it does not.

        So it does of the condition that was read in the statement, and of its values.
        """
        return FUNCTIONS.get(name.lower()) if arguments == COMPARED_WITH_ONE else None

    def Open(self) -> TableCursor | DryRunCursor:
        """Open a cursor."""
        dry_run = self.session.mode.dry_run
        return TableCursor(self) if dry_run is None else DryRunCursor(dry_run, self.session, self.plan)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect

    def UpdateInsertRow(self, rowid: int | None, values: tuple[Any, ...]) -> int:
        """Create the row at Box and return its rowid."""
        self._end_dry_run()
        if rowid is not None:
            raise ProgrammingError(f"the rowid of {self.table.name} is Box's and cannot be set")
        return writes.insert(self.table, self.session, values, ignore=self._ignores_conflicts())

    def UpdateChangeRow(self, rowid: int, new_rowid: int, values: tuple[Any, ...]) -> None:
        """Change the row at Box in the columns that the statement sets."""
        self._end_dry_run()
        writes.update(self.table, self.session, rowid, new_rowid, values, ignore=self._ignores_conflicts())

    def UpdateDeleteRow(self, rowid: int) -> None:
        """Delete the row at Box."""
        self._end_dry_run()
        writes.delete(self.table, self.session, rowid)

    def _end_dry_run(self) -> None:
        """Write nothing in a dry run, which has come to all that is read by then."""
        if self.session.mode.dry_run is not None:
            raise EndOfSet

    def _ignores_conflicts(self) -> bool:
        """Tell whether the statement is an INSERT OR IGNORE or alike; OR REPLACE would have to delete at Box."""
        conflicts = self.session.execution.conflicts
        if conflicts is not None:
            return conflicts.are_ignored
        conflict = self._connection.vtab_on_conflict()
        if conflict == apsw.SQLITE_REPLACE:
            raise NotSupportedError(f"table {self.table.name} takes no REPLACE; use INSERT or UPDATE")
        return conflict == apsw.SQLITE_IGNORE

    def _number(self, choice: Choice) -> int:
        """Return the number of the plan; equal plans have one."""
        plan = choice.plan
        number = self._numbers.setdefault((plan.identity, plan.etag, plan.freshness, plan.told), len(self._plans))
        if number == len(self._plans):
            self._plans.append(choice.plan)
        return number


class TableCursor(Position):
    """One cursor over a table: it follows a shared scan for each xFilter."""

    def __init__(self, table: BoxTable) -> None:
        super().__init__()
        self._table = table
        self._statement = table.session.statement
        self._statement.opened()
        self.plan: Plan | None = None
        self._arguments: tuple[Any, ...] = ()
        self._places: Sequence[int] = ()
        self._is_direct = False
        self._etag: Any = None
        self._written_by: Sequence[tuple[str, int]] = ()
        self._patched: Sequence[tuple[str, int]] = ()
        self._told: Mapping[str, Any] = {}

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin to follow the scan for the values of the statement."""
        self._leave()
        session, plan = self._table.session, self._table.plan(number).as_fresh_as(arguments)
        self._is_direct, self._places = plan.is_direct, plan.places
        if plan.downloaded:
            self.Column = self._column_or_download  # type: ignore[method-assign]
        projection = self._statement.projection
        if projection is not None:
            projection.begin(plan)
        if projection is not None and projection.carrier is not None:
            self._is_direct, self._carrier, self._packed = False, projection.carrier, projection.packed
            self.Column = self._column_or_row  # type: ignore[method-assign]
        self._etag = None if plan.etag is None else arguments[plan.etag.argument]
        self._written_by = plan.written_by if session.execution.is_prepared else ()
        self._told = {term.column: arguments[term.argument] for term in plan.told}
        named, self._patched = named_rows(plan, arguments, session), ()
        if named is None:
            self._patched = self._read_of_patched(plan)
            session.execution.writes.settle()
            self._follow_from_start(plan, arguments)
        else:
            self._rows = named
        self.Next()

    def _follow_from_start(self, plan: Plan, arguments: tuple[Any, ...]) -> None:
        self.plan, self._arguments = plan, plan.scanned(arguments)
        scan = self._statement.prefetch.open(self, plan, self._arguments)
        with self._statement.cache.lock:
            self.begin(scan)

    def _read_of_patched(self, plan: Plan) -> Sequence[tuple[str, int]]:
        """Return the columns of which a JSON Patch is made, with their places in a row.

        Where sets of parameters share what is read, it may be as it was before an earlier set, and tells of nothing.
        """
        table, execution = self._table.table, self._table.session.execution
        if execution.do_sets_share:
            return ()
        names = table.patched(execution.written.get(table.name, ("",)))
        return [(name, plan.places[table.numbers[name]]) for name in names]

    def Next(self) -> None:
        """Go to the next row, with the next page where this one is at its end."""
        while self._next >= len(self._rows):
            if not self._turn():
                self.row = None
                return
        row = self.row = self._rows[self._next]
        if self._is_direct:
            # SQLite asks for each column of each row, so the tuple answers itself.
            self.Column = row.__getitem__  # type: ignore[method-assign, assignment]
        self._next += 1

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self.row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        return self.row[self._places[number]]  # type: ignore[index]  # SQLite asks before Eof only

    def _column_or_download(self, number: int) -> Any:
        """Return a value of the row; that of a column which is not in the row is downloaded."""
        value = cast("Row", self.row)[self._places[number]]
        if not isinstance(value, Remote):
            return value
        check_size(value)
        downloaded = self._statement.prefetch.download(value)
        tell(self._statement.context.warnings)
        return downloaded

    def _column_or_row(self, number: int) -> Any:
        """Return a value of the row; that of the carrier is all that is shown of it."""
        row = cast("Row", self.row)
        return self._packed(row) if number == self._carrier else row[self._places[number]]

    def ColumnNoChange(self, _number: int) -> Any:
        """Tell an UPDATE that it does not change the column."""
        return apsw.no_change

    def Rowid(self) -> Any:
        """Return the rowid of the row, by which it is written."""
        row, table, execution = cast("Row", self.row), self._table.table, self._table.session.execution
        if self._written_by:
            keys = {name: row[place] for name, place in self._written_by}
            execution.note_keys(table, row[-1], {**keys, **self._told})
        if self._patched:
            execution.read[table.name, row[-1]] = {name: row[place] for name, place in self._patched}
        if self._etag is not None:
            execution.etags[table.name, row[-1]] = str(comparable(self._etag))
        if execution.returned is not None and execution.returned.reads(table):
            execution.returned.note(cast("int", row[-1]), self.Column)
        return row[-1]

    def Close(self) -> None:
        """Cancel what nobody waits for any more; with the last cursor of a statement, all that is in flight."""
        if self._statement.is_parents:
            return
        self._leave()
        cancel = self._statement.closed()
        if cancel is not None:
            portal().spawn(cancel)

    def _leave(self) -> None:
        """Follow no scan any more."""
        self.__dict__.pop("Column", None)
        scan = self.end()
        if scan is None or self.plan is None:
            return
        self._statement.prefetch.leave(self)
        for unneeded in self._statement.cache.leave(self.plan, self._arguments, scan):
            portal().spawn(unneeded.aclose)

    def _turn(self) -> bool:
        """Go to the next page; False at the end."""
        page, scan = self._page.following, self.scan
        if page is None and scan is not None:  # the last one may come at the same time as the end
            page = self._page.following if scan.is_finished else self._follow(scan)
        tell(self._statement.context.warnings)
        if page is None:
            return False
        self.turn_to(page)
        return True

    def _follow(self, scan: SharedScan) -> RowPage | None:
        try:
            page = self._statement.prefetch.after(scan, self._page)
        except (Error, KeyboardInterrupt):
            raise
        except Exception as error:
            raise InternalError(f"a scan of {self._table.table.name} failed ({error!r}); please report it") from error
        return page


def _note(noted: list[Choice], choice: Choice) -> str:
    """Take note of a choice, and return its name."""
    noted.append(choice)
    return f"{NOTED}{len(noted) - 1}"
