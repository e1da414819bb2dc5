"""A session of the shell: what runs a statement, shows what it gives and what it cost, and goes on after a failure."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from box_dialect import Error
from box_dialect.cli.account import Failure
from box_dialect.cli.destination import writing
from box_dialect.cli.formats import CSV, TABLE, Format, Rows, of_file
from box_dialect.cli.interactive.last_result import LastResult
from box_dialect.cli.interactive.pager import paged
from box_dialect.cli.progress import Mode
from box_dialect.cli.render import counted
from box_dialect.cli.running import run, warnings_shown
from box_dialect.cli.statements import is_query, is_whole, statements
from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from box_dialect import Connection

    Commands = Mapping[str, Callable[["ShellSession", str], None]]


def is_complete(text: str) -> bool:
    """Tell whether a text is to be run: a command of the shell, or statements that a semicolon ends.

    Lines that are blank or comments need no end, so that a command may follow.
    """
    is_bare = all(not line or line.startswith("--") for line in map(str.strip, text.split("\n")))
    return is_bare or text.startswith(".") or is_whole(text)


class ShellSession:
    """What a session knows: its connection, the format of results, the last one, the calls so far.

    `commands` are what a line that begins with a dot may name; each is called with the session and the rest of the
    line. `timer` is whether what a statement did, and has cost, is told.
    """

    def __init__(self, connection: Connection, mode: Mode, commands: Commands) -> None:
        self.connection = connection
        self.commands = commands
        self.format: Format = TABLE if sys.stdout.isatty() else CSV
        self.header = True
        self.timer = mode is not Mode.NONE
        self.calls = 0
        self.has_ended = False
        self._last: LastResult | None = None
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

    def run(self, statement: str, path: Path | None = None) -> None:
        """Run a statement and show its rows, or write them to a file, and tell what it has cost."""

        def write(rows: Rows) -> None:
            self._last = LastResult(statement, rows)
            self._write(Rows(self._last), path)

        with _failing(), warnings_shown():
            cost = run(self.connection, statement, {}, self._mode, write)
        self.calls += cost.calls
        if self.timer:
            click.echo(str(cost), err=True)

    def export(self, path: Path) -> None:
        """Write the last result to a file: the rows that are held, else those that its statement gives once more.

        Raises Failure where there is no result, and where its rows are not held and its statement changes something.
        """
        if self._last is None:
            raise Failure("there is no result yet; .export FILE SQL runs a statement, and writes its rows")
        statement, rows = self._last.statement, self._last.again()
        if rows is not None:
            self._write(rows, path)
            click.echo(f"{counted(rows.count, 'row')} written to {visible(str(path))}", err=True)
        elif self._only_reads(statement):
            click.echo("the last result was too large to hold, or was not read to its end: it runs again", err=True)
            self.run(statement, path)
        else:
            raise Failure("the rows of the last result are not held, and to run its statement again would repeat it")

    def _only_reads(self, statement: str) -> bool:
        """Tell whether a statement changes nothing when it runs again: a query that calls nothing that does."""
        names = {token.content.lower() for token in tokens(statement)}
        procedures = self.connection.catalog.procedures.values()
        return is_query(statement) and not any(each.side_effect and each.name.lower() in names for each in procedures)

    def try_(self, text: str) -> None:
        """Run as `feed` does; a failure and Ctrl-C are told in one line, and end what runs alone."""
        try:
            self.feed(text)
        except click.ClickException as failure:
            click.echo(f"Error: {failure.format_message()}", err=True)
        except KeyboardInterrupt:
            click.echo("Interrupted", err=True)

    def _write(self, rows: Rows, path: Path | None) -> None:
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
