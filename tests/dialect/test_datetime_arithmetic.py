# ruff: noqa: DTZ001 - naive moments are what this is about
"""What is computed of moments, dates, times of day and lengths of time is what Python computes of them."""

from __future__ import annotations

import datetime as dt
import operator
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

from box_dialect.dialect import BoxDialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

moments = sa.Table(
    "moments",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("aware", sa.DateTime(timezone=True)),
    sa.Column("naive", sa.DateTime()),
    sa.Column("day", sa.Date()),
    sa.Column("time", sa.Time()),
    sa.Column("lasted", sa.Interval()),
)
c = moments.c
YEAR = dt.timedelta(days=366)
MIDNIGHT = dt.time()

offsets = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
datetimes = st.datetimes(dt.datetime(1001, 1, 2), dt.datetime(2900, 1, 1), timezones=offsets)
dates = st.dates(dt.date(1000, 1, 1), dt.date(2900, 1, 1))
lengths = st.timedeltas(-YEAR * 300, YEAR * 300)
everything = settings(
    deadline=None,
    max_examples=examples(12),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

unusual_operators = pytest.mark.filterwarnings(
    "ignore:Type object .* does not include operator"
)  # SQLAlchemy 2.1 warns


@pytest.fixture
def connection(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    with engine.begin() as connection:
        moments.create(connection)
        yield connection
        moments.drop(connection)


def utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def naive(moment: dt.datetime) -> dt.datetime:
    return utc(moment).replace(tzinfo=None)


def beginning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, MIDNIGHT)


def clock(moment: dt.datetime) -> dt.time:
    return moment.time()


def kept(connection: sa.engine.Connection, **values: Any) -> None:
    connection.execute(moments.delete())
    connection.execute(moments.insert(), values)


def check(connection: sa.engine.Connection, expected: list[tuple[Any, Any]]) -> None:
    """Compare what expressions give, bound and written out, with what they should."""
    statement = sa.select(*(expression for expression, _ in expected))
    assert list(connection.execute(statement).one()) == [value for _, value in expected]


@everything
@given(moment=datetimes, other=datetimes, length=lengths)
@example(
    moment=dt.datetime(1969, 12, 31, 23, 59, 59, 999999), other=dt.datetime(1970, 1, 1), length=dt.timedelta(0, 0, 1)
)
def test_moments(
    connection: sa.engine.Connection, moment: dt.datetime, other: dt.datetime, length: dt.timedelta
) -> None:
    kept(connection, aware=moment, naive=moment, lasted=length)
    expected = [
        (c.aware, utc(moment)),
        (c.naive, naive(moment)),
        (c.aware + length, utc(moment) + length),
        (c.lasted + c.naive, naive(moment) + length),
        (sa.literal(length) + c.aware, utc(moment) + length),
        (sa.literal(length) + sa.literal(naive(other)), naive(other) + length),
        (c.aware - length, utc(moment) - length),
        (c.naive - c.lasted, naive(moment) - length),
        (c.aware - other, utc(moment) - utc(other)),
        (c.naive - c.aware, dt.timedelta(0)),
        (sa.literal(other) - c.naive, utc(other) - utc(moment)),
        ((c.aware - other) - (c.naive - other), dt.timedelta(0)),
    ]
    compare: list[Callable[[Any, Any], Any]] = [
        getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ]
    for each in compare:
        expected += [
            (each(c.aware, other), each(utc(moment), utc(other))),
            (each(c.naive, utc(other)), each(utc(moment), utc(other))),
            (each(c.aware - other, length), each(utc(moment) - utc(other), length)),
            (each(c.aware + length, c.naive), each(utc(moment) + length, utc(moment))),
        ]
    check(connection, expected)


@everything
@given(day=dates, other=dates, moment=datetimes, length=lengths, number=st.integers(-100_000, 100_000))
@example(
    day=dt.date(1969, 12, 31),
    other=dt.date(1970, 1, 1),
    moment=dt.datetime(1969, 12, 31),
    length=dt.timedelta(0, -1),
    number=1,
)
def test_dates(
    connection: sa.engine.Connection,
    day: dt.date,
    other: dt.date,
    moment: dt.datetime,
    length: dt.timedelta,
    number: int,
) -> None:
    kept(connection, day=day, aware=moment, naive=moment, lasted=length)
    begins = beginning(day)
    expected = [
        (c.day - other, (day - other).days),
        (sa.literal(other) - c.day, (other - day).days),
        (c.day - c.day, 0),
        (c.day + number, day + dt.timedelta(number)),
        (number + c.day, day + dt.timedelta(number)),
        (c.day - number, day - dt.timedelta(number)),
        (c.day + length, begins + length),
        (c.lasted + c.day, begins + length),
        (c.day - length, begins - length),
        (c.naive - other, naive(moment) - beginning(other)),
        (c.aware - c.day, naive(moment) - begins),
        (c.day - c.naive, begins - naive(moment)),
        ((c.aware - other).label("labelled"), naive(moment) - beginning(other)),
        (sa.func.max(c.naive - c.day), naive(moment) - begins),
        (sa.cast(c.naive, sa.Date), naive(moment).date()),
        (sa.cast(c.day, sa.DateTime), begins),
        (c.naive.between(other, moment), beginning(other) <= naive(moment)),
        (c.aware.between(c.day, c.naive), begins <= naive(moment)),
        (c.naive.in_([day, other]), naive(moment) in {begins, beginning(other)}),
        (sa.cast(c.day, sa.DateTime).in_([other, day]), True),
        (c.day.in_([moment, begins]), True),
    ]
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        compare = getattr(operator, name)
        expected += [
            (compare(c.naive, other), compare(naive(moment), beginning(other))),
            (compare(c.aware, c.day), compare(naive(moment), begins)),
            (compare(c.day, moment), compare(begins, naive(moment))),
            (compare(sa.cast(c.day, sa.DateTime), day), compare(0, 0)),
        ]
    check(connection, expected)


@everything
@given(time=st.times(), other=st.times(), day=dates, length=lengths)
def test_times_of_day(
    connection: sa.engine.Connection, time: dt.time, other: dt.time, day: dt.date, length: dt.timedelta
) -> None:
    kept(connection, time=time, day=day, naive=dt.datetime.combine(day, other), lasted=length)
    at = dt.datetime.combine(day, time)
    expected = [
        (c.day + c.time, at),
        (c.time + c.day, at),
        (c.day + other, dt.datetime.combine(day, other)),
        (c.time + length, clock(at + length)),
        (c.lasted + c.time, clock(at + length)),
        (c.time - length, clock(at - length)),
        (c.time - other, at - dt.datetime.combine(day, other)),
        (sa.cast(c.naive, sa.Time), other),
        (sa.cast(c.time, sa.Time), time),
        (c.time < other, time < other),
        (c.time == other, time == other),
    ]
    check(connection, expected)


@unusual_operators
@everything
@given(
    length=lengths,
    other=lengths,
    whole=st.integers(-6, 6),
    fraction=st.floats(-6, 6, allow_nan=False, allow_subnormal=False),
)
def test_lengths_of_time(
    connection: sa.engine.Connection, length: dt.timedelta, other: dt.timedelta, whole: int, fraction: float
) -> None:
    assume(abs(fraction) > 0.2)
    kept(connection, lasted=length)
    check(
        connection,
        [
            (c.lasted + other, length + other),
            (c.lasted - other, length - other),
            (sa.literal(other) - c.lasted, other - length),
            (-c.lasted, -length),
            (c.lasted * whole, length * whole),
            (sa.literal(whole) * c.lasted, length * whole),
            (c.lasted * fraction, length * fraction),
            (c.lasted / fraction, length / fraction),
            (c.lasted / whole, length / whole if whole else None),
            (c.lasted < other, length < other),
            (c.lasted == other, length == other),
        ],
    )


FIELDS: dict[str, Callable[[dt.datetime], dt.datetime]] = {
    "microseconds": lambda at: at,
    "milliseconds": lambda at: at - dt.timedelta(microseconds=at.microsecond % 1000),
    "second": lambda at: at.replace(microsecond=0),
    "minute": lambda at: at.replace(second=0, microsecond=0),
    "hour": lambda at: at.replace(minute=0, second=0, microsecond=0),
    "day": lambda at: beginning(at.date()),
    "week": lambda at: dt.datetime.strptime(at.strftime("%G %V 1"), "%G %V %u"),  # noqa: DTZ007
    "month": lambda at: dt.datetime(at.year, at.month, 1),
    "quarter": lambda at: dt.datetime(at.year, {1: 1, 2: 4, 3: 7, 4: 10}[(at.month + 2) // 3], 1),
    "year": lambda at: dt.datetime(at.year, 1, 1),
    "decade": lambda at: dt.datetime(int(f"{at.year:04}"[:3] + "0"), 1, 1),
    "century": lambda at: dt.datetime((at.year - 1) // 100 * 100 + 1, 1, 1),
    "millennium": lambda at: dt.datetime((at.year - 1) // 1000 * 1000 + 1, 1, 1),
}


@pytest.mark.long
@everything
@given(moment=datetimes)
@example(moment=dt.datetime(1969, 12, 31, 23, 59, 59, 999999))
@example(moment=dt.datetime(2000, 12, 31, 23, 59, 59, 999999))
@example(moment=dt.datetime(2001, 1, 1))
def test_date_trunc(connection: sa.engine.Connection, moment: dt.datetime) -> None:
    kept(connection, aware=moment, naive=moment)
    expected: list[tuple[Any, Any]] = []
    for field, truncated in FIELDS.items():
        begins = truncated(naive(moment))
        of_aware, of_naive = sa.func.date_trunc(field, c.aware), sa.func.date_trunc(field, c.naive)
        expected += [
            (of_aware, begins.replace(tzinfo=dt.UTC)),
            (of_naive, begins),
            (of_naive.label(field), begins),
            (of_naive == begins, True),
            (c.naive - of_aware, naive(moment) - begins),
            (of_naive + dt.timedelta(1), begins + dt.timedelta(1)),
            (of_naive - dt.timedelta(1), begins - dt.timedelta(1)),
            (sa.func.min(of_naive), begins),
        ]
    check(connection, expected)


def test_a_day_that_begins_twice_begins_once(connection: sa.engine.Connection) -> None:
    """In the Azores, midnight to one o'clock was there twice on that day."""
    begins = dt.datetime(2024, 10, 27, tzinfo=dt.UTC)
    for minutes in (0, 30, 60, 90, 120, 12 * 60):
        day = sa.func.date_trunc("day", begins + dt.timedelta(minutes=minutes), "Atlantic/Azores")
        assert connection.execute(sa.select(day)).scalar() == begins
    hour = sa.func.date_trunc("hour", begins + dt.timedelta(minutes=90), "Atlantic/Azores")
    assert connection.execute(sa.select(hour)).scalar() == begins + dt.timedelta(hours=1)


@unusual_operators
def test_null_gives_null(connection: sa.engine.Connection) -> None:
    connection.execute(moments.insert(), {"id": 1})
    day, at = dt.date(2024, 8, 15), dt.datetime(2024, 8, 15, 12)
    computed = [
        *(c.aware + c.lasted, c.naive - at, c.aware - day, c.day - day, c.day + 1, c.day - c.aware, c.time - MIDNIGHT),
        *(
            c.lasted * 2,
            c.lasted / 2,
            -c.lasted,
            c.day + c.time,
            c.aware + sa.null(),
            sa.func.date_trunc("day", c.aware),
        ),
        *(
            c.aware == day,
            c.naive.in_([day]),
            c.naive.between(day, at),
            sa.cast(c.aware, sa.Time),
            sa.cast(c.aware, sa.Date),
        ),
    ]
    check(connection, [(each, None) for each in computed])


def test_types_are_right_through_subqueries(connection: sa.engine.Connection) -> None:
    at, day = dt.datetime(2024, 8, 15, 12), dt.date(2024, 8, 1)
    kept(connection, naive=at, day=day)
    month = sa.func.date_trunc("month", c.naive).label("month")
    inner = sa.select(month, (c.naive - c.day).label("since")).cte()
    outer = sa.select(inner.c.month, inner.c.since, (inner.c.month + inner.c.since).label("again")).subquery()
    found = connection.execute(sa.select(outer, sa.func.max(outer.c.month).over())).one()
    assert tuple(found) == (beginning(day), at - beginning(day), at, beginning(day))
    told = sa.func.date_trunc("month", c.naive, type_=sa.String())
    assert connection.execute(sa.select(told)).scalar() == "2024-08-01 00:00:00.000000"


@unusual_operators
def test_functions_that_give_one_of_several_values_have_its_type(connection: sa.engine.Connection) -> None:
    at, day = dt.datetime(2024, 8, 15, 12), dt.date(2024, 8, 1)
    later = at + dt.timedelta(days=1)
    connection.execute(moments.insert(), [{"naive": at, "day": day}, {"naive": later, "day": day}])
    before, first = sa.func.lag(c.naive).over(order_by=c.id), sa.func.first_value(c.day).over(order_by=c.id)
    query = sa.select(before, first, c.naive - before, sa.func.ifnull(c.naive, at), sa.func.nullif(c.naive, c.aware))
    last = connection.execute(query.order_by(c.id.desc())).first()
    assert tuple(last) == (at, day, dt.timedelta(days=1), later, later)


def test_values_are_written_out_as_they_are_bound(connection: sa.engine.Connection) -> None:
    at, day, length = dt.datetime(2024, 8, 15, 12), dt.date(2024, 8, 15), dt.timedelta(hours=12)
    kept(connection, naive=at, day=day, lasted=length)
    holds = (c.naive - length == day, c.naive - day == length, c.naive.in_([day, at]), c.day - day == 0, c.day < at)
    query = sa.select(c.id).where(*holds)
    written = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    assert "?" not in written
    assert len(connection.execute(query).all()) == len(connection.exec_driver_sql(written).all()) == 1


@sweep(
    ("expression", "message"),
    [
        (lambda: c.aware * 2, r"no DateTime \* Integer"),
        (lambda: c.aware + 1, r"no DateTime \+ Integer"),
        (lambda: c.aware + c.naive, r"no DateTime \+ DateTime"),
        (lambda: c.day + c.day, r"no Date \+ Date"),
        (lambda: c.lasted / c.lasted, r"no Interval / Interval"),
        (lambda: c.lasted % 2, r"no Interval % Integer"),
        (lambda: c.lasted + 5, r"no Interval \+ Integer"),
        (lambda: c.aware - sa.func.datetime("now"), r"no DateTime - NullType.*type_coerce"),
        (lambda: c.lasted > 5, "Interval and Integer do not compare"),
        (lambda: c.aware == c.time, "DateTime and Time do not compare"),
        (lambda: c.aware > c.lasted, "DateTime and Interval do not compare"),
        (lambda: c.aware.in_([c.day, c.day]), "looked for among datetimes, not dates"),
        (lambda: c.aware.in_(sa.select(c.day)), "looked for among datetimes, not dates"),
        (
            lambda: c.aware.in_(sa.bindparam("days", [dt.date(2024, 1, 1)], expanding=True)),
            "looked for among datetimes",
        ),
        (lambda: sa.func.avg(c.lasted), "avg.* is of numbers; give it extract"),
        (lambda: sa.func.sum(c.aware - c.naive), "sum.* is of numbers"),
        (lambda: sa.func.date_trunc("day", c.lasted), "of a DateTime, not of Interval"),
        (lambda: sa.func.date_trunc("day", c.time), "of a DateTime, not of Time"),
        (lambda: sa.extract("day", c.lasted), "extract.* gives the epoch of an Interval"),
        (lambda: sa.cast(c.lasted, sa.DateTime), "Interval cannot be cast to DateTime"),
        (lambda: sa.cast(c.aware, sa.Interval), "DateTime cannot be cast to Interval"),
        (lambda: sa.cast(c.time, sa.Date), "Time cannot be cast to Date"),
        (lambda: sa.cast(c.id, sa.Date), "Integer cannot be cast to Date"),
        (lambda: sa.cast(c.aware, sa.Integer), "DateTime cannot be cast to Integer; extract"),
    ],
)
@unusual_operators
def test_what_cannot_be_computed_is_refused(expression: Callable[[], Any], message: str) -> None:
    statement = sa.select(expression())
    with pytest.raises(sa.exc.CompileError, match=message):
        statement.compile(dialect=BoxDialect())


def test_seconds_of_a_length_of_time(connection: sa.engine.Connection) -> None:
    kept(connection, naive=dt.datetime(2024, 8, 15, 12), day=dt.date(2024, 8, 15), lasted=dt.timedelta(minutes=-2))
    seconds = sa.func.avg(sa.extract("epoch", c.naive - c.day))
    check(connection, [(seconds, 12 * 3600), (sa.extract("epoch", c.lasted), -120)])
