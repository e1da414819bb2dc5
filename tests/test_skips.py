"""The summary tells once what is missing, with the number of the tests that need it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

NEEDING = """
import pytest
from services import missing

@pytest.fixture
def server():
    missing("there is no server")

@pytest.fixture(scope="session")
def other():
    missing("there is no other")

def test_first(server): pass
def test_second(server): pass
def test_third(): missing("there is no server")
def test_fourth(other): pass
def test_fifth(other): pass
@pytest.mark.skipif(True, reason="not here")
def test_sixth(): pass
"""


@pytest.mark.long
def test_skips_for_what_is_missing_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "test_needing.py").write_text(NEEDING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "-p", "skips", tmp_path]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV", "BOX_"))}
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), environment.get("PYTHONPATH", "")])
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment | {"PYTHONPATH": path}
    )
    assert "6 skipped" in run.stdout, run.stdout + run.stderr
    lines = [line for line in run.stdout.splitlines() if line.startswith("SKIPPED")]
    assert [line.partition("]")[0] for line in lines] == ["SKIPPED [3", "SKIPPED [2", "SKIPPED [1"]
    assert [line.rpartition(": ")[2] for line in lines] == ["there is no server", "there is no other", "not here"]
