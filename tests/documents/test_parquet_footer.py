"""Footers of Parquet documents that pyarrow must not be given: it would end the process, or lose rows."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from changed_footers import ReaderProcess, changed, changes, field, joined, outcome, parts, sample
from compact_thrift import BINARY, I32, I64, LIST, STRUCT, TRUE, Reader, Struct, serialized
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import examples

from box_dialect.documents import compact_thrift, parquet_footer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAMPLE = sample()
WAYS: list[dict[str, Any]] = [
    {},
    {"compression": "none", "data_page_version": "2.0"},
    {"use_dictionary": False, "write_statistics": False, "store_schema": False},
    {
        "use_dictionary": False,
        "column_encoding": {"a": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "float": "BYTE_STREAM_SPLIT"},
    },
]
SAMPLES = [sample(**how) for how in WAYS]
"""Documents whose footers say different things: without statistics a wrong level is not found by them."""


@pytest.fixture(scope="module")
def process() -> Iterator[ReaderProcess]:
    running = ReaderProcess()
    yield running
    running.close()


def levels(count: int) -> list[Struct]:
    """Return a schema of so many groups, one within the other, and a column."""
    group = [[3, I32, 1], [4, BINARY, b"x"], [5, I32, 1]]
    return [*[group] * count, [[1, I32, 2], [3, I32, 1], [4, BINARY, b"y"]]]


def set_to(value: Any, *numbers: int) -> Callable[[Struct], None]:
    return lambda root: field(root, *numbers).__setitem__(2, value)


def added(value: list[Any], *numbers: int) -> Callable[[Struct], None]:
    def add(root: Struct) -> None:
        struct = field(root, *numbers)[2]
        (struct[1][0] if isinstance(struct, tuple) else struct).append(value)

    return add


GROUP, CHUNK, METADATA = (4,), (4, 1), (4, 1, 3)
KINDS: list[tuple[str, Callable[[Struct], object], str]] = [
    ("more chunks", lambda root: field(root, 4, 1)[2][1].append(field(root, 4, 1)[2][1][0]), "has 14 chunks, and the"),
    ("fewer chunks", lambda root: field(root, 4, 1)[2][1].pop(), "has 12 chunks, and the schema 13 columns"),
    ("type", set_to(1, *METADATA, 1), "a chunk of a is of another type than the column"),
    ("no type that is", lambda root: field(root, 2)[2][1][1][0].__setitem__(2, 9), "a column of type 9"),
    ("statistics", set_to(b"123", *METADATA, 12, 5), "has statistics of another type"),
    ("encrypted column", added([8, STRUCT, [[2, STRUCT, [[1, LIST, (BINARY, [b"a"])]]]]], *CHUNK), "is encrypted"),
    ("definitions", set_to((I64, [0]), *METADATA, 16, 3), "has a histogram of other levels"),
    ("repetitions", set_to((I64, [0, 1]), *METADATA, 16, 2), "has a histogram of other levels"),
    ("texts", lambda root: field(root, *METADATA, 16)[2].insert(0, [1, I64, 1]), "has a size of texts, and is of none"),
    ("levels", set_to((STRUCT, [[[4, BINARY, b"x"], [5, I32, 1]], *levels(40_000)]), 2), "20,000 are the most"),
    ("no metadata", lambda root: field(root, *CHUNK)[2][1][0].pop(), "a chunk of a has no metadata"),
    ("other document", added([1, BINARY, b"x"], *CHUNK), "has its columns in other documents"),
    ("path", set_to((BINARY, [b"text"]), *METADATA, 3), "a chunk of a is of another path"),
    ("few values", set_to(1, *METADATA, 5), "has 1 values for 2 rows"),
    ("many values", set_to(2**40, *METADATA, 5), "has 1,099,511,627,776 values for 2 rows"),
    ("fewer rows", set_to(1, *GROUP, 3), "has 2 values for 1 rows"),
    ("less than no rows", set_to(-1, *GROUP, 3), "a row group has fewer rows than none"),
    ("size", set_to(-1, *METADATA, 6), "has a size of less than no bytes"),
    ("beyond", set_to(2**40, *METADATA, 9), "a chunk of a is not within the document"),
    ("before", set_to(-1, *METADATA, 11), "a chunk of a is not within the document"),
    ("no bytes", set_to(0, *METADATA, 7), "a row group has [01] rows, and the footer says 2"),
    ("fewer children", lambda root: field(root, 2)[2][1][0][-1].__setitem__(2, 10), "more elements than its groups"),
    ("more children", lambda root: field(root, 2)[2][1][0][-1].__setitem__(2, 12), "fewer elements than its groups"),
    ("no schema", set_to((STRUCT, []), 2), "its schema has no elements"),
    ("repetition", lambda root: field(root, 2)[2][1][1][1].__setitem__(2, 3), "an element of no known repetition"),
    ("deep", set_to((STRUCT, [[[4, BINARY, b"x"], [5, I32, 1]], *levels(101)]), 2), "has more than 100 levels"),
    ("many chunks", lambda root: field(root, 4, 1).__setitem__(2, (STRUCT, [[]] * 20_001)), "20,000 are the most"),
    ("order", lambda root: root.insert(0, root.pop(3)), "its row groups come before its schema"),
    ("twice", lambda root: root.insert(2, root[1]), "schema of the footer is there twice"),
    ("wrong", lambda root: root.__setitem__(1, [2, TRUE, True]), "schema of the footer is of another type"),
    ("list", set_to((I32, [1]), 4), "a list is of another type"),
    ("missing", lambda root: root.pop(1), "its row groups come before its schema"),
    ("without", lambda root: field(root, 4)[2][1][0].pop(2), "a RowGroup has no num_rows"),
    ("bits", set_to(2**40, *METADATA, 1), "an integer of more than 32 bits"),
]


@pytest.mark.parametrize(("change", "said"), [pytest.param(*rest, id=name) for name, *rest in KINDS])
def test_what_pyarrow_takes_for_granted_is_checked(
    process: ReaderProcess, change: Callable[[Struct], object], said: str
) -> None:
    if "histogram" in said or "size of texts" in said:
        pytest.importorskip("pyarrow", "21", reason="earlier ones write no such statistics")
    answer = process.outcome(changed(SAMPLE, change))
    assert re.search(rf"Error: sales\.parquet .*{said}", answer), answer


@pytest.mark.parametrize("content", SAMPLES, ids=range(len(SAMPLES)))
def test_what_is_not_changed_is_read(content: bytes) -> None:
    assert outcome(content).endswith(" 3 rows")
    assert outcome(changed(content, lambda _: None)).endswith(" 3 rows")


def deep(levels: int) -> list[Any]:
    """Return a field that no footer has, of so many levels."""
    return [99, STRUCT, [deep(levels - 1)] if levels > 1 else []]


def test_what_is_not_known_is_passed_over() -> None:
    unknown = [[50, I64, -1], [51, LIST, (STRUCT, [[[1, TRUE, True], [200, BINARY, b"x"]]] * 20)], [52, 7, b"8 bytes."]]
    assert outcome(changed(SAMPLE, lambda root: root.extend(unknown))).endswith(" 3 rows")
    before, footer = parts(SAMPLE)
    maps = bytes([0x1B, 2, 0x81, 1, 97, 1, 1, 98, 2, 0x0B]) + b"\x02\x00"  # of texts and booleans, and an empty one
    assert outcome(joined(before, footer[:-1] + b"\x0a\xc8\x01\x12\x01\x02" + maps + b"\x00")).endswith(" 3 rows")


def test_levels_of_what_is_passed_over_are_bounded() -> None:
    assert outcome(changed(SAMPLE, lambda root: root.append(deep(60)))).endswith(" 3 rows")
    assert "more than 64 levels" in outcome(changed(SAMPLE, lambda root: root.append(deep(65))))


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (b"\x18", "ends too early"),
        (b"\x18\xff\xff\xff\xff\x07", "ends too early"),
        (b"\x18\xff\xff\xff\xff\x7f", "a size of 34,359,738,367"),
        (b"\x19\xf5\xff\xff\xff\x07", "a list of 16,777,215 values ends beyond it"),
        (b"\x16" + b"\xff" * 10 + b"\x01", "an integer of more than 64 bits"),
        (b"\x1d", "a value of type 13"),
        (b"\x19\x10\x00", "a value of type 0"),
        (b"\x05\xff\xff\xff\x01", "an integer of more than 16 bits"),
    ],
    ids=str,
)
def test_what_is_no_compact_thrift_is_refused(end: bytes, said: str) -> None:
    before, footer = parts(SAMPLE)
    assert said in outcome(joined(before, footer[:-1] + b"\x0c\xc8\x01\x00" + end))


@pytest.mark.parametrize(("bound", "said"), [("CHUNKS", "chunks"), ("PATH_BYTES", "paths")])
def test_a_footer_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch, bound: str, said: str) -> None:
    monkeypatch.setattr(parquet_footer, bound, 15)
    assert said in outcome(SAMPLE)


def test_the_reader_agrees_with_another_on_all_that_is_declared() -> None:
    footer = parts(SAMPLE)[1]
    groups = compact_thrift.CompactReader(footer).struct(parquet_footer._FOOTER)["row_groups"]
    told = [
        [[field(chunk, 3, number)[2] for number in (1, 5, 6, 7, 9)] for chunk in field(group, 1)[2][1]]
        for group in field(Reader(footer).struct(), 4)[2][1]
    ]
    names = ("type", "num_values", "total_uncompressed_size", "total_compressed_size", "data_page_offset")
    assert [[[chunk["meta_data"][name] for name in names] for chunk in group["columns"]] for group in groups] == told


@pytest.mark.long
@settings(max_examples=examples(15), deadline=None)
@given(data=st.data(), content=st.sampled_from(SAMPLES))
def test_a_changed_footer_gives_rows_or_an_error(process: ReaderProcess, data: st.DataObject, content: bytes) -> None:
    before, footer = parts(content)
    root = Reader(footer).struct()
    for _ in range(data.draw(st.integers(1, 2))):
        every = list(changes(root))
        every[data.draw(st.integers(0, len(every) - 1))]()
    answer = process.outcome(joined(before, serialized(root)))
    assert answer.endswith("rows") or "Error: sales.parquet " in answer, answer


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**32), content=st.sampled_from(SAMPLES), is_footer=st.booleans())
def test_changed_bytes_give_rows_or_an_error(
    process: ReaderProcess, seed: int, content: bytes, is_footer: bool
) -> None:
    chance = random.Random(seed)
    both = [bytearray(each) for each in parts(content)]
    for _ in range(chance.choice([1, 1, 2, 4])):
        place = chance.randrange(len(both[is_footer]))
        both[is_footer][place] = chance.choice([0, 255, chance.randrange(256), both[is_footer][place] ^ 1])
    answer = process.outcome(joined(*map(bytes, both)))
    assert answer.endswith("rows") or "Error: sales.parquet " in answer, answer
