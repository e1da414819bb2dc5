"""Time grains: the SQL by which Superset groups moments, `{col}` standing for the column.

Keys are Superset's, which are durations of ISO 8601, some with the day that weeks begin or end with. Moments are UTC.
Source: https://github.com/apache/superset/blob/6.1.0/superset/constants.py, TimeGrain
"""

from __future__ import annotations

import datetime as dt
from typing import Final

_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all moments of the driver
_SUNDAY, _MONDAY = dt.date(1969, 12, 28), dt.date(1969, 12, 29)
_WEEK: Final = dt.timedelta(days=7)


def _truncated(field: str) -> str:
    return f"date_trunc('{field}', {{col}})"


def _binned(length: dt.timedelta, origin: dt.date = _MONDAY) -> str:
    return f"date_bin('{_EPOCH + length}', {{col}}, '{origin}')"


def _last_day(week: str) -> str:
    return f"moment_plus({week}, '{_EPOCH + dt.timedelta(days=6)}')"


GRAINS: Final[dict[str | None, str]] = {
    None: "{col}",
    "PT1S": _truncated("second"),
    "PT5S": _binned(dt.timedelta(seconds=5)),
    "PT30S": _binned(dt.timedelta(seconds=30)),
    "PT1M": _truncated("minute"),
    "PT5M": _binned(dt.timedelta(minutes=5)),
    "PT10M": _binned(dt.timedelta(minutes=10)),
    "PT15M": _binned(dt.timedelta(minutes=15)),
    "PT30M": _binned(dt.timedelta(minutes=30)),
    "PT0.5H": _binned(dt.timedelta(minutes=30)),
    "PT1H": _truncated("hour"),
    "PT6H": _binned(dt.timedelta(hours=6)),
    "P1D": _truncated("day"),
    "P1W": _truncated("week"),
    "P1M": _truncated("month"),
    "P3M": _truncated("quarter"),
    "P0.25Y": _truncated("quarter"),
    "P1Y": _truncated("year"),
    "1969-12-28T00:00:00Z/P1W": _binned(_WEEK, _SUNDAY),
    "1969-12-29T00:00:00Z/P1W": _binned(_WEEK, _MONDAY),
    "P1W/1970-01-03T00:00:00Z": _last_day(_binned(_WEEK, _SUNDAY)),
    "P1W/1970-01-04T00:00:00Z": _last_day(_binned(_WEEK, _MONDAY)),
}
"""The expression of each grain; one of a week gives its first day, or its last one where the key ends with a day."""

EPOCH: Final = "datetime({col}, 'unixepoch')"
"""The moment that so many seconds after 1970 began are, where a column holds these."""
EPOCH_MILLISECONDS: Final = "datetime({col} / 1000.0, 'unixepoch', 'subsec')"
"""The moment that so many milliseconds after 1970 began are."""


def literal(target_type: str, moment: dt.datetime) -> str | None:
    """Return a moment as what a column of a declared type is compared with; None where the type says no form.

    A moment without a time zone is UTC. A column of texts has the form that its dataset says, or the driver's own.
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    words = target_type.upper()
    if words.startswith(("TIMESTAMP", "DATETIME")):
        return f"'{moment.isoformat(' ', 'microseconds')}'"
    if words.startswith("DATE"):
        return f"'{moment.date()}'"
    return f"'{moment.time().isoformat('microseconds')}'" if words.startswith("TIME") else None
