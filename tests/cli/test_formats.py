"""The formats of results, each read by a reader of its own."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import box_dialect
from box_dialect.cli.formats import FORMATS, Rows, of_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Written = Callable[..., bytes]

TYPED = """
    CREATE TABLE typed (id INTEGER, text TEXT, flag BOOLEAN, at TIMESTAMP, day DATE, tags JSON, bytes BLOB, size REAL)
"""
ROW = (
    "INSERT INTO typed VALUES (9007199254740993, 'a,\"b\"', 1, '2015-04-11 08:00:00', '2015-04-11',"
    " '{\"x\":\n 0.10}', x'00ff', 0.1), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
)
AWKWARD = ("line\nbreak", "tab\tand\rreturn", "pipe|and\\slash", "", "=1+1", " spaces ", "Ωλ 😀", "<b>&amp;")


class Terminal(io.BytesIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def written(connection: box_dialect.Connection) -> Written:
    """Return a function that gives what a format makes of a query's rows."""

    def write(name: str, sql: str, values: Any = (), *, header: bool = True, on_terminal: bool = False) -> bytes:
        stream = Terminal() if on_terminal else io.BytesIO()
        with connection.cursor() as cursor:
            FORMATS[name].write(Rows(cursor.execute(sql, values)), stream, header=header)
        return stream.getvalue()

    return write


@pytest.fixture
def typed(connection: box_dialect.Connection) -> None:
    for statement in (TYPED, ROW):
        connection.cursor().execute(statement)


@pytest.mark.usefixtures("typed")
def test_csv_has_each_type_as_text_and_null_apart_from_what_is_empty(written: Written) -> None:
    header, row, nothing, end = written("csv", "SELECT * FROM typed").decode().split("\r\n")
    assert header == "id,text,flag,at,day,tags,bytes,size"
    values = '9007199254740993,"a,""b""",true,2015-04-11T08:00:00+00:00,2015-04-11,"{""x"":\n 0.10}",AP8=,0.1'
    assert (row, nothing, end) == (values, ",,,,,,,", "")
    assert written("csv", "SELECT '' AS a, NULL AS b", header=False) == b'"",\r\n'
    assert written("csv", "SELECT NULL AS a", header=False) == b'""\r\n'  # an empty line would be no row


def test_csv_gives_every_text_back(written: Written) -> None:
    text = written("csv", "SELECT value AS a, 1 AS b FROM json_each(?)", (json.dumps(AWKWARD),)).decode()
    assert [each for each, _ in csv.reader(io.StringIO(text, newline=""))] == ["a", *AWKWARD]


def test_tsv_has_a_line_for_each_row_and_gives_every_text_back(written: Written) -> None:
    text = written("tsv", "SELECT value, NULL AS n FROM json_each(?)", (json.dumps(AWKWARD),)).decode()
    lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    assert lines[0] == ["value", "n"]
    assert {n for _, n in lines[1:]} == {"\\N"}
    assert (
        tuple(each.encode("latin-1", "backslashreplace").decode("unicode_escape") for each, _ in lines[1:]) == AWKWARD
    )


@pytest.mark.usefixtures("typed")
def test_json_has_numbers_digit_by_digit_and_json_as_such(written: Written) -> None:
    text = written("json", "SELECT * FROM typed").decode()
    first, second = json.loads(text, parse_float=str)
    assert first == {
        "id": 9007199254740993,
        "text": 'a,"b"',
        "flag": True,
        "at": "2015-04-11T08:00:00+00:00",
        "day": "2015-04-11",
        "tags": {"x": "0.10"},
        "bytes": "AP8=",
        "size": "0.1",
    }
    assert set(second.values()) == {None}


@pytest.mark.usefixtures("typed")
def test_ndjson_has_a_line_for_each_row_and_none_for_no_rows(written: Written) -> None:
    lines = written("ndjson", "SELECT tags FROM typed").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == [{"tags": {"x": 0.1}}, {"tags": None}]
    assert lines[-1] == ""
    assert written("ndjson", "SELECT 1 AS a WHERE FALSE") == b""
    assert json.loads(written("json", "SELECT 1 AS a WHERE FALSE")) == []


def test_json_that_is_none_is_text_and_infinity_is_as_sqlite_writes_it(written: Written) -> None:
    sql = "SELECT 9e999 AS a, -9e999 AS b, CAST('{' AS TEXT) AS c"
    assert json.loads(written("json", sql)) == [{"a": float("inf"), "b": float("-inf"), "c": "{"}]


@pytest.mark.parametrize("text", ["{", "[" * 100_000 + "]" * 100_000])
def test_a_json_column_whose_text_no_reader_takes_is_text(
    text: str, written: Written, connection: box_dialect.Connection
) -> None:
    connection.cursor().execute("CREATE TEMP TABLE of_texts (tags JSON)").execute(
        "INSERT INTO of_texts VALUES (?)", (text,)
    )
    assert json.loads(written("json", "SELECT tags FROM of_texts")) == [{"tags": text}]


