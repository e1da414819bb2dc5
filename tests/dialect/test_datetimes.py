"""Timestamps in expressions: what is computed from them is right, compares right, and comes back as a datetime."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

MOMENT = dt.datetime(2024, 8, 15, 13, 45, 59, 123456, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7, microseconds=1)
own = sa.Table(
    "own",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("aware", sa.DateTime(timezone=True)),
    sa.Column("naive", sa.DateTime()),
    sa.Column("day", sa.Date()),
    sa.Column("lasted", sa.Interval()),
    sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
)


@pytest.fixture
def connection(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    """A connection whose own table has one row."""
    with engine.begin() as connection:
        own.create(connection)
        connection.execute(
            own.insert(), {"aware": MOMENT, "naive": naive(MOMENT), "day": MOMENT.date(), "lasted": WEEK}
        )
        yield connection


def naive(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=None)


def one(connection: sa.engine.Connection, *columns: Any) -> Any:
    row = connection.execute(sa.select(*columns)).one()
    return row[0] if len(row) == 1 else tuple(row)


def test_what_is_naive_counts_as_utc(connection: sa.engine.Connection) -> None:
    assert one(connection, own.c.aware, own.c.naive) == (MOMENT, naive(MOMENT))
    berlin = dt.timezone(dt.timedelta(hours=2))
    for same in (MOMENT, naive(MOMENT), MOMENT.astimezone(berlin)):
        assert one(connection, own.c.aware == same, own.c.naive == same) == (True, True)
    day = sa.select(own.c.id).where(own.c.aware > MOMENT.date(), own.c.aware < MOMENT.date() + dt.timedelta(days=1))
    assert connection.execute(day).scalar() == 1


def test_a_date_is_its_beginning(engine: sa.engine.Engine) -> None:
    moments = sa.Table("moments", sa.MetaData(), sa.Column("at", sa.DateTime(timezone=True)))
    day = dt.date(2024, 8, 15)
    with engine.begin() as connection:
        moments.create(connection)
        connection.execute(moments.insert(), {"at": day})
        assert one(connection, moments.c.at) == dt.datetime(2024, 8, 15, tzinfo=dt.UTC)
        assert one(connection, moments.c.at == day, moments.c.at <= day, moments.c.at - day) == (
            True,
            True,
            dt.timedelta(0),
        )


@sweep(
    ("field", "truncated"),
    [
        ("microseconds", MOMENT),
        ("milliseconds", MOMENT.replace(microsecond=123000)),
        ("second", MOMENT.replace(microsecond=0)),
        ("minute", dt.datetime(2024, 8, 15, 13, 45, tzinfo=dt.UTC)),
        ("hour", dt.datetime(2024, 8, 15, 13, tzinfo=dt.UTC)),
        ("day", dt.datetime(2024, 8, 15, tzinfo=dt.UTC)),
        ("week", dt.datetime(2024, 8, 12, tzinfo=dt.UTC)),
        ("MONTH", dt.datetime(2024, 8, 1, tzinfo=dt.UTC)),
        ("quarter", dt.datetime(2024, 7, 1, tzinfo=dt.UTC)),
        ("year", dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
        ("decade", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
        ("century", dt.datetime(2001, 1, 1, tzinfo=dt.UTC)),
        ("millennium", dt.datetime(2001, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_date_trunc(connection: sa.engine.Connection, field: str, truncated: dt.datetime) -> None:
    aware, naive_ = sa.func.date_trunc(field, own.c.aware), sa.func.date_trunc(field, own.c.naive)
    assert one(connection, aware, naive_) == (truncated, naive(truncated))
    assert one(connection, aware == truncated, aware <= own.c.aware) == (True, True)
    assert one(connection, sa.func.date_trunc(field, sa.cast(None, sa.DateTime(timezone=True)))) is None


@pytest.mark.parametrize(
    ("moment", "week"),
    [("2024-01-01", "2024-01-01"), ("2023-01-01 23:59:59.999999", "2022-12-26"), ("2024-12-31 12:00", "2024-12-30")],
)
def test_weeks_begin_on_mondays(connection: sa.engine.Connection, moment: str, week: str) -> None:
    query = sa.text("SELECT date_trunc('week', :moment)")
    assert connection.execute(query, {"moment": moment}).scalar() == f"{week} 00:00:00.000000"


@pytest.mark.parametrize(
    ("length", "origin", "begins"),
    [
        (dt.timedelta(minutes=5), "2000-01-01", "2024-08-15 13:45:00"),
        (dt.timedelta(hours=6), "2000-01-01", "2024-08-15 12:00:00"),
        (dt.timedelta(seconds=0.25), "2000-01-01", "2024-08-15 13:45:59"),
        (dt.timedelta(days=7), "1969-12-28", "2024-08-11 00:00:00"),
        (dt.timedelta(days=7), "2100-01-03", "2024-08-11 00:00:00"),
        (dt.timedelta(minutes=15), "2000-01-01 00:02:30", "2024-08-15 13:32:30"),
    ],
)
def test_date_bin(connection: sa.engine.Connection, length: dt.timedelta, origin: str, begins: str) -> None:
    expected = dt.datetime.fromisoformat(begins).replace(tzinfo=dt.UTC)
    aware, naive_ = (
        sa.func.date_bin(length, column, dt.datetime.fromisoformat(origin)) for column in (own.c.aware, own.c.naive)
    )
    assert one(connection, aware, naive_) == (expected, naive(expected))
    assert one(connection, aware == expected, aware <= own.c.aware) == (True, True)
    assert one(connection, sa.func.date_bin(length, sa.cast(None, sa.DateTime(timezone=True)), own.c.aware)) is None


def test_date_bin_counts_before_its_origin_too(connection: sa.engine.Connection) -> None:
    query = sa.text("SELECT date_bin('1970-01-01 00:05:00', :moment, '1970-01-01')")
    assert connection.execute(query, {"moment": "1969-12-31 23:58"}).scalar() == "1969-12-31 23:55:00.000000"


def test_date_trunc_by_the_clocks_of_a_time_zone(connection: sa.engine.Connection) -> None:
    late = dt.datetime(2024, 3, 31, 22, 30, tzinfo=dt.UTC)  # the first of April in Berlin
    assert one(connection, sa.func.date_trunc("month", late, "Europe/Berlin")) == dt.datetime(
        2024, 3, 31, 22, tzinfo=dt.UTC
    )
    assert one(connection, sa.func.date_trunc("year", late, "Europe/Berlin")) == dt.datetime(
        2023, 12, 31, 23, tzinfo=dt.UTC
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ("date_trunc('fortnight', '2024-01-01')", sa.exc.ProgrammingError, "takes one of .*'fortnight'"),
        ("date_trunc('day', 'yesterday')", sa.exc.DataError, "'yesterday' is no moment"),
        ("date_trunc('day', 7)", sa.exc.DataError, "'7' is no moment"),
        ("date_trunc('day', '2024-01-01', 'Mars/Olympus')", sa.exc.ProgrammingError, "time zone"),
        ("date_bin('1970-01-01', '2024-01-01', '2000-01-01')", sa.exc.DataError, "greater than zero"),
        ("date_bin('1970-01-08', '2024-01-01', 'yesterday')", sa.exc.DataError, "'yesterday' is no moment"),
        ("moment_minus('0001-01-01', '1970-01-02')", sa.exc.DataError, "beyond the years"),
    ],
)
def test_wrong_values_are_told(
    connection: sa.engine.Connection, call: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        connection.execute(sa.text(f"SELECT {call}")).all()


def test_arithmetic_with_lengths_of_time(connection: sa.engine.Connection) -> None:
    later = MOMENT + WEEK
    assert one(connection, own.c.aware + WEEK, own.c.naive - WEEK) == (later, naive(MOMENT - WEEK))
    assert one(connection, own.c.aware + own.c.lasted, own.c.lasted + own.c.naive) == (later, naive(later))
    assert one(connection, own.c.aware - MOMENT.replace(year=2023), own.c.naive - own.c.aware) == (
        dt.timedelta(days=366),
        dt.timedelta(0),
    )
    assert one(connection, own.c.aware - later, own.c.lasted + WEEK, own.c.lasted - WEEK * 2) == (
        -WEEK,
        WEEK * 2,
        -WEEK,
    )
    assert one(connection, own.c.day + dt.timedelta(hours=1)) == naive(dt.datetime(2024, 8, 15, 1, tzinfo=dt.UTC))
    assert one(connection, (own.c.aware + WEEK) == later, (own.c.aware - own.c.naive) < WEEK) == (True, True)
    assert one(connection, own.c.aware + sa.null()) is None
    assert one(connection, own.c.id + 1, own.c.id - 1) == (2, 0)


def test_now_compares_with_what_is_stored(connection: sa.engine.Connection) -> None:
    for now in (sa.func.now(), sa.func.current_timestamp()):
        assert len(connection.execute(sa.select(sa.type_coerce(now, sa.String))).scalar()) == len(
            "2024-08-15 13:45:59.123456"
        )
        assert one(connection, own.c.aware < now, own.c.aware + dt.timedelta(days=100_000) > now) == (True, True)
        assert one(connection, now - dt.timedelta(hours=1) < now, now - now) == (True, dt.timedelta(0))
    assert one(connection, own.c.made_at) > MOMENT
    assert "CURRENT_TIMESTAMP" in str(CreateTable(own).compile(connection))


def test_parts_and_casts(connection: sa.engine.Connection) -> None:
    parts = [sa.extract(field, own.c.aware) for field in ("year", "month", "day", "hour", "minute", "second")]
    assert one(connection, *parts) == (2024, 8, 15, 13, 45, 59)
    assert one(connection, sa.cast(own.c.aware, sa.Date), sa.cast("2024-08-15", sa.DateTime)) == (
        MOMENT.date(),
        naive(dt.datetime(2024, 8, 15, tzinfo=dt.UTC)),
    )
    assert one(connection, sa.cast(own.c.id, sa.String), sa.cast("7", sa.Integer)) == ("1", 7)


def test_box_is_asked_as_without_arithmetic(engine: sa.engine.Engine, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    month = sa.func.date_trunc("month", files.c.modified_at)
    with engine.connect() as connection:
        moments = connection.execute(sa.select(files.c.modified_at).where(files.c.parent_id == "0")).scalars().all()
        grouped = sa.select(month, sa.func.count()).where(files.c.parent_id == "0").group_by(month).order_by(month)
        result = connection.execute(grouped)
        cursor = result.cursor
        expected = sorted(moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0) for moment in moments)
        assert [(row[0], row[1]) for row in result] == [(m, expected.count(m)) for m in sorted(set(expected))]
        assert cursor.api_calls == 1
        newest = max(moments)
        since = sa.select(files.c.modified_at).where(
            files.c.parent_id == "0", files.c.modified_at >= sa.bindparam("end", newest) - dt.timedelta(0)
        )
        assert set(connection.execute(since).scalars()) == {newest}
        assert connection.execute(sa.select(sa.func.max(files.c.modified_at))).scalar().tzinfo is dt.UTC


def test_raw_sql_gives_text(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        query = "SELECT modified_at, date_trunc('year', modified_at) AS y FROM files WHERE parent_id = '0' LIMIT 1"
        modified_at, year = cursor.execute(query).fetchone() or (None, None)
        assert isinstance(modified_at, dt.datetime)
        assert year == f"{modified_at.year}-01-01 00:00:00.000000"
        assert [item[1] == box_dialect.DATETIME for item in cursor.description or ()] == [True, False]


def test_box_s_timestamps_compare_with_texts_in_any_spelling(engine: sa.engine.Engine, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    either = sa.func.coalesce(files.c.modified_at, files.c.created_at)
    same, midnight = "2015-04-11T10:00:00+02:00", "2015-04-11"
    conditions = [
        files.c.modified_at == same,
        files.c.modified_at == sa.literal_column("'2015-04-11T08:00Z'"),
        files.c.modified_at.in_([same, "2014-01-01"]),
        files.c.modified_at.between(midnight, same),
        either == same,
        either == sa.text("'2015-04-11T08:00Z'"),
        either.in_(["2015-04-11T08:00Z"]),
        either.between("2015-04-11T08:00Z", same),
        sa.cast(files.c.modified_at, sa.Date) == dt.date(2015, 4, 11),
        sa.func.date(files.c.modified_at) == midnight,
    ]
    with engine.connect() as connection:
        for condition in conditions:
            query = sa.select(files.c.name).where(files.c.parent_id == "0", condition)
            assert connection.execute(query).scalars().all() == ["notes"], condition
            literal = query.compile(engine, compile_kwargs={"literal_binds": True})
            assert connection.execute(sa.text(str(literal))).scalars().all() == ["notes"], condition
        newest = sa.select(files.c.parent_id).group_by(files.c.parent_id).where(files.c.parent_id == "0")
        latest = sa.func.max(files.c.modified_at)
        assert connection.execute(newest.having(latest == "2015-07-20T08:00:00Z")).scalars().all() == ["0"]
        assert connection.execute(newest.having(latest > "2015-07-20T08:00:00Z")).scalars().all() == []
        cast = sa.text("SELECT CAST(modified_at AS DATE) AS day FROM files WHERE parent_id = '0' AND name = 'notes'")
        assert connection.execute(cast).scalar() == dt.date(2015, 4, 11)


def test_columns_of_an_own_table_compare_with_box_s(engine: sa.engine.Engine, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    seen = sa.Table("seen", sa.MetaData(), sa.Column("at", sa.DateTime), sa.Column("text", sa.String))
    with engine.begin() as connection:
        seen.create(connection)
        here = dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC)
        connection.execute(seen.insert(), {"at": here, "text": "2015-04-11T08:00:00Z"})
        connection.execute(sa.text("INSERT INTO seen VALUES ('2015-04-11T08:00Z', '2015-04-11 08:00')"))
        for left, right in ((seen.c.at, files.c.modified_at), (files.c.modified_at, seen.c.at)):
            joined = sa.select(files.c.name).join_from(seen, files, left == right).where(files.c.parent_id == "0")
            assert connection.execute(joined).scalars().all() == ["notes", "notes"]
        assert connection.execute(sa.select(seen.c.at).distinct()).scalars().all() == [naive(here)]
        among = sa.select(files.c.modified_at).where(files.c.parent_id == "0")
        assert len(connection.execute(sa.select(seen).where(seen.c.at.in_(among))).all()) == 2
        text = sa.select(seen).where(sa.type_coerce(seen.c.text, sa.DateTime(timezone=True)).in_(among))
        assert len(connection.execute(text).all()) == 2
        assert sa.inspect(connection).get_columns("seen")[0]["type"].__class__.__name__ == "DATETIME"


def test_tuples(engine: sa.engine.Engine) -> None:
    columns = sa.column("name"), sa.column("modified_at", sa.DateTime(timezone=True)), sa.column("parent_id")
    files = sa.table("files", *columns)
    pairs = [("notes", dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC)), ("notes", dt.datetime(2015, 4, 11, tzinfo=dt.UTC))]
    for pair in ((files.c.name, files.c.modified_at), (sa.func.lower(files.c.name), files.c.modified_at)):
        query = sa.select(files.c.name).where(files.c.parent_id == "0", sa.tuple_(*pair).in_(pairs))
        with engine.connect() as connection:
            assert connection.execute(query).scalars().all() == ["notes"]
