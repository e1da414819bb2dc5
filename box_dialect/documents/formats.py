"""The formats of documents, whose readers are imported when a document is read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, cast

from box_dialect.errors import NotSupportedError
from box_dialect.extras import extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from box_dialect.documents.model import Comparison, Document, DocumentTable
    from box_dialect.documents.options import Options

Skipped = Callable[[str], None]
"""Takes the message for what `on_error='skip'` leaves out."""

_COMPRESSED: Final = (".gz", ".bz2")


def _unheard(_message: str) -> None:
    """Take a message that nobody wants."""


class Reader(Protocol):
    """What the module of a format has. Each raises DataError that names file, line and column for what is no such.

    Nothing is kept between calls, so that readers may run on any thread.
    """

    def tables(self, document: Document, options: Options) -> tuple[DocumentTable, ...]:
        """Return the tables of a document, the outermost first; reads what `row_scan_depth` rows take."""

    def table_at(self, document: Document, options: Options, name: str) -> DocumentTable | None:
        """Return the table that a dotted name means, `people.vehicles` or `vehicles`, within `tables()`; or None."""

    def rows(
        self,
        document: Document,
        options: Options,
        table: DocumentTable,
        columns: Sequence[int],
        comparisons: Sequence[Comparison],
        skipped: Skipped,
    ) -> Iterator[Sequence[tuple[object, ...]]]:
        """Yield batches of rows in document order, as they are read, with the values of just these columns."""

    def records(self, document: Document, options: Options, skipped: Skipped) -> Iterator[str]:
        """Yield each row of the outermost table as a JSON object."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, the extensions of its files, and the module that reads it. Raises as `Reader` does."""

    name: str
    extensions: tuple[str, ...]
    module: str

    def tables(self, document: Document, options: Options) -> tuple[DocumentTable, ...]:
        """Return the tables of a document, the outermost first; reads what `row_scan_depth` rows take."""
        return self._reader().tables(document, options)

    def table_at(self, document: Document, options: Options, name: str) -> DocumentTable | None:
        """Return the table that a dotted name means, `people.vehicles` or `vehicles`, within `tables()`; or None."""
        return self._reader().table_at(document, options, name)

    def rows(
        self,
        document: Document,
        options: Options,
        table: DocumentTable,
        columns: Sequence[int],
        comparisons: Sequence[Comparison] = (),
        skipped: Skipped = _unheard,
    ) -> Iterator[Sequence[tuple[object, ...]]]:
        """Yield batches of rows in document order, as they are read, with the values of just these columns.

        `columns` are indexes into the columns of the table. Where a comparison is false of a row, it may be left out.
        With `on_error='skip'`, `skipped` is called with the reason for each row that is left out as unreadable.
        """
        return self._reader().rows(document, options, table, columns, comparisons, skipped)

    def records(self, document: Document, options: Options, skipped: Skipped = _unheard) -> Iterator[str]:
        """Yield each row of the outermost table as a JSON object; `skipped` is called as by `rows()`."""
        return self._reader().records(document, options, skipped)

    def _reader(self) -> Reader:
        try:
            with extra("documents", f"documents.{self.module}"):
                return cast("Reader", importlib.import_module(f"box_dialect.documents.{self.module}"))
        except ModuleNotFoundError as error:
            raise NotSupportedError(str(error)) from None


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Format("xml", (".xml",), "xml_reader"),
            Format("json", (".json", ".ndjson", ".jsonl"), "json_reader"),
            Format("csv", (".csv", ".tsv", ".tab"), "csv_reader"),
            Format("parquet", (".parquet",), "parquet_reader"),
            Format("excel", (".xlsx", ".xlsm", ".xls"), "workbook"),
        )
    }
)
"""Each format by its name, which is that of the module in `USING xml(…)`."""


def format_of(name: str) -> Format | None:
    """Return the format of a file by its extension, in any case, before that of a compression; or None."""
    lowered = name.lower()
    for compression in _COMPRESSED:
        lowered = lowered.removesuffix(compression)
    return next((each for each in FORMATS.values() if lowered.endswith(each.extensions)), None)
