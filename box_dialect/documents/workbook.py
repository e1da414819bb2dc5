"""Excel workbooks: a sheet, or a range of one, as a table; read by fastexcel as a whole, within `workbook_bounds`.

The first row with a value has the names of the columns. What stands in the cells tells the types of the columns, of
all rows: numbers that are whole throughout are integers, moments that are at midnight throughout are dates, and a
column of several kinds is text. Cells with an error are NULL.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import fastexcel
import pyarrow as pa

from box_dialect.documents.arrow_values import ArrowValues, column_type
from box_dialect.documents.bounds import BATCH_ROWS
from box_dialect.documents.headers import unique_names
from box_dialect.documents.json_rows import json_objects
from box_dialect.documents.model import ColumnType, DocumentColumn, DocumentTable, stem
from box_dialect.documents.workbook_bounds import WORKBOOK_BYTES, check_workbook
from box_dialect.errors import DataError, ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.documents.formats import Skipped
    from box_dialect.documents.model import Comparison, Document
    from box_dialect.documents.options import Options

_RANGE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7}):\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_MIXED: Final = re.compile(r"determine dtype for column (\S+)")
_MIDNIGHT: Final = " 00:00:00.000000"
_NO_DAY: Final = "1899-12-31 "
"""The day that a time without one has."""

_RETRIES: Final = 8

logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # else Python prints what it warns of


def tables(document: Document, options: Options) -> tuple[DocumentTable, ...]:
    """Return the table of the sheet that `options.sheet` names, or those of all sheets that have cells.

    The first is called by the stem of the file, the others by that and their sheet, `sales.Second`. Raises
    ProgrammingError where there is no such sheet, and DataError where none has cells.
    """
    book = _Workbook(document, options)
    if options.sheet is not None:
        return (book.table(book.sheet(options.sheet), stem(document)),)
    found: list[DocumentTable] = []
    for sheet in book.sheets:
        grid = book.grid(sheet)
        if grid is not None:
            found.append(book.table(sheet, f"{stem(document)}.{sheet}" if found else stem(document)))
    if not found:
        raise DataError(f"{document.name} has no sheet with cells in it")
    return tuple(found)


def table_at(document: Document, options: Options, name: str) -> DocumentTable | None:
    """Return the table of a sheet, by the stem of the file and the sheet's name, such as `sales.Second`, or None."""
    book = _Workbook(document, options)
    tables_by_name = {f"{stem(document)}.{sheet}".lower(): sheet for sheet in reversed(book.sheets)}
    sheet = tables_by_name.get(name.lower())
    return None if sheet is None else book.table(sheet, f"{stem(document)}.{sheet}")


