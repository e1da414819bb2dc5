"""`document_rows`: the records of documents that a statement names, downloaded ahead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from documents_at_box import ORDERS, PEOPLE_CSV, PEOPLE_XML, downloads, put

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

pytest.importorskip("lxml")
pytest.importorskip("pyarrow")
pytest.importorskip("ijson")

INVOICES = 30
JOIN = "FROM files f, document_rows r WHERE r.file_id = f.id AND"


@pytest.fixture(scope="module")
def box(written: Box) -> Box:
    put(written, "/Rows/people.csv", PEOPLE_CSV)
    put(written, "/Rows/people.xml", PEOPLE_XML)
    put(written, "/Rows/orders.ndjson", ORDERS)
    put(written, "/Rows/notes.txt", b"none")
    for number in range(INVOICES):
        content = json.dumps([{"amount": number}, {"amount": number + 0.5}]).encode()
        put(written, f"/Rows/Invoices/{number:02}.json", content)
    return written


@pytest.fixture
def cursor(box: Box) -> Iterator[box_dialect.Cursor[Any]]:
    with box.connect() as connection, connection.cursor() as cursor:
        yield cursor


def test_each_record_is_a_row(cursor: Any) -> None:
    cursor.execute(
        f"SELECT r.row, r.value ->> '$.amount' {JOIN} f.path LIKE '/Rows/Invoices/0%.json' ORDER BY f.name, r.row"
    )
    assert cursor.fetchall() == [each for n in range(10) for each in ((1, n), (2, n + 0.5))]


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("people.csv", 5, {"name": "Ann", "age": 30, "boss": 2}),
        ("people.xml", 2, {"source": "internet"}),
        ("orders.ndjson", 2, {"id": 1, "amount": 10.5}),
    ],
)
def test_any_format(cursor: Any, name: str, count: int, first: dict[str, object]) -> None:
    cursor.execute(f"SELECT r.value {JOIN} f.path = '/Rows/{name}' ORDER BY r.row")
    values = [value if isinstance(value, dict) else json.loads(value) for (value,) in cursor.fetchall()]
    assert len(values) == count
    assert first.items() <= values[0].items()


def test_documents_are_downloaded_ahead_and_files_not_looked_up(box: Box) -> None:
    with box.connect(MaxConcurrency=8) as connection:
        box.reset()
        cursor = connection.cursor()
        cursor.execute(f"SELECT count(*) {JOIN} f.path LIKE '/Rows/Invoices/%.json'")
        assert cursor.fetchone() == (2 * INVOICES,)
        stats: Any = box.stats()
    assert stats["by_operation"] == {"get_files_id_content": INVOICES, "get_folders_id_items": 3}


def test_options_are_columns(box: Box, cursor: Any) -> None:
    put(box, "/Rows/odd.data", b"skipped\na;b\n1;2\n")
    cursor.execute(
        f"SELECT r.value {JOIN} f.path = '/Rows/odd.data' AND r.format = 'CSV' AND r.fmt = ';' AND r.skip_top = 1"
    )
    ((value,),) = cursor.fetchall()
    assert (value if isinstance(value, dict) else json.loads(value)) == {"a": 1, "b": 2}


def test_a_literal_id(cursor: Any) -> None:
    (file_id,) = cursor.execute("SELECT id FROM files WHERE path = '/Rows/people.csv'").fetchone()
    assert cursor.execute(f"SELECT count(*) FROM document_rows({file_id})").fetchone() == (5,)
    assert cursor.execute("SELECT count(*) FROM document_rows(?)", (file_id,)).fetchone() == (5,)
    assert cursor.execute("SELECT * FROM document_rows WHERE file_id IN ('x', '999')").fetchall() == []


def test_rows_of_several_files_stay_apart(cursor: Any) -> None:
    cursor.execute("SELECT id FROM files WHERE path LIKE '/Rows/Invoices/0[12].json' OR name IN ('01.json', '02.json')")
    first, second = (file_id for (file_id,) in cursor.fetchall())
    cursor.execute(
        "SELECT count(*) FROM document_rows WHERE (file_id = ? AND row = 1) OR (file_id = ? AND row = 1)",
        (first, second),
    )
    assert cursor.fetchone() == (2,)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM document_rows", "join it by file_id"),
        (f"SELECT r.* {JOIN} f.path = '/Rows/notes.txt'", "no document by its extension"),
        (f"SELECT r.* {JOIN} f.path = '/Rows/notes.txt' AND r.format = 'doc'", "one of xml, json, csv, parquet, excel"),
        (f"SELECT r.* {JOIN} f.path = '/Rows/people.csv' AND r.xpath = '/a'", "csv has no option 'xpath'"),
        (f"SELECT r.* {JOIN} f.path = '/Rows/people.csv' AND r.skip_top = 'many'", "skip_top is a number"),
    ],
)
def test_wrong_statements(cursor: Any, statement: str, message: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=message):
        cursor.execute(statement).fetchall()


def test_a_limit_stops_asking(box: Box) -> None:
    with box.connect(MaxConcurrency=1) as connection:
        box.reset()
        cursor = connection.cursor()
        cursor.execute(f"SELECT r.value {JOIN} f.path LIKE '/Rows/Invoices/%.json' LIMIT 1").fetchall()
        assert downloads(box) <= 2


def test_what_is_skipped_is_told_of(box: Box, cursor: Any) -> None:
    file_id = put(box, "/Skips/bad.ndjson", b'{"a": 1}\n{"a": \n{"a": 3}\n{"a"}\n')
    statement = "SELECT value ->> '$.a' FROM document_rows WHERE file_id = ? AND on_error = 'skip'"
    told = r"/Skips/bad.ndjson: 2 parts could not be read and were skipped; the first: /Skips/bad.ndjson, line 2"
    with pytest.warns(box_dialect.BoxDocumentWarning, match=told):
        assert cursor.execute(statement, (file_id,)).fetchall() == [(1,), (3,)]


def test_errors_name_the_path(box: Box, cursor: Any) -> None:
    file_id = put(box, "/Skips/Deep/bad.json", b'[{"a": 1}, {"a" 2}]')
    with pytest.raises(box_dialect.DataError, match=r"/Skips/Deep/bad\.json, line 1"):
        cursor.execute("SELECT count(*) FROM document_rows WHERE file_id = ?", (file_id,)).fetchall()


def test_an_empty_document_of_csv_has_no_records(box: Box, cursor: Any) -> None:
    file_id = put(box, "/Skips/empty.csv", b"")
    assert cursor.execute("SELECT * FROM document_rows WHERE file_id = ?", (file_id,)).fetchall() == []


def test_it_is_told_of(box: Box, cursor: Any) -> None:
    cursor.execute("SELECT type, is_insertable FROM sys_tables WHERE name = 'document_rows'")
    assert cursor.fetchall() == [("document", False)]
    cursor.execute("SELECT name, type, is_hidden FROM sys_tablecolumns WHERE table_name = 'document_rows'")
    assert cursor.fetchmany(3) == [("row", "INTEGER", False), ("value", "JSON", False), ("file_id", "TEXT", True)]
    engine = sa.create_engine(box.url)
    inspector = sa.inspect(engine)
    assert inspector.has_table("document_rows")
    assert "document_rows" not in inspector.get_table_names()  # it lists nothing by itself
    assert [column["name"] for column in inspector.get_columns("document_rows")] == ["row", "value"]
    engine.dispose()
    with pytest.raises(box_dialect.ProgrammingError, match=r"document_rows is a .* of Box"):
        cursor.execute("CREATE TABLE document_rows (a)")
    with pytest.raises(box_dialect.NotSupportedError, match="module document_rows is refused"):
        cursor.execute("CREATE VIRTUAL TABLE other USING document_rows()")
