"""What kind of statement a text is: transaction, savepoint, one that has a LIMIT, one that may run dry."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from box_dialect.dbapi.sqltext.lexer import read, tokens
from box_dialect.errors import ProgrammingError

_NOTHING: Final = re.compile(r"(?:[ \t\n\f\r;]|--[^\n]*+(?:\n|\Z)|/\*(?:.*?\*/|.*\Z))*+", re.DOTALL)
"""White space as SQLite knows it, semicolons and comments; a comment ends where it can first, so it hides nothing."""

_WORD: Final = re.compile("[A-Za-z_]*")


def bare(operation: str) -> str:
    """Return a statement without what comes before it, white space, semicolons and comments."""
    beginning = _NOTHING.match(operation)
    return operation[beginning.end() :] if beginning else operation


def first_word(operation: str) -> str:
    """Return the word that a statement begins with, in lower case; an empty one where it begins otherwise."""
    word = _WORD.match(bare(operation))
    return word[0].lower() if word else ""


def planned(operation: str) -> str | None:
    """Return the statement behind EXPLAIN QUERY PLAN, None where the text is no such one."""
    if first_word(operation) != "explain":
        return None
    begin = bare(operation)
    first = [*islice(tokens(begin), 4)]
    is_plan = len(first) > 3 and [token.text.lower() for token in first[1:3]] == ["query", "plan"]
    return begin[first[3].start :] if is_plan else None


_TRANSACTION: Final = re.compile(r"(?:BEGIN|COMMIT|END|ROLLBACK|RELEASE|PRAGMA|VACUUM)\b", re.IGNORECASE)
_SAVEPOINT: Final = re.compile(r"SAVEPOINT\b", re.IGNORECASE)

_AT_RANDOM: Final = re.compile(r"\brandom(?:blob)?\s*\(", re.IGNORECASE)

_LIMIT: Final = re.compile(
    r"\bLIMIT\s+(?P<first>[0-9]{1,18})(?:\s*(?:(?P<comma>,)|\bOFFSET\b)\s*(?P<second>[0-9]{1,18}))?[\s;]*\Z",
    re.IGNORECASE,
)
_OPERAND: Final = r"(?:[0-9]+|\?[0-9]*|[:@$]\w+)"
_HAS_LIMIT: Final = re.compile(rf"\bLIMIT\s*{_OPERAND}(?:\s*(?:,|\bOFFSET\b)\s*{_OPERAND})?[\s;]*\Z", re.IGNORECASE)


def is_rollback(operation: str) -> bool:
    """Tell whether a statement takes back a transaction, or a part of one."""
    return first_word(operation) == "rollback"


def new_name(operation: str) -> str | None:
    """Return the name that `ALTER TABLE … RENAME TO` gives to a table; None for another statement."""
    if first_word(operation) != "alter":
        return None
    found = [token for token in read(operation) if token.text != ";"]
    has_schema = len(found) > 3 and found[3].text == "."
    words = found[5 if has_schema else 3 :]
    is_rename = len(words) > 2 and [word.text.lower() for word in words[:2]] == ["rename", "to"]
    return words[2].content if is_rename else None


def is_transaction(operation: str) -> bool:
    """Tell whether a statement begins or ends a transaction, or cannot run within one."""
    return _TRANSACTION.match(bare(operation)) is not None


def is_savepoint(operation: str) -> bool:
    """Tell whether a statement begins a savepoint."""
    return _SAVEPOINT.match(bare(operation)) is not None


def can_run_dry(statement: str) -> bool:
    """Tell whether a statement that runs once more goes the same way."""
    return _AT_RANDOM.search(statement) is None


def has_limit(statement: str) -> bool:
    """Tell whether a statement ends with a LIMIT of numbers or parameters."""
    return _HAS_LIMIT.search(statement) is not None


def limit_of(statement: str) -> tuple[int, int] | None:
    """Return LIMIT and OFFSET at the end of a statement whose parameters are filled in, None where there is none."""
    found = _LIMIT.search(statement)
    if found is None:
        return None
    first, second = int(found["first"]), int(found["second"] or 0)
    return (second, first) if found["comma"] else (first, second)


def check_single(operation: str, statement: str) -> None:
    """Raise ProgrammingError unless `statement`, as SQLite split it off, is all that `operation` holds."""
    if _NOTHING.fullmatch(statement):
        raise ProgrammingError("the statement is empty")
    if not _NOTHING.fullmatch(operation, len(statement)):
        raise several_statements()


def several_statements() -> ProgrammingError:
    """Return the error of a text that holds more than one statement."""
    return ProgrammingError(
        "execute() takes one statement at a time, and nothing was run; call it once for each statement"
    )
