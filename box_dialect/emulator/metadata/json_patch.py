"""Change a JSON object of texts, numbers and lists by the operations of RFC 6902, all of them or none."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.errors import MetadataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.representations import Json

PatchOperation = TypedDict(
    "PatchOperation",
    {
        "op": Literal["add", "replace", "remove", "test", "move", "copy"],
        "path": str,
        "value": Any,
        "from": str,
    },
    total=False,
)
"""One operation, as https://developer.box.com/reference/put-files-id-metadata-id-id/ has it."""

_NEEDS = {"move": "from", "copy": "from", "add": "value", "replace": "value", "test": "value"}


def patched(document: Json, operations: Sequence[Json]) -> Json:
    """Return an object as the operations leave it.

    Raises BoxError: HTTP 400 for what is no operation, 409 for one that the object is not fit for.
    """
    whole = deepcopy(document)
    for operation in operations:
        name = operation.get("op", "")
        missing = [key for key in ("op", "path", _NEEDS.get(name, "op")) if key not in operation]
        if missing:
            raise errors.missing_parameter(*dict.fromkeys(missing))
        _carry_out(whole, operation)
    return whole


def _carry_out(whole: Json, operation: Json) -> None:
    name, path = operation["op"], _steps(operation["path"])
    if name == "test":
        if not is_same(_read(whole, path), operation["value"]):
            raise _failed("value differs from expectations")
        return
    value = deepcopy(_read(whole, _steps(operation["from"])) if _NEEDS.get(name) == "from" else operation.get("value"))
    if name == "move":
        _remove(whole, _steps(operation["from"]))
    if name in ("remove", "replace"):
        _read(whole, path)
    if name == "remove":
        _remove(whole, path)
    elif name == "replace":
        _put(whole, path, value)
    else:
        _insert(whole, path, value)


def _steps(pointer: str) -> list[str]:
    """Return the keys that a JSON pointer names, of which a place within an object needs one at least."""
    if not pointer.startswith("/"):
        raise errors.invalid_parameter("path", pointer, "A path begins with '/'")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def _failed(why: str) -> MetadataError:
    return MetadataError(409, "failed_json_patch_application", why)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal as JSON has it, which knows no boolean that equals a number."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _index(step: str, size: int) -> int:
    if not (step.isascii() and step.isdigit()) or int(step[:9]) >= size or step != str(int(step[:9])):
        raise _failed("there is no such place in the list")
    return int(step)


def _read(whole: Any, path: list[str]) -> Any:
    value = whole
    for step in path:
        if isinstance(value, list):
            value = value[_index(step, len(value))]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            raise _failed("there is no value at the path")
    return value


def _remove(whole: Json, path: list[str]) -> None:
    place = _read(whole, path[:-1])
    _read(place, path[-1:])
    del place[int(path[-1]) if isinstance(place, list) else path[-1]]


def _put(whole: Json, path: list[str], value: Any) -> None:
    place = _read(whole, path[:-1])
    place[int(path[-1]) if isinstance(place, list) else path[-1]] = value


def _insert(whole: Json, path: list[str], value: Any) -> None:
    place, step = _read(whole, path[:-1]), path[-1]
    if isinstance(place, list):
        place.insert(len(place) if step == "-" else _index(step, len(place) + 1), value)
    elif isinstance(place, dict):
        place[step] = value
    else:
        raise _failed("there is no such place")
