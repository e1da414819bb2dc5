"""Lines 10 and 11: what SQLite does with each row of a folder's listing, against the same listing with less of it.

Line 10 sorts by a timestamp, which compares as a moment, against a text. Line 11 compares and sorts rows of which all
columns are shown, against those rows as Box lists them, in processor time of the thread that runs the statement: the
calls and the making of rows are the same.
"""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

import box_dialect
from bench.decoding import PAGE, recorded_page
from bench.outcome import Bound, Outcome
from bench.servers import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.contest import Settings


class _Contest(NamedTuple):
    """Two statements of so many rows, of which the first may take so many times what the other takes by a clock."""

    work: str
    statement: str
    against: str
    rows: int
    most: float
    clock: Callable[[], float] = time.perf_counter


_THREE: Final = "SELECT id, modified_at, sha1 FROM files WHERE parent_id = '160000000001' ORDER BY "
_ALL: Final = "SELECT * FROM files WHERE parent_id = '160000000001'"
_BY_TEXT: Final = "of {:,} rows against ORDER BY sha1"
_AS_LISTED: Final = "of {:,} rows against all"
_CONTESTS: Final = {
    "10a": _Contest(f"ORDER BY modified_at {_BY_TEXT}", f"{_THREE} modified_at", f"{_THREE} sha1", 100_000, 1.2),
    "10b": _Contest(f"ORDER BY 2, its number {_BY_TEXT}", f"{_THREE} 2", f"{_THREE} sha1", 100_000, 1.2),
    "11a": _Contest(f"SELECT * with a WHERE {_AS_LISTED}", f"{_ALL} AND size >= 0", _ALL, 50_000, 4, time.thread_time),
    "11b": _Contest(f"SELECT * with ORDER BY {_AS_LISTED}", f"{_ALL} ORDER BY name", _ALL, 50_000, 4, time.thread_time),
}


def run(number: int, settings: Settings) -> Iterator[Outcome]:
    """Run a line; the two statements of each part of it are run in turn."""
    for line, (work, statement, against, rows, most, clock) in _CONTESTS.items():
        if not line.startswith(str(number)):
            continue
        pages = max(1, round(rows * settings.scale / PAGE))
        with replay(recorded_page(), pages * PAGE) as server, box_dialect.connect(server.url) as connection:
            measured, limits = zip(
                *[[_seconds(connection, each, clock) for each in (statement, against)] for _ in range(settings.runs)],
                strict=True,
            )
        yield Outcome(
            line=line,
            work=work.format(pages * PAGE),
            unit="s",
            measured=median(measured),
            limit=median(limits),
            bound=Bound("<=", most),
            calls=pages,
            least=pages,
            runs=measured,
        )


def _seconds(connection: box_dialect.Connection, statement: str, clock: Callable[[], float]) -> float:
    began = clock()
    cursor = connection.cursor().execute(statement)
    for _ in cursor:
        pass
    return clock() - began
