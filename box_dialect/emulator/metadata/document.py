"""Tell what queries know of an item: its fields that they have names for, and the values of its instances.

Source: https://developer.box.com/guides/metadata/queries/item-fields
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from box_dialect.emulator.index import Index
from box_dialect.emulator.model import File

from .evaluation import Document, Reference
from .instances import Instance, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from box_dialect.emulator.model import Item

    from .templates import Field, Template


@lru_cache(maxsize=65536)
def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _enterprise(item: Item) -> str | None:
    return None if item.owned_by.enterprise is None else item.owned_by.enterprise["id"]


ITEM_FIELDS: Final[dict[str, tuple[str, Callable[[Item], Any]]]] = {
    "type": ("string", lambda item: item.type),
    "name": ("string", lambda item: item.name),
    "description": ("string", lambda item: item.description),
    "extension": ("string", lambda item: item.extension if isinstance(item, File) else None),
    "owned_by": ("string", lambda item: f"user_{item.owned_by.id}"),
    "owner_enterprise_id": ("string", _enterprise),
    "created_at": ("date", lambda item: _time(item.created_at)),
    "modified_at": ("date", lambda item: _time(item.modified_at)),
    "content_created_at": ("date", lambda item: _time(getattr(item, "content_created_at", None))),
    "content_modified_at": ("date", lambda item: _time(getattr(item, "content_modified_at", None))),
    "quick_search_content": ("words", lambda item: f"{item.name}\n{item.description}"),
}
"""The kind of each field of items, and what reads it."""


class _Current:
    """The fields of an item as they are, each read when it is asked for."""

    __slots__ = ("_item",)

    def __init__(self, item: Item) -> None:
        self._item = item

    def __getitem__(self, name: str) -> Any:
        return ITEM_FIELDS[name][1](self._item)


def current(instance: Instance) -> Document:
    """Return what is known of the item of an instance, and of that instance alone, at the moment."""
    template = instance.template
    return Document(instance.item, _Current(instance.item), {(template.scope, template.key): instance.values})


def kept(item: Item) -> Document:
    """Return what is known of an item and of all its instances, as it stays when the item changes."""
    fields = {name: read(item) for name, (_, read) in ITEM_FIELDS.items()}
    instances = item.of(Instance).values()
    return Document(item, fields, {(each.template.scope, each.template.key): dict(each.values) for each in instances})


def item_reference(name: str) -> Reference | None:
    """Return what a field of items is, if it is one that queries know."""
    known = ITEM_FIELDS.get(name)
    return None if known is None else Reference(known[0], lambda document: document.fields[name])


def field_reference(template: Template, field: Field) -> Reference:
    """Return what a field of a template is; where an item has no instance, its value is absent."""
    place, key = (template.scope, template.key), field.key
    nothing: dict[str, Any] = {}

    def read(document: Document) -> Any:
        return document.values.get(place, nothing).get(key)

    def read_moment(document: Document) -> Any:
        return moment(read(document))

    return Reference(field.type, read_moment if field.type == "date" else read, field.taxonomy)


class QueryIndex(Index[Document]):
    """What the Query API knows of all items, which may lag behind."""

    def __init__(self, known: Mapping[str, Mapping[str, Item]]) -> None:
        super().__init__(known)
        self.documents: dict[Item, Document] = {}

    def _look(self, item: Item) -> Document:
        return kept(item)

    def _learn(self, seen: list[tuple[Item, Document | None]]) -> None:
        for item, document in seen:
            if document is None:
                self.documents.pop(item, None)
            else:
                self.documents[item] = document
