"""The tables and views of a connection, their columns, what these refer to, and the ways to their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Column, DocumentRelation, Known, SystemTable, Table, Type, View
from box_dialect.catalog.values import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.catalog.model import Relation
    from box_dialect.properties import Properties


def _listed(known: Known) -> Iterator[Relation]:
    """Yield the tables and views, each by one name."""
    return (each for each in known.relations.values() if not isinstance(each, Table) or each.alias_of is None)


def _of_table(reverse: str) -> Column:
    return Column(
        "table_name",
        nullable=False,
        references="sys_tables.name",
        relation="table",
        reverse=reverse,
        doc="Name of the table.",
    )


def _tables(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for each in _listed(known):
        if isinstance(each, Table):
            writes = (each.insert is not None, each.update is not None, each.delete is not None)
            yield each.name, "table", each.doc, *writes, each.reference or None, None
        elif isinstance(each, View):
            yield each.name, "view", each.doc, False, False, False, None, each.sql
        elif isinstance(each, DocumentRelation):
            yield each.name, "document", each.doc, False, False, False, None, each.definition
        else:
            yield each.name, "system table", each.doc, False, False, False, None, None


sys_tables: Final = SystemTable(
    name="sys_tables",
    doc="The tables and views, also those of metadata templates and documents that the connection knows by now. What a "
    "local database has is in `sqlite_schema`.",
    columns=(
        Column("name", nullable=False, doc="The name."),
        Column(
            "type",
            nullable=False,
            doc="`table`, `view`, `document`, or `system table` of what tells of the connection.",
        ),
        Column("description", nullable=False, doc="What a row is."),
        Column("is_insertable", Type.BOOLEAN, nullable=False, doc="Whether it takes INSERT."),
        Column("is_updatable", Type.BOOLEAN, nullable=False, doc="Whether it takes UPDATE."),
        Column("is_deletable", Type.BOOLEAN, nullable=False, doc="Whether it takes DELETE."),
        Column("reference", doc="Address of Box's reference of it."),
        Column("definition", doc="The query that a view is; the statement that makes a table of documents."),
    ),
    key="name",
    tell=_tables,
)


def _columns(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for table in _listed(known):
        for ordinal, each in enumerate(table.columns, start=1):
            is_inserted = (
                isinstance(table, Table)
                and table.insert is not None
                and (each.update is not None or table.is_inserted(each))
            )
            yield (
                table.name,
                each.name,
                ordinal,
                each.type.name,
                each.nullable,
                table.keys.index(each.name) + 1 if each.name in table.keys else None,
                each.hidden,
                is_inserted,
                each.update is not None,
                json_text(each.options or None),
                each.doc,
            )


sys_tablecolumns: Final = SystemTable(
    name="sys_tablecolumns",
    doc="The columns of the tables and views.",
    columns=(
        _of_table("columns"),
        Column("name", nullable=False, doc="The name."),
        Column("ordinal", Type.INTEGER, nullable=False, doc="The place in the table, from 1 on."),
        Column(
            "type",
            nullable=False,
            options=tuple(each.name for each in Type),
            doc="`TEXT`, `INTEGER`, `REAL`, `BOOLEAN`, `TIMESTAMP`, `JSON` or `BLOB`.",
        ),
        Column("is_nullable", Type.BOOLEAN, nullable=False, doc="Whether a row may be without a value."),
        Column("key_ordinal", Type.INTEGER, doc="The place in the primary key, from 1 on; NULL outside of it."),
        Column("is_hidden", Type.BOOLEAN, nullable=False, doc="Whether `SELECT *` leaves it out."),
        Column("is_insertable", Type.BOOLEAN, nullable=False, doc="Whether INSERT sets it."),
        Column("is_updatable", Type.BOOLEAN, nullable=False, doc="Whether UPDATE sets it."),
        Column("options", Type.JSON, doc="The only values that Box takes, where these are fixed, a list of texts."),
        Column("description", nullable=False, doc="What it holds."),
    ),
    key=("table_name", "name"),
    tell=_columns,
)


def _foreign_keys(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for table in _listed(known):
        for each in table.references:
            for column, key in zip(each.columns, each.keys, strict=True):
                yield table.name, each.name, column, each.target, key, each.by, each.kind, each.reverse


sys_foreignkeys: Final = SystemTable(
    name="sys_foreignkeys",
    doc="What columns refer to: a row for each column, several for what they refer to together.",
    columns=(
        _of_table("foreignkeys"),
        Column("name", nullable=False, doc="What the row referred to is called, as by the ORM."),
        Column("column_name", nullable=False, doc="The column that refers."),
        Column("referenced_table_name", nullable=False, doc="The table that it refers to."),
        Column("referenced_column_name", nullable=False, doc="The column of the key there."),
        Column("type_column_name", doc="The column that tells which of several tables is referred to."),
        Column("type_value", doc="What that column has where it is this one."),
        Column("reverse_name", doc="What the rows that refer are called there; NULL where they are found by id only."),
    ),
    key=("table_name", "name", "column_name"),
    tell=_foreign_keys,
)


def _access_paths(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for table in known.tables.values():
        for each in table.paths if table.alias_of is None else ():
            filters = dict.fromkeys(narrow.column for narrow in each.filters)
            orders = dict.fromkeys(order.column for order in each.orders)
            lists = (json_text([*names]) for names in (each.keys, filters, orders))
            yield (
                table.name,
                each.name,
                each.operations,
                *lists,
                each.unique,
                each.walks,
                float(each.calls),
                float(each.rows),
            )


sys_access_paths: Final = SystemTable(
    name="sys_access_paths",
    doc="The ways to the rows of each table, of which a statement takes the cheapest that fits.",
    columns=(
        _of_table("access_paths"),
        Column("name", nullable=False, doc="What `EXPLAIN QUERY PLAN` calls it."),
        Column("operations", nullable=False, doc="What Box is asked."),
        Column("key_columns", Type.JSON, nullable=False, doc="Columns to compare by `=` or `IN`, a list of texts."),
        Column("filter_columns", Type.JSON, nullable=False, doc="Columns that Box narrows by, a list of texts."),
        Column("order_columns", Type.JSON, nullable=False, doc="Columns that Box sorts by, a list of texts."),
        Column("is_unique", Type.BOOLEAN, nullable=False, doc="Whether a key has one row at most."),
        Column("is_walk", Type.BOOLEAN, nullable=False, doc="Whether each folder is listed."),
        Column("calls", Type.REAL, nullable=False, doc="What one value of each key is thought to cost, in calls."),
        Column("rows", Type.REAL, nullable=False, doc="How many rows that is thought to give."),
    ),
    key=("table_name", "name"),
    tell=_access_paths,
)
