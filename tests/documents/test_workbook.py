"""Excel workbooks: as openpyxl writes them, and what is refused before they are opened."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from document_bytes import BytesDocument, Found, found

from box_dialect import DataError, NotSupportedError, ProgrammingError
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXCEL = FORMATS["excel"]
MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001 - Excel knows no zones


def written(sheets: Mapping[str, Sequence[Sequence[Any]]], *, row: int = 1, column: int = 1) -> BytesDocument:
    """Return a workbook whose sheets begin at a cell."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for down, values in enumerate(rows):
            for right, value in enumerate(values):
                sheet.cell(row + down, column + right, value)
    content = io.BytesIO()
    book.save(content)
    return BytesDocument("sales.xlsx", content.getvalue())


def read(rows: Sequence[Sequence[Any]], *, row: int = 1, column: int = 1, **options: Any) -> Found:
    return found(written({"Sheet": rows}, row=row, column=column), **options)


def test_columns_have_the_types_of_their_cells() -> None:
    answer = read(
        [
            ["n", "x", "day", "at", "paid", "note", "time"],
            [1, 1.5, dt.date(2020, 1, 2), MOMENT, True, "007", dt.time(1, 2, 3)],
            [None] * 7,
            [-3, 2, dt.date(1999, 12, 31), dt.datetime(2020, 1, 2), False, "x", None],  # noqa: DTZ001 - as above
        ]
    )
    assert answer.types == ["integer", "float", "date", "timestamp", "boolean", "text", "text"]
    assert answer.rows == [
        (1, 1.5, "2020-01-02", "2020-01-02 03:04:05.000000", True, "007", "01:02:03.000000"),
        (None,) * 7,
        (-3, 2.0, "1999-12-31", "2020-01-02 00:00:00.000000", False, "x", None),
    ]


def test_a_column_of_several_kinds_is_text() -> None:
    answer = read([["a", "b"], [1, MOMENT], ["x", dt.timedelta(hours=30)], [2.5, None]])
    assert answer.types == ["text", "text"]
    assert answer.rows == [("1", "2020-01-02 03:04:05"), ("x", "1900-01-01 06:00:00"), ("2.5", None)]


def test_a_kind_far_below_counts_too() -> None:
    answer = read([["a"], *[[1]] * 3_000, ["x"]], row_scan_depth=10)
    assert answer.types == ["text"]
    assert answer.rows[-1] == ("x",)


def test_cells_with_an_error_are_null() -> None:
    assert read([["a", "b"], ["#N/A", 1], ["#DIV/0!", 2]]).rows == [(None, 1), (None, 2)]


def test_nothing_is_said_of_a_column_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    assert read([["a", "b"], [1, None]]).rows == [(1, None)]
    assert capsys.readouterr().err == ""


def test_types_are_not_looked_for_where_that_is_said() -> None:
    answer = read([["a"], [1]], type_detection="None")
    assert (answer.types, answer.rows) == (["text"], [("1",)])


@pytest.mark.parametrize(("row", "column"), [(1, 1), (4, 3)])
def test_a_sheet_begins_with_its_first_row_that_has_a_value(row: int, column: int) -> None:
    answer = read([["a", "b"], [1, 2]], row=row, column=column)
    assert (answer.names, answer.rows) == (["a", "b"], [(1, 2)])


GRID = [[f"{letter}{row}" for letter in "ABCD"] for row in range(1, 7)]


@pytest.mark.parametrize(
    ("said", "names", "rows"),
    [
        ("B2:C4", ["B2", "C2"], [("B3", "C3"), ("B4", "C4")]),
        ("$a$1:b2", ["A1", "B1"], [("A2", "B2")]),
        ("D6:Z99", ["D6"], []),
    ],
)
def test_a_range_is_just_its_cells(said: str, names: list[str], rows: list[tuple[str, ...]]) -> None:
    answer = read(GRID, range=said)
    assert (answer.names, answer.rows) == (names, rows)


def test_a_range_counts_from_the_first_row_of_the_sheet() -> None:
    answer = read([["a", "b"], [1, 2], [3, 4], [5, 6]], row=3, column=2, range="A1:B5")
    assert (answer.names, answer.rows) == (["a"], [(1,), (3,)])


