"""The page that tells how a table is added is all that it takes: without what it shows there is no such table."""

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
SWEEPS = (
    *(f"tests/catalog/test_{name}.py" for name in ("catalog", "tables", "written")),
    "tests/integration/test_call_counts.py",
)
EMULATOR_TESTS = tuple(
    f"tests/emulator/test_{name}.py" for name in ("bodies", "contract", "odd_requests", "operations")
)
RESOURCE = "box_dialect/emulator/resources/email_aliases.py"
PLACES = {
    "box_dialect/catalog/tables/email_aliases.py",
    RESOURCE,
    "tests/known_rows/email_aliases.py",
    "CHANGELOG.md",
}
"""The files that a new table touches."""
GENERATED = ("docs/tables.md", "docs/models.md", "box_dialect/orm/__init__.pyi")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project without what the page tells to write, but for the emulator's resource."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("box_dialect", "docs", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, project / folder, ignore=ignored)
    for name in ("pyproject.toml", "CHANGELOG.md", "README.md"):
        shutil.copy(ROOT / name, project)
    for name, block in TOLD.items():
        take_away(project, name, block)
    run(project, "docs/generate.py")
    return project


def take_away(project: Path, name: str, block: Block) -> None:
    file, _, anchor = name.partition("#")
    path = project / file
    if anchor:
        path.write_text(path.read_text(encoding="utf-8").replace(block.text, ""), encoding="utf-8")
    elif file != RESOURCE:
        path.unlink(missing_ok=True)


def write(project: Path, name: str, block: Block) -> None:
    file, _, anchor = name.partition("#")
    path = project / file
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


@pytest.mark.parametrize("name", [name for name in TOLD if name != "use_email_aliases.py"])
def test_what_the_page_shows_is_what_there_is(name: str) -> None:
    file, _, anchor = name.partition("#")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert TOLD[name].text in text if anchor else TOLD[name].text == text


@pytest.mark.long
def test_what_the_page_says_makes_the_table_that_there_is(project: Path) -> None:
    """Nothing knows of it before; then the reference is that of the package, and the sweeps find the table."""
    before = [(project / name).read_text(encoding="utf-8") for name in GENERATED]
    assert not any(re.search("email.?alias", text, re.IGNORECASE) for text in before)
    for name, block in TOLD.items():
        write(project, name, block)
    run(project, "docs/generate.py")
    for name in GENERATED:
        assert (project / name).read_text(encoding="utf-8") == (ROOT / name).read_text(encoding="utf-8")
    command = ("-m", "pytest", "-v", "-p", "no:cacheprovider", "-m", "long or not long", "-k", "email_aliases")
    shown = run(project, *command, *SWEEPS, *EMULATOR_TESTS)
    for test in (
        "test_tables.py::test_a_query_gives_the_rows_that_box_has[email_aliases]",
        "test_written.py::test_what_is_written_is_read_back[email_aliases-0]",
        "test_call_counts.py::test_without_a_where[email_aliases]",
    ):
        assert f"{test} PASSED" in shown
    for test in ("test_bodies.py", "test_contract.py"):
        assert re.search(rf"{test}::\w+\[post_users_id_email_aliases\] (PASSED|SKIPPED)", shown), shown
    (printed,) = (
        block.text for block in blocks(PAGE) if block.language == "text" and block.file == "use_email_aliases.py"
    )
    assert run(project, "use_email_aliases.py") == printed
