"""What Alembic does for `box://`: what it does for SQLite, with metadata templates changed by DDL of their own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy.schema import CreateTable

from box_dialect.alembic.driver_calls import call
from box_dialect.alembic.field_types import is_other_type, known_fields
from box_dialect.alembic.lock import SECONDS, SECONDS_OF_WAIT, Lock
from box_dialect.alembic.script import Script, version_move, version_template
from box_dialect.alembic.statements import AlterTemplate, Operation
from box_dialect.alembic.templates import templates_of
from box_dialect.alembic.version_table import versions_of
from box_dialect.catalog import Catalog
from box_dialect.dialect import MultiSelect, Taxonomy
from box_dialect.dialect.ddl import names_template
from box_dialect.dialect.reflection import catalog_of, is_of_box
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model import JsonObject


def _altering(name: str) -> Any:
    """Return the method for an operation on a table, which on a template is an ALTER TABLE of its own."""

    def operation(self: BoxImpl, *arguments: Any, **options: Any) -> None:
        first = arguments[0]
        table = first if isinstance(first, str | sa.Table) else first.table
        named, schema = (table, options.get("schema")) if isinstance(table, str) else (table.name, table.schema)
        if names_template(named, schema):
            self.alter_template(named, [Operation(name, arguments, options)])
        else:
            getattr(super(BoxImpl, self), name)(*arguments, **options)

    operation.__doc__ = f"{name.replace('_', ' ').capitalize()}, as Alembic does; that of a template by its own DDL."
    return operation


class BoxImpl(SQLiteImpl):
    """Alembic's operations for `box://`.

    `context.configure()` takes `box_lock_seconds`, for how long the lock of a migration lasts unless it is renewed, and
    `box_lock_wait`, for how many seconds that of another one is waited for.
    """

    __dialect__ = "box"

    def __init__(self, *args: Any, **options: Any) -> None:
        import_module("box_dialect.alembic.comparison")  # not before: plugins are loaded while autogenerate is imported

        super().__init__(*args, **options)
        self._catalog = Catalog() if self.connection is None or self.as_sql else catalog_of(self.connection)
        self._lock: Lock | None = None
        self._versions: sa.Table | None = None
        self._script = Script()
        self._known: Sequence[JsonObject] = ()
        self.includes = self.context_opts.get("include_object")
        """What `env.py` gave as `include_object`."""
        self.context_opts["include_object"] = _without_box(self._catalog, self.includes)

    def version_table_impl(self, *, version_table: str, version_table_schema: str | None, **options: Any) -> sa.Table:
        """Return the version table: that of a template where the metadata has some, and there is no local one yet."""
        table: sa.Table = super().version_table_impl(
            version_table=version_table, version_table_schema=version_table_schema, **options
        )
        table.implicit_returning = False  # nobody reads what it was
        if version_table_schema is None and self._shares(version_table):
            self._versions = table
            if self.connection is not None and not self.as_sql:
                self._open_versions(version_table)
        return table

    def start_migrations(self) -> None:
        """Take the lock of the version table, unless the command only reads; the heads are read after it."""
        if self._lock is not None and self.context_opts.get("destination_rev") is not None:
            self._lock.keep()

    def _shares(self, version_table: str) -> bool:
        """Tell whether the version table is to be in Box."""
        if next(templates_of(self.context_opts.get("target_metadata")), None) is None:
            return False
        return self.as_sql or self.connection is None or not _has_local(self.connection, version_table)

    def _open_versions(self, version_table: str) -> None:
        """Have the connection know the version table, which it does already where it has run a command before."""
        if version_table.lower() not in self._catalog.names:
            table = versions_of(version_table)
            call(self.connection, lambda driver: driver.catalog.add(table, amid_transaction=True))
        seconds, wait = self.context_opts.get("box_lock_seconds"), self.context_opts.get("box_lock_wait")
        self._lock = Lock(
            self.connection,
            call(self.connection, lambda driver: driver.properties),
            version_table,
            seconds=SECONDS if seconds is None else float(seconds),
            wait=SECONDS_OF_WAIT if wait is None else float(wait),
        )

    def _exec(self, construct: Any, *args: Any, **options: Any) -> Any:
        """Run a statement, with the lock where a migration has it, and where it writes the version table."""
        if self.as_sql:
            return self._write(construct, *args, **options)
        if self._lock is not None and (self._lock.is_held or self._is_versions(construct, "table")):
            self._lock.keep()
        return super()._exec(construct, *args, **options)

    def _is_versions(self, construct: Any, attribute: str) -> bool:
        """Tell whether a statement is one on the version table in Box."""
        return self._versions is not None and getattr(construct, attribute, None) is self._versions

    def _write(self, construct: Any, *args: Any, **options: Any) -> None:
        """Write a statement to the script."""
        if self._is_versions(construct, "element"):
            if isinstance(construct, CreateTable):  # Alembic 1.18 drops it here, and nowhere else
                self.static_output(version_template(construct.element.name))
        elif self._is_versions(construct, "table"):
            text = str(construct.compile(dialect=self.dialect))
            self.static_output(version_move(construct.table.name, construct.__visit_name__, text))
        else:
            self._known = known_fields(construct, self.dialect) if isinstance(construct, AlterTemplate) else ()
            super()._exec(construct, *args, **options)

    def static_output(self, text: str) -> None:
        """Write a text to the script, with the calls of Box's that it is."""
        super().static_output(self._script.described(text, self._known))

    def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool:
        """Tell whether a column is to be of another type; raises CommandError where Box changes that of no field."""
        if names_template(metadata_column.table.name, metadata_column.table.schema):
            return is_other_type(inspector_column, metadata_column, self.dialect)
        return bool(super().compare_type(inspector_column, metadata_column))

    def render_type(self, type_obj: Any, autogen_context: Any) -> Any:
        """Write a type of this dialect's into a migration, with what that imports for it; False for another."""
        if not isinstance(type_obj, MultiSelect | Taxonomy):
            return super().render_type(type_obj, autogen_context)
        autogen_context.imports.add("import box_dialect.dialect")
        return f"box_dialect.dialect.{type_obj!r}"

    def create_table(self, table: sa.Table, **options: Any) -> None:
        """Create a table; raises NotSupportedError before that where a template is to have an index."""
        if names_template(table.name, table.schema):
            AlterTemplate(table.name, [Operation("create_index", (index,), {}) for index in table.indexes])
        super().create_table(table, **options)

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Tell whether a batch copies the table; one on a template becomes one ALTER TABLE instead."""
        if not names_template(batch_op.table_name, batch_op.schema):
            return bool(super().requires_recreate_in_batch(batch_op))
        operations = [Operation(*each) for each in batch_op.batch]
        batch_op.batch = [("alter_template", (batch_op.table_name, operations), {})]
        return False

    def prep_table_for_batch(self, batch_impl: Any, table: Any) -> None:
        """Make ready to copy a table; raises ProgrammingError for one of Box's before any row of it is read."""
        if names_template(table.name, table.schema):
            raise ProgrammingError(f"{table.name} is a metadata template, of which no copy is made: leave recreate out")
        if is_of_box(table.name, self._catalog):
            raise ProgrammingError(f"{table.name} is a table of Box, which may not be altered")
        super().prep_table_for_batch(batch_impl, table)

    def alter_template(self, table: str, operations: Sequence[Operation]) -> None:
        """Carry out operations on a template, all of them or none."""
        statement = AlterTemplate(table, operations)
        if statement.changes:
            self._exec(statement)

    add_column = _altering("add_column")
    drop_column = _altering("drop_column")
    alter_column = _altering("alter_column")
    rename_table = _altering("rename_table")
    create_table_comment = _altering("create_table_comment")
    drop_table_comment = _altering("drop_table_comment")
    create_column_comment = _altering("create_column_comment")
    add_constraint = _altering("add_constraint")
    drop_constraint = _altering("drop_constraint")
    create_index = _altering("create_index")
    drop_index = _altering("drop_index")


def _has_local(connection: Any, table: str) -> bool:
    """Tell whether the local database has a table of a name."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute("SELECT 1 FROM main.sqlite_master WHERE lower(name) = lower(?)", [table])
        return cursor.fetchone() is not None
    finally:
        cursor.close()


def _without_box(catalog: Catalog, includes: Any) -> Any:
    """Return a filter for `include_object` that leaves out tables of Box, and what `includes` leaves out.

    Templates are compared by themselves.
    """

    def include(item: Any, name: str | None, type_: str, *given: Any) -> bool:
        if type_ == "table" and name is not None and (is_of_box(name, catalog) or names_template(name)):
            return False
        return includes is None or bool(includes(item, name, type_, *given))

    return include
