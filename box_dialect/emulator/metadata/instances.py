"""Keep metadata instances: the values that items have for the fields of a template.

Source: https://developer.box.com/reference/resources/metadata/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from box_dialect.emulator import access
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.errors import MetadataError
from box_dialect.emulator.model import File, Folder

from .json_patch import is_same
from .taxonomies import identify, written_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json, Reader
    from box_dialect.emulator.state import State

    from .templates import Field, Template

MAX_INSTANCES = 100
"""How many instances an item may have: https://developer.box.com/guides/metadata/instances."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(slots=True, eq=False, kw_only=True)
class Instance(Entity):
    """What an item has for the fields of a template; `version` counts the changes of values."""

    type, table, first_id = "metadata_instance", "metadata_instances", 984_000_001
    owners, is_queried = ("item", "template"), True
    item: File | Folder
    template: Template
    values: Json
    version: int = 0

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    def copy_for(self, owner: Entity) -> Self | None:
        """Return what a copy of the item has: the same values, if the template wants it."""
        if not self.template.copy_instance_on_item_copy or not isinstance(owner, File | Folder):
            return None
        return type(self)(item=owner, template=self.template, values=dict(self.values))

    def written(self) -> Json:
        """Write the full representation."""
        user = access.reader.get()
        can_edit = user is None or "can_rename" in access.permissions(user, self.item)
        return {**self.listed(), "$canEdit": can_edit}

    def listed(self) -> Json:
        """Write what lists of an item's instances have."""
        return {
            **self.values, **self.base(), "$id": self.id, "$type": f"{self.template.key}-{self.template.id}",
            "$typeVersion": self.template.version,
        }  # fmt: skip

    def base(self) -> Json:
        """Write the base representation, which has no values."""
        return {
            "$parent": f"{self.item.type}_{self.item.id}", "$template": self.template.key,
            "$scope": self.template.scope, "$version": self.version,
        }  # fmt: skip


def hydrated(instance: Instance, written: Json) -> Json:
    """Return an instance as it was written, with whole nodes in the place of their ids."""
    taxonomies = [(field.key, field.taxonomy) for field in instance.template.fields if field.taxonomy is not None]
    nodes = {
        key: [written_node(node) for each in written[key] if (node := taxonomy.node(each)) is not None]
        for key, taxonomy in taxonomies
        if key in written
    }
    return written | nodes


def moment(text: object) -> datetime | None:
    """Return the moment that a date value is, or None for what is no date and time of RFC 3339."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_number(value: object) -> bool:
    """Tell whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_options(field: Field, value: object) -> bool:
    return isinstance(value, list) and all(field.option(each) is not None for each in value)


def _are_nodes(field: Field, value: object) -> bool:
    if not isinstance(value, list) or field.taxonomy is None:
        return False
    levels, nodes = field.rules.get("selectableLevels"), [field.taxonomy.node(each) for each in value]
    return (len(nodes) <= 1 or field.rules.get("multiSelect", False)) and all(
        node is not None and (levels is None or node.level in levels) for node in nodes
    )


_FITS: Final[dict[str, Callable[[Field, Any], bool]]] = {
    "string": lambda _, value: isinstance(value, str),
    "float": lambda _, value: is_number(value),
    "date": lambda _, value: moment(value) is not None,
    "enum": lambda field, value: isinstance(value, str) and field.option(value) is not None,
    "multiSelect": _are_options,
    "taxonomy": _are_nodes,
}
"""Tells by the type of a field whether it takes a value."""


def check_values(template: Template, values: Mapping[str, Any]) -> None:
    """Raise the 400 for a value that no field of a template takes."""
    for key, value in values.items():
        field = template.field(key)
        if template.takes_anything:
            fits = bool(key) and not key.startswith("$") and isinstance(value, str)
        else:
            fits = field is not None and _FITS[field.type](field, value)
        if not fits:
            why = f"A {field.type} field does not take the value of '{key}'" if field else f"There is no field '{key}'"
            raise MetadataError(400, "schema_validation_failed", why)


def instance_of(item: Item, template: Template | None) -> Instance | None:
    """Return the instance of a template that an item has."""
    return next((each for each in item.of(Instance).values() if each.template is template), None)


def add_instance(store: State, item: File | Folder, template: Template, values: Mapping[str, Any]) -> Instance:
    """Give an item, which has none yet, an instance of a template; raise BoxError for values that do not fit."""
    check_values(template, values)
    return store.add(Instance(item=item, template=template, values=dict(values)))


def change_values(store: State, instance: Instance, values: Json) -> None:
    """Give an instance other values, which the fields of its template must take."""
    before = instance.values
    changed = {key: value for key, value in values.items() if key not in before or not is_same(before[key], value)}
    check_values(instance.template, changed)
    if changed or before.keys() != values.keys():
        store.change(instance, {"values": values, "version": instance.version + 1})


def nested(item: Item, paths: Iterable[Sequence[str]], whole: Callable[[Instance], Json]) -> Json:
    """Write instances of an item by scope and template, as far as paths lead to them.

    A path of two steps leads to what `whole` writes, and further steps to the base representation with values of these
    keys.
    """
    written: Json = {}
    for scope, key, *further in paths:
        instance = next((each for each in item.of(Instance).values() if _names(each) == (scope, key)), None)
        if instance is not None:
            known = written.setdefault(scope, {}).setdefault(key, instance.base())
            values = instance.values
            known |= {name: values[name] for name in further if name in values} if further else whole(instance)
    return written


def _names(instance: Instance) -> tuple[str, str]:
    return instance.template.scope, instance.template.key


def reader_of(paths: Sequence[str]) -> Reader:
    """Return what reads the instances of an item that some paths name, each of a scope and the key of a template."""
    steps = [step for step in (path.split(".") for path in paths) if len(step) == 2]
    return lambda item: nested(item, steps, Instance.written)
