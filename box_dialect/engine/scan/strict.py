"""Answers whose form is not known for sure: one is read where it has all that was asked for, and refused elsewhere.

Without that, it would be taken for one without values, or without rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import dig
from box_dialect.errors import DatabaseError, DataError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from box_dialect.catalog.model import JsonObject


_OTHER_REASONS: Final = frozenset({401, 429})
"""Statuses below 500 that say nothing of the operation: Box answers all others so, too."""


def is_refusal(error: DatabaseError, operation: str) -> bool:
    """Tell whether Box does not take an operation as it is asked, or answers in an unknown form."""
    status = error.diag.status
    if status is None:
        return isinstance(error, DataError)
    return error.diag.operation == operation and status < 500 and status not in _OTHER_REASONS


def check_told(operation: str, entries: Sequence[JsonObject], needed: Callable[[str], Collection[str]]) -> None:
    """Raise DataError where an object lacks a field that objects of its type need."""
    for entry in entries:
        lacking = [name for name in needed(str(entry.get("type"))) if name not in entry]
        if lacking:
            raise DataError(f"{operation}: Box's answer is of an unknown form: no {', '.join(map(printable, lacking))}")


def check_rows(
    operation: str, entries: Sequence[JsonObject], rows: Sequence[JsonObject], needed: Collection[str]
) -> None:
    """Raise DataError where objects have no rows at all, or a row lacks what the table needs, by dotted places."""
    if entries and not rows:
        raise DataError(f"{operation}: Box's answer is of an unknown form: nothing that was found has a row")
    for row in rows:
        lacking = [place for place in needed if dig(row, *place.split(".")) is None]
        if lacking:
            raise DataError(f"{operation}: Box's answer is of an unknown form: no {', '.join(lacking)}")
