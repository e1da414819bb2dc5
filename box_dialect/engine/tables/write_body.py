"""Request bodies: SQLite's values as Box's JSON takes them, at the places of their columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api.template import filled, filled_headers
from box_dialect.catalog.model import Column, Form, JsonObject, Multipart, Type, Write, dig, place_of_key, put, steps
from box_dialect.catalog.model.inputs import MOST_CHARACTERS
from box_dialect.catalog.values import comparable, numeric
from box_dialect.engine.sql.datetimes import rfc3339
from box_dialect.errors import DataError, IntegrityError, InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from box_dialect.catalog.model import Table

MOST_LEVELS: Final = 100
"""Lists and objects that stand in one another at most."""

_SHOWN: Final = 60
_ANY_MEDIA_TYPE: Final = "application/octet-stream"
_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}


def laid(write: Write, values: Mapping[str, Any], keys: Mapping[str, str]) -> JsonObject:
    """Return the body of a call with JSON values at dotted places, its own texts filled with the `keys` of the row."""
    body: JsonObject = filled(dict(write.body), write.values(keys))
    for place, value in values.items():
        put(body, place, value)
    for place, own in write.objects.items():
        given = dig(body, *steps(place))
        if isinstance(given, dict):
            given |= {**own, **given}
    return body


def body_of(write: Write, values: Mapping[str, Any], keys: Mapping[str, str]) -> JsonObject | list[JsonObject]:
    """Return the body of a call: an object, or the list of it where Box takes a list of operations."""
    body = laid(write, values, keys)
    return [body] if write.listed else body


def headers_of(write: Write, keys: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a call, with the type of its body where that is none of JSON's own."""
    kind = _JSON_PATCH if write.listed or write.patch is not None else {}
    return {**kind, **filled_headers(write.headers, write.values(keys))}


def patch(write: Write, values: Mapping[str, Any], current: JsonObject, version: Any = None) -> list[JsonObject]:
    """Return the JSON Patch (RFC 6902) that sets values at dotted places, and removes what is null of what is there.

    It has what differs from the row as it was read, also of a value that is the object itself. Where it `tests` one,
    the `version` that the statement names is compared, or else the one that was read; it is empty where nothing
    differs, unless a version that is named is yet to be compared.
    """
    values = {place: each for place, value in values.items() for place, each in _inner(write, place, value, current)}
    operations = _operations(write.patch, values, current)
    read = None if write.tests is None else current.get(write.tests)
    tested = read if version is None else version
    if tested is None or write.tests is None or (not operations and tested == read):
        return operations
    return [{"op": "test", "path": _pointer(write.tests), "value": tested}, *operations]


def _inner(write: Write, place: str, value: Any, current: JsonObject) -> list[tuple[str, Any]]:
    """Return what a value sets, by the places: one, or those of the object's own values, or of the list's elements.

    The names that begin with `$` are Box's own. Raises IntegrityError for a list that has not as many elements as the
    one at Box.
    """
    if place in write.elements:
        return _elements(write, place, value, dig(current, *steps(place)))
    if place:
        return [(place, value)]
    gone = dict.fromkeys(name for name in current if not name.startswith("$") and name not in value)
    return [(place_of_key(name), each) for name, each in {**gone, **value}.items()]


def _elements(write: Write, place: str, value: Any, current: Any) -> list[tuple[str, Any]]:
    there, wanted = (len(each) if isinstance(each, list) else 0 for each in (current, value))
    if there != wanted:
        raise IntegrityError(
            f"{write.operation}: Box has {there} {place} and sets each on its own, so {wanted} cannot take their "
            "place; DELETE the row and INSERT it anew"
        )
    changed = [number for number in range(there) if value[number] != current[number]]
    return [(f"{place}.{number}", value[number]) for number in changed]


def _operations(operation: str | None, values: Mapping[str, Any], current: JsonObject) -> list[JsonObject]:
    return [
        {"op": operation, "path": _pointer(place), "value": value}
        if value is not None
        else {"op": "remove", "path": _pointer(place)}
        for place, value in values.items()
        if value != dig(current, *steps(place))
    ]


