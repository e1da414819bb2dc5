"""Run the bench: print its table, and write what was measured as JSON.

    python -m bench.run [--lines 1,3] [--scale 0.1] [--runs 3] [--no-sdk] [--json FILE]

From the root of the repository; README.md beside this file says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import (
    ceiling,
    contest,
    decoding,
    documents,
    downloads,
    many_tables,
    sorting,
    startup,
    streaming,
    uploads,
    xml_documents,
)  # fmt: skip
from bench.contest import Settings
from bench.lines import LINES
from bench.outcome import Outcome, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OTHERS: Final[dict[int, Callable[[Settings], Iterator[Outcome]]]] = {
    6: decoding.run,
    7: streaming.run,
    9: startup.run,
    10: partial(sorting.run, 10),
    11: partial(sorting.run, 11),
    12: many_tables.run,
    13: uploads.small_files,
    14: uploads.large_file,
    15: downloads.run,
    16: partial(documents.run, 16),
    17: partial(documents.run, 17),
    18: xml_documents.run,
}
_PACKAGES: Final = ("box-dialect", "SQLAlchemy", "apsw", "httpx", "httpx2", "lxml", "pyarrow", "boxsdk", "shillelagh")


def outcomes(numbers: set[int], settings: Settings) -> Iterator[Outcome]:
    """Run lines in the order of their numbers, and yield what they found."""
    against_emulator = {line.number: line for line in LINES}
    for number in sorted(numbers):
        if number in against_emulator:
            yield from contest.run(against_emulator[number], settings)
        else:
            yield from _OTHERS[number](settings)


def machine() -> dict[str, Any]:
    """Describe what the numbers were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": dict(_versions()),
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _processor() -> str:
    """Return the name that Linux knows the processor by, or what the platform says elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Read the command line, run, print and write."""
    known = {line.number for line in LINES} | set(_OTHERS)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", default=",".join(map(str, sorted(known))), help="which lines to run, as in 1,3")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size, as in 0.1")
    parser.add_argument("--runs", type=int, default=3, help="how often the driver runs; the median counts")
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--no-sdk", dest="sdk", action="store_false", help="leave the SDK's loops out; they take long")
    parser.add_argument("--json", type=Path, help="write what was measured to this file")
    chosen = parser.parse_args()
    if chosen.sdk and find_spec("box_sdk_gen") is None:
        parser.error("the official SDK is missing: pip install boxsdk, or run with --no-sdk")
    numbers = {int(number) for number in chosen.lines.split(",")}
    if not numbers <= known:
        parser.error(f"the lines are {', '.join(map(str, sorted(known)))}")
    settings = Settings(chosen.scale, chosen.latency_ms, chosen.concurrency, chosen.runs, chosen.sdk)
    most, needed = ceiling.measured(settings), settings.concurrency / settings.latency_ms * 1000
    found = []
    for outcome in outcomes(numbers, settings):
        found.append(outcome)
        print(f"line {outcome.line}, {outcome.work}: {outcome.ratio:.2f}", flush=True)
    print(f"\n{table(found)}\n\nThe emulator alone answers {most:,.0f} calls/s; the lines need up to {needed:,.0f}.")
    if chosen.json is not None:
        report = {
            "settings": dataclasses.asdict(settings),
            "machine": machine(),
            "emulator_calls_per_second": round(most),
            "lines": [outcome.as_json() for outcome in found],
        }
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
