"""Measure a walk of the whole tree against the least time that its calls can take.

    python bench/walk.py [--files 20000] [--latency-ms 30] [--concurrency 16]

Prints the calls, the wall time, its ratio to calls x latency / concurrency, and how much more memory the walk of a tree
ten times as large takes. The emulator runs in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = "SELECT count(*), sum(size) FROM files"


@contextlib.contextmanager
def emulator(files: int, latency_ms: int) -> Iterator[str]:
    """Run an emulator and give its URL."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        options = [
            "--port",
            "0",
            "--synthetic",
            str(files),
            "--latency-ms",
            str(latency_ms),
            "--ready-file",
            str(ready),
        ]
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with numbers
            [sys.executable, "-m", "box_dialect.cli", "emulator", *options], stdout=subprocess.DEVNULL
        )
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit("the emulator did not start")
                time.sleep(0.05)
            yield json.loads(ready.read_text())["url"]
        finally:
            process.terminate()
            process.wait()


def walk(url: str, concurrency: int) -> tuple[int, float]:
    """Return the calls and the seconds of one walk, after a first call that signs in."""
    with box_dialect.connect(url, max_concurrency=concurrency) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM users WHERE id = 'me'").fetchall()
        began = time.perf_counter()
        cursor.execute(QUERY).fetchall()
        return cursor.api_calls, time.perf_counter() - began


def peak(files: int, concurrency: int) -> int:
    """Return the most bytes of Python objects that a walk holds at once."""
    with emulator(files, 0) as url:
        walk(url, concurrency)
        tracemalloc.start()
        walk(url, concurrency)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--latency-ms", type=int, default=30)
    parser.add_argument("--concurrency", type=int, default=16)
    arguments = parser.parse_args()
    with emulator(arguments.files, arguments.latency_ms) as url:
        for _ in range(3):
            calls, seconds = walk(url, arguments.concurrency)
            least = calls * arguments.latency_ms / 1000 / arguments.concurrency
            print(f"{calls} calls in {seconds:.2f} s, {seconds / least:.2f} of calls x latency / concurrency")
    small, large = (peak(files, arguments.concurrency) for files in (arguments.files // 10, arguments.files))
    print(f"peak memory of the walk: {small / 1e6:.2f} MB for a tenth of the files, {large / 1e6:.2f} MB for all")


if __name__ == "__main__":
    main()
