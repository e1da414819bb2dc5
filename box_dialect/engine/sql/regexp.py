"""`value REGEXP pattern`: regular expressions of RE2, whose time grows with the text and never with its powers.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import re2  # type: ignore[import-untyped]

from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    import apsw

_PATTERNS_KNOWN: Final = 256

MOST_BYTES_OF_PATTERN: Final = 4096
"""Bytes that a pattern has at most."""

MOST_STEPS: Final = 1 << 27
"""What a match takes at most: the instructions of the compiled pattern times the bytes of the text, about a second.

RE2 takes so many where its automaton has more states than it may keep; most patterns take one step for each byte.
"""

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.never_capture = True
_OPTIONS.max_mem = 1 << 22


def regexp(*arguments: apsw.SQLiteValue) -> bool | None:
    """Tell whether a text holds what the pattern matches; NULL where either is NULL.

    Raises ProgrammingError for what is no pattern of RE2, DataError for a text that is too long for its pattern.
    """
    pattern, value = arguments
    if pattern is None or value is None:
        return None
    expression, text = _compiled(_bytes(pattern)), _bytes(value)
    if len(text) * expression.programsize > MOST_STEPS:
        raise DataError(
            f"REGEXP takes a text of {MOST_STEPS // expression.programsize:,} bytes at most with this pattern, not of "
            f"{len(text):,}; simplify the pattern, or cut the text by substr()"
        )
    return expression.search(text) is not None


def _bytes(value: apsw.SQLiteValue) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@functools.lru_cache(_PATTERNS_KNOWN)
def _compiled(pattern: bytes) -> Any:
    shown = repr(pattern[:80].decode(errors="replace"))
    if len(pattern) > MOST_BYTES_OF_PATTERN:
        raise ProgrammingError(f"REGEXP takes a pattern of {MOST_BYTES_OF_PATTERN:,} bytes at most, not {shown}…")
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        raise ProgrammingError(
            f"REGEXP takes a regular expression of RE2, which has neither look-around nor back-references, not "
            f"{shown}: {reason}"
        ) from None
