"""The command group that `box-dialect` runs."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import Any, Final

import click

from box_dialect import __version__
from box_dialect.cli.account import ExitCode, Failure
from box_dialect.errors import printable

_MODULES: Final = {
    "cat": "cat",
    "cp": "cp",
    "demo": "demo",
    "describe": "tables",
    "doctor": "doctor",
    "du": "tree",
    "emulator": "emulator",
    "login": "login",
    "logout": "login",
    "ls": "ls",
    "mcp": "mcp",
    "profile": "profile",
    "query": "query",
    "shell": "shell",
    "tables": "tables",
    "tree": "tree",
    "whoami": "whoami",
}
"""The module of each command, imported when the command is wanted: not all need all extras."""

_EXTRAS: Final = {"mcp": "cli,mcp"}
"""What a command needs; where nothing is said it is `cli,emulator`."""


class _Commands(click.Group):
    """Find commands by their modules; one whose extra is missing says how to install it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_MODULES)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            raise  # which click ends by
        except OSError as error:
            _drop_output()
            place = "standard output" if error.filename is None else printable(os.fsdecode(error.filename), 1000)
            raise Failure(f"cannot use {place}: {error.strerror or error}") from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        if cmd_name not in _MODULES:
            return None
        try:
            module = importlib.import_module(f"box_dialect.cli.{_MODULES[cmd_name]}")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("box_dialect"):
                raise
            extras, library = _EXTRAS.get(cmd_name, "cli,emulator"), (error.name or "").partition(".")[0]
            return _missing(cmd_name, f"{library} is missing; run: pip install 'box-dialect[{extras}]'")
        command: click.Command = getattr(module, cmd_name)
        return command


def _drop_output() -> None:
    """Have what standard output has not taken yet go nowhere, for Python would try once more at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _missing(name: str, reason: str) -> click.Command:
    @click.command(name, help=f"Not installed: {reason}", context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1)
    def fail(arguments: tuple[str, ...]) -> None:  # noqa: ARG001 - whatever they are
        raise click.ClickException(reason)

    return fail


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Query Box (box.com) with SQL, or a local stand-in for it."""
