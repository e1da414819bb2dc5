"""What Box's API answers, as the catalog's functions see it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from box_dialect.api import ApiPath

JsonObject: TypeAlias = dict[str, Any]
"""A decoded object of Box's API."""


class Slotted(msgspec.Struct):
    """An object of Box's API, of which only the fields that are asked for were decoded; it is read as a dictionary."""

    def get(self, name: str) -> Any:
        """Return the value of a field, None where Box left it out; raises AttributeError for one not asked for."""
        return getattr(self, name)

    __getitem__ = get


OBJECTS: Final = (dict, Slotted)
"""The types that objects of Box's API are decoded as."""


def steps(place: str) -> list[str]:
    """Return the keys that lead to a dotted place; a dot within a key has a backslash before it, as has a backslash."""
    if "\\" not in place:
        return place.split(".")
    return [re.sub(r"\\(.)", r"\1", each) for each in re.findall(r"(?:[^.\\]|\\.)+", place)]


def place_of_key(key: str) -> str:
    """Return the dotted place of a key, whatever characters it has."""
    return re.sub(r"([.\\])", r"\\\1", key)


def dig(entry: JsonObject, *place: str) -> Any:
    """Return the value at a place of Box's object, None where it does not reach."""
    value: Any = entry
    for key in place:
        if not isinstance(value, OBJECTS):
            return None
        value = value.get(key)
    return value


def put(body: dict[str, Any], place: str, value: Any) -> None:
    """Set the value at a dotted place of a JSON object, and make the objects that lead there.

    In a list that leads there the step is the number of an element, the first one's 0. At an empty place the value is
    an object, whose values are set.
    """
    if not place:
        body.update(value)
        return
    *outer, last = steps(place)
    around: Any = body
    for name in outer:
        around = around[int(name)] if isinstance(around, list) else around.setdefault(name, {})
    around[last] = value


Fetch: TypeAlias = Callable[..., Awaitable[JsonObject | None]]
"""Get the object of an id, and of what else its path names; None where Box says that there is no such object."""


class Remote(NamedTuple):
    """A value that is still at Box: the path of the API that gives it, and how many bytes it has, where Box tells.

    It is read as the user whom `as_user` names, None for the one who is signed in. Where there is a `hint`, the path is
    a file's, and the value is the text of the representation that the hint asks for, about whose size nothing is known.

    Source: https://developer.box.com/guides/representations/
    """

    path: ApiPath
    size: int | None
    as_user: str | None = None
    hint: str | None = None

    @property
    def key(self) -> tuple[ApiPath, str | None, str | None]:
        """What it has in common with another one that is the same value."""
        return self.path, self.as_user, self.hint


@dataclass(frozen=True, slots=True)
class Location:
    """A folder as a walk knows it: its id, its path with a slash at the end, its depth (0 for the root).

    `ancestors` are the ids of the folders above it, from the root down.
    """

    id: str
    prefix: str
    depth: int
    ancestors: tuple[str, ...] = ()
