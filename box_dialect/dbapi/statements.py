"""What the driver reads in the text of a statement: that it is one, and whether it takes back."""

from __future__ import annotations

import re
from typing import Final

from box_dialect.errors import ProgrammingError

_NOTHING: Final = re.compile(r"(?:[ \t\n\f\r;]|--[^\n]*+(?:\n|\Z)|/\*(?:.*?\*/|.*\Z))*+", re.DOTALL)
"""White space as SQLite knows it, semicolons and comments; a comment ends where it can first, so it hides nothing."""

_WORD: Final = re.compile("[A-Za-z_]*")


def first_word(operation: str) -> str:
    """Return the word that a statement begins with, in lower case; an empty one where it begins otherwise."""
    beginning = _NOTHING.match(operation)
    word = _WORD.match(operation, beginning.end() if beginning else 0)
    return word[0].lower() if word else ""


def is_rollback(operation: str) -> bool:
    """Tell whether a statement takes back a transaction, or a part of one."""
    return first_word(operation) == "rollback"


def check_single(operation: str, statement: str) -> None:
    """Raise ProgrammingError unless `statement`, as SQLite split it off, is all that `operation` holds."""
    if _NOTHING.fullmatch(statement):
        raise ProgrammingError("the statement is empty")
    if not _NOTHING.fullmatch(operation, len(statement)):
        raise ProgrammingError(
            "execute() takes one statement at a time, and nothing was run; call it once for each statement"
        )
