"""`box-dialect shell`: SQL at a prompt, statement by statement."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.output import ColorDepth
from pygments.lexers.sql import SqlLexer

from box_dialect.cli.account import ExitCode, Failure, takes_account
from box_dialect.cli.interactive.completion import ShellCompleter
from box_dialect.cli.interactive.dot_commands import COMMANDS, WORDS
from box_dialect.cli.interactive.history import History
from box_dialect.cli.interactive.session import ShellSession, is_complete
from box_dialect.cli.options import runs_statements
from box_dialect.cli.terminal import is_dumb, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from box_dialect import Connection
    from box_dialect.cli.account import Account
    from box_dialect.cli.progress import Mode

_PROMPT: Final = "box> "
_FURTHER: Final = "...> "


@click.command()
@takes_account()
@runs_statements
def shell(account: Account, *, mode: Mode) -> None:
    """Run SQL at a prompt.

    Statements end with a semicolon, .help tells the commands that are no SQL. Tab completes names, and paths at Box.
    Ctrl-C ends a statement, Ctrl-D the shell. Where standard input is no terminal, what is read from it is run, up to
    the first statement that fails.
    """
    with account.connect() as connection:
        connection.autocommit = True
        session = ShellSession(connection, mode, COMMANDS)
        if sys.stdin.isatty():
            _converse(session)
        else:
            for text in _pieces(sys.stdin):
                session.feed(text)
                if session.has_ended:
                    break


def _converse(session: ShellSession) -> None:
    """Run what is typed, until the shell is left."""
    ask = _typed if is_dumb() else _prompt(session.connection).prompt
    while not session.has_ended:
        try:
            text = ask(_PROMPT)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        session.try_(text)


def _typed(prompt: str) -> str:
    """Return what is typed into a terminal that knows no control sequences."""
    text = input(prompt)
    while not is_complete(text):
        text += f"\n{input(_FURTHER)}"
    return text


def _prompt(connection: Connection) -> PromptSession[str]:
    is_going_on = Condition(lambda: not is_complete(get_app().current_buffer.text))
    return PromptSession(
        multiline=is_going_on,
        prompt_continuation=lambda width, _line, _wrapped: _FURTHER[:width],
        history=History(connection.catalog.procedures),
        completer=ShellCompleter(connection, COMMANDS, WORDS),
        complete_while_typing=False,
        lexer=None if is_plain() else PygmentsLexer(SqlLexer),
        color_depth=ColorDepth.DEPTH_1_BIT if is_plain() or os.environ.get("NO_COLOR") else None,
    )


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """Yield each command and each statement of what is read, the last one also without its semicolon.

    Raises Failure for what is not in UTF-8.
    """
    begun = ""
    try:
        for line in lines:
            begun += line
            may_end = begun == line or ";" in line  # to look at all lines after each would take long
            if may_end and is_complete(begun):
                yield begun
                begun = ""
    except UnicodeDecodeError as error:
        raise Failure(f"cannot read standard input: {error}", ExitCode.USAGE) from None
    if begun.strip():
        yield begun
