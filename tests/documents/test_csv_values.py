"""Columns of texts as values: whole blocks by Arrow, just as one by one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from box_dialect.documents.csv_values import typed
from box_dialect.documents.model import ColumnType
from box_dialect.documents.values import CONVERSIONS

SPELLINGS = [
    *(
        "0",
        "-0",
        "+7",
        "007",
        "-01",
        "0x1A",
        "0b1",
        "9223372036854775807",
        "9223372036854775808",
        " 7",
        "1_0",
        "",
    ),
    *(
        "1.5",
        ".5",
        "5.",
        "1e3",
        "1e400",
        "1E-999",
        "1e1234",
        "nan",
        "inf",
        "-Infinity",
        "1,5",
        "12345678901234567890",
    ),
    *("true", "FALSE", "1", "t", "yes"),
    *(
        "2020-02-29",
        "2021-02-29",
        "0000-01-01",
        "0001-01-01",
        "12020-01-01",
        "07-17-2017",
        "7/4/2017",
        "2020-1-1",
    ),
    *("2020-01-02T03:04", "2020-01-02 03:04:05.123456", "2020-01-02 03:04:05.1234567", "2020-01-02T03:04:05Z"),
    *("2020-01-02T03:04:05+02:00", "2020-01-02T03", "2020-01-02 24:00", "2020-01-02 23:59:60", "2020-01-02Z"),
    *("9999-12-31 23:59:59-01:00", "2020-01-02 03:04:05+0530", "2020-01-02 03:04:05-00:30"),
]

TEXTS = st.one_of(
    st.sampled_from(SPELLINGS),
    st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.datetimes().map(str),
    st.dates().map(str),
)


@pytest.mark.long
@pytest.mark.parametrize("column_type", sorted(CONVERSIONS))
@given(texts=st.lists(TEXTS | st.none(), min_size=1, max_size=3))
def test_values_are_those_of_one_text_after_another(column_type: ColumnType, texts: list[str | None]) -> None:
    expected = [None if text is None else CONVERSIONS[column_type](text) for text in texts]
    given_ = typed(pa.array(texts, pa.string()), column_type)
    assert [(type(value), value) for value in given_] == [(type(value), value) for value in expected]


@pytest.mark.parametrize("column_type", sorted(CONVERSIONS))
@pytest.mark.parametrize("text", SPELLINGS)
def test_a_text_by_itself_is_the_value_that_it_is(column_type: ColumnType, text: str) -> None:
    (value,) = typed(pa.array([text]), column_type)
    expected = CONVERSIONS[column_type](text)
    assert (type(value), value) == (type(expected), expected)


def test_texts_stay_texts() -> None:
    assert typed(pa.array(["1", "", None]), ColumnType.TEXT) == ["1", "", None]
