"""The comparisons of a statement, by its tokens and by the columns that it is known to read."""

from __future__ import annotations

import itertools
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from box_dialect.catalog.datetimes import canonical, no_datetime
from box_dialect.dbapi.sqltext.clauses import JOINING, LISTS, NAMES, QUERIES, SIGNS, WORDS, Clauses
from box_dialect.engine import CHOOSING, COMPARING, DATES, STRFTIME, TELLING
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from box_dialect.dbapi.sqltext.clauses import Select, Span

NOW: Final = frozenset({"current_timestamp", "current_date"})
"""Words that give such moments."""
GIVING: Final = TELLING | CHOOSING
"""Functions that give a moment where they are given moments."""
_NOT_COMPARED: Final = frozenset({"like", "glob", "match", "regexp", "escape", "as", "collate"})
"""What stands before or behind a text that is not compared as a value."""


class Columns(Struct, frozen=True):
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
    """What is compared: a column of moments, another column or a text, what is computed of moments, anything else."""

    MOMENT = 1
    TEXT = 2
    COMPUTED = 3
    OTHER = 4


_TEXTS: Final = frozenset({"char", "clob", "text"})
"""What is in the names of types that SQLite takes for text: https://www.sqlite.org/datatype3.html"""
_DEEPEST: Final = 50
"""Levels of calls and subqueries within each other that are looked into."""
_OF_DATETIMES: Final = frozenset({Kind.MOMENT, Kind.COMPUTED})
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


