"""SQL functions of moments, which are stored in UTC as `YYYY-MM-DD HH:MM:SS.ffffff`, so that their texts compare right.

A length of time is the moment that comes so long after the beginning of 1970, as SQLAlchemy stores an Interval.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from box_dialect.catalog.values import stored
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import apsw

_MOMENTS_KNOWN: Final = 1024
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all that is computed with here
_MIDNIGHT: Final[dict[str, Any]] = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}


def add_moments(connection: apsw.Connection) -> None:
    """Make `date_trunc()` and the arithmetic of moments known to a connection."""
    for name, takes, function in _FUNCTIONS:
        connection.create_scalar_function(
            name, functools.partial(_of_values, name, function), takes, deterministic=True
        )


def _of_values(name: str, function: Callable[..., dt.datetime], *values: Any) -> str | None:
    """Return what a function gives in the form that moments are stored in; NULL where one of its values is NULL."""
    if None in values:
        return None
    try:
        return stored(function(*values))
    except OverflowError:
        raise DataError(f"{name}() leads beyond the years 1 to 9999") from None


@functools.lru_cache(_MOMENTS_KNOWN)  # the moments of one row are often alike
def _moment(value: Any) -> dt.datetime:
    """Read a moment, which is without a time zone from then on."""
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise DataError(f"{str(value)[:60]!r} is no moment; it is written YYYY-MM-DD HH:MM:SS") from None
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


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
    moment = _moment(value)
    if zone == "UTC":
        return truncate(moment)
    return truncate(moment.replace(tzinfo=dt.UTC).astimezone(_zone(zone)))


@functools.lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise ProgrammingError(
            f"date_trunc() takes the name of a time zone, such as Europe/Berlin, not {str(name)[:40]!r}"
        ) from None


_FUNCTIONS: Final[tuple[tuple[str, int, Callable[..., dt.datetime]], ...]] = (
    ("date_trunc", 2, _truncated),
    ("date_trunc", 3, _truncated),
    ("moment_plus", 2, lambda moment, length: _moment(moment) + (_moment(length) - _EPOCH)),
    ("moment_minus", 2, lambda moment, length: _moment(moment) - (_moment(length) - _EPOCH)),
    ("moment_difference", 2, lambda later, earlier: _EPOCH + (_moment(later) - _moment(earlier))),
)
"""The functions, each with its name and the number of values that it takes."""
