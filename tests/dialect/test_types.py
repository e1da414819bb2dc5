"""Values on their way from the driver to SQLAlchemy's types."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from box_dialect.dialect.types import DateTime, read_json

if TYPE_CHECKING:
    from conftest import Box

JSON = ['{"a": [1, -0, 2.50, 1e5], "\\u00e4": null}', "123456789012345678901234567890", "[NaN]", "1e400", '"\\ud800"']
MOMENT = dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", JSON)
def test_json_is_read_as_python_reads_it(text: str) -> None:
    assert repr(read_json(text)) == repr(json.loads(text))


def test_what_is_no_json_is_refused_as_python_refuses_it() -> None:
    with pytest.raises(json.JSONDecodeError):
        read_json("[1")


def decoded(url: str, **options: Any) -> tuple[Any, Any]:
    """Return a JSON value that an engine reads, and what the engine reads it with."""
    engine = sa.create_engine(url, **options)
    with engine.connect() as connection:
        value = connection.execute(sa.text("SELECT '[1]'").columns(sa.column("value", sa.JSON()))).scalar()
    engine.dispose()
    return value, engine.dialect._json_deserializer


def test_json_is_read_by_the_fast_decoder_unless_the_engine_is_given_another(small: Box) -> None:
    assert decoded(small.url) == ([1], read_json)
    value, decoder = decoded(small.url, json_deserializer=str.upper)
    assert (value, decoder) == ("[1]", str.upper)


def test_a_moment_that_is_right_is_given_as_it_is() -> None:
    read = DateTime(timezone=True).result_processor(None, None)  # type: ignore[arg-type]
    assert read(MOMENT) is MOMENT
    assert read("2026-01-31 12:30:00.000000") == MOMENT
    naive = DateTime().result_processor(None, None)  # type: ignore[arg-type]
    assert naive(MOMENT) == MOMENT.replace(tzinfo=None)
    # Another program may have written it.
    assert read("2026-01-31T14:30:00+02:00") == MOMENT
    assert naive("2026-01-31T14:30:00+02:00") == MOMENT.replace(tzinfo=None)


def test_sqlites_own_moment_is_stored_as_it_says(small: Box) -> None:
    minutes = sqlite.DATETIME(
        storage_format="%(day)02d.%(month)02d.%(year)04d %(hour)02d:%(minute)02d",
        regexp=r"(?P<day>\d+)\.(?P<month>\d+)\.(?P<year>\d+) (?P<hour>\d+):(?P<minute>\d+)",
    )
    kept = sa.Table("kept", sa.MetaData(), sa.Column("a", minutes), sa.Column("b", sqlite.DATETIME()))
    engine, naive = sa.create_engine(small.url), MOMENT.replace(tzinfo=None)
    with engine.begin() as connection:
        kept.create(connection)
        connection.execute(kept.insert(), {"a": naive, "b": naive})
        assert connection.scalar(sa.text("SELECT a FROM kept")) == "31.01.2026 12:30"
        found = sa.select(kept.c.a, kept.c.b, sa.func.max(kept.c.b)).where(kept.c.a == naive)
        assert tuple(connection.execute(found).one()) == (naive, naive, naive)
    engine.dispose()


def test_dates_and_times_come_of_columns_and_of_expressions(small: Box) -> None:
    engine = sa.create_engine(small.url)
    own = sa.Table(
        "own",
        sa.MetaData(),
        sa.Column("at", sa.DateTime()),
        sa.Column("day", sa.Date()),
        sa.Column("hour", sa.Time()),
        sa.Column("lasted", sa.Interval()),
        sa.Column("short", sqlite.DATE(storage_format="%(year)04d.%(month)02d.%(day)02d", regexp=r"(\d+).(\d+).(\d+)")),
    )
    moment, lasted = MOMENT.replace(tzinfo=None), dt.timedelta(days=1, seconds=3)
    with engine.begin() as connection:
        own.create(connection)
        values = [moment, moment.date(), moment.time(), lasted, moment.date()]
        connection.execute(own.insert(), dict(zip(own.c.keys(), values, strict=True)))
        connection.execute(own.insert(), dict.fromkeys(own.c.keys()))
        assert [*map(tuple, connection.execute(sa.select(own)))] == [tuple(values), (None,) * 5]
        newest = [sa.func.max(column) for column in own.c]
        assert tuple(connection.execute(sa.select(*newest)).one()) == tuple(values)
        as_day = sa.select(sa.type_coerce(own.c.at, sa.Date()), sa.cast(own.c.at, sa.Date())).limit(1)
        assert tuple(connection.execute(as_day).one()) == (moment.date(),) * 2
        text = connection.execute(sa.text("SELECT at, day, hour FROM own LIMIT 1")).one()
        assert tuple(text) == (MOMENT, moment.date(), moment.time())
        own.drop(connection)
    engine.dispose()
