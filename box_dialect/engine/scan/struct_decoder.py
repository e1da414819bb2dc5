"""Struct decoder: JSON into slotted objects that have the fields which columns are read from, and no others.

That takes half the time of decoding all there is into dictionaries, and so does reading the values from there. It is
for the further pages of a listing: the types have to be made first, which is more work than a few objects are.
"""

from __future__ import annotations

import keyword
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

import msgspec
from msgspec import Struct

from box_dialect.catalog.model import Endpoint, Slotted, Table, Type

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Places: TypeAlias = frozenset[tuple[tuple[str, ...], Type]]

_TAKEN: Final = frozenset(dir(Slotted))

_MOST_KEPT: Final = 128
"""Types that are kept, for the listings to come: they take milliseconds to make."""


class StructType(Struct, frozen=True, eq=False):
    """The type of an object, and the shapes of those within it that are slotted too."""

    type: type[Slotted]
    inner: Mapping[str, StructType]

    def has(self, name: str) -> bool:
        """Tell whether a field is decoded."""
        return name in self.type.__struct_fields__


def shape(table: Table, names: Collection[str], endpoint: Endpoint) -> StructType | None:
    """Return the shape of an endpoint's objects with these fields; None where the name of one cannot be a slot's."""
    asked = [column for column in table.columns if column.named is None or column.named in names]
    whole = frozenset(name.split(".")[0] for c in asked if c.derived is not None for name in c.derived.fields)
    places = {tuple(place.split(".")): Type.TEXT for place in (*endpoint.keep, *filter(None, [endpoint.own]))}
    places |= {column.place: column.type for column in asked if column.derived is None}
    return _shape(frozenset({"id", "type", *(name.split(".")[0] for name in names)}), frozenset(places.items()), whole)


@lru_cache(maxsize=_MOST_KEPT)
def decoder(found: StructType) -> msgspec.json.Decoder[Any]:
    """Return what decodes a page of objects of a shape; a page of another form raises ValidationError."""
    known = dict.fromkeys(("total_count", "limit", "offset", "next_marker", "next_stream_position", "chunk_size"), Any)
    page = TypedDict("page", {"entries": list[found.type], **known}, total=False)  # type: ignore[misc, name-defined]
    return msgspec.json.Decoder(page)


@lru_cache(maxsize=_MOST_KEPT)
def _shape(names: frozenset[str], places: Places, whole: frozenset[str] = frozenset()) -> StructType | None:
    """Return the shape of an object by the places within it; those of `whole` are decoded as they are."""
    if any(not name.isidentifier() or keyword.iskeyword(name) or name in _TAKEN for name in names):
        return None
    fields: list[tuple[str, Any, Any]] = []
    inner: dict[str, StructType] = {}
    for name in sorted(names):
        below = {place[1:]: kind for place, kind in places if place[0] == name}
        if name in whole or not below:
            fields.append((name, Any, None))
        elif () in below:
            fields.append((name, msgspec.Raw if {*below.values()} == {Type.JSON} else Any, None))
        else:
            within = _shape(frozenset(place[0] for place in below), frozenset(below.items()))
            if within is None:
                return None
            inner[name] = within
            fields.append((name, within.type | None, None))
    made: Any = msgspec.defstruct("Object", fields, bases=(Slotted,), gc=False)
    return StructType(made, inner)
