"""Where a statement compares moments that have no collation of moments, name it there.

A column has its collation; an expression such as `coalesce(modified_at, created_at)` has none, and a text column of a
local table has one of its own. So what may be a moment and is compared gets `COLLATE MOMENT`: literals and parameters
that are spelled as one, what SQLite's functions of dates give, and the left side where a local table or IN needs it.
That changes no value, and texts that are no moments compare as before. A literal beside a text column is a text, though
it may look like a moment.

Source: https://www.sqlite.org/datatype3.html#assigning_collating_sequences_from_sql
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import apsw

from box_dialect.catalog import TABLES, Type
from box_dialect.catalog.model import BINARY
from box_dialect.catalog.moments import MOMENT, canonical, is_canonical
from box_dialect.dbapi.lexer import edited, tokens
from box_dialect.dbapi.types import holds_moments
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from box_dialect.engine import ColumnRead

_DATES: Final = frozenset({"date", "datetime", "strftime", "day_of"})
"""Functions that give moments in another form than the canonical one."""
_NOW: Final = frozenset({"current_timestamp", "current_date"})
_OF_MOMENTS: Final = _DATES | {"date_trunc", "moment_plus", "moment_minus", "moment_at"}
_COMPARING: Final = frozenset({"nullif", "min", "max"})
_SIGNS: Final = frozenset({"=", "<", ">", "!"})
_WORDS: Final = frozenset({"is", "not", "distinct"})
_NOT_COMPARED: Final = frozenset({"like", "glob", "match", "regexp", "escape", "as", "collate"})
"""What stands before or behind a text that is not compared as a value."""
_QUERIES: Final = frozenset({"select", "with", "values"})
_LISTS: Final = ("select", "by")
"""What lists of columns stand behind."""
_CLAUSES: Final = frozenset(
    {"from", "where", "group", "having", "order", "limit", "window", "rows", "range", "groups"}
) | frozenset({"union", "except", "intersect", "set", "values", "returning", "on"})
"""What such a list ends at."""
_ENDS_OF_TERM: Final = frozenset({",", ")", "as", "asc", "desc", "nulls", ""})
_MAY_GIVE_MOMENTS: Final = re.compile(rf"\b(?:{'|'.join(sorted(_DATES | _NOW))})\b", re.IGNORECASE)
_LITERALS: Final = re.compile("'([0-9]{4}[^']*)'")
"""Literals that may be moments."""
_SORTS: Final = re.compile(r"\bby\b", re.IGNORECASE)
_LIMIT: Final = re.compile(r"\blimit\b", re.IGNORECASE)
_COMPUTES: Final = re.compile(r"\b(?:date_trunc|day_of|moment_\w+)\b", re.IGNORECASE)
_NAMES: Final = frozenset({"word", "quoted"})
_COLLATE: Final = f" COLLATE {MOMENT}"
_PLAINLY: Final = " COLLATE BINARY"


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that a statement reads, in lower case: those of moments, and all others.

    `plain` are those of moments that have no collation of moments, as in the file of another program; they are among the
    others, too. `are_of_box` tells that none of them belongs to a local table, so that all moments have one form. `shown` tells of
    each column of the result, by its name and by its number, whether it is a column of moments.
    """

    moments: frozenset[str]
    others: frozenset[str]
    plain: frozenset[str]
    are_of_box: bool
    shown: Mapping[str | int, bool] = field(default_factory=dict)


class _Kind(Enum):
    """What is compared: a column of moments, another column, what is computed of moments, or anything else."""

    MOMENT = 1
    TEXT = 2
    COMPUTED = 3
    OTHER = 4


def with_collations(
    connection: apsw.Connection,
    read: Collection[ColumnRead],
    operation: str,
    parameters: Any,
    result: Sequence[tuple[str, str | None]],
) -> str:
    """Return a statement that reads these columns so that it compares moments as such wherever they stand.

    `result` are its columns with their declared types.
    """
    columns = _columns(connection, read)
    if not columns.moments and not _COMPUTES.search(operation):
        return operation
    shown: dict[str | int, bool] = {name.lower(): holds_moments(kind) for name, kind in result}
    shown |= {number: holds_moments(kind) for number, (_, kind) in enumerate(result, start=1)}
    return collated(operation, parameters, replace(columns, shown=shown))


