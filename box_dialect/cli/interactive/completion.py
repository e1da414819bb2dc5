"""Completion in the shell: keywords, tables and their columns, functions, procedures, and paths at Box."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import apsw
from prompt_toolkit.completion import Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from box_dialect.cli.interactive.folders import Folders
from box_dialect.cli.interactive.names import table_names
from box_dialect.dbapi import functions
from box_dialect.dbapi.sqltext.lexer import Token, tokens
from box_dialect.dbapi.sqltext.show import SHOWN, VERBS
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from prompt_toolkit.completion import CompleteEvent

    from box_dialect import Connection

_BEFORE_TABLE: Final = frozenset({"from", "join", "into", "update", "table"})
_BEFORE_PROCEDURE: Final = frozenset({"exec", "execute", "call", "procedure"})
_OF_FILES: Final = frozenset({".import", ".export"})
_KEYWORDS: Final = sorted(apsw.keywords | {each.upper() for each in VERBS})
_NAMES: Final = frozenset({"word", "quoted"})


class ShellCompleter(Completer):
    """Offer what may stand at the cursor.

    `commands` are the shell's own, which begin with a dot; `words` are those of which one stands behind a command.
    """

    def __init__(self, connection: Connection, commands: Collection[str], words: Mapping[str, Sequence[str]]) -> None:
        self._connection, self._commands, self._words = connection, commands, words
        self._folders = Folders(connection)
        self._files = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield the completions of what stands before the cursor."""
        text = document.text_before_cursor
        if text.startswith("."):
            yield from self._of_command(document, complete_event)
            return
        found = [*tokens(text)]
        last = found[-1] if found else None
        if last is not None and last.kind == "string" and _is_open(last):
            yield from self._paths(last.content)
            return
        begun = last.text if last is not None and last.kind == "word" and last.end == len(text) else ""
        before = found[:-1] if begun else found
        names = self._names(before, [*tokens(document.text)])
        yield from _matching(names, begun)

    def _of_command(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        """Complete a command of the shell, or what it takes."""
        command, space, rest = document.text_before_cursor.partition(" ")
        if not space:
            yield from _matching(self._commands, command)
        elif command in _OF_FILES and " " not in rest:
            yield from self._files.get_completions(Document(rest, len(rest)), event)
        elif command in self._words:
            yield from _matching(self._words[command], rest)
        else:
            yield from _matching(table_names(self._connection), rest.rpartition(" ")[2])

    def _names(self, before: list[Token], all_: list[Token]) -> Iterable[str]:
        """Return what may stand behind some tokens of a statement."""
        word = before[-1].text.lower() if before else ""
        if word in VERBS and (len(before) == 1 or before[-2].text == ";"):
            return map(str.upper, SHOWN) if word == "show" else table_names(self._connection)
        if word == "." and len(before) > 1:
            return self._columns(_named(before[-2].content, all_))
        if word in _BEFORE_TABLE:
            return table_names(self._connection)
        if word in _BEFORE_PROCEDURE:
            return sorted(procedure.name for procedure in self._connection.catalog.procedures.values())
        tables = [token.content for token in all_ if token.kind in _NAMES]
        columns = itertools.chain.from_iterable(map(self._columns, tables))
        words = itertools.chain(table_names(self._connection), functions.names(self._connection), _KEYWORDS)
        return dict.fromkeys([*columns, *words])

    def _columns(self, table: str) -> list[str]:
        """Return the columns of a table, none where there is no such table."""
        relation = self._connection.catalog.relations.get(table.lower())
        if relation is not None:
            return [column.name for column in relation.columns]
        local = self._connection.sqlite.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return [str(name) for (name,) in local]

    def _paths(self, begun: str) -> Iterator[Completion]:
        """Complete a path at Box in a text that is not closed yet; a folder ends with a slash, to go on from.

        A name that would control the terminal is left out, since it would be typed into it.
        """
        folder, slash, beginning = begun.rpartition("/")
        if not slash or not begun.startswith("/"):
            return
        for name, (_, kind) in sorted(self._folders.entries(folder).items()):
            if name.lower().startswith(beginning.lower()) and visible(name) == name:
                ending = "/" if kind == "folder" else ""
                written = name.replace("'", "''") + ending
                yield Completion(written, -len(beginning.replace("'", "''")), display=name + ending)


def _is_open(string: Token) -> bool:
    return len(string.text) == 1 or string.text.count("'") % 2 == 1


def _named(name: str, found: list[Token]) -> str:
    """Return the table that a name stands for in a statement: the one before it, where it is an alias."""
    for place, token in enumerate(found[:-1]):
        is_table = place and found[place - 1].text.lower() in _BEFORE_TABLE | {","}
        behind = [each.content for each in found[place + 1 : place + 3] if each.text.lower() != "as"]
        if is_table and token.kind in _NAMES and behind and behind[0].lower() == name.lower():
            return token.content
    return name


def _matching(names: Iterable[str], begun: str) -> Iterator[Completion]:
    lowered = begun.lower()
    written: Callable[[str], str] = str.lower if begun and begun.islower() else str
    for name in names:
        if name.lower().startswith(lowered):
            yield Completion(written(name) if name.isupper() else name, -len(begun))
