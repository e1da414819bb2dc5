"""The types of fields, by those of SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from alembic.util import CommandError

from box_dialect.alembic.statements import AlterTemplate, Operation
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from box_dialect.catalog.metadata import changes
    from box_dialect.catalog.metadata.definition import FieldType
    from box_dialect.catalog.model import JsonObject
    from box_dialect.dbapi.sqltext.template_ddl import TemplateDdl


def field_type(column: sa.Column[Any], table: str, dialect: Any) -> FieldType | None:
    """Return the type of the field that a column of a template is; None for one that is told by no type of SQL."""
    text = AlterTemplate(table, [Operation("alter_column", (table, column.name), {"type_": column.type})])
    ddl = template_ddl(str(text.compile(dialect=dialect)))
    try:
        (change,) = cast("changes.AlterTemplate", cast("TemplateDdl", ddl).parse()).changes
    except NotSupportedError:
        return None
    return cast("changes.ChangeType", change).type


def known_fields(statement: AlterTemplate, dialect: Any) -> list[JsonObject]:
    """Return the fields that operations on a template name, as Box has them before, as far as the operations tell."""
    found: list[JsonObject] = []
    for each in statement.operations:
        if each.name == "drop_column":
            found.append({"key": each.arguments[1].name})
        elif each.name == "alter_column":
            key, existing = each.arguments[1], each.options.get("existing_type")
            kind = None if existing is None else field_type(sa.Column(key, existing), statement.table, dialect)
            found.append({"key": key, **({} if kind is None else kind.json)})
    return found


def is_other_type(found: sa.Column[Any], wanted: sa.Column[Any], dialect: Any) -> bool:
    """Tell whether a field is to be of another type, or to have other options.

    Raises CommandError where Box cannot change it.
    """
    there, told = (field_type(each, wanted.table.name, dialect) for each in (found, wanted))
    if there is None or told is None or there == told:
        return False
    if (there.name, there.taxonomy) != (told.name, told.taxonomy):
        types = (there.name, told.name) if there.name != told.name else (repr(found.type), repr(wanted.type))
        raise CommandError(
            f"{wanted.table.name}.{wanted.name} is a field of the type {types[0]} in Box, which keeps it, and the "
            f"metadata has it as {types[1]}: add a field of another name, copy the values by UPDATE, and drop this one"
        )
    return True
