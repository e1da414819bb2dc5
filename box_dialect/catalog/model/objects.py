"""What Box's API answers, as the catalog's functions see it."""

from __future__ import annotations

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


def dig(entry: JsonObject, *place: str) -> Any:
    """Return the value at a place of Box's object, None where it does not reach."""
    value: Any = entry
    for key in place:
        if not isinstance(value, OBJECTS):
            return None
        value = value.get(key)
    return value


Fetch: TypeAlias = Callable[[str], Awaitable[JsonObject | None]]
"""Get the object of an id; None where Box says that there is no such object."""


class Remote(NamedTuple):
    """Bytes that are still at Box: the path of the API that gives them, and how many they are, where Box tells."""

    path: ApiPath
    size: int | None


@dataclass(frozen=True, slots=True)
class Location:
    """A folder as a walk knows it: its id, its path with a slash at the end, and its depth (0 for the root)."""

    id: str
    prefix: str
    depth: int
