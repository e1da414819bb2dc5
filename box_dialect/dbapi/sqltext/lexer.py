"""The tokens of SQL, as SQLite splits them.

Source: https://www.sqlite.org/draft/tokenreq.html
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN: Final = re.compile(
    r"""
    (?P<space>   [ \t\n\f\r][ \t\n\v\f\r]*+ | \uFEFF | --[^\n]*+ | /\*(?:.*?\*/|.*\Z) )
  | (?P<string>  '(?:[^']++|'')*+(?:'|\Z) )
  | (?P<quoted>  "(?:[^"]++|"")*+(?:"|\Z) | `(?:[^`]++|``)*+(?:`|\Z) | \[[^\]]*+(?:\]|\Z) )
  | (?P<blob>    [xX]'[^']*+(?:'|\Z) )
  | (?P<number>  (?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][+-]?[0-9]++)?[0-9A-Za-z_]*+ )
  | (?P<variable>\?[0-9]*+ | [:@$\#](?:(?:::)*+[0-9A-Za-z_$\x80-\U0010FFFF])++(?:::)*+(?:\([^ \t\n\v\f\r)]*+\))? )
  | (?P<word>    [A-Za-z_\x80-\U0010FFFF][0-9A-Za-z_$\x80-\U0010FFFF]*+ )
  | (?P<sign>    => | . )
    """,
    re.VERBOSE | re.DOTALL,
)

Edit: TypeAlias = tuple[int, int, str]
"""What stands from one place of a text to another, and what is to stand there."""

MOST_TOKENS: Final = 200_000
"""Tokens of a statement that is read, which takes about a microsecond for each."""

_CLOSING: Final = {"[": "]"}


class Token(Struct, frozen=True):
    """A token: its kind, its text, and where it begins.

    Kinds: `string`, `quoted` (an identifier in quotes), `blob`, `number`, `variable`, `word`, `sign`.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.start + len(self.text)

    @property
    def content(self) -> str:
        """The text without its quotes, where it has any."""
        if self.kind not in {"string", "quoted"}:
            return self.text
        closing = _CLOSING.get(self.text[0], self.text[0])
        inner = self.text[1:-1] if len(self.text) > 1 and self.text.endswith(closing) else self.text[1:]
        return inner.replace(closing * 2, closing)


def tokens(sql: str) -> Iterator[Token]:
    """Yield the tokens of a statement without white space and comments; a quote that is not closed reaches to its end.

    Whatever the text is, the tokens cover it.
    """
    for match in _TOKEN.finditer(sql):
        if match.lastgroup != "space":
            yield Token(str(match.lastgroup), match[0], match.start())


def read(sql: str) -> list[Token]:
    """Return the tokens of a statement that the driver has to read whole; raises ProgrammingError for too many."""
    found = list(islice(tokens(sql), MOST_TOKENS + 1))
    if len(found) > MOST_TOKENS:
        raise ProgrammingError(
            f"the statement has more than {MOST_TOKENS:,} words and signs, too many where one creates a table, casts "
            "to a date, compares moments, returns rows or calls a procedure; give its values as parameters"
        )
    return found


def edited(sql: str, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> str:
    """Return a text, or a part of it, with the edits that fall into it; none may overlap another."""
    end, pieces = len(sql) if end is None else end, []
    for first, last, text in sorted(edits):
        if start <= first and last <= end:
            pieces += [sql[start:first], text]
            start = last
    return "".join([*pieces, sql[start:end]])
