"""`Readonly=true` refuses every write before anything is sent, and leaves reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

WRITES = (
    "INSERT INTO folders (name, parent_id) VALUES ('x', '0')",
    "insert/**/into folders (name, parent_id) select name, '0' from files",
    "INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('x', '0')",
    "INSERT OR REPLACE INTO folders (name, parent_id) VALUES ('x', '0')",
    "INSERT OR ROLLBACK INTO folders (name, parent_id) VALUES ('x', '0')",
    "INSERT INTO folders (name, parent_id) VALUES ('x', '0') RETURNING id",
    "INSERT INTO folders DEFAULT VALUES",
    "REPLACE INTO folders (name, parent_id) VALUES ('x', '0')",
    "WITH x AS (SELECT 'n' AS name) INSERT INTO folders (name, parent_id) SELECT name, '0' FROM x",
    "UPDATE folders SET name = 'x'",
    "UPDATE OR IGNORE folders SET name = 'x' WHERE id = '1'",
    "UPDATE folders SET name = f.name FROM files f WHERE f.parent_id = folders.id",
    "WITH x AS (SELECT 1) UPDATE folders SET name = 'x'",
    "DELETE FROM folders",
    "DELETE FROM folders WHERE 0",
    "WITH x AS (SELECT 1) DELETE FROM folders",
    "EXPLAIN DELETE FROM folders",
    "CREATE TABLE t (a)",
    "CREATE TABLE t AS SELECT * FROM files",
    "CREATE TEMP TABLE t (a)",
    "CREATE TEMP TABLE t AS SELECT * FROM files",
    "CREATE TABLE IF NOT EXISTS t (a)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE VIRTUAL TABLE t USING fts5(a)",
    "ANALYZE",
    "ANALYZE files",
    "VACUUM",
    "VACUUM INTO 'x'",
    "ATTACH ':memory:' AS x",
    "DETACH main",
)
REFUSED_BY_SQLITE = (
    "INSERT INTO folders (id) VALUES (1) ON CONFLICT (id) DO NOTHING",
    "INSERT INTO folders (id) VALUES (1) ON CONFLICT DO UPDATE SET name = 'x'",
    "DROP TABLE folders",
    "ALTER TABLE folders ADD COLUMN x",
    "CREATE INDEX i ON folders (id)",
    "CREATE TRIGGER t AFTER INSERT ON folders BEGIN SELECT 1; END",
    "PRAGMA user_version = 1",
)

READS = (
    "SELECT name FROM files WHERE parent_id = '0'",
    "WITH x AS (SELECT id FROM folders) SELECT count(*) FROM x",
    "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 3) SELECT n FROM r",
    "SELECT name, row_number() OVER (ORDER BY name) FROM files ORDER BY 2",
    "SELECT DISTINCT parent_id FROM files UNION SELECT id FROM folders",
    "VALUES (1), (2)",
    "EXPLAIN QUERY PLAN SELECT * FROM files",
    "PRAGMA table_info(files)",
    "SELECT value FROM json_each('[1, 2]')",
)


@pytest.fixture
def readonly(small: Box) -> Iterator[box_dialect.Connection]:
    with small.connect(Readonly="true") as connection:
        yield connection


@sweep("sql", [*WRITES, *REFUSED_BY_SQLITE])
def test_no_write_is_even_sent(small: Box, readonly: box_dialect.Connection, sql: str) -> None:
    small.reset()
    cursor = readonly.cursor()
    reason = "Readonly=true" if sql in WRITES else None
    with pytest.raises((box_dialect.ProgrammingError, box_dialect.NotSupportedError), match=reason):
        cursor.execute(sql)
    with pytest.raises((box_dialect.ProgrammingError, box_dialect.NotSupportedError), match=reason):
        cursor.executemany(sql, [(), ()])
    stats = small.stats()
    assert (stats["calls"], stats["token_calls"]) == (0, 0)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_not_even_a_token_is_asked_for(fresh: Box) -> None:
    with fresh.connect(Readonly="true") as connection:
        for sql in WRITES:
            with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
                connection.cursor().execute(sql)
        assert (fresh.stats()["calls"], fresh.stats()["token_calls"]) == (0, 0)
        connection.cursor().execute("SELECT id FROM folders WHERE id = '0'").fetchall()
        assert (fresh.stats()["calls"], fresh.stats()["token_calls"]) == (1, 1)


@pytest.mark.parametrize("table", [table.name for table in TABLES.values() if table.is_writable])
def test_each_table_that_can_be_written_is_guarded(readonly: box_dialect.Connection, table: str) -> None:
    key = TABLES[table].keys[0]
    for sql in (f"INSERT INTO {table} DEFAULT VALUES", f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
            readonly.cursor().execute(sql)


@pytest.mark.parametrize("sql", READS)
def test_reading_works(readonly: box_dialect.Connection, sql: str) -> None:
    assert readonly.cursor().execute(sql).fetchall()


def test_transactions_work(readonly: box_dialect.Connection) -> None:
    for sql in ("BEGIN", "SAVEPOINT a", "RELEASE a", "COMMIT"):
        readonly.cursor().execute(sql)
    readonly.commit()
    readonly.rollback()
