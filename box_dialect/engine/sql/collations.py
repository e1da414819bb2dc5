"""How SQLite compares texts that may be moments: as the moments that they mean, however they are spelled.

A comparison takes the collation of a column by itself, of the left side first. An expression has none, so the driver
names one there: see `box_dialect.dbapi.datetimes.collated`.

Source: https://www.sqlite.org/datatype3.html#collating_sequences
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from box_dialect.catalog.datetimes import MOMENT, MOMENT_KEY, MOMENTS_ONLY, canonical, is_canonical, no_datetime
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    import apsw


def add_collations(connection: apsw.Connection, fail: Callable[[DataError], None]) -> None:
    """Make the collations of moments known to a connection, and the key that sorts as they do and takes less time.

    `fail` has the statement end with an error: SQLite goes on whatever a comparison raises.
    """
    connection.create_collation(MOMENTS_ONLY, partial(_datetimes_only, fail))
    connection.create_collation(MOMENT, _datetimes)
    connection.create_scalar_function(MOMENT_KEY, _key, 1, deterministic=True)


def _datetimes_only(fail: Callable[[DataError], None], left: str, right: str) -> int:
    """Compare two moments; the statement fails where only one of the texts is a moment."""
    if not (is_canonical(left) and is_canonical(right)):
        first, second = canonical(left), canonical(right)
        if first is not None and second is not None:
            left, right = first, second
        elif first is not second:
            fail(DataError(no_datetime(left if first is None else right)))
    return (left > right) - (left < right)


def _key(*values: apsw.SQLiteValue) -> apsw.SQLiteValue:
    """Return a moment in its canonical form, and anything else as it is."""
    (value,) = values
    return canonical(value) or value if isinstance(value, str) and not is_canonical(value) else value


def _datetimes(left: str, right: str) -> int:
    """Compare two moments, and other texts as they are; a moment compares with these by its canonical form."""
    if not (is_canonical(left) and is_canonical(right)):
        left, right = canonical(left) or left, canonical(right) or right
    return (left > right) - (left < right)
