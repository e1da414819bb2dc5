from __future__ import annotations

import atexit
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box
    from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def shell(small: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[InteractiveShell]:
    """A shell of IPython that knows the magics, and has a Box by the environment."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("BOX_URL", small.url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # which the shell takes the place of
    shell = InteractiveShell(
        config=Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    )
    shell.run_line_magic("load_ext", "box_dialect")
    yield shell
    shell.run_line_magic("unload_ext", "box_dialect")
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()
