"""UPSERT on a table of Box: the INSERT without its clause, and the UPDATE of the rows that conflict.

SQLite has no UPSERT for virtual tables. The clause is read here, as SQLite's grammar has it. Its expressions are left
to SQLite, in an UPDATE whose FROM has the rows that conflict, as `excluded`.

Source: https://www.sqlite.org/lang_upsert.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.classify import bare, first_word
from box_dialect.dbapi.sqltext.lexer import edited, tokens
from box_dialect.dbapi.sqltext.queries import query_of
from box_dialect.dbapi.sqltext.table_writes import NAMES, TableWrite, table_write
from box_dialect.engine import EXCLUDED_COLUMN, EXCLUDED_PARAMETER, MOST_PARAMETERS, Conflicts, excluded_name, quoted
from box_dialect.errors import IntegrityError, NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.catalog.model import Table
    from box_dialect.dbapi.sqltext.lexer import Edit, Token

_WORD: Final = re.compile("conflict|replace", re.IGNORECASE)
_UP_TO_NAME: Final = 7
"""The first tokens of an INSERT, up to the table's name: INSERT OR REPLACE INTO main . t."""


class Upsert(Struct, frozen=True):
    """An INSERT into a table of Box that says what becomes of rows whose key is there already.

    `insert` is the statement without that, and `update` the one for the rows that conflict, None where nothing is done.
    `places` are the parameters of the whole statement, with their numbers from 1 on, and `asked` those of the clause.
    `check` is a statement that SQLite prepares if the clause is right, and is not to be run, since an UPDATE with a
    FROM takes aggregates too. `reads` tells that the INSERT takes the rows of a query, which sees what was written
    before, `is_unconditional` that `update` changes each row that conflicts.
    """

    table: Table
    insert: str
    update: str | None
    places: tuple[tuple[Token, int], ...]
    asked: tuple[tuple[Token, int], ...] = ()
    check: str | None = None
    reads: bool = False
    is_unconditional: bool = False

    def conflicts(self) -> Conflicts:
        """Return what the rows come to that conflict."""
        return Conflicts(self.table, are_ignored=self.update is None)

    def not_found(self) -> IntegrityError:
        """Return the error for a row that conflicts, where the one that it conflicts with is not found."""
        return IntegrityError(
            f"its key is there already, but no such row of {self.table.name} is found: it may be gone by now; try again"
        )

    def divided(self, parameters: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return the values for `insert`, and those for the clause; raises ProgrammingError where one is missing."""
        if isinstance(parameters, Mapping):
            return parameters, tuple(parameters[token.text[1:]] for token, _ in self.asked)
        most = max((number for _, number in self.places), default=0)
        if len(parameters) != most:
            raise ProgrammingError(f"the statement uses {most} parameters and there are {len(parameters)}")
        own = max((number for token, number in self.places if token.start < len(self.insert)), default=0)
        return parameters[:own], tuple(parameters[number - 1] for _, number in self.asked)


def upsert(operation: str, tables: Mapping[str, Table]) -> Upsert | None:
    """Read a statement; None unless it is one that inserts into a table of Box whose key a user gives.

    Raises ProgrammingError for a wrong clause, NotSupportedError for what cannot be done at Box.
    """
    if _WORD.search(operation) is None or not _may_insert(operation, tables):
        return None
    written = table_write(operation, tables)
    if written is None or written.verb.text.lower() not in {"insert", "replace"} or not written.table.has_own_key:
        return None
    clause = next((place for place in written.top if _begins_clause(written, place)), None)
    if clause is not None:
        return _Clause(operation, written, clause).read()
    verb = written.top[0]
    replaces = written.word(verb) == "replace" or [written.word(verb + 1), written.word(verb + 2)] == ["or", "replace"]
    return _replacing(operation, written) if replaces else None


def explained_upsert(operation: str, tables: Mapping[str, Table]) -> tuple[str, Upsert] | None:
    """Read a statement behind EXPLAIN, and return it with the words of that; None unless it is an UPSERT."""
    if first_word(operation) != "explain":
        return None
    beginning = bare(operation)
    first = [*islice(tokens(beginning), 4)]
    words = 3 if [token.text.lower() for token in first[1:3]] == ["query", "plan"] else 1
    if len(first) <= words:
        return None
    found = upsert(beginning[first[words].start :], tables)
    return None if found is None else (beginning[: first[words].start], found)


def _may_insert(operation: str, tables: Mapping[str, Table]) -> bool:
    """Tell by its first words whether a statement may insert into such a table; most are not read whole for that."""
    word = first_word(operation)
    if word not in {"insert", "replace"}:
        return word == "with"
    first = islice(tokens(bare(operation)), _UP_TO_NAME)
    named = (tables.get(token.content.lower()) for token in first if token.kind in NAMES)
    return any(table is not None and table.has_own_key for table in named)


def _begins_clause(written: TableWrite, place: int) -> bool:
    """Tell whether ON CONFLICT is there, and no join on a column of that name."""
    words = [written.word(place + number) for number in range(3)]
    return words[:2] == ["on", "conflict"] and words[2] in {"(", "do"}


def _replacing(operation: str, written: TableWrite) -> Upsert | None:
    """Return what replaces rows: all that an INSERT gives is set, to NULL where it gives nothing."""
    given = [column for column in written.table.columns if column.insert is not None]
    if written.table.update is None or any(column.update is None for column in given):
        return None
    values = ", ".join(f"{quoted(column.name)} = {_excluded(column.name)}" for column in given)
    update = _update(operation, written, values, "")
    reads = query_of(operation) is not None
    return Upsert(written.table, operation, update, written.numbers(), reads=reads, is_unconditional=True)


def _excluded(name: str) -> str:
    return f"excluded.{quoted(EXCLUDED_COLUMN + name)}"


def _update(operation: str, written: TableWrite, values: str, where: str, *, checks: bool = False) -> str:
    """Return the UPDATE of the rows that conflict, or one without these that checks the clause."""
    found, place = written.found, written.target
    first = place - 2 if place >= 2 and found[place - 1].text == "." else place
    target = operation[found[first].start : written.name.end]
    target += "" if written.alias is None else f" AS {written.alias.text}"
    name = quoted((written.alias or written.name).content)
    keys = [f"{name}.{quoted(key)} = {'NULL' if checks else _excluded(key)}" for key in written.table.keys]
    conditions = " AND ".join([*keys, *([f"({where}\n)"] if where else [])])
    source = "" if checks else f"FROM {quoted(excluded_name(written.table))} AS excluded "
    return f"UPDATE {target} SET {values}\n{source}WHERE {conditions}"  # noqa: S608 - of the statement's own parts


class _Clause:
    """The reading of one ON CONFLICT clause, from its first token to the end of the statement."""

    def __init__(self, operation: str, written: TableWrite, place: int) -> None:
        self._operation, self._written, self._begin, self._place = operation, written, place, place + 2

    def read(self) -> Upsert:
        """Return the statement in its parts."""
        written, places = self._written, self._written.numbers()
        if self._word() == "(":
            self._read_target()
        self._expect("do")
        insert = self._operation[: written.found[self._begin].start]
        if self._word() == "nothing":
            self._place += 1
            self._check_end()
            return Upsert(written.table, insert, None, places)
        self._expect("update")
        self._expect("set")
        if written.table.update is None:
            raise NotSupportedError(f"table {written.table.name} takes no DO UPDATE, since it takes no UPDATE")
        begin, where = self._place, self._top_level("where", self._place)
        self._place = written.end
        self._check_once(begin)
        asked = tuple((token, number) for token, number in places if token.start >= len(insert))
        if len(asked) > MOST_PARAMETERS:
            raise ProgrammingError(f"ON CONFLICT takes at most {MOST_PARAMETERS} parameters")
        self._check_parentheses(begin)
        check, update = (
            _update(
                self._operation,
                written,
                self._text(begin, where or written.end, checks=checks),
                "" if where is None else self._text(where + 1, written.end, checks=checks),
                checks=checks,
            )
            for checks in (True, False)
        )
        reads = query_of(insert) is not None
        return Upsert(written.table, insert, update, places, asked, check, reads, where is None)

    def _word(self) -> str:
        return self._written.word(self._place)

    def _expect(self, word: str) -> None:
        if self._word() != word:
            raise self._wrong()
        self._place += 1

    def _wrong(self) -> ProgrammingError:
        at = self._written.found[self._place].text if self._place < self._written.end else "the end"
        return ProgrammingError(f'near "{at}": syntax error in ON CONFLICT')

    def _read_target(self) -> None:
        """Read the columns that conflict, which are those of the key."""
        table, names = self._written.table, list[str]()
        while self._word() in {"(", ","}:
            self._place += 1
            token = self._written.found[self._place] if self._place < self._written.end else None
            if token is None or token.kind not in NAMES:
                raise self._wrong()
            names.append(token.content.lower())
            self._place += 1
        if self._word() != ")" or {*names} != {key.lower() for key in table.keys} or len(names) != len(table.keys):
            raise ProgrammingError(
                f"ON CONFLICT of {table.name} is on its key, ({', '.join(table.keys)}), and on nothing else"
            )
        self._place += 1
        if self._word() == "where":
            raise ProgrammingError(f"ON CONFLICT of {table.name} has no WHERE before DO: the key is whole")

    def _check_end(self) -> None:
        self._check_once(self._place)
        if self._place < self._written.end:
            raise self._wrong()

    def _check_once(self, place: int) -> None:
        """Raise ProgrammingError for a further clause: a table of Box has one key."""
        further = self._top_level("conflict", place)
        if further is not None and self._written.word(further - 1) == "on":
            raise ProgrammingError(f"{self._written.table.name} has one key, and takes one ON CONFLICT")

    def _check_parentheses(self, begin: int) -> None:
        """Raise ProgrammingError for one that is not opened here, and would close what stands around the clause."""
        depth = 0
        for place in range(begin, self._written.end):
            depth += {"(": 1, ")": -1}.get(self._written.word(place), 0)
            if depth < 0:
                self._place = place
                raise self._wrong()

    def _top_level(self, word: str, begin: int) -> int | None:
        written = self._written
        return next((n for n in written.top if begin <= n < written.end and written.word(n) == word), None)

    def _text(self, begin: int, end: int, *, checks: bool) -> str:
        """Return a part of the clause as the UPDATE has it, with NULL for what is not its own where it only checks."""
        found = self._written.found
        if begin >= end:
            self._place = end
            raise self._wrong()
        edits = [(first, last, "NULL" if checks else text) for first, last, text in self._edits(begin, end)]
        return edited(self._operation, edits, found[begin].start, found[end - 1].end)

    def _edits(self, begin: int, end: int) -> Iterator[Edit]:
        """Yield what stands for the columns of `excluded`, and for parameters."""
        found, start = self._written.found, self._written.found[self._begin].start
        asked = [token for token, _ in self._written.numbers() if token.start >= start]
        numbers = {token.start: number for number, token in enumerate(asked)}
        for place in range(begin, end):
            token = found[place]
            if token.kind == "variable":
                yield token.start, token.end, f"excluded.{quoted(f'{EXCLUDED_PARAMETER}{numbers[token.start]}')}"
            is_excluded = token.kind in NAMES and token.content.lower() == "excluded"
            if is_excluded and place + 2 < end and found[place + 1].text == "." and found[place + 2].kind in NAMES:
                yield token.start, found[place + 2].end, _excluded(found[place + 2].content)
