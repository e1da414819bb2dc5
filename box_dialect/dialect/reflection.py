"""Box's tables as SQLAlchemy's inspector sees them: from the catalog, with no call and no PRAGMA.

Names are caseless, as SQLite's are. Box's tables are those of the schema `main`, whatever schema SQLite has them in.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.util import OrderedSet

from box_dialect.catalog import TABLES, Table, Type
from box_dialect.catalog.model import View
from box_dialect.dialect.types import REFLECTED, reflected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.catalog import Catalog
    from box_dialect.catalog.model import Relation

_MAIN, _TEMP = "main", "temp"

_HAS_OPTIONS = "get_table_options" in vars(SQLiteDialect)


def catalog_of(connection: Any) -> Catalog:
    """Return the catalog of a connection of SQLAlchemy's."""
    catalog: Catalog = connection.connection.catalog
    return catalog


def find_tables(connection: Any, name: str | None = None) -> Relation | None:
    """Have the catalog of a connection of SQLAlchemy's know metadata templates and documents: that of a name, or all.

    Returns the table of the name, where it is one of Box or of documents.
    """
    found: Relation | None = connection.connection.find_tables(name)
    return found


def is_of_box(name: str, catalog: Catalog) -> bool:
    """Tell whether a table or view of that name is one of Box's, as the catalog has them."""
    return str.lower(name) in catalog.relations  # a quoted_name would stay as it is


def _relation(connection: Any, name: str, schema: str | None) -> Relation | None:
    """Return the table or view of Box that has the name, also one of documents; None where it is none of these.

    Raises NoSuchTableError for a name of Box's that is no table there: a procedure, or a table in another schema.
    """
    catalog, key, is_there = catalog_of(connection), str.lower(name), schema is None or schema.lower() == _MAIN
    if key in catalog.procedures or (key in catalog.relations and not is_there):
        raise NoSuchTableError(f"{schema}.{name}" if schema else name)
    return find_tables(connection, key) if is_there else None


def _own(connection: Any, names: Iterable[str], options: Mapping[str, Any]) -> list[str]:
    """Return the names without Box's, and without those of SQLite's own tables unless they are asked for."""
    catalog, with_internal = catalog_of(connection), options.get("sqlite_include_internal")
    own = [name for name in names if not is_of_box(name, catalog)]
    return [name for name in own if with_internal or not name.startswith("sqlite_")]


def is_assigned(table: Relation, column: str) -> bool:
    """Tell whether Box gives the column its value where an INSERT gives none."""
    if not isinstance(table, Table):
        return False
    required = () if table.insert is None else table.insert.required
    return column not in required and (table.insert is not None or column in table.keys)


def _is_added(relation: Relation) -> bool:
    """Tell whether it is a table that the package itself has not: one of a metadata template, or a program's."""
    return isinstance(relation, Table) and relation.name not in TABLES


class BoxInspector(Inspector):
    """An inspector whose tables have their references in the order of their columns, and tell what Box assigns.

    `automap` makes relationships of the first of several that refer to one table; from a set they would be any. What
    Box assigns has `DEFAULT NULL`, for NULL is what SQLite gives it where an INSERT has no value; what writes Python of
    a table, as sqlacodegen does, cannot write `FetchedValue()`. `get_columns()` does not tell it, since what compares
    two databases takes that for theirs.
    """

    def reflect_table(self, table: sa.Table, *args: Any, **kw: Any) -> None:
        """Load a table."""
        super().reflect_table(table, *args, **kw)
        with self._operation_context() as connection:
            box = catalog_of(connection).relations.get(str.lower(table.name))
        if box is not None:
            table.info["box"] = box.references
            for column in table.columns:
                if column.server_default is None and is_assigned(box, column.name):
                    column.server_default = sa.DefaultClause(sa.text("NULL"))
        places = {column: place for place, column in enumerate(table.columns)}

        def place(constraint: sa.Constraint) -> int:
            columns: Any = constraint.columns if isinstance(constraint, sa.ForeignKeyConstraint) else ()
            return min((places[column] for column in columns), default=-1)

        table.constraints = OrderedSet(sorted(table.constraints, key=place))


