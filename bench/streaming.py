"""Line 7: how much memory a process takes to stream a million rows, over what it takes idle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.contest import Settings
    from bench.outcome import Outcome

ROWS: Final = 1_000_000
_MEGABYTE: Final = 1_000_000
_STATEMENT: Final = "SELECT id, name, path, size, sha1, modified_at FROM files WHERE parent_id = '160000000001'"


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the line, in a process of its own; it reads /proc, so Linux only."""
    from bench.decoding import PAGE, recorded_page
    from bench.outcome import Bound, Outcome
    from bench.servers import replay

    pages = max(1, round(ROWS * settings.scale / PAGE))
    with replay(recorded_page(), pages * PAGE) as server:
        done = subprocess.run(  # noqa: S603 - this interpreter and this file
            [sys.executable, __file__, server.url], check=True, capture_output=True, text=True
        )
    found = json.loads(done.stdout)
    if found["rows"] != pages * PAGE:
        raise RuntimeError(f"line 7: {found['rows']} rows came of {pages * PAGE}")
    yield Outcome(
        line="7",
        work=f"memory of streaming {found['rows']:,} rows",
        unit="MB",
        measured=(found["peak"] - found["idle"]) / _MEGABYTE,
        limit=120,
        bound=Bound("<=", 1.0),
        calls=pages,
        least=pages,
    )


def stream(url: str) -> dict[str, int]:
    """Stream the rows, and return their number, the memory before and the most, in bytes."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1")).fetchall()
        idle = _memory("VmRSS")
        result = connection.execution_options(stream_results=True).execute(sa.text(_STATEMENT))
        rows = sum(1 for _ in result)
    return {"rows": rows, "idle": idle, "peak": _memory("VmHWM")}


def _memory(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    print(json.dumps(stream(sys.argv[1])))
