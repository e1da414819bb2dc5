"""Request bodies: SQLite's values as Box's JSON takes them, at the places of their columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api.template import filled
from box_dialect.catalog.model import Column, JsonObject, Type, Write, dig
from box_dialect.catalog.values import comparable, put
from box_dialect.engine.sql.datetimes import rfc3339
from box_dialect.errors import DataError, IntegrityError, InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_CHARACTERS: Final = 10_000_000
"""Characters that the JSON of a value has at most: it takes many times the memory once it is decoded."""

MOST_LEVELS: Final = 100
"""Lists and objects that stand in one another at most."""

_SHOWN: Final = 60


def laid(write: Write, values: Mapping[str, Any], keys: Mapping[str, str]) -> JsonObject:
    """Return the body of a call with JSON values at dotted places, its own texts filled with the `keys` of the row."""
    body: JsonObject = filled(dict(write.body), keys)
    for place, value in values.items():
        put(body, place, value)
    return body


def patch(operation: str, values: Mapping[str, Any], current: JsonObject) -> list[JsonObject]:
    """Return the JSON Patch (RFC 6902) that sets values at dotted places, and removes what is null of what is there."""
    return [
        {"op": operation, "path": _pointer(place), "value": value}
        if value is not None
        else {"op": "remove", "path": _pointer(place)}
        for place, value in values.items()
        if value is not None or dig(current, *place.split(".")) is not None
    ]


def _pointer(place: str) -> str:
    """Return the JSON Pointer (RFC 6901) of a dotted place."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in place.split("."))


def place_of(column: Column, verb: str) -> str:
    """Return the dotted place in the body where a column stands; raises InternalError for one without."""
    place: str | None = getattr(column, verb)
    if place is None:
        raise InternalError(f"column {column.name} has no place in what {verb}s it; please report it")
    return place


def file_content(column: Column, value: Any) -> bytes:
    """Return a value of SQLite's as the content of a file; raises DataError for one that is neither bytes nor text."""
    if not isinstance(value, bytes | str):
        raise DataError(f"column {column.name} takes bytes, not {_shown(value)}")
    return value if isinstance(value, bytes) else value.encode()


def json_value(column: Column, value: Any) -> Any:
    """Return a value of SQLite's as Box's JSON takes it; raises DataError, and IntegrityError for NULL."""
    if value is None:
        if column.cleared is msgspec.UNSET:
            raise IntegrityError(f"column {column.name} takes no NULL: Box cannot take its value away")
        return column.cleared
    if isinstance(value, bytes):
        raise DataError(f"column {column.name} takes {_FORMS[column.type]}, not bytes")
    try:
        # An id out of a column of numbers is the text that it compares with.
        return _WRITERS[column.type](comparable(value) if column.references else value)
    except (ValueError, msgspec.MsgspecError, ArithmeticError, RecursionError, DataError) as error:
        why = f": {error}" if isinstance(error, DataError | msgspec.DecodeError) and column.type is Type.JSON else ""
        raise DataError(f"column {column.name} takes {_FORMS[column.type]}, not {_shown(value)}{why}") from None


def _integer(value: Any) -> int:
    if isinstance(value, str):
        if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= _SHOWN):
            raise ValueError("no whole number")
        return int(value)
    if int(value) != value:
        raise ValueError("a fraction")
    return int(value)


def _boolean(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError("neither")
    return bool(value)


def _json(value: Any) -> Any:
    """Return the decoded JSON of a text; a number is one itself. Raises DataError for what is too large or too deep."""
    if not isinstance(value, str):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("no number of JSON")
        return value
    if len(value) > MOST_CHARACTERS:
        raise DataError(f"it has more than {MOST_CHARACTERS:,} characters")
    decoded = msgspec.json.decode(value)
    level = [decoded]
    for _ in range(MOST_LEVELS):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return decoded
    raise DataError(f"its lists and objects stand more than {MOST_LEVELS} deep in one another")


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r} and more"


_WRITERS: Final[Mapping[Type, Callable[[Any], Any]]] = {
    Type.TEXT: str,
    Type.INTEGER: _integer,
    Type.BOOLEAN: _boolean,
    Type.TIMESTAMP: rfc3339,
    Type.JSON: _json,
}
_FORMS: Final[Mapping[Type, str]] = {
    Type.TEXT: "text",
    Type.INTEGER: "a whole number",
    Type.BOOLEAN: "true or false",
    Type.TIMESTAMP: "a moment, as YYYY-MM-DD HH:MM:SS",
    Type.JSON: "JSON as text",
}
