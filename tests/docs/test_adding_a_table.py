"""The page that tells how a table is added is all that it takes: its blocks are written to the files that they name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from documented import OPENAPI

from docs.pages import ROOT, Block, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "add-a-table.md"
TOLD = {block.file: block for block in blocks(PAGE) if block.file is not None and block.language != "text"}
TESTS = ("tests/catalog/test_catalog.py", "tests/catalog/test_tables.py")
EMULATOR_TESTS = tuple(
    f"tests/emulator/test_{name}.py" for name in ("bodies", "contract", "odd_requests", "operations")
)
PLACES = {
    "box_dialect/catalog/tables/email_aliases.py",
    "box_dialect/emulator/resources/email_aliases.py",
    "tests/catalog/test_tables.py",
    "CHANGELOG.md",
}
"""The files that a new table touches."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with what the page tells to write."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("box_dialect", "docs", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, project / folder, ignore=ignored)
    for name in ("pyproject.toml", "CHANGELOG.md", "README.md"):
        shutil.copy(ROOT / name, project)
    for block in TOLD.values():
        write(project, block)
    run(project, "docs/generate.py")
    return project


def write(project: Path, block: Block) -> None:
    name, _, anchor = (block.file or "").partition("#")
    path = project / name
    if not anchor:
        path.write_text(block.text, encoding="utf-8")
        return
    before, line, after = re.split(
        rf"^(.*\b{anchor}\b.*\n)", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE
    )
    path.write_text(before + line + block.text + after, encoding="utf-8")


def run(project: Path, *command: str) -> str:
    """Run a Python program of the project, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
        env={**environment, "PYTHONPATH": str(project), "BOX_OPENAPI": str(OPENAPI)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_table_touches_four_places() -> None:
    assert {name.partition("#")[0] for name in TOLD} == {*PLACES, "use_email_aliases.py"}
    listed = re.findall(r"^\| `([^`]+)` \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[:4]
    assert all(any(place.startswith(each) for place in PLACES) for each in listed)


def test_the_reference_has_the_table(project: Path) -> None:
    tables, models, types = (
        (project / name).read_text(encoding="utf-8")
        for name in ("docs/tables.md", "docs/models.md", "box_dialect/orm/__init__.pyi")
    )
    assert "## email_aliases\n" in tables
    assert "| `POST /users/{user_id}/email_aliases` |" in tables
    assert "| `EmailAlias` | [email_aliases](tables.md#email_aliases) | `user` (User) |" in models
    assert "class EmailAlias(EmailAliasColumns, Base):" in types
    run(project, "docs/generate.py", "--check")


def test_the_sweeps_find_the_table_and_its_rows(project: Path) -> None:
    """Of the tests that the page names, those about other things are left out."""
    sweeps = "test_catalog or test_a_query or test_every_access_path or test_rowids or test_select_star"
    run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, "-k", sweeps)


def test_the_sweeps_of_the_emulator_find_its_resource(project: Path) -> None:
    """Of the sweeps that take each operation by itself, those of others are left out."""
    swept = "email_aliases or test_operations"
    shown = run(project, "-m", "pytest", "-v", "-p", "no:cacheprovider", *EMULATOR_TESTS, "-k", swept)
    for test in ("test_bodies.py", "test_contract.py"):
        assert re.search(rf"{test}::\w+\[post_users_id_email_aliases\] (PASSED|SKIPPED)", shown), shown


def test_it_is_used_as_the_page_shows(project: Path) -> None:
    (shown,) = (
        block.text for block in blocks(PAGE) if block.language == "text" and block.file == "use_email_aliases.py"
    )
    assert run(project, "use_email_aliases.py") == shown
