"""DDL as the driver takes it: `Table.create()` of what may be a template's table makes a metadata template.

What no template can have is written out, so that the driver refuses it with the reason, unless it would be a statement
after the one that makes the template: that is refused here.

Source: https://docs.sqlalchemy.org/en/20/core/ddl.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDDLCompiler, SQLiteTypeCompiler
from sqlalchemy.exc import CompileError

from box_dialect.catalog.catalog import installed
from box_dialect.catalog.metadata.names import FIXED, may_be_template
from box_dialect.dialect.types import MultiSelect, Taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_OF_TABLE: Final = ("hidden", "copy_instance_on_item_copy")
"""What `WITH` says of a template, by the options of a `Table` without their `box_`."""


def names_template(name: str, schema: str | None = None) -> bool:
    """Tell whether a table of that name is that of a metadata template, whether there is one yet or not.

    It is none where the catalog has a table or procedure of the name, such as `enterprise_configurations`.
    """
    key = may_be_template(name)
    return schema is None and key == str.lower(name) and key not in installed().names


def is_template(table: Any) -> bool:
    """Tell whether a table is that of a metadata template: by its name, where it is not temporary."""
    return names_template(table.name, table.schema) and not getattr(table, "_prefixes", ())


class BoxTypeCompiler(SQLiteTypeCompiler):
    """Compile types: those with options or a taxonomy, of columns of templates, with them."""

    def visit_enum(self, type_: Any, **kw: Any) -> str:
        """Compile an `Enum`."""
        return self._of_field("ENUM", self._texts(type_.enums), kw) or str(super().visit_enum(type_, **kw))

    visit_ENUM = visit_enum  # noqa: N815 - SQLAlchemy's name for an Enum of another dialect

    def visit_JSON(self, type_: Any, **kw: Any) -> str:  # noqa: N802 - likewise
        """Compile `JSON`, of which a `MultiSelect` is one, and a `Taxonomy`."""
        name, given = "", list[str]()
        if isinstance(type_, MultiSelect):
            name, given = "MULTISELECT", self._texts(type_.options)
        elif isinstance(type_, Taxonomy):
            levels = [f"LEVELS ({', '.join(map(str, type_.levels))})"] if type_.levels else []
            name, given = "TAXONOMY", [*self._texts([type_.taxonomy]), *["MULTIPLE"] * type_.multiple, *levels]
        sqlite: Any = super()
        return self._of_field(name, given, kw) or str(sqlite.visit_JSON(type_, **kw))

    def _of_field(self, name: str, given: Sequence[str], kw: Any) -> str:
        """Return a type with what is given of it, an empty text without that, or for a column of another table."""
        table = getattr(kw.get("type_expression"), "table", None)
        return f"{name}({', '.join(given)})" if table is not None and given and is_template(table) else ""

    def _texts(self, texts: Iterable[str]) -> list[str]:
        text: Any = sa.String()
        return [*map(text.literal_processor(self.dialect), texts)]


class BoxDdlCompiler(SQLiteDDLCompiler):
    """Compile DDL of SQLite's, and of templates."""

    def visit_create_table(self, create: Any, **kw: Any) -> str:
        """Compile CREATE TABLE."""
        table = create.element
        if is_template(table):
            for index in table.indexes:
                raise _no_index(index)
        sqlite: Any = super()
        return str(sqlite.visit_create_table(create, **kw))

    def get_column_specification(self, column: Any, **kw: Any) -> str:
        """Compile name, type and constraints, and of a template what people see of the field."""
        sqlite: Any = super()
        compiled: str = sqlite.get_column_specification(column, **kw)
        if column.table is None or not is_template(column.table):
            return compiled
        if getattr(column, "identity", None) is not None:
            raise CompileError(f"{column}: a template has no Identity, since Box counts no field")
        if column.primary_key and column.name.lower() not in FIXED:
            raise CompileError(
                f"{column}: a template takes no PRIMARY KEY of fields: the key is item_id and item_type, which every "
                "template has"
            )
        comment = f" COMMENT {self._text(column.comment)}" if column.comment else ""
        return f"{compiled}{comment}{' HIDDEN' if column.dialect_options['box']['hidden'] else ''}"

    def post_create_table(self, table: Any) -> str:
        """Compile what stands behind the columns."""
        sqlite: Any = super()
        compiled: str = sqlite.post_create_table(table)
        if not is_template(table):
            return compiled
        given = ", ".join(f"{name} = true" for name in _OF_TABLE if table.dialect_options["box"][name])
        comment = f" COMMENT {self._text(table.comment)}" if table.comment else ""
        return f"{compiled}{comment}{f' WITH ({given})' if given else ''}"

    def visit_foreign_key_constraint(self, constraint: Any, **kw: Any) -> Any:
        """Compile a foreign key; None for that of a template to files and folders, which may be no tables here."""
        sqlite: Any = super()
        return None if _is_fixed(constraint) else sqlite.visit_foreign_key_constraint(constraint, **kw)

    def visit_create_index(self, create: Any, *given: Any, **kw: Any) -> str:
        """Compile CREATE INDEX; a template has none."""
        if is_template(create.element.table):
            raise _no_index(create.element)
        sqlite: Any = super()
        return str(sqlite.visit_create_index(create, *given, **kw))

    def _text(self, text: str) -> str:
        compiler: Any = self.sql_compiler
        return str(compiler.render_literal_value(text, sa.String()))


def _is_fixed(constraint: Any) -> bool:
    """Tell whether a constraint is one of columns that every template has."""
    return is_template(constraint.table) and all(column.name.lower() in FIXED for column in constraint.columns)


def _no_index(index: Any) -> CompileError:
    return CompileError(
        f"{index.table.name} is a metadata template, which has no index {index.name or ''}: Box finds items by the "
        "values of any field"
    )
