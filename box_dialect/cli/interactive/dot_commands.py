"""The commands of the shell that are no SQL: one function for each, by its name and what it takes."""

from __future__ import annotations

import fnmatch
import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from box_dialect.cli.account import ExitCode, Failure
from box_dialect.cli.formats import FORMATS, of_file
from box_dialect.cli.interactive.imports import import_file
from box_dialect.cli.interactive.names import table_names
from box_dialect.cli.plan import explain
from box_dialect.cli.render import Screen, counted
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.cli.interactive.session import ShellSession

_SWITCH: Final = ("on", "off")
_TEXTS: Final = tuple(each.name for each in FORMATS.values() if each.is_text)
WORDS: Final = {".mode": _TEXTS, ".headers": _SWITCH, ".timer": _SWITCH}
"""What commands take that take one of some words."""

_FILE_AND_SQL: Final = re.compile(
    r"""(?:(?P<quote>['"])(?P<quoted>.+?)(?P=quote)|(?P<file>\S+))\s*(?P<sql>.*)""", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class DotCommand:
    """A command: what it takes, what it does in a sentence, and the function that does it."""

    takes: str
    doc: str
    function: Callable[[ShellSession, str], None]

    def __call__(self, session: ShellSession, text: str) -> None:
        """Do it, with what stands behind its name."""
        self.function(session, text)


def _tables(session: ShellSession, pattern: str) -> None:
    session.connection.find_tables()
    wanted = pattern.replace("%", "*") or "*"
    for name in table_names(session.connection):
        if fnmatch.fnmatch(name.lower(), wanted.lower()):
            click.echo(visible(name))


def _schema(session: ShellSession, table: str) -> None:
    if not table:
        raise Failure(".schema takes the name of a table", ExitCode.USAGE)
    relation = session.connection.find_tables(table)
    if relation is not None:
        click.echo(f"{visible(relation.name)}: {visible(relation.doc)}")
        width = max(len(column.name) for column in relation.columns)
        for column in relation.columns:
            line = f"  {column.name:{width}}  {column.type.value.split()[0]:9}  {column.doc}"
            click.echo(visible(line).rstrip())
        return
    local = session.connection.sqlite.execute("SELECT sql FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (table,))
    found = [str(sql) for (sql,) in local]
    if not found:
        raise Failure(f"there is no table {visible(table)}; .tables tells them")
    for sql in found:
        click.echo(visible(sql, is_multiline=True))


def _explain(session: ShellSession, statement: str) -> None:
    if not statement:
        raise Failure(".explain takes a statement", ExitCode.USAGE)
    explain(session.connection, statement, {}, Screen())


def _calls(session: ShellSession, _: str) -> None:
    click.echo(f"{counted(session.calls, 'API call')} in this session")


def _mode(session: ShellSession, name: str) -> None:
    if not name:
        click.echo(session.format.name)
    elif name not in _TEXTS:
        raise Failure(f".mode is one of {', '.join(_TEXTS)}", ExitCode.USAGE)
    else:
        session.format = FORMATS[name]


def _headers(session: ShellSession, text: str) -> None:
    session.header = _switched(".headers", text, session.header)


def _timer(session: ShellSession, text: str) -> None:
    session.timer = _switched(".timer", text, session.timer)


def _switched(name: str, text: str, before: bool) -> bool:
    """Return what a switch is set to; without a word it stays, and is told."""
    if not text:
        click.echo("on" if before else "off")
        return before
    if text not in _SWITCH:
        raise Failure(f"{name} is {' or '.join(_SWITCH)}", ExitCode.USAGE)
    return text == "on"


def _import(session: ShellSession, text: str) -> None:
    file, _, table = text.rpartition(" ")
    if not file:
        raise Failure(".import takes a file and a table", ExitCode.USAGE)
    number = import_file(session.connection, _path(file.strip().strip("'\"")), table.strip("'\""))
    click.echo(f"{counted(number, 'row')} imported into {visible(table)}")


def _path(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise Failure(f"{visible(file)} is no path: {error}", ExitCode.USAGE) from None


def _export(session: ShellSession, text: str) -> None:
    found = _FILE_AND_SQL.fullmatch(text)
    file, statement = (found["quoted"] or found["file"], found["sql"]) if found else ("", "")
    path = _path(file)
    form = of_file(path)
    if form is None:
        extensions = itertools.chain.from_iterable(each.extensions for each in FORMATS.values())
        raise Failure(f".export takes a file with one of the extensions {', '.join(extensions)}", ExitCode.USAGE)
    try:
        form.check()
    except ModuleNotFoundError as error:
        raise Failure(str(error), ExitCode.USAGE) from None
    if statement:
        session.run(statement, path)
    else:
        session.export(path)


def _whoami(session: ShellSession, _: str) -> None:
    with session.connection.cursor() as cursor:
        cursor.execute("SELECT name, login, id FROM users WHERE id = 'me'")
        for name, login, id_ in cursor.fetchall():
            click.echo(visible(f"{name} ({login}), {id_}"))
        session.calls += cursor.api_calls


def _help(_session: ShellSession, _: str) -> None:
    width = max(len(f"{name} {each.takes}") for name, each in COMMANDS.items())
    for name, each in COMMANDS.items():
        click.echo(f"{f'{name} {each.takes}':{width}}  {each.doc}")
    click.echo("Statements end with a semicolon, and may have several lines.")


def _quit(session: ShellSession, _: str) -> None:
    session.has_ended = True


COMMANDS: Final = {
    ".tables": DotCommand("[PATTERN]", "Names of tables, those like PATTERN.", _tables),
    ".schema": DotCommand("TABLE", "Columns of a table.", _schema),
    ".explain": DotCommand("SQL", "What Box would be asked for, and how many calls that takes.", _explain),
    ".calls": DotCommand("", "How many API calls the statements of the session have made.", _calls),
    ".mode": DotCommand("[FORMAT]", "The format of results: table, csv, json …", _mode),
    ".headers": DotCommand("[on|off]", "Whether results begin with the names of the columns.", _headers),
    ".timer": DotCommand("[on|off]", "Whether rows, API calls and seconds of a statement are told.", _timer),
    ".import": DotCommand("FILE TABLE", "Add the rows of a CSV or JSON file to a local table.", _import),
    ".export": DotCommand("FILE [SQL]", "Write the last result, or that of SQL, to a file, by its extension.", _export),
    ".whoami": DotCommand("", "Who is signed in.", _whoami),
    ".help": DotCommand("", "These commands.", _help),
    ".quit": DotCommand("", "Leave the shell, as Ctrl-D does.", _quit),
}
"""All commands by their names."""


def sql_of(text: str) -> str:
    """Return the SQL in what is typed, empty for a command that runs none; of no command, all behind its name."""
    name, _, rest = text.strip().partition(" ")
    if not text.startswith("."):
        return text
    if name == ".export":
        found = _FILE_AND_SQL.fullmatch(rest.strip())
        return found["sql"] if found else ""
    return "" if name in COMMANDS and name != ".explain" else rest
