"""Run a line against an emulator: the driver through SQLAlchemy, and the loop of the official SDK beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from bench.outcome import Bound, Outcome
from bench.servers import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.lines import Line, Loop, Seed, Task
    from bench.sdk import Rows
    from bench.servers import Sample, Server

LOWEST_RATE: Final = 300


@dataclass(frozen=True)
class Settings:
    """How the lines are run.

    `scale` is the part of the full size; `latency_ms` and `concurrency` make the limit; `runs` is how often the driver
    runs, of which the median counts; `sdk` says whether the SDK's loop runs too, once.
    """

    scale: float = 1.0
    latency_ms: float = 50
    concurrency: int = 16
    runs: int = 3
    sdk: bool = True


class DisagreementError(Exception):
    """The driver and the SDK's loop did not give the same, so that their times mean nothing."""


def run(line: Line, settings: Settings) -> Iterator[Outcome]:
    """Run a line, and yield what its tasks took; raises DisagreementError."""
    seed = line.seed.scaled(settings.scale)
    rate = None if line.per_minute is None else max(LOWEST_RATE, round(line.per_minute * settings.scale))
    options = {**seed.options(), "latency_ms": settings.latency_ms, "rate_limit": rate}
    with emulator(options) as server:
        sample = server.sample(seed.folders)
        engine = connected(server, settings, rate)
        if rate is not None:
            _use_up(engine, line.tasks[0], sample, rate)
        measured = [run_driver(engine, line.tasks, sample, server, settings) for _ in range(settings.runs)]
        engine.dispose()
        loops = run_loops(line.tasks, sample, server) if settings.sdk and rate is None else {}
    for task, *results in zip(line.tasks, *measured, strict=True):
        sdk_seconds, sdk_rows = loops.get(task.line, (None, None))
        if sdk_rows is not None and any(task.compared(each.rows) != task.compared(sdk_rows) for each in results):
            raise DisagreementError(f"line {task.line}: the driver and the SDK's loop do not agree")
        outcome = _outcome(task, seed, results, settings, rate, sdk_seconds)
        yield outcome
        if line.than_sdk is not None and sdk_seconds is not None:
            yield _against_sdk(outcome, sdk_seconds, line.than_sdk)


@dataclass(frozen=True)
class Result:
    """What one run of a statement took and gave."""

    seconds: float
    calls: int
    rows: Rows


def connected(server: Server, settings: Settings, rate: int | None = None) -> sa.engine.Engine:
    """Return an engine that has signed in and knows its limits; without a rate its rate limiter is open."""
    limits = f"MaxConcurrency={settings.concurrency}&MaxCallsPerMinute={rate or 0}"
    engine = sa.create_engine(f"{server.url}&{limits}")
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT id FROM users WHERE id = 'me'")).fetchall()
    return engine


def run_statement(engine: sa.engine.Engine, task: Task, sample: Sample) -> Result:
    """Run a task's statement once."""
    statement, parameters = sa.text(task.statement), task.parameters(sample)
    began = time.perf_counter()
    with engine.begin() as connection:
        result = connection.execute(statement, parameters)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    seconds = time.perf_counter() - began
    calls: int = result.context.cursor.api_calls  # each attempt, as the driver counts them by statement
    return Result(seconds, calls, rows)


def run_driver(
    engine: sa.engine.Engine, tasks: Sequence[Task], sample: Sample, server: Server, settings: Settings
) -> list[Result]:
    """Run each task once; what a write left behind takes the place of the rows, where the SDK is there to read it."""
    results = []
    for task in tasks:
        result = run_statement(engine, task, sample)
        if task.proof is not None and settings.sdk:
            result = Result(result.seconds, result.calls, task.proof(server.sdk(), sample))
        results.append(result)
    return results


def run_loops(tasks: Sequence[Task], sample: Sample, server: Server) -> dict[str, tuple[float, Rows]]:
    """Run the SDK's loops, each once, and return the seconds and the rows by task."""
    client = server.sdk()
    client.users.get_user_me()
    done: dict[Loop, tuple[float, Rows]] = {}
    for task in tasks:
        if task.loop not in done:
            began = time.perf_counter()
            rows = task.loop(client, sample)
            seconds = time.perf_counter() - began
            done[task.loop] = (seconds, rows if task.proof is None else task.proof(client, sample))
    return {task.line: done[task.loop] for task in tasks}


def _use_up(engine: sa.engine.Engine, task: Task, sample: Sample, rate: int) -> None:
    """Make calls until the minute's allowance is used up, at the server and in the driver, which both begin full."""
    made = 0
    while made < rate:
        made += run_statement(engine, task, sample).calls


def _outcome(
    task: Task, seed: Seed, results: list[Result], settings: Settings, rate: int | None, sdk_seconds: float | None
) -> Outcome:
    least, calls = task.least(seed), round(median(each.calls for each in results))
    concurrent = least * settings.latency_ms / 1000 / settings.concurrency
    limit = concurrent if rate is None else least / rate * 60
    runs = tuple(float(each.calls) if task.counts else each.seconds for each in results)
    # What one run leaves of a minute's allowance the next one uses.
    middle = median if rate is None else mean
    return Outcome(
        line=task.line,
        work=task.work,
        unit="calls" if task.counts else "s",
        measured=middle(runs),
        limit=least if task.counts else limit,
        bound=task.bound,
        calls=calls,
        least=least,
        sdk=sdk_seconds,
        runs=runs,
    )


def _against_sdk(outcome: Outcome, sdk_seconds: float, bound: Bound) -> Outcome:
    return Outcome(
        line=outcome.line,
        work="the SDK's loop over the driver",
        unit="s",
        measured=sdk_seconds,
        limit=outcome.measured,
        bound=bound,
        runs=(sdk_seconds,),
    )
