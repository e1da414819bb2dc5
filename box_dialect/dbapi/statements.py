"""One statement a call: what follows it may only be comments and semicolons."""

from __future__ import annotations

import re
from typing import Final

from box_dialect.errors import ProgrammingError

_NOTHING: Final = re.compile(r"(?:[ \t\n\f\r;]|--[^\n]*+(?:\n|\Z)|/\*(?:.*?\*/|.*\Z))*+", re.DOTALL)
"""White space as SQLite knows it, semicolons and comments; a comment ends where it can first, so it hides nothing."""


def check_single(operation: str, statement: str) -> None:
    """Raise ProgrammingError unless `statement`, as SQLite split it off, is all that `operation` holds."""
    if _NOTHING.fullmatch(statement):
        raise ProgrammingError("the statement is empty")
    if not _NOTHING.fullmatch(operation, len(statement)):
        raise ProgrammingError(
            "execute() takes one statement at a time, and nothing was run; call it once for each statement"
        )
