"""The parameters of a statement: the number of each, and what it stands for.

Source: https://www.sqlite.org/lang_expr.html#varparam
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from box_dialect.dbapi.sqltext.lexer import Token
    from box_dialect.dbapi.sqltext.nodes import Value
    from box_dialect.dbapi.sqltext.reader import Symbol

_MOST_DIGITS: Final = 9


class Parameters:
    """The parameters among the tokens of a statement, with the values that are `given` for them."""

    def __init__(self, found: Sequence[Symbol], given: Any) -> None:
        self._found, self._given = found, given
        places = [place for place, symbol in enumerate(found) if symbol.kind == "variable"]
        numbers = (number for _, number in numbered(found[place].token for place in places))
        self._numbers = dict(zip(places, numbers, strict=True))

    def number(self, place: int) -> int:
        """Return the number of the parameter that stands at a place."""
        return self._numbers[place]

    def value(self, value: Value) -> Any:
        """Return what a literal or a parameter stands for; `...` for what is computed, None for what is not given."""
        symbol, given = self._found[value.first], self._given
        if symbol.kind != "variable" or value.first != value.last:
            return value.literal
        if isinstance(given, Mapping):
            return given.get(symbol.token.text[1:])
        number = self._numbers[value.first]
        return given[number - 1] if number <= len(given) else None


def numbered(found: Iterable[Token]) -> Iterator[tuple[Token, int]]:
    """Yield the parameters among tokens with their numbers, as SQLite gives them; those of one name have one."""
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