def check_moments(operation: str, compared_as_texts: Collection[str]) -> None:
    """Raise ProgrammingError where a statement compares moments as texts and does not say so by a COLLATE."""
    if compared_as_texts and "collate" not in operation.lower():
        names = " and ".join(sorted(compared_as_texts))
        raise ProgrammingError(
            f"{names} would be compared as text, since the column on the other side is one of texts, and a moment in "
            "another spelling would not be found; compare with CAST(that column AS TIMESTAMP)"
        )


def _columns(connection: apsw.Connection, read: Collection[ColumnRead]) -> Columns:
    moments, others, plain, are_of_box = set[str](), set[str](), set[str](), True
    for schema, table, column in read:
        name, box = column.lower(), TABLES.get(table.lower())
        if box is not None:
            is_moment = column in box.numbers and box.columns[box.numbers[column]].type is Type.TIMESTAMP
        else:
            try:
                declared, collation, *_ = connection.column_metadata(schema or None, table, column)
            except apsw.SQLError:
                continue  # of a view, whose tables are told too, or of no column, as for count(*)
            are_of_box = False
            is_moment = holds_moments(declared) and collation.upper() in {MOMENT, BINARY}
            if is_moment and collation.upper() == BINARY:
                plain.add(name)
        (moments if is_moment else others).add(name)
    return Columns(frozenset(moments), frozenset(others | plain), frozenset(plain), are_of_box)


def collated(operation: str, parameters: Any, columns: Columns) -> str:
    """Return a statement that reads moments so that it compares them as such wherever they stand."""
    given = parameters.values() if isinstance(parameters, Mapping) else parameters
    gives_moments = _MAY_GIVE_MOMENTS.search(operation) is not None
    has_odd = gives_moments or any(map(_is_odd, itertools.chain(given or (), _LITERALS.findall(operation))))
    sorts = _SORTS.search(operation) is not None and _LIMIT.search(operation) is None
    if columns.are_of_box and not has_odd and not sorts:
        return operation
    statement = _Statement(operation, parameters, columns)
    places = {*statement.operands()} if has_odd or not columns.are_of_box else set[int]()
    if not columns.are_of_box:
        places |= {*statement.left_sides(), *statement.computed_terms()}
    if places:
        ends = {statement.found[place].end for place in places if statement.word(place + 1) != "collate"}
        return edited(operation, [(end, end, _COLLATE) for end in ends])
    if columns.are_of_box and sorts and not gives_moments:
        # Box's timestamps have one form, whose texts sort as the moments do, and that takes less time. With a LIMIT few
        # are compared, and Box may sort.
        ends = {statement.found[place].end for place in statement.plain_sort_terms()}
        return edited(operation, [(end, end, _PLAINLY) for end in ends])
    return operation


def _is_odd(value: Any) -> bool:
    """Tell whether a value is a text that means a moment and is not in the canonical form."""
    return isinstance(value, str) and not is_canonical(value) and canonical(value) is not None


