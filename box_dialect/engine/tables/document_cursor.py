"""The cursor over a table of documents: it reads one file after another, while the next ones are downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import EndOfPreviewError, portal
from box_dialect.documents.model import NumberedBatch
from box_dialect.engine.caller_warnings import warn
from box_dialect.engine.documents.document_files import fits
from box_dialect.engine.documents.keyed_rows import KeyedRows
from box_dialect.errors import BoxDocumentWarning, Error, InternalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from box_dialect.documents.formats import Format
    from box_dialect.documents.model import Comparison, Document
    from box_dialect.engine.documents.document_files import DocumentFile
    from box_dialect.engine.documents.document_plan import DocumentPlan
    from box_dialect.engine.documents.document_source import DocumentSource
    from box_dialect.engine.execution.session import Session

Batch = Sequence[Sequence[Any]]


class ReadTable:
    """A table of documents as its cursors see it: where its rows come from, the types of its columns, and its plans."""

    def __init__(self, name: str, source: DocumentSource, session: Session) -> None:
        self.name, self.source, self.session = name, source, session
        self.types = [column.type for column in source.columns]
        self.plans: list[DocumentPlan] = []


class Skips:
    """What is left out of one document, of which the statement warns at the end of it."""

    def __init__(self, file: DocumentFile) -> None:
        self._file, self._count, self._first = file, 0, ""

    def __call__(self, message: str) -> None:
        """Count a part that is left out."""
        self._first = self._first or message
        self._count += 1

    def tell(self) -> None:
        """Warn of what was left out, if anything was."""
        if self._count:
            warn(
                f"{self._file.shown_as}: {self._count:,} {'part' if self._count == 1 else 'parts'} could not be read "
                f"and {'was' if self._count == 1 else 'were'} skipped; the first: {self._first}",
                BoxDocumentWarning,
            )


class DocumentCursor:
    """One cursor over a table of documents."""

    def __init__(self, table: ReadTable) -> None:
        self._table, self._session = table, table.session
        self._statement = table.session.statement
        self._statement.opened()
        self._count = len(table.source.table.columns)
        self._batches: Iterator[Batch] = iter(())
        self._batch: Batch = ()
        self._rows: Iterator[Sequence[Any]] = iter(())
        self._base = 0
        self._row: Sequence[Any] | None = None
        self._file: DocumentFile | None = None
        self._places: dict[int, int] = {}
        self._is_keyed = False

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin with the rows of the first file."""
        self._leave()
        plan = self._table.plans[number]
        self._places = {column: place for place, column in enumerate(plan.columns)}
        self._statement.documents.coming[self._table, number] = self._coming
        self._batches = self._begun(plan, arguments)
        self.Next()

    def Next(self) -> None:
        """Go to the next row, with the next batch where this one is at its end."""
        row = next(self._rows, None)
        while row is None:
            batch = next(self._batches, None)
            if batch is None:
                self._batch = ()
                break
            self._batch, self._rows = batch, iter(batch)
            row = next(self._rows, None)
        self._row = row

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row, or of its file; -1 is the rowid."""
        try:
            return self._row[self._places[number]]  # type: ignore[index]
        except KeyError:
            if number < 0:
                return self.Rowid()
            file = self._file_of(self._row)
            return None if file is None else file.hidden[number - self._count]

    def Rowid(self) -> int:
        """Return the number of the row, by which SQLite knows it again where conditions are joined by OR."""
        if self._is_keyed and self._row is not None:
            number: int = self._row[-2]
            return number
        return self._base + self._place

    def Close(self) -> None:
        """Let go of the document; with the last cursor of a statement, cancel all that is in flight."""
        if self._statement.is_parents:
            return
        self._leave()
        cancel = self._statement.closed()
        if cancel is not None:
            portal().spawn(cancel)

    def _leave(self) -> None:
        """Read no document any more."""
        close = getattr(self._batches, "close", None)
        self._batches, self._batch, self._rows, self._base = iter(()), (), iter(()), 0
        self._row = self._file = None
        self._is_keyed = False
        if close is not None:
            close()

    def _coming(self) -> Iterator[tuple[Sequence[Any], DocumentFile | None]]:
        """Give the row that the cursor stands on, and those behind it that were read."""
        for row in self._batch[max(self._place, 0) :]:
            yield row, self._file_of(row)

    @property
    def _place(self) -> int:
        """Where the row is in its batch."""
        return len(self._batch) - length_hint(self._rows) - 1

    def _file_of(self, row: Sequence[Any] | None) -> DocumentFile | None:
        return row[-1] if self._is_keyed and row is not None else self._file

    def _begun(self, plan: DocumentPlan, arguments: Sequence[Any]) -> Iterator[Batch]:
        """Return the batches of rows for the values of the statement.

        What looks rows up by a column for the second time has them by its values from then on.
        """
        if plan.key is None:
            return self._batches_of(plan, arguments)
        keyed, files = self._statement.documents.keyed, plan.compared_files(arguments)
        known: Hashable = self._table, plan
        if known not in keyed:
            column = plan.own[plan.key][0]
            keyed[known] = KeyedRows(self._places[column], self._table.types[column], files)
            return self._batches_of(plan, arguments)
        return self._looked_up(plan, arguments, known)

    def _looked_up(self, plan: DocumentPlan, arguments: Sequence[Any], known: Hashable) -> Iterator[Batch]:
        """Give the rows of one value of the key; of all files, where they are not looked up in the same ones."""
        keyed, files = self._statement.documents.keyed, plan.compared_files(arguments)
        found = keyed[known]
        if found is not None and found.files not in ([], files):
            found = keyed[known] = found.of_all()
        if found is not None and not found.is_built:
            values = [value for _, _, value in found.files]
            if not found.build(self._numbered(self._batches_of(plan, values))):
                found = keyed[known] = None
        if found is None:
            yield from self._batches_of(plan, arguments)
            return
        self._is_keyed = True
        yield found.find(plan.key_value(arguments))

    def _numbered(self, batches: Iterable[Batch]) -> Iterator[Sequence[Any]]:
        """Give rows with their numbers and files behind their values."""
        for batch in batches:
            for number, row in enumerate(batch, start=self._base):
                yield (*row, number, self._file)

    def _batches_of(self, plan: DocumentPlan, arguments: Sequence[Any]) -> Iterator[Batch]:
        """Read the documents that are meant, one after another."""
        session, source, documents = self._session, self._table.source, self._statement.documents
        also = plan.compared_files(arguments)
        has_own = len(arguments) > len(plan.files)
        comparisons = [*plan.compared_rows(arguments, self._table.types)] if has_own else []
        files = session.run(documents.files, source.told.files, also, session.tables["files"])
        if not files and source.told.files.is_one_file and not also:
            raise ProgrammingError(
                f"the file of table {self._table.name}, {source.told.files.words}, is not there any more, or the "
                "signed-in user does not see it"
            )
        for place, file in enumerate(files):
            if len(files) > 1 and source.told.format.name not in READ_BY_RANGES:
                documents.begin_ahead(files[place : place + 1 + session.execution.width])
            self._file = file
            yield from self._rows_of(file, plan.columns, comparisons)

    def _rows_of(
        self, file: DocumentFile, columns: Sequence[int], comparisons: Sequence[Comparison]
    ) -> Iterator[Batch]:
        """Read one document."""
        told = self._table.source.told
        document = document_of(self._session, told.format, file)
        if document is None:
            return
        skips = Skips(file)
        batches = told.format.rows(document, told.options, self._table.source.table, columns, comparisons, skips)
        first = self._statement.documents.first_number(file)
        row = 0
        try:
            for batch in checked(batches, file):
                row = batch.first if isinstance(batch, NumberedBatch) else row
                self._base = first + row
                yield batch
                row += len(batch)
        finally:
            close = getattr(batches, "close", None)
            if close is not None:
                close()
            skips.tell()


def document_of(session: Session, of_format: Format, file: DocumentFile) -> Document | None:
    """Return the document of a file: downloaded, or where its format is read by parts, to be fetched by ranges.

    None where a preview makes no further call.
    """
    statement = session.statement
    remote = statement.documents.remote(file) if of_format.name in READ_BY_RANGES else None
    return statement.prefetch.document(file) if remote is None else remote


READ_BY_RANGES: Final = frozenset({"parquet"})
"""The formats of which a statement reads the parts that it needs."""


def checked(found: Iterable[Any], file: DocumentFile) -> Iterator[Any]:
    """Give what a reader gives; an error of its own is one of the driver's."""
    try:
        yield from found
    except EndOfPreviewError:
        return
    except (Error, MemoryError):
        raise
    except Exception as error:
        raise InternalError(f"{file.shown_as} could not be read ({error!r}); please report it") from error


