"""Changes of a metadata template: ALTER TABLE and COMMENT ON as Box's operations, of which one call carries out all.

Source: https://developer.box.com/reference/put-metadata-templates-id-id-schema/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import msgspec
from msgspec import Struct

from box_dialect.api import ApiCall
from box_dialect.catalog.metadata.comments import comment_of
from box_dialect.catalog.metadata.definition import (
    FieldDefinition,
    FieldType,
    checked_field_key,
    checked_name,
    checked_options,
    field_names,
    schema_path,
    template_key,
)
from box_dialect.catalog.metadata.names import FIXED, column_names, field_key, scope_and_key
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.catalog.model import JsonObject

_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}

_WRITTEN: Final = {"string": "TEXT", "float": "REAL", "date": "TIMESTAMP", "enum": "ENUM", "multiSelect": "MULTISELECT"}
"""What the types of fields are called in SQL."""


class Change(Protocol):
    """A change of a template."""

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operations that carry it out; the draft becomes what the template is then.

        Raises ProgrammingError or NotSupportedError where the template is not such that they could be.
        """


class AlterTemplate(Struct, frozen=True):
    """Change a template: all of its changes, or none where one fails."""

    table: str
    changes: tuple[Change, ...]
    if_exists: bool = False

    def call(self, template: JsonObject | None = None) -> ApiCall | None:
        """Return the call; None where nothing changes.

        `template` is the template as it is, or as much as is known of it: its `fields`, with `key`, `type` and
        `options`. Without it each column is taken for the field of its name; raises ProgrammingError then for what
        depends on the options that there are.
        """
        draft = Draft(self.table, template)
        operations = [operation for change in self.changes for operation in change.operations(draft)]
        if not operations:
            return None
        return ApiCall("PUT", schema_path(template_key(self.table, template)), body=operations, headers=_JSON_PATCH)

    @property
    def renamed(self) -> str | None:
        """The display name that RENAME TO gives, None without one."""
        return next((change.shown for change in self.changes if isinstance(change, RenameTable)), None)


class Draft:
    """A template as it is after the changes so far; `fields` is None where nothing is known of it."""

    def __init__(self, table: str, template: JsonObject | None) -> None:
        self.table = table
        self.key = template_key(table, template)
        known = None if template is None else template.get("fields")
        self.fields: list[JsonObject] | None = None if known is None else [{**field} for field in known]

    def columns(self) -> list[str]:
        """Return the names of the columns, in lower case."""
        return [name.lower() for name in column_names(field["key"] for field in self.fields or ())]

    def field(self, column: str) -> JsonObject:
        """Return the field of a column; raises ProgrammingError for a fixed column, and where there is none."""
        if column.lower() in FIXED:
            raise ProgrammingError(f"{column} is a column that every template has, and is no field to be changed")
        if self.fields is None:
            return {"key": field_key(column)}
        columns = self.columns()
        if column.lower() not in columns:
            raise ProgrammingError(f"no such column: {self.table}.{column}; there are {', '.join(columns) or 'none'}")
        return self.fields[columns.index(column.lower())]

    def has(self, column: str) -> bool:
        """Tell whether there is a field of a column; raises ProgrammingError where the fields are not known."""
        if self.fields is None:
            raise ProgrammingError(
                f"IF EXISTS and IF NOT EXISTS go by the fields that {self.table} has, which are not known here"
            )
        return column.lower() in self.columns()

    def check_free(self, column: str) -> None:
        """Raise ProgrammingError where a new column would have the name of one that there is."""
        if column.lower() in FIXED:
            raise ProgrammingError(f"{column} is a column that every template has; a field is called field_{column}")
        if column.lower() in self.columns():
            raise ProgrammingError(f"duplicate column name: {column}")


class AddField(Struct, frozen=True):
    """ADD COLUMN; with `if_not_exists`, one that is there stays as it is."""

    field: FieldDefinition
    if_not_exists: bool = False

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        if self.if_not_exists and draft.has(self.field.column):
            return
        draft.check_free(self.field.column)
        data = self.field.json
        if draft.fields is not None:
            draft.fields.append({**data})
        yield {"op": "addField", "data": data}


class DropField(Struct, frozen=True):
    """DROP COLUMN; with `if_exists`, there may be none."""

    column: str
    if_exists: bool = False

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        if self.if_exists and self.column.lower() not in FIXED and not draft.has(self.column):
            return
        field = draft.field(self.column)
        if draft.fields is not None:
            draft.fields.remove(field)
        yield {"op": "removeField", "fieldKey": field["key"]}


class RenameField(Struct, frozen=True):
    """RENAME COLUMN: values follow, and the display name too where it is the key."""

    column: str
    name: str

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        field, key = draft.field(self.column), checked_field_key(self.name)
        if self.name.lower() != self.column.lower():
            draft.check_free(self.name)
        shown = {"displayName": key} if field.get("displayName") == field["key"] else {}
        yield {"op": "editField", "fieldKey": field["key"], "data": {"key": key, **shown}}
        field |= {"key": key, **shown}


