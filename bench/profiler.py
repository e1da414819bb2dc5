"""Explain what a line of the bench took: where its time over the limit comes from, and which functions take it.

    python -m bench.profiler LINE [--scale 0.1] [--latency-ms 50] [--concurrency 16]

LINE is 6, of which the rows and the processor time are told, or one that asks an emulator: 1, 2a, 2b, 2c, 3a …, 4, 5a,
5b, 5c. The time of those over the limit is a product of three ratios, each with a cause of its own:

- calls over the fewest: the plan asks for more than it needs;
- concurrency over the calls in flight on average: calls wait for each other, or for the driver to send them;
- the time of a call over the latency: the driver, or the server, is slow to take part in it.

The functions come from py-spy, where it is installed and may look into processes: how often each was running or was
waited for, of the samples in which its thread was at work.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from bench import decoding
from bench.contest import Settings, connected, run_statement
from bench.lines import LINES
from bench.servers import emulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.lines import Line, Task

_SAMPLES_A_SECOND: Final = 200
_SHOWN: Final = 25
_DRIVER: Final = logging.getLogger("box_dialect")


@dataclass
class Durations(logging.Handler):
    """The milliseconds that each call took, as the driver logs it."""

    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the time of a call's record."""
        if record.levelno == logging.DEBUG and isinstance(record.args, tuple):
            took = record.args[-1]
            assert isinstance(took, float)  # noqa: S101 - the last argument of the driver's record for a call
            self.seen.append(took)


def explain(line: Line, task: Task, settings: Settings, stacks: Path | None) -> str:
    """Run a task once and return what its time consists of; `stacks` is the file for the samples of py-spy."""
    seed, durations = line.seed.scaled(settings.scale), Durations()
    with emulator({**seed.options(), "latency_ms": settings.latency_ms}) as server:
        sample, engine = server.sample(seed.folders), connected(server, settings)
        for before in line.tasks[: line.tasks.index(task)]:
            run_statement(engine, before, sample)
        _DRIVER.addHandler(durations)
        _DRIVER.setLevel(logging.DEBUG)
        with _sampled(stacks):
            cpu, server_cpu = _cpu(), _cpu_of(server.pid)
            result = run_statement(engine, task, sample)
            cpu, server_cpu = _cpu() - cpu, _cpu_of(server.pid) - server_cpu
        _DRIVER.removeHandler(durations)
        engine.dispose()
    least = task.least(seed)
    limit = least * settings.latency_ms / 1000 / settings.concurrency
    took = sum(durations.seen) / 1000
    in_flight, each = took / result.seconds, took / result.calls * 1000
    slots, latency, middle = settings.concurrency, settings.latency_ms, median(durations.seen)
    lines = (
        f"line {task.line}, {task.work}: {result.seconds:.2f} s, {result.seconds / limit:.2f} of {limit:.2f} s =",
        f"  {result.calls / least:6.2f}  {result.calls:,} calls, of {least:,} that can answer",
        f"x {slots / in_flight:6.2f}  {in_flight:.1f} calls in flight, of {slots}",
        f"x {each / latency:6.2f}  {each:.1f} ms a call, half of them {middle:.1f} or less, of {latency:.1f}",
        f"processor time: driver {cpu:.2f} s, {cpu / result.calls * 1000:.2f} ms a call; emulator {server_cpu:.2f} s",
    )
    return "\n".join(lines)


def explain_decoding(settings: Settings, stacks: Path | None) -> str:
    """Run line 6 once and return what it took; `stacks` as above."""
    with decoding.served(settings) as (server, _):
        engine = sa.create_engine(server.url)
        decoding.by_driver(engine)
        with _sampled(stacks):
            began, cpu = time.perf_counter(), _cpu()
            rows = len(decoding.by_driver(engine))
            seconds, cpu = time.perf_counter() - began, _cpu() - cpu
        engine.dispose()
    return f"line 6: {rows:,} rows in {seconds:.2f} s, {cpu / rows * 1e6:.1f} µs of processor time a row"


@contextlib.contextmanager
def _sampled(stacks: Path | None) -> Iterator[None]:
    """Let py-spy look at this process within the block, where there is a file for its samples."""
    if stacks is None:
        yield
        return
    record = ["py-spy", "record", "--format", "raw", "--rate", str(_SAMPLES_A_SECOND), "--output", str(stacks)]
    spy = subprocess.Popen(  # noqa: S603 - a program that the user installed, with names of this process
        [*record, "--pid", str(os.getpid())], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert spy.stdout is not None  # noqa: S101 - it is a pipe
    for line in spy.stdout:
        if "Sampling process" in line:
            break
    yield
    spy.send_signal(signal.SIGINT)
    spy.communicate()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process has used, as Linux tells them."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hot_functions(stacks: Iterable[str]) -> str:
    """Return where the samples ran, by package and by function, and what they waited for, out of py-spy's raw format.

    A line of that is a stack from the outermost function on, divided by semicolons, and how often it was seen. A
    package is the first part of a file's path, where that has several.
    """
    own: Counter[str] = Counter()
    below: Counter[str] = Counter()
    packages: Counter[str] = Counter()
    for line in stacks:
        stack, _, seen = line.rpartition(" ")
        frames = [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")]
        own[frames[-1]] += int(seen)
        below.update(dict.fromkeys(frames, int(seen)))
        packages[frames[-1].rpartition("(")[2].rstrip(")").split("/")[0]] += int(seen)
    total = max(1, own.total())
    most = [frame for frame, _ in own.most_common(_SHOWN)]
    most += [frame for frame, _ in below.most_common(_SHOWN) if frame not in most]
    return "\n".join(
        [
            f"{total:,} samples; {', '.join(f'{name} {n / total:.0%}' for name, n in packages.most_common(12))}",
            f"{'itself':>7} {'in all':>7}  function",
            *(f"{own[frame] / total:>7.1%} {below[frame] / total:>7.1%}  {frame}" for frame in most),
        ]
    )


def main() -> None:
    """Read the command line and print."""
    tasks = {task.line: (line, task) for line in LINES for task in line.tasks if line.per_minute is None}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("line", choices=[*tasks, "6"])
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--plain", action="store_true", help="without py-spy, which slows the driver down a little")
    chosen = parser.parse_args()
    settings = Settings(chosen.scale, chosen.latency_ms, chosen.concurrency)
    with tempfile.TemporaryDirectory() as folder:
        stacks = Path(folder) / "stacks"
        samples = None if chosen.plain or shutil.which("py-spy") is None else stacks
        if chosen.line == "6":
            print(explain_decoding(settings, samples))
        else:
            print(explain(*tasks[chosen.line], settings, samples))
        if stacks.exists():
            print(hot_functions(stacks.read_text(encoding="utf-8").splitlines()))


if __name__ == "__main__":
    main()
