"""Documents of each format as tables that statements make, with the options that the format alone has."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from typing import TYPE_CHECKING, Any

import pytest
from documents_at_box import ORDERS, PEOPLE_XML, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    import box_dialect

pytest.importorskip("lxml")
pytest.importorskip("ijson")
pytest.importorskip("pyarrow")
pytest.importorskip("fastexcel")


def workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "First"
    book.active.append(["first"])
    sheet = book.create_sheet("Second")
    for row in (["", "a title"], ["", "name", "amount"], ["", "Ann", 1], ["", "Bob", 2], ["", "total", 3]):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2], "b": [["x"], []], "c": [{"d": 1.5}, {"d": None}]}), written)
    return written.getvalue()


@pytest.fixture(scope="module")
def box(written: Box) -> Box:
    put(written, "/Formats/people.xml", PEOPLE_XML)
    put(written, "/Formats/sales.xlsx", workbook())
    put(written, "/Formats/wide.parquet", parquet())
    put(written, "/Formats/one.csv.gz", gzip.compress(b"day\n07-17-2017\n"))
    put(written, "/Formats/Logs/orders.ndjson", ORDERS)
    put(written, "/Formats/Logs/2026/12/more.ndjson", ORDERS)
    return written


@pytest.fixture
def cursor(box: Box) -> Iterator[box_dialect.Cursor[Any]]:
    with box.connect() as connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    ("using", "select", "rows"),
    [
        ("excel(path = '/Formats/sales.xlsx', sheet = Second, range = 'B2:C4')", "name, amount",
         [("Ann", 1), ("Bob", 2)]),
        ("excel(path = '/Formats/sales.xlsx', sheet = 1, skip_top = 1)", "sum(amount)", [(6,)]),
        ("excel(path = '/Formats/sales.xlsx')", "count(*)", [(0,)]),
        ("parquet(path = '/Formats/wide.parquet')", 'a, b, "c.d"', [(1, '["x"]', 1.5), (2, "[]", None)]),
        ("csv(path = '/Formats/one.csv.gz')", "day", [(dt.date(2017, 7, 17),)]),
        ("json(path = '/Formats/Logs/**/*.ndjson')", "id, amount, lines ->> '$[1].sku'",
         [(1, 10.5, "b"), (2, 3.0, None)] * 2),
        ("json(path = '/Formats/Logs/orders.ndjson', xpath = '$.lines')", "_id, sku", [(1, "a"), (2, "b")]),
        ("xml(path = '/Formats/people.xml')", 'source, "vehicles.0.type", "vehicles.1.type"',
         [("internet", "car", "truck"), ("phone", "car", None)]),
    ],
)  # fmt: skip
def test_rows_are_those_of_the_document(cursor: Any, using: str, select: str, rows: list[Any]) -> None:
    cursor.execute(f"CREATE VIRTUAL TABLE document USING {using}")
    assert cursor.execute(f"SELECT {select} FROM document").fetchall() == rows


def test_tables_of_separate_statements_join_by_the_ordinals(cursor: Any) -> None:
    path = "path = '/Formats/people.xml'"
    cursor.execute(f"CREATE VIRTUAL TABLE persons USING xml({path}, xpath = '/root/people')")
    cursor.execute(f"CREATE VIRTUAL TABLE vehicles USING xml({path}, xpath = '/root/people/vehicles')")
    cursor.execute(
        'SELECT p."personal.name.first", v.model FROM persons p JOIN vehicles v ON v.people_id = p._id ORDER BY v._id'
    )
    assert cursor.fetchall() == [("Jane", "Honda Civic"), ("Jane", "Dodge Ram"), ("Joe", "Toyota Camry")]
