"""Judge the bodies of requests by the types that Box's document says they have.

A body is declared beside its route, as a TypedDict: required keys, types, which of them may be null, and bounds. Keys
that are not declared are dropped, as Box ignores them.

Source: https://github.com/box/box-openapi
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypedDict, get_args, get_type_hints

import msgspec
from msgspec import Meta, inspect

from . import clock, errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .representations import Json

Description: TypeAlias = Annotated[str, Meta(max_length=256)]
Tags: TypeAlias = Annotated[list[str], Meta(max_length=100)]


class Moment(int):
    """Unix seconds, which bodies write as a time of RFC 3339, or as a date."""


class Identified(TypedDict):
    """What is named by its id."""

    id: str


class Place(TypedDict, total=False):
    """The folder that something is to lie in, or with `user_id` the root folder of a user."""

    id: str
    user_id: str


class Collected(TypedDict, total=False):
    """A collection that an item is to be in."""

    id: str
    type: str


_UNTOLD = ("password",)  # what no answer repeats
_WHERE = re.compile(r"(?P<why>.*) - at `\$\.?(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+")


def read(data: bytes, kind: Any) -> Json:
    """Return a JSON object of a type, which is a TypedDict or a dict; no bytes are an empty object.

    Raises BoxError, HTTP 400, for what is no JSON object, and for all that it lacks or the first value that is wrong.
    """
    try:
        body = msgspec.json.decode(data or b"{}", type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise errors.bad_request("bad_request", "The request body is not a JSON object") from None
    return judge(body, kind)


def read_list(data: bytes, kind: Any) -> list[Json]:
    """Return a JSON list of objects of a type, which is a list of TypedDicts; raise BoxError as `read` does."""
    try:
        entries = msgspec.json.decode(data, type=list[dict[str, Any]])
    except (msgspec.DecodeError, RecursionError):
        raise errors.bad_request("bad_request", "The request body is not a JSON list of objects") from None
    (of_entry,) = get_args(kind)
    return [judge(entry, of_entry) for entry in entries]


def judge(body: Json, kind: Any) -> Json:
    """Return an object, of a body or within one, as a type that is a TypedDict or a dict; raise BoxError as `read`."""
    missing = list(_missing(kind, body))
    if missing:
        raise errors.missing_parameter(*missing)
    try:
        judged: Json = msgspec.convert(body, kind, dec_hook=_moment)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), body) from None
    return judged


def _moment(_kind: type, text: object) -> Moment:
    if not isinstance(text, str):
        raise TypeError("Expected a date and time of RFC 3339")
    return Moment(clock.parse(text))


@cache
def _fields(kind: Any) -> list[inspect.Field]:
    """Return the keys of a TypedDict as they are declared, which msgspec sorts; a dict has none."""
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.TypedDictType):
        return []
    declared = list(get_type_hints(kind))
    return sorted(described.fields, key=lambda field: declared.index(field.name))


def _missing(kind: Any, body: Json, above: str = "") -> Iterator[str]:
    """Yield the required keys that are absent or null; a dot leads into an object, if there is one."""
    for field in _fields(kind):
        value = body.get(field.name)
        if field.required and value is None:
            yield f"{above}{field.name}"
        elif isinstance(field.type, inspect.TypedDictType) and isinstance(value, dict):
            yield from _missing(field.type.cls, value, f"{above}{field.name}.")


def _refusal(message: str, body: Json) -> errors.BoxError:
    """Write an error of msgspec's as Box's, with the name and the value of the key that it is about."""
    match = _WHERE.fullmatch(message)
    why, path = (match["why"], match["path"]) if match else (message, "")
    value: Any = body
    for step in _STEP.findall(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit():
            value = value[int(step)]
    name = path.partition("[")[0]
    told = "…" if path.rpartition(".")[2] in _UNTOLD else msgspec.json.encode(value).decode().strip('"')
    return errors.invalid_parameter(name, told, why)
