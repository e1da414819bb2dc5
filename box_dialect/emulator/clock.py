"""Tell and read the time the way Box writes it: RFC 3339, whole seconds, numeric offset.

Source: https://developer.box.com/guides/api-calls/types-and-formats
"""

import re
import time
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone
from email.utils import formatdate
from functools import lru_cache

_FORM = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?", re.ASCII)
_LAST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())  # the last year that has a name
_STANDARD, _SUMMER = timezone(timedelta(hours=-8)), timezone(timedelta(hours=-7))

# By how many seconds the clock of the emulator that is at work differs from the machine's.
offset: ContextVar[float] = ContextVar("offset", default=0.0)


def exact() -> float:
    """Return the current time of the emulator in Unix seconds."""
    return time.time() + offset.get()


def now() -> int:
    """Return the current time of the emulator in whole Unix seconds."""
    return int(exact())


@lru_cache(maxsize=16)
def http_date(seconds: int) -> bytes:
    """Write Unix seconds as the Date header does."""
    return formatdate(seconds, usegmt=True).encode()


@lru_cache(maxsize=65536)
def stamp(seconds: int | None) -> str | None:
    """Write Unix seconds as Box does: at -07:00 from April to October and at -08:00 in the rest of the year."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.astimezone(_SUMMER if 4 <= moment.month <= 10 else _STANDARD).isoformat()


def stamp_in_utc(seconds: int | None) -> str | None:
    """Write Unix seconds as some of Box's resources do, tasks among them: in UTC, with milliseconds."""
    if seconds is None:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def parse(text: str) -> int:
    """Read an RFC 3339 time (or a plain date) since 1970 into Unix seconds; raise ValueError for anything else."""
    if _FORM.fullmatch(text) is None:
        raise ValueError("It must be a date and time of RFC 3339")
    moment = datetime.fromisoformat(text)
    seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if not 0 <= seconds <= _LAST:
        raise ValueError("Box knows no time before 1970")
    return seconds
