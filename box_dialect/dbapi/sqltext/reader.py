"""A reader of tokens, for what the driver reads by recursive descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.lexer import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES: Final = frozenset({"select", "with", "values"})
"""Words that a query begins with."""

NO_NAMES: Final = QUERIES | frozenset(
    {"or", "and", "is", "in", "like", "glob", "match", "regexp", "between", "isnull", "notnull", "not", "escape"}
    | {"collate", "exists", "case", "when", "then", "else", "end", "null", "true", "false", "raise"}
    | {"from", "where", "group", "having", "order", "limit", "offset", "window", "by", "as", "on", "using", "join"}
    | {"natural", "left", "right", "full", "inner", "outer", "cross", "indexed", "union", "except", "intersect"}
    | {"returning", "set", "distinct", "all", "into", "default", "filter", "over", "asc", "desc", "nulls"}
)
"""Words that are no name here; a name that is spelled so stands in quotes."""

_PAIRS: Final = frozenset({"||", "<=", ">=", "<>", "==", "!=", "<<", ">>", "->", "->>"})


class UnreadableError(ValueError):
    """A statement that is no SQL, or none that is known here."""


class Symbol(Struct, frozen=True):
    """A token as the grammar has it, from `start` to `end` in the text; signs that stand together are one.

    A word is in lower case, and a literal or a name in quotes has an empty text.
    """

    kind: str
    text: str
    token: Token
    start: int
    end: int


class Reader:
    """A reader of tokens, `found`, the last of which stands for the end; `place` is the next one."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.found = symbols(tokens)
        self.place = 0

    @property
    def next(self) -> str:
        """The text of the next token, an empty one where it is a literal or a name in quotes, or there is none."""
        return self.found[self.place].text

    def ahead(self, steps: int) -> str:
        """Return the text of a token that comes."""
        return self.found[min(self.place + steps, len(self.found) - 1)].text

    @property
    def is_at_end(self) -> bool:
        """Whether no token comes any more."""
        return self.place >= len(self.found) - 1

    @property
    def position(self) -> str:
        """Where the next token stands, as errors tell it."""
        return "at its end" if self.is_at_end else f"at character {self.found[self.place].start + 1}"

    def wrong(self, expected: str) -> Exception:
        """Return the error of a statement that lacks something where the next token stands."""
        return UnreadableError(expected)

    def take(self, *kinds: str) -> Token | None:
        """Go on behind a token of some kinds, and return it; None where the next is none."""
        symbol = self.found[self.place]
        if symbol.kind not in kinds:
            return None
        self.place += 1
        return symbol.token

    def takes(self, word: str, *others: str) -> bool:
        """Go on behind some words or signs, and tell whether they are there."""
        if self.found[self.place].text != word:
            return False
        if any(self.ahead(step) != other for step, other in enumerate(others, start=1)):
            return False
        self.place += 1 + len(others)
        return True

    def skip(self) -> None:
        """Go on behind any token; raise what is `wrong` at the end."""
        if self.is_at_end:
            raise self.wrong("more")
        self.place += 1

    def expect(self, word: str) -> None:
        """Go on behind a word or a sign; raise what is `wrong` where it is not there."""
        if not self.takes(word):
            raise self.wrong(word.upper())

    def skip_parentheses(self) -> None:
        """Go on behind a pair of parentheses and all that is in it."""
        self.expect("(")
        depth = 1
        while depth:
            if self.is_at_end:
                raise self.wrong(")")
            depth += (self.next == "(") - (self.next == ")")
            self.place += 1


def symbols(tokens: Sequence[Token]) -> list[Symbol]:
    """Return the tokens of a statement without the semicolons that end it, and one that stands for the end."""
    last = len(tokens)
    while last and tokens[last - 1].text == ";":
        last -= 1
    found: list[Symbol] = []
    for token in tokens[:last]:
        text = token.text.lower() if token.kind in {"word", "sign"} else ""
        before = found[-1] if found else None
        if before is not None and before.end == token.start and before.text + text in _PAIRS and text:
            found[-1] = Symbol("sign", before.text + text, before.token, before.start, token.end)
        else:
            found.append(Symbol(token.kind, text, token, token.start, token.end))
    end = found[-1].end if found else 0
    return [*found, Symbol("end", "", Token("end", "", end), end, end)]
