#!/usr/bin/env python
"""Run the public suites for dialects and drivers on the SQLAlchemy that is installed: `python tests/compliance/run.py`.

SQLAlchemy's own suite for dialects runs with SQLite's dialect and with this one, on a file and in memory, and with this
one for asyncio on a file; dbapi-compliance, the suite for PEP 249, with this driver. Each run has a folder of its own,
which goes with it. A table says how many tests

- passed;
- were skipped: on SQLite's dialect too, since SQLite or SQLAlchemy has not what they ask for;
- were excluded by us, since a test of ours stands in for the suite's;
- failed.

Every reason is in suite/reasons.py, or beside the test of ours in ../dbapi/test_compliance.py. The exit is 1 where a
test fails with this dialect, or passes with SQLite's and is skipped here for another reason; and where SQLAlchemy has
a requirement that suite/reasons.py neither opens nor explains.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.etree import ElementTree as ET

import sqlalchemy

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE: Final = Path(__file__).parent.resolve()
PEP_249: Final = HERE.parent / "dbapi" / "test_compliance.py"
Key = tuple[str, str]
URLS: Final[Mapping[Key, str]] = {
    ("sqlite", "file"): "sqlite:///own.db",
    ("box", "file"): "box+suite://?OAuthAccessToken=none&LocalDatabase=own.db",
    ("box+aioapsw", "file"): "box+aiosuite://?OAuthAccessToken=none&LocalDatabase=own.db",
    ("sqlite", "memory"): "sqlite://",
    ("box", "memory"): "box+suite://?OAuthAccessToken=none",
}
"""What runs SQLAlchemy's suite, by dialect and place; a file is one of the run's folder."""
DBAPI: Final[Key] = ("dbapi-compliance", "file")
KINDS: Final = ("passed", "skipped", "excluded", "failed")


class Outcome(NamedTuple):
    """How a test ended: its kind, and the reason of one that was skipped."""

    kind: str
    reason: str = ""


class Run(NamedTuple):
    """What a run left: how each test ended, and what pytest printed."""

    outcomes: Mapping[str, Outcome]
    log: str


def run(key: Key, folder: Path) -> Run:
    """Run a suite in a folder of its own."""
    if key in URLS:
        shutil.copytree(HERE / "suite", folder)  # SQLite's dialect leaves files where it runs
        options = ["-c", "setup.cfg", "--dburi", URLS[key], "test_suite.py"]
    else:
        folder.mkdir()
        options = ["-c", os.devnull, "--rootdir", str(folder), "--noconftest", str(PEP_249)]
    report = folder / "report.xml"
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    done = subprocess.run(
        [*pytest, f"--junitxml={report}", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{', '.join(key)}:\n{done.stdout[-5_000:]}{done.stderr[-5_000:]}")
    return Run(dict(_outcome(case) for case in ET.parse(report).iter("testcase")), done.stdout)


def _outcome(case: ET.Element) -> tuple[str, Outcome]:
    group = re.sub(r"_(sqlite|box)\+\w+?_\d+_\d+_\d+", "", case.get("classname", "")).rpartition(".")[2]
    skipped = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        outcome = Outcome("failed")
    elif skipped is not None:
        outcome = Outcome("skipped", skipped.get("message", ""))
    else:
        outcome = Outcome("passed")
    return f"{group}::{case.get('name')}", outcome


def with_replacements(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Count a test of dbapi-compliance that one of ours replaces as excluded, unless ours fails."""
    sys.path.insert(0, str(PEP_249.parent))
    from test_compliance import TestCompliance

    def told(name: str, outcome: Outcome) -> Outcome:
        ours = vars(TestCompliance).get(name) if outcome.kind == "passed" else None
        return outcome if ours is None else Outcome("excluded", f"{name}: {ours.__doc__}")

    return {test: told(test.rpartition("::")[2], outcome) for test, outcome in outcomes.items()}


def due(ended: Mapping[Key, Mapping[str, Outcome]], key: Key) -> list[str]:
    """Return the tests that a run of ours ought to pass and does not."""
    suite, place = key
    outcomes = ended[key]
    tests = {test for test, outcome in outcomes.items() if outcome.kind == "failed"}
    if key in URLS:
        passed = {test for test, outcome in ended["sqlite", place].items() if outcome.kind == "passed"}
        tests |= {test for test in passed if test not in outcomes or outcomes[test].kind == "skipped"}
    return [] if suite == "sqlite" else sorted(tests)


def table(ended: Mapping[Key, Mapping[str, Outcome]]) -> str:
    """Return the numbers by dialect and place, and the reasons of what is excluded."""
    lines = [f"{'SQLAlchemy ' + sqlalchemy.__version__:28}" + "".join(f"{kind:>10}" for kind in KINDS)]
    for (suite, place), outcomes in ended.items():
        counts = Counter(outcome.kind for outcome in outcomes.values())
        lines.append(f"{suite:20}{place:8}" + "".join(f"{counts[kind]:10}" for kind in KINDS))
    every = [outcome for outcomes in ended.values() for outcome in outcomes.values()]
    excluded = Counter(outcome.reason for outcome in every if outcome.kind == "excluded")
    return "\n".join([*lines, *(f"excluded, {count}: {reason}" for reason, count in excluded.items())])


def main() -> int:
    """Run all, print the table, and return 1 where this dialect does worse than it may."""
    keys = [*URLS, DBAPI]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folders = (Path(name) / str(number) for number, _ in enumerate(keys))
        runs = dict(zip(keys, pool.map(run, keys, folders), strict=True))
    ended = {key: one.outcomes if key in URLS else with_replacements(one.outcomes) for key, one in runs.items()}
    worse = {key: due(ended, key) for key in keys}
    for key, tests in worse.items():
        passed = any(outcome.kind == "passed" for outcome in ended[key].values())
        if tests or not passed:
            print(runs[key].log[-20_000:])
            worse[key] = tests or ["no test passed"]
    print(f"\n{table(ended)}")
    for (suite, place), tests in worse.items():
        for test in tests:
            print(f"failed, {suite}, {place}: {test}")
    return int(any(worse.values()))


if __name__ == "__main__":
    raise SystemExit(main())
