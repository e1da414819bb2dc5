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
from box_dialect.dbapi.sqltext.table_writes import NAMES, table_write
from box_dialect.engine import RETURNED_PLACE, ReturnedRows, quoted, returned_name
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.catalog.model import Table

_WORD: Final = re.compile("returning", re.IGNORECASE)


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
    written = table_write(operation, tables)
    if written is None:
        return None
    found, end = written.found, written.end
    clause = next((place for place in written.top if written.word(place) == "returning"), None)
    if clause is None:
        return None
    return Returning(
        written.table,
        written.verb.text.lower(),
        operation,
        written.name,
        written.alias,
        written.verb.start,
        tuple(found[clause:end]),
        found[end - 1].end,
        written.numbers(),
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


def _is(token: Token, name: str) -> bool:
    return token.kind in NAMES and token.content.lower() == name.lower()
