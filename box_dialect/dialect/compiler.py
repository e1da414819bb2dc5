"""SQL as SQLite takes it, and what differs for Box's tables.

Source: https://docs.sqlalchemy.org/en/20/core/connections.html#insert-many-values-behavior-for-insert-statements
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy.sql import expression

from box_dialect.catalog import Catalog
from box_dialect.dialect.datetimes import DatetimeCompiler
from box_dialect.dialect.reflection import is_assigned, is_of_box

_HAS_RETURNING = not sqlalchemy.__version__.startswith("1.")
"""Whether SQLAlchemy knows SQLite's RETURNING."""


class BoxCompiler(DatetimeCompiler):
    """Compile RETURNING on SQLAlchemy 1.4 too, and INSERTs of many rows whose rows come back in their order."""

    def visit_insert(self, insert_stmt: Any, *args: Any, **kw: Any) -> str:
        """Compile an INSERT; one into a table of Box needs no column to find the order of its rows by.

        Box assigns the key also of a table whose declaration does not say so, as those of SQLModel do not.
        """
        sqlite: Any = super()
        _tell_assigned_key(insert_stmt.table)
        text: str = sqlite.visit_insert(insert_stmt, *args, **kw)
        many: Any = getattr(self, "_insertmanyvalues", None)
        if many is not None and _is_of_box(insert_stmt.table) and not many.num_sentinel_columns:
            self._insertmanyvalues = many._replace(sort_by_parameter_order=False)
        return text

    def returning_clause(self, stmt: Any, returning_cols: Any, **kw: Any) -> str:
        """Compile the RETURNING of a statement."""
        sqlite: Any = super()
        if _HAS_RETURNING:
            return str(sqlite.returning_clause(stmt, returning_cols, **kw))
        columns: Any = expression._select_iterables(returning_cols)  # noqa: SLF001 - as the dialects of SQLAlchemy 1.4 do
        labelled: Any = sqlite._label_returning_column  # noqa: SLF001
        return "RETURNING " + ", ".join(
            labelled(stmt, column, fallback_label_name=column._non_anon_label)  # noqa: SLF001
            for column in columns
        )


def _tell_assigned_key(table: Any) -> None:
    """Have SQLAlchemy fetch a key that Box assigns; without it the ORM fails once the row is made."""
    box = Catalog().relations.get(str.lower(table.name))
    if box is None:
        return
    for column in table.primary_key:
        if column.default is None and column.server_default is None and is_assigned(box, column.name):
            column.server_default = sqlalchemy.FetchedValue()


def _is_of_box(table: Any) -> bool:
    """Tell whether a table is Box's, as far as that is known without a connection: of those added, by `info` alone."""
    return "box" in getattr(table, "info", ()) or is_of_box(table.name, Catalog())