class _Statement:
    """The tokens of a statement, and what belongs together among them."""

    def __init__(self, operation: str, parameters: Any, columns: Columns) -> None:
        self.found = [token for token in tokens(operation) if token.text != ";"]
        self._columns, self._parameters = columns, parameters
        self._words = [token.text.lower() if token.kind != "string" else "" for token in self.found]
        self._partners: dict[int, int] = {}
        self._opened: list[int | None] = []
        self._clauses: list[str] = []
        self._values: dict[int, Any] = {}
        self._read()

    def _read(self) -> None:
        """Take note of parentheses, of what lists of columns belong to, and of the values of parameters."""
        open_places: list[int] = []
        clauses = [""]
        numbers: dict[str, int] = {}
        for place, token in enumerate(self.found):
            word = self._words[place]
            if word == ")" and open_places:
                opening = open_places.pop()
                self._partners |= {opening: place, place: opening}
                clauses.pop()
            self._opened.append(open_places[-1] if open_places else None)
            if word in _LISTS or word in _CLAUSES:
                clauses[-1] = word if word in _LISTS else ""
            self._clauses.append(clauses[-1])
            if word == "(":
                open_places.append(place)
                clauses.append("")
            if token.kind == "variable":
                self._values[place] = self._value(token.text, numbers)

    def _value(self, variable: str, numbers: dict[str, int]) -> Any:
        """Return the value of a parameter; those that are bound by position have `numbers`, each name one."""
        if isinstance(self._parameters, Mapping):
            return self._parameters.get(variable[1:])
        following = max(numbers.values(), default=0) + 1
        name = variable if variable != "?" else f"?{following}"
        number = numbers.setdefault(name, int(name[1:]) if name[1:].isdecimal() else following)
        return self._parameters[number - 1] if number <= len(self._parameters) else None

    def word(self, place: int) -> str:
        """Return a token in lower case; an empty text for a literal, and where there is none."""
        return self._words[place] if 0 <= place < len(self._words) else ""

    def operands(self) -> Iterator[int]:
        """Yield the last place of each literal, parameter and call that may be a moment and is compared as one."""
        for place in range(len(self.found)):
            end = self._end_of_spelled(place)
            if end is None or {self.word(place - 1), self.word(end + 1)} & _NOT_COMPARED:
                continue
            deciding = self._deciding(self._opened[place])
            other = self._compared_with(place, end) if deciding is None else deciding
            if other is None and self.word(place) in _DATES | _NOW:
                continue
            if other is None or self._kind_of(other) is not _Kind.TEXT:
                yield end if deciding is None else deciding

    def _deciding(self, opening: int | None) -> int | None:
        """Return the last place of what decides how a list is compared, by where the list opens; None for no list.

        It is the left side of IN, and the first argument of a function that compares several.
        """
        if opening is None:
            return None
        if self.word(opening - 1) == "in" and self.word(opening + 1) not in _QUERIES:
            return self._before(opening - 1)
        if self.word(opening - 1) not in _COMPARING:
            return None
        commas = (p for p in range(opening, self._partners.get(opening, opening)) if self._opened[p] == opening)
        return next((place - 1 for place in commas if self.word(place) == ","), None)

    def left_sides(self) -> Iterator[int]:
        """Yield the last place of each left side that has to be named a moment, for the collation there decides."""
        for place in range(1, len(self.found)):
            word = self.word(place)
            if word in _SIGNS and self.word(place - 1) not in _SIGNS:
                left = place - 1
            elif word in {"in", "between"} or (word == "is" and place > 1):
                left = self._before(place)
            else:
                continue
            right = self._after(place)
            last = self.end_of(right)
            if self._is_ambiguous(left):
                kinds = _Kind.TEXT, self.kind(right, last)
            else:
                kinds = self._kind_of(left), _Kind.TEXT if self._is_ambiguous(last) else self.kind(right, last)
            if kinds in _UNDECIDED:
                yield left

    def _terms(self, clause: str) -> Iterator[tuple[int, int]]:
        """Yield the first and the last place of each name, call and parenthesis that a list consists of."""
        for place in range(len(self.found) - 1):
            if self._clauses[place] == clause and self.word(place) in {clause, ",", "distinct", "all"}:
                last = self.end_of(place + 1)
                if self.word(last + 1) in _ENDS_OF_TERM or self.word(last + 1) in _CLAUSES:
                    yield place + 1, last

    def plain_sort_terms(self) -> Iterator[int]:
        """Yield the last place of each column of moments that is sorted by, itself or as a column of the result."""
        for first, last in self._terms("by"):
            token = self.found[first]
            shown = None
            if first == last and self._opened[first] is None:
                shown = self._columns.shown.get(int(token.text) if token.text.isdecimal() else token.content.lower())
            if shown is True or (shown is None and self.kind(first, last) is _Kind.MOMENT):
                yield last

    def computed_terms(self) -> Iterator[int]:
        """Yield the last place of each call that computes with moments, or plain column of them, that is listed.

        So DISTINCT and UNION have its collation, and so has the column where the statement is a subquery.
        """
        for first, last in itertools.chain.from_iterable(map(self._terms, _LISTS)):
            token = self.found[last]
            is_plain = token.kind in _NAMES and token.content.lower() in self._columns.plain
            if is_plain or self.kind(first, last) is _Kind.COMPUTED:
                yield last

    def _is_ambiguous(self, last: int) -> bool:
        """Tell whether a column has the name of one of moments and of another one, too."""
        if not 0 <= last < len(self.found) or self.found[last].kind not in _NAMES:
            return False
        return self.found[last].content.lower() in self._columns.moments & self._columns.others

    def end_of(self, place: int) -> int:
        """Return the last place of what begins at a place: a literal, a name, a call, or what is in parentheses."""
        while self.word(place + 1) == "." and place + 2 < len(self.found):
            place += 2
        if self.word(place + 1) == "(" and self.word(place) != "(" and self.found[place].kind in _NAMES:
            place += 1
        return self._partners.get(place, place) if self.word(place) == "(" else place

    def kind(self, first: int, last: int) -> _Kind:
        """Return what stands from one place to another."""
        if not 0 <= first <= last < len(self.found):
            return _Kind.OTHER
        if self.found[last].kind in _NAMES:
            name = self.found[last].content.lower()
            if name in self._columns.moments:
                return _Kind.MOMENT
            return _Kind.TEXT if name in self._columns.others else _Kind.OTHER
        if self.word(last) != ")":
            return _Kind.OTHER
        if self.word(last) == ")" and self.word(first + 1) == "select":
            last = next((p for p in range(first, last) if self.word(p) == "from" and self._opened[p] == first), last)
        return _Kind.COMPUTED if any(map(self._is_of_moments, range(first, last))) else _Kind.OTHER

    def _is_of_moments(self, place: int) -> bool:
        token = self.found[place]
        if token.kind not in _NAMES:
            return False
        name = token.content.lower()
        return name in self._columns.moments or (name in _OF_MOMENTS and self.word(place + 1) == "(")

    def _kind_of(self, last: int) -> _Kind:
        """Return what ends at a place."""
        first = self._partners.get(last, last) if self.word(last) == ")" else last
        if first != last and first and self.found[first - 1].kind in _NAMES:
            first -= 1
        return self.kind(first, last)

    def _end_of_spelled(self, place: int) -> int | None:
        """Return the last place of what may be a moment in any spelling; None for anything else."""
        token, word = self.found[place], self.word(place)
        if token.kind == "string" or place in self._values:
            value = self._values.get(place) if place in self._values else token.content
            return place if isinstance(value, str) and canonical(value) is not None else None
        if word in _NOW and token.kind == "word":
            return place
        return self._partners.get(place + 1) if word in _DATES and self.word(place + 1) == "(" else None

    def _compared_with(self, first: int, last: int) -> int | None:
        """Return the last place of what is compared with what stands from one place to another; None for nothing."""
        if self.word(first - 1) in _SIGNS | _WORDS or self.word(first - 2) == "is":
            return self._before(first)
        if self.word(first - 1) in {"between", "when"}:
            return self._before(first - 1)
        if self.word(first - 1) == "and" and self.word(first - 3) == "between":
            return self._before(first - 3)
        if self.word(last + 1) in _SIGNS | {"is", "in", "between"} or self.word(last + 2) in {"in", "between"}:
            return self.end_of(self._after(last + 1))
        return None

    def _before(self, place: int) -> int:
        """Return the place before an operator of which a place is, or stands behind, a part."""
        place -= 1
        while self.word(place) in _SIGNS | _WORDS:
            place -= 1
        return place

    def _after(self, place: int) -> int:
        """Return the place behind an operator that begins at a place."""
        while self.word(place) in _SIGNS | _WORDS | {"in", "between"}:
            place += 1
        return place


_UNDECIDED: Final = frozenset(
    {
        (_Kind.TEXT, _Kind.MOMENT),
        (_Kind.TEXT, _Kind.COMPUTED),
        (_Kind.COMPUTED, _Kind.TEXT),
        (_Kind.COMPUTED, _Kind.COMPUTED),
        (_Kind.OTHER, _Kind.COMPUTED),
    }
)
"""Sides of a comparison that SQLite would compare as texts, or as the text column has it."""