class Comparisons(Clauses):
    """The comparisons of a statement, by the columns that it reads."""

    def __init__(self, operation: str, parameters: Any, columns: Columns) -> None:
        super().__init__(operation, parameters)
        self._columns = columns
        self._datetime_names, self._text_names = columns.moments | columns.computed, columns.others
        for _ in range(2):  # a subquery may stand before or behind the one that it is read by
            named = [(name, self.kind(*span)) for each in self.selects for name, span in self.named_columns(each)]
            new = [(name, kind) for name, kind in named if name is not None and name not in columns.others]
            self._datetime_names |= {name for name, kind in new if kind in _OF_DATETIMES}
            self._text_names |= {name for name, kind in new if kind is Kind.TEXT}

    def kind(self, first: int, last: int, depth: int = 0) -> Kind:
        """Return what stands from one place to another; what is computed of texts alone is a text."""
        while self.word(first) == "(" and self.closing(first) == last and first not in self.first_select:
            first, last = first + 1, last - 1
        if not 0 <= first <= last < len(self.found) or depth > _DEEPEST:
            return Kind.OTHER
        if self.is_column(first, last) and self.word(last) not in NOW:
            return self._kind_of_name(self.found[last].content.lower())
        if self.word(first) == "(" and self.closing(first) == last:
            item = self.first_select[first].items[0]
            return self.kind(item.first, item.last, depth + 1)
        if self.word(first) == "case" and self.end_of(first) == last:
            return self._kind_of_any(self._results(first, last), depth)
        if self.word(first + 1) == "(":
            return self._kind_of_call(first, last, depth)
        names = (self.found[place].content.lower() for place in range(first, last + 1) if self.is_name(place))
        known = self._text_names | self._datetime_names
        return Kind.TEXT if any(name in known for name in names) else Kind.OTHER

    def _kind_of_name(self, name: str) -> Kind:
        if name in self._datetime_names:
            return Kind.MOMENT if name in self._columns.moments else Kind.COMPUTED
        return Kind.TEXT if name in self._text_names else Kind.OTHER

    def _kind_of_call(self, first: int, last: int, depth: int) -> Kind:
        name, arguments = self.word(first), self.elements(first + 1)
        if name in TELLING | DATES:
            return Kind.TEXT if name == STRFTIME else Kind.COMPUTED
        if name in CHOOSING:
            kind = self._kind_of_any(arguments[1:] if name == "iif" else arguments, depth)
            return Kind.COMPUTED if kind is Kind.MOMENT else kind
        places = range(first, last + 1)
        return Kind.TEXT if any(self.is_name(place) and self._is_known(place) for place in places) else Kind.OTHER

    def _kind_of_any(self, spans: list[Span], depth: int) -> Kind:
        """Return what one of several values is: of moments where any is, of texts where any is one."""
        kinds = {self.kind(first, last, depth + 1) for first, last in spans}
        if kinds & _OF_DATETIMES:
            return Kind.COMPUTED
        return Kind.TEXT if Kind.TEXT in kinds else Kind.OTHER

    def _results(self, first: int, last: int) -> list[Span]:
        """Return the values that a CASE may give."""
        begins = [p for p in range(first + 1, last) if self.word(p) in {"then", "else"}]
        return [(place + 1, self.end_of_operand(place + 1)) for place in begins]

    def _is_known(self, place: int) -> bool:
        return self.found[place].content.lower() in self._text_names | self._datetime_names

    def _kind_of(self, last: int) -> Kind:
        """Return what ends at a place."""
        return self.kind(self.beginning_of_operand(last), last)

    def operands(self) -> Iterator[tuple[int, bool]]:
        """Yield the last place of each literal, parameter and call that may be a moment and is compared as one.

        Beside it stands whether it has to be one.
        """
        for place in range(len(self.found)):
            end = self._end_of_spelled(place)
            if end is None or {self.word(place - 1), self.word(end + 1)} & _NOT_COMPARED:
                continue
            deciding = self._deciding(self.opened[place])
            other = self._compared_with(place, end) if deciding is None else deciding
            if other is None and (self.word(place) in DATES | NOW or self._is_in_call(place)):
                continue
            kind = Kind.OTHER if other is None else self._kind_of(other)
            is_format = self.word(place) == STRFTIME
            if kind in _OF_DATETIMES or (kind is Kind.OTHER and not is_format):
                yield end if deciding is None else deciding, is_format

    def check_texts(self) -> None:
        """Raise DataError where a column of moments is looked for before or after a text that means none."""
        for place, token in enumerate(self.found):
            value: Any = self.values.get(place, token.content if token.kind == "string" else None)
            if not isinstance(value, str) or canonical(value) is not None or not self._is_bound(place):
                continue
            other = self._compared_with(place, place)
            if other is not None and self._gives_datetimes(other):
                raise DataError(no_datetime(value))

    def _gives_datetimes(self, last: int) -> bool:
        """Tell whether what ends at a place is a column of moments, or a call that gives one of those it is given."""
        kind, first = self._kind_of(last), self.beginning(last)
        if kind is Kind.MOMENT:
            return not self._is_ambiguous(last)
        return kind is Kind.COMPUTED and self.word(first) in GIVING and self.word(first - 1) not in JOINING

    def _is_bound(self, place: int) -> bool:
        """Tell whether what stands at a place is the bound of a range."""
        if self.word(place - 1) == "between" or (self.word(place - 1) == "and" and self.word(place - 3) == "between"):
            return True
        before, behind = place - 1, place + 1
        while self.word(before) in SIGNS:
            before -= 1
        while self.word(behind) in SIGNS:
            behind += 1
        signs = {"".join(self._words[before + 1 : place]), "".join(self._words[place + 1 : behind])}
        return not signs.isdisjoint({"<", "<=", ">", ">="})

    def _is_in_call(self, place: int) -> bool:
        """Tell whether a place is among the arguments of a call that gives none of them."""
        opening = self.opened[place]
        if opening is None or self.word(opening + 1) in QUERIES:
            return False
        first = self.beginning(self.closing(opening))
        return first < opening and (self.word(first) not in GIVING or self._kind_of(self.closing(opening)) is Kind.TEXT)

    def _deciding(self, opening: int | None) -> int | None:
        """Return the last place of what decides how a list is compared, by where the list opens; None for no list.

        It is the left side of IN, and the first argument of a function that compares several.
        """
        if opening is None:
            return None
        if self.word(opening - 1) == "in" and self.word(opening + 1) not in QUERIES:
            return self.before(opening - 1)
        if self.word(opening - 1) not in COMPARING:
            return None
        first, *others = self.elements(opening)
        return first[1] if others else None

    def left_sides(self) -> Iterator[tuple[int, bool]]:
        """Yield the last place of each side that has to be named a moment, for the collation of the left one decides.

        Beside it stands whether the right one has to be a moment. That is the right side of WHEN, where the left one
        may stand far away.
        """
        for place in range(1, len(self.found)):
            word = self.word(place)
            if word in SIGNS and self.word(place - 1) not in SIGNS:
                left = place - 1
                if self.is_assigned(left):
                    continue
            elif word in {"in", "between"} or (word == "is" and place > 1):
                left = self.before(place)
            elif word == "when":
                last = self.end_of_operand(place + 1)
                if self.word(last + 1) == "then" and self.kind(place + 1, last) in _OF_DATETIMES:
                    yield last, False
                continue
            else:
                continue
            right = self.after(place)
            if self.is_row(left):
                yield from ((last, False) for last in self._left_values(self.elements(self.closing(left)), right))
                continue
            spans = [*self._right_sides(right, is_range=word == "between")]
            is_named = any(self.word(last + 1) == "collate" for _, last in spans)
            if not is_named and any(self._is_undecided(left, *span) for span in spans):
                is_of_datetimes = self._kind_of(left) in _OF_DATETIMES
                yield left, self.word(right if is_of_datetimes else self.beginning(left)) == STRFTIME

    def _right_sides(self, right: int, *, is_range: bool) -> Iterator[Span]:
        """Yield the spans of what stands on the right side of a comparison."""
        last = self.end_of_operand(right)
        yield right, last
        if is_range and self.word(last + 1) == "and":
            yield last + 2, self.end_of_operand(last + 2)

    def _left_values(self, values: list[Span], right: int) -> Iterator[int]:
        """Yield the last place of each value of a row that has to be named a moment, for what it is compared with."""
        select = self.first_select.get(right)
        others = self.elements(right) if select is None else [(item.first, item.last) for item in select.items]
        for (_, left), span in zip(values, others, strict=False):
            if self._is_undecided(left, *span):
                yield left

    def _is_undecided(self, left: int, first: int, last: int) -> bool:
        """Tell whether SQLite would compare what ends at a place as a text, though the other side is a moment."""
        if self._is_ambiguous(left):
            return (Kind.TEXT, self.kind(first, last)) in _UNDECIDED
        kinds = self._kind_of(left), Kind.TEXT if self._is_ambiguous(last) else self.kind(first, last)
        return kinds in _UNDECIDED or (kinds == (Kind.OTHER, Kind.MOMENT) and self.is_name(left))

    def first_arguments(self) -> Iterator[int]:
        """Yield the last place of each first argument by which a function compares, where another one is a moment."""
        for place in range(1, len(self.found) - 2):
            if self.word(place) == "(" and self.word(place - 1) in COMPARING:
                (first, last), *others = self.elements(place)
                kinds = {self.kind(*span) for span in others}
                if kinds & _OF_DATETIMES and (self.kind(first, last) is not Kind.MOMENT or self._is_ambiguous(last)):
                    yield last

    def casts_to_text(self) -> Iterator[int]:
        """Yield the last place of each cast of a moment to a text, which SQLite would compare as the moment still.

        A column that has no other name is called as it is written, by which a query of a view or subquery may ask.
        """
        arms = [arm for found in self.compounds() for arm in found if arm.opening is None]
        named = [each for each in self.selects if each not in arms]
        names = {item.last for each in named for item in each.items if item.name is None}
        for place in range(1, len(self.found) - 1):
            if self.word(place) != "(" or self.word(place - 1) != "cast":
                continue
            last = self.closing(place)
            inside = (n for n in range(place + 1, last) if self.opened[n] == place)
            as_ = next((n for n in inside if self.word(n) == "as"), last)
            if self.kind(place + 1, as_ - 1) not in _OF_DATETIMES:
                continue
            declared = "".join(token.content.lower() for token in self.found[as_ + 1 : last])
            if last not in names and any(each in declared for each in _TEXTS) and "int" not in declared:
                yield last

    def first_arms(self) -> Iterator[int]:
        """Yield the last place of each column of a compound SELECT by which it compares, where another is a moment."""
        for arms in self.compounds():
            for column in zip(*(self._columns_of(arm) for arm in arms), strict=False):
                ambiguous = [self._is_ambiguous(last) for _, last in column]
                kinds = [Kind.TEXT if ambiguous[n] else self.kind(*span) for n, span in enumerate(column)]
                place = next((n for n, kind in enumerate(kinds) if kind is not Kind.OTHER), None)
                if place is None or kinds[place] is Kind.MOMENT:
                    continue
                if any(ambiguous) or _OF_DATETIMES & {*kinds}:
                    yield column[place][1]

    def _columns_of(self, select: Select) -> list[Span]:
        """Return the spans of the columns of a SELECT, as far as they are named one by one."""
        items = itertools.takewhile(lambda item: self.word(item.last) != "*", select.items)
        return [(item.first, item.last) for item in items]

    def _arguments(self) -> Iterator[Span]:
        """Yield the span of each argument by which a function compares rows, or its arguments."""
        for place in range(1, len(self.found) - 2):
            is_compared = self.word(place) in COMPARING and self.word(place + 1) == "("
            if is_compared or (self.word(place) == "(" and self.word(place + 1) == "distinct"):
                first = place + 2
                last = self.end_of(first)
                if self.word(last + 1) in {",", ")"}:
                    yield first, last

    def plain_sort_terms(self) -> Iterator[int]:
        """Yield the last place of each column of moments that is sorted by, itself or as a column of the result."""
        for first, last in self.terms("by"):
            token = self.found[first]
            shown = None
            if first == last and self.opened[first] is None:
                shown = self._columns.shown.get(int(token.text) if token.text.isdecimal() else token.content.lower())
            if shown is True or (shown is None and self.kind(first, last) is Kind.MOMENT):
                yield last

    def keyed_terms(self) -> Iterator[tuple[Span, Span]]:
        """Yield the span of each moment that is sorted by and may be so by a function, and that of what it takes.

        A name alone, or a number, may be that of a column of the result.
        """
        for first, last in self.terms("by"):
            item = self.result_column(last) if first == last else None
            kind = self.kind(first, last)
            if item is not None:
                if self.is_column(item.first, item.last) and self.kind(item.first, item.last) is Kind.MOMENT:
                    yield (first, last), (item.first, item.last)
            elif (kind is Kind.COMPUTED and self.word(last) == ")") or (
                kind is Kind.MOMENT and (first != last or self._is_only_column(last))
            ):
                yield (first, last), (first, last)

    def _is_only_column(self, place: int) -> bool:
        """Tell whether a name is surely that of a column of the only table."""
        name = self.found[place].content.lower()
        return self._columns.is_single and not any(
            token.content.lower() == name and self.word(place - 1) not in {*LISTS, "distinct", "all", ",", "(", "."}
            for place, token in enumerate(self.found)
            if self.clause(place) == "select" and token.kind in NAMES
        )

    def computed_terms(self) -> Iterator[int]:
        """Yield the last place of each call that computes with moments, or plain column of them, that is listed.

        So DISTINCT and UNION have its collation, and so has the column where the statement is a subquery.
        """
        for first, last in itertools.chain(self.terms("select"), self.terms("by"), self._arguments()):
            token = self.found[last]
            is_plain = token.kind in NAMES and token.content.lower() in self._columns.plain
            if is_plain or self.kind(first, last) is Kind.COMPUTED:
                yield last

    def _is_ambiguous(self, last: int) -> bool:
        """Tell whether a column has the name of one of moments and of another one, too."""
        if not 0 <= last < len(self.found) or self.found[last].kind not in NAMES:
            return False
        return self.found[last].content.lower() in self._columns.moments & self._columns.others

    def _end_of_spelled(self, place: int) -> int | None:
        """Return the last place of what may be a moment in any spelling; None for anything else."""
        token, word = self.found[place], self.word(place)
        if token.kind == "string" or place in self.values:
            value = self.values.get(place) if place in self.values else token.content
            is_datetime = isinstance(value, str) and canonical(value) is not None
            return place if is_datetime and not (token.kind == "string" and self.is_alias(place)) else None
        if word in NOW and token.kind == "word":
            return place
        return self.closing(place + 1) if word in DATES and self.word(place + 1) == "(" else None

    def _compared_with(self, first: int, last: int) -> int | None:
        """Return the last place of what is compared with what stands from one place to another; None for nothing."""
        if self.word(first - 1) in SIGNS | WORDS or self.word(first - 2) == "is":
            return self.before(first)
        if self.word(first - 1) in {"between", "when"}:
            return self.before(first - 1)
        if self.word(first - 1) == "and" and self.word(first - 3) == "between":
            return self.before(first - 3)
        if self.word(last + 1) in SIGNS | {"is", "in", "between"} or self.word(last + 2) in {"in", "between"}:
            return self.end_of_operand(self.after(last + 1))
        return None
