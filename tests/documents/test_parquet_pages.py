"""Pages of Parquet documents that are not as the footer says, by which is decided how much is read at once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from changed_footers import changed, field, joined, outcome, parts
from compact_thrift import BINARY, I32, Reader, Struct, serialized

from box_dialect import DataError
from box_dialect.documents.arrow_values import ArrowValues
from box_dialect.documents.parquet_pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = 0


def texts(**how: Any) -> bytes:
    """Return a document of a column in pages of some rows."""
    content = io.BytesIO()
    table = pa.table({"a": [f"{number} {'x' * 100}" for number in range(1_000)]})
    pq.write_table(table, content, data_page_size=1_000, write_batch_size=10, **{"use_dictionary": False, **how})
    return content.getvalue()


def metadata(root: Struct, number: int) -> list[Any]:
    return field(root, 4, 1, 3, number)


@pytest.mark.parametrize("how", [{}, {"data_page_version": "2.0"}, {"use_dictionary": True}], ids=str)
def test_pages_hold_no_more_than_the_footer_says(how: dict[str, Any]) -> None:
    content = texts(**how)
    assert outcome(content).endswith(" 1000 rows")
    less = changed(content, lambda root: metadata(root, 6).__setitem__(2, 50_000))
    assert "bytes more in its pages than the footer says" in outcome(less)


def test_a_text_that_may_grow_is_one_that_the_footer_tells_of() -> None:
    content = io.BytesIO()
    table = pa.table({"a": ["x"] * 10})
    pq.write_table(table, content, use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"})
    assert outcome(content.getvalue()).endswith(" 10 rows")
    hidden = changed(content.getvalue(), lambda root: metadata(root, 2).__setitem__(2, (I32, [PLAIN])))
    assert "a page whose encoding the footer does not name" in outcome(hidden)


def with_header(content: bytes, change: Callable[[Struct], object]) -> bytes:
    """Return a document after a change of its first page's header."""
    before, footer = parts(content)
    root = Reader(footer).struct()
    start = metadata(root, 9)[2]
    reader = Reader(before, start)
    header = reader.struct()
    change(header)
    new = serialized(header)
    metadata(root, 7)[2] += len(new) - (reader.place - start)
    return joined(before[:start] + new + before[reader.place :], serialized(root))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda header: field(header, 2).__setitem__(2, -1), "a size of less than nothing"),
        (lambda header: field(header, 3).__setitem__(2, -1), "a size of less than nothing"),
        (lambda header: field(header, 5, 1).__setitem__(2, -1), "a size of less than nothing"),
        (lambda header: header.pop(1), "a broken header: a PageHeader has no uncompressed_page_size"),
        (lambda header: header.append([99, BINARY, b"x" * (2 << 20)]), "a page with too long a header"),
    ],
)
def test_a_header_of_a_page_is_checked(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Struct], object], said: str
) -> None:
    monkeypatch.setattr("box_dialect.documents.parquet_reader._WHOLE_CHUNK", 1 << 10)
    monkeypatch.setattr("box_dialect.documents.parquet_reader._PIECE", 1 << 20)
    content = texts()
    assert outcome(with_header(content, lambda _: None)).endswith(" 1000 rows")
    assert said in outcome(with_header(content, change))


@pytest.mark.parametrize("piece", [1, 7, 1_000, 1_000_000])
def test_headers_are_seen_however_they_are_cut(piece: int) -> None:
    content = texts()
    chunk = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(0)
    end = chunk.data_page_offset + chunk.total_compressed_size

    def look(pages: Pages) -> None:
        for place in range(chunk.data_page_offset, end, piece):
            pages.look(place, content[place : min(place + piece, end)])

    look(Pages("sales.parquet", chunk))
    less = changed(content, lambda root: metadata(root, 6).__setitem__(2, 100_000))
    said = pq.ParquetFile(io.BytesIO(less)).metadata.row_group(0).column(0)
    with pytest.raises(DataError, match="bytes more in its pages"):
        look(Pages("sales.parquet", said))


def test_pages_are_not_read_past_their_headers() -> None:
    content = texts()
    chunk = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(0)
    pages = Pages("sales.parquet", chunk)
    start = chunk.data_page_offset
    pages.look(start, content[start : start + 5])
    pages.look(start, content[start : start + 3])
    with pytest.raises(DataError, match="pages that lie in another chunk"):
        pages.look(start + 5, content[start + 5 :])


@pytest.mark.parametrize("index", [-1, 2])
def test_a_value_that_is_not_in_its_dictionary_is_refused(index: int) -> None:
    indices = pa.array([0, None, index], pa.int32())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(["x", "y"]), safe=False)
    with pytest.raises(DataError, match=r"sales\.parquet has a value that is not in its dictionary"):
        ArrowValues("sales.parquet").sql(array)
    assert ArrowValues("sales.parquet").sql(array.slice(0, 2)) == ["x", None]
