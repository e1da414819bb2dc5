"""A tolerant parse of a statement: operands, row values, select lists and lists of columns among its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from box_dialect.dbapi.sqltext.lexer import read

if TYPE_CHECKING:
    from collections.abc import Iterator

Span: TypeAlias = tuple[int, int]
"""The first and the last place of something."""

SIGNS: Final = frozenset({"=", "<", ">", "!"})
WORDS: Final = frozenset({"is", "not", "distinct"})
"""Signs and words that operators of comparison are made of."""
JOINING: Final = frozenset({"|", "+", "-", "*", "/", "%", "&", "->"})
"""Operators that bind more closely than comparisons."""
QUERIES: Final = frozenset({"select", "with", "values"})
LISTS: Final = frozenset({"select", "by", "set"})
"""What lists of columns stand behind."""
CLAUSES: Final = frozenset({"from", "where", "group", "having", "order", "limit", "window", "on"}) | frozenset(
    {"union", "except", "intersect", "values", "returning", "rows", "range", "groups"}
)
"""What such a list ends at."""
NAMES: Final = frozenset({"word", "quoted"})
_BEFORE_VALUES: Final = frozenset(
    {"select", "distinct", "all", "case", "when", "then", "else", "and", "or", "not", "is", "between", "in", "like"}
    | {"glob", "match", "regexp", "escape", "where", "on", "having", "by", "limit", "offset", "collate", "as", "over"}
    | {"from", "default", "returning", "values", "set", "isnull", "notnull"}
)
"""Words behind which no name of an expression stands, and no parenthesis of a call."""
_NO_NAMES: Final = (
    _BEFORE_VALUES
    | CLAUSES
    | frozenset(
        {"end", "null", "true", "false", "current_date", "current_time", "current_timestamp", "over", "filter"}
        | {
            "asc",
            "desc",
            "nulls",
            "materialized",
            "using",
            "join",
            "left",
            "right",
            "full",
            "inner",
            "cross",
            "natural",
        }
    )
)
"""Words that continue or end an expression, and are no name of it."""
_ENDS_OF_TERM: Final = frozenset({",", ")", "as", "asc", "desc", "nulls", ""})


class Item(Struct, frozen=True):
    """A column of a SELECT: the span of its expression, and its name where it has one, in lower case."""

    first: int
    last: int
    name: str | None


class Select(Struct, frozen=True):
    """A SELECT: where its word is, the parenthesis that it stands in, and its columns."""

    place: int
    opening: int | None
    items: tuple[Item, ...]


class Clauses:
    """The parse of a statement: its tokens, `found`, and what belongs together among them.

    `opened` tells in which parenthesis each stands, `values` the parameters, and `first_select` the SELECT that each
    parenthesis holds, the first arm of a compound one.
    """

    def __init__(self, operation: str, parameters: Any) -> None:
        self.found = [token for token in read(operation) if token.text != ";"]
        self.values: dict[int, Any] = {}
        self.opened: list[int | None] = []
        self._parameters = parameters
        self._words: list[str] = []
        self._partners: dict[int, int] = {}
        self._clauses: list[str] = []
        self._read()
        self.selects = [self._select(place) for place in range(len(self.found)) if self.word(place) == "select"]
        self.first_select = {each.opening: each for each in reversed(self.selects)}

    def _read(self) -> None:
        """Take note of parentheses, of what lists of columns belong to, and of the values of parameters."""
        open_places: list[int] = []
        cases: list[int] = []
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
            if word == "end" and token.kind == "word" and cases:
                opening = cases.pop()
                self._partners |= {opening: place, place: opening}
            self.opened.append(open_places[-1] if open_places else None)
            if word in LISTS or word in CLAUSES:
                clauses[-1] = word if word in LISTS else ""
            self._clauses.append(clauses[-1])
            if word == "(":
                open_places.append(place)
                clauses.append("")
            if word == "case" and token.kind == "word":
                cases.append(place)
            if token.kind == "variable":
                self.values[place] = self._value(token.text, numbers)

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

    def clause(self, place: int) -> str:
        """Return what the list of columns stands behind that a place is in, an empty text where it is in none."""
        return self._clauses[place]

    def closing(self, opening: int) -> int:
        """Return where a parenthesis or a CASE ends, or begins, that a place is the other end of; else the place."""
        return self._partners.get(opening, opening)

    def is_alias(self, place: int) -> bool:
        """Tell whether a name or a text stands behind an expression that it names, or behind AS."""
        token, before = self.found[place], self.found[place - 1] if place else None
        if before is None or token.kind not in NAMES | {"string"} or token.text.lower() in _NO_NAMES:
            return False
        if before.text == ")" or before.kind in {"string", "number", "variable", "quoted", "blob"}:
            return True
        return before.kind == "word" and before.text.lower() not in _BEFORE_VALUES

    def _select(self, place: int) -> Select:
        opening, begins, first = self.opened[place], place, place + 1
        while self.word(first) in {"distinct", "all"}:
            first += 1
        items, place = [], first
        while place < len(self.found) and self.opened[place] == opening and self.word(place) not in CLAUSES | {")"}:
            if self.word(place) == ",":
                items.append(self._item(first, place - 1))
                first = place + 1
            place = self.closing(place) + 1 if self.word(place) == "(" else place + 1
        return Select(begins, opening, (*items, self._item(first, min(place, len(self.found)) - 1)))

    def _item(self, first: int, last: int) -> Item:
        name = self.found[last].content.lower() if 0 <= last < len(self.found) else None
        if last > first and self.word(last - 1) == "as":
            return Item(first, last - 2, name)
        if last > first and self.is_alias(last):
            return Item(first, last - 1, name)
        return Item(first, last, name if self.is_column(first, last) else None)

    def compounds(self) -> Iterator[list[Select]]:
        """Yield the arms of each compound SELECT, from the left; only those stand in one parenthesis."""
        arms: dict[int | None, list[Select]] = {}
        for select in self.selects:
            arms.setdefault(select.opening, []).append(select)
        yield from (found for found in arms.values() if len(found) > 1)

    def named_columns(self, select: Select) -> Iterator[tuple[str | None, Span]]:
        """Yield the name and the span of each column of a SELECT; those of `WITH t(a, b) AS (…)` stand before it."""
        place = -1 if select.opening is None else select.opening - 1
        while self.word(place) in {"materialized", "not"}:
            place -= 1
        names: list[str | None] = [item.name for item in select.items]
        if self.word(place) == "as" and self.word(place - 1) == ")":
            names = [self.found[last].content.lower() for _, last in self.elements(self.closing(place - 1))]
        yield from zip(names, ((item.first, item.last) for item in select.items), strict=False)

    def result_column(self, place: int) -> Item | None:
        """Return the column of the result that a term of ORDER BY or GROUP BY names or numbers; None for another term.

        Source: https://www.sqlite.org/lang_select.html#the_order_by_clause
        """
        select, token = self.first_select.get(self.opened[place]), self.found[place]
        items = () if select is None else select.items
        if token.kind == "number":
            number = int(token.text) if token.text.isdecimal() else 0
            shown = items[:number]
            is_counted = 0 < number == len(shown) and all(self.word(item.last) != "*" for item in shown)
            return shown[-1] if is_counted else None
        by = next(n for n in range(place, -1, -1) if self.word(n) == "by" and self.opened[n] == self.opened[place])
        named = (item for item in items if item.name == token.content.lower())
        return next(named, None) if self.word(by - 1) == "order" else None

    def is_assigned(self, last: int) -> bool:
        """Tell whether UPDATE sets the column, or the columns in parentheses, whose name ends at a place."""
        before = self.word(self.beginning(last) - 1)
        return before == "set" or (before == "," and self.clause(last) == "set")

    def terms(self, clause: str) -> Iterator[Span]:
        """Yield the span of each name, call and parenthesis that a list consists of."""
        for place in range(len(self.found) - 1):
            if self._clauses[place] == clause and self.word(place) in {clause, ",", "distinct", "all"}:
                last = self.end_of(place + 1)
                is_named = last + 1 < len(self.found) and clause == "select" and self.is_alias(last + 1)
                if self.word(last + 1) in _ENDS_OF_TERM or self.word(last + 1) in CLAUSES or is_named:
                    yield place + 1, last

    def elements(self, opening: int) -> list[Span]:
        """Return the span of each value of a list that a parenthesis opens."""
        closing, first, found = self.closing(opening), opening + 1, []
        for place in range(opening + 1, closing + 1):
            if place == closing or (self.word(place) == "," and self.opened[place] == opening):
                found.append((first, place - 1))
                first = place + 1
        return found

    def is_row(self, last: int) -> bool:
        """Tell whether several values in parentheses end at a place, which have no collation together."""
        opening = self.closing(last)
        return self.word(last) == ")" and self.beginning(last) == opening and len(self.elements(opening)) > 1

    def is_column(self, first: int, last: int) -> bool:
        """Tell whether there is the name of a column alone, perhaps with that of its table."""
        dots = all(self.word(place) == "." for place in range(first + 1, last, 2)) and (last - first) % 2 == 0
        return dots and 0 <= first <= last < len(self.found) and self.found[last].kind in NAMES

    def is_name(self, place: int) -> bool:
        """Tell whether there is the name of a column, which no parenthesis and no dot follows."""
        return self.found[place].kind in NAMES and self.word(place + 1) not in {"(", "."}

    def end_of(self, place: int) -> int:
        """Return the last place of what begins at a place: a literal, a name, a call, or what is in parentheses."""
        if self.word(place) == "case":
            return self.closing(place)
        while self.word(place + 1) == "." and place + 2 < len(self.found):
            place += 2
        if self.word(place + 1) == "(" and self.word(place) != "(" and self.found[place].kind in NAMES:
            place += 1
        return self.closing(place) if self.word(place) == "(" else place

    def end_of_operand(self, first: int) -> int:
        """Return the last place of one side of a comparison, by its first one."""
        last = self.end_of(first)
        while self.word(last + 1) in JOINING:
            after = last + 1
            while self.word(after) in JOINING:
                after += 1
            last = self.end_of(after)
        return last

    def beginning(self, last: int) -> int:
        """Return the first place of what ends at a place: a literal, a name, a call, or what is in parentheses."""
        if self.word(last) == "end":
            return self.closing(last)
        first = self.closing(last) if self.word(last) == ")" else last
        if (
            first != last
            and first
            and self.found[first - 1].kind in NAMES
            and self.word(first - 1) not in _BEFORE_VALUES
        ):
            first -= 1
        while self.word(first - 1) == "." and first > 1:
            first -= 2
        return first

    def beginning_of_operand(self, last: int) -> int:
        """Return the first place of one side of a comparison, by its last one."""
        first = self.beginning(last)
        while self.word(first - 1) in JOINING:
            before = first - 1
            while self.word(before) in JOINING:
                before -= 1
            if before < 0:
                break
            first = self.beginning(before)
        return first

    def before(self, place: int) -> int:
        """Return the place before an operator of which a place is, or stands behind, a part."""
        place -= 1
        while self.word(place) in SIGNS | WORDS:
            place -= 1
        return place

    def after(self, place: int) -> int:
        """Return the place behind an operator that begins at a place."""
        while self.word(place) in SIGNS | WORDS | {"in", "between"}:
            place += 1
        return place
