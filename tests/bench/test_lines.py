"""Each line at a tiny scale and without latency: the driver, the SDK's loops and what was planted agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from bench import contest
from bench.contest import Settings
from bench.lines import LINES
from bench.servers import emulator
from box_dialect.emulator.seeds import plant_synthetic
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.lines import Line, Seed
    from bench.sdk import Rows
    from bench.servers import Sample

LOOKUPS = {"4": 3}
"""Rows that are looked up by their ids before they are all listed; at the bench's own size they do not count."""

SETTINGS = Settings(scale=0.004, latency_ms=0, runs=1)


def planted(seed: Seed) -> Store:
    store = Store()
    plant_synthetic(store, seed.files, folder_size=seed.folder_size, people=seed.people, comments=seed.comments)
    return store


def inventory(store: Store, _: Sample) -> Rows:
    extensions = [file.name.rpartition(".")[2] for file in store.items["file"].values()]
    sizes: Counter[str] = Counter()
    for file in store.items["file"].values():
        sizes[file.name.rpartition(".")[2]] += file.size
    return [(extension, count, sizes[extension]) for extension, count in Counter(extensions).items()]


def comments(store: Store, _: Sample) -> Rows:
    return [(comment.file.name, comment.message) for comment in store.comments.values()]


def largest(store: Store, sample: Sample) -> Rows:
    folder = store.items["folder"][sample.folder_id]
    children: Any = folder.children.values()  # type: ignore[attr-defined]
    return sorted(((file.name, file.size) for file in children), key=lambda row: -row[1])[:10]


ORACLES: dict[str, Callable[[Store, Sample], Rows]] = {
    "1": inventory,
    "2a": comments,
    "2b": comments,
    "2c": comments,
    "3a": lambda store, _: [(file.name,) for file in store.items["file"].values()][:10],
    "3b": largest,
    "3c": lambda store, sample: [(sample.file_name, store.items["file"][sample.file_id].size)],
    "3d": lambda store, sample: [(sample.file_id, store.items["file"][sample.file_id].size)],
    "3e": lambda store, _: [(len(store.root.children),)],
    "4": lambda store, _: [(m.user.login, m.role, m.group.name) for m in store.memberships.values()],
    "5a": lambda _, sample: [(message,) for message in sample.messages],
    "5b": lambda store, _: [(f"Renamed {folder.id}",) for folder in store.root.children.values()],
    "5c": lambda _, __: [],
    "8": inventory,
}


def test_every_task_has_an_oracle() -> None:
    assert [task.line for line in LINES for task in line.tasks] == list(ORACLES)


@pytest.mark.long
@pytest.mark.parametrize("line", [line for line in LINES if line.per_minute is None], ids=lambda line: line.number)
def test_the_driver_the_sdk_and_the_oracle_agree(line: Line) -> None:
    settings = SETTINGS if find_spec("box_sdk_gen") else replace(SETTINGS, sdk=False)
    seed = line.seed.scaled(settings.scale)
    store = planted(seed)
    with emulator(seed.options()) as server:
        sample = server.sample(seed.folders)
        engine = contest.connected(server, settings)
        results = contest.run_driver(engine, line.tasks, sample, server, settings)
        engine.dispose()
        loops = contest.run_loops(line.tasks, sample, server) if settings.sdk else {}
    for task, result in zip(line.tasks, results, strict=True):
        assert result.calls == task.least(seed) + LOOKUPS.get(task.line, 0), task.line
        expected = task.compared(ORACLES[task.line](store, sample))
        assert expected or task.line == "5c"
        if task.proof is None or settings.sdk:
            assert task.compared(result.rows) == expected, task.line
        if settings.sdk:
            assert task.compared(loops[task.line][1]) == expected, task.line
    if not settings.sdk:
        pytest.skip("the official SDK, boxsdk, is not installed: only the driver was compared")


@pytest.mark.long
def test_a_line_whose_results_differ_has_no_outcome() -> None:
    pytest.importorskip("box_sdk_gen", reason="the official SDK, boxsdk, is not installed")
    line = next(line for line in LINES if line.number == 3)
    (task,) = (task for task in line.tasks if task.line == "3c")
    wrong = replace(task, statement="SELECT name, size + 1 FROM files WHERE id = :file")
    with pytest.raises(contest.DisagreementError, match="line 3c"):
        list(contest.run(replace(line, tasks=[wrong]), SETTINGS))
