"""What people are told who take part is so: folders, commands, layers, forms."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from docs.pages import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
HOOKS = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    for hook in repository["hooks"]
]


def test_the_folders_of_tests_are_those_that_there_are() -> None:
    told = [
        name
        for cell in re.findall(r"^\| (`.+?) \|", CONTRIBUTING, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    ]
    assert "engine" in told
    assert [name for name in told if not (ROOT / "tests" / name).is_dir()] == []


def test_the_files_and_variables_are_those_that_there_are() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("**/*.py"))
    for variable in set(re.findall(r"\bBOX_\w+", CONTRIBUTING)):
        assert f'"{variable}"' in tests, variable
    for path in re.findall(r"[`\s]((?:tests|box_dialect|docs)/[\w./]*)[`\s]", CONTRIBUTING):
        assert (ROOT / path).exists(), path


def test_the_layers_are_those_that_are_checked() -> None:
    checked = PROJECT["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in checked if contract.get("containers") == ["box_dialect"])
    assert " > ".join(layers).replace(" |", ",") in " ".join(CONTRIBUTING.split())


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_commit_is_checked_by_what_checks_all(hook: dict[str, Any]) -> None:
    """Each hook is a command of `.ci/run`, but for the generated pages, which a test compares."""
    command = hook["entry"]
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(rf"^{re.escape(command)}( --check)?$", run, re.MULTILINE) or command == "python docs/generate.py"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_an_issue_form_can_be_shown(form: Any) -> None:
    """By GitHub's rules: https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema."""
    shown = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(shown)
    asked = [part for part in shown["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in asked} <= {"checkboxes", "dropdown", "input", "textarea"}
    assert len({part["id"] for part in asked}) == len({part["attributes"]["label"] for part in asked}) == len(asked)
