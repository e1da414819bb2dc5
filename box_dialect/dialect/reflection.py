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

from box_dialect.catalog import Type
from box_dialect.dialect.types import REFLECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.catalog import Catalog, Table

_MAIN, _TEMP = "main", "temp"

_HAS_OPTIONS = "get_table_options" in vars(SQLiteDialect)


def catalog_of(connection: Any) -> Catalog:
    """Return the catalog of a connection of SQLAlchemy's."""
    catalog: Catalog = connection.connection.catalog
    return catalog


def is_of_box(name: str, catalog: Catalog) -> bool:
    """Tell whether a table of that name is one of Box's, as the catalog has them."""
    return str.lower(name) in catalog.tables  # a quoted_name would stay as it is


def _table(connection: Any, name: str, schema: str | None) -> Table | None:
    """Return the table of Box that has the name, None where it is none of Box's names.

    Raises NoSuchTableError for a name of Box's that is no table there: a procedure, or a table in another schema.
    """
    catalog, key, is_there = catalog_of(connection), str.lower(name), schema is None or schema.lower() == _MAIN
    if key in catalog.procedures or (key in catalog.tables and not is_there):
        raise NoSuchTableError(f"{schema}.{name}" if schema else name)
    return catalog.tables.get(key)


def _own(connection: Any, names: Iterable[str], options: Mapping[str, Any]) -> list[str]:
    """Return the names without Box's, and without those of SQLite's own tables unless they are asked for."""
    catalog, with_internal = catalog_of(connection), options.get("sqlite_include_internal")
    own = [name for name in names if not is_of_box(name, catalog)]
    return [name for name in own if with_internal or not name.startswith("sqlite_")]


def is_assigned(table: Table, column: str) -> bool:
    """Tell whether Box gives the column its value where an INSERT gives none."""
    required = () if table.insert is None else table.insert.required
    return column not in required and (table.insert is not None or column in table.keys)


class BoxInspector(Inspector):
    """An inspector whose tables have their references in the order of their columns, and tell what Box assigns.

    `automap` makes relationships of the first of several that refer to one table; from a set they would be any. That
    Box assigns a value cannot be told by `get_columns()`, whose `default` is SQL.
    """

    def reflect_table(self, table: sa.Table, *args: Any, **kw: Any) -> None:
        """Load a table."""
        super().reflect_table(table, *args, **kw)
        with self._operation_context() as connection:
            box = catalog_of(connection).tables.get(str.lower(table.name))
        if box is not None:
            table.info["box"] = box.references
            for column in table.columns:
                if column.server_default is None and is_assigned(box, column.name):
                    column.server_default = sa.FetchedValue()
        places = {column: place for place, column in enumerate(table.columns)}

        def place(constraint: sa.Constraint) -> int:
            columns: Any = constraint.columns if isinstance(constraint, sa.ForeignKeyConstraint) else ()
            return min((places[column] for column in columns), default=-1)

        table.constraints = OrderedSet(sorted(table.constraints, key=place))


class CatalogReflection(SQLiteDialect):
    """Answer for Box's tables from the catalog, and for a connection's own tables as SQLite does.

    `Table(…, autoload_with=engine, box_hidden=True)` and `get_columns(…, box_hidden=True)` give hidden columns too.
    """

    inspector = BoxInspector
    construct_arguments = [(sa.Table, {"hidden": False})]  # noqa: RUF012 - SQLAlchemy's attribute
    reflection_options = ("box_hidden",)
    ischema_names: Any = SQLiteDialect.ischema_names | {
        kind.value: partial(REFLECTED.__getitem__, kind) for kind in (Type.JSON, Type.TIMESTAMP)
    }

    def get_table_names(  # type: ignore[override]  # SQLAlchemy 1.4 knows one parameter less
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[str]:
        """Return Box's tables and those of the local database; for the schema `temp`, those of the connection alone."""
        own = _own(connection, super().get_table_names(connection, schema, **kw), kw)
        return own if schema is not None and schema.lower() != _MAIN else [*catalog_of(connection).tables, *own]

    def get_temp_table_names(self, connection: Any, **kw: Any) -> list[str]:  # type: ignore[override]
        """Return the temporary tables that the connection created; Box's stand in the same schema."""
        return _own(connection, super().get_temp_table_names(connection, **kw), kw)

    def get_view_names(  # type: ignore[override]  # SQLAlchemy 1.4 knows one parameter less
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[str]:
        """Return the views of the local database; a table of Box's hides one that a file has by its name."""
        return _own(connection, super().get_view_names(connection, schema, **kw), kw)

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Tell whether there is such a table or view; a table-valued procedure is none."""
        try:
            found = _table(connection, table_name, schema)
        except NoSuchTableError:
            return False
        if found is None and schema is not None and schema.lower() == _TEMP:  # which is no schema for SQLAlchemy
            return bool(self._get_table_pragma(connection, "table_info", table_name, schema=schema))
        return found is not None or super().has_table(connection, table_name, schema, **kw)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that `SELECT *` gives; with `box_hidden=True`, the hidden ones too."""
        table = _table(connection, table_name, schema)
        if table is None:
            return super().get_columns(connection, table_name, schema, **kw)
        return [
            {
                "name": column.name,
                "type": REFLECTED[column.type],
                "nullable": column.nullable,
                "default": None,
                "autoincrement": False,
                "primary_key": table.keys.index(column.name) + 1 if column.name in table.keys else 0,
                "comment": column.doc,
            }
            for column in table.columns
            if not column.hidden or kw.get("box_hidden")
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the primary key."""
        table = _table(connection, table_name, schema)
        if table is None:
            return super().get_pk_constraint(connection, table_name, schema, **kw)
        return {"constrained_columns": [*table.keys], "name": None}

    def get_foreign_keys(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the columns refer to, but for those that refer to one of several tables; Box enforces nothing."""
        table = _table(connection, table_name, schema)
        if table is None:
            return super().get_foreign_keys(connection, table_name, schema, **kw)
        return [
            {
                "name": None,
                "constrained_columns": [reference.column],
                "referred_schema": schema,
                "referred_table": reference.target,
                "referred_columns": [reference.key],
                "options": {},
            }
            for reference in table.references
            if reference.by is None
        ]

    def get_indexes(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the indexes; Box's tables have none."""
        return (
            [] if _table(connection, table_name, schema) else super().get_indexes(connection, table_name, schema, **kw)
        )

    def get_unique_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the unique constraints; Box's tables have none but the key."""
        if _table(connection, table_name, schema):
            return []
        return super().get_unique_constraints(connection, table_name, schema, **kw)

    def get_check_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the check constraints; Box's tables have none."""
        if _table(connection, table_name, schema):
            return []
        return super().get_check_constraints(connection, table_name, schema, **kw)

    def get_table_options(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return SQLite's options of a table; Box's tables have none, and SQLAlchemy before 2.1 knows none."""
        if _table(connection, table_name, schema) or not _HAS_OPTIONS:
            return {}
        return super().get_table_options(connection, table_name, schema, **kw)

    def get_table_comment(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the table holds; nothing is told of a local one."""
        table = _table(connection, table_name, schema)
        if table is None and not self.has_table(connection, table_name, schema):
            raise NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return {"text": table.doc if table else None}
