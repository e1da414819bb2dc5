"""What no template can have, told by autogenerate before it writes a migration that is refused, or is without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from alembic.util import CommandError
from sqlalchemy.exc import CompileError

from box_dialect.alembic.statements import AlterTemplate, Operation
from box_dialect.catalog.metadata.names import FIXED
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.errors import NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_OF_FIELDS: Final = (
    "in the metadata a field has nullable=True, which is Mapped[… | None], and no server_default, primary_key, "
    "Computed or Identity"
)


def check_table(table: sa.Table, is_included: Callable[[Any, str], bool]) -> None:
    """Raise CommandError for an index, and for a constraint of fields; `is_included` tells which are looked at.

    The constraints of fixed columns mean nothing, and those of types stand in the types.
    """
    found = [("create_index", "index", each) for each in table.indexes]
    found += [("add_constraint", "unique_constraint", each) for each in _of_fields(table, sa.UniqueConstraint)]
    found += [("add_constraint", "foreign_key_constraint", each) for each in _of_fields(table, sa.ForeignKeyConstraint)]
    for operation, kind, each in found:
        if is_included(each, kind):
            try:
                AlterTemplate(table.name, [Operation(operation, (each,), {})])
            except NotSupportedError as error:
                raise CommandError(f"{error}; write the metadata without it") from None


def check_fields(table: sa.Table, names: Collection[str], new: Collection[str], dialect: Any) -> None:
    """Raise CommandError for columns of these names that no field can be; those that are `new` also for their types."""
    copy = table.to_metadata(sa.MetaData())
    for column in (each for each in copy.columns if each.name in names):
        given, column.type = column.type, sa.String()
        try:
            _define(column, dialect)
        except (CompileError, NotSupportedError) as error:
            raise CommandError(f"{error}; {_OF_FIELDS}") from None
        column.type = given
        try:
            if column.name in new:
                _define(column, dialect)
        except (CompileError, NotSupportedError, ProgrammingError) as error:
            raise CommandError(str(error)) from None


def _of_fields(table: sa.Table, kind: type[Any]) -> list[Any]:
    return [
        each
        for each in table.constraints
        if isinstance(each, kind) and not all(column.name.lower() in FIXED for column in each.columns)
    ]


def _define(column: sa.Column[Any], dialect: Any) -> None:
    """Read a column as the driver would; raises what it would."""
    compiler = dialect.ddl_compiler(dialect, None)
    name = dialect.identifier_preparer.quote(column.table.name)
    ddl: Any = template_ddl(f"ALTER TABLE {name} ADD COLUMN {compiler.get_column_specification(column)}")
    ddl.parse()
