"""The notebook of the examples: over its own emulator it shows what its page does, and nothing is written elsewhere."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from docs.pages import ROOT

pytest.importorskip("pandas")
pytest.importorskip("matplotlib")
nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

if TYPE_CHECKING:
    from conftest import Box

pytestmark = pytest.mark.long
NOTEBOOK = ROOT / "examples" / "ten_questions.ipynb"


def test_the_page_shows_what_the_notebook_does() -> None:
    command = [sys.executable, ROOT / "docs" / "render_notebook.py", "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the kernel's sockets
def test_all_questions_are_answered_for_another_box_and_nothing_is_written(
    fresh: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_URL", fresh.url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", ()) if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 10
    asked = fresh.stats()["by_operation"]
    assert isinstance(asked, dict)
    assert {name for name in asked if not name.startswith("get_")} <= {"post_oauth2_token"}
