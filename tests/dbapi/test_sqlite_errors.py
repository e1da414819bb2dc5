"""Failures are exceptions of PEP 249 that say what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import apsw
import pytest
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.dbapi.sqlite_errors import from_sqlite

if TYPE_CHECKING:
    from conftest import Box

    from box_dialect.catalog import Table

WRONG = {
    "SELECT nme FROM files": "no such column: nme; did you mean name?",
    "SELECT f.nme FROM files f": "no such column: f.nme; did you mean name?",
    "SELECT FILES.NME FROM files": "no such column: FILES.NME; did you mean name?",
    "SELECT id FROM files WHERE \"nam\" = 'x'": 'no such column: "nam" - .*; did you mean name?',
    "UPDATE folders SET nam = 'x'": "no such column: nam; did you mean name?",
    "INSERT INTO folders (nam) VALUES (1)": "table folders has no column named nam; did you mean name?",
    "INSERT INTO FOLDERS (nam) VALUES (1)": "table FOLDERS has no column named nam; did you mean name?",
    "SELECT count(nothing_alike_at_all) FROM files": "no such column: nothing_alike_at_all$",
    "SELECT name FROM comments": "no such column: name$",
    "SELECT NAM FROM comments": "no such column: NAM$",
    "SELECT c.mesage, name FROM files f JOIN Comments c": "no such column: c.mesage; did you mean message?",
    "SELECT c.mesage FROM (SELECT 1) c": "no such column: c.mesage$",
    "SELECT id FROM users WHERE users MATCH 'a'": "no such column: users; Box searches only files, folders, items, ",
    f"SELECT {'(' * 20_000}1{')' * 20_000}": "an expression or query is nested too deep",
    f"SELECT * FROM files WHERE name = 'a'{' OR name = 1' * 1_001}": "Expression tree is too .*; use IN instead of",
    "SELECT name FROM file": "no such table: file; did you mean files?",
    "SELECT name FROM main.Flies": "no such table: main.Flies; did you mean files?",
    'SELECT name FROM "web links"': "no such table: web links; did you mean web_links?",
    "DELETE FROM comment": "no such table: comment; did you mean comments?",
    "SELECT name FROM quite_another": "no such table: quite_another; the tables are files, folders, ",
    "SELECT nofunc(1)": "no such function: nofunc",
    "SELECT abs(1, 2)": "wrong number of arguments to function abs",
    "SELEC 1": 'near "SELEC": syntax error',
    "SELECT 1 FROM": "incomplete input",
    "SELECT id FROM files, folders": "ambiguous column name: id",
    "SELECT id FROM files ORDER BY 9": "1st ORDER BY term out of range",
    "SELECT 'open": "unrecognized token",
    "ALTER TABLE files ADD COLUMN x": "virtual tables may not be altered; a table of Box is one, and stays",
    "CREATE INDEX i ON files (name)": "virtual tables may not be indexed; a table of Box is one, and stays",
    "ALTER TABLE files DROP COLUMN name": 'cannot drop column from virtual table "files"; a table of Box is one',
}

UNSUPPORTED = {
    "INSERT INTO folders (name) VALUES ('x') ON CONFLICT (id) DO NOTHING": "UPSERT not implemented.*INSERT OR IGNORE",
    "UPDATE items SET name = 'x' WHERE 0 RETURNING id": "may not be modified",
    "SELECT * FROM files WHERE files MATCH 'a' OR size > 5": "MATCH works on a table",
    "SELECT id FROM legal_hold_policies WHERE is_ongoing = 1": "is_ongoing of legal_hold_policies is written",
    "SELECT name FROM shared_items WHERE shared_link_password = 'x'": "shared_link_password beside shared_link, by",
    "SELECT 1 FROM storage_policy_assignments WHERE resolved_for_id = '7'": "resolved_for_id beside resolved_for_type",
}

CLASSES = {
    apsw.ConstraintError: box_dialect.IntegrityError,
    apsw.ReadOnlyError: box_dialect.NotSupportedError,
    apsw.TooBigError: box_dialect.DataError,
    apsw.MismatchError: box_dialect.DataError,
    apsw.InterruptError: box_dialect.OperationalError,
    apsw.FullError: box_dialect.OperationalError,
    apsw.NoMemError: box_dialect.OperationalError,
    apsw.InternalError: box_dialect.InternalError,
    apsw.ThreadingViolationError: box_dialect.InterfaceError,
    apsw.BindingsError: box_dialect.ProgrammingError,
    apsw.SQLError: box_dialect.ProgrammingError,
    apsw.LockedError: box_dialect.OperationalError,
    OverflowError: box_dialect.DataError,
    ValueError: box_dialect.ProgrammingError,
}

READ_ONLY = [table.name for table in TABLES.values() if not table.is_writable]
WRITABLE = [table for table in TABLES.values() if table.is_writable]


@sweep(("sql", "message"), WRONG.items(), ids=[sql[:60] for sql in WRONG])
def test_wrong_sql_is_told_with_what_is_near(connection: box_dialect.Connection, sql: str, message: str) -> None:
    cursor = connection.cursor()
    with pytest.raises(box_dialect.ProgrammingError, match=f"^{message}") as caught:
        cursor.execute(sql)
    assert caught.value.__cause__ is None
    assert cursor.api_calls == 0
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize(("sql", "message"), UNSUPPORTED.items())
def test_what_is_not_supported_is_told_with_another_way(
    connection: box_dialect.Connection, sql: str, message: str
) -> None:
    cursor = connection.cursor()
    with pytest.raises(box_dialect.NotSupportedError, match=message):
        cursor.execute(sql)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@sweep(("theirs", "ours"), CLASSES.items())
def test_each_failure_of_sqlite_has_its_class(theirs: type[Exception], ours: type[Exception]) -> None:
    error = from_sqlite(theirs(f"{theirs.__name__}: it failed"), TABLES)
    assert type(error) is ours
    assert str(error) == "it failed"


@sweep("table", READ_ONLY)
@sweep(
    "sql",
    [
        "INSERT INTO {} (id) VALUES ('1')",
        "INSERT INTO {} DEFAULT VALUES",
        "REPLACE INTO {} (id) VALUES ('1')",
        "UPDATE {} SET id = '1'",
        "UPDATE {} SET rowid = 1 WHERE 0",
        "DELETE FROM {}",
        "DELETE FROM {} WHERE id = '1'",
    ],
)
def test_no_write_is_made_to_a_read_only_table(connection: box_dialect.Connection, table: str, sql: str) -> None:
    cursor = connection.cursor()
    with pytest.raises(box_dialect.NotSupportedError, match=f"{table} may not be modified: Box, or this driver"):
        cursor.execute(sql.format(table))
    assert cursor.api_calls == 0


@pytest.mark.parametrize("table", WRITABLE, ids=lambda table: table.name)
def test_tables_that_can_be_written_tell_what_they_need(connection: box_dialect.Connection, table: Table) -> None:
    cursor = connection.cursor()
    if table.insert is None:
        kind, reason = box_dialect.NotSupportedError, f"table {table.name} takes no INSERT"
    else:
        needed = [name for name in (*table.insert.required, *table.insert.keys) if name != table.insert.by]
        kind, reason = box_dialect.IntegrityError, f"{table.name} needs a value for {needed[0]}"
    with pytest.raises(kind, match=reason):
        cursor.execute(f"INSERT INTO {table.name} DEFAULT VALUES")
    assert cursor.api_calls == 0
    nothing = " AND ".join(f"{column} = ''" for column in table.needs) or "0"
    assert cursor.execute(f"DELETE FROM {table.name} WHERE {nothing}").rowcount == 0


def test_a_conflict_is_told_in_boxs_words(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('x', '0')")
        with pytest.raises(box_dialect.IntegrityError, match="choose another name") as caught:
            cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('x', '0')")
        assert caught.value.diag.code == "item_name_in_use"
        assert caught.value.diag.request_id in str(caught.value)


def test_constraints_of_local_tables_are_kept(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE local (a INTEGER PRIMARY KEY, b TEXT NOT NULL CHECK (b <> ''))")
    cursor.execute("INSERT INTO local VALUES (1, 'x')")
    for sql in ("INSERT INTO local VALUES (1, 'x')", "INSERT INTO local (a) VALUES (2)", "UPDATE local SET b = ''"):
        with pytest.raises(box_dialect.IntegrityError, match="constraint failed"):
            cursor.execute(sql)
    with pytest.raises(box_dialect.DataError, match="mismatch"):
        cursor.execute("INSERT INTO local VALUES ('text', 'x')")


@pytest.mark.parametrize("kind", [KeyError, TypeError, AttributeError, AssertionError])
def test_a_failure_of_the_driver_itself_is_told_as_such(
    connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise kind("unforeseen")

    monkeypatch.setattr("box_dialect.engine.tables.virtual_table.choose", fail)
    with pytest.raises(box_dialect.InternalError, match=r"unforeseen.*please report it") as caught:
        connection.cursor().execute("SELECT 1 FROM files")
    assert isinstance(caught.value.__cause__, kind)
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("table", "condition", "parameter"),
    [("files", "files MATCH ?", "query"), ("items", "search = ?", "query"), ("users", "login = ?", "filter_term")],
)
def test_too_long_a_text_is_told_by_what_it_is_for(
    connection: box_dialect.Connection, table: str, condition: str, parameter: str
) -> None:
    cursor = connection.cursor()
    told = rf"^GET /\w+: the text for {parameter} is too long, .* a URL of 70,\d\d\d characters, which may have 65,536;"
    with pytest.raises(box_dialect.DataError, match=told):
        cursor.execute(f"SELECT id FROM {table} WHERE {condition}", ("x" * 70_000,)).fetchall()
    assert cursor.api_calls == 0