class DocumentDryRunCursor:
    """The cursor over a table of documents in a dry run: it gives the rows that were read, and notes what was not."""

    def __init__(self, table: ReadTable) -> None:
        self._table, self._run = table, table.session.mode.dry_run
        self._count = len(table.source.table.columns)
        self._rows: Iterator[tuple[Sequence[Any], DocumentFile | None]] = iter(())
        self._row: tuple[Sequence[Any], DocumentFile | None] | None = None
        self._number = 0

    def Filter(self, number: int, _words: str | None, arguments: tuple[Any, ...]) -> None:
        """Begin with the rows that were read, which a cursor is yet to give."""
        table, plan = self._table, self._table.plans[number]
        self._places = {column: place for place, column in enumerate(plan.columns)}
        self._rows = iter(())
        if self._run is not None:
            self._run.leave(self._number)
            self._number = self._run.begin()
            self._note(plan, arguments)
            coming = table.session.statement.documents.coming.get((table, number))
            self._rows = self._found(() if coming is None else coming())
        self.Next()

    def Next(self) -> None:
        """Go to the next row."""
        self._row = next(self._rows, None)

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._row is None

    def Column(self, number: int) -> Any:
        """Return a value of the row, or of its file; -1 is the rowid."""
        if self._row is None or number < 0:
            return 0
        row, file = self._row
        if number >= self._count:
            return None if file is None else file.hidden[number - self._count]
        return row[self._places[number]]

    def Rowid(self) -> int:
        """Return no rowid, which nothing depends on."""
        return 0

    def Close(self) -> None:
        """End the doubts that came with its rows."""
        if self._run is not None:
            self._run.leave(self._number)
        self._rows = iter(())

    def _note(self, plan: DocumentPlan, arguments: Sequence[Any]) -> None:
        """Note the documents that are going to be read."""
        documents, also = self._table.session.statement.documents, plan.compared_files(arguments)
        known = documents.known_files(self._table.source.told.files, also) or ()
        for file in known:
            if self._run is not None and not documents.is_begun(file) and all(fits(file, each) for each in also):
                self._run.note_document(file)

    def _found(
        self, coming: Iterable[tuple[Sequence[Any], DocumentFile | None]]
    ) -> Iterator[tuple[Sequence[Any], DocumentFile | None]]:
        run = self._run
        if run is None:
            return
        for each in coming:
            run.step()
            run.move_on(self._number)
            yield each
        run.move_on(self._number)
        run.doubt(self._number)
