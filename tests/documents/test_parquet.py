"""Parquet documents: against pyarrow's own values, what is fetched of them, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import tracemalloc
from contextlib import closing
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from document_bytes import BytesDocument, Found, found
from hypothesis import given
from hypothesis import strategies as st

from box_dialect import DataError, NotSupportedError
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.model import Comparison
from box_dialect.documents.options import Options


def written(table: pa.Table, **how: Any) -> BytesDocument:
    content = io.BytesIO()
    pq.write_table(table, content, **how)
    return BytesDocument("sales.parquet", content.getvalue())


def read(columns: dict[str, Any], **options: Any) -> Found:
    return found(written(pa.table(columns)), **options)


MOMENT = dt.datetime(2020, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001 - one without a zone is a value too

VALUES: list[tuple[pa.DataType, Any, str, Any]] = [
    (pa.int64(), -(2**63), "integer", -(2**63)),
    (pa.uint64(), 7, "integer", 7),
    (pa.uint64(), 2**64 - 1, "integer", "18446744073709551615"),
    (pa.float64(), 0.1, "float", 0.1),
    (pa.float64(), float("nan"), "float", None),
    (pa.float32(), 0.5, "float", 0.5),
    (pa.bool_(), True, "boolean", True),
    (pa.string(), "é", "text", "é"),
    (pa.large_string(), "é", "text", "é"),
    (pa.dictionary(pa.int32(), pa.string()), "é", "text", "é"),
    (pa.binary(), b"\xff", "text", b"\xff"),
    (pa.binary(2), b"\xff\x00", "text", b"\xff\x00"),
    (pa.date32(), dt.date(1, 2, 3), "date", "0001-02-03"),
    (pa.timestamp("us"), MOMENT, "timestamp", "2020-01-02 03:04:05.678901"),
    (pa.timestamp("ns", "Europe/Berlin"), MOMENT, "timestamp", "2020-01-02 03:04:05.678901"),
    (pa.timestamp("s"), MOMENT.replace(microsecond=0), "timestamp", "2020-01-02 03:04:05.000000"),
    (pa.time32("ms"), dt.time(1, 2, 3), "text", "01:02:03.000000"),
    (pa.duration("ms"), dt.timedelta(seconds=90.5), "float", 90.5),
    (pa.decimal128(18, 0), Decimal(10**17), "integer", 10**17),
    (pa.decimal128(15, 2), Decimal("1.10"), "float", 1.1),
    (pa.decimal128(16, 2), Decimal("1.10"), "text", "1.10"),
    (pa.list_(pa.int32()), [1, None], "json", "[1,null]"),
    (pa.list_(pa.string()), [], "json", "[]"),
    pytest.param(
        *(pa.list_(pa.int32(), 2), [1, 2], "json", "[1,2]"),
        marks=pytest.mark.skipif(
            int(pa.__version__.split(".")[0]) < 26, reason="earlier ones of pyarrow cannot read a null of this type"
        ),
    ),
    (pa.map_(pa.string(), pa.float64()), [("a", 1.5)], "json", '{"a":1.5}'),
    (pa.map_(pa.int64(), pa.binary()), [(1, b"x")], "json", '{"1":"eA=="}'),
    (
        pa.list_(pa.struct([("a", pa.date32())])),
        [{"a": dt.date(2020, 1, 2)}, None],
        "json",
        '[{"a":"2020-01-02"},null]',
    ),
    (pa.null(), None, "text", None),
]


@pytest.mark.parametrize(("arrow", "value", "kind", "expected"), VALUES, ids=str)
def test_values_are_stored_as_the_driver_stores_them(arrow: pa.DataType, value: Any, kind: str, expected: Any) -> None:
    answer = read({"x": pa.array([value, None], arrow)})
    assert (answer.types, answer.rows) == ([kind], [(expected,), (None,)])


def test_structs_have_a_column_for_each_field() -> None:
    rows = [{"b": 1, "c": {"d": "x"}}, None, {"b": 2, "c": None}]
    answer = read({"a": pa.array(rows)})
    assert (answer.names, answer.rows) == (["a.b", "a.c.d"], [(1, "x"), (None, None), (2, None)])
    assert read({"a": pa.array(rows)}, separator="_").names == ["a_b", "a_c_d"]
    whole = read({"a": pa.array(rows)}, flatten_objects=False)
    assert (whole.names, whole.types) == (["a"], ["json"])
    assert whole.rows == [('{"b":1,"c":{"d":"x"}}',), (None,), ('{"b":2,"c":null}',)]


def test_elements_of_lists_have_columns_where_that_is_said() -> None:
    answer = read({"a": pa.array([[{"b": "x"}, {"b": "y"}, {"b": "z"}], [], None, [None]])}, flatten_arrays=2)
    assert answer.names == ["a.0.b", "a.1.b"]
    assert answer.rows == [("x", "y"), (None, None), (None, None), (None, None)]


def test_names_that_sql_does_not_tell_apart_are_made_unique() -> None:
    answer = read({"a": [1], "A": [2], "a.b": [3], "s": [{"b": 4}], "s.b": [5]})
    assert answer.names == ["a", "A_2", "a.b", "s.b", "s.b_2"]
    assert answer.rows == [(1, 2, 3, 4, 5)]


def test_the_table_is_called_by_the_files_stem() -> None:
    (table,) = FORMATS["parquet"].tables(written(pa.table({"a": [1]})), Options())
    assert table.name == "sales"


def test_just_the_columns_asked_for_are_given_in_their_order() -> None:
    document = written(pa.table({"a": [1, 4], "b": ["x", "y"], "c": [{"d": 5}, {"d": 6}]}))
    assert found(document, columns=[2, 0, 2]).rows == [(5, 1, 5), (6, 4, 6)]
    assert found(document, columns=[]).rows == [(), ()]


def test_a_document_that_no_longer_has_a_column_is_refused() -> None:
    (table,) = FORMATS["parquet"].tables(written(pa.table({"a": [1], "s": [{"b": 1}]})), Options())
    for columns in ({"a": [1]}, {"a": [1], "s": [{"c": 1}]}):
        with pytest.raises(
            DataError, match=r"no longer fits its table, since it has no column 's?b?'.*: create the table"
        ):
            found(written(pa.table(columns)), table=table)


def test_records_are_json_objects() -> None:
    document = written(pa.table({"a": [1, None], "l": [["x"], None], "b": [b"x", b""], "f": [float("inf"), 1.5]}))
    records = [*FORMATS["parquet"].records(document, Options())]
    assert records[0] == '{"a":1,"l":["x"],"b":"eA==","f":9e999}'
    assert json.loads(records[1]) == {"a": None, "l": None, "b": "", "f": 1.5}


def wide(groups: int = 20, **how: Any) -> BytesDocument:
    """Return a document of 50 columns of which none compresses, in so many row groups of growing numbers."""
    chance = random.Random(17)
    count = 4_000
    columns = {f"c{place}": [chance.random() for _ in range(count)] for place in range(50)}
    columns["c7"] = [float(number) for number in range(count)]
    return written(pa.table(columns), row_group_size=count // groups, use_dictionary=False, **how)


def test_just_the_chunks_of_the_columns_and_row_groups_that_are_needed_are_fetched() -> None:
    document = wide()
    (table,) = FORMATS["parquet"].tables(document, Options())
    metadata = pq.ParquetFile(io.BytesIO(document.content)).metadata
    group = metadata.row_group(3)
    needed = group.column(7).total_compressed_size + group.column(40).total_compressed_size
    footer = max(64 << 10, metadata.serialized_size + 8)
    document.ranges.clear()
    answer = found(document, [7, 40], [Comparison(7, ">=", 600.0), Comparison(7, "<", 800)], table=table)
    assert [row[0] for row in answer.rows] == [float(number) for number in range(600, 800)]
    assert 0 < document.fetched - footer <= 1.2 * needed


def test_no_row_is_fetched_to_count_rows() -> None:
    document = wide()
    (table,) = FORMATS["parquet"].tables(document, Options())
    document.ranges.clear()
    assert len(found(document, [], table=table).rows) == 4_000
    assert document.fetched <= pq.ParquetFile(io.BytesIO(document.content)).metadata.serialized_size + 8


def test_a_document_is_read_piece_by_piece_where_a_chunk_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow", "21", reason="earlier ones cannot read pieces that are as small as the test's")
    monkeypatch.setattr("box_dialect.documents.parquet_reader._WHOLE_CHUNK", 1 << 10)
    monkeypatch.setattr("box_dialect.documents.parquet_reader._PIECE", 2 << 10)
    document = wide(groups=1, data_page_size=1 << 10, write_batch_size=100)
    assert len(found(document, [7]).rows) == 4_000
    pieces = [end - start for start, end in document.ranges if end < len(document.content) - (64 << 10)]
    assert len(pieces) > 1
    assert max(pieces) <= 16 << 10  # which pyarrow takes at once at least


OPERATORS = ["=", "<", "<=", ">", ">=", "IS NULL", "IS NOT NULL"]
NUMBERS = st.integers(-3, 3) | st.none()
WORDS = st.sampled_from(["", "a", "b", "é", "\U0001f600", "2020-01-02", "z" * 100]) | st.none()
REALS = st.sampled_from([float("nan"), -1.5, 0.0, 2.5]) | st.none()
DAYS = st.dates(dt.date(2019, 12, 30), dt.date(2020, 1, 3)) | st.none()


@given(
    rows=st.lists(st.tuples(NUMBERS, WORDS, REALS, DAYS), min_size=1, max_size=12),
    column=st.integers(0, 3),
    operator=st.sampled_from(OPERATORS),
    value=st.sampled_from([-2, 0, 1.5, "a", "b", "é", "2020-01-01", b"a", None, 2**63]),
    size=st.integers(1, 4),
)
def test_no_row_is_left_out_for_which_a_comparison_is_true(
    rows: list[tuple[Any, ...]], column: int, operator: Any, value: Any, size: int
) -> None:
    kinds = [pa.int64(), pa.string(), pa.float64(), pa.date32()]
    table = pa.table(
        [pa.array(each, kind) for each, kind in zip(zip(*rows, strict=True), kinds, strict=True)], [*"abcd"]
    )
    document = written(table, row_group_size=size)
    every, some = found(document).rows, found(document, comparisons=[Comparison(column, operator, value)]).rows
    assert [row for row in every if holds(row[column], operator, value)] == [
        row for row in some if holds(row[column], operator, value)
    ]


def test_what_is_no_number_is_null_whatever_the_statistics_say() -> None:
    document = written(pa.table({"a": [1.5, float("nan")]}))
    assert (None,) in found(document, comparisons=[Comparison(0, "IS NULL")]).rows


def holds(stored: Any, operator: str, value: Any) -> bool:
    """Ask SQLite."""
    import sqlite3

    value = float(value) if isinstance(value, int) and value >= 2**63 else value
    comparison = f"? {operator} ?" if operator in OPERATORS[:5] else f"? {operator}"
    given_ = (stored, value) if operator in OPERATORS[:5] else (stored,)
    with closing(sqlite3.connect(":memory:")) as oracle:
        return bool(oracle.execute(f"SELECT {comparison}", given_).fetchone()[0])


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", written(pa.table({"a": [1]})).content[:-10]],
    ids=["empty", "magic", "noise", "cut"],
)
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    with pytest.raises(DataError, match=r"sales\.parquet "):
        found(BytesDocument("sales.parquet", content))


def test_a_broken_page_is_refused() -> None:
    document = written(pa.table({"a": ["x" * 1000]}), use_dictionary=False)
    broken = document.content[:10] + b"\xff" * 30 + document.content[40:]
    with pytest.raises(DataError, match=r"sales\.parquet cannot be read as Parquet"):
        found(BytesDocument("sales.parquet", broken))


def test_a_name_that_is_no_text_is_refused() -> None:
    content = written(pa.table({"name": [1]})).content.replace(b"name", b"na\xffe")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        found(BytesDocument("sales.parquet", content))


def test_a_footer_of_more_than_the_most_bytes_is_refused() -> None:
    content = b"PAR1" + (65 << 20).to_bytes(4, "little") + b"PAR1"
    with pytest.raises(DataError, match="has a footer of 68,157,440 bytes; 67,108,864 are the most"):
        found(BytesDocument("sales.parquet", content))


def test_an_encrypted_document_is_refused() -> None:
    with pytest.raises(NotSupportedError, match="is encrypted"):
        found(BytesDocument("sales.parquet", b"PARE" + b"x" * 40 + (40).to_bytes(4, "little") + b"PARE"))


def test_more_columns_than_a_table_has_are_refused() -> None:
    with pytest.raises(DataError, match="more than 2,000 columns"):
        read({f"c{place}": [1] for place in range(2_001)})
    with pytest.raises(DataError, match="more than 2,000 columns"):
        read({f"c{place}": [[1]] for place in range(3)}, flatten_arrays=1_000)


def test_a_column_that_is_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.parquet_reader.CHUNK_BYTES", 1 << 20)
    document = written(pa.table({"a": ["x" * (4 << 20)]}), use_dictionary=False, compression="zstd")
    with pytest.raises(DataError, match=r"bytes of a in [0-9,]+ compressed ones"):
        found(document)


def test_a_text_that_is_there_once_is_in_memory_once() -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * 100_000]))
    document = written(pa.table({"a": text, "l": pa.array([["y" * 1_000] * 3] * 20_000)}))
    (table,) = FORMATS["parquet"].tables(document, Options())
    tracemalloc.start()
    before = pa.total_allocated_bytes()
    most = 0
    for batch in FORMATS["parquet"].rows(document, Options(), table, [0]):
        assert len(batch[0][0]) == 100_000
        most = max(most, pa.total_allocated_bytes() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20 << 20
    assert peak < 20 << 20


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_texts_are_read_whatever_their_encoding(encoding: str) -> None:
    texts = ["aa", "ab", None, "", "é"]
    table = pa.table({"a": texts, "s": [{"b": each} for each in texts], "l": [[each] for each in texts]})
    encodings = dict.fromkeys(["a", "s.b", "l.list.element"], encoding)
    answer = found(written(table, use_dictionary=False, column_encoding=encodings))
    assert answer.rows == [(each, each, json.dumps([each], ensure_ascii=False)) for each in texts]


@pytest.mark.long
def test_texts_that_grow_by_their_encoding_are_read_few_at_a_time() -> None:
    table = pa.table({"a": ["x" * 1_000_000] * 200})
    document = written(table, use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"}, compression="zstd")
    assert document.size < 2_000
    del table
    (kept,) = FORMATS["parquet"].tables(document, Options())
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for batch in FORMATS["parquet"].rows(document, Options(), kept, [0]):
        most, count = max(most, pa.total_allocated_bytes() - before), count + len(batch)
    assert count == 200
    assert most < 150 << 20


def test_a_value_that_is_too_long_as_json_is_refused() -> None:
    with pytest.raises(DataError, match="a value of more than 33,554,432 characters as JSON"):
        read({"l": pa.array([["x" * 1_000] * 40_000])})


def test_rows_of_long_lists_are_read_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.parquet_reader._BATCH_VALUES", 50_000)
    document = written(pa.table({"l": pa.array([[1] * 1_000] * 1_000)}))
    (table,) = FORMATS["parquet"].tables(document, Options())
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for batch in FORMATS["parquet"].rows(document, Options(), table, [0]):
        most, count = max(most, pa.total_allocated_bytes() - before), count + len(batch)
    assert count == 1_000
    assert most < 2 << 20
