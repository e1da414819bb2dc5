"""Box's tables as SQLAlchemy's, made from the catalog: no engine is needed, and no call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from box_dialect.catalog import Catalog, Column, Table
from box_dialect.dialect.reflection import is_assigned
from box_dialect.dialect.types import reflected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Dialect

    from box_dialect.catalog.model import Reference, Relation

_ETAG: Final = "etag"

STATIC: Final = tuple(Catalog().relations.values())
"""The tables and views that every connection of this process has: Box's, and those of installed packages."""


class Etag(TypeDecorator):  # type: ignore[type-arg] # which SQLAlchemy 1.4 does not take
    """The etag as a version counter, which must not be NULL, as that of the root folder is."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's signature
        """Return an empty text where there is no etag."""
        return "" if value is None else str(value)


def tables(metadata: sa.MetaData, *added: Relation) -> dict[str, sa.Table]:
    """Return Box's tables by their names, in `metadata`; one of the name that is there already stays as it is.

    They are those of every connection, with those that a program has `added` to the catalogs of its own. Hidden columns
    are among theirs, but for the one with the table's name: `search` does the same.
    """
    declared = {table.name: table for table in (*STATIC, *added)}
    return {name: _table(table, metadata) for name, table in declared.items()}


def columns(table: Relation) -> Iterator[Column]:
    """Yield the columns of a table that have an attribute in its class."""
    return (column for column in table.columns if column.name != table.name)


def version(table: Relation) -> str | None:
    """Return the column that tells whether somebody else changed a row, None where there is none."""
    if not isinstance(table, Table) or table.update is None:
        return None
    return table.version or (_ETAG if _ETAG in table.numbers else None)


def _table(table: Relation, metadata: sa.MetaData) -> sa.Table:
    if table.name in metadata.tables:
        return metadata.tables[table.name]
    made: list[Any] = [_column(table, column) for column in columns(table)]
    made += [_foreign_key(reference) for reference in table.references if len(reference.columns) > 1]
    options: Any = {f"box_{option}": True for option in table.options} if isinstance(table, Table) else {}
    return sa.Table(table.name, metadata, *made, comment=table.doc, info={"box": table.references}, **options)


def _foreign_key(reference: Reference) -> sa.ForeignKeyConstraint:
    """Return what several columns refer to together."""
    return sa.ForeignKeyConstraint(reference.columns, [f"{reference.target}.{key}" for key in reference.keys])


def _column(table: Relation, column: Column) -> sa.Column[Any]:
    """Return a column; Box gives a value to those that an INSERT may leave out, or that no UPDATE writes."""
    hidden: Any = {"box_hidden": True} if column.hidden else {}
    return sa.Column(
        column.name,
        Etag() if column.name == _ETAG == version(table) else reflected(column),
        *([sa.ForeignKey(column.references)] if column.references and not column.along else []),
        primary_key=column.name in table.keys,
        autoincrement=False,
        nullable=column.nullable,
        server_default=sa.FetchedValue() if is_assigned(table, column.name) else None,
        server_onupdate=None if column.update is not None or column.name in table.keys else sa.FetchedValue(),
        comment=column.doc,
        **hidden,
    )
