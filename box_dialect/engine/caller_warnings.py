"""Warnings of the driver, each in the name of the caller's line that led to it."""

from __future__ import annotations

import inspect
import threading
import warnings
from typing import TYPE_CHECKING, Final, TypeAlias

from box_dialect.errors import BoxDocumentWarning, BoxIndexWarning, BoxUserWarning

if TYPE_CHECKING:
    from box_dialect.errors import DatabaseError

Message: TypeAlias = tuple[str, type[UserWarning]]
"""A text, and the class of the warning."""

_MOST_HEARD: Final = 20
"""Warnings that a listener is told at most."""

_ON_THE_WAY: Final = frozenset({"asyncio", "box_dialect", "contextlib", "sqlalchemy"})
"""Packages between a caller and the driver."""


class _Heard(threading.local):
    """What this thread is warned of, where somebody asked for it."""

    texts: list[str] | None = None


_heard: Final = _Heard()


def heard() -> list[str]:
    """Return the list that has, from now on, the text of each warning of the driver in this thread, once.

    Where nobody sees what Python shows of a warning, once in a process: the thread of an asynchronous connection is
    that connection's own.
    """
    _heard.texts = []
    return _heard.texts


def warn(message: str, category: type[UserWarning]) -> None:
    """Warn in the name of the line that led here."""
    if _heard.texts is not None and len(_heard.texts) < _MOST_HEARD and message not in _heard.texts:
        _heard.texts.append(message)
    warnings.warn(message, category, stacklevel=_callers_level())


def warning_of_index(table: str, refusal: DatabaseError) -> Message:
    """Return the warning that a table is read as it is, since Box's index did not answer."""
    message = (
        f"Box's index does not answer for {table} ({refusal}), so that its rows are read live, as if Freshness=live; "
        "it is not asked for some minutes"
    )
    return message, BoxIndexWarning


def warning_of_user(user: str, refusal: DatabaseError) -> Message:
    """Return the warning that a statement has no rows of a user whom the one who is signed in may not act as."""
    message = (
        f"nothing is read as user {user}, since Box does not let the one who is signed in act as them "
        f"(HTTP {refusal.diag.status}), so that the result lacks what they see; allow the application to make calls as "
        "users, or compare as_user with other ids alone"
    )
    return message, BoxUserWarning


def warning_of_text(failure: DatabaseError) -> Message:
    """Return the warning that a text is NULL, since Box fails to make it, as those of others that it fails on are."""
    message = f"the text of a file is NULL, and so are those of further files that Box fails on: {failure}"
    return message, BoxDocumentWarning


def tell(warnings: list[Message]) -> None:
    """Warn of what a statement is to be warned of, and forget it."""
    while warnings:
        warn(*warnings.pop())


def _callers_level() -> int:
    """Return how far above `warn()` the first caller is who is neither the driver nor on the way to it."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _ON_THE_WAY:
        level, frame = level + 1, frame.f_back
    return level
