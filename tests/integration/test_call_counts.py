"""What tables cost in calls, by each of their access paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from known_rows import CALLS, those_known
from sweep import sweep

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box

BY_KEY = [table.name for table in TABLES.values() if any(path.unique and not path.indexed for path in table.paths)]


def calls(box: Box, sql: str, *parameters: object) -> int:
    with box.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, parameters).fetchall()
        return cursor.api_calls


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if not table.needs])
def test_without_a_where(small: Box, table: str) -> None:
    assert table in CALLS, f"add to CALLS in tests/known_rows what {table} takes"
    assert calls(small, f"SELECT * FROM {table}") == CALLS[table]


@sweep("table", BY_KEY)
def test_a_row_by_its_key_takes_one_call(small: Box, table: str) -> None:
    keys = next(path.keys for path in TABLES[table].paths if path.unique and not path.indexed)
    with small.connect() as connection, connection.cursor() as cursor:
        condition, key = those_known(table)
        row = cursor.execute(f"SELECT {', '.join(keys)} FROM {table} WHERE {condition} LIMIT 1", key).fetchone()
    where, columns = " AND ".join(f"{key} = ?" for key in keys), ", ".join(told_by_key(table))
    assert calls(small, f"SELECT {columns} FROM {table} WHERE {where}", *row) == 1


def told_by_key(table: str) -> list[str]:
    """Return the columns that Box tells with a row, without those that it tells elsewhere alone."""
    path = next(path for path in TABLES[table].paths if path.unique and not path.indexed)
    elsewhere = {column for each in path.endpoints if each.complete is not None for column in each.complete.columns}
    left = elsewhere.union(path.lacks)
    return [column.name for column in TABLES[table].columns if not column.hidden and column.name not in left]
