"""Commands in this process, against an emulator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click.testing
import pytest

from box_dialect.cli.commands import cli

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., click.testing.Result]:
    """Return a function that runs a command on the account of a URL, which BOX_URL has."""

    def run(url: str, *arguments: object, typed: str | None = None, **settings: Any) -> click.testing.Result:
        monkeypatch.setenv("BOX_URL", url)
        runner = click.testing.CliRunner(env={"COLUMNS": None, "NO_COLOR": None} | settings)
        return runner.invoke(cli, [str(each) for each in arguments], input=typed, prog_name="box-dialect")

    return run


@pytest.fixture
def records(command: Callable[..., click.testing.Result]) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that runs a command, which ends well, and returns the objects that it prints."""

    def run(url: str, *arguments: object) -> list[dict[str, Any]]:
        result = command(url, *arguments, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run
