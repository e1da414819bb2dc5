"""Cut lists into pages by offset or by marker.

Sources: https://developer.box.com/guides/api-calls/pagination/offset-based and …/marker-based
"""

from __future__ import annotations

import base64
import binascii
import sys
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from .errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .representations import Json

MAX_OFFSET = 10_000
_MANY = 19  # digits, more than any number has that is of use here
ABSENT: Final = object()  # the end of a list at endpoints that then leave next_marker out


class Identified(Protocol):
    """What has an id."""

    id: str


Entry = TypeVar("Entry")
Marked = TypeVar("Marked", bound=Identified)


def whole(text: str) -> int:
    """Read a whole, non-negative number, of however many digits; raise ValueError for anything else."""
    if not text.isascii() or not text.isdigit():
        raise ValueError("It must be a non-negative integer")
    return int(text) if len(text) < _MANY else sys.maxsize


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole, non-negative number from the query; anything else is a 400."""
    text = query.get(name, "")
    if not text:
        return default
    try:
        return whole(text)
    except ValueError:
        raise invalid_parameter(name, text, f"'{name}' must be a non-negative integer", f"invalid_{name}") from None


def limit_of(query: Mapping[str, str], default: int, maximum: int) -> int:
    """Read the limit: above the maximum it is clamped, 0 counts as not given."""
    return min(number(query, "limit", default) or default, maximum)


def offset_of(query: Mapping[str, str], max_offset: int | None = MAX_OFFSET) -> int:
    """Read the offset: above the maximum, if there is one, it is a 400."""
    offset = number(query, "offset", 0)
    if max_offset is not None and offset > max_offset:
        why = f"The offset must not exceed the maximum offset of {max_offset}."
        raise invalid_parameter("offset", offset, why)
    return offset


def offset_page(
    query: Mapping[str, str], entries: Sequence[Entry], default: int = 100, maximum: int = 1000,
    max_offset: int | None = MAX_OFFSET,
) -> tuple[Sequence[Entry], Json]:  # fmt: skip
    """Return the page that `offset` and `limit` ask for, and the counters that go with it."""
    limit, offset = limit_of(query, default, maximum), offset_of(query, max_offset)
    return entries[offset : offset + limit], {"total_count": len(entries), "offset": offset, "limit": limit}


def whole_page(_query: Mapping[str, str], entries: Sequence[Entry]) -> tuple[Sequence[Entry], Json]:
    """Return all entries, of which Box's list has no pages, and how many they are."""
    return entries, {"total_count": len(entries)}


def unpaged(_query: Mapping[str, str], entries: Sequence[Entry]) -> tuple[Sequence[Entry], Json]:
    """Return all entries, of a list that has no pages."""
    return entries, {}


def marker_page(
    query: Mapping[str, str], entries: Sequence[Marked], end: object = None, default: int = 100, maximum: int = 1000,
) -> tuple[Sequence[Marked], Json]:  # fmt: skip
    """Return the page after `marker`, and the marker of the next one: `end` (null or ABSENT) after the last.

    An empty text, which some of Box's older lists end with, is a marker to clients that only know null.
    """
    limit = limit_of(query, default, maximum)
    start = position_after(query.get("marker", ""), entries)
    page = entries[start : start + limit]
    counters: Json = {"limit": limit}
    if start + limit < len(entries):
        counters["next_marker"] = marker_after(start + limit - 1, page[-1].id)
    elif end is not ABSENT:
        counters["next_marker"] = end
    return page, counters


def marker_after(index: int, identity: str) -> str:
    """Return the marker of what comes after an entry of a list."""
    return base64.urlsafe_b64encode(f"{index}:{identity}".encode()).decode()


def position_after(marker: str, entries: Sequence[Marked]) -> int:
    """Find where the page after a marker starts, also when the list changed since the marker was given."""
    if not marker:
        return 0
    try:
        index_text, _, identity = base64.urlsafe_b64decode(marker).decode().partition(":")
        index = whole(index_text)
    except (binascii.Error, ValueError):
        raise invalid_parameter("marker", marker, "The marker is not valid") from None
    if index < len(entries) and entries[index].id == identity:
        return index + 1
    found = (place for place, entry in enumerate(entries) if entry.id == identity)
    return next(found, index - 1) + 1
