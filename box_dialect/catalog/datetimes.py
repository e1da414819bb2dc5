"""Moments as text: every spelling that is read, and the one form that moments are stored and compared in.

Sources: ISO 8601-1:2019, 4.3 and 5; https://www.sqlite.org/lang_datefunc.html, "Time Values"
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

MOMENTS_ONLY: Final = "MOMENTS_ONLY"
"""The collation of Box's timestamps, which compare with other moments only."""

MOMENT: Final = "MOMENT"
"""The collation of what may be a moment: moments compare as such, and other texts as they are."""

MOMENT_KEY: Final = "moment_key"
"""The SQL function that gives a text by which values sort as they do by the collation `MOMENT`."""

_SPELLING: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3})"
    r"(?:[Tt ](?P<clock>\d\d(?::\d\d(?P<seconds>:\d\d)?|\d\d(?P<basic_seconds>\d\d)?)?)"
    r"(?:[.,](?P<fraction>\d+))?"
    r"(?: ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))?)?",
    re.ASCII,
)
_SPELLINGS_KNOWN: Final = 1 << 15
_LONGEST: Final = 64
"""Letters of the longest text that is read as a moment: no program writes more."""

_CANONICAL_LENGTH: Final = len("2026-01-31 12:30:00.000000")


def is_canonical(text: str) -> bool:
    """Tell whether a text has the form `YYYY-MM-DD HH:MM:SS.ffffff`, in which Box's timestamps are stored, in UTC."""
    return len(text) == _CANONICAL_LENGTH and text[10] == " " and text[19] == "." and text[20:].isdigit()


def datetime_of(value: Any) -> datetime | None:
    """Return the moment that a text means, in UTC without a time zone, to the microsecond; None for any other value."""
    key = canonical(value) if isinstance(value, str) else None
    return None if key is None else datetime.fromisoformat(key[:_CANONICAL_LENGTH])


def read_datetime(text: str) -> datetime:
    """Return the moment that a text means, with the time zone UTC; raises ValueError for another text."""
    moment = datetime_of(text)
    if moment is None:
        raise ValueError(f"{text[:60]!r} is no moment")
    return moment.replace(tzinfo=UTC)


def no_datetime(text: str) -> str:
    """Return what is wrong with a text that is compared with moments."""
    return (
        f"{text[:60]!r} is no moment, and is compared with one; a moment is written YYYY-MM-DD HH:MM:SS, and the name "
        "of a column with COLLATE BINARY behind it compares as text"
    )


def canonical(text: str) -> str | None:
    """Return the moment that a text means as `YYYY-MM-DD HH:MM:SS.ffffff` in UTC; None where it means none.

    Texts of this form compare as their moments do. One without a time zone is UTC, a date is its beginning. Digits past
    the microseconds stay where they are not zero, so that no two moments become one.
    """
    return _canonical(text) if len(text) <= _LONGEST else None


def is_odd(value: Any) -> bool:
    """Tell whether a value is a text that means a moment and is not in the canonical form."""
    return isinstance(value, str) and not is_canonical(value) and canonical(value) is not None


@lru_cache(_SPELLINGS_KNOWN)
def _canonical(text: str) -> str | None:
    found = _SPELLING.fullmatch(text)
    if found is None or (found["fraction"] and not (found["seconds"] or found["basic_seconds"])):
        return None
    clock, zone = found["clock"] or "00", (found["zone"] or "Z").upper()
    is_end_of_day = clock.startswith("24")
    if is_end_of_day and (found["fraction"] or "0").strip("0") + clock[2:].strip(":0"):
        return None
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{'00' if is_end_of_day else clock}{zone}")
        moment = moment.astimezone(UTC) + timedelta(days=is_end_of_day)
    except (ValueError, OverflowError):
        return None
    fraction = (found["fraction"] or "").rstrip("0").ljust(6, "0")
    return f"{moment.replace(tzinfo=None).isoformat(' ', 'seconds')}.{fraction}"
