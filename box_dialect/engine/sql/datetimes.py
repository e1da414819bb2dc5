"""SQL functions of moments, which are stored in UTC as `YYYY-MM-DD HH:MM:SS.ffffff`, so that their texts compare right.

Days are stored as `YYYY-MM-DD`, times of day as `HH:MM:SS.ffffff`. A length of time is the moment that comes so long
after the beginning of 1970, as SQLAlchemy stores an Interval.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from box_dialect.catalog.datetimes import datetime_of
from box_dialect.catalog.values import stored
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import apsw

TELLING: Final = frozenset({"date_trunc", "date_bin", "moment_plus", "moment_minus", "moment_at"})
"""SQL functions that give a moment in the form that Box's timestamps have."""
STRFTIME: Final = "strftime"
"""The function whose texts are moments where they are compared with some, and any texts elsewhere."""
DATES: Final = frozenset({"date", "datetime", "day_of", STRFTIME})
"""SQL functions that give moments in other forms."""
COMPARING: Final = frozenset({"nullif", "min", "max"})
"""SQL functions that compare what they are given, and give one of it."""
CHOOSING: Final = COMPARING | {
    *("coalesce", "ifnull", "iif", "first_value", "last_value", "nth_value", "lag", "lead"),
}
"""SQL functions that give one of the values that they are given."""

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all that is computed with here
_DAY: Final = dt.timedelta(days=1)
_MIDNIGHT: Final[dict[str, Any]] = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0, "fold": 0}
"""The beginning of a day, the first one where the clocks are set back over it."""


def add_datetimes(connection: apsw.Connection) -> None:
    """Make `date_trunc()`, `date_bin()` and the arithmetic of moments known to a connection."""
    for name, takes, function in _FUNCTIONS:
        connection.create_scalar_function(
            name, functools.partial(_of_values, name, function), takes, deterministic=True
        )


def _of_values(name: str, function: Callable[..., Any], *values: Any) -> Any:
    """Return what a function gives in the form that it is stored in; NULL where one of its values is NULL."""
    if None in values:
        return None
    try:
        value = function(*values)
        return None if value is None else _written(value)
    except OverflowError:
        raise DataError(f"{name}() leads beyond the years 1 to 9999") from None


def _written(value: Any) -> str | int:
    if isinstance(value, dt.timedelta):
        value = _EPOCH + value
    if isinstance(value, dt.datetime):
        return stored(value)
    if isinstance(value, dt.time):
        return value.isoformat("microseconds")
    return value.isoformat() if isinstance(value, dt.date) else int(value)


def _datetime(value: Any) -> dt.datetime:
    """Read a moment, which is without a time zone from then on."""
    moment = datetime_of(value)
    if moment is None:
        raise DataError(f"{str(value)[:60]!r} is no moment; it is written YYYY-MM-DD HH:MM:SS")
    return moment


def rfc3339(value: Any) -> str:
    """Return a moment as RFC 3339 has it, in UTC; raises DataError for what is none."""
    return f"{_datetime(value).isoformat()}+00:00"


def _day(value: Any) -> dt.date:
    return _datetime(value).date()


def _length(value: Any) -> dt.timedelta:
    return _datetime(value) - _EPOCH


def _time(value: Any) -> dt.timedelta:
    """Read a time of day, or that of a moment, as the length of time since midnight."""
    try:
        time = dt.time.fromisoformat(value)
    except (TypeError, ValueError):
        time = _datetime(value).time()
    return dt.datetime.combine(_EPOCH, time.replace(tzinfo=None)) - _EPOCH


def _clock(length: dt.timedelta) -> dt.time:
    """Return the time of day that clocks show so long after midnight."""
    return (_EPOCH + length % _DAY).time()


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        return value
    raise DataError(f"{str(value)[:60]!r} is no number")


