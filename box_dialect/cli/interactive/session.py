"""A session of the shell: what runs a statement, shows what it gives and what it cost, and goes on after a failure."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import apsw
import click

from box_dialect import Error
from box_dialect.cli.account import Failure
from box_dialect.cli.destination import writing
from box_dialect.cli.formats import CSV, TABLE, Format, Rows, of_file
from box_dialect.cli.interactive.pager import paged
from box_dialect.cli.progress import Mode
from box_dialect.cli.running import run, warnings_shown
from box_dialect.cli.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from box_dialect import Connection

    Commands = Mapping[str, Callable[["ShellSession", str], None]]


def is_complete(text: str) -> bool:
    """Tell whether a text is to be run: a command of the shell, or statements that a semicolon ends."""
    return not text.strip() or text.startswith(".") or apsw.complete(text)


class ShellSession:
    """What a session knows: its connection, the format of results, the file of the next one, the calls so far.

    `commands` are what a line that begins with a dot may name; each is called with the session and the rest of the
    line.
    """

    def __init__(self, connection: Connection, mode: Mode, commands: Commands) -> None:
        self.connection = connection
        self.commands = commands
        self.format: Format = TABLE if sys.stdout.isatty() else CSV
        self.header = True
        self.export: Path | None = None
        self.calls = 0
        self.has_ended = False
        self._mode = mode

    def feed(self, text: str) -> None:
        """Run a command or statements; raises Failure for the first that fails."""
        if text.startswith("."):
            name, _, rest = text.strip().partition(" ")
            command = self.commands.get(name)
            if command is None:
                raise Failure(f"there is no command {name}; .help tells them")
            with _failing():
                command(self, rest.strip())
        else:
            for each in statements(text):
                self.run(each.text)

    def run(self, statement: str) -> None:
        """Run a statement and show its rows, and what it has cost."""
        with _failing(), warnings_shown():
            cost = run(self.connection, statement, {}, self._mode, self._write)
        self.calls += cost.calls
        if self._mode is not Mode.NONE:
            click.echo(str(cost), err=True)

    def try_(self, text: str) -> None:
        """Run as `feed` does; a failure and Ctrl-C are told in one line, and end what runs alone."""
        try:
            self.feed(text)
        except click.ClickException as failure:
            click.echo(f"Error: {failure.format_message()}", err=True)
        except KeyboardInterrupt:
            click.echo("Interrupted", err=True)

    def _write(self, rows: Rows) -> None:
        path, self.export = self.export, None
        found = self.format if path is None else of_file(path) or self.format
        is_paged = path is None and found.is_text
        with paged() if is_paged else writing(path) as stream:
            found.write(rows, stream, header=self.header or not found.may_lack_header)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except Error as error:
        raise Failure.of(error) from None
