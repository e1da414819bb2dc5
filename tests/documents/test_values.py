"""The types of values that are texts, and their values."""

from __future__ import annotations

import sys
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from box_dialect.documents.model import ColumnType
from box_dialect.documents.values import CONVERSIONS, TypeDetection, day, moment

if TYPE_CHECKING:
    from datetime import datetime


def found(*texts: str) -> ColumnType:
    detection = TypeDetection()
    for text in texts:
        detection.add_text(text)
    return detection.type


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1", "-2", "0", " 4 "), "integer"),
        (("1", "2.5", ".5", "1e3"), "float"),
        (("true", "FALSE"), "boolean"),
        (("2024-02-29", "07-17-2017", "7/4/2020"), "date"),
        (("2024-02-29", "2024-02-29T10:00:00Z", "2024-02-29 10:00:00.5+02:00"), "timestamp"),
        (("1", "", "2"), "integer"),
        (("", " "), "text"),
        (("007",), "text"),
        (("+491511234567",), "text"),
        (("1.5", "+2.5"), "float"),
        (("1_000",), "text"),
        (("\u0661",), "text"),
        (("1234567890123456789",), "text"),
        (("2023-02-29",), "text"),
        (("13-13-2017",), "text"),
        (("1", "true"), "text"),
        (("nan", "inf"), "text"),
    ],
)
def test_the_type_is_the_narrowest_that_all_have(texts: tuple[str, ...], expected: str) -> None:
    assert found(*texts) == expected


@given(st.integers())
def test_whole_numbers_are_read_or_stay_text(number: int) -> None:
    value = CONVERSIONS[ColumnType.INTEGER](str(number))
    assert value == (number if -(2**63) <= number < 2**63 else str(number))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read(number: float) -> None:
    assert CONVERSIONS[ColumnType.FLOAT](repr(number)) == number


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_read_as_the_driver_stores_them(moment: datetime) -> None:
    expected = moment.strftime("%m-%d %H:%M:%S.%f")
    for text in (moment.isoformat(), moment.isoformat(" ", "microseconds").replace("+00:00", "Z")):
        assert CONVERSIONS[ColumnType.TIMESTAMP](text) == f"{moment.year:04}-{expected}"
    assert CONVERSIONS[ColumnType.DATE](moment.strftime("%m-%d-") + f"{moment.year:04}") == moment.date().isoformat()


@given(st.text())
def test_what_is_no_value_of_the_type_stays_text_and_blanks_are_null(text: str) -> None:
    for convert in CONVERSIONS.values():
        value = convert(f"x{text}")
        assert value == f"x{text}"
    assert {convert(" ") for convert in CONVERSIONS.values()} == {None}


def test_long_texts_are_kept_in_no_cache() -> None:
    for convert in (day, moment):
        text = "x" * 100_000
        before = sys.getrefcount(text)
        assert convert(text) == text
        assert sys.getrefcount(text) == before
        assert convert(f"{' ' * 100}2024-05-01\n") in {"2024-05-01", "2024-05-01 00:00:00.000000"}
