"""`CAST(… AS DATE)`, and to TIMESTAMP and TIME, which SQLite would take for casts to a number.

Source: https://www.sqlite.org/lang_expr.html#castexpr
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.lexer import edited, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.dbapi.sqltext.lexer import Token

_TARGETS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("day_of(", "DATE"),
    "time": ("time_of(", "TIME"),
    **dict.fromkeys(("datetime", "timestamp", "timestamptz"), ("date_trunc('microseconds', ", "TIMESTAMP")),
}
"""What a cast becomes by the first word of its type, and the type that its column has."""

_CAST: Final = re.compile(r"\bcast\b", re.IGNORECASE)
_TARGET: Final = re.compile(rf"\bas\s++[\"`\[]?(?:{'|'.join(_TARGETS)})\b", re.IGNORECASE)
_ENDS: Final = frozenset(
    {"from", "where", "group", "having", "order", "limit", "union", "except", "intersect", "window"}
)
"""Words that may follow an expression in a list of columns, and are no name of it."""


class Cast(Struct, frozen=True):
    """A cast as SQLite gets it, `text`, for what is written, `original`; `name` is what its column is called."""

    text: str
    original: str
    name: str
    type: str


def cast_datetimes(operation: str) -> tuple[str, tuple[Cast, ...]]:
    """Return a statement whose casts to moments, dates and times of day give these, and those casts."""
    if not (_CAST.search(operation) and _TARGET.search(operation)):
        return operation, ()
    found = read(operation)
    casts = [cast for place in range(len(found)) if (cast := _cast(found, place)) is not None]
    edits = [
        edit
        for first, as_, last, (function, _) in casts
        for edit in (
            (found[first].start, found[first + 1].end, function),
            (found[as_ - 1].end, found[last].start, ""),
        )
    ]

    def told(first: int, last: int, kind: str) -> Cast:
        start, end = found[first].start, found[last].end
        text = edited(operation, edits, start, end)
        return Cast(text, operation[start:end], _name(found, last) or text, kind)

    return edited(operation, edits), tuple(told(first, last, kind) for first, _, last, (_, kind) in casts)


def _cast(found: list[Token], place: int) -> tuple[int, int, int, tuple[str, str]] | None:
    """Return the places of a cast's first token, its AS and its last one, and what it becomes; None where none is."""
    if found[place].text.lower() != "cast" or place + 1 == len(found) or found[place + 1].text != "(":
        return None
    depth, as_ = 0, None
    for last in range(place + 1, len(found)):
        depth += {"(": 1, ")": -1}.get(found[last].text, 0)
        if depth == 1 and found[last].text.lower() == "as":
            as_ = last
        if not depth:
            target = None if as_ is None else _TARGETS.get(found[as_ + 1].content.lower())
            return None if as_ is None or target is None else (place, as_, last, target)
    return None


def _name(found: list[Token], last: int) -> str | None:
    """Return the name that follows an expression, with AS before it or without."""
    after = found[last + 1 : last + 3]
    if len(after) > 1 and after[0].text.lower() == "as":
        return after[1].content
    if after and after[0].kind in {"word", "quoted", "string"} and after[0].text.lower() not in _ENDS:
        return after[0].content
    return None
