"""The columns of a metadata template's fields, and what values these take.

Source: https://developer.box.com/reference/resources/metadata-template/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.catalog.metadata.comments import comment_of
from box_dialect.catalog.metadata.names import column_names
from box_dialect.catalog.model import Column, Derived, Form, JsonObject, Location, Taxonomy, Type, place_of_key
from box_dialect.catalog.values import READERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TYPES: Final[Mapping[str, Type]] = {
    "string": Type.TEXT,
    "float": Type.REAL,
    "integer": Type.INTEGER,
    "date": Type.TIMESTAMP,
    "enum": Type.TEXT,
    "multiSelect": Type.JSON,
    "taxonomy": Type.JSON,
}
"""The column of a field, by the type of the field; one of another type is JSON."""

_CHOSEN: Final = frozenset({"enum", "multiSelect"})
"""The types of the fields that have options."""

_LISTS: Final = frozenset({"multiSelect", "taxonomy"})
"""The types of the fields that hold lists."""

PLAIN: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
"""The keys that stand in a predicate and in `fields` as they are."""


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


_LIST: Final = Form("a list of texts, as JSON", _is_list)
"""What multiSelect fields hold, and taxonomies: the keys of options, and the ids of nodes."""


def field_columns(fields: Sequence[JsonObject], *, clears: bool) -> list[Column]:
    """Return the columns of fields; `clears` tells that Box can take their values away."""
    made: list[Column] = []
    for field, name in zip(fields, column_names(each["key"] for each in fields), strict=True):
        key, kind = field["key"], _TYPES.get(field["type"], Type.JSON)
        options = tuple(option["key"] for option in field.get("options") or ()) if field["type"] in _CHOSEN else ()
        made.append(
            Column(
                name,
                kind,
                source=key if PLAIN.fullmatch(key) else None,
                derived=None if PLAIN.fullmatch(key) else _odd(key, kind),
                options=options,
                taxonomy=Taxonomy.of(field),
                form=_LIST if field["type"] in _LISTS else None,
                insert=place_of_key(key),
                update=place_of_key(key),
                cleared=None if clears else msgspec.UNSET,
                hidden=bool(field.get("hidden")),
                doc=comment_of(field, key) or "",
            )
        )
    return made


def _odd(key: str, kind: Type) -> Derived:
    """Return what reads a field whose key cannot be told from a path."""
    read = READERS[kind]
    return Derived(function=lambda entry, _: read(entry.get(key)), fields=())


def _properties(entry: JsonObject, _: Location | None) -> Any:
    values = {key: value for key, value in entry.items() if not key.startswith("$")}
    return READERS[Type.JSON](values)


PROPERTIES: Final = Column(
    "properties",
    Type.JSON,
    derived=Derived(function=_properties, fields=()),
    doc="All keys with their values, an object of texts.",
    form=Form("an object of texts, as JSON", _are_texts),
    insert="",
    update="",
)


def is_properties(template: JsonObject) -> bool:
    """Tell whether a template is `properties` of the global scope, which has no fields, but takes any key."""
    return (template["scope"], template["templateKey"]) == ("global", "properties")
