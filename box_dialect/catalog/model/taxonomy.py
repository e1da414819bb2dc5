"""Taxonomies: trees of nodes, which are the values of a field of a metadata template.

Source: https://developer.box.com/reference/resources/metadata-template/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from box_dialect.catalog.model.objects import JsonObject


class Taxonomy(Struct, frozen=True):
    """The taxonomy whose nodes a field takes: several ones where it is `multiple`, those of some `levels` or of all."""

    namespace: str
    key: str
    multiple: bool = False
    levels: tuple[int, ...] = ()

    @classmethod
    def of(cls, field: JsonObject) -> Taxonomy | None:
        """Return the taxonomy of a field as Box answers it, None for a field that tells of none."""
        if not field.get("taxonomyKey"):
            return None
        rules = field.get("optionsRules") or {}
        levels = tuple(rules.get("selectableLevels") or ())
        return cls(field["namespace"], field["taxonomyKey"], bool(rules.get("multiSelect")), levels)

    @property
    def json(self) -> JsonObject:
        """What a body has for it."""
        levels = {"selectableLevels": [*self.levels]} if self.levels else {}
        rules = {"multiSelect": self.multiple, **levels}
        return {"taxonomyKey": self.key, "namespace": self.namespace, "optionsRules": rules}
