"""Time grains and the literals of time filters: what SQL gives with them, compared with what pandas computes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from sweep import sweep

from box_dialect.integrations.superset.grains import EPOCH, EPOCH_MILLISECONDS, GRAINS, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

    import box_dialect

# pandas before 2.2 computes in nanoseconds on the way, which do not reach as far.
FIRST, LAST = (
    ("1601-01-01 00:00:00", "9998-07-31 17:45:30")
    if tuple(map(int, pd.__version__.split(".")[:2])) >= (2, 2)
    else ("1681-01-01 00:00:00", "2261-07-31 17:45:30")
)
MOMENTS = [
    *map(
        dt.datetime.fromisoformat,
        [
            FIRST,
            "1969-12-31 23:59:59.999999",
            "1970-01-01 00:00:00",
            "2015-04-11 08:00:00",
            "2024-02-29 23:59:59.999999",
            "2024-12-28 12:34:56.789000",  # a Saturday
            "2024-12-29 00:00:00",  # a Sunday
            "2024-12-29 23:29:29.000001",
            "2024-12-30 00:00:00",  # a Monday
            "2025-01-01 05:59:59",
            LAST,
        ],
    )
]


def _week(last_day: str, *, is_last: bool = False) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Return what gives the first or the last day of the week that ends with a day."""
    days = {"SAT": 6, "SUN": 0}[last_day]

    def bucket(moments: pd.Series[Any]) -> pd.Series[Any]:
        midnight = moments.dt.floor("D")
        ahead = (days - (moments.dt.day_of_week + 1) % 7) % 7
        last = midnight + pd.to_timedelta(ahead, unit="D")
        return last if is_last else last - pd.Timedelta(days=6)

    return bucket


def _floor(length: str) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    return lambda moments: moments.dt.floor(length)


