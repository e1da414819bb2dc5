"""Run statements of many shapes, and print their calls over the fewest and their time over the limit, as Markdown.

    python -m bench.limits [--latency-ms 100] [--concurrency 16,32] [NAME ...]

The limit is, summed over the levels of calls that wait for one another, the calls of a level / concurrency, rounded up,
x latency. Each statement runs on a connection of its own, which is signed in before the clock starts.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from typing import TYPE_CHECKING

import box_dialect
from bench.servers import running
from bench.shapes import SHAPES
from bench.tree import furnish, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.shapes import Shape


def limit(shape: Shape, concurrency: int, latency_ms: float) -> float:
    """Return the seconds that a statement takes at least."""
    return sum(math.ceil(calls / concurrency) for calls in shape.levels) * latency_ms / 1000


def measured(shape: Shape, names: Mapping[str, str], url: str, concurrency: int) -> tuple[int, float]:
    """Run a statement; return its calls and its seconds."""
    with box_dialect.connect(url, max_concurrency=concurrency) as connection:
        connection.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall()
        furnish(connection, names)
        cursor = connection.cursor()
        began = time.perf_counter()
        shape.run(cursor, names)
        return cursor.api_calls, time.perf_counter() - began


def main() -> None:
    """Read the command line, run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--latency-ms", type=float, default=100)
    parser.add_argument("--concurrency", default="16,32", help="calls in flight at most, one or several, as in 16,32")
    parser.add_argument("names", nargs="*", help="beginnings of names; all statements without any")
    chosen = parser.parse_args()
    widths = [int(width) for width in chosen.concurrency.split(",")]
    shapes = [shape for shape in SHAPES if not chosen.names or shape.name.startswith(tuple(chosen.names))]
    titles = [f"calls, {width} at once | time / limit" for width in widths]
    print(f"| statement | fewest calls | {' | '.join(titles)} |\n| --- | --- |{' --- | --- |' * len(widths)}")
    command = [sys.executable, "-m", "bench.tree", "--latency-ms", str(chosen.latency_ms)]
    found: dict[Shape, list[str]] = {shape: [] for shape in shapes}
    for width in widths:
        with running(command) as (_pid, ready):
            with box_dialect.connect(ready["url"]) as connection:
                names = names_of(connection)
            for shape in shapes:
                calls, seconds = measured(shape, names, ready["url"], width)
                ratio = seconds / limit(shape, width, chosen.latency_ms)
                found[shape] += [str(calls), f"{ratio:.2f}"]
                print(
                    f"{width:3} {shape.name:45} {calls:5} of {shape.calls:4} {ratio:6.2f}", file=sys.stderr, flush=True
                )
    for shape, cells in found.items():
        print(f"| {shape.name} | {shape.calls} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
