"""LIKE and GLOB as SQLite has them, in bounded time for long texts too.

SQLite's own may compare each character of a text with the whole pattern, and nothing ends them meanwhile. Source:
https://www.sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import apsw
from msgspec import Struct

from box_dialect.engine.sql.linear import as_text
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable

UNESCAPED: Final = "box_unescaped"
"""The SQL function that gives the pattern of a LIKE with ESCAPE without the latter's signs."""

MOST_BYTES_OF_PATTERN: Final = 512
"""Bytes that a pattern has at most."""

MOST_STEPS: Final = 1 << 28
"""What SQLite's comparison takes at most: characters of the text times those of the pattern, about half a second."""

MOST_BY_PARTS: Final = 1 << 26
"""Characters of a text at most for a pattern without other wildcards, about half a second as well."""

_STEPS_OF_CHARACTER: Final = 64
"""What a character of the text takes beside those of the pattern."""

_FEW_STEPS: Final = 1 << 13
"""Characters of the text times those of the pattern that take no time."""

_FEW_CHARACTERS: Final = MOST_BYTES_OF_PATTERN // 4
"""Characters that have no more bytes than a pattern may have, whichever they are."""


class _Operator(Struct, frozen=True, dict=True):
    """What LIKE or GLOB has: wildcards for any text and for one character, other signs, and SQLite's comparison."""

    name: str
    many: str
    one: str
    others: str
    differ: Callable[..., int]
    folded: Callable[[bytes], bytes]

    def matches(self, pattern: Any, text: Any, *escape: Any) -> bool | None:
        """Tell whether a text is what a pattern says, no if either is a blob, NULL if an operand is."""
        if isinstance(pattern, bytes) or isinstance(text, bytes):
            return False
        if pattern is not None and len(as_text(pattern).encode()) > MOST_BYTES_OF_PATTERN:
            raise ProgrammingError(
                f"LIKE or GLOB pattern too complex; LIKE and GLOB take {MOST_BYTES_OF_PATTERN} bytes at most"
            )
        if None in escape:
            return None
        sign = _sign(escape[0]) if escape else ""
        if pattern is None or text is None:
            return None
        sought, whole = _read(pattern), _read(text)
        if sign in (self.many, self.one):  # then it is no wildcard
            sought, sign = _respelled(sought, sign)
        most = MOST_STEPS // (len(sought) + _STEPS_OF_CHARACTER)
        if len(whole) <= most:
            return not (self.differ(sought, whole, ord(sign)) if sign else self.differ(sought, whole))
        has_others, advice = any(other in sought for other in (self.one, *self.others, *sign)), "cut it by substr()"
        if has_others:
            advice += f", or have no wildcard but {self.many} in the pattern"
        else:
            most = MOST_BY_PARTS
        if len(whole) > most:
            raise DataError(
                f"{self.name} takes a text of {most:,} characters at most with this pattern, not of {len(whole):,}; "
                f"{advice}"
            )
        return _follow(self.folded(whole.encode()), [self.folded(part.encode()) for part in sought.split(self.many)])


def add_wildcards(connection: apsw.Connection, check: Callable[[], None]) -> None:
    """Put LIKE and GLOB in the place of SQLite's own; `check` raises where the statement must not go on."""

    def like_with_escape(pattern: Any, text: Any, escape: Any) -> bool | None:
        try:
            if len(pattern) * len(text) <= _FEW_STEPS and len(pattern) <= _FEW_CHARACTERS and escape not in "%_\0":
                return not apsw.strlike(pattern, text, ord(escape))
        except (TypeError, ValueError):
            pass
        check()
        return _LIKE.matches(pattern, text, escape)

    functions: tuple[tuple[str, int, Callable[..., bool | None]], ...] = (
        ("like", 2, _function(_LIKE, check)),
        ("like", 3, like_with_escape),
        ("glob", 2, _function(_GLOB, check)),
    )
    for name, takes, function in functions:
        connection.create_scalar_function(name, function, takes, deterministic=True, flags=apsw.SQLITE_INNOCUOUS)
    connection.create_scalar_function(UNESCAPED, _unescaped, 2, deterministic=True)


def _unescaped(*arguments: apsw.SQLiteValue) -> apsw.SQLiteValue:
    """Return a pattern without the signs of ESCAPE, which finds the same texts, and more where they escape wildcards.

    Where LIKE refuses the sign it finds any text.
    """
    pattern, escape = arguments
    if pattern is None or isinstance(pattern, bytes):
        return pattern
    try:
        sign = _sign(escape)
    except (ProgrammingError, UnicodeDecodeError):
        return "%"
    letters = iter(_read(pattern))
    return "".join(next(letters, "") if letter == sign else letter for letter in letters)


def _function(operator: _Operator, check: Callable[[], None]) -> Callable[[Any, Any], bool | None]:
    differ = operator.differ

    def function(pattern: Any, text: Any) -> bool | None:
        try:
            if len(pattern) * len(text) <= _FEW_STEPS and len(pattern) <= _FEW_CHARACTERS:
                return not differ(pattern, text)
        except (TypeError, ValueError):  # what is no text, or has a NUL
            pass
        check()
        return operator.matches(pattern, text)

    return function


def _read(value: Any) -> str:
    """Return a value as SQLite compares it: a text, up to its first NUL."""
    return as_text(value).partition("\0")[0]


def _sign(escape: Any) -> str:
    """Return the character of ESCAPE; raises ProgrammingError for what is not a single one."""
    sign = _read(escape)
    if len(sign) != 1:
        raise ProgrammingError("ESCAPE expression must be a single character")
    return sign


def _respelled(pattern: str, sign: str) -> tuple[str, str]:
    """Return a pattern with another sign of ESCAPE, and that sign."""
    other = next(other for other in map(chr, range(0xE000, 0xF900)) if other not in pattern)
    letters = iter(pattern)
    return "".join(other + next(letters, "") if letter == sign else letter for letter in letters), other


def _follow(text: bytes, parts: list[bytes]) -> bool:
    """Tell whether a text begins with the first part, ends with the last, and has the others between, in order."""
    first, *between = parts
    if not between:
        return text == first
    place, last = len(first), between.pop()
    if not text.startswith(first):
        return False
    for part in between:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return text.endswith(last) and place + len(last) <= len(text)


_LIKE: Final = _Operator("LIKE", "%", "_", "", apsw.strlike, bytes.lower)
_GLOB: Final = _Operator("GLOB", "*", "?", "[", apsw.strglob, bytes)
