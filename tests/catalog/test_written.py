"""Every column that can be written is written, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from known_rows import WRITTEN, Written
from sweep import sweep

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Box

    from box_dialect.dbapi import Cursor

IN_OWN_TESTS = {
    "file_versions",
    "trashed_items",
    "metadata_templates",
    "metadata_template_fields",
    "metadata_template_field_options",
    "metadata_instances",
    "metadata_cascade_policies",
    "metadata_taxonomies",
    "metadata_taxonomy_levels",
    "metadata_taxonomy_nodes",
    "retention_policy_assignments",
    "shield_information_barriers",
}
"""What `metadata/`, `test_governance.py` and `test_content.py` have tests of."""
COLUMNS_IN_OWN_TESTS = {"files": {"disposition_at", "file_version_id"}}
"""What is written where there is something else first."""
WRITABLE = [
    name
    for name, table in TABLES.items()
    if name not in IN_OWN_TESTS and (table.insert or table.update or table.delete) is not None
]


@sweep("table", WRITABLE)
def test_every_write_is_tried(table: str) -> None:
    written = WRITTEN.get(table, [])
    inserted = {column for each in written for column in each.insert or ()}
    updated = {column for each in written for values in each.updates for column in values}
    writes = TABLES[table]
    inserting = {c.name for c in writes.columns if writes.insert is not None and c.insert is not None}
    updating = {c.name for c in writes.columns if writes.update is not None and c.update is not None}
    assert inserting - inserted == set(), "add to WRITTEN in tests/known_rows rows with these columns"
    assert updating - updated == COLUMNS_IN_OWN_TESTS.get(table, set()), (
        "add to WRITTEN in tests/known_rows updates of these columns"
    )
    assert (writes.delete is None) != any(each.delete for each in written)


@pytest.mark.parametrize(
    ("table", "written"),
    [pytest.param(table, each, id=f"{table}-{n}") for table in WRITTEN for n, each in enumerate(WRITTEN[table])],
)
def test_what_is_written_is_read_back(fresh: Box, table: str, written: Written) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        check_written(cursor, table, written, {})


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "written"),
    [
        pytest.param(table, each, id=f"{table}-{n}")
        for table in WRITTEN
        if TABLES[table].has_as_user
        for n, each in enumerate(WRITTEN[table])
    ],
)
def test_so_is_what_is_written_as_a_user(fresh: Box, table: str, written: Written) -> None:
    """The connection stands for somebody who may not write it: each call has to be made as the user."""
    with fresh.connect(AsUserId="20000000005") as connection, connection.cursor() as cursor:
        check_written(cursor, table, written, {"as_user": fresh.store.admin.id})


def check_written(cursor: Cursor, table: str, written: Written, user: Mapping[str, object]) -> None:
    """Write a row and read it after each step, as a `user` if there is one."""
    key = {**written.key, **user}
    if written.insert is not None:
        given = {**written.insert, **user}
        names = ", ".join(given)
        places, keys = ", ".join("?" * len(given)), TABLES[table].keys
        insert = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {', '.join(keys)}"
        cursor.execute(insert, tuple(given.values()))
        key = {**dict(zip(keys, cursor.fetchall()[0], strict=True)), **user}
        assert read(cursor, table, given, key) == expected(written, given)
    for values in written.updates:
        given = ", ".join(f"{column} = ?" for column in values)
        cursor.execute(f"UPDATE {table} SET {given} WHERE {where(key)}", (*values.values(), *key.values()))
        assert cursor.rowcount == 1
        key = {column: values.get(column, value) for column, value in key.items()}
        assert read(cursor, table, values, key) == expected(written, values)
    if written.delete:
        cursor.execute(f"DELETE FROM {table} WHERE {where(key)}", (*key.values(),))
        assert cursor.rowcount == 1
        if written.left:
            assert read(cursor, table, written.left, key) == written.left
        else:
            assert cursor.execute(f"SELECT * FROM {table} WHERE {where(key)}", (*key.values(),)).fetchall() == []


def where(key: Mapping[str, object]) -> str:
    return " AND ".join(f"{column} = ?" for column in key)


def read(cursor: Cursor, table: str, columns: Mapping[str, object], key: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns of the row of the key as another statement reads them."""
    names = ", ".join(columns)
    rows = cursor.execute(f"SELECT {names} FROM {table} WHERE {where(key)}", (*key.values(),)).fetchall()
    (row,) = rows
    return dict(zip(columns, row, strict=True))


def expected(written: Written, values: Mapping[str, object]) -> dict[str, object]:
    """Return what the columns read after such values were written; what cannot be read equals anything."""
    known = {**values, **{column: value for column, value in written.reads.items() if column in values}}
    return {column: ANY if value is ... else value for column, value in known.items()}
