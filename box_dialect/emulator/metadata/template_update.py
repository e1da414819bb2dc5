"""Change a template by Box's operations, all of them or none, with what each does to the values that items have.

Source: https://developer.box.com/guides/metadata/templates/update
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import judge

from .classifications import Label
from .instances import Instance
from .taxonomies import identify
from .templates import Field, NewField, Option, make_field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.state import State

    from .templates import Template

DisplayName = Annotated[str, Meta(max_length=4096)]


class _Operation(TypedDict):
    op: Literal[
        "editTemplate", "addField", "reorderFields", "addEnumOption", "reorderEnumOptions", "reorderMultiSelectOptions",
        "addMultiSelectOption", "editField", "removeField", "editEnumOption", "removeEnumOption",
        "editMultiSelectOption", "removeMultiSelectOption",
    ]  # fmt: skip


class TemplateOperation(_Operation, total=False):
    """One change of a template, with what it needs."""

    data: dict[str, Any]
    fieldKey: str
    fieldKeys: list[str]
    enumOptionKey: str
    enumOptionKeys: list[str]
    multiSelectOptionKey: str
    multiSelectOptionKeys: list[str]


class _TemplateData(TypedDict, total=False):
    displayName: DisplayName
    hidden: bool
    copyInstanceOnItemCopy: bool


class _FieldData(TypedDict, total=False):
    key: Annotated[str, Meta(max_length=256)]
    displayName: DisplayName
    description: DisplayName
    hidden: bool


class Draft:
    """A template as it is to be: a copy, which operations change, and what they do to values, for when all succeeded.

    Each method carries out one operation; it raises BoxError, HTTP 400, for one that cannot be.
    """

    def __init__(self, store: State, template: Template) -> None:
        self._store, self._template = store, template
        self._changes: dict[str, Any] = {}
        self._fields = [
            replace(field, options=[replace(option) for option in field.options]) for field in template.fields
        ]
        self._migrations: list[Callable[[Json], None]] = []

    def apply(self, operations: Sequence[Json]) -> None:
        """Carry out operations."""
        for operation in operations:
            OPERATIONS[operation["op"]](self, operation)

    def commit(self) -> None:
        """Give the template its new form, and the values of its instances with it."""
        version = self._template.version + 1
        self._store.change(self._template, {**self._changes, "fields": self._fields, "version": version})
        for instance in self._template.of(Instance).values() if self._migrations else ():
            values = deepcopy(instance.values)
            for migrate in self._migrations:
                migrate(values)
            self._store.change(instance, {"values": values})

    def edit_template(self, operation: Json) -> None:
        """Change the display name, and whether the template is hidden and goes along with copies."""
        data = judge(_needed(operation, "data"), _TemplateData)
        names = {"displayName": "display_name", "copyInstanceOnItemCopy": "copy_instance_on_item_copy"}
        self._changes |= {names.get(name, name): value for name, value in data.items()}

    def add_field(self, operation: Json) -> None:
        """Append a field; its key may also be the operation's."""
        data = judge({"key": operation.get("fieldKey"), **_needed(operation, "data")}, NewField)
        template = self._template
        self._fields.append(make_field(self._store, data, self._fields, template.id, template.version))

    def reorder_fields(self, operation: Json) -> None:
        """Put the fields into another order, which names each one."""
        keys = _needed(operation, "fieldKeys")
        _check_same(keys, [field.key for field in self._fields], "fieldKeys")
        self._fields.sort(key=lambda field: keys.index(field.key))

    def edit_field(self, operation: Json) -> None:
        """Change what a field is called; values follow its key."""
        field, raw = self._field(operation), _needed(operation, "data")
        if raw.get("type", field.type) != field.type:
            raise errors.invalid_parameter("data.type", raw["type"], "The type of a field cannot be changed")
        data = judge(raw, _FieldData)
        old, new = field.key, data.get("key", field.key)
        if new != old:
            if not new or new.startswith("$") or any(each.key == new for each in self._fields):
                raise errors.invalid_parameter("data.key", new, "A field needs a key of its own")
            self._migrations.append(lambda values: _rename(values, old, new))
        field.key, field.display_name = new, data.get("displayName", field.display_name)
        field.description, field.hidden = data.get("description", field.description), data.get("hidden", field.hidden)

    def remove_field(self, operation: Json) -> None:
        """Remove a field with all its values."""
        field = self._field(operation)
        self._fields.remove(field)
        key = field.key
        self._migrations.append(lambda values: values.pop(key, None))

    def add_option(self, operation: Json, kind: str) -> None:
        """Append an option to a field."""
        field, data = self._field(operation, kind), judge(_needed(operation, "data"), Label)
        key = data["key"]
        self._check_free(field, key)
        identity = identify(field.id, self._template.version, key)
        field.options.append(Option(id=identity, key=key, static_config=data.get("staticConfig")))

    def edit_option(self, operation: Json, kind: str) -> None:
        """Give an option another key, which values follow."""
        field, option = self._option(operation, kind)
        data = judge(_needed(operation, "data"), Label)
        old, new, key = option.key, data["key"], field.key
        option.static_config = data.get("staticConfig", option.static_config)
        if new != old:
            self._check_free(field, new)
            option.key = new
            self._migrations.append(lambda values: _replace(values, key, old, new))

    def remove_option(self, operation: Json, kind: str) -> None:
        """Remove an option, with the values that are it."""
        field, option = self._option(operation, kind)
        field.options.remove(option)
        gone, key = option.key, field.key
        self._migrations.append(lambda values: _replace(values, key, gone, None))

    def reorder_options(self, operation: Json, kind: str) -> None:
        """Put the options of a field into another order, which names each one."""
        field, name = self._field(operation, kind), f"{kind}OptionKeys"
        keys = _needed(operation, name)
        _check_same(keys, [option.key for option in field.options], name)
        field.options.sort(key=lambda option: keys.index(option.key))

    def _field(self, operation: Json, kind: str | None = None) -> Field:
        key = _needed(operation, "fieldKey")
        field = next((each for each in self._fields if each.key == key), None)
        if field is None or kind not in (None, field.type):
            raise errors.invalid_parameter("fieldKey", key, f"The template has no such field{_of(kind)}")
        return field

    def _option(self, operation: Json, kind: str) -> tuple[Field, Option]:
        field, name = self._field(operation, kind), f"{kind}OptionKey"
        key = _needed(operation, name)
        option = field.option(key)
        if option is None:
            raise errors.invalid_parameter(name, key, "The field has no such option")
        return field, option

    def _check_free(self, field: Field, key: str) -> None:
        if field.option(key) is not None:
            raise errors.invalid_parameter("data.key", key, "The field has this option already")


