"""What the driver reads in the text of a statement: that it is one, and whether it takes back."""

from __future__ import annotations

import re
from typing import Final

from box_dialect.errors import ProgrammingError

_NOTHING: Final = re.compile(r"(?:[ \t\n\f\r;]|--[^\n]*+(?:\n|\Z)|/\*(?:.*?\*/|.*\Z))*+", re.DOTALL)
"""White space as SQLite knows it, semicolons and comments; a comment ends where it can first, so it hides nothing."""

_ROLLBACK: Final = re.compile(r"ROLLBACK\b", re.IGNORECASE)


def is_rollback(operation: str) -> bool:
    """Tell whether a statement takes back a transaction, or a part of one."""
    beginning = _NOTHING.match(operation)
    return _ROLLBACK.match(operation, beginning.end() if beginning else 0) is not None


def check_single(operation: str, statement: str) -> None:
    """Raise ProgrammingError unless `statement`, as SQLite split it off, is all that `operation` holds."""
    if _NOTHING.fullmatch(statement):
        raise ProgrammingError("the statement is empty")
    if not _NOTHING.fullmatch(operation, len(statement)):
        raise ProgrammingError(
            "execute() takes one statement at a time, and nothing was run; call it once for each statement"
        )
