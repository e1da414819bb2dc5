"""Ctrl-C at any moment of a command: the exit code is 130, and there is no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WITHIN_EXEC = """
import click
from box_dialect.cli import main

def invoke(group, context):
    exec("import signal; signal.raise_signal(signal.SIGINT)")

click.Group.invoke = invoke
main()
"""
"""Commands in which the signal comes while a dataclass is made; Group.invoke is what theirs calls."""

WHILE_IMPORTING = """
import signal
import sys
from box_dialect.cli import main

class Finder:
    def find_spec(name, path, target=None):
        if name == "box_dialect.cli.commands":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Finder)
main()
"""


IGNORED = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{WITHIN_EXEC}"
"""What nohup, and a script that runs a command behind itself, have a command begin with."""


@pytest.mark.parametrize(("text", "exit_code"), [(WITHIN_EXEC, 130), (WHILE_IMPORTING, 130), (IGNORED, 0)])
def test_the_exit_code_is_that_of_an_interrupt_whatever_is_imported(text: str, exit_code: int, tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(text, encoding="utf-8")
    paths = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", "interrupted", "whoami"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert (done.returncode, done.stderr) == (exit_code, b"")
