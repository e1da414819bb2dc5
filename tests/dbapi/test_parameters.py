"""Values on their way in and out."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import uuid
from collections import UserDict, UserList
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from sweep import sweep

import box_dialect

EAST = dt.timezone(dt.timedelta(hours=2))
LARGEST = (1 << 63) - 1


class Text(str):
    __slots__ = ()


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


BOUND = [
    (None, (None, "null")),
    (True, (1, "integer")),
    (False, (0, "integer")),
    (0, (0, "integer")),
    (LARGEST, (LARGEST, "integer")),
    (-LARGEST - 1, (-LARGEST - 1, "integer")),
    (1.5, (1.5, "real")),
    (math.inf, (math.inf, "real")),
    (-math.inf, (-math.inf, "real")),
    (math.nan, (None, "null")),
    ("", ("", "text")),
    ("O'Brien — 🙂", ("O'Brien — 🙂", "text")),
    ("a\0b", ("a\0b", "text")),
    (Text("sub"), ("sub", "text")),
    (Colour.RED, ("red", "text")),
    (Level.HIGH, (3, "integer")),
    (b"", (b"", "blob")),
    (b"\0\xff", (b"\0\xff", "blob")),
    (bytearray(b"x"), (b"x", "blob")),
    (memoryview(b"xyz")[1:], (b"yz", "blob")),
    (Decimal("1.5"), (1.5, "real")),
    (Decimal("1E+3"), (1000, "integer")),
    (Decimal(LARGEST), (LARGEST, "integer")),
    (Decimal(LARGEST + 1), (float(1 << 63), "real")),
    (Decimal("Infinity"), (math.inf, "real")),
    (Decimal("NaN"), (None, "null")),
    (Decimal("sNaN"), (None, "null")),
    (uuid.UUID(int=5), ("00000000-0000-0000-0000-000000000005", "text")),
    (dt.date(2020, 1, 2), ("2020-01-02", "text")),
    (dt.time(1, 2, 3), ("01:02:03", "text")),
    (dt.time(1, 2, 3, 4), ("01:02:03.000004", "text")),
    (dt.datetime(2020, 1, 2, 3, 4, 5), ("2020-01-02 03:04:05.000000", "text")),  # noqa: DTZ001 - naive on purpose
    (dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.UTC), ("2020-01-02 03:04:05.000006", "text")),
    (dt.datetime(2020, 1, 2, 1, tzinfo=EAST), ("2020-01-01 23:00:00.000000", "text")),
    (box_dialect.DateFromTicks(0), ("1970-01-01", "text")),
    (box_dialect.TimestampFromTicks(0), ("1970-01-01 00:00:00.000000", "text")),
]

NOT_BOUND = [
    (LARGEST + 1, box_dialect.DataError, "9223372036854775808 is beyond 64 bits"),
    (-LARGEST - 2, box_dialect.DataError, "beyond 64 bits"),
    (1 << 400, box_dialect.DataError, "beyond 64 bits"),
    (dt.datetime(1, 1, 1, tzinfo=EAST), box_dialect.DataError, "out of range"),
    ("\ud800", box_dialect.ProgrammingError, "surrogates not allowed"),
    (object(), box_dialect.ProgrammingError, r"builtins\.object cannot be bound"),
    ([1], box_dialect.ProgrammingError, r"builtins\.list cannot be bound"),
    ((1,), box_dialect.ProgrammingError, r"builtins\.tuple cannot be bound"),
    ({}, box_dialect.ProgrammingError, r"builtins\.dict cannot be bound"),
    (1j, box_dialect.ProgrammingError, r"builtins\.complex cannot be bound"),
    (dt.timedelta(1), box_dialect.ProgrammingError, r"datetime\.timedelta cannot be bound"),
    (str, box_dialect.ProgrammingError, r"builtins\.type cannot be bound"),
]

GOOD: list[tuple[str, Any, tuple[Any, ...]]] = [
    ("SELECT ?, ?", (1, 2), (1, 2)),
    ("SELECT ?, ?", [1, 2], (1, 2)),
    ("SELECT ?, ?", range(2), (0, 1)),
    ("SELECT ?, ?", UserList([1, 2]), (1, 2)),
    ("SELECT ?2, ?1", (1, 2), (2, 1)),
    ("SELECT :a, :a", {"a": 1}, (1, 1)),
    ("SELECT :a, @b, $c", {"a": 1, "b": 2, "c": 3}, (1, 2, 3)),
    ("SELECT :a", {"a": 1, "unused": 2}, (1,)),
    ("SELECT :a", MappingProxyType({"a": None}), (None,)),
    ("SELECT :a", UserDict(a=dt.date(2020, 1, 1)), ("2020-01-01",)),
    ("SELECT :a", (1,), (1,)),
    ('SELECT \'?\', ":a" FROM (SELECT 1 AS ":a") -- ?', (), ("?", 1)),
    ("SELECT 1", (), (1,)),
    ("SELECT 1", {}, (1,)),
]

BAD: list[tuple[str, Any, str]] = [
    ("SELECT ?", (), "uses 1 and there are 0 supplied"),
    ("SELECT ?", (1, 2), "uses 1 and there are 2 supplied"),
    ("SELECT 1", (1,), "uses 0 and there are 1 supplied"),
    ("SELECT ?2", (1,), "uses 2 and there are 1 supplied"),
    ("SELECT ?", {"a": 1}, "has no name"),
    ("SELECT :a", {}, "no value for the parameter 'a'"),
    ("SELECT :a, :b", {"a": 1}, "no value for the parameter 'b'"),
    ("SELECT :a", {1: 2}, "no value for the parameter 'a'"),
    ("SELECT ?", "x", "a sequence or a mapping, not str"),
    ("SELECT ?", b"x", "a sequence or a mapping, not bytes"),
    ("SELECT ?", None, "a sequence or a mapping, not NoneType"),
    ("SELECT ?", 5, "a sequence or a mapping, not int"),
    ("SELECT ?", {1}, "a sequence or a mapping, not set"),
    ("SELECT ?", iter([1]), "a sequence or a mapping, not list_iterator"),
    ("SELECT ?999999", (1,), "between"),
    ("SELECT %s", (1,), "syntax error"),
]


@sweep(("value", "expected"), BOUND, ids=[repr(value).partition(" at 0x")[0] for value, _ in BOUND])
def test_values_are_bound(connection: box_dialect.Connection, value: object, expected: tuple[object, str]) -> None:
    cursor = connection.cursor()
    assert cursor.execute("SELECT ?1, typeof(?1)", (value,)).fetchall() == [expected]
    assert cursor.execute("SELECT :v, typeof(:v)", {"v": value}).fetchall() == [expected]


@sweep(("value", "kind", "reason"), NOT_BOUND, ids=[repr(value).partition(" at 0x")[0][:40] for value, *_ in NOT_BOUND])
def test_what_cannot_be_bound_is_told(
    connection: box_dialect.Connection, value: object, kind: type[Exception], reason: str
) -> None:
    cursor = connection.cursor()
    for parameters in ((value,), {"v": value}):
        with pytest.raises(kind, match=reason):
            cursor.execute("SELECT :v", parameters)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_decimals_are_bound_whatever_the_context(connection: box_dialect.Connection) -> None:
    with decimal.localcontext(decimal.Context(prec=3, traps=[decimal.Inexact, decimal.InvalidOperation])):
        rows = connection.cursor().execute("SELECT ?, ?", (Decimal("12345.5"), Decimal("sNaN"))).fetchall()
    assert rows == [(12345.5, None)]


@sweep(("sql", "parameters", "row"), GOOD)
def test_parameters_fill_their_places(
    connection: box_dialect.Connection, sql: str, parameters: Any, row: tuple[object, ...]
) -> None:
    assert connection.cursor().execute(sql, parameters).fetchall() == [row]


@sweep(("sql", "parameters", "reason"), BAD)
def test_wrong_parameters_are_told(connection: box_dialect.Connection, sql: str, parameters: Any, reason: str) -> None:
    cursor = connection.cursor()
    with pytest.raises(box_dialect.ProgrammingError, match=reason):
        cursor.execute(sql, parameters)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_the_values_of_numpy_and_pandas_are_bound_as_what_they_mean(connection: box_dialect.Connection) -> None:
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    cursor = connection.cursor()
    for value, expected in [
        (numpy.int64(3), (3, "integer")),
        (numpy.uint8(255), (255, "integer")),
        (numpy.float32(1.5), (1.5, "real")),
        (numpy.float64(1.5), (1.5, "real")),
        (numpy.bool_(True), (1, "integer")),
        (numpy.str_("x"), ("x", "text")),
        (pandas.Timestamp("2020-01-01T02:00", tz=EAST), ("2020-01-01 00:00:00.000000", "text")),
        (pandas.NaT, (None, "null")),
    ]:
        assert cursor.execute("SELECT ?1, typeof(?1)", (value,)).fetchall() == [expected]
    for value, kind in [
        (numpy.datetime64("2020-01-01"), box_dialect.ProgrammingError),
        (numpy.uint64(1 << 63), box_dialect.DataError),
        (numpy.array([1, 2]), box_dialect.ProgrammingError),
        (pandas.NA, box_dialect.ProgrammingError),
    ]:
        with pytest.raises(kind):
            cursor.execute("SELECT ?", (value,))


def test_moments_are_found_by_what_they_mean(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    (moment,) = cursor.execute("SELECT min(created_at) FROM files").fetchall()[0]
    (found,) = cursor.execute("SELECT created_at FROM files WHERE created_at = ? LIMIT 1", (moment,)).fetchall()[0]
    assert isinstance(found, dt.datetime)
    assert found.utcoffset() == dt.timedelta(0)
    for same in (found, found.astimezone(EAST), found.replace(tzinfo=None)):
        cursor.execute("SELECT count(*) > 0 FROM files WHERE created_at = ?", (same,))
        assert cursor.fetchall() == [(1,)]


def test_text_that_is_none_is_told_and_read_as_bytes(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    with pytest.raises(box_dialect.DataError, match="can't decode"):
        cursor.execute("SELECT CAST(x'ff' AS TEXT)").fetchall()
    assert cursor.execute("SELECT CAST(CAST(x'ff' AS TEXT) AS BLOB)").fetchall() == [(b"\xff",)]


def test_an_expression_of_any_value_passes_the_columns_type(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE odd (flag BOOLEAN, moment TIMESTAMP TEXT)")
    zoned = "2020-01-01T02:00:00+02:00"  # as another program may have written it
    values = [(True, "2020-01-01"), (False, zoned), (2, "soon"), ("x", b"y"), (None, None)]
    cursor.executemany("INSERT INTO odd VALUES (?, ?)", values)
    assert cursor.execute("SELECT * FROM odd").fetchall() == [
        (True, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
        (False, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
        (2, "soon"),
        ("x", b"y"),
        (None, None),
    ]
