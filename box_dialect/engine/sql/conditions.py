"""Conditions that were read in a statement, on their way through SQLite to the table that they are about.

`box_condition(column, '…')` holds for any row, so that a statement gives the same rows with it as without. SQLite tells
the table of it, as of a comparison of that column, and of `box_values(column, box_list(…))`, which has the values that
come when the statement runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.catalog.model import Condition

if TYPE_CHECKING:
    import apsw

CONDITION: Final = "box_condition"
VALUES: Final = "box_values"
LIST: Final = "box_list"

MOST_VALUES: Final = 100
"""Values of a condition that come when the statement runs, at most."""

written_condition: Final = msgspec.json.Encoder().encode
_condition: Final = msgspec.json.Decoder(Condition).decode
_values: Final = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


def holds(*_: apsw.SQLiteValue) -> bool:
    """Tell that any row may fulfil a condition."""
    return True


def packed(*values: apsw.SQLiteValue) -> bytes:
    """Return values as one."""
    return msgspec.msgpack.encode(values)


def unpacked(values: Any) -> tuple[Any, ...]:
    """Return the values of a list; none of what is no list, which somebody else wrote there."""
    try:
        return _values(values)
    except (TypeError, msgspec.DecodeError):
        return ()


def read(text: Any) -> Condition | None:
    """Return the condition that stands in a statement; None for what is none, which somebody else wrote there."""
    try:
        condition = _condition(text)
    except (TypeError, ValueError, msgspec.DecodeError):
        return None
    return condition if condition.is_whole else None


def add_conditions(connection: apsw.Connection) -> None:
    """Make the functions known."""
    connection.create_scalar_function(CONDITION, holds, 2, deterministic=True)
    connection.create_scalar_function(VALUES, holds, 2, deterministic=True)
    connection.create_scalar_function(LIST, packed, deterministic=True)
