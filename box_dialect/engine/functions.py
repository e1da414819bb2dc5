"""SQL functions that SQLite leaves to the application."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from box_dialect.engine.collations import add_collations
from box_dialect.engine.moments import add_moments
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    import apsw

_PATTERNS_KNOWN: Final = 256


def add_functions(connection: apsw.Connection) -> None:
    """Make `value REGEXP pattern`, in Python's regular expressions, and what computes and compares moments known."""
    connection.create_scalar_function("regexp", _regexp, 2, deterministic=True)
    add_moments(connection)
    add_collations(connection)


def _regexp(*arguments: apsw.SQLiteValue) -> bool | None:
    """Tell whether a text holds what the pattern matches; NULL where either is NULL."""
    pattern, value = arguments
    if pattern is None or value is None:
        return None
    return _compiled(str(pattern)).search(str(value)) is not None


@functools.lru_cache(_PATTERNS_KNOWN)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ProgrammingError(f"REGEXP takes a regular expression of Python, not {pattern[:80]!r}: {error}") from None
