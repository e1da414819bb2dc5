"""Functions of SQLite whose time there grows with the product of what they are given, in time that grows with its sum.

SQLite does not ask within a function whether a statement must end, nor between those of one row. Each gives what
SQLite's own gives, but that a text has to be UTF-8. Source: https://www.sqlite.org/lang_corefunc.html
"""

from __future__ import annotations

import functools
import operator
import re
import weakref
from typing import TYPE_CHECKING, Final

import apsw

from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_LENGTH: Final = 1 << 25
"""Characters and bytes that one of these functions takes at most, which is a good deal less than a second's work."""

_LARGE: Final = 1 << 14
"""Characters and bytes that are worth a look at the clock."""

_SIZED: Final = (str, bytes)

_SETS_KNOWN: Final = 64
_MOST_OF_KNOWN_SET: Final = 256
"""Characters of a set that is kept for the next row."""

_MOST_OF_SET: Final = 1 << 20
"""Characters that trim() or unhex() takes to leave out."""

_FEW: Final = 32
"""Characters of a set that Python's own strip() takes: its time grows with their number."""

_CONTINUATION: Final = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that begin no character."""

_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
_PAIRS: Final = re.compile("(?:[0-9A-Fa-f]{2}|\0)*+")


def add_linear(connection: apsw.Connection, check: Callable[[], None]) -> None:
    """Put these functions in the place of SQLite's own; `check` raises where the statement must not go on."""
    itself: apsw.Connection = weakref.proxy(connection)  # which keeps its functions

    def replace(text: apsw.SQLiteValue, old: apsw.SQLiteValue, new: apsw.SQLiteValue) -> str | None:
        return _replace(text, old, new, itself.limit(apsw.SQLITE_LIMIT_LENGTH))

    for name, takes, function in (*_FUNCTIONS, ("replace", 3, replace)):
        bounded = _bounded(name, function, check)
        connection.create_scalar_function(name, bounded, takes, deterministic=True, flags=apsw.SQLITE_INNOCUOUS)


def _bounded(
    name: str, function: Callable[..., apsw.SQLiteValue], check: Callable[[], None]
) -> Callable[..., apsw.SQLiteValue]:
    """Return a function that calls `check` before it works on large values, and refuses larger ones."""

    def bounded(*values: apsw.SQLiteValue) -> apsw.SQLiteValue:
        for value in values:
            if isinstance(value, _SIZED) and len(value) > _LARGE:
                check()
                if len(value) > MOST_LENGTH:
                    raise DataError(f"{name}() takes {MOST_LENGTH:,} characters or bytes at most, not {len(value):,}")
        return function(*values)

    return bounded


def _instr(text: apsw.SQLiteValue, part: apsw.SQLiteValue) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, str) and isinstance(part, str):
        return text.find(part) + 1
    place = (found := _bytes(text)).find(_bytes(part))
    if place < 1 or (isinstance(text, bytes) and isinstance(part, bytes)):
        return place + 1
    if found[place] in _CONTINUATION:
        return 0
    return 1 + len(found[1 : place + 1].translate(None, _CONTINUATION))


def _replace(text: apsw.SQLiteValue, old: apsw.SQLiteValue, new: apsw.SQLiteValue, most_bytes: int) -> str | None:
    if text is None or old is None:
        return None
    ours, theirs = _bytes(text), _bytes(old)
    if not theirs or theirs[0] == 0:
        return ours.decode()
    if new is None:
        return None
    instead = _bytes(new)
    if len(ours) + ours.count(theirs) * (len(instead) - len(theirs)) > most_bytes:
        raise apsw.TooBigError("string or blob too big")
    return ours.replace(theirs, instead).decode()


def _ltrim(text: apsw.SQLiteValue, characters: apsw.SQLiteValue) -> str | None:
    if text is None or characters is None:
        return None
    whole, left_out = as_text(text), _set(as_text(characters).partition("\0")[0])
    if len(left_out) <= _FEW:
        return whole.lstrip("".join(left_out)) if left_out else whole
    try:
        return whole[operator.indexOf(map(left_out.__contains__, whole), False) :]
    except ValueError:  # all of it is left out
        return ""


def _rtrim(text: apsw.SQLiteValue, characters: apsw.SQLiteValue) -> str | None:
    trimmed = None if text is None else _ltrim(as_text(text)[::-1], characters)
    return None if trimmed is None else trimmed[::-1]


def _trim(text: apsw.SQLiteValue, characters: apsw.SQLiteValue) -> str | None:
    return _rtrim(_ltrim(text, characters), characters)


def _set(characters: str) -> frozenset[str]:
    if len(characters) > _MOST_OF_SET:
        raise DataError(f"a set of characters has {_MOST_OF_SET:,} at most, not {len(characters):,}")
    return _known_set(characters) if len(characters) <= _MOST_OF_KNOWN_SET else frozenset(characters)


@functools.lru_cache(_SETS_KNOWN)
def _known_set(characters: str) -> frozenset[str]:
    return frozenset(characters)


def _unhex(text: apsw.SQLiteValue, ignored: apsw.SQLiteValue) -> bytes | None:
    if text is None or ignored is None:
        return None
    marked = as_text(text).partition("\0")[0].translate(_between(as_text(ignored)))
    return bytes.fromhex(marked.replace("\0", "")) if _PAIRS.fullmatch(marked) else None


def _between(ignored: str) -> Mapping[int, str]:
    """Return what makes a mark of each character that may stand between two bytes."""
    return dict.fromkeys(map(ord, _set(ignored) - _HEXADECIMAL), "\0")


def _bytes(value: apsw.SQLiteValue) -> bytes:
    return value if isinstance(value, bytes) else as_text(value).encode()


def as_text(value: apsw.SQLiteValue) -> str:
    """Return a value as SQLite casts it to text."""
    if isinstance(value, bytes):
        return value.decode()
    return _spelled(value) if isinstance(value, float) else str(value)


@functools.lru_cache(1024)
def _spelled(number: float) -> str:
    """Return a number as SQLite spells it, which is not quite as Python does."""
    connection = apsw.Connection(":memory:")
    try:
        return str(connection.execute("SELECT CAST(? AS TEXT)", (number,)).get)
    finally:
        connection.close()


_FUNCTIONS: Final[tuple[tuple[str, int, Callable[..., apsw.SQLiteValue]], ...]] = (
    ("instr", 2, _instr),
    ("ltrim", 2, _ltrim),
    ("rtrim", 2, _rtrim),
    ("trim", 2, _trim),
    ("unhex", 2, _unhex),
)
