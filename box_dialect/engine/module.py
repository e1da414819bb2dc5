"""The tables of the catalog as SQLite virtual tables, through APSW.

Source: https://www.sqlite.org/vtab.html and https://rogerbinns.github.io/apsw/vtable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import apsw

from box_dialect.catalog.model import BINARY, Op, Table
from box_dialect.engine import write
from box_dialect.engine.plan import Choice, Constraint, Plan, Request, choose
from box_dialect.engine.rows import used_columns
from box_dialect.engine.scan import Scan
from box_dialect.errors import Error, InternalError, NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session

_OPS: Final = {
    apsw.SQLITE_INDEX_CONSTRAINT_EQ: Op.EQ,
    apsw.SQLITE_INDEX_CONSTRAINT_GT: Op.GT,
    apsw.SQLITE_INDEX_CONSTRAINT_GE: Op.GE,
    apsw.SQLITE_INDEX_CONSTRAINT_LT: Op.LT,
    apsw.SQLITE_INDEX_CONSTRAINT_LE: Op.LE,
    apsw.SQLITE_INDEX_CONSTRAINT_LIKE: Op.LIKE,
    apsw.SQLITE_INDEX_CONSTRAINT_GLOB: Op.GLOB,
    apsw.SQLITE_INDEX_CONSTRAINT_MATCH: Op.MATCH,
}
_REMEMBERED_ROWS: Final = 1_000
"""Rows of one scan that are worth remembering for its repetition."""


class TableModule:
    """The APSW module of one table."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table, self._session = table, session

    def Connect(self, connection: apsw.Connection, *_: str) -> tuple[str, BoxTable]:
        """Tell SQLite of the table's columns."""
        return self._table.schema, BoxTable(self._table, self._session, connection)

    Create = Connect


