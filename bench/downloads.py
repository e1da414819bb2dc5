"""Line 15: the contents of many files through `SELECT content`, against the fewest calls.

The content of a file takes two answers, one after another: Box's API says where it is, and there it is got. The
emulator delays both.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from bench import sdk
from bench.contest import DisagreementError, connected, run_loops, run_statement
from bench.lines import Task, pages
from bench.outcome import Bound, Outcome
from bench.servers import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_sdk_gen import BoxClient

    from bench.contest import Settings
    from bench.sdk import Rows
    from bench.servers import Sample

FILES: Final = 500
BYTES_OF_FILE: Final = 100_000

_ANSWERS: Final = 2


def _contents(client: BoxClient, sample: Sample) -> Rows:
    """Return the content of each file of a folder."""
    listed = sdk.files(client, sample.folder_id, ["type", "name"])
    return [(file.name, client.downloads.download_file(file.id).read()) for file in listed]


def _digests(rows: Rows) -> dict[Any, str]:
    return {name: hashlib.sha1(content, usedforsecurity=False).hexdigest() for name, content in rows}


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the line; raises DisagreementError."""
    number = max(settings.concurrency, round(FILES * settings.scale))
    task = Task(
        line="15",
        work=f"content of {number:,} files of 100 KB",
        statement="SELECT name, content FROM files WHERE parent_id = :folder",
        loop=_contents,
        least=lambda _seed: pages(number) + number,
        bound=Bound("<=", 1.2),
        parameters=lambda sample: {"folder": sample.folder_id},
        compared=_digests,
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        folder.mkdir()
        for each in range(number):
            (folder / f"{each}.bin").write_bytes(random.Random(each).randbytes(BYTES_OF_FILE))  # noqa: S311 - a sample
        expected = _digests([(path.name, path.read_bytes()) for path in folder.iterdir()])
        with emulator({"load": place, "latency_ms": settings.latency_ms}) as server:
            sample = server.sample(0)
            engine = connected(server, settings)
            results = [run_statement(engine, task, sample) for _ in range(settings.runs)]
            engine.dispose()
            loops = run_loops([task], sample, server) if settings.sdk else {}
    sdk_seconds, sdk_rows = loops.get(task.line, (None, None))
    if any(_digests(rows) != expected for rows in [*(each.rows for each in results), *filter(None, [sdk_rows])]):
        raise DisagreementError("line 15: what was downloaded is not what lies there")
    answers = pages(number) * settings.concurrency + number * _ANSWERS
    yield Outcome(
        line=task.line,
        work=task.work,
        unit="s",
        measured=median(each.seconds for each in results),
        limit=answers * settings.latency_ms / 1000 / settings.concurrency,
        bound=task.bound,
        calls=results[-1].calls,
        least=pages(number) + number,
        sdk=sdk_seconds,
        runs=tuple(each.seconds for each in results),
    )
