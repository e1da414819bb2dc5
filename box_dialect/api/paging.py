"""Box's kinds of paging, as pure functions from an answer to the parameters of the next page.

Sources: https://developer.box.com/guides/api-calls/pagination/offset-based/ and …/marker-based/
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from box_dialect.errors import NotSupportedError, OperationalError

Parameters = dict[str, str]


class Paging(enum.Enum):
    """How an endpoint pages.

    `ONE` is a single object; `ALL` a list in one answer; the others are Box's words.
    """

    ONE = "one"
    ALL = "all"
    OFFSET = "offset"
    MARKER = "marker"
    STREAM_POSITION = "stream_position"


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a listing the next page begins, and the markers that were seen on the way."""

    parameters: Parameters = field(default_factory=dict)
    seen: frozenset[str] = frozenset()


def first(paging: Paging, limit: int | None) -> Position:
    """Return the position of the first page of at most `limit` entries."""
    parameters = {} if limit is None or paging in {Paging.ONE, Paging.ALL} else {"limit": str(limit)}
    if paging is Paging.OFFSET:
        parameters["offset"] = "0"
    return Position(parameters)


def following(
    paging: Paging, position: Position, body: dict[str, Any], *, limit: int | None, max_offset: int | None = None
) -> Position | None:
    """Return the position after the page that `body` is, or None at the end; `limit` is for the pages to come.

    Offset pages advance by the limit that Box returned, never by the entries counted, since pages may be short. Raises
    OperationalError for an answer that would never end, NotSupportedError where the endpoint cannot page on.
    """
    match paging:
        case Paging.OFFSET:
            return _next_offset(position, body, limit, max_offset)
        case Paging.MARKER:
            # The last page may carry null, an empty text, or no marker at all.
            return _next_marker("marker", position, body.get("next_marker"), limit)
        case Paging.STREAM_POSITION:
            if not body.get("chunk_size") and not body.get("entries"):
                return None
            coming = body.get("next_stream_position")
            if str(coming) == position.parameters.get("stream_position"):
                return None
            return _next_marker("stream_position", position, coming, limit)
        case _:
            return None


def _next_offset(
    position: Position, body: dict[str, Any], limit: int | None, max_offset: int | None
) -> Position | None:
    step = body.get("limit") or int(position.parameters.get("limit", 0))
    if not isinstance(step, int) or step <= 0:
        raise OperationalError("Box answered a page with no limit, so the next page cannot be asked for")
    offset = int(position.parameters["offset"]) + step
    total = body.get("total_count")
    if total is None:
        total = offset + 1 if body.get("entries") else 0
    if not isinstance(total, int):
        raise OperationalError("Box answered a total count that is no number, so the end of the listing cannot be told")
    if offset >= total:
        return None
    if max_offset is not None and offset > max_offset:
        raise NotSupportedError(
            f"Box lists no more than {max_offset} rows this way, and there are {total} or more; "
            "narrow the query with a further condition"
        )
    parameters = {**position.parameters, "offset": str(offset)}
    return Position(parameters if limit is None else {**parameters, "limit": str(limit)})


def _next_marker(name: str, position: Position, marker: Any, limit: int | None) -> Position | None:
    if marker is None or marker == "":
        return None
    if not isinstance(marker, str | int):
        raise OperationalError("Box answered a paging marker that is no text, so the next page cannot be asked for")
    marker = str(marker)
    if marker in position.seen:
        raise OperationalError("Box repeated a paging marker, so the listing would never end; please try again")
    parameters = {**position.parameters, name: marker}
    return Position(parameters if limit is None else {**parameters, "limit": str(limit)}, position.seen | {marker})
