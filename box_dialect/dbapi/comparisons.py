"""What a statement compares with what, as its tokens tell; of names it is known which columns the statement reads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.moments import canonical, no_moment
from box_dialect.dbapi.lexer import read
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

DATES: Final = frozenset({"date", "datetime", "strftime", "day_of"})
"""Functions that give moments in another form than the canonical one."""
NOW: Final = frozenset({"current_timestamp", "current_date"})
"""Words that give such moments."""
_OF_MOMENTS: Final = DATES | {"date_trunc", "moment_plus", "moment_minus", "moment_at"}
_COMPARING: Final = frozenset({"nullif", "min", "max"})
"""Functions that compare their arguments."""
GIVING: Final = frozenset({"date_trunc", "moment_plus", "moment_minus", "moment_at", "coalesce", "ifnull", "iif"}) | {
    *_COMPARING,
    *("first_value", "last_value", "nth_value", "lag", "lead"),
}
"""Functions that give a moment where they are given moments."""
_SIGNS: Final = frozenset({"=", "<", ">", "!"})
_WORDS: Final = frozenset({"is", "not", "distinct"})
"""Signs and words that operators of comparison are made of."""
_JOINING: Final = frozenset({"|", "+", "-", "*", "/", "%", "&", "->"})
"""Operators that bind more closely than comparisons."""
_NO_CALLS: Final = frozenset({"and", "or", "not", "where", "on", "when", "then", "else", "having", "in", "by"})
"""Words that a parenthesis may follow which is no call."""
_NOT_COMPARED: Final = frozenset({"like", "glob", "match", "regexp", "escape", "as", "collate"})
"""What stands before or behind a text that is not compared as a value."""
_QUERIES: Final = frozenset({"select", "with", "values"})
_LISTS: Final = frozenset({"select", "by", "set"})
"""What lists of columns stand behind."""
_CLAUSES: Final = frozenset({"from", "where", "group", "having", "order", "limit", "window", "on"}) | frozenset(
    {"union", "except", "intersect", "values", "returning", "rows", "range", "groups"}
)
"""What such a list ends at."""
_ENDS_OF_TERM: Final = frozenset({",", ")", "as", "asc", "desc", "nulls", ""})
_NAMES: Final = frozenset({"word", "quoted"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that a statement reads, in lower case: those of moments, and all others.

    `computed` are those that views compute, perhaps of moments, `plain` those of moments that have no collation of
    moments, as in the file of another program; these are among the others, too. `are_of_box` tells that none of them
    belongs to a local table, so that all moments have one form, `is_single` that all belong to one table. `shown` tells
    of each column of the result, by its name and by its number, whether it is a column of moments.
    """

    moments: frozenset[str]
    others: frozenset[str]
    computed: frozenset[str]
    plain: frozenset[str]
    are_of_box: bool
    is_single: bool
    shown: Mapping[str | int, bool] = field(default_factory=dict)


class Kind(Enum):
    """What is compared: a column of moments, another column, what is computed of moments, or anything else."""

    MOMENT = 1
    TEXT = 2
    COMPUTED = 3
    OTHER = 4


_UNDECIDED: Final = frozenset(
    {
        (Kind.TEXT, Kind.MOMENT),
        (Kind.TEXT, Kind.COMPUTED),
        (Kind.COMPUTED, Kind.TEXT),
        (Kind.COMPUTED, Kind.MOMENT),
        (Kind.COMPUTED, Kind.COMPUTED),
        (Kind.OTHER, Kind.COMPUTED),
    }
)
"""Sides of a comparison that SQLite would compare as texts, or as the text column has it."""


