"""CSV documents: against Python's csv module, and what is refused, with its line."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest
from document_bytes import BytesDocument, Found, found
from hypothesis import given
from hypothesis import strategies as st

from box_dialect import DataError, ProgrammingError
from box_dialect.documents.csv_lexer import LONGEST_ROW
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


def read(text: str | bytes, name: str = "sales.csv", **options: Any) -> Found:
    content = text.encode() if isinstance(text, str) else text
    return found(BytesDocument(name, content), **options)


def test_columns_have_the_types_of_their_values() -> None:
    answer = read(
        "id,price,paid,day,month first,at,note\n"
        "1,2.5,true,2020-01-02,07-17-2017,2020-01-02T03:04:05+02:00,x\n"
        ",,,,,,\n"
        "-3,1e3,FALSE,1999-12-31,7/4/2017,2020-01-02 03:04,\n"
    )
    assert answer.types == ["integer", "float", "boolean", "date", "date", "timestamp", "text"]
    assert answer.rows == [
        (1, 2.5, True, "2020-01-02", "2017-07-17", "2020-01-02 01:04:05.000000", "x"),
        (None,) * 7,
        (-3, 1000.0, False, "1999-12-31", "2017-07-04", "2020-01-02 03:04:00.000000", None),
    ]


def test_the_table_is_called_by_the_files_stem() -> None:
    (table,) = FORMATS["csv"].tables(BytesDocument("Sales 2026.csv.gz", gzip.compress(b"a\n1\n")), Options())
    assert table.name == "Sales 2026"


def test_a_value_that_does_not_fit_the_type_found_stays_as_it_stands() -> None:
    answer = read("n\n" + "1\n" * 10_000 + "n/a\n007\n", row_scan_depth=100)
    assert answer.types == ["integer"]
    assert answer.rows[-3:] == [(1,), ("n/a",), ("007",)]


def test_the_whole_document_is_scanned_for_types_where_the_depth_is_0() -> None:
    assert read("n\n" + "1\n" * 300_000 + "n/a\n", row_scan_depth=0).types == ["text"]


def test_a_value_is_null_where_nothing_stands_there_and_empty_in_quotes() -> None:
    assert read('a,b\n,""\n').rows == [(None, "")]


def test_types_are_not_looked_for_where_that_is_said() -> None:
    answer = read("n\n1\n", type_detection="None")
    assert (answer.types, answer.rows) == (["text"], [("1",)])


def test_just_the_columns_asked_for_are_given_in_their_order() -> None:
    assert found(BytesDocument("a.csv", b"a,b,c\n1,2,3\n"), columns=[2, 0, 2]).rows == [(3, 1, 3)]
    assert found(BytesDocument("a.csv", b"a,b,c\n1,2,3\n4,5,6\n"), columns=[]).rows == [(), ()]


@pytest.mark.parametrize("said", [";", "Delimited(;)"])
def test_the_delimiter_is_what_fmt_says(said: str) -> None:
    assert read("a;b\n1;2\n", fmt=said).rows == [(1, 2)]


@pytest.mark.parametrize("said", "0123456789abcdef")
def test_a_delimiter_may_be_any_character(said: str) -> None:
    assert read(f"x{said}y\np{said}q\n", fmt=said).rows == [("p", "q")]


def test_tabs_are_between_values_by_fmt_or_by_the_extension() -> None:
    assert read("a\tb\n1\t2\n", fmt="TabDelimited").rows == [(1, 2)]
    assert read("a\tb\n1\t2\n", fmt="\\t").rows == [(1, 2)]
    assert read("a\tb\n1\t2\n", name="a.tsv").rows == [(1, 2)]


@pytest.mark.parametrize("said", ["", ";;", "€", '"', "\n", "Delimited()"])
def test_a_delimiter_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ProgrammingError, match="one ASCII character"):
        read("a\n1\n", fmt=said)


def test_columns_without_a_header_are_numbered() -> None:
    answer = read("1,2\n3,4\n", include_column_headers=False)
    assert (answer.names, answer.rows) == (["column_1", "column_2"], [(1, 2), (3, 4)])


def test_names_that_are_empty_or_there_twice_are_made_unique() -> None:
    assert read('a,,A,"a ",a_2\n1,2,3,4,5\n').names == ["a", "column_2", "A_2", "a_3", "a_2_2"]


def test_lines_at_the_top_are_skipped_whatever_stands_there() -> None:
    assert read('A "report\n\r\na,b\n1,2\n', skip_top=2).rows == [(1, 2)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str) -> None:
    answer = read("größe,b\n1,é\n".encode(encoding))
    assert (answer.names, answer.rows) == (["größe", "b"], [(1, "é")])


def test_the_charset_is_what_is_said() -> None:
    assert read("a\né\n".encode("latin1"), charset="iso-8859-1").rows == [("é",)]
    assert read("a\né\n".encode("utf-16-be"), charset="utf-16-be").rows == [("é",)]


def test_what_is_not_in_the_charset_is_refused_with_its_line() -> None:
    with pytest.raises(DataError, match=r"sales.csv, line 4: the row is not UTF-8 .*; name its charset"):
        read("a,b\n1,x\n\n2,é\n".encode("latin1"))
    with pytest.raises(DataError, match=r"sales.csv is not ascii at about byte 4 .*name its charset"):
        read("a,b\né\n".encode(), charset="ascii")


@pytest.mark.parametrize("said", ["utf-16", "utf-7", "undefined", "punycode"])
def test_what_no_decoder_takes_is_refused_whatever_it_raises(said: str) -> None:
    with pytest.raises(DataError, match=rf"sales.csv is not {said} at about byte \d+ .*name its charset"):
        read("a,b\n1,+2AA-\n", charset=said)


@pytest.mark.parametrize("said", ["no such", "rot13", "hex", "a\0b"])
def test_a_charset_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ProgrammingError, match="charset"):
        read("a\n1\n", charset=said)


def test_a_quote_that_is_not_closed_is_refused_where_it_begins() -> None:
    with pytest.raises(
        DataError, match=r"sales.csv, line 3, column 5: the quote that begins here is not closed up to the"
    ):
        read('a,b,c\n1,2,3\n3,ä,"x\n4,5,6\n', on_error="skip")
    with pytest.raises(DataError, match=r"line 4, column 3: the quote that begins here is not closed"):
        read('a,b\n1,5" pipe\n2,3\n4,"5\n6,7\n')


def test_a_quote_that_is_not_closed_is_refused_in_a_long_document_too() -> None:
    with pytest.raises(DataError, match=r"line 2, column 3: the quote that begins here is not closed within 1,048,576"):
        read('a,b\n1,"2\n' + "3,4\n" * LONGEST_ROW)


def test_a_row_that_is_too_long_is_refused_with_its_line() -> None:
    with pytest.raises(DataError, match=r"line 3: the row that begins here has more than 1,048,576 bytes"):
        read("a,b\n1,2\n3," + "x" * 3 * LONGEST_ROW + "\n")


def test_a_row_of_the_most_bytes_is_read() -> None:
    value = "x\n" * (LONGEST_ROW // 2 - 4)
    assert read(f'a,b\n1,"{value}"\n3,4\n').rows == [(1, value), (3, "4")]


@pytest.mark.parametrize(("row", "count"), [("5", 1), ("5,6,7", 3)])
def test_a_row_with_too_few_or_too_many_values_is_refused_with_its_line(row: str, count: int) -> None:
    text = 'a,b\n1,"2\n3"\n\n' + row + "\n8,9\n"
    with pytest.raises(DataError, match=rf"sales.csv, line 5: the row has {count} values, and the header 2"):
        read(text)


def test_such_rows_are_skipped_and_told_where_that_is_said() -> None:
    lines = ["x" * 100] * 30_000
    lines[7] = lines[25_000] = "x,y"
    answer = read("a\n" + "\n".join(lines), on_error="skip")
    assert len(answer.rows) == 29_998
    assert answer.skipped == [
        "sales.csv, line 9: the row has 2 values, and the header 1",
        "sales.csv, line 25002: the row has 2 values, and the header 1",
    ]


@pytest.mark.parametrize("text", ["", "\n\r\n"])
def test_a_document_without_rows_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="has no rows"):
        read(text)


def test_a_document_of_a_header_has_no_rows() -> None:
    answer = read("a,b")
    assert (answer.names, answer.types, answer.rows) == (["a", "b"], ["text", "text"], [])


def test_more_columns_than_a_table_has_are_refused() -> None:
    assert len(read(",".join(["1"] * 2_000)).names) == 2_000
    with pytest.raises(DataError, match="more than 2,000 columns"):
        read(",".join(["1"] * 2_001))


def test_columns_are_found_by_name_in_a_document_that_has_changed() -> None:
    (table,) = FORMATS["csv"].tables(BytesDocument("a.csv", b"a,b\n1,2\n"), Options())
    assert found(BytesDocument("a.csv", b"c,B,a\n3,x,1\n"), table=table).rows == [(1, "x")]
    with pytest.raises(DataError, match=r"a\.csv no longer fits its table, since it has no column 'b'"):
        found(BytesDocument("a.csv", b"a,c\n1,2\n"), table=table)


@pytest.mark.parametrize(("name", "pack"), [("a.csv.gz", gzip.compress), ("a.CSV.BZ2", bz2.compress)])
def test_a_compressed_document_is_read(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(b"a,b\n1,2\n"), name=name).rows == [(1, 2)]


def test_records_are_json_objects() -> None:
    records = FORMATS["csv"].records(BytesDocument("a.csv", 'a,b "x"\n1,é\n,1.5\n'.encode()), Options())
    assert [json.loads(record) for record in records] == [{"a": 1, 'b "x"': "é"}, {"a": None, 'b "x"': "1.5"}]


VALUES = st.text(st.sampled_from("ab,;\"\n\r' \té€1"), max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(TABLES, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-16"]))
def test_what_the_csv_module_writes_is_read(rows: list[list[str]], delimiter: str, end: str, encoding: str) -> None:
    text = io.StringIO(newline="")
    header = [f"c{place}" for place in range(len(rows[0]))]
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    answer = read(text.getvalue().encode(encoding), fmt=delimiter, type_detection="None")
    assert answer.rows == [tuple(row) for row in rows]


@given(st.text(st.sampled_from('ab,"\n\r'), max_size=30))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(text: str) -> None:
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    refusal = ""
    try:
        answer = read(f"x,y\n{text}", type_detection="None")
    except DataError as error:
        refusal = str(error)
    else:
        assert [[value or "" for value in row] for row in answer.rows] == expected
    assert not refusal or "not closed" in refusal or any(len(row) != 2 for row in expected)


@given(st.text(st.sampled_from('ab,"\n'), max_size=30))
def test_a_quote_without_an_end_is_always_told(text: str) -> None:
    is_open = False
    try:
        list(csv.reader(io.StringIO(f"{text}", newline=""), strict=True))
    except csv.Error as error:
        is_open = "unexpected end" in str(error)
    if is_open:
        with pytest.raises(DataError):
            read(f"x,y\n{text}", on_error="skip")


def test_a_document_may_be_left_after_its_first_rows() -> None:
    document = BytesDocument("a.csv", b"a,b\n" + b"1,2\n" * 20_000_000)
    (table,) = FORMATS["csv"].tables(document, Options())
    document.ranges.clear()
    for _ in range(2):
        batches = FORMATS["csv"].rows(document, Options(), table, [0])
        assert next(iter(batches))[0] == (1,)
        cast("Generator[object]", batches).close()
    assert document.fetched < 2 * document.size  # of which pyarrow reads some ahead


MEMORY = """
import resource, sys
from pathlib import Path
from types import SimpleNamespace
import box_dialect.documents.csv_reader
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options

path = Path(sys.argv[1])
document = SimpleNamespace(name=path.name, size=path.stat().st_size, open=lambda: path.open("rb"))
(table,) = FORMATS["csv"].tables(document, Options())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(len(batch) for batch in FORMATS["csv"].rows(document, Options(), table, [0, 1, 2]))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.long
def test_memory_does_not_grow_with_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"a,b,c\n")
        for _ in range(50):
            file.write(b"12345,some text that is here,67.5\n" * 31_250)
    run = subprocess.run([sys.executable, "-c", MEMORY, path], check=True, capture_output=True, text=True, timeout=120)
    count, grown = map(int, run.stdout.split())
    assert count == 50 * 31_250
    assert grown < 50_000  # KiB, less than the document has
