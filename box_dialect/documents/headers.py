"""Names of columns as a document's header has them, made such that SQL tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.documents.bounds import COLUMNS
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME: Final = 255
"""Characters of a column's name; what is beyond is cut off."""


def unique_names(document: str, headers: Iterable[object]) -> tuple[str, ...]:
    """Return a name for each header: `column_3` for an empty one, and `name_2` for what is `Name` another time.

    Raises DataError for more columns than a table may have, or none.
    """
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for place, header in enumerate(headers, 1):
        if place > COLUMNS:
            raise DataError(f"{document} has more than {COLUMNS:,} columns, which are the most that a table has")
        plain = " ".join(str("" if header is None else header).replace("\0", "").split())[:LONGEST_NAME]
        name = plain = plain or f"column_{place}"
        while name.lower() in taken:
            counts[plain.lower()] = counts.get(plain.lower(), 1) + 1
            name = f"{plain}_{counts[plain.lower()]}"
        taken.add(name.lower())
        names.append(name)
    if not names:
        raise DataError(f"{document} has no columns")
    return tuple(names)