def rows(
    document: Document,
    options: Options,
    table: DocumentTable,
    columns: Sequence[int],
    comparisons: Sequence[Comparison],
    skipped: Skipped,
) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield batches of rows; columns are found by their names.

    Raises DataError where the workbook is broken, beyond the bounds, or has no longer a column of the table.
    """
    del comparisons, skipped
    book = _Workbook(document, options)
    grid = book.grid(book.sheet(table.layout["sheet"]))
    if grid is None:
        raise DataError(f"{document.name} no longer fits its table, since its sheet has no cells")
    there = {name.lower(): place for place, name in enumerate(grid.names)}
    wanted = [table.columns[column] for column in columns]
    for column in wanted:
        if column.name.lower() not in there:
            raise DataError(
                f"{document.name} no longer fits its table, since it has no column {printable(column.name)!r}: "
                f"create the table again"
            )
    places = [there[column.name.lower()] for column in wanted]
    data = book.data(grid, places or [0])
    values = ArrowValues(document.name)
    for first in range(0, data.num_rows, BATCH_ROWS):
        batch = data.slice(first, BATCH_ROWS)
        if not places:
            yield [()] * batch.num_rows
            continue
        order = sorted(set(places))
        lists = (
            _values(values, batch.column(order.index(place)), column.type)
            for place, column in zip(places, wanted, strict=True)
        )
        yield list(zip(*lists, strict=True))


def records(document: Document, options: Options, skipped: Skipped) -> Iterator[str]:
    """Yield each row of the first sheet, or the one that is named, as a JSON object by the names of the columns."""
    table = tables(document, options)[0]
    yield from json_objects(table, rows(document, options, table, range(len(table.columns)), (), skipped))


@dataclass(frozen=True)
class _Grid:
    """Where the cells of a sheet are, rows and columns counted from 0; the header, if any, is above `first`."""

    sheet: str
    names: tuple[str, ...]
    columns: tuple[int, ...]
    first: int
    count: int | None


class _Workbook:
    """A workbook that is open. Raises DataError where it is none, or is beyond the bounds."""

    def __init__(self, document: Document, options: Options) -> None:
        self._name, self._options = document.name, options
        self._range = _range(options.range)
        with document.open() as source:
            data = source.read(WORKBOOK_BYTES + 1)
        if len(data) > WORKBOOK_BYTES:
            raise DataError(f"{self._name} has more than {WORKBOOK_BYTES:,} bytes, which is the most of a workbook")
        check_workbook(self._name, data)
        try:
            self._reader = fastexcel.read_excel(data)
        except fastexcel.FastExcelError as error:
            raise self._broken(error) from error
        self.sheets: list[str] = self._reader.sheet_names

    def sheet(self, said: str) -> str:
        """Return the name of the sheet that is said, by its name in any case, or by its number from 0."""
        known = {each.lower(): each for each in reversed(self.sheets)}
        if said.lower() in known:
            return said if said in self.sheets else known[said.lower()]
        if said.isascii() and said.isdigit() and len(said) < 6 and int(said) < len(self.sheets):
            return self.sheets[int(said)]
        raise ProgrammingError(
            f"{self._name} has no sheet {printable(said)!r}; it has {', '.join(map(printable, self.sheets[:50]))}"
        )

    def table(self, sheet: str, name: str) -> DocumentTable:
        """Return the table of a sheet."""
        grid = self.grid(sheet)
        if grid is None:
            raise DataError(f"{self._name} has no cells in the sheet {printable(sheet)!r}")
        data = self.data(grid, range(len(grid.names)))
        kinds = (_type(column) for column in data.columns)
        columns = tuple(DocumentColumn(each, kind) for each, kind in zip(grid.names, kinds, strict=True))
        return DocumentTable(name, columns, layout={"sheet": sheet})

    def grid(self, sheet: str) -> _Grid | None:
        """Return where the cells of a sheet are, or None where it has none; rows are counted from 0."""
        whole = self._load(sheet, skip_rows=[], n_rows=0)
        start = whole.total_height - self._load(sheet, n_rows=0).total_height
        left, top, right, bottom = self._range or (0, 0, 1 << 20, None)
        first = max(start, top + self._options.skip_top)
        columns = tuple(
            each.absolute_index for each in whole.available_columns() if left <= each.absolute_index <= right
        )
        if not columns or first >= whole.total_height or (bottom is not None and first > bottom):
            return None
        headers: list[Any] = [None] * len(columns)
        if self._options.include_column_headers:
            row = self._load(sheet, columns, skip_rows=first or [], n_rows=1, dtypes="string").to_arrow()
            headers = [column[0].as_py() for column in row.columns]
            first += 1
        count = None if bottom is None else bottom + 1 - first
        return _Grid(sheet, unique_names(self._name, headers), columns, first, count)

    def data(self, grid: _Grid, places: Sequence[int]) -> pa.RecordBatch:
        """Return some columns of a grid, in the order of the sheet."""
        columns = [grid.columns[place] for place in places]
        texts: dict[str | int, str] = {}
        for retry in range(_RETRIES + 1):
            every = self._options.type_detection == "None" or retry == _RETRIES
            try:
                return self._load(
                    grid.sheet,
                    columns,
                    skip_rows=grid.first or [],
                    n_rows=grid.count,
                    schema_sample_rows=None,
                    dtypes="string" if every else texts or None,
                ).to_arrow()
            except fastexcel.UnsupportedColumnTypeCombinationError as error:
                found = _MIXED.search(str(error))
                texts[found[1] if found else ""] = "string"
        raise DataError(f"{self._name} has columns of more kinds than can be read")

    def _load(self, sheet: str, columns: Sequence[int] | None = None, **how: Any) -> fastexcel.ExcelSheet:
        if columns is not None:
            wanted = frozenset(columns)
            how["use_columns"] = lambda column: column.absolute_index in wanted
        try:
            loaded: fastexcel.ExcelSheet = self._reader.load_sheet(sheet, header_row=None, **how)
        except fastexcel.UnsupportedColumnTypeCombinationError:
            raise
        except fastexcel.FastExcelError as error:
            raise self._broken(error) from error
        return loaded

    def _broken(self, error: Exception) -> DataError:
        return DataError(f"{self._name} cannot be read as a workbook: {printable(str(error), 200)}")


def _range(text: str | None) -> tuple[int, int, int, int] | None:
    """Return the columns and rows of a range such as `A1:D20`, counted from 0: left, top, right, bottom."""
    if text is None:
        return None
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise ProgrammingError(f"the option range is two cells, such as A1:D20, not {printable(text)!r}")
    left, right = (_column(found[place]) for place in (1, 3))
    top, bottom = (int(found[place]) - 1 for place in (2, 4))
    if top < 0 or left > right or top > bottom:
        raise ProgrammingError(f"the option range goes from its first cell to its last, not {printable(text)!r}")
    return left, top, right, bottom


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _type(column: pa.Array) -> ColumnType:
    """Return the type of a column by all its values."""
    kind = column_type(column.type)
    if kind is ColumnType.FLOAT and pa.types.is_floating(column.type):
        values = column.drop_null()
        whole = len(values) and all(value.is_integer() and abs(value) < _EXACT for value in values.to_pylist())
        return ColumnType.INTEGER if whole else kind
    if kind is ColumnType.TIMESTAMP:
        texts = [text for text in ArrowValues("").sql(column) if text is not None]
        if all(text.startswith(_NO_DAY) for text in texts):
            return ColumnType.TEXT
        return ColumnType.DATE if all(text.endswith(_MIDNIGHT) for text in texts) else kind
    return kind


_EXACT: Final = 1 << 53


def _values(values: ArrowValues, column: pa.Array, kind: ColumnType) -> list[Any]:
    found = values.sql(column)
    if kind is ColumnType.INTEGER and pa.types.is_floating(column.type):
        return [int(value) if value is not None and value.is_integer() else value for value in found]
    if pa.types.is_timestamp(column.type):
        return [None if value is None else _moment(value, kind) for value in found]
    return found


def _moment(value: str, kind: ColumnType) -> str:
    if value.startswith(_NO_DAY):
        return value.removeprefix(_NO_DAY)
    return value.removesuffix(_MIDNIGHT) if kind is ColumnType.DATE else value