OPERATIONS: Final[dict[str, Callable[[Draft, Json], None]]] = {
    "editTemplate": Draft.edit_template,
    "addField": Draft.add_field,
    "reorderFields": Draft.reorder_fields,
    "editField": Draft.edit_field,
    "removeField": Draft.remove_field,
    "addEnumOption": lambda draft, operation: draft.add_option(operation, "enum"),
    "editEnumOption": lambda draft, operation: draft.edit_option(operation, "enum"),
    "removeEnumOption": lambda draft, operation: draft.remove_option(operation, "enum"),
    "reorderEnumOptions": lambda draft, operation: draft.reorder_options(operation, "enum"),
    "addMultiSelectOption": lambda draft, operation: draft.add_option(operation, "multiSelect"),
    "editMultiSelectOption": lambda draft, operation: draft.edit_option(operation, "multiSelect"),
    "removeMultiSelectOption": lambda draft, operation: draft.remove_option(operation, "multiSelect"),
    "reorderMultiSelectOptions": lambda draft, operation: draft.reorder_options(operation, "multiSelect"),
}
"""What carries out each operation."""


def _needed(operation: Json, name: str) -> Any:
    if name not in operation:
        raise errors.missing_parameter(name)
    return operation[name]


def _of(kind: str | None) -> str:
    return f" of the type {kind}" if kind else ""


def _check_same(named: list[str], known: list[str], parameter: str) -> None:
    if sorted(named) != sorted(known):
        raise errors.invalid_parameter(parameter, named, "The order must name each one, and each one once")


def _rename(values: Json, old: str, new: str) -> None:
    if old in values:
        values[new] = values.pop(old)


def _replace(values: Json, key: str, old: str, new: str | None) -> None:
    """Put another option, or none, in the place of one: in a list of them, or where a value is that one."""
    value = values.get(key)
    if isinstance(value, list):
        replaced = (new if each == old else each for each in value)
        values[key] = [each for each in replaced if each is not None]
    elif value == old and new is None:
        del values[key]
    elif value == old:
        values[key] = new