class CatalogReflection(SQLiteDialect):
    """Answer for Box's tables from the catalog, and for a connection's own tables as SQLite does.

    `Table(…, autoload_with=engine, box_hidden_columns=True)` and `get_columns(…, box_hidden_columns=True)` give hidden
    columns too. `box_hidden` and `box_copy_instance_on_item_copy` are options of metadata templates.
    """

    inspector = BoxInspector
    construct_arguments = [  # noqa: RUF012 - SQLAlchemy's attribute
        (sa.Table, {"hidden": False, "copy_instance_on_item_copy": False, "hidden_columns": False}),
        (sa.Column, {"hidden": False}),
    ]
    reflection_options = ("box_hidden_columns",)
    ischema_names: Any = SQLiteDialect.ischema_names | {
        kind.value: partial(REFLECTED.__getitem__, kind) for kind in (Type.DATE, Type.JSON, Type.TIMESTAMP)
    }

    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        """Return `main`, and what was attached beneath the driver, unless the process tells no path of the machine."""
        try:
            found: list[str] = super().get_schema_names(connection, **kw)
        except sa.exc.NotSupportedError:
            return [_MAIN]
        return found

    def get_table_names(  # type: ignore[override]  # SQLAlchemy 1.4 knows one parameter less
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[str]:
        """Return Box's tables and those of the local database; for the schema `temp`, those of the connection alone.

        System tables are left out, as SQLite's own are, and `document_rows`, which has no rows by itself.
        """
        if is_main := schema is None or schema.lower() == _MAIN:
            find_tables(connection)
        own = _own(connection, super().get_table_names(connection, schema, **kw), kw)
        listed = (table.name for table in catalog_of(connection).tables.values() if table.alias_of is None)
        documents = (table.name for table in catalog_of(connection).documents.values() if not table.takes_inputs)
        return [*listed, *documents, *own] if is_main else own

    def get_temp_table_names(self, connection: Any, **kw: Any) -> list[str]:  # type: ignore[override]
        """Return the temporary tables that the connection created; Box's stand in the same schema."""
        return _own(connection, super().get_temp_table_names(connection, **kw), kw)

    def get_temp_view_names(self, connection: Any, **kw: Any) -> list[str]:  # type: ignore[override]
        """Return the temporary views that the connection created; those of Box stand in the same schema."""
        return _own(connection, super().get_temp_view_names(connection, **kw), kw)

    def get_view_names(  # type: ignore[override]  # SQLAlchemy 1.4 knows one parameter less
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[str]:
        """Return the views of Box and of the local database; a table of Box's hides one that a file has by its name."""
        own = _own(connection, super().get_view_names(connection, schema, **kw), kw)
        is_main = schema is None or schema.lower() == _MAIN
        return [*(view.name for view in catalog_of(connection).views.values()), *own] if is_main else own

    def get_materialized_view_names(self, connection: Any, schema: str | None = None, **kw: Any) -> list[str]:
        """Return none: SQLite has no materialized views."""
        return []

    def get_view_definition(self, connection: Any, view_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the statement that makes a view; raises NoSuchTableError where there is none of the name."""
        view = _relation(connection, view_name, schema)
        if isinstance(view, View):
            return view.definition
        return super().get_view_definition(connection, view_name, schema, **kw)

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Tell whether there is such a table or view; a table-valued procedure is none."""
        try:
            found = _relation(connection, table_name, schema)
        except NoSuchTableError:
            return False
        if found is None and schema is not None and schema.lower() == _TEMP:  # which is no schema for SQLAlchemy
            return bool(self._get_table_pragma(connection, "table_info", table_name, schema=schema))
        return found is not None or super().has_table(connection, table_name, schema, **kw)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that `SELECT *` gives, and those of the key; with `box_hidden_columns=True`, all."""
        table = _relation(connection, table_name, schema)
        if table is None:
            return super().get_columns(connection, table_name, schema, **kw)
        return [
            {
                "name": column.name,
                "type": reflected(column),
                "nullable": column.nullable,
                "default": None,
                "autoincrement": False,
                "primary_key": table.keys.index(column.name) + 1 if column.name in table.keys else 0,
                "comment": column.doc or None,
                "dialect_options": {"box_hidden": True} if column.hidden else {},
            }
            for column in table.columns
            if not column.hidden or column.name in table.keys or kw.get("box_hidden_columns")
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the primary key."""
        table = _relation(connection, table_name, schema)
        if table is None:
            return super().get_pk_constraint(connection, table_name, schema, **kw)
        return {"constrained_columns": [*table.keys], "name": None}

    def get_foreign_keys(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the columns refer to; Box enforces nothing.

        A column that refers to one of several tables does so with the type that tells which, where the two are the
        whole key of a metadata template; else it is left out: SQLAlchemy's automap, by itself, would write the type of
        each of the tables. So it is in a view.
        """
        table = _relation(connection, table_name, schema)
        if table is None:
            return super().get_foreign_keys(connection, table_name, schema, **kw)
        return [
            {
                "name": None,
                "constrained_columns": [*reference.constrained],
                "referred_schema": schema,
                "referred_table": reference.target,
                "referred_columns": [*reference.referred],
                "options": {},
            }
            for reference in table.references
            if reference.by is None or (_is_added(table) and {*reference.constrained} == {*table.keys})
        ]

    def get_indexes(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the indexes; Box's tables have none."""
        return (
            []
            if _relation(connection, table_name, schema)
            else super().get_indexes(connection, table_name, schema, **kw)
        )

    def get_unique_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the unique constraints; Box's tables have none but the key."""
        if _relation(connection, table_name, schema):
            return []
        return super().get_unique_constraints(connection, table_name, schema, **kw)

    def get_check_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the check constraints; Box's tables have none."""
        if _relation(connection, table_name, schema):
            return []
        return super().get_check_constraints(connection, table_name, schema, **kw)

    def get_table_options(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the options of a template, `box_hidden` and `box_copy_instance_on_item_copy`, where they are true.

        Those of a local table are SQLite's, of which SQLAlchemy before 2.1 knows none.
        """
        table = _relation(connection, table_name, schema)
        if table is not None:
            return {f"box_{option}": True for option in table.options} if isinstance(table, Table) else {}
        if not _HAS_OPTIONS:
            return {}
        return super().get_table_options(connection, table_name, schema, **kw)

    def get_table_comment(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the table holds; nothing is told of a local one."""
        table = _relation(connection, table_name, schema)
        if table is None and not self.has_table(connection, table_name, schema):
            raise NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return {"text": (table.doc or None) if table else None}