def _first(period: str) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Return what gives the first day of a month, a quarter or a year."""
    months = {"M": 1, "Q": 3, "Y": 12}[period]

    def bucket(moments: pd.Series[Any]) -> pd.Series[Any]:
        first = moments.map(lambda at: at.replace(month=(at.month - 1) // months * months + 1, day=1))
        return first.dt.floor("D")

    return bucket


EXPECTED: dict[str | None, Callable[[pd.Series[Any]], pd.Series[Any]]] = {
    None: lambda moments: moments,
    "PT1S": _floor("1s"),
    "PT5S": _floor("5s"),
    "PT30S": _floor("30s"),
    "PT1M": _floor("1min"),
    "PT5M": _floor("5min"),
    "PT10M": _floor("10min"),
    "PT15M": _floor("15min"),
    "PT30M": _floor("30min"),
    "PT0.5H": _floor("30min"),
    "PT1H": _floor("1h"),
    "PT6H": _floor("6h"),
    "P1D": _floor("1D"),
    "P1W": _week("SUN"),
    "P1M": _first("M"),
    "P3M": _first("Q"),
    "P0.25Y": _first("Q"),
    "P1Y": _first("Y"),
    "1969-12-28T00:00:00Z/P1W": _week("SAT"),
    "1969-12-29T00:00:00Z/P1W": _week("SUN"),
    "P1W/1970-01-03T00:00:00Z": _week("SAT", is_last=True),
    "P1W/1970-01-04T00:00:00Z": _week("SUN", is_last=True),
}


@pytest.fixture(scope="module")
def connection(small: Box) -> Iterator[box_dialect.Connection]:
    """A connection whose own tables have the moments in columns of several types."""
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute('CREATE TABLE own ("at of" TIMESTAMP, day DATE, clock TIME, words TEXT, seconds INTEGER)')
        cursor.executemany(
            "INSERT INTO own VALUES (?, ?, ?, ?, ?)",
            [(at, at.date(), at.time(), at.isoformat(), int((at - MOMENTS[2]).total_seconds())) for at in MOMENTS],
        )
        yield connection


def _series(values: list[Any]) -> pd.Series[Any]:
    return pd.Series([pd.Timestamp(at).tz_localize(None) for at in values], dtype="datetime64[us]")


def test_each_grain_is_computed_here() -> None:
    assert EXPECTED.keys() == GRAINS.keys()


@sweep("grain", GRAINS)
def test_moments_of_one_s_own(connection: box_dialect.Connection, grain: str | None) -> None:
    sql = "SELECT {} FROM own ORDER BY rowid".format(GRAINS[grain].replace("{col}", '"at of"'))
    rows = [row[0] for row in connection.cursor().execute(sql)]
    assert [*_series(rows)] == [*EXPECTED[grain](_series(MOMENTS))]


@sweep("grain", GRAINS)
def test_groups_of_files(connection: box_dialect.Connection, grain: str | None) -> None:
    where = "FROM files WHERE parent_id = '0' AND modified_at IS NOT NULL"
    moments = [row[0] for row in connection.cursor().execute(f"SELECT modified_at {where}")]
    expected = EXPECTED[grain](_series(moments)).value_counts()
    rows = connection.cursor().execute(f"SELECT {GRAINS[grain].format(col='modified_at')}, count(*) {where} GROUP BY 1")
    assert {pd.Timestamp(at).tz_localize(None): count for at, count in rows} == expected.to_dict()


def test_seconds_and_milliseconds_since_1970(connection: box_dialect.Connection) -> None:
    read = (EPOCH.format(col="seconds"), EPOCH_MILLISECONDS.format(col="(seconds * 1000 + 250)"))
    rows = connection.cursor().execute(f"SELECT seconds, {', '.join(read)} FROM own").fetchall()
    for seconds, by_seconds, by_milliseconds in rows:
        at = MOMENTS[2] + dt.timedelta(seconds=seconds)
        assert dt.datetime.fromisoformat(by_seconds) == at
        assert dt.datetime.fromisoformat(by_milliseconds) == at + dt.timedelta(milliseconds=250)


BETWEEN = [
    (dt.datetime.fromisoformat("2015-04-11 08:00:00"), dt.datetime.fromisoformat("2024-12-29 00:00:00")),
    (dt.datetime.fromisoformat("2024-12-28 12:34:56.789000"), dt.datetime.fromisoformat("2024-12-29 00:00:00.000001")),
    (
        dt.datetime(2024, 12, 29, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        dt.datetime.fromisoformat("9999-01-01 00:00:00"),
    ),
]


def _naive(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at


@sweep("declared", ["TIMESTAMP", "DATETIME", "TIMESTAMP WITH TIME ZONE", "timestamp text"])
@sweep("source", ["own", '(SELECT "at of" FROM own) AS virtual_table'])
@sweep("since, until", BETWEEN)
def test_a_filter_of_moments(
    connection: box_dialect.Connection, declared: str, source: str, since: dt.datetime, until: dt.datetime
) -> None:
    sql = (
        f'SELECT "at of" FROM {source} WHERE "at of" >= {literal(declared, since)} '
        f'AND "at of" < {literal(declared, until)}'
    )
    rows = [row[0].replace(tzinfo=None) for row in connection.cursor().execute(sql)]
    assert rows == [at for at in MOMENTS if _naive(since) <= at < _naive(until)]


@sweep("since, until", BETWEEN)
def test_a_filter_of_box_s_timestamps(
    connection: box_dialect.Connection, since: dt.datetime, until: dt.datetime
) -> None:
    everything = connection.cursor().execute("SELECT modified_at FROM files").fetchall()
    rows = connection.cursor().execute(
        f"SELECT modified_at FROM files WHERE modified_at >= {literal('TIMESTAMP TEXT', since)} "
        f"AND modified_at < {literal('TIMESTAMP TEXT', until)}"
    )
    expected = [at for (at,) in everything if _naive(since) <= at.replace(tzinfo=None) < _naive(until)]
    assert sorted(row[0] for row in rows) == sorted(expected)


def test_a_filter_of_days_and_of_times_of_day(connection: box_dialect.Connection) -> None:
    since = dt.datetime.fromisoformat("2024-12-29 12:30:00")
    cursor = connection.cursor()
    days = cursor.execute(f"SELECT day FROM own WHERE day >= {literal('DATE', since)}").fetchall()
    assert [day for (day,) in days] == [at.date() for at in MOMENTS if at.date() >= since.date()]
    times = cursor.execute(f"SELECT clock FROM own WHERE clock >= {literal('TIME', since)}").fetchall()
    assert [clock for (clock,) in times] == [at.time() for at in MOMENTS if at.time() >= since.time()]


def test_columns_of_other_types_are_compared_as_their_dataset_says(connection: box_dialect.Connection) -> None:
    at = dt.datetime.fromisoformat("2015-04-11 08:00:00")
    assert [literal(declared, at) for declared in ("TEXT", "INTEGER", "BIGINT", "JSON TEXT", "")] == [None] * 5
    # Superset's own form, which it takes then, for a column that holds what a function gives.
    newest = "SELECT max(modified_at) AS newest FROM files GROUP BY parent_id"
    sql = f"SELECT newest FROM ({newest}) AS virtual_table WHERE newest >= '{at:%Y-%m-%d %H:%M:%S.%f}'"
    everything = connection.cursor().execute(newest).fetchall()
    assert sorted(connection.cursor().execute(sql).fetchall()) == sorted(
        row for row in everything if row[0] and row[0] >= str(at)
    )
