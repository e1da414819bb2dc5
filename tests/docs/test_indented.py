"""Lines that pages indent are commands whose parts there are, or what is told here with its reason."""

from __future__ import annotations

import itertools
import re
import shlex
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Final

import pytest

from docs.pages import PAGES, ROOT, without_blocks

if TYPE_CHECKING:
    from pathlib import Path

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NO_COMMANDS: Final = {
    "CONTRIBUTING.md": {"integrations > cli": "the layers, which test_contributing.py compares"},
    "docs/coming-from-cdata.md": {
        "INSERT INTO Metadata": "SQL of another driver",
        "UPDATE MetadataTemplates": "SQL of another driver",
        "SELECT * FROM MetadataTemplates": "SQL of another driver",
        "EXEC AddMetadataTemplatesToFile": "SQL of another driver",
        "SELECT * FROM FileMetadataInstances": "SQL of another driver",
        "SELECT TableName": "SQL of another driver",
    },
    "docs/coming-from-the-xml-connector.md": {"box://CLIENT_ID": "a URL of another driver"},
    "docs/connecting.md": {"box://CLIENT_ID:CLIENT_SECRET@HOST": "the form of a URL"},
    "docs/how-a-query-runs.md": {"calls ": "a formula"},
}
"""What is no command: how a block begins, and what it is."""
INDENTED: Final = [
    (page.relative_to(ROOT).as_posix(), found[1])
    for page in PAGES
    for found in re.finditer(r"(?<=\n\n)((?: {4}.+\n)+)", without_blocks(page))
]
COMMANDS: Final = sorted(
    {
        command.strip()
        for page, block in INDENTED
        if not any(block.strip().startswith(told) for told in NO_COMMANDS.get(page, ()))
        for line in block.splitlines()
        for command in line.split(" && ")
    }
)
NOT_OURS: Final = {
    "python -m venv .venv",
    ". .venv/bin/activate",
    "pip install --upgrade pip",
    "chmod 600 token",
    "pre-commit install",
}
"""Commands that have no part of this project."""


def check_installation(arguments: list[str]) -> None:
    """Look for the groups and the files; extras are looked for wherever they are named."""
    for option, name in itertools.pairwise(arguments):
        if option == "--group":
            assert name in PROJECT["dependency-groups"]
        elif option == "-r":
            assert (ROOT / name).exists()


def check_program(arguments: list[str]) -> None:
    """Run a program that stands on the line; look for a file, or for a module and the options that it takes."""
    first, second = arguments[0], arguments[1:2]
    if first == "-c":
        done = subprocess.run([sys.executable, "-c", *second], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout
    elif first == "-m":
        module = ROOT.joinpath(*second[0].split("."))
        source = next(path for path in (module.with_suffix(".py"), module / "__main__.py") if path.exists())
        text = source.read_text(encoding="utf-8")
        assert [option for option in arguments if option.startswith("--") and f'"{option}"' not in text] == []
    else:
        assert (ROOT / first).exists()


def check_paths(arguments: list[str]) -> None:
    """Look for the folders and files."""
    assert [path for path in arguments if "/" in path and not (ROOT / path).exists()] == []


CHECKS: Final = (
    ("jupyter lab ", check_paths),
    ("pip install ", check_installation),
    ("pytest ", check_paths),
    ("python ", check_program),
)


def test_what_is_no_command_is_there() -> None:
    """A reason that nothing needs any more is taken away."""
    for page, told in NO_COMMANDS.items():
        for start in told:
            assert any(block.strip().startswith(start) for name, block in INDENTED if name == page), (page, start)
    assert set(COMMANDS) >= NOT_OURS


@pytest.mark.parametrize(
    "command", [each for each in COMMANDS if each not in NOT_OURS and not each.startswith("box-dialect ")]
)
def test_a_command_has_parts_that_there_are(command: str) -> None:
    """Those of `box-dialect` itself read their arguments in test_pages.py."""
    ((name, check),) = [(name, check) for name, check in CHECKS if command.startswith(name)]
    check(shlex.split(command.removeprefix(name), comments=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_extras_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(r"(?:\.|box-dialect)\[([a-z,]+)\]", page.read_text(encoding="utf-8"))
    extras = {extra for each in named for extra in each.split(",")}
    assert extras <= set(PROJECT["project"]["optional-dependencies"])
