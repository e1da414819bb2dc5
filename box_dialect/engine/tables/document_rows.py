"""`document_rows`: the records of a document as JSON, without a declaration.

    SELECT r.row, r.value ->> '$.amount'
    FROM files f, document_rows r WHERE r.file_id = f.id AND f.path LIKE '/Invoices/%.json'

It takes the id of a file, and the options of its format, as hidden columns that are compared by `=`. The documents of
the coming rows are downloaded ahead, as many at once as calls may be in flight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import apsw

from box_dialect.api import portal
from box_dialect.catalog.model import DIGITS, Column, DocumentRelation, Type
from box_dialect.catalog.values import comparable
from box_dialect.documents.formats import FORMATS, format_of
from box_dialect.documents.options import OPTIONS, Options
from box_dialect.engine.cache.shared_scan import Position
from box_dialect.engine.documents.document_plan import OF_RECORDS
from box_dialect.engine.tables.document_cursor import Skips, checked, document_of
from box_dialect.errors import ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from box_dialect.documents.formats import Format
    from box_dialect.engine.documents.document_files import DocumentFile, FileTable
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.plan.plan import Plan

COLUMNS: Final = (
    Column("row", Type.INTEGER, nullable=False, doc="Ordinal of the record in the document, from 1."),
    Column("value", Type.JSON, nullable=False, doc="The record, an object."),
    Column("file_id", hidden=True, doc="Id of the file, which a statement has to compare by `=`."),
    Column("format", hidden=True, options=tuple(FORMATS), doc="Format of the document; by default by its extension."),
    *(Column(each.name, hidden=True, doc=each.doc) for each in OPTIONS),
)
DOCUMENT_ROWS: Final = DocumentRelation(
    name="document_rows",
    doc="The records of the document in a file that a statement names by `file_id`, as JSON.",
    columns=COLUMNS,
    key=(),
    module="document_rows",
    takes_inputs=True,
)

_NAMES: Final = tuple(column.name for column in COLUMNS)
_FILE_ID: Final = _NAMES.index("file_id")

_COST: Final = 1_000.0
_COST_WITHOUT: Final = 1e99
_RECORDS: Final = 100
"""Records that a document is thought to have."""


class DocumentRowsModule:
    """The APSW module of the table, and the table as SQLite sees it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def Connect(self, *_: object) -> tuple[str, DocumentRowsModule]:
        """Tell SQLite of the columns."""
        return DOCUMENT_ROWS.schema, self

    Create = Connect

    @property
    def lookup(self) -> Plan:
        """The plan that reads the file of an id, which listings of files answer too."""
        return self.files.lookup_by_id()

    @property
    def files(self) -> FileTable:
        """The table `files`, as it is read for documents."""
        return self.session.statement.documents.table_of(self.session.tables["files"])

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Take the comparisons that give inputs; False where one comes from a table that is read later."""
        taken: dict[int, int] = {}
        for number in range(info.nConstraint):
            column = info.get_aConstraint_iColumn(number)
            if column >= _FILE_ID and info.get_aConstraint_op(number) == apsw.SQLITE_INDEX_CONSTRAINT_EQ:
                if not info.get_aConstraint_usable(number):
                    return False
                taken.setdefault(column, number)
        for place, number in enumerate(taken.values(), start=1):
            info.set_aConstraintUsage_argvIndex(number, place)
            info.set_aConstraintUsage_omit(number, True)
        info.idxStr = OF_RECORDS + " ".join(_NAMES[column] for column in taken)
        # Without a file it is an error, unless conditions that are joined by OR give one in each.
        info.estimatedCost, info.estimatedRows = _COST if _FILE_ID in taken else _COST_WITHOUT, _RECORDS
        self.session.statement.context.want(self.lookup)
        return True

    def Open(self) -> DocumentRowsCursor | DocumentRowsDryRunCursor:
        """Open a cursor."""
        return DocumentRowsCursor(self) if self.session.mode.dry_run is None else DocumentRowsDryRunCursor(self)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect


class DocumentRowsCursor:
    """One cursor over the records of a document."""

    def __init__(self, table: DocumentRowsModule) -> None:
        self._table, self._session, self._statement = table, table.session, table.session.statement
        self._statement.opened()
        self._inputs: Mapping[str, Any] = {}
        self._records: Iterator[str] = iter(())
        self._value: str | None = None
        self._row = self._first = 0

    def Filter(self, _number: int, names: str, arguments: tuple[Any, ...]) -> None:
        """Begin with the first record of the file."""
        self._leave()
        self._inputs = dict(zip(_given(names), arguments, strict=True))
        if "file_id" not in self._inputs:
            raise ProgrammingError(
                f"{DOCUMENT_ROWS.name} reads the documents that a statement names: join it by file_id, as FROM files "
                f"f, {DOCUMENT_ROWS.name} r WHERE r.file_id = f.id"
            )
        file = self._found(comparable(self._inputs["file_id"]))
        if file is not None:
            self._records = self._read(file)
        self.Next()

    def Next(self) -> None:
        """Go to the next record."""
        self._value = next(self._records, None)
        self._row += 1

    def Eof(self) -> bool:
        """Tell whether the records are at an end."""
        return self._value is None

    def Column(self, number: int) -> Any:
        """Return a value of the row; a hidden column has what the statement gives."""
        if number <= 0:
            return self._row if number == 0 else self.Rowid()
        return self._value if number == 1 else self._inputs.get(_NAMES[number])

    def Rowid(self) -> int:
        """Return the number of the record, which no other one of the statement has."""
        return self._first + self._row

    def Close(self) -> None:
        """Let go of the document; with the last cursor of a statement, cancel all that is in flight."""
        if self._statement.is_parents:
            return
        self._leave()
        cancel = self._statement.closed()
        if cancel is not None:
            portal().spawn(cancel)

    def _leave(self) -> None:
        close = getattr(self._records, "close", None)
        self._records, self._value, self._row = iter(()), None, 0
        if close is not None:
            close()

    def _found(self, file_id: Any) -> DocumentFile | None:
        """Return the file of an id, out of a listing where there is one; None where there is no such file."""
        if not isinstance(file_id, str) or not DIGITS.fullmatch(file_id):
            return None
        prefetch, cache = self._statement.prefetch, self._statement.cache
        plan, arguments = self._table.lookup, (file_id,)
        position = Position()
        scan = prefetch.open(position, plan, arguments)
        with cache.lock:
            position.begin(scan)
        try:
            page = scan.first
            while page is not None:
                if page.rows:
                    return self._table.files.file(plan, page.rows[0])
                page = prefetch.after(scan, page)
        finally:
            position.end()
            prefetch.leave(position)
            for unneeded in cache.leave(plan, arguments, scan):
                portal().spawn(unneeded.aclose)
        return None

    def _read(self, file: DocumentFile) -> Iterator[str]:
        given = {name: str(value) for name, value in self._inputs.items() if value is not None and name != "file_id"}
        found = _format(file, given.pop("format", None))
        options = Options.from_arguments(found.name, given)
        document = document_of(self._session, found, file)
        self._first = self._statement.documents.first_number(file)
        if document is None:
            return
        skips = Skips(file)
        records = found.records(document, options, skips)
        try:
            yield from checked(records, file)
        finally:
            close = getattr(records, "close", None)
            if close is not None:
                close()
            skips.tell()


def _given(words: str) -> Sequence[str]:
    """Return the inputs that a plan gives, by its name."""
    return words.removeprefix(OF_RECORDS).split()


def _format(file: DocumentFile, said: str | None) -> Format:
    """Return the format of a file; raises ProgrammingError where there is none."""
    found = format_of(file.name) if said is None else FORMATS.get(said.lower())
    if found is not None:
        return found
    formats = ", ".join(FORMATS)
    if said is not None:
        raise ProgrammingError(f"format of {DOCUMENT_ROWS.name} is one of {formats}, not {printable(said)!r}")
    raise ProgrammingError(
        f"{printable(file.shown_as)} is no document by its extension: compare {DOCUMENT_ROWS.name}.format with one of "
        f"{formats}, or leave such files out, as by f.extension IN ('json', 'csv')"
    )


class DocumentRowsDryRunCursor:
    """The cursor in a dry run: it has no rows, and notes which files and documents are going to be read."""

    def __init__(self, table: DocumentRowsModule) -> None:
        self._table, self._run = table, table.session.mode.dry_run
        self._number = 0

    def Filter(self, _number: int, names: str, arguments: tuple[Any, ...]) -> None:
        """Note the file of an id, or its document where the file is known."""
        run, file_id = self._run, comparable(dict(zip(_given(names), arguments, strict=True)).get("file_id"))
        if run is None or not isinstance(file_id, str) or not DIGITS.fullmatch(file_id):
            return
        run.leave(self._number)
        self._number = run.begin()
        plan = self._table.lookup
        known = run.read_so_far(plan, (file_id,), is_first=False)
        if not known.is_begun:
            run.note_scan(plan, (file_id,))
        row = next(iter(known.rows), None)
        if row is not None:
            file = self._table.files.file(plan, row)
            if not self._table.session.statement.documents.is_begun(file):
                run.note_document(file)
        run.doubt(self._number)

    def Next(self) -> None:
        """Do nothing: there is no row."""

    def Eof(self) -> bool:
        """Tell that there is no row."""
        return True

    def Column(self, _number: int) -> None:
        """Return nothing."""

    def Rowid(self) -> int:
        """Return no rowid."""
        return 0

    def Close(self) -> None:
        """End the doubts that came with it."""
        if self._run is not None:
            self._run.leave(self._number)


def install_document_rows(connection: apsw.Connection, session: Session) -> None:
    """Have a connection know the table."""
    connection.create_module(
        DOCUMENT_ROWS.module,
        cast("Any", DocumentRowsModule(session)),  # APSW's protocol asks for methods that it does not need
        use_bestindex_object=True,
        iVersion=1,
        eponymous=True,
        read_only=True,
    )
