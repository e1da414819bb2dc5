"""Nothing that a statement creates hides a table of Box, and nothing changes the tables themselves."""

from __future__ import annotations

import pytest
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES

SPELLINGS = ("files", '"FILES"', "[Files]", "`fileS`", "'files'", "main.files", "temp.files", 'main."files"')

CREATE = (
    "CREATE TABLE {} (a)",
    "CREATE TABLE IF NOT EXISTS {} (a)",
    "create/**/table {} as select 1",
    "CREATE VIEW {} AS SELECT 1 AS id",
    "CREATE VIEW IF NOT EXISTS {} AS SELECT 1 AS id",
    "CREATE VIRTUAL TABLE {} USING fts5(a)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS {} USING rtree(id, a, b)",
    "EXPLAIN CREATE TABLE {} (a)",
)
CREATE_TEMP = (
    "CREATE TEMP TABLE {} (a)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS {} (a)",
    "CREATE TEMP VIEW {} AS SELECT 1 AS id",
    "CREATE TEMP TABLE {} AS SELECT 1 AS id",
)

RENAMES = (
    "ALTER TABLE local RENAME TO files",
    'alter table "local" rename to [FILES]',
    "ALTER TABLE main.local RENAME TO 'files'",
    "ALTER TABLE words RENAME TO files",
    "ALTER TABLE passing RENAME TO files",
    "ALTER TABLE local RENAME TO files -- comment",
    "ALTER/**/TABLE local RENAME/**/TO/**/files /* comment */ ;",
)

CHANGES = {
    "DROP TABLE files": "may not be dropped",
    "DROP TABLE IF EXISTS main.files": "may not be dropped",
    "DROP VIEW files": "may not be dropped",
    "ALTER TABLE files RENAME TO other": "may not be altered",
    "ALTER TABLE files ADD COLUMN x": "may not be altered",
    "ALTER TABLE files DROP COLUMN id": "cannot drop column",
    "ALTER TABLE files RENAME COLUMN id TO x": "cannot rename columns",
    "CREATE INDEX i ON files (id)": "may not be indexed",
    "CREATE UNIQUE INDEX IF NOT EXISTS i ON files (id)": "may not be indexed",
    "CREATE TRIGGER t AFTER INSERT ON files BEGIN SELECT 1; END": "cannot create trigger",
    "CREATE TEMP TRIGGER t INSTEAD OF DELETE ON files BEGIN SELECT 1; END": "cannot create",
}


def refused(connection: box_dialect.Connection, sql: str, reason: str) -> None:
    with pytest.raises((box_dialect.ProgrammingError, box_dialect.NotSupportedError), match=reason):
        connection.cursor().execute(sql)
    columns = [row[1] for row in connection.cursor().execute("PRAGMA table_info(files)")]
    assert columns == [column.name for column in TABLES["files"].columns if not column.hidden]


@sweep("spelling", SPELLINGS)
@sweep("statement", CREATE)
def test_a_new_table_cannot_hide_one_of_box(connection: box_dialect.Connection, statement: str, spelling: str) -> None:
    if spelling.startswith("temp.") and "VIRTUAL TABLE IF NOT EXISTS" in statement:
        connection.cursor().execute(statement.format(spelling))  # it exists, so nothing happens
        statement = statement.replace("IF NOT EXISTS", "")
    refused(connection, statement.format(spelling), "(?i)files is a table of Box|table .*files.* already exists")


@sweep("spelling", SPELLINGS[:5])
@sweep("statement", CREATE_TEMP)
def test_a_temporary_one_cannot_either(connection: box_dialect.Connection, statement: str, spelling: str) -> None:
    refused(connection, statement.format(spelling), "(?i)files is a table of Box")


@sweep("table", TABLES)
def test_each_table_is_guarded(connection: box_dialect.Connection, table: str) -> None:
    refused(connection, f"CREATE TABLE {table} (a)", f"{table} is a table of Box")
    refused(connection, f"CREATE TEMP VIEW {table} AS SELECT 1", f"{table} is a table of Box")


@pytest.mark.parametrize("statement", RENAMES)
def test_a_renamed_table_cannot_either(connection: box_dialect.Connection, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE local (a)")
    cursor.execute("CREATE TEMP TABLE passing (a)")
    cursor.execute("CREATE VIRTUAL TABLE words USING fts5(a)")
    refused(connection, statement, "(?i)files is a table of Box|already another table")


@sweep(("statement", "reason"), CHANGES.items())
def test_tables_of_box_keep_their_form(connection: box_dialect.Connection, statement: str, reason: str) -> None:
    refused(connection, statement, reason)


def test_tables_of_the_user_may_change(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    for sql in (
        "CREATE TABLE local (a)",
        "CREATE VIEW names AS SELECT name FROM files",
        "ALTER TABLE local ADD COLUMN b",
        "ALTER TABLE local RENAME COLUMN a TO files",
        "ALTER TABLE local RENAME files TO c",
        "ALTER TABLE local ADD COLUMN d DEFAULT 'alter table local rename to files'",
        "ALTER TABLE local DROP COLUMN d",
        "INSERT INTO local VALUES (1, 2)",
        "ALTER TABLE local DROP COLUMN b",
        "ALTER TABLE local RENAME TO other",
        "ALTER TABLE other RENAME TO local",
        "CREATE INDEX files ON local (c)",
    ):
        cursor.execute(sql)
    assert cursor.execute("SELECT c FROM local").fetchall() == [(1,)]
    assert cursor.execute("SELECT count(*) > 5 FROM files").fetchall() == [(1,)]


def test_a_common_table_expression_may_have_the_name_for_its_statement(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    assert cursor.execute("WITH files AS (SELECT 1 AS x) SELECT * FROM files").fetchall() == [(1,)]
    assert cursor.execute("SELECT count(*) > 5 FROM files").fetchall() == [(1,)]