def _pointer(place: str) -> str:
    """Return the JSON Pointer (RFC 6901) of a dotted place."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps(place))


def place_of(column: Column, verb: str, value: Any = ...) -> str:
    """Return the dotted place in the body where a column stands; raises InternalError for one without.

    NULL, as JSON's null, may stand in the place of the object around it.
    """
    place: str | None = column.removes if value is None and column.removes is not None else getattr(column, verb)
    if place is None:
        raise InternalError(f"column {column.name} has no place in what {verb}s it; please report it")
    return place


def file_content(column: Column, value: Any, form: Multipart) -> bytes:
    """Return a value of SQLite's as the content of a file that a form sends.

    Raises DataError for one that is neither bytes nor text, or is of no kind that Box takes, IntegrityError for NULL.
    """
    if value is None:
        raise IntegrityError(f"column {column.name} takes no NULL: Box cannot take its value away")
    if not isinstance(value, bytes | str):
        raise DataError(f"column {column.name} takes bytes, not {_shown(value)}")
    content = value if isinstance(value, bytes) else value.encode()
    named_file(form, content)
    return content


def named_file(form: Multipart, content: bytes) -> tuple[str, str]:
    """Return what a file is called, and its media type; raises DataError for one of no kind that Box takes."""
    if not form.kinds:
        return form.file_name, _ANY_MEDIA_TYPE
    found = next((named for beginning, named in form.kinds.items() if content.startswith(beginning)), None)
    if found is None:
        taken = " or ".join(media_type for _, media_type in form.kinds.values())
        raise DataError(f"column {form.column} takes a file of the type {taken}, and this one begins as none")
    return found


def json_value(column: Column, value: Any) -> Any:
    """Return a value of SQLite's as Box's JSON takes it; raises DataError, and IntegrityError for NULL."""
    if column.sent is not None:
        value = column.sent(value)
    if value is None:
        if column.removes is not None:
            return None
        if column.cleared is msgspec.UNSET:
            raise IntegrityError(f"column {column.name} takes no NULL: Box cannot take its value away")
        return column.cleared
    if isinstance(value, bytes):
        raise DataError(f"column {column.name} takes {_FORMS[column.type]}, not bytes")
    try:
        # An id out of a column of numbers is the text that it compares with.
        written = _WRITERS[column.type](comparable(value) if column.references else value)
    except (ValueError, msgspec.MsgspecError, ArithmeticError, RecursionError, DataError) as error:
        why = f": {error}" if isinstance(error, DataError | msgspec.DecodeError) and column.type is Type.JSON else ""
        raise DataError(f"column {column.name} takes {_FORMS[column.type]}, not {_shown(value)}{why}") from None
    form = column.form or (_OBJECT if "" in {column.insert, column.update} else None)
    if form is not None and not form.fits(written):
        raise DataError(f"column {column.name} takes {form.words}, not {_shown(value)}")
    return written


_OBJECT: Final = Form("an object of JSON", lambda value: isinstance(value, dict))


def object_of(write: Write, table: Table, values: Mapping[str, Any]) -> JsonObject:
    """Return Box's object as far as values of a row tell it that were read, by the places where they are written."""
    found: JsonObject = {}
    for name, value in values.items():
        column = table.columns[table.numbers[name]]
        place = write.tests if column.update is None else column.update
        if value is not None and place is not None:
            put(found, place, json_value(column, value))
    return found


def _integer(value: Any) -> int:
    if isinstance(value, str):
        if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= _SHOWN):
            raise ValueError("no whole number")
        return int(value)
    if int(value) != value:
        raise ValueError("a fraction")
    return int(value)


def _real(value: Any) -> float:
    number = numeric(value)
    if not isinstance(number, int | float) or not math.isfinite(number):
        raise ValueError("no number of JSON")
    return number


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
    Type.REAL: _real,
    Type.BOOLEAN: _boolean,
    Type.TIMESTAMP: rfc3339,
    Type.JSON: _json,
}
_FORMS: Final[Mapping[Type, str]] = {
    Type.TEXT: "text",
    Type.INTEGER: "a whole number",
    Type.REAL: "a number",
    Type.BOOLEAN: "true or false",
    Type.TIMESTAMP: "a moment, as YYYY-MM-DD HH:MM:SS",
    Type.JSON: "JSON as text",
}