class Comparisons:
    """The tokens of a statement, and what belongs together among them."""

    def __init__(self, operation: str, parameters: Any, columns: Columns) -> None:
        self.found = [token for token in read(operation) if token.text != ";"]
        self._columns, self._parameters = columns, parameters
        self._words: list[str] = []
        self._partners: dict[int, int] = {}
        self._opened: list[int | None] = []
        self._clauses: list[str] = []
        self._values: dict[int, Any] = {}
        self._of_moments = columns.moments | columns.computed
        self._read()
        self._of_moments |= {*self._new_names()}

    def _read(self) -> None:
        """Take note of parentheses, of what lists of columns belong to, and of the values of parameters."""
        open_places: list[int] = []
        clauses = [""]
        numbers: dict[str, int] = {}
        for place, token in enumerate(self.found):
            word = token.text.lower() if token.kind != "string" else ""
            if word == ">" and self.word(place - 1) in {"-", "->"} and self.found[place - 1].end == token.start:
                word = "->"  # of JSON
            if word == "from" and self.word(place - 1) == "distinct" and self.word(place - 2) in {"is", "not"}:
                word = "distinct"
            self._words.append(word)
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

    def _new_names(self) -> Iterator[str]:
        """Yield the names that columns of moments, and what is computed of them, are given by AS."""
        for first, last in self._terms("select"):
            name = self.found[last + 2] if self.word(last + 1) == "as" and last + 2 < len(self.found) else None
            if name is not None and self.kind(first, last) in {Kind.MOMENT, Kind.COMPUTED}:
                yield name.content.lower()

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
            if other is None and (self.word(place) in DATES | NOW or self._is_in_text(place)):
                continue
            if other is None or self._kind_of(other) is not Kind.TEXT:
                yield end if deciding is None else deciding

    def check_texts(self) -> None:
        """Raise DataError where a column of moments is looked for before or after a text that means none."""
        for place, token in enumerate(self.found):
            value: Any = self._values.get(place, token.content if token.kind == "string" else None)
            if not isinstance(value, str) or canonical(value) is not None or not self._is_bound(place):
                continue
            other = self._compared_with(place, place)
            if other is not None and self._gives_moments(other):
                raise DataError(no_moment(value))

    def _gives_moments(self, last: int) -> bool:
        """Tell whether what ends at a place is a column of moments, or a call that gives one of those it is given."""
        kind, first = self._kind_of(last), self._beginning(last)
        if kind is Kind.MOMENT:
            return not self._is_ambiguous(last)
        return kind is Kind.COMPUTED and self.word(first) in GIVING and self.word(first - 1) not in _JOINING

    def _is_bound(self, place: int) -> bool:
        """Tell whether what stands at a place is the bound of a range."""
        if self.word(place - 1) == "between" or (self.word(place - 1) == "and" and self.word(place - 3) == "between"):
            return True
        before, behind = place - 1, place + 1
        while self.word(before) in _SIGNS:
            before -= 1
        while self.word(behind) in _SIGNS:
            behind += 1
        signs = {"".join(self._words[before + 1 : place]), "".join(self._words[place + 1 : behind])}
        return not signs.isdisjoint({"<", "<=", ">", ">="})

    def _is_in_text(self, place: int) -> bool:
        """Tell whether a place is among the arguments of a call that computes with texts."""
        opening = self._opened[place]
        if opening is None or self.word(opening + 1) in _QUERIES:
            return False
        closing = self._partners.get(opening, opening)
        return self._beginning(closing) < opening and self._kind_of(closing) is Kind.TEXT

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
            last = self._end_of_operand(right)
            if self._is_ambiguous(left):
                kinds = Kind.TEXT, self.kind(right, last)
            else:
                kinds = self._kind_of(left), Kind.TEXT if self._is_ambiguous(last) else self.kind(right, last)
            if kinds in _UNDECIDED and not self._is_row(left):
                yield left

    def _is_row(self, last: int) -> bool:
        """Tell whether several values in parentheses end at a place, which have no collation together."""
        opening = self._partners.get(last, last)
        is_list = any(self.word(p) == "," and self._opened[p] == opening for p in range(opening, last))
        return self.word(last) == ")" and is_list and self._beginning(last) == opening

    def _terms(self, clause: str) -> Iterator[tuple[int, int]]:
        """Yield the first and the last place of each name, call and parenthesis that a list consists of."""
        for place in range(len(self.found) - 1):
            if self._clauses[place] == clause and self.word(place) in {clause, ",", "distinct", "all"}:
                last = self.end_of(place + 1)
                if self.word(last + 1) in _ENDS_OF_TERM or self.word(last + 1) in _CLAUSES:
                    yield place + 1, last

    def _arguments(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last place of each argument by which a function compares rows, or its arguments."""
        for place in range(1, len(self.found) - 2):
            is_compared = self.word(place) in _COMPARING and self.word(place + 1) == "("
            if is_compared or (self.word(place) == "(" and self.word(place + 1) == "distinct"):
                first = place + 2
                last = self.end_of(first)
                if self.word(last + 1) in {",", ")"}:
                    yield first, last

    def plain_sort_terms(self) -> Iterator[int]:
        """Yield the last place of each column of moments that is sorted by, itself or as a column of the result."""
        for first, last in self._terms("by"):
            token = self.found[first]
            shown = None
            if first == last and self._opened[first] is None:
                shown = self._columns.shown.get(int(token.text) if token.text.isdecimal() else token.content.lower())
            if shown is True or (shown is None and self.kind(first, last) is Kind.MOMENT):
                yield last

    def keyed_terms(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last place of each moment that is sorted by and may be so by a function of it.

        A name alone may be that of a column of the result, which stands for no other there.
        """
        for first, last in self._terms("by"):
            kind = self.kind(first, last)
            is_computed = kind is Kind.COMPUTED and self.word(last) == ")"
            if is_computed or (kind is Kind.MOMENT and (first != last or self._is_column(last))):
                yield first, last

    def _is_column(self, place: int) -> bool:
        """Tell whether a name is surely that of a column of the only table."""
        name = self.found[place].content.lower()
        return self._columns.is_single and not any(
            token.content.lower() == name and self.word(place - 1) not in {*_LISTS, "distinct", "all", ",", "(", "."}
            for place, token in enumerate(self.found)
            if self._clauses[place] == "select" and token.kind in _NAMES
        )

    def computed_terms(self) -> Iterator[int]:
        """Yield the last place of each call that computes with moments, or plain column of them, that is listed.

        So DISTINCT and UNION have its collation, and so has the column where the statement is a subquery.
        """
        for first, last in itertools.chain(self._terms("select"), self._terms("by"), self._arguments()):
            token = self.found[last]
            is_plain = token.kind in _NAMES and token.content.lower() in self._columns.plain
            if is_plain or self.kind(first, last) is Kind.COMPUTED:
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

    def kind(self, first: int, last: int) -> Kind:
        """Return what stands from one place to another; what is computed of texts alone is a text."""
        if not 0 <= first <= last < len(self.found):
            return Kind.OTHER
        if self.word(last) == ")" and self.word(first) == "(" and self.word(first + 1) == "select":
            last = next((p for p in range(first, last) if self.word(p) == "from" and self._opened[p] == first), last)
        is_column = all(self.word(place) == "." for place in range(first + 1, last, 2)) and (last - first) % 2 == 0
        if any(map(self._is_of_moments, [last] if is_column else range(first, last + 1))):
            is_named = is_column and self.found[last].content.lower() in self._columns.moments
            return Kind.MOMENT if is_named else Kind.COMPUTED
        names = (self.found[place].content.lower() for place in range(first, last + 1) if self._is_name(place))
        return Kind.TEXT if any(name in self._columns.others for name in names) else Kind.OTHER

    def _is_name(self, place: int) -> bool:
        """Tell whether there is the name of a column, which no parenthesis and no dot follows."""
        return self.found[place].kind in _NAMES and self.word(place + 1) not in {"(", "."}

    def _is_of_moments(self, place: int) -> bool:
        if self._is_name(place):
            return self.found[place].content.lower() in self._of_moments
        return self.word(place) in _OF_MOMENTS and self.word(place + 1) == "("

    def _kind_of(self, last: int) -> Kind:
        """Return what ends at a place."""
        first = self._beginning(last)
        while self.word(first - 1) in _JOINING:
            before = first - 1
            while self.word(before) in _JOINING:
                before -= 1
            if before < 0:
                break
            first = self._beginning(before)
        return self.kind(first, last)

    def _beginning(self, last: int) -> int:
        """Return the first place of what ends at a place: a literal, a name, a call, or what is in parentheses."""
        first = self._partners.get(last, last) if self.word(last) == ")" else last
        if first != last and first and self.found[first - 1].kind in _NAMES and self.word(first - 1) not in _NO_CALLS:
            first -= 1
        while self.word(first - 1) == "." and first > 1:
            first -= 2
        return first

    def _end_of_operand(self, first: int) -> int:
        """Return the last place of one side of a comparison, by its first one."""
        last = self.end_of(first)
        while self.word(last + 1) in _JOINING:
            after = last + 1
            while self.word(after) in _JOINING:
                after += 1
            last = self.end_of(after)
        return last

    def _end_of_spelled(self, place: int) -> int | None:
        """Return the last place of what may be a moment in any spelling; None for anything else."""
        token, word = self.found[place], self.word(place)
        if token.kind == "string" or place in self._values:
            value = self._values.get(place) if place in self._values else token.content
            return place if isinstance(value, str) and canonical(value) is not None else None
        if word in NOW and token.kind == "word":
            return place
        return self._partners.get(place + 1) if word in DATES and self.word(place + 1) == "(" else None

    def _compared_with(self, first: int, last: int) -> int | None:
        """Return the last place of what is compared with what stands from one place to another; None for nothing."""
        if self.word(first - 1) in _SIGNS | _WORDS or self.word(first - 2) == "is":
            return self._before(first)
        if self.word(first - 1) in {"between", "when"}:
            return self._before(first - 1)
        if self.word(first - 1) == "and" and self.word(first - 3) == "between":
            return self._before(first - 3)
        if self.word(last + 1) in _SIGNS | {"is", "in", "between"} or self.word(last + 2) in {"in", "between"}:
            return self._end_of_operand(self._after(last + 1))
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
