"""What a metadata template is made of, and the calls that make and delete one.

Sources: https://developer.box.com/reference/post-metadata-templates-schema/ and
https://developer.box.com/reference/delete-metadata-templates-id-id-schema/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.metadata.comments import names_of
from box_dialect.catalog.metadata.names import field_key, scope_and_key
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.catalog.model import JsonObject, Taxonomy


_TEMPLATE_KEY: Final = re.compile("[a-zA-Z_][-a-zA-Z0-9_]*")
_MOST_OF_TEMPLATE_KEY: Final = 64
_MOST_OF_FIELD_KEY: Final = 256
_MOST_OF_NAME: Final = 4_096
"""Characters of keys, and of display names and descriptions."""

MOST_TEMPLATES: Final = 500
"""Templates that an enterprise may have. Source: https://developer.box.com/guides/metadata/templates/"""


class FieldType(Struct, frozen=True):
    """The type of a field, by Box's name for it; an `enum` or `multiSelect` has options."""

    name: str
    options: tuple[str, ...] = ()
    taxonomy: Taxonomy | None = None

    @property
    def json(self) -> JsonObject:
        """What a body has for it."""
        options = {"options": [{"key": option} for option in self.options]} if self.options else {}
        return {"type": self.name, **options, **({} if self.taxonomy is None else self.taxonomy.json)}


class FieldDefinition(Struct, frozen=True):
    """A new field, by the column that it is to be."""

    column: str
    type: FieldType
    comment: str | None = None
    hidden: bool = False

    @property
    def json(self) -> JsonObject:
        """What a body has for it; raises ProgrammingError for what Box does not take."""
        key = checked_field_key(self.column)
        checked_options(self.column, self.type.options)
        hidden = {"hidden": True} if self.hidden else {}
        kind = self.type.json
        return {"type": kind.pop("type"), "key": key, **field_names(self.comment, key), **hidden, **kind}


class CreateTemplate(Struct, frozen=True):
    """Make a template, by the name of the table that it is to be."""

    table: str
    fields: tuple[FieldDefinition, ...]
    comment: str | None = None
    hidden: bool = False
    copy_instance_on_item_copy: bool = False
    if_not_exists: bool = False

    def call(self) -> ApiCall:
        """Return the call; raises ProgrammingError or NotSupportedError for what Box does not take."""
        key = template_key(self.table)
        if not _TEMPLATE_KEY.fullmatch(key) or len(key) > _MOST_OF_TEMPLATE_KEY:
            raise ProgrammingError(
                f"{self.table[:80]!r} can be no table of a template: behind enterprise_ its key has a letter or _ "
                f"first, then letters, digits, _ and -, and {_MOST_OF_TEMPLATE_KEY} characters at most"
            )
        body = {
            "scope": "enterprise",
            "templateKey": key,
            "displayName": checked_name(self.comment or key),
            "hidden": self.hidden,
            "fields": [field.json for field in self.fields],
            "copyInstanceOnItemCopy": self.copy_instance_on_item_copy,
        }
        return ApiCall("POST", ApiPath("/metadata_templates/schema"), body=body)


class DropTemplate(Struct, frozen=True):
    """Delete a template with all its instances."""

    table: str
    if_exists: bool = False

    def call(self, template: JsonObject | None = None) -> ApiCall:
        """Return the call; without the template as it is, its key is that of the table's name."""
        return ApiCall("DELETE", schema_path(template_key(self.table, template)))


def template_key(table: str, template: JsonObject | None = None) -> str:
    """Return the key of the enterprise's template that a table is: that of the template, or else of the table's name.

    Raises NotSupportedError for a table that is none of the enterprise.
    """
    scope, key = scope_and_key(table) or ("", "")
    if scope != "enterprise":
        raise NotSupportedError(f"{table} is no template of the enterprise, and Box has no others written")
    known: str = (template or {}).get("templateKey", key)
    return known


def schema_path(key: str) -> ApiPath:
    """Return where the enterprise's template of a key is read and written."""
    return ApiPath("/metadata_templates/{scope}/{template_key}/schema", scope="enterprise", template_key=key)


def checked_field_key(column: str) -> str:
    """Return the key of the field that a new column is to be; raises ProgrammingError where Box takes it not."""
    key = field_key(column)
    if not key or key.startswith("$") or len(key) > _MOST_OF_FIELD_KEY:
        raise ProgrammingError(
            f"{column[:80]!r} can be no column of a template: its name has {_MOST_OF_FIELD_KEY} characters at most, "
            "and no $ first"
        )
    return key


def checked_options(column: str, options: Iterable[str]) -> None:
    """Raise ProgrammingError for options of a field of which two are alike, or one is empty."""
    known: set[str] = set()
    for option in options:
        if not option or option in known:
            raise ProgrammingError(f"{column}: each option is a text of its own, and {option[:80]!r} is none")
        known.add(option)


def checked_name(name: str) -> str:
    """Return a display name or a description; raises ProgrammingError for one that is too long for Box."""
    if len(name) > _MOST_OF_NAME:
        raise ProgrammingError(
            f"the comment {name[:40]!r}… is too long: a display name has {_MOST_OF_NAME:,} characters at most, and so "
            "has a description"
        )
    return name


def field_names(comment: str | None, key: str) -> dict[str, Any]:
    """Return what a body has for the comment of a field: its display name, and a description if there is one."""
    shown, description = names_of(comment, key)
    told = {"description": checked_name(description)} if description else {}
    return {"displayName": checked_name(shown), **told}
