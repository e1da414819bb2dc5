"""`CREATE VIRTUAL TABLE people USING xml(path = '/HR/people.xml')`, before the columns of the document are known.

Source: https://www.sqlite.org/lang_createvtab.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from box_dialect.dbapi.sqltext.lexer import Token


class CreateDocuments(Struct, frozen=True):
    """A statement that makes a table of documents: where, in which format, and its arguments as they stand there."""

    operation: str
    schema: str
    name: str
    if_not_exists: bool
    format: str
    arguments: tuple[str, ...]

    def statement(self, name: str, arguments: str) -> str:
        """Return the statement that makes one table, whose arguments tell all of it."""
        return f"CREATE VIRTUAL TABLE {quoted(self.schema)}.{quoted(name)} USING {self.format}({arguments})"


def create_documents(operation: str, formats: Collection[str]) -> CreateDocuments | None:
    """Return what a statement makes of documents in one of some formats; None for any other statement."""
    if first_word(operation) != "create":
        return None
    found = [token for token in read(operation) if token.text != ";"]
    words = [token.text.lower() for token in found]
    if words[1:3] != ["virtual", "table"]:
        return None
    place = 3
    if_not_exists = words[place : place + 3] == ["if", "not", "exists"]
    place += 3 * if_not_exists
    has_schema = words[place + 1 : place + 2] == ["."]
    end = place + 2 * has_schema
    if words[end + 1 : end + 2] != ["using"] or len(found) < end + 3:
        return None
    name = found[end + 2].content.lower()
    behind = found[end + 3 :]
    if name not in formats or (behind and not (behind[0].text == "(" and behind[-1].text == ")")):
        return None
    schema = found[place].content if has_schema else "main"
    arguments = tuple(_arguments(operation, behind[1:-1]))
    return CreateDocuments(operation, schema, found[end].content, if_not_exists, name, arguments)


def _arguments(operation: str, found: Sequence[Token]) -> Iterator[str]:
    """Yield what stands between the commas, as SQLite gives it to a module."""
    first, depth = 0, 0
    for place, token in enumerate(found):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and not depth:
            yield operation[found[first].start : found[place - 1].end] if place > first else ""
            first = place + 1
    if first < len(found):
        yield operation[found[first].start : found[-1].end]
