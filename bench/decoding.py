"""Line 6: rows a second of a folder's listing without latency, against a bare loop that builds the same tuples."""

from __future__ import annotations

import contextlib
import time
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from bench import bare
from bench.contest import DisagreementError
from bench.outcome import Bound, Outcome
from bench.servers import emulator, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.contest import Settings
    from bench.servers import Server

ROWS: Final = 50_000
PAGE: Final = 1_000
_FOLDER: Final = "160000000001"
_STATEMENT: Final = sa.text("SELECT * FROM files WHERE parent_id = :folder")

Listed = list[tuple[Any, ...]]


@cache
def recorded_page() -> list[dict[str, Any]]:
    """Return the entries of a full page, with all fields, as the emulator writes them."""
    with emulator({"synthetic": PAGE, "synthetic_folder_size": PAGE}) as server:
        return server.listing(server.sample(0).folder_id, limit=PAGE, usemarker="true", fields=bare.FIELDS)


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[tuple[Server, int]]:
    """Serve a folder of so many pages, and give the server and the number."""
    pages = max(1, round(ROWS * settings.scale / PAGE))
    with replay(recorded_page(), pages * PAGE) as server:
        yield server, pages


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the line; raises DisagreementError."""
    with served(settings) as (server, pages):
        engine = sa.create_engine(server.url)
        ways: tuple[Callable[[], Listed], ...] = (lambda: by_driver(engine), lambda: _by_hand(server))
        first, second = (way() for way in ways)
        if first != second:
            raise DisagreementError("line 6: the driver and the bare loop do not agree")
        driver, hand = zip(*[[_speed(way, len(first)) for way in ways] for _ in range(settings.runs)], strict=True)
        engine.dispose()
    yield Outcome(
        line="6",
        work="SELECT * of a folder against a bare loop",
        unit="rows/s",
        measured=median(driver),
        limit=median(hand),
        bound=Bound(">=", 0.7),
        calls=pages,
        least=pages,
        runs=driver,
    )


def by_driver(engine: sa.engine.Engine) -> Listed:
    """Return the folder's rows, as the driver lists them."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(_STATEMENT, {"folder": _FOLDER})]


def _by_hand(server: Server) -> Listed:
    return list(bare.rows(server, _FOLDER))


def _speed(way: Callable[[], Listed], rows: int) -> float:
    began = time.perf_counter()
    way()
    return rows / (time.perf_counter() - began)