def test_markdown_keeps_a_row_on_its_line_and_renders_every_text_as_it_is(written: Written) -> None:
    lines = written("markdown", "SELECT value AS v FROM json_each(?)", (json.dumps(AWKWARD),)).decode().split("\n")
    assert lines[:3] == ["| v |", "| --- |", "| line<br>break |"]
    assert lines[4] == "| pipe\\|and\\\\slash |"
    assert lines[9] == "| &lt;b&gt;&amp;amp; |"
    assert len(lines) == len(AWKWARD) + 3


@pytest.mark.usefixtures("typed")
@pytest.mark.parametrize("name", ["parquet", "arrow"])
def test_parquet_and_arrow_keep_the_types(name: str, written: Written) -> None:
    content = io.BytesIO(written(name, "SELECT id, text, flag, at, bytes, size FROM typed"))
    table = pq.read_table(content) if name == "parquet" else pa.ipc.open_file(content).read_all()
    kinds = [pa.int64(), pa.string(), pa.bool_(), pa.timestamp("us", "UTC"), pa.binary(), pa.float64()]
    assert table.schema.types == kinds
    assert table.column("id").to_pylist() == [9007199254740993, None]


@pytest.mark.parametrize("name", ["json", "ndjson", "parquet", "arrow"])
def test_two_columns_of_one_name_are_refused_where_one_would_be_lost(name: str, written: Written) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="two columns have the name a"):
        written(name, "SELECT 1 AS a, 2 AS a")
    assert written("csv", "SELECT 1 AS a, 2 AS a") == b"a,a\r\n1,2\r\n"


def test_a_table_has_the_widths_of_its_values_and_numbers_to_the_right(written: Written) -> None:
    sql = "SELECT 'ünder' AS name, 5 AS n, NULL AS x UNION ALL SELECT '漢字漢字', 1234, 'y'"
    assert written("table", sql).decode().splitlines() == [
        "name         n  x",
        "--------  ----  ----",
        "ünder        5  NULL",
        "漢字漢字  1234  y",  # a wide letter takes two cells
    ]


def test_names_that_control_a_terminal_are_shown_and_not_obeyed(written: Written) -> None:
    text = "a\x1b[31m\u202egpj.exe\nnext\x07"
    shown = written("table", "SELECT ? AS a", (text,), header=False).decode()
    assert shown == "a\\x1b[31m\\u202egpj.exe\\nnext\\x07\n"
    assert json.loads(written("json", "SELECT ? AS a", (text,))) == [{"a": text}]


def test_what_does_not_fit_a_terminal_is_cut_there_and_whole_elsewhere(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    sql, long = "SELECT ? AS a, 'short' AS b", "x" * 100
    assert max(map(len, written("table", sql, (long,), on_terminal=True).decode().splitlines())) <= 40
    assert "x…  short" in written("table", sql, (long,), on_terminal=True).decode()
    assert f"{long}  short" in written("table", sql, (long,)).decode()


def test_more_columns_than_fit_are_a_line_for_each_value(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    names = ", ".join(f"'a value of column {number}' AS c{number}" for number in range(8))
    lines = written("table", f"SELECT {names} UNION ALL SELECT {names}", on_terminal=True).decode().splitlines()
    assert (lines[0], lines[9]) == ("-- row 1", "-- row 2") or lines.count("-- row 1") == 1
    assert lines[1] == "c0  a value of column 0"
    assert max(map(len, lines)) <= 40


def test_a_later_row_is_cut_where_it_does_not_fit(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "24")
    sql = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
        SELECT iif(i < 199, 'abcdefgh', iif(i = 199, 'abcdefghijklm', 'abcdefghijklmnop')) AS t, i FROM n
    """
    lines = written("table", sql, on_terminal=True).decode().splitlines()
    assert lines[-3:] == ["abcdefgh  198", "abcdefghijklm  199", "abcdefg…  200"]
    assert written("table", sql).decode().splitlines()[-1] == "abcdefghijklmnop  200"


def test_rows_are_written_as_they_come(connection: box_dialect.Connection) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n"
    with connection.cursor() as cursor:
        rows = Rows(cursor.execute(sql))
        sizes = [len(batch) for batch in rows]
    assert sizes[:4] == [1, 2, 4, 8]
    assert (max(sizes), sum(sizes), rows.count) == (1024, 100_000, 100_000)


def test_batches_of_large_values_are_small(connection: box_dialect.Connection) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT zeroblob(3000000) FROM n"
    with connection.cursor() as cursor:
        assert {len(batch) for batch in Rows(cursor.execute(sql))} == {1}


@pytest.mark.parametrize(("file", "name"), [("a.CSV", "csv"), ("b.jsonl", "ndjson"), ("c.md", "markdown")])
def test_the_extension_of_a_file_tells_the_format(file: str, name: str, tmp_path: Path) -> None:
    assert of_file(tmp_path / file) is FORMATS[name]


def test_no_two_formats_have_one_extension(tmp_path: Path) -> None:
    extensions = [each for one in FORMATS.values() for each in one.extensions]
    assert len(extensions) == len(set(extensions))
    assert of_file(tmp_path / "a.doc") is None
