"""SQLite knows how many rows small local tables have before a statement joins them with Box's, and leaves no trace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa
from conftest import Box

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FEW: Final = 5
MANY: Final = 12_000
WALK: Final = 100
"""Folders that are listed where all files are read."""

TABLES: Final = {
    "plain": "CREATE TEMP TABLE wanted (id, name)",
    "keyed": "CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY, name)",
    "without rowid": "CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY, name) WITHOUT ROWID",
    "in memory": "CREATE TABLE wanted (id TEXT, name)",
}
SHAPES: Final = {
    "join": "SELECT f.name FROM wanted w JOIN files f ON f.id = w.id",
    "join from Box": "SELECT f.name FROM files f, wanted w WHERE w.id = f.id",
    "children": "SELECT message FROM wanted w JOIN comments ON item_id = w.id",
    "two levels": "SELECT message FROM wanted w JOIN files f ON f.id = w.id JOIN comments ON item_id = f.id",
    "view": "SELECT name FROM shown",
    "update": "UPDATE wanted SET name = f.name FROM files f WHERE f.id = wanted.id",
    "insert": "INSERT INTO said SELECT f.name FROM wanted w JOIN files f ON f.id = w.id",
    "delete": "DELETE FROM wanted WHERE id IN (SELECT f.id FROM files f JOIN wanted w ON w.id = f.id WHERE f.size < 0)",
    "create": "CREATE TEMP TABLE made AS SELECT f.name FROM wanted w JOIN files f ON f.id = w.id",
    "left join": "SELECT f.name FROM wanted w LEFT JOIN files f ON f.id = w.id",
    "exists": "SELECT name FROM wanted w WHERE EXISTS (SELECT 1 FROM files f WHERE f.id = w.id AND f.size > 0)",
    "in": "SELECT name FROM files WHERE id IN (SELECT id FROM wanted)",
}
JOIN: Final = SHAPES["join"]


@pytest.fixture(scope="module")
def ids(synthetic: Box) -> Sequence[tuple[str]]:
    """Ids of a few files, each in another folder."""
    with synthetic.connect() as connection:
        found = connection.cursor().execute("SELECT id FROM files").fetchall()
    return found[:: len(found) // FEW][:FEW]


@pytest.fixture
def connection(synthetic: Box) -> Iterator[box_dialect.Connection]:
    with synthetic.connect() as connection:
        yield connection


def fill(connection: box_dialect.Connection, ids: Sequence[tuple[str]], ddl: str = TABLES["plain"]) -> None:
    cursor = connection.cursor()
    cursor.execute(ddl)
    cursor.executemany("INSERT INTO wanted (id) VALUES (?)", ids)


def calls(connection: box_dialect.Connection, statement: str = JOIN) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        if cursor.description:
            cursor.fetchall()
        return cursor.api_calls


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", TABLES)
def test_a_small_local_table_is_looked_up_row_by_row(
    connection: box_dialect.Connection, ids: Sequence[tuple[str]], kind: str, shape: str
) -> None:
    fill(connection, ids, TABLES[kind])
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE said (name)")
    cursor.execute("CREATE TEMP VIEW shown AS SELECT f.name FROM wanted w JOIN files f ON f.id = w.id")
    assert calls(connection, SHAPES[shape]) <= 2 * FEW