class ChangeType(Struct, frozen=True):
    """ALTER COLUMN … TYPE: options are added, removed and put into their order; a type itself stays."""

    column: str
    type: FieldType

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operations: options that are new, those that are gone, and the order where it is another."""
        field, kind, wanted = draft.field(self.column), self.type.name, self.type.options
        if "type" not in field or (wanted and "options" not in field):
            raise ProgrammingError(
                f"ALTER COLUMN {self.column} TYPE goes by the type and the options that the field of {draft.table} "
                "has, which are not known here"
            )
        if field["type"] != kind or kind == "taxonomy":
            raise NotSupportedError(
                f"{self.column} is {_written(field['type'])}, and Box changes the type of no field; add another "
                "column, copy the values by UPDATE, and drop this one"
            )
        checked_options(self.column, wanted)
        yield from _option_operations(field, wanted)


class RenameOption(Struct, frozen=True):
    """ALTER COLUMN … RENAME VALUE: values follow."""

    column: str
    old: str
    new: str

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        field = draft.field(self.column)
        kind, options = field.get("type"), field.get("options")
        if kind is None:
            raise ProgrammingError(
                f"RENAME VALUE goes by the type of the field {self.column} of {draft.table}, which is not known here"
            )
        if kind not in {"enum", "multiSelect"}:
            raise ProgrammingError(f"{self.column} is {_written(kind)}, which has no values to be renamed")
        if options is not None:
            keys = [option["key"] for option in options]
            if self.old not in keys:
                raise ProgrammingError(f"{self.column} has no option {self.old!r}; it has {_listed(keys)}")
            options = [self.new if key == self.old else key for key in keys]
            checked_options(self.column, options)
            field["options"] = [{"key": key} for key in options]
        op, named = f"edit{_capitalized(kind)}Option", {f"{kind}OptionKey": self.old}
        yield {"op": op, "fieldKey": field["key"], **named, "data": {"key": self.new}}


class SetField(Struct, frozen=True):
    """COMMENT ON COLUMN, and ALTER COLUMN … SET (hidden = …, comment = …); what is UNSET stays."""

    column: str
    hidden: bool | msgspec.UnsetType = msgspec.UNSET
    comment: str | msgspec.UnsetType | None = msgspec.UNSET

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation, where the field is not so already."""
        field, data = draft.field(self.column), dict[str, Any]()
        is_known = draft.fields is not None
        if self.comment is not msgspec.UNSET and not (is_known and comment_of(field, field["key"]) == self.comment):
            cleared = {} if is_known and not field.get("description") else {"description": ""}
            data |= {**cleared, **field_names(self.comment, field["key"])}
        if self.hidden is not msgspec.UNSET and field.get("hidden") is not self.hidden:
            data["hidden"] = self.hidden
        field |= data
        if data:
            yield {"op": "editField", "fieldKey": field["key"], "data": data}


class SetTemplate(Struct, frozen=True):
    """COMMENT ON TABLE, and ALTER TABLE … SET (hidden = …, …); what is UNSET stays."""

    hidden: bool | msgspec.UnsetType = msgspec.UNSET
    copy_instance_on_item_copy: bool | msgspec.UnsetType = msgspec.UNSET
    comment: str | msgspec.UnsetType | None = msgspec.UNSET

    names: ClassVar = {"hidden": "hidden", "copy_instance_on_item_copy": "copyInstanceOnItemCopy"}

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        set_ = {of_box: getattr(self, name) for name, of_box in self.names.items()}
        data = {name: value for name, value in set_.items() if value is not msgspec.UNSET}
        if self.comment is not msgspec.UNSET:
            data = {"displayName": checked_name(self.comment or draft.key), **data}
        yield {"op": "editTemplate", "data": data}


class RenameTable(Struct, frozen=True):
    """RENAME TO, which changes the display name alone: the key of a template stays, and with it the table's name."""

    name: str

    @property
    def shown(self) -> str:
        """The display name."""
        found = scope_and_key(self.name)
        return self.name if found is None else found[1]

    def operations(self, draft: Draft) -> Iterator[JsonObject]:
        """Yield the operation."""
        return SetTemplate(comment=self.shown).operations(draft)


def _option_operations(field: JsonObject, wanted: Sequence[str]) -> Iterator[JsonObject]:
    """Yield what makes the options of a field those that are wanted, which the field has then."""
    kind, known = field["type"], [option["key"] for option in field.get("options") or ()]
    of_kind, named = _capitalized(kind), {"fieldKey": field["key"]}
    for key in wanted:
        if key not in known:
            yield {"op": f"add{of_kind}Option", **named, "data": {"key": key}}
    for key in known:
        if key not in wanted:
            yield {"op": f"remove{of_kind}Option", **named, f"{kind}OptionKey": key}
    if [*wanted] != [key for key in dict.fromkeys([*known, *wanted]) if key in wanted]:
        yield {"op": f"reorder{of_kind}Options", **named, f"{kind}OptionKeys": [*wanted]}
    field["options"] = [{"key": key} for key in wanted]


def _capitalized(kind: str) -> str:
    return kind[0].upper() + kind[1:]


def _written(kind: str) -> str:
    return _WRITTEN.get(kind, kind)


def _listed(options: Sequence[str]) -> str:
    return ", ".join(map(repr, options)) or "none"
