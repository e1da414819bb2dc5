"""An example that its page serves, at a free port."""

from __future__ import annotations

import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import ROOT, command

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served(section: str, ready: dict[str, Any], warnings: str = "error") -> Iterator[str]:
    """Serve what a section of the examples' page does within a block, on an emulator; give its address.

    `warnings` is what Python does with them.
    """
    arguments, environment = command(ROOT / "examples" / "README.md", section, ready)
    with subprocess.Popen(
        [*arguments, "--port", "0"],
        cwd=ROOT,
        env={**environment, "PYTHONWARNINGS": warnings},
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        told = ""
        for line in server.stderr:
            told += line
            if running := re.search(r"running on (http://\S+)", line):
                break
        else:
            pytest.fail(told)
        try:
            yield running[1]
        finally:
            server.terminate()
        assert "Warning" not in server.stderr.read()
