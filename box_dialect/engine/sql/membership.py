"""Membership in lists, such as the options of a multiSelect field: `has_any(tags, 'signed', 'urgent')`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

if TYPE_CHECKING:
    import apsw

HAS_ANY: Final = "has_any"
"""The SQL function that tells whether a list has one of some values."""


def has_any(*arguments: apsw.SQLiteValue) -> bool | None:
    """Tell whether a list, as JSON, has one of the values behind it; NULL where it is NULL, and no for no list."""
    found, *values = arguments or (None,)
    if found is None:
        return None
    try:
        members = msgspec.json.decode(cast("Any", found))
    except (msgspec.DecodeError, TypeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(members, list) and any(value in members for value in values if value is not None)
