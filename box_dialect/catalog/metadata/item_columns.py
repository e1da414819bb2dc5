"""The fields of metadata templates as columns of `files` and `folders`, which `IncludeCustomFields` adds.

Box tells them with an item where `fields` names the template, so that they cost no call of their own.

Source: https://developer.box.com/guides/api-calls/request-extra-fields/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.metadata.columns import PROPERTIES, field_columns, is_properties
from box_dialect.catalog.metadata.instances import place_of
from box_dialect.catalog.metadata.names import free, scope_word
from box_dialect.catalog.model import Column, Derived, Slotted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from box_dialect.catalog.metadata.names import Named
    from box_dialect.catalog.model import JsonObject, Location

ITEM_TABLES: Final = ("files", "folders")
"""The tables whose rows may have instances of templates."""


def item_columns(templates: Iterable[Named], taken: Collection[str]) -> Iterator[Column]:
    """Yield a column for each field of templates: `enterprise_contract_amount`.

    `taken` are names of others, in lower case; of those that differ by case alone, later ones get `_2`.
    """
    used = {*taken}
    for template, table, _ in templates:
        scope, key = scope_word(template), template["templateKey"]
        indexed = scope != "global"  # the Query API refuses that scope
        for name, column in _columns(template):
            called = free("_".join(filter(None, (scope, key, name))), used.__contains__)
            used.add(called.lower())
            of_item = replace(_of_item(column, template), name=called, indexed=indexed)
            yield replace(of_item, insert=None, update=None, written_in=table)


def _columns(template: JsonObject) -> Iterator[tuple[str, Column]]:
    """Yield what reads the fields of an instance, each with the key of its field."""
    fields = template.get("fields") or []
    yield from zip((field["key"] for field in fields), field_columns(fields, clears=False), strict=True)
    if is_properties(template):
        yield "", PROPERTIES


def _of_item(column: Column, template: JsonObject) -> Column:
    """Return what reads a field of an item that has an instance, of what reads it of the instance."""
    place = place_of(template)
    if column.derived is None:
        return replace(column, source=f"{place}.{column.source}", named=place)
    read, steps = column.derived.function, place.split(".", 2)

    def of_item(entry: JsonObject, location: Location | None) -> Any:
        found: Any = entry
        for step in steps:
            found = getattr(found, step, None) if isinstance(found, Slotted) else found.get(step)
            if not found:
                return None
        return read(found, location)

    return replace(column, derived=Derived(function=of_item, fields=(place,)), named=place)
