"""Other spellings of moments: made from `datetime` alone, so that no text is read as the driver reads it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from box_dialect.catalog import TABLES, Type

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = "wanted"
"""A table of the connection's own: ids of all kinds as texts, as whole numbers and as numbers with a point, moments."""

LOCAL_MOMENT = "seen_at"
"""Its column of moments, each in a spelling of its own."""

LOCAL_TEXT = "noted_at"
"""Its column of texts that are moments in one spelling, which sort as these do."""

_EAST, _WEST = dt.timezone(dt.timedelta(hours=5, minutes=30)), dt.timezone(-dt.timedelta(hours=8))
_FORMS: tuple[Callable[[dt.datetime], str], ...] = (
    lambda moment: moment.isoformat(" ", "microseconds").removesuffix("+00:00"),
    lambda moment: moment.isoformat().replace("+00:00", "Z"),
    lambda moment: moment.isoformat(" ").removesuffix("+00:00"),
    lambda moment: moment.astimezone(_EAST).isoformat(),
    lambda moment: moment.astimezone(_WEST).isoformat(" "),
    lambda moment: moment.isoformat("T", "microseconds").replace("+00:00", "000z").lower(),
    lambda moment: moment.strftime("%Y%m%dT%H%M%S.%fZ"),
    lambda moment: moment.strftime("%Y-%m-%d") if moment.time() == dt.time() else moment.isoformat(),
)
FORMS = range(len(_FORMS))


def moment(stored: str) -> dt.datetime:
    """Return the moment of a text in the form that SQLite's side has it in."""
    return dt.datetime.strptime(stored, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=dt.UTC)


def stored(moment: dt.datetime) -> str:
    """Return the text of a moment on SQLite's side."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def spelled(stored: Any, form: int) -> Any:
    """Return another spelling of a moment; NULL stays."""
    return None if stored is None else _FORMS[form](moment(stored))


def noted(stored: Any) -> Any:
    """Return the spelling that moments have in the local column of texts."""
    return None if stored is None else moment(stored).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def has_moments(table: str, column: str) -> bool:
    """Tell whether a column holds moments."""
    if table == LOCAL:
        return column == LOCAL_MOMENT
    box = TABLES[table]
    return box.columns[box.numbers[column]].type is Type.TIMESTAMP
