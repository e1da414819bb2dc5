"""SQL of a stranger reaches neither files nor settings of this machine, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

ATTACH = "ATTACH, DETACH and VACUUM are refused"

FILES_AND_CODE = {
    "ATTACH ':memory:' AS x": ATTACH,
    "ATTACH DATABASE ':memory:' AS x": ATTACH,
    "aTTach/**/'other.db'--\nas y": ATTACH,
    "ATTACH 'file:other.db?mode=ro' AS x": ATTACH,
    "ATTACH '' AS x": ATTACH,
    "EXPLAIN ATTACH ':memory:' AS x": ATTACH,
    "EXPLAIN QUERY PLAN ATTACH ':memory:' AS x": ATTACH,
    "DETACH main": ATTACH,
    "DETACH DATABASE temp": ATTACH,
    "VACUUM": ATTACH,
    "VACUUM main": ATTACH,
    "VACUUM INTO 'copy.db'": ATTACH,
    "\tVacuum\nInto 'copy' || '.db'": ATTACH,
    "SELECT load_extension('x')": "load_extension is refused",
    "SELECT LOAD_Extension('x', 'y')": "load_extension is refused",
    "SELECT \"load_extension\"('x')": "load_extension is refused",
    "SELECT [load_extension] ('x')": "load_extension is refused",
    "SELECT `load_extension`/* */('x')": "load_extension is refused",
    "EXPLAIN SELECT load_extension('x')": "load_extension is refused",
    "EXPLAIN QUERY PLAN SELECT load_extension('x')": "load_extension is refused",
    "WITH x AS (SELECT load_extension('a')) SELECT * FROM x": "load_extension is refused",
    "SELECT (SELECT (SELECT load_extension('a')))": "load_extension is refused",
    "SELECT * FROM (SELECT 1 WHERE load_extension('a'))": "load_extension is refused",
    "SELECT 1 ORDER BY load_extension('a')": "load_extension is refused",
    "SELECT id FROM files WHERE load_extension(id)": "load_extension is refused",
    "SELECT CASE WHEN 0 THEN load_extension('a') END": "load_extension is refused",
    "VALUES (load_extension('a'))": "load_extension is refused",
    "INSERT INTO folders (name, parent_id) VALUES (load_extension('a'), '0')": "load_extension is refused",
    "CREATE TABLE t (a DEFAULT (load_extension('x')))": "load_extension is refused",
    "CREATE TABLE t (a CHECK (load_extension(a)))": "load_extension is refused",
    "CREATE TABLE t (a, b AS (load_extension(a)))": "load_extension is refused",
    "CREATE TABLE t AS SELECT load_extension('x')": "load_extension is refused",
    "SELECT fts3_tokenizer('simple')": "fts3_tokenizer is refused",
    "SELECT fts3_tokenizer('simple', x'00')": "fts3_tokenizer is refused",
    "SELECT sqlite_log(1, 'forged')": "sqlite_log is refused",
    "SELECT * FROM dbstat": "(?i)dbstat is refused",
    'SELECT 1 FROM "DbStat"': "(?i)dbstat is refused",
    "SELECT readfile('/etc/passwd')": "no such function",
    "SELECT writefile('a', 'x')": "no such function",
    "SELECT edit('x')": "no such function",
    "SELECT * FROM fsdir('/')": "no such table",
    "SELECT * FROM zipfile('a.zip')": "no such table",
    "SELECT * FROM sqlite_dbpage": "no such table",
    "SELECT 1 INTO OUTFILE 'x'": "syntax error",
    "SELECT * INTO other FROM files": "syntax error",
    ".read /etc/passwd": "syntax error",
}

MODULES = ("dbstat", "fts3", "fts4", "fts3tokenize", "geopoly", "json_each", "files", "sqlite_dbpage", "zipfile")

PRAGMAS = (
    "analysis_limit",
    "application_id",
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "case_sensitive_like",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "data_store_directory",
    "default_cache_size",
    "empty_result_callbacks",
    "encoding",
    "full_column_names",
    "fullfsync",
    "hard_heap_limit",
    "ignore_check_constraints",
    "incremental_vacuum",
    "integrity_check",
    "journal_mode",
    "journal_size_limit",
    "legacy_alter_table",
    "legacy_file_format",
    "locking_mode",
    "max_page_count",
    "mmap_size",
    "optimize",
    "page_size",
    "parser_trace",
    "query_only",
    "quick_check",
    "recursive_triggers",
    "reverse_unordered_selects",
    "schema_version",
    "secure_delete",
    "short_column_names",
    "shrink_memory",
    "soft_heap_limit",
    "synchronous",
    "temp_store",
    "temp_store_directory",
    "threads",
    "trusted_schema",
    "user_version",
    "vdbe_addoptrace",
    "vdbe_debug",
    "vdbe_listing",
    "vdbe_trace",
    "wal_autocheckpoint",
    "wal_checkpoint",
    "writable_schema",
    "filename",
    "nonsense",
)
"""Every PRAGMA that takes a value, and two that SQLite does not have."""

TELLING = (
    "PRAGMA table_info(files)",
    "PRAGMA main.table_info('files')",
    "PRAGMA table_xinfo(files)",
    "PRAGMA table_list",
    "PRAGMA index_list(files)",
    "PRAGMA foreign_key_list(files)",
    "PRAGMA database_list",
    "PRAGMA compile_options",
    "PRAGMA foreign_keys",
    "PRAGMA function_list",
    "PRAGMA user_version",
    "SELECT name FROM pragma_table_info('files')",
    "SELECT * FROM pragma_foreign_keys",
    "SELECT * FROM sqlite_schema",
)


@pytest.fixture(autouse=True)
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run in an empty folder, and find it empty afterwards."""
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []


def refused(connection: box_dialect.Connection, sql: str, reason: str, parameters: tuple[object, ...] = ()) -> None:
    cursor = connection.cursor()
    with pytest.raises((box_dialect.NotSupportedError, box_dialect.ProgrammingError), match=reason):
        cursor.execute(sql, parameters)
    assert cursor.api_calls == 0
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


@sweep(("sql", "reason"), FILES_AND_CODE.items())
def test_files_and_native_code_are_out_of_reach(connection: box_dialect.Connection, sql: str, reason: str) -> None:
    refused(connection, sql, reason)


@pytest.mark.parametrize("sql", ["ATTACH ? AS x", "ATTACH ':memory:' AS ?", "VACUUM INTO ?"])
def test_files_given_as_parameters_are_out_of_reach(connection: box_dialect.Connection, sql: str) -> None:
    refused(connection, sql, ATTACH, ("other.db",))


@sweep("form", ["PRAGMA {}=1", "PRAGMA {}(1)", "PRAGMA main . {} = 'x'", "EXPLAIN PRAGMA {}=1"])
@sweep("name", PRAGMAS)
def test_no_pragma_takes_a_value(connection: box_dialect.Connection, name: str, form: str) -> None:
    refused(connection, form.format(name), rf"PRAGMA {name} is refused")
    refused(connection, form.format(name.upper()), rf"PRAGMA (?i:{name}) is refused")


@pytest.mark.parametrize(
    "name", ["journal_mode", "optimize", "integrity_check", "temp_store_directory", "hard_heap_limit", "wal_checkpoint"]
)
def test_pragmas_that_do_something_are_refused_without_a_value_too(
    connection: box_dialect.Connection, name: str
) -> None:
    refused(connection, f"PRAGMA {name}", "is refused")
    refused(connection, f"SELECT * FROM pragma_{name}", "is refused|no such table")
    refused(
        connection,
        f"SELECT * FROM pragma_{name}('wal')",
        "is refused|no such table|unknown database|too many arguments",
    )


@sweep("sql", TELLING)
def test_pragmas_that_tell_of_tables_are_allowed(connection: box_dialect.Connection, sql: str) -> None:
    assert isinstance(connection.cursor().execute(sql).fetchall(), list)


