"""Box's tables as SQLAlchemy's inspector sees them: from the catalog, with no call and no PRAGMA."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from box_dialect.catalog import TABLES, Table
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.dialect.types import REFLECTED

_SCHEMA = "main"
_HAS_OPTIONS = "get_table_options" in vars(SQLiteDialect)


def _table(name: str, schema: str | None) -> Table | None:
    return TABLES.get(name) if schema in {None, _SCHEMA} else None


def is_assigned(table: Table, column: str) -> bool:
    """Tell whether Box gives the column its value where an INSERT gives none."""
    return column == table.key or (table.insert is not None and column not in table.insert.required)


class CatalogReflection(SQLiteDialect):
    """Answer for Box's tables from the catalog, and for a connection's own tables as SQLite does.

    `Table(…, autoload_with=engine, box_hidden=True)` and `get_columns(…, box_hidden=True)` give hidden columns too.
    """

    construct_arguments = [(sa.Table, {"hidden": False})]  # noqa: RUF012 - SQLAlchemy's attribute
    reflection_options = ("box_hidden",)

    def get_table_names(  # type: ignore[override]  # SQLAlchemy 1.4 knows one parameter less
        self, connection: Any, schema: str | None = None, **kw: Any
    ) -> list[str]:
        """Return Box's tables and those that the connection created."""
        own = super().get_table_names(connection, schema, **kw)
        return [*TABLES, *own] if schema in {None, _SCHEMA} else list(own)

    def get_temp_table_names(self, connection: Any, **kw: Any) -> list[str]:  # type: ignore[override]
        """Return the temporary tables that the connection created; Box's stand in the same schema."""
        return [name for name in super().get_temp_table_names(connection, **kw) if name not in TABLES]

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Tell whether there is such a table or view; a table-valued procedure is none."""
        if table_name.lower() in PROCEDURES:
            return False
        return _table(table_name, schema) is not None or super().has_table(connection, table_name, schema, **kw)

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns that `SELECT *` gives; with `box_hidden=True`, the hidden ones too."""
        table = _table(table_name, schema)
        if table is None:
            return super().get_columns(connection, table_name, schema, **kw)
        return [
            {
                "name": column.name,
                "type": REFLECTED[column.type],
                "nullable": column.nullable,
                "default": sa.FetchedValue() if is_assigned(table, column.name) else None,
                "autoincrement": False,
                "primary_key": int(column.name == table.key),
                "comment": column.doc,
            }
            for column in table.columns
            if not column.hidden or kw.get("box_hidden")
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the primary key."""
        table = _table(table_name, schema)
        if table is None:
            return super().get_pk_constraint(connection, table_name, schema, **kw)
        return {"constrained_columns": [table.key], "name": None}

    def get_foreign_keys(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the columns refer to; Box does not enforce it."""
        table = _table(table_name, schema)
        if table is None:
            return super().get_foreign_keys(connection, table_name, schema, **kw)
        keys: list[dict[str, Any]] = []
        for column in table.columns:
            if column.references is not None:
                referred, _, key = column.references.partition(".")
                keys.append(
                    {
                        "name": None,
                        "constrained_columns": [column.name],
                        "referred_schema": schema,
                        "referred_table": referred,
                        "referred_columns": [key],
                        "options": {},
                    }
                )
        return keys

    def get_indexes(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the indexes; Box's tables have none."""
        return [] if _table(table_name, schema) else super().get_indexes(connection, table_name, schema, **kw)

    def get_unique_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the unique constraints; Box's tables have none but the key."""
        if _table(table_name, schema):
            return []
        return super().get_unique_constraints(connection, table_name, schema, **kw)

    def get_check_constraints(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the check constraints; Box's tables have none."""
        if _table(table_name, schema):
            return []
        return super().get_check_constraints(connection, table_name, schema, **kw)

    def get_table_options(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return SQLite's options of a table; Box's tables have none, and SQLAlchemy before 2.1 knows none."""
        if _table(table_name, schema) or not _HAS_OPTIONS:
            return {}
        return super().get_table_options(connection, table_name, schema, **kw)

    def get_table_comment(self, connection: Any, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return what the table holds."""
        table = _table(table_name, schema)
        return {"text": table.doc if table else None}
