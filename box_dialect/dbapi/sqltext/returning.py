"""RETURNING on a table of Box: the write without it, and the SELECT over the rows that were written.

SQLite has no RETURNING for virtual tables. What it takes in one for an ordinary table, and no more, is taken here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import apsw
from msgspec import Struct

from box_dialect.dbapi.sqltext.classify import check_single
from box_dialect.dbapi.sqltext.lexer import Token, read
from box_dialect.engine import RETURNED_PLACE, ReturnedRows, quoted, returned_name
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.catalog.model import Table

_WORD: Final = re.compile("returning", re.IGNORECASE)
_VERBS: Final = frozenset({"insert", "update", "delete", "replace"})
_NAMES: Final = frozenset({"word", "quoted"})
_MOST_DIGITS: Final = 9


class Returning(Struct, frozen=True):
    """A write to a table of Box with a RETURNING clause.

    `places` are the parameters of the whole statement: where each stands, and its number from 1 on.
    """

    table: Table
    verb: str
    operation: str
    name: Token
    alias: Token | None
    verb_at: int
    clause: tuple[Token, ...]
    end: int
    places: tuple[tuple[Token, int], ...]

    @property
    def write(self) -> str:
        """The statement without RETURNING."""
        return self.operation[: self.clause[0].start]

    def rows(self) -> ReturnedRows:
        """Return what the rows come to that are written."""
        return ReturnedRows(self.table, is_read=self.verb == "delete")

    def write_values(self, parameters: Any) -> Any:
        """Return the values for `write`; raises ProgrammingError where the number of all does not fit."""
        if isinstance(parameters, Mapping):
            return parameters
        most = max((number for _, number in self.places), default=0)
        if len(parameters) != most:
            raise ProgrammingError(f"the statement uses {most} parameters and there are {len(parameters)}")
        return parameters[: self._most(0, self.clause[0].start)]

    def select(self, parameters: Any) -> tuple[str, Any]:
        """Return the SELECT that gives the rows, and the values for it.

        An aggregate in a subquery of RETURNING, such as `(SELECT max(size))`, is over a single row.
        """
        name = self.alias if self.alias is not None and self._uses_alias() else self.name
        source = f'FROM "{returned_name(self.table)}" AS {quoted(name.content)}'
        text, values = self._numbered(parameters)
        return f"{text[0]}SELECT {text[1]}\n{source} GROUP BY {RETURNED_PLACE} ORDER BY {RETURNED_PLACE}", values

    def check(self, parameters: Any) -> tuple[str, Any]:
        """Return a statement that SQLite prepares if RETURNING is right, and the values for it; it is not to be run."""
        text, values = self._numbered(parameters)
        expressions = text[1]
        if self.alias is not None:
            found = read(expressions)
            for token, after in reversed(list(itertools.pairwise(found))):
                if after.text == "." and _is(token, self.alias.content):
                    expressions = expressions[: token.start] + quoted(self.name.content) + expressions[token.end :]
        insert = f"INSERT INTO {quoted(self.name.content)} DEFAULT VALUES"
        return f"{text[0]}{insert} RETURNING {expressions}{self.operation[self.end :]}", values

    def _uses_alias(self) -> bool:
        """Tell whether the clause names the table by its alias, which SQLite does not take."""
        alias = self.alias
        pairs = itertools.pairwise(self.clause)
        return alias is not None and any(after.text == "." and _is(token, alias.content) for token, after in pairs)

    def _most(self, start: int, end: int) -> int:
        return max((number for token, number in self.places if start <= token.start < end), default=0)

    def _numbered(self, parameters: Any) -> tuple[tuple[str, str], Any]:
        """Return the text before the verb and that of the clause, their parameters by their numbers in the whole."""
        parts = ((0, self.verb_at), (self.clause[0].end, self.end))
        if isinstance(parameters, Mapping):
            before, clause = (self.operation[start:end] for start, end in parts)
            return (before, clause), parameters
        before, clause = (self._with_numbers(start, end) for start, end in parts)
        return (before, clause), parameters[: max(self._most(start, end) for start, end in parts)]

    def _with_numbers(self, start: int, end: int) -> str:
        text = self.operation[start:end]
        for token, number in reversed(self.places):
            if start <= token.start < end:
                text = f"{text[: token.start - start]}?{number}{text[token.end - start :]}"
        return text


def returning(operation: str, tables: Mapping[str, Table]) -> Returning | None:
    """Read a statement; None unless it is one with RETURNING that writes to a table of Box."""
    if _WORD.search(operation) is None:
        return None
    found = list(itertools.dropwhile(lambda token: token.text == ";", read(operation)))
    top = list(_top_level(found))
    verb_place = next((n for n, place in enumerate(top) if _is_verb(found, place)), None)
    if verb_place is None or not (verb_place == 0 or found[0].text.lower() == "with"):
        return None
    clause_place = next((p for p in top[verb_place:] if found[p].text.lower() == "returning"), None)
    target = _target(found, top[verb_place])
    if clause_place is None or target is None:
        return None
    name, alias = target
    table = tables.get(name.content.lower())
    if table is None or not table.is_writable:
        return None
    end = next((place for place in range(clause_place, len(found)) if found[place].text == ";"), len(found))
    verb = found[top[verb_place]]
    return Returning(
        table,
        verb.text.lower(),
        operation,
        name,
        alias,
        verb.start,
        tuple(found[clause_place:end]),
        found[end - 1].end,
        tuple(_numbers(found)),
    )


def prepare(cursor: apsw.Cursor, operation: str, parameters: Any) -> None:
    """Let SQLite prepare a statement, which raises what is wrong with it, and run nothing of it."""

    def prepared(_cursor: apsw.Cursor, statement: str, _values: Any) -> bool:
        check_single(operation, statement)
        return False

    cursor.exec_trace = prepared
    try:
        cursor.execute(operation, parameters)
    except apsw.ExecTraceAbort:
        pass
    finally:
        cursor.exec_trace = None


def _top_level(found: list[Token]) -> Iterator[int]:
    """Yield the places of the words that stand in no parentheses."""
    depth = 0
    for place, token in enumerate(found):
        if token.kind == "sign":
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        elif token.kind == "word" and depth == 0:
            yield place


def _is_verb(found: list[Token], place: int) -> bool:
    word, after = found[place].text.lower(), found[place + 1].text.lower() if place + 1 < len(found) else ""
    return word in _VERBS and (word != "replace" or after == "into")  # a name may be `replace`


def _target(found: list[Token], place: int) -> tuple[Token, Token | None] | None:
    """Return the name of the table that a statement writes, and its alias."""
    words = found[place + 1 : place + 9]
    if words and words[0].text.lower() == "or":
        words = words[2:]
    if words and words[0].text.lower() in {"into", "from"}:
        words = words[1:]
    if len(words) > 2 and words[1].text == ".":
        words = words[2:]
    if not words or words[0].kind not in _NAMES:
        return None
    has_alias = len(words) > 2 and words[1].text.lower() == "as" and words[2].kind in _NAMES
    return words[0], words[2] if has_alias else None


def _numbers(found: list[Token]) -> Iterator[tuple[Token, int]]:
    """Yield the parameters with their numbers, as SQLite gives them."""
    most, named = 0, dict[str, int]()
    for token in found:
        if token.kind == "variable":
            explicit = token.text[1:] if token.text[0] == "?" else ""
            number = named.get(token.text, most + 1) if token.text != "?" else most + 1
            if explicit:
                number = int(explicit[:_MOST_DIGITS])  # SQLite refuses those of more than five
            if token.text[0] != "?":
                named[token.text] = number
            most = max(most, number)
            yield token, number


def _is(token: Token, name: str) -> bool:
    return token.kind in _NAMES and token.content.lower() == name.lower()