@pytest.mark.parametrize("said", ["", "A1", "A0:B2", "B1:A2", "A2:B1", "1:2", "A1:B2;"])
def test_a_range_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ProgrammingError, match="the option range"):
        read(GRID, range=said)


def test_rows_at_the_top_are_skipped() -> None:
    assert read(GRID, skip_top=4).names == ["A5", "B5", "C5", "D5"]
    assert read(GRID, skip_top=1, range="A2:A9").names == ["A3"]


def test_columns_without_a_header_are_numbered() -> None:
    answer = read([["a", 1], ["b", 2]], include_column_headers=False)
    assert (answer.names, answer.rows) == (["column_1", "column_2"], [("a", 1), ("b", 2)])


def test_names_that_are_empty_or_there_twice_are_made_unique() -> None:
    assert read([["a", None, "A", 5], [1, 2, 3, 4]]).names == ["a", "column_2", "A_2", "5"]


def test_each_sheet_with_cells_is_a_table() -> None:
    document = written({"First": [["a"], [1]], "Empty": [], "Second": [["b"], ["x"]]})
    tables = EXCEL.tables(document, Options())
    assert [table.name for table in tables] == ["sales", "sales.Second"]
    assert found(document, table=tables[1]).rows == [("x",)]
    named = EXCEL.table_at(document, Options(), "sales.SECOND")
    assert named is not None
    assert found(document, table=named).rows == [("x",)]
    assert EXCEL.table_at(document, Options(), "sales.third") is None


@pytest.mark.parametrize("said", ["Second", "second", "1"])
def test_a_sheet_is_named_or_numbered(said: str) -> None:
    document = written({"First": [["a"], [1]], "Second": [["b"], ["x"]]})
    (table,) = EXCEL.tables(document, Options(sheet=said))
    assert (table.name, found(document, sheet=said).rows) == ("sales", [("x",)])


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with pytest.raises(ProgrammingError, match=r"sales\.xlsx has no sheet 'Third'; it has First, Second"):
        EXCEL.tables(written({"First": [], "Second": []}), Options(sheet="Third"))


def test_a_workbook_without_cells_is_refused() -> None:
    with pytest.raises(DataError, match="no sheet with cells"):
        EXCEL.tables(written({"First": []}), Options())
    with pytest.raises(DataError, match="no cells in the sheet 'First'"):
        EXCEL.tables(written({"First": []}), Options(sheet="First"))


def test_just_the_columns_asked_for_are_given_in_their_order() -> None:
    document = written({"Sheet": [["a", "b", "c"], [1, "x", 2.5], [2, "y", 3]]})
    assert found(document, columns=[2, 0, 2]).rows == [(2.5, 1, 2.5), (3.0, 2, 3.0)]
    assert found(document, columns=[]).rows == [(), ()]


def test_many_rows_are_given_in_order() -> None:
    rows = [[number, f"n{number}"] for number in range(2_500)]
    assert read([["a", "b"], *rows]).rows == [tuple(row) for row in rows]


def test_columns_are_found_by_name_in_a_workbook_that_has_changed() -> None:
    (table,) = EXCEL.tables(written({"Sheet": [["a", "b"], [1, 2]]}), Options())
    assert found(written({"Sheet": [["B", "c", "A"], ["x", 5, 1.5]]}), table=table).rows == [(1.5, "x")]
    with pytest.raises(DataError, match="no longer fits its table, since it has no column 'b'"):
        found(written({"Sheet": [["a"], [1]]}), table=table)


def test_records_are_json_objects() -> None:
    records = EXCEL.records(written({"Sheet": [["a", "day"], [1, dt.date(2020, 1, 2)], ["x", None]]}), Options())
    assert [json.loads(record) for record in records] == [{"a": "1", "day": "2020-01-02"}, {"a": "x", "day": None}]


@pytest.mark.parametrize(
    "content", [b"", b"no workbook", written({"a": [[1]]}).content[:-30], b"\xd0\xcf\x11\xe0" * 200]
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"sales\.xlsx (is no workbook|cannot be read as a workbook)"):
        EXCEL.tables(BytesDocument("sales.xlsx", content), Options())