def _first_of(months: int) -> Callable[[dt.datetime], dt.datetime]:
    """Return what goes back to the first day of a run of so many months."""
    return lambda moment: moment.replace(month=(moment.month - 1) // months * months + 1, day=1, **_MIDNIGHT)


def _monday(moment: dt.datetime) -> dt.datetime:
    return (moment - dt.timedelta(days=moment.weekday())).replace(**_MIDNIGHT)


def _first_of_years(years: int, first: int) -> Callable[[dt.datetime], dt.datetime]:
    """Return what goes back to the first day of a run of so many years, one of which begins in the year `first`."""
    return lambda moment: moment.replace(
        year=max(1, (moment.year - first) // years * years + first), month=1, day=1, **_MIDNIGHT
    )


_FIELDS: Final[Mapping[str, Callable[[dt.datetime], dt.datetime]]] = {
    "microseconds": lambda moment: moment,
    "milliseconds": lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000),
    "second": lambda moment: moment.replace(microsecond=0),
    "minute": lambda moment: moment.replace(second=0, microsecond=0),
    "hour": lambda moment: moment.replace(minute=0, second=0, microsecond=0),
    "day": lambda moment: moment.replace(**_MIDNIGHT),
    "week": _monday,
    "month": _first_of(1),
    "quarter": _first_of(3),
    "year": _first_of(12),
    "decade": _first_of_years(10, 0),
    "century": _first_of_years(100, 1),
    "millennium": _first_of_years(1000, 1),
}
"""PostgreSQL's fields. Source: https://www.postgresql.org/docs/current/functions-datetime.html"""


def _truncated(field: str, value: str, zone: str = "UTC") -> dt.datetime:
    """Return the beginning of the year, month … that a moment is in, as the clocks of a time zone show it."""
    truncate = _FIELDS.get(str(field).lower())
    if truncate is None:
        raise ProgrammingError(f"date_trunc() takes one of {', '.join(_FIELDS)}, not {str(field)[:40]!r}")
    moment = _datetime(value)
    if zone == "UTC":
        return truncate(moment)
    return truncate(moment.replace(tzinfo=dt.UTC).astimezone(_zone(zone)))


def _binned(length: str, value: str, origin: str) -> dt.datetime:
    """Return the beginning of the run of time that a moment is in; runs are so long, and one begins at the origin."""
    stride, begins = _length(length), _datetime(origin)
    if stride <= dt.timedelta():
        raise DataError(f"date_bin() takes a length of time greater than zero, not {str(length)[:40]!r}")
    return begins + (_datetime(value) - begins) // stride * stride


@functools.lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise ProgrammingError(
            f"date_trunc() takes the name of a time zone, such as Europe/Berlin, not {str(name)[:40]!r}"
        ) from None


def _over(length: str, number: Any) -> dt.timedelta | None:
    return _length(length) / _number(number) if number else None  # as SQLite divides by zero


_FUNCTIONS: Final[tuple[tuple[str, int, Callable[..., Any]], ...]] = (
    ("date_trunc", 2, _truncated),
    ("date_trunc", 3, _truncated),
    ("date_bin", 3, _binned),
    ("moment_plus", 2, lambda moment, length: _datetime(moment) + _length(length)),
    ("moment_minus", 2, lambda moment, length: _datetime(moment) - _length(length)),
    ("moment_difference", 2, lambda later, earlier: _datetime(later) - _datetime(earlier)),
    ("moment_at", 2, lambda day, time: dt.datetime.combine(_day(day), dt.time()) + _time(time)),
    ("day_plus", 2, lambda day, number: _day(day) + _DAY * _number(number)),
    ("day_minus", 2, lambda day, number: _day(day) - _DAY * _number(number)),
    ("day_difference", 2, lambda later, earlier: (_day(later) - _day(earlier)).days),
    ("day_of", 1, _day),
    ("time_of", 1, lambda value: _clock(_time(value))),
    ("time_plus", 2, lambda time, length: _clock(_time(time) + _length(length))),
    ("time_minus", 2, lambda time, length: _clock(_time(time) - _length(length))),
    ("time_difference", 2, lambda later, earlier: _time(later) - _time(earlier)),
    ("length_times", 2, lambda length, number: _length(length) * _number(number)),
    ("length_over", 2, _over),
)
"""The functions, each with its name and the number of values that it takes."""
