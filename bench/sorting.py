"""Line 10: sorting a folder's listing by a timestamp, which compares as a moment, against sorting it by a text."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Final

import box_dialect
from bench.decoding import PAGE, recorded_page
from bench.outcome import Bound, Outcome
from bench.servers import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.contest import Settings

ROWS: Final = 100_000
_STATEMENT: Final = "SELECT id, modified_at, sha1 FROM files WHERE parent_id = '160000000001' ORDER BY {}"
_BY_MOMENT: Final = (("a", "ORDER BY modified_at", "modified_at"), ("b", "ORDER BY 2, its number", "2"))


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the line; both statements are run in turn."""
    pages = max(1, round(ROWS * settings.scale / PAGE))
    with replay(recorded_page(), pages * PAGE) as server, box_dialect.connect(server.url) as connection:
        for letter, work, term in _BY_MOMENT:
            moments, texts = zip(
                *[(_seconds(connection, term), _seconds(connection, "sha1")) for _ in range(settings.runs)], strict=True
            )
            yield Outcome(
                line=f"10{letter}",
                work=f"{work} of {pages * PAGE:,} rows against ORDER BY sha1",
                unit="s",
                measured=median(moments),
                limit=median(texts),
                bound=Bound("<=", 1.2),
                calls=pages,
                least=pages,
                runs=moments,
            )


def _seconds(connection: box_dialect.Connection, term: str) -> float:
    began = time.perf_counter()
    cursor = connection.cursor().execute(_STATEMENT.format(term))
    for _ in cursor:
        pass
    return time.perf_counter() - began
