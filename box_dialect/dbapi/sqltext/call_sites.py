"""Where a statement may call a procedure that has a side effect.

That is in the FROM of the outermost SELECT, where it is called once, and as a column of that SELECT, or a branch of a
CASE that is one, where it is called once for each row that the statement gives. Anywhere else SQLite's plan would
decide how often.

Source: https://www.sqlite.org/lang_select.html
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.dbapi.sqltext.lexer import Token

_VERBS: Final = frozenset({"select", "insert", "update", "delete", "replace", "values"})
_OTHER_VERBS: Final = _VERBS | {"create", "alter", "with"}
_COMPOUND: Final = frozenset({"union", "intersect", "except"})
_CLAUSES: Final = frozenset({"select", "from", "where", "group", "having", "order", "limit", "window"}) | _COMPOUND
"""Words that begin a part of a SELECT; SQLite takes none of them for a name, but for `window` as it stands."""
_BEGIN_QUERIES: Final = frozenset({"select", "values", "with"})
_SORTING: Final = frozenset({"asc", "desc", "nulls", "first", "last", "likely", "unlikely", "likelihood"})
"""Words in a term of ORDER BY that leave a number what it is, that of a column."""
_CASE: Final = frozenset({"when", "then", "else", "end"})
_POSTFIX: Final = frozenset({"isnull", "notnull"})
_CONSTANTS: Final = frozenset({"null", "true", "false", "current_date", "current_time", "current_timestamp"})
_OUTSIDE: Final = -1
"""What stands for the parentheses around a token that is in none."""
_UNKNOWN: Final = 0
_DIGITS: Final = 9
"""Digits that the number of a column has less than."""
_DEEPEST: Final = 5
"""Parentheses and CASEs around a call, within a column, that are looked through."""
_NAMES: Final = frozenset({"word", "quoted"})
_ALIASES: Final = _NAMES | {"string"}


class Site(Struct, frozen=True):
    """A call of a procedure, and the place of its name among the tokens; with `is_bare` no parentheses follow."""

    procedure: Procedure
    place: int
    is_bare: bool


class Outermost:
    """The outermost SELECT of a statement, by its tokens: its clauses, and where it calls procedures.

    `found` are the tokens; the clauses are ranges of their places. A text that SQLite cannot parse may have any.
    """

    def __init__(self, found: Sequence[Token]) -> None:
        self.found = found
        self._closing: dict[int, int] = {}
        self._inside: list[int] = []
        opened = [_OUTSIDE]
        for place, token in enumerate(found):
            if token.text == ")" and opened[-1] != _OUTSIDE:
                self._closing[opened.pop()] = place
            self._inside.append(opened[-1])
            if token.text == "(":
                opened.append(place)
        self._end = next((n for n in self._top(0) if found[n].text == ";"), len(found))

    def text(self, place: int) -> str:
        """Return the text of a token in lower case, an empty one where there is none."""
        return self.found[place].text.lower() if 0 <= place < len(self.found) else ""

    def closing(self, place: int) -> int:
        """Return the place of the parenthesis that closes the one there, the end of all where nothing does."""
        return self._closing.get(place, len(self.found))

    def is_table(self, place: int) -> bool:
        """Tell whether a name stands where a table does: after FROM or JOIN, or a comma of the outermost FROM."""
        before = self._before_name(place)
        if self.text(before) == ",":
            return place in self._part("from") and self._inside[place] == _OUTSIDE
        return self.text(before) == "join" or (self.text(before) == "from" and self.text(before - 1) != "distinct")

    def is_common_table(self, place: int) -> bool:
        """Tell whether a name is that of a common table expression, where that is defined."""
        after = self.closing(place + 1) + 1 if self.text(place + 1) == "(" else place + 1
        if self.text(after) != "as" or self.text(place - 1) not in {"with", "recursive", ","}:
            return False
        hints = {"not", "materialized"}
        return self.text(next((n for n in range(after + 1, self._end) if self.text(n) not in hints), after)) == "("

    def check(self, sites: Sequence[Site]) -> None:
        """Raise ProgrammingError for the first site where what has a side effect is not called, and say why."""
        for site in sites:
            reason = self._reason(site)
            if reason is not None:
                procedure = site.procedure
                raise ProgrammingError(
                    f"{procedure.name} has a side effect, so it is not called {reason}; {procedure.ways_to_call}"
                )

    def given(self, site: Site) -> int | None:
        """Return how many inputs a call has in its parentheses, None where it has none."""
        if site.is_bare:
            return None
        opening = site.place + 1
        places = range(opening + 1, self.closing(opening))
        commas = sum(1 for n in places if self.text(n) == "," and self._inside[n] == opening)
        return commas + 1 if places else 0

    def _before_name(self, place: int) -> int:
        """Return the place before a name and its schema."""
        return place - (3 if self.text(place - 1) == "." else 1)

    def _around(self, place: int) -> Iterator[int]:
        """Yield the places of the parentheses around a token."""
        while (place := self._inside[place]) != _OUTSIDE:
            yield place

    def _reason(self, site: Site) -> str | None:
        place, head = site.place, self._head
        if head is None or self.text(head) != "select":
            verb = self.text(head or 0)
            return f"in {verb.upper()}" if verb in _OTHER_VERBS else "in this statement"
        if any(self.text(n + 1) in _BEGIN_QUERIES for n in self._around(place)):
            return "in a subquery or common table expression"
        if compound := _COMPOUND & self._parts.keys():
            return f"in a compound SELECT, by {' and '.join(sorted(compound)).upper()}"
        if place in self._part("from"):
            return self._reason_in_from(site)
        if place in self._part("select"):
            return self._reason_in_columns(place)
        part = next((word for word, places in self._parts.items() if place in places), "another statement")
        return f"in {part.upper()}{' BY' * (part in {'group', 'order'})}"

    def _reason_in_from(self, site: Site) -> str | None:
        if not self.is_table(site.place) or self._inside[site.place] != _OUTSIDE:
            return "in the condition of a join or within parentheses of FROM"
        if not site.is_bare:
            named = any(self._may_be_column(n) for n in range(site.place + 2, self.closing(site.place + 1)))
            return "in FROM with inputs out of columns, since the plan would decide for which rows" if named else None
        behind = range(site.place + 1, self._part("from").stop)
        alias = behind[1:] if behind and self.text(behind[0]) == "as" else behind
        is_first = self.text(self._before_name(site.place)) == "from"
        is_only = is_first and len(alias) <= 1 and all(self.found[n].kind in _ALIASES for n in alias)
        return None if is_only else "in a join without its inputs in parentheses"

    def _reason_in_columns(self, place: int) -> str | None:
        column = self._called.get(place)
        if column is None:
            return "within an expression: make it a column of its own, or a branch of a CASE that is one"
        if self.text(self._part("select").start) == "distinct":
            return "with DISTINCT"
        if "group" in self._parts:
            return "with GROUP BY"
        if column.alias and column.alias.lower() in self._names_behind:
            return "where a name behind the columns may be that of its own: give it another name"
        if self._sorted_by & {column.number, _UNKNOWN}:
            return "where ORDER BY sorts by the number of a column, which may be what it gives"
        return None

    @cached_property
    def _head(self) -> int | None:
        """The place of the word that tells what the statement does; None where it is none that may hold a query."""
        start = 0
        if self.text(0) == "explain":
            start = 3 if self.text(1) == "query" else 1
        if self.text(start) != "with":
            return start
        words = (n for n in self._top(start) if self.found[n].kind == "word" and self.text(n) in _VERBS)
        return next((n for n in words if self.text(n) != "replace" or self.text(n + 1) == "into"), None)

    @cached_property
    def _parts(self) -> dict[str, range]:
        """The parts of the SELECT by the words that they begin with, the first of each."""
        starts = [n for n in self._top(self._head or 0) if self._begins_part(n)]
        parts: dict[str, range] = {}
        for start, end in zip(starts, [*starts[1:], self._end], strict=True):
            parts.setdefault(self.text(start), range(start + 1, end))
        return parts

    def _begins_part(self, place: int) -> bool:
        word = self.text(place)
        if self.found[place].kind != "word" or word not in _CLAUSES:
            return False
        if word == "window":  # or else it is a name
            return self.text(place + 2) == "as" and self.found[place + 1].kind in _ALIASES
        return not (word == "from" and self.text(place - 1) == "distinct")  # IS DISTINCT FROM

    def _part(self, word: str) -> range:
        return self._parts.get(word, range(0))

    def _top(self, start: int, stop: int | None = None) -> Iterator[int]:
        """Yield the places from one on that stand in the same parentheses as that one."""
        for place in range(start, len(self.found) if stop is None else stop):
            if self._inside[place] == self._inside[start]:
                yield place

    def _split(self, places: range) -> Iterator[range]:
        """Yield what stands between the commas."""
        start = places.start
        for place in self._top(places.start, places.stop):
            if self.text(place) == ",":
                yield range(start, place)
                start = place + 1
        yield range(start, places.stop)

    @cached_property
    def _columns(self) -> list[_Column]:
        places = self._part("select")
        if self.text(places.start) in {"all", "distinct"}:
            places = places[1:]
        return [self._column(each, number) for number, each in enumerate(self._split(places), 1)]

    @cached_property
    def _called(self) -> dict[int, _Column]:
        """The columns by the places of the names whose calls they consist of."""
        return {place: column for column in self._columns for place in column.calls}

    def _column(self, places: range, number: int) -> _Column:
        calls = self._calls(places)
        is_alias = len(places) > 1 and self.found[places[-1]].kind in _ALIASES
        if calls or not is_alias or self.text(places[-1]) in _POSTFIX:
            return _Column(number, places, calls, "")
        rest = places[:-2] if self.text(places[-2]) == "as" else places[:-1]
        return _Column(number, places, self._calls(rest), self.found[places[-1]].content)

    def _calls(self, places: range, depth: int = 0) -> list[int]:
        """Return the places of the names whose calls are all of an expression, or the branches of a CASE."""
        if len(places) < 3 or depth > _DEEPEST:
            return []
        first, last = places[0], places[-1]
        if self.text(first) == "(" and self.closing(first) == last:
            return self._calls(places[1:-1], depth + 1)
        if self.found[first].kind in _NAMES and self.text(first + 1) == "(" and self.closing(first + 1) == last:
            return [first]
        if self.text(first) == "case" and self.text(last) == "end":
            return [n for branch in self._branches(places) for n in self._calls(branch, depth + 1)]
        return []

    def _branches(self, places: range) -> list[range]:
        """Return what stands behind the THEN and ELSE of a CASE; nothing where its words do not add up."""
        depth, start, branches = 0, -1, list[range]()
        for place in self._top(places.start, places.stop):
            word = self.text(place) if self.found[place].kind == "word" and self.text(place - 1) != "." else ""
            if word == "case":
                depth += 1
            elif depth == 1 and word in _CASE:
                if start >= 0:
                    branches.append(range(start, place))
                start = place + 1 if word in {"then", "else"} else -1
            depth -= word == "end"
            if depth < 1 and place != places[-1]:
                return []
        return branches if depth == 0 else []

    def _may_be_column(self, place: int) -> bool:
        """Tell whether a token may name a column."""
        token = self.found[place]
        is_constant = token.kind == "word" and token.text.lower() in _CONSTANTS
        return token.kind in _NAMES and self.text(place + 1) != "(" and not is_constant

    @cached_property
    def _names_behind(self) -> set[str]:
        """The names behind the select list, in lower case, that may be those of its columns."""
        return {
            self.found[n].content.lower()
            for n in range(self._part("select").stop, self._end)
            if self._may_be_column(n)
            and not (self.text(n - 1) in {".", "as"} or self.text(n + 1) == "." or self.is_table(n))
        }

    @cached_property
    def _sorted_by(self) -> set[int]:
        """The numbers of columns that ORDER BY sorts by; _UNKNOWN for one that cannot be told."""
        found: set[int] = set()
        terms = self._part("order")[1:]
        for term in self._split(terms) if terms else ():
            tokens = [self.found[n] for n in term if self.text(n - 1) != "collate"]
            words = {token.content.lower() for token in tokens if token.kind in _NAMES} - _SORTING - {"collate"}
            numbers = [token.text.replace("_", "") for token in tokens if token.kind == "number"]
            if numbers and not words:
                found.add(int(numbers[0]) if numbers[0].isdecimal() and len(numbers[0]) < _DIGITS else _UNKNOWN)
        has_star = any(self.text(column.places.stop - 1) == "*" for column in self._columns)
        return {_UNKNOWN} if found and has_star else found


class _Column(Struct, frozen=True):
    """A column of the select list: its number from 1 on, its tokens, and its name by AS.

    `calls` are the places of the names whose calls it consists of.
    """

    number: int
    places: range
    calls: list[int]
    alias: str
