"""Documents as SQLite virtual tables: `CREATE VIRTUAL TABLE people USING xml(path = '/HR/people.xml')`.

What is compared with `file_id`, `file_path` and `file_modified_at` leaves out files before they are downloaded, what is
compared with columns of the document may leave out parts of it. SQLite compares all of it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from box_dialect.catalog.model import BINARY, Op, Type
from box_dialect.documents.formats import FORMATS
from box_dialect.engine.documents.document_files import FILE_COLUMNS, may_compare
from box_dialect.engine.documents.document_plan import OF_DOCUMENTS, DocumentPlan
from box_dialect.engine.documents.document_source import DocumentSource
from box_dialect.engine.tables.document_cursor import DocumentCursor, DocumentDryRunCursor, ReadTable
from box_dialect.engine.tables.document_rows import install_document_rows
from box_dialect.engine.tables.index_request import OPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import apsw

    from box_dialect.engine.execution.session import Session

_ROWS: Final = 10_000
"""Rows that the documents of a table are thought to have."""
_COST_OF_ROW: Final = 10.0
_COST_OF_KEY: Final = 1_000.0
_ROWS_OF_KEY: Final = 10
_SHARE_OF_FILES: Final = 0.1
"""The part of the rows that is thought to be in the files which a comparison leaves."""

_COLUMNS_TOLD: Final = 63
"""Columns that SQLite tells of one by one; it tells of all further ones together."""


class DocumentModule:
    """The APSW module of one format."""

    def __init__(self, format_name: str, session: Session) -> None:
        self._format, self._session = format_name, session

    def Connect(
        self, _connection: apsw.Connection, _module: str, _schema: str, name: str, *arguments: str
    ) -> tuple[str, DocumentVirtualTable]:
        """Tell SQLite of the table's columns; no call is made."""
        source = DocumentSource.read(self._format, arguments)
        return source.schema, DocumentVirtualTable(name, source, self._session)

    Create = Connect


class DocumentVirtualTable(ReadTable):
    """A table of documents as SQLite sees it."""

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Choose what is read, and what is compared before it is."""
        files, own = self._comparisons(info)
        numbers = [*files, *own]
        for place, number in enumerate(numbers, start=1):
            info.set_aConstraintUsage_argvIndex(number, place)
            if number in files and info.get_aConstraintUsage_in(number):
                info.set_aConstraintUsage_in(number, self.session.mode.may_batch)
                self.session.mode.has_batched |= self.session.mode.may_batch
        used = self._used(info)
        keys = (place for place, (column, op) in enumerate(own.values()) if column in used and self._is_key(column, op))
        key = next(keys, None)
        plan = DocumentPlan(used, tuple(files.values()), tuple(own.values()), key)
        if plan not in self.plans:
            self.plans.append(plan)
        info.idxNum, info.idxStr = self.plans.index(plan), self._words(plan)
        rows = _ROWS * (_SHARE_OF_FILES if files else 1.0)
        info.estimatedCost = rows * _COST_OF_ROW if key is None else _COST_OF_KEY
        info.estimatedRows = int(rows) if key is None else _ROWS_OF_KEY
        return True

    def Open(self) -> DocumentCursor | DocumentDryRunCursor:
        """Open a cursor."""
        return DocumentCursor(self) if self.session.mode.dry_run is None else DocumentDryRunCursor(self)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect

    def _comparisons(self, info: apsw.IndexInfo) -> tuple[Mapping[int, tuple[str, Op]], Mapping[int, tuple[int, Op]]]:
        """Return the comparisons of files and of the document's columns, by SQLite's numbers."""
        files: dict[int, tuple[str, Op]] = {}
        own: dict[int, tuple[int, Op]] = {}
        for number in range(info.nConstraint):
            op = OPS.get(info.get_aConstraint_op(number))
            if op is None or not info.get_aConstraint_usable(number):
                continue
            column = info.get_aConstraint_iColumn(number)
            of_file = FILE_COLUMNS.get(self.source.columns[column].name) if column >= 0 else None
            is_batch = info.get_aConstraintUsage_in(number)
            is_binary = info.get_aConstraint_collation(number) == BINARY
            if of_file is not None:
                op = Op.IN if is_batch and self.session.mode.may_batch else op
                is_sorted = of_file == "modified_at" or is_binary or op in {Op.LIKE, Op.GLOB}
                if is_sorted and may_compare(of_file, op):
                    files[number] = (of_file, op)
            elif column >= 0 and op in _TOLD and (is_binary or self.types[column] in _OF_MOMENTS):
                own[number] = (column, op)
        return files, own

    def _is_key(self, column: int, op: Op) -> bool:
        return op is Op.EQ and self.types[column] not in _OF_MOMENTS

    def _used(self, info: apsw.IndexInfo) -> tuple[int, ...]:
        """Return the numbers of the document's columns that are read."""
        count, told = len(self.source.table.columns), info.colUsed
        further = range(_COLUMNS_TOLD, count) if _COLUMNS_TOLD in told else ()
        return (*(number for number in sorted(told) if number < min(count, _COLUMNS_TOLD)), *further)

    def _words(self, plan: DocumentPlan) -> str:
        """Return the plan as `EXPLAIN QUERY PLAN` shows it."""
        names = {column: name for name, column in FILE_COLUMNS.items()}
        taken = [f"{names[column]} {op.value} ?" for column, op in plan.files]
        taken += [f"{self.source.columns[column].name} {op.value}" for column, op in plan.own]
        return f"{OF_DOCUMENTS}{self.source.told.files.words}" + (f" ({', '.join(taken)})" if taken else "")


_TOLD: Final = frozenset({Op.EQ, Op.LT, Op.LE, Op.GT, Op.GE, Op.IS_NULL, Op.NOT_NULL})
_OF_MOMENTS: Final = frozenset({Type.DATE, Type.TIMESTAMP})


def install_documents(connection: apsw.Connection, session: Session) -> None:
    """Have a connection know the formats of documents as modules of virtual tables, and the table `document_rows`."""
    install_document_rows(connection, session)
    for name in FORMATS:
        connection.create_module(
            name,
            cast("Any", DocumentModule(name, session)),  # APSW's protocol asks for methods that it does not need
            use_bestindex_object=True,
            iVersion=1,
            read_only=True,
        )
