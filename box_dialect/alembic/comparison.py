"""What autogenerate finds of metadata templates: how those that the metadata names differ from those in Box.

Templates that it does not name are left alone, as is the order of columns. What differs is rendered as a batch, which
is one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from alembic.autogenerate import comparators, renderers
from alembic.operations import ops
from alembic.util import CommandError

from box_dialect.alembic.driver_calls import call
from box_dialect.alembic.refusals import check_fields, check_table
from box_dialect.alembic.templates import templates_of
from box_dialect.alembic.version_table import template_key
from box_dialect.catalog.metadata.comments import stored_comment
from box_dialect.catalog.metadata.names import FIXED, field_key, scope_and_key
from box_dialect.dialect.reflection import catalog_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_FLAGS: Final = {"box_hidden": "hidden", "box_copy_instance_on_item_copy": "copy_instance_on_item_copy"}
"""What templates and fields have of Box's, by the names of SQLAlchemy's options: what SQL calls it."""


class ModifyTemplateOps(ops.ModifyTableOps):
    """Changes of a template, which are rendered as a batch."""

    def reverse(self) -> ops.ModifyTableOps:
        """Return what takes them back."""
        return ModifyTemplateOps(self.table_name, [*reversed([each.reverse() for each in self.ops])], schema=None)


class AlterFieldOp(ops.AlterColumnOp):
    """Changes of a field, whose key may be another by the case of its letters."""

    def reverse(self) -> ops.AlterColumnOp:
        """Return what takes them back."""
        change = super().reverse()
        if self.modify_name is not None:
            change.column_name, change.modify_name = self.modify_name, self.column_name
        return change

    def to_diff_tuple(self) -> Any:
        """Return what differs, as `alembic check` tells it."""
        told, old, new = super().to_diff_tuple(), self.column_name, self.modify_name
        return told if new is None else [*told, ("modify_name", None, self.table_name, old, {}, old, new)]


class SetFlagOp(ops.ExecuteSQLOp):
    """Set whether a template or a field is hidden, or whether a template goes along with copies."""

    def __init__(self, place: str, flag: str, *, value: bool) -> None:
        super().__init__(f"{place} SET ({_FLAGS[flag]} = {str(value).lower()})")
        self._given = place, flag, value

    def reverse(self) -> SetFlagOp:
        """Return what takes it back."""
        place, flag, value = self._given
        return SetFlagOp(place, flag, value=not value)


@renderers.dispatch_for(ModifyTemplateOps)
def _render_batch(context: Any, op: ModifyTemplateOps) -> Any:
    given, context.opts = context.opts, {**context.opts, "render_as_batch": True}
    try:
        return renderers.dispatch(ops.ModifyTableOps(op.table_name, []))(context, op)
    finally:
        context.opts = given


@comparators.dispatch_for("schema", qualifier="box")
def compare_templates(context: Any, upgrade_ops: Any, schemas: Collection[str | None]) -> None:
    """Add to `upgrade_ops` what makes the templates in Box those of the metadata.

    The templates are those that there are now, without that of the version table. Raises CommandError for a field that
    is to be of another type, which Box does not do, and for what no template can have.
    """
    own = template_key(context.migration_context.version_table).lower()
    named = templates_of(context.metadata) if None in schemas else ()
    tables = [table for table in named if (scope_and_key(table.name) or ("", ""))[1].lower() != own]
    if tables:
        call(context.connection, lambda driver: driver.find_tables(anew=True))
    for table in tables:
        if context.run_name_filters(table.name, "table", {"schema_name": None}):
            upgrade_ops.ops += _Comparison(context, table).operations()


class _Comparison:
    """A template of the metadata, and what Box has of it."""

    def __init__(self, context: Any, table: sa.Table) -> None:
        self._context, self._table, self._name = context, table, table.name
        self._includes = context.migration_context.impl.includes
        self._quote = context.dialect.identifier_preparer.quote

    def operations(self) -> Iterator[Any]:
        found = self._reflected()
        if not self._is_included(self._table, "table", found):
            return
        if found is None:
            self._check({})
            yield ops.CreateTableOp.from_table(self._table)
            return
        place = f"ALTER TABLE {self._quote(self._name)}"
        self._check(_fields(found))
        changes = [*self._fields(found), *self._comment(found)]
        if changes:
            yield ModifyTemplateOps(self._name, changes, schema=None)
        yield from self._flags(place, self._table, found)
        there = _fields(found)
        for name, column in _fields(self._table).items():
            if name in there and self._is_included(column, "column", there[name]):
                yield from self._flags(f"{place} ALTER COLUMN {self._quote(column.name)}", column, there[name])

    def _reflected(self) -> sa.Table | None:
        """Return the template as Box has it, None where there is none."""
        if not self._context.inspector.has_table(self._name):
            return None
        everything: Any = {"box_hidden_columns": True, "resolve_fks": False}
        found = sa.Table(self._name, sa.MetaData(), autoload_with=self._context.connection, **everything)
        for column in found.columns:
            column.server_default = None  # that a field may be left out of an INSERT is no default of it
        return found

    def _check(self, there: Mapping[str, sa.Column[Any]]) -> None:
        """Raise CommandError for what no template can have; `there` are the fields that Box has."""
        check_table(self._table, lambda item, kind: self._is_included(item, kind, None))
        wanted = _fields(self._table)
        included = [key for key, column in wanted.items() if self._is_included(column, "column", there.get(key))]
        names, new = ({wanted[key].name for key in each} for each in (included, {*included} - there.keys()))
        check_fields(self._table, names, new, self._context.dialect)

    def _fields(self, found: sa.Table) -> Iterator[Any]:
        """Yield what adds, changes and drops fields."""
        wanted, there = _fields(self._table), _fields(found)
        named = {"table_name": self._name, "schema_name": None}
        for name, column in wanted.items():
            if self._is_included(column, "column", there.get(name)):
                if name not in there:
                    yield ops.AddColumnOp.from_column_and_tablename(None, self._name, column)
                else:
                    yield from self._changed(there[name], column)
        for name, column in there.items():
            is_asked = name not in wanted and self._context.run_name_filters(column.name, "column", named)
            if is_asked and self._is_included(column, "column", None, is_reflected=True):
                yield ops.DropColumnOp.from_column_and_tablename(None, self._name, column)

    def _changed(self, found: sa.Column[Any], wanted: sa.Column[Any]) -> Iterator[Any]:
        """Yield what changes key, type and comment of a field; comparators of the program's own have a say."""
        change = AlterFieldOp(self._name, found.name, existing_type=found.type)
        compare = self._context.comparators.dispatch("column", qualifier=self._context.dialect.name)
        compare(self._context, change, None, self._name, wanted.name, found, wanted)
        if found.comment != stored_comment(wanted.comment, field_key(wanted.name)):
            change.existing_comment, change.modify_comment = found.comment, wanted.comment or None
        if found.name != wanted.name:
            change.modify_name = wanted.name
        if change.has_changes() or change.modify_name is not None:
            yield change

    def _comment(self, found: sa.Table) -> Iterator[Any]:
        table = catalog_of(self._context.connection).tables[self._name.lower()]
        _, key = scope_and_key(table.alias_of or table.name) or ("", "")  # of the name that Box's key has given it
        there, wanted = found.comment, stored_comment(self._table.comment, key)
        if wanted is None and there is not None:
            yield ops.DropTableCommentOp(self._name, existing_comment=there)
        elif wanted != there:
            yield ops.CreateTableCommentOp(self._name, wanted, existing_comment=there)

    def _flags(self, place: str, wanted: Any, found: Any) -> Iterator[SetFlagOp]:
        for flag in _FLAGS:
            if bool(wanted.kwargs.get(flag)) != bool(found.kwargs.get(flag)):
                yield SetFlagOp(place, flag, value=bool(wanted.kwargs.get(flag)))

    def _is_included(self, item: Any, kind: str, compared: Any, *, is_reflected: bool = False) -> bool:
        """Tell whether `env.py` has an item compared."""
        return self._includes is None or bool(self._includes(item, item.name, kind, is_reflected, compared))


def _fields(table: sa.Table) -> dict[str, sa.Column[Any]]:
    """Return the columns of fields by their names in lower case, since names are caseless.

    Raises CommandError for two of one name.
    """
    found: dict[str, sa.Column[Any]] = {}
    for column in table.columns:
        if column.name.lower() in found:
            raise CommandError(f"{table.name} has two columns of the name {column.name}: names are caseless")
        if column.name.lower() not in FIXED:
            found[column.name.lower()] = column
    return found