def packed(parts: Mapping[str, bytes]) -> BytesDocument:
    """Return a workbook some of whose parts are others."""
    source = zipfile.ZipFile(io.BytesIO(written({"Sheet": [["a"], [1]]}).content))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, part in parts.items():
            target.writestr(name, part)
    return BytesDocument("sales.xlsx", content.getvalue())


def refuse(document: BytesDocument, message: str) -> None:
    with pytest.raises(DataError, match=message):
        EXCEL.tables(document, Options())


SHEET = "xl/worksheets/sheet1.xml"
BEGIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def test_a_workbook_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.workbook.WORKBOOK_BYTES", 1_000)
    refuse(written({"a": [[1]]}), "more than 1,000 bytes")


def test_a_workbook_that_inflates_to_too_much_is_refused_whatever_its_directory_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("box_dialect.documents.workbook_bounds.INFLATED_BYTES", 4 << 20)
    bomb = packed({"xl/media/image.png": bytes(5 << 20)})
    refuse(bomb, "more than 4,194,304 bytes when it is not compressed")
    size = (5 << 20).to_bytes(4, "little")
    assert bomb.content.count(size) >= 2
    refuse(
        BytesDocument("sales.xlsx", bomb.content.replace(size, bytes(4))), "bytes when it is not compressed|no workbook"
    )


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1'><c  r = 'A1'><v>1</v></c></row><row r='1048576'><c s='1'\nr='xfd1048576'><v>1</v></c></row>",
        b'<row r="1">' + b"<c><v>1</v></c>" * 10_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 10_000,
    ],
    ids=["far", "spelled otherwise", "without references"],
)
def test_cells_far_from_each_other_are_refused(cells: bytes) -> None:
    refuse(packed({SHEET: BEGIN + cells + END}), "a sheet of more than 20,000,000 cells")


def test_a_long_text_that_many_cells_share_is_refused() -> None:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = b'<sst xmlns="%s"><si><t>%s</t></si><si><t>b</t></si></sst>' % (space, b"a" * (1 << 20))
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>%%d</v></c></row>' % (row, row) for row in range(1, 1_101))
    bomb = packed({SHEET: BEGIN + cells.replace(b"%d", b"0") + END, "xl/sharedStrings.xml": texts})
    refuse(bomb, "more than 1,073,741,824 bytes of texts")
    harmless = packed({SHEET: BEGIN + cells.replace(b"%d", b"1") + END, "xl/sharedStrings.xml": texts})
    assert len(found(harmless).rows) == 1_099


LONG = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'


@pytest.mark.parametrize("value", [b"<!-- --><v>0</v>", b"<f/><v>0</v>", b"<v><!-- -->0</v>", b"<v>&#48;</v>"])
def test_a_long_text_is_found_however_cells_refer_to_it(value: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.workbook_bounds.TEXT_BYTES", 1 << 20)
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s">%s</c></row>' % (row, row, value) for row in range(1, 201))
    few = b"<sst>" + b"<si><t>b</t></si>" * 10 + b"</sst>"
    texts = {"xl/sharedStrings.xml": LONG % (b"a" * 10_000), "xl/other.xml": few}
    refuse(packed({SHEET: BEGIN + cells + END, **texts}), "more than 1,048,576 bytes of texts")


def test_cells_are_counted_in_time_that_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.workbook_bounds.TEXT_BYTES", 1_000)
    many = b'<row r="1"><c r="A1">%s<v>1</v></c></row>' % (b' t="s"' * 200_000)
    document = packed({SHEET: BEGIN + many + END, "xl/sharedStrings.xml": LONG % (b"a" * 1_000)})
    assert found(document, include_column_headers=False).rows == [(1,)]


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml"])
def test_a_kind_of_workbook_without_bounds_is_refused(part: str) -> None:
    with pytest.raises(NotSupportedError, match=r"\.xlsx, \.xlsm and \.xls"):
        EXCEL.tables(packed({part: b""}), Options())