def test_like_and_the_schema_keep_their_meaning(connection: box_dialect.Connection) -> None:
    refused(connection, "PRAGMA case_sensitive_like = 1", "is refused")
    assert connection.cursor().execute("SELECT 'A' LIKE 'a'").fetchone() == (1,)
    for sql in (
        "INSERT INTO sqlite_schema VALUES ('table', 'files', 'files', 0, 'CREATE TABLE files (a)')",
        "UPDATE sqlite_schema SET sql = ''",
        "DELETE FROM sqlite_temp_schema",
        "REPLACE INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
    ):
        refused(connection, sql, "may not be modified")


@sweep("name", MODULES)
def test_virtual_tables_of_other_modules_are_refused(connection: box_dialect.Connection, name: str) -> None:
    refused(connection, f"CREATE VIRTUAL TABLE t USING {name}(filename='/etc/passwd')", f"module {name} is refused")
    refused(connection, f'CREATE VIRTUAL TABLE temp.t USING "{name.upper()}"', f"module (?i:{name}) is refused")


def test_virtual_tables_of_documents_read_no_file_of_this_machine(connection: box_dialect.Connection) -> None:
    refused(
        connection,
        "CREATE VIRTUAL TABLE t USING csv(filename='/etc/passwd')",
        r"takes either path = '/folder/name' or file_id",
    )
    with pytest.raises(box_dialect.ProgrammingError, match="there is no file at /etc/passwd that the signed-in user"):
        connection.cursor().execute("CREATE VIRTUAL TABLE t USING csv(path='/etc/passwd')")


def test_virtual_tables_in_memory_work(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE VIRTUAL TABLE words USING fts5(name)")
    cursor.execute("INSERT INTO words SELECT name FROM files")
    assert cursor.execute("SELECT count(*) > 0 FROM words WHERE words MATCH 'budget'").fetchall() == [(1,)]
    refused(connection, "DELETE FROM words_data", "may not be modified")
    cursor.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(words, 'row')")
    assert cursor.execute("SELECT count(*) > 5 FROM terms").fetchall() == [(1,)]
    cursor.execute("CREATE VIRTUAL TABLE spans USING rtree(id, low, high)")
    cursor.execute("INSERT INTO spans VALUES (1, 2, 3)")
    assert cursor.execute("SELECT id FROM spans WHERE low < 2.5").fetchall() == [(1,)]


@pytest.mark.parametrize("temp", ["", "TEMP"])
def test_views_and_triggers_are_no_disguise(connection: box_dialect.Connection, temp: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"CREATE {temp} VIEW hiding AS SELECT load_extension('x') AS a")
    refused(connection, "SELECT * FROM hiding", "load_extension")
    refused(connection, "SELECT 1 FROM files WHERE id IN (SELECT a FROM hiding)", "load_extension")
    cursor.execute("CREATE TABLE log (a)")
    cursor.execute(f"CREATE {temp} TRIGGER logged AFTER INSERT ON log BEGIN SELECT load_extension(new.a); END")
    refused(connection, "INSERT INTO log VALUES ('x')", "load_extension is refused")
    assert cursor.execute("SELECT * FROM log").fetchall() == []


@pytest.mark.parametrize("temp", ["", "TEMP"])
def test_views_of_box_tables_work(connection: box_dialect.Connection, small: Box, temp: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"CREATE {temp} VIEW names AS SELECT id, name FROM folders WHERE parent_id = '0'")
    expected = {
        f.name for f in small.store.items["folder"].values() if f.parent is small.store.root and not f.is_trashed
    }
    assert {name for (name,) in cursor.execute("SELECT name FROM names")} == expected


def test_other_databases_stay_out_even_past_the_authorizer(connection: box_dialect.Connection) -> None:
    connection.sqlite.authorizer = None
    with pytest.raises(box_dialect.Error, match="too many attached databases"):
        connection.cursor().execute("ATTACH ':memory:' AS x")