class BoxTable:
    """A table as SQLite sees it."""

    def __init__(self, table: Table, session: Session, connection: apsw.Connection) -> None:
        self.table, self.session, self._connection = table, session, connection
        self._plans: list[Plan] = []
        self._numbers: dict[Any, int] = {}

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Choose a plan; False where no access path can answer with what is usable."""
        choice = choose(self.table, self._request(info))
        if choice is None:
            return False
        for place, number in enumerate(choice.arguments, start=1):
            info.set_aConstraintUsage_argvIndex(number, place)
            info.set_aConstraintUsage_omit(number, number in choice.omitted)
            if number in choice.sets and self.session.may_batch:
                self.session.has_batched = True
                info.set_aConstraintUsage_in(number, True)
        info.idxNum = self._number(choice)
        info.idxStr = choice.plan.words
        info.estimatedCost = choice.cost
        info.estimatedRows = choice.rows
        info.orderByConsumed = choice.plan.order is not None
        if choice.unique:
            info.idxFlags = apsw.SQLITE_INDEX_SCAN_UNIQUE
        return True

    def plan(self, number: int) -> Plan:
        """Return a plan by its number; SQLite runs a prepared statement again without choosing anew."""
        return self._plans[number]

    def Open(self) -> TableCursor:
        """Open a cursor."""
        return TableCursor(self)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect

    def UpdateInsertRow(self, rowid: int | None, values: tuple[Any, ...]) -> int:
        """Create the row at Box and return its rowid."""
        if rowid is not None:
            raise ProgrammingError(f"the rowid of {self.table.name} is Box's and cannot be set")
        return write.insert(self.table, self.session, values, ignore=self._ignores_conflicts())

    def UpdateChangeRow(self, rowid: int, new_rowid: int, values: tuple[Any, ...]) -> None:
        """Change the row at Box in the columns that the statement sets."""
        write.update(self.table, self.session, rowid, new_rowid, values, ignore=self._ignores_conflicts())

    def UpdateDeleteRow(self, rowid: int) -> None:
        """Delete the row at Box."""
        write.delete(self.table, self.session, rowid)

    def _ignores_conflicts(self) -> bool:
        """Tell whether the statement is an INSERT OR IGNORE or alike; OR REPLACE would have to delete at Box."""
        conflict = self._connection.vtab_on_conflict()
        if conflict == apsw.SQLITE_REPLACE:
            raise NotSupportedError(f"table {self.table.name} takes no REPLACE; use INSERT or UPDATE")
        return conflict == apsw.SQLITE_IGNORE

    def _number(self, choice: Choice) -> int:
        """Return the number of the plan; equal plans have one."""
        plan = choice.plan
        key = (
            id(plan.path),
            plan.keys,
            tuple((id(f), terms) for f, terms in plan.filters),
            plan.scope,
            plan.order and plan.order.column,
            plan.descending,
            plan.limit,
            plan.offset,
            plan.etag,
            plan.columns,
        )
        number = self._numbers.setdefault(key, len(self._plans))
        if number == len(self._plans):
            self._plans.append(plan)
        return number

    def _request(self, info: apsw.IndexInfo) -> Request:
        constraints: list[Constraint] = []
        limits: dict[int, int] = {}
        for number in range(info.nConstraint):
            op, usable = info.get_aConstraint_op(number), info.get_aConstraint_usable(number)
            if op in {apsw.SQLITE_INDEX_CONSTRAINT_LIMIT, apsw.SQLITE_INDEX_CONSTRAINT_OFFSET}:
                if usable:
                    limits[op] = number
                continue
            column = info.get_aConstraint_iColumn(number)
            if op in _OPS and column >= 0:
                kind = Op.IN if info.get_aConstraintUsage_in(number) else _OPS[op]
                declared, collation = self.table.columns[column], info.get_aConstraint_collation(number)
                if collation == declared.collation:
                    collation = BINARY
                constraints.append(Constraint(number, declared.name, kind, usable=usable, collation=collation))
        order = [(info.get_aOrderBy_iColumn(number), info.get_aOrderBy_desc(number)) for number in range(info.nOrderBy)]
        return Request(
            tuple(constraints),
            tuple((self.table.columns[column].name if column >= 0 else "rowid", desc) for column, desc in order),
            limits.get(apsw.SQLITE_INDEX_CONSTRAINT_LIMIT),
            limits.get(apsw.SQLITE_INDEX_CONSTRAINT_OFFSET),
            used_columns(info.colUsed, self.table).union(self._returned()),
        )

    def _returned(self) -> tuple[int, ...]:
        """Return the columns that are read only to be returned by a DELETE."""
        returned = self.session.execution.returned
        return returned.columns if returned is not None and returned.reads(self.table) else ()


class TableCursor:
    """One cursor over a table: it runs a scan for each xFilter, and reads rows out of its pages."""

    def __init__(self, table: BoxTable) -> None:
        self._table = table
        self._statement = table.session.statement
        self._places: dict[int, int] = {}
        self._scan: Scan | None = None
        self._scan_key: Hashable = None
        self._kept: list[Row] | None = None
        self._page: list[Row] = []
        self._next = 0
        self._row: Row | None = None
        self._etag: Any = None

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin a scan with the values of the statement."""
        self.Close()
        session, plan = self._table.session, self._table.plan(number)
        self._statement = session.statement
        self._places = {column: place for place, column in enumerate(plan.columns, start=1)}
        self._scan_key = (id(plan), *(frozenset(a) if isinstance(a, set) else (type(a), a) for a in arguments))
        self._etag = None if plan.etag is None else arguments[plan.etag.argument]
        self._kept = []
        remembered = write.named_rows(plan, arguments, session)
        if remembered is None:
            session.execution.writes.settle()
            remembered = self._statement.recall(self._scan_key)
        if remembered is None:
            self._scan = Scan(plan, arguments, session.client, self._statement.count)
        self._page, self._next = remembered or [], 0
        self.Next()

    def Next(self) -> None:
        """Go to the next row, with the next page where this one is at its end."""
        while self._next >= len(self._page):
            if self._scan is None:
                self._row = None
                return
            self._turn(self._scan)
        self._row = self._page[self._next]
        self._next += 1

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row; -1 is the rowid."""
        return self._row[self._places[number] if number >= 0 else 0]  # type: ignore[index]  # SQLite asks before Eof only

    def ColumnNoChange(self, _number: int) -> Any:
        """Tell an UPDATE that it does not change the column."""
        return apsw.no_change

    def Rowid(self) -> Any:
        """Return the rowid of the row, by which it is written."""
        row, table, execution = cast("Row", self._row), self._table.table, self._table.session.execution
        if self._etag is not None:
            execution.etags[table.name, row[0]] = str(self._etag)
        if execution.returned is not None and execution.returned.reads(table):
            execution.returned.note(row, self._places)
        return row[0]

    def Close(self) -> None:
        """Cancel what the scan still has in flight."""
        if self._scan is not None:
            self._table.session.portal.spawn(self._scan.aclose)
        self._scan, self._page, self._next, self._row = None, [], 0, None

    def _turn(self, scan: Scan) -> None:
        """Replace the page by the next one; at the end, remember the rows if they are few."""
        try:
            page = self._table.session.run(scan.next_page)
        except (Error, KeyboardInterrupt):
            raise
        except Exception as error:
            raise InternalError(f"a scan of {self._table.table.name} failed ({error!r}); please report it") from error
        if page is None:
            self._scan = None
            if self._kept is not None:
                self._statement.remember(self._scan_key, self._kept)
            self._page, self._next = [], 0
            return
        self._page, self._next = page, 0
        if self._kept is not None:
            self._kept = [*self._kept, *page] if len(self._kept) + len(page) <= _REMEMBERED_ROWS else None


def install(connection: apsw.Connection, session: Session, tables: Iterable[Table]) -> None:
    """Make the tables known to a connection, in its schema `temp`; none costs a call until it is used.

    There a statement on Box takes no lock of the local database. `main.NAME` reaches a table as well, as BI tools ask.
    """
    created = []
    for table in tables:
        connection.create_module(
            table.name,
            cast("Any", TableModule(table, session)),  # APSW's protocol asks for methods that it does not need
            use_bestindex_object=True,
            use_no_change=True,
            iVersion=1,
            eponymous=True,
            read_only=not table.is_writable,
        )
        created.append(f'CREATE VIRTUAL TABLE temp."{table.name}" USING "{table.name}"')
    authorizer, connection.authorizer = connection.authorizer, None  # it lets no statement make such a table
    connection.execute(";".join(["BEGIN", *created, "COMMIT"]))
    connection.authorizer = authorizer
