"""Statements in each paramstyle that SQLAlchemy renders, as the driver takes them: with `?`, `?1` or `:name`.

Source: https://peps.python.org/pep-0249/#paramstyle
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import ArgumentError
from sqlalchemy.sql.compiler import BIND_TEMPLATES

from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HAS_NUMBERS: Final = "numeric_dollar" in BIND_TEMPLATES
"""Whether SQLAlchemy renders numbers in every statement: 1.4 fails on IN."""

_PERCENT: Final = re.compile(r"%(?:(?P<percent>%)|(?P<place>s)|\((?P<name>[^()]+)\)s|(?P<wrong>.?))", re.DOTALL)
_NUMBER: Final = re.compile(r"[:$]([0-9]+)")


def translator(paramstyle: str) -> Callable[[str], str]:
    """Return what translates a statement of that paramstyle; raises ArgumentError for one that SQLAlchemy has not."""
    known = [style for style in _TRANSLATORS if _HAS_NUMBERS or not style.startswith("numeric")]
    if paramstyle not in known:
        raise ArgumentError(f"there is no paramstyle {paramstyle!r}; the driver takes {', '.join(known)}")
    return _TRANSLATORS[paramstyle]


def _unchanged(statement: str) -> str:
    return statement


def _numbered(statement: str) -> str:
    """Turn `:1` and `$1` into `?1`, which SQLite numbers; it numbers the others in the order of their appearance."""
    found = [(token, _NUMBER.fullmatch(token.text)) for token in tokens(statement) if token.kind == "variable"]
    for token, number in reversed(found):
        if number is not None:
            statement = f"{statement[: token.start]}?{number[1]}{statement[token.end :]}"
    return statement


def _percent(statement: str) -> str:
    """Turn `%s` into `?`, `%(name)s` into `:name` and `%%` into `%`, also within literals, as other drivers do."""
    return _PERCENT.sub(_from_percent, statement)


def _from_percent(found: re.Match[str]) -> str:
    if found["wrong"] is not None:
        raise ProgrammingError(f"with this paramstyle a percent sign is written %%; the statement has {found[0]!r}")
    if found["name"] is not None:
        return f":{found['name']}"
    return "?" if found["place"] else "%"


_TRANSLATORS: Final[Mapping[str, Callable[[str], str]]] = {
    "qmark": _unchanged,
    "named": _unchanged,
    "numeric": _numbered,
    "numeric_dollar": _numbered,
    "format": _percent,
    "pyformat": _percent,
}
