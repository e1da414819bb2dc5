"""eralchemy draws Box's tables and how they refer to each other, out of what reflection tells."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from docs.pages import TOOLS, blocks, run_in_shell

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

TABLES = ("files", "folders", "users", "comments")


def draw(box: Box, path: Path, *options: str) -> str:
    """Have eralchemy write a file, and return its text."""
    call = "import sys; from eralchemy.main import cli; sys.exit(cli())"
    command = [sys.executable, "-c", call, "-i", box.url, "-o", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path.read_text(encoding="utf-8")


def test_tables_and_references_are_drawn(small: Box, tmp_path: Path) -> None:
    drawn = draw(small, tmp_path / "box.er", "--include-tables", *TABLES)
    assert {line.strip("[]") for line in drawn.splitlines() if line.startswith("[")} == {*TABLES}
    assert '*id {label:"VARCHAR"}' in drawn
    assert 'folders."id" ?--* files."parent_id"' in drawn
    assert 'users."id" ?--* files."owned_by_id"' in drawn


def test_all_tables_are_drawn_without_a_call_for_rows(small: Box, tmp_path: Path) -> None:
    small.reset()
    drawn = draw(small, tmp_path / "box.puml")
    assert small.stats()["by_operation"].keys() <= {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }
    assert "enterprise_documentReview" in drawn
    assert "retention_policies" in drawn


def test_a_picture_is_drawn(small: Box, tmp_path: Path) -> None:
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")
    (command,) = blocks(TOOLS, "eralchemy")
    run_in_shell(command, small.emulator.ready, tmp_path)
    drawn = (tmp_path / "box.svg").read_text(encoding="utf-8")
    assert "</svg>" in drawn
    assert "<title>folders</title>" in drawn
