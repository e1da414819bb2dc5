"""The migrations of alembic_examples, run by the commands of their page, wherever the folder is."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import ROOT, blocks

pytest.importorskip("alembic")

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

FOLDER = ROOT / "alembic_examples"


def alembic(folder: Path, url: str, *arguments: str) -> str:
    """Run a command of Alembic's in a folder, entered as the page says, and return what it prints."""
    (entering,) = (block.text for block in blocks(FOLDER / "README.md") if block.language == "sh")
    set_url, enter = entering.splitlines()
    assert set_url.startswith("export BOX_URL=")
    done = subprocess.run(
        ["sh", "-ec", f"{enter}; {shlex.join([sys.executable, '-m', 'alembic', *arguments])}"],
        cwd=folder.parent,
        env={**os.environ, "BOX_URL": url},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def rows(box: Box, statement: str) -> list[Any]:
    with box.connect() as connection:
        return [tuple(row) for row in connection.cursor().execute(statement)]


def templates(box: Box) -> list[str]:
    return [row[0] for row in rows(box, "SELECT template_key FROM metadata_templates ORDER BY 1")]


@pytest.mark.long
def test_they_run_up_and_down_and_up_and_autogenerate_finds_what_is_new(fresh: Box, tmp_path: Path) -> None:
    folder = tmp_path / "somewhere else" / FOLDER.name
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    others, items = templates(fresh), rows(fresh, "SELECT path FROM items ORDER BY 1")
    alembic(folder, fresh.url, "upgrade", "head")
    own = ["boxExampleVersion", "box_example_contract", "box_example_supplier"]
    assert templates(fresh) == sorted([*others, *own])
    tagged = "SELECT item_type, title, total, due, status FROM enterprise_box_example_contract ORDER BY title"
    assert rows(fresh, tagged) == [("file", "Bridge", 100, None, "open"), ("file", "Tunnel", 100, None, "open")]
    assert alembic(folder, fresh.url, "check") == "No new upgrade operations detected.\n"
    alembic(folder, fresh.url, "downgrade", "base")
    assert templates(fresh) == sorted([*others, "boxExampleVersion"])
    assert rows(fresh, "SELECT path FROM items ORDER BY 1") == items
    alembic(folder, fresh.url, "upgrade", "head")
    assert len(rows(fresh, tagged)) == 2
    models = folder / "models.py"
    text = models.read_text(encoding="utf-8")
    models.write_text(text.replace('"draft", "open"', '"draft", "offered", "open"'), encoding="utf-8")
    alembic(folder, fresh.url, "revision", "--autogenerate", "-m", "offered", "--rev-id", "0006")
    written = (folder / "migrations" / "versions" / "0006_offered.py").read_text(encoding="utf-8")
    (shown,) = (block.text for block in blocks(FOLDER / "README.md") if block.language == "text")
    assert shown in written
    alembic(folder, fresh.url, "upgrade", "head")
    assert alembic(folder, fresh.url, "check") == "No new upgrade operations detected.\n"


@pytest.mark.long
def test_offline_it_is_a_script_with_the_calls() -> None:
    script = alembic(FOLDER, "box://?OAuthAccessToken=none", "upgrade", "head", "--sql")
    assert script.count("-- POST /metadata_templates/schema\n") == 4
    assert "-- DELETE /metadata_templates/enterprise/box_example_review/schema\n" in script
