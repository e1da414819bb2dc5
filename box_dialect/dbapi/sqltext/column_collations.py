"""What `CREATE TABLE` and `ALTER TABLE` declare of columns that hold moments: that they compare as moments.

SQLite compares by the collation of a column, which it keeps with the table.

Source: https://www.sqlite.org/lang_createtable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.catalog.datetimes import MOMENT
from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.types import holds_datetimes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.dbapi.sqltext.lexer import Token

_VERBS: Final = frozenset({"create", "alter"})
_TABLE_CONSTRAINTS: Final = frozenset({"constraint", "primary", "unique", "check", "foreign"})
_COLUMN_CONSTRAINTS: Final = frozenset(
    {"constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"}
)
_NAMES: Final = frozenset({"word", "quoted", "string"})


def declared(operation: str) -> str:
    """Return a statement whose new columns of moments have the collation of moments, where they name no other."""
    if first_word(operation) not in _VERBS:
        return operation
    found = [token for token in read(operation) if token.text != ";"]
    ends = [end for column in _columns(found) if (end := _end_of_type(column)) is not None]
    for end in reversed(ends):
        operation = f"{operation[:end]} COLLATE {MOMENT}{operation[end:]}"
    return operation


def _columns(found: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each column that a statement declares."""
    words = [token.text.lower() for token in found]
    if "table" not in words[1:3]:
        return
    if words[0] == "alter":
        place = words.index("add", 3) + 1 if "add" in words[3:6] else len(words)
        yield found[place + (words[place : place + 1] == ["column"]) :]
        return
    column: list[Token] = []
    depth = 0
    for token in found[words.index("table") :]:
        closes = token.text == ")"
        if depth == 1 and (closes or token.text == ","):
            yield column
            column = []
        elif depth:
            column.append(token)
        depth += (token.text == "(") - closes
        if not depth and (closes or token.text.lower() == "as"):
            return


def _end_of_type(column: list[Token]) -> int | None:
    """Return where the type of a column ends that holds moments and has no collation; None for any other."""
    words = [token.text.lower() if token.kind == "word" else "" for token in column]
    if not words or words[0] in _TABLE_CONSTRAINTS or "collate" in words:
        return None
    end = 1
    while end < len(column) and column[end].kind in _NAMES and words[end] not in _COLUMN_CONSTRAINTS:
        end += 1
    if end == 1 or not holds_datetimes(column[1].content):
        return None
    if end < len(column) and column[end].text == "(":
        end = next((place for place, token in enumerate(column) if place > end and token.text == ")"), end - 1) + 1
    return column[end - 1].end
