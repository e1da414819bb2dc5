"""Tell and read the time the way Box writes it: RFC 3339, whole seconds, numeric offset.

Source: https://developer.box.com/guides/api-calls/types-and-formats
"""

import time
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_STANDARD, _SUMMER = timezone(timedelta(hours=-8)), timezone(timedelta(hours=-7))


def now() -> int:
    """Return the current time in Unix seconds."""
    return int(time.time())


@lru_cache(maxsize=65536)
def stamp(seconds: int | None) -> str | None:
    """Write Unix seconds as Box does: at -07:00 from April to October and at -08:00 in the rest of the year."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.astimezone(_SUMMER if 4 <= moment.month <= 10 else _STANDARD).isoformat()


def parse(text: str) -> int:
    """Read an RFC 3339 time (or a plain date) into Unix seconds; raise ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
