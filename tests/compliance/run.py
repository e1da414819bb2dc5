#!/usr/bin/env python
"""Run SQLAlchemy's own suite for dialects on the version that is installed: `python tests/compliance/run.py`.

It runs with SQLAlchemy's SQLite dialect and with this one, on a file and in memory, prints a table, and exits with 1
where a test that passes with SQLite's dialect does not with this one. Reasons of skips: suite/requirements.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import sqlalchemy

SUITE: Final = Path(__file__).parent / "suite"
URLS: Final = {
    ("file", "sqlite"): "sqlite:///{file}",
    ("file", "box"): "box+suite://?OAuthAccessToken=none&LocalDatabase={file}",
    ("memory", "sqlite"): "sqlite://",
    ("memory", "box"): "box+suite://?OAuthAccessToken=none",
}
Outcomes = dict[str, str]


def outcomes(place: str, dialect: str, folder: Path) -> Outcomes:
    """Return how each test of the suite ended."""
    report = folder / f"{place}-{dialect}.xml"
    url = URLS[place, dialect].format(file=folder / f"{dialect}.db")
    command = [sys.executable, "-m", "pytest", "-q", "-c", "setup.cfg", "-p", "no:cacheprovider", "-p", "no:randomly"]
    run = subprocess.run(
        [*command, "--dburi", url, f"--junitxml={report}", "test_suite.py"],
        cwd=SUITE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUITE), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in {0, 1}:
        raise SystemExit(run.stdout[-5_000:] + run.stderr[-5_000:])
    (folder / f"{place}-{dialect}.log").write_text(run.stdout)
    return dict(_outcome(case) for case in ET.parse(report).iter("testcase"))


def _outcome(case: ET.Element) -> tuple[str, str]:
    group = re.sub(r"_(sqlite|box)\+\w+?_\d+_\d+_\d+", "", case.get("classname", ""))
    failed = case.find("failure") is not None or case.find("error") is not None
    kind = "failed" if failed else "skipped" if case.find("skipped") is not None else "passed"
    return f"{group}::{case.get('name')}", kind


def main() -> int:
    """Run all, print the table, and return 1 where this dialect fails what SQLite's passes."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(len(URLS)) as pool:
        found = dict(zip(URLS, pool.map(lambda run: outcomes(*run, Path(name)), URLS), strict=True))
        logs = {place: (Path(name) / f"{place}-box.log").read_text() for place, _ in URLS}
    print(f"\nSQLAlchemy {sqlalchemy.__version__}   passed  skipped  failed")
    for (place, dialect), ended in found.items():
        counts = Counter(ended.values())
        print(f"{dialect:7} {place:8} {counts['passed']:10} {counts['skipped']:8} {counts['failed']:7}")
    worse = []
    for place in dict.fromkeys(place for place, _ in URLS):
        sqlite, box = found[place, "sqlite"], found[place, "box"]
        worse += [(place, test) for test, kind in sqlite.items() if kind == "passed" and box.get(test) != "passed"]
    for place, test in worse:
        print(f"only SQLite's dialect passes, {place}: {test} ({found[place, 'box'].get(test, 'not run')})")
    for place in dict.fromkeys(place for place, _ in worse):
        print(logs[place][-20_000:])
    passed = min(Counter(found[run].values())["passed"] for run in found if run[1] == "box")
    print(f"{passed} passed, {len(worse)} failed")
    return int(bool(worse) or not passed)


if __name__ == "__main__":
    raise SystemExit(main())
