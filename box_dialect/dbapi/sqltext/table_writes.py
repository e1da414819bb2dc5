"""A statement that writes to a table of Box: its verb, its target, the words outside parentheses, its parameters."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.lexer import Token, read
from box_dialect.dbapi.sqltext.parameters import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from box_dialect.catalog.model import Table

NAMES: Final = frozenset({"word", "quoted"})
_VERBS: Final = frozenset({"insert", "update", "delete", "replace"})


class TableWrite(Struct, frozen=True):
    """A statement that writes to a table of Box.

    `found` are its tokens and `top` the places of the words that stand in no parentheses, from the verb on. `target` is
    the place of the table's name, `name` that name, and `alias` what it is called by.
    """

    table: Table
    found: list[Token]
    top: list[int]
    target: int
    alias: Token | None

    @property
    def verb(self) -> Token:
        """The word that tells what is done."""
        return self.found[self.top[0]]

    @property
    def name(self) -> Token:
        """The name of the table."""
        return self.found[self.target]

    @property
    def end(self) -> int:
        """The place behind the statement's last token, which no semicolon is."""
        return next((n for n in range(self.top[0], len(self.found)) if self.found[n].text == ";"), len(self.found))

    def word(self, place: int) -> str:
        """Return a token in lower case, an empty text where there is none."""
        return self.found[place].text.lower() if place < self.end else ""

    def numbers(self) -> tuple[tuple[Token, int], ...]:
        """Return the parameters with their numbers, as SQLite gives them."""
        return tuple(numbered(self.found))


def table_write(operation: str, tables: Mapping[str, Table]) -> TableWrite | None:
    """Read a statement; None unless it writes to a table of Box."""
    found = list(itertools.dropwhile(lambda token: token.text == ";", read(operation)))
    top = list(_top_level(found))
    verb = next((n for n, place in enumerate(top) if _is_verb(found, place)), None)
    if verb is None or not (verb == 0 or found[0].text.lower() == "with"):
        return None
    target = _target(found, top[verb])
    if target is None:
        return None
    place, alias = target
    table = tables.get(found[place].content.lower())
    return None if table is None or not table.is_writable else TableWrite(table, found, top[verb:], place, alias)


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


def _target(found: list[Token], place: int) -> tuple[int, Token | None] | None:
    """Return the place of the name of the table that a statement writes, and its alias."""
    words = [token.text.lower() for token in found[place + 1 : place + 9]]
    first = 2 if words[:1] == ["or"] else 0
    first += words[first : first + 1] in (["into"], ["from"])
    first += 2 * (words[first + 1 : first + 2] == ["."])
    place += 1 + first
    if place >= len(found) or found[place].kind not in NAMES:
        return None
    has_alias = words[first + 1 : first + 2] == ["as"] and first + 2 < len(words) and found[place + 2].kind in NAMES
    return place, found[place + 2] if has_alias else None
