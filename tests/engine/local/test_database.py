"""A connection's own tables: where they live, their transactions, and how they stand beside Box's."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import warnings
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS

import box_dialect
from box_dialect.catalog.views import VIEWS
from box_dialect.engine.local import shared_memory

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

ROWS = "SELECT a FROM own ORDER BY a"


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "own.db")


def made(connection: box_dialect.Connection) -> box_dialect.Connection:
    connection.cursor().execute("CREATE TABLE own (a)")
    return connection


def rows(connection: box_dialect.Connection) -> list[object]:
    return [a for (a,) in connection.cursor().execute(ROWS)]


def test_tables_in_a_file_stay(small: Box, location: str) -> None:
    with small.connect(LocalDatabase=location) as connection:
        made(connection).cursor().execute("INSERT INTO own VALUES (1)")
    with small.connect(local_database=location) as connection:
        assert rows(connection) == [1]
    with contextlib.closing(sqlite3.connect(location)) as plain:
        assert plain.execute(ROWS).fetchall() == [(1,)]


def test_another_program_reads_the_moments_of_a_file(small: Box, location: str) -> None:
    spelled = [("2015-04-11T08:00:00Z",), ("2014-01-01",)]
    with small.connect(LocalDatabase=location) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE own (a TIMESTAMP)")
        cursor.executemany("INSERT INTO own VALUES (?)", spelled)
    with contextlib.closing(sqlite3.connect(location)) as plain:
        assert plain.execute("SELECT a FROM own").fetchall() == spelled
        assert plain.execute(f"{ROWS} COLLATE BINARY").fetchall() == spelled[::-1]
        with pytest.raises(sqlite3.OperationalError, match="MOMENT"):
            plain.execute(ROWS).fetchall()


def test_moments_of_a_file_that_another_program_made(small: Box, location: str) -> None:
    with contextlib.closing(sqlite3.connect(location)) as plain:
        plain.execute("CREATE TABLE own (a TIMESTAMP, b TEXT)")
        plain.execute("INSERT INTO own VALUES ('2015-04-11T08:00:00Z', '2015-04-11 08:00')")
        plain.commit()
    with small.connect(LocalDatabase=location) as connection:
        cursor = connection.cursor()
        for own in ("a", "b"):
            for on in (f"own.{own} = files.modified_at", f"files.modified_at = own.{own}"):
                cursor.execute(f"SELECT name FROM own JOIN files ON {on} WHERE parent_id = '0'")
                assert cursor.fetchall() == [("notes",)]
            cursor.execute(f"SELECT count(*) FROM own WHERE {own} IN (SELECT modified_at FROM files)")
            assert cursor.fetchall() == [(1,)]
        assert cursor.execute("SELECT count(*) FROM own WHERE a = '2015-04-11 08:00'").fetchall() == [(1,)]
        assert cursor.execute("SELECT count(*) FROM own WHERE b = '2015-04-11T08:00Z'").fetchall() == [(0,)]
        cursor.execute("INSERT INTO own (a) VALUES ('2015-04-11T07:00:00-01:00'), ('2015-04-11T09:30+02:00')")
        assert len(cursor.execute("SELECT DISTINCT a FROM own").fetchall()) == 2
        (first, *others), *_ = cursor.execute("SELECT a || '', b FROM own ORDER BY a").fetchall()
        assert (first, others) == ("2015-04-11T09:30+02:00", [None])
        last = cursor.execute("SELECT max(a), count(DISTINCT a), min(a) FROM own").fetchall()[0]
        assert last[1:] == (2, "2015-04-11T09:30+02:00")
        assert [item[1] for item in cursor.execute("SELECT a FROM own").description or ()] == [
            "TIMESTAMP WITH TIME ZONE"
        ]


def test_the_home_folder_may_be_abbreviated(small: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with small.connect(LocalDatabase="~/own.db") as connection:
        made(connection)
    assert (tmp_path / "own.db").exists()


def test_memory_is_the_connections_own(small: Box) -> None:
    with small.connect() as one, small.connect() as other:
        made(one)
        with pytest.raises(box_dialect.ProgrammingError, match="no such table: own"):
            rows(other)


def test_memory_with_a_name_is_shared(small: Box) -> None:
    with small.connect(LocalDatabase="memory://shared-by-two") as one:
        made(one).cursor().execute("INSERT INTO own VALUES (1)")
        one.commit()
        with small.connect(LocalDatabase="memory://shared-by-two") as other:
            assert rows(other) == [1]
        with small.connect(LocalDatabase="memory://of-another-name") as other, pytest.raises(box_dialect.Error):
            rows(other)


def test_an_engine_has_one_memory(small: Box) -> None:
    engine, apart = sa.create_engine(small.url), sa.create_engine(small.url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE own (a)"))
        connection.execute(sa.text("INSERT INTO own VALUES (1)"))
    with engine.connect() as one, engine.connect() as other:
        assert one.connection.dbapi_connection is not other.connection.dbapi_connection
        assert one.execute(sa.text(ROWS)).all() == other.execute(sa.text(ROWS)).all() == [(1,)]
    assert sa.inspect(engine).has_table("own")
    assert not sa.inspect(apart).has_table("own")
    engine.dispose()
    assert sa.inspect(engine).has_table("own")
    engine.dispose()
    apart.dispose()


def test_the_client_is_shared_whatever_the_local_database(small: Box, location: str) -> None:
    with small.connect() as one, small.connect(LocalDatabase=location) as other:
        assert one.session.client is other.session.client


def test_a_write_is_seen_by_others_once_it_is_committed(small: Box, location: str) -> None:
    with small.connect(LocalDatabase=location) as one, small.connect(LocalDatabase=location) as other:
        made(one).cursor().execute("INSERT INTO own VALUES (1)")
        assert (rows(one), rows(other)) == ([1], [])
        one.commit()
        assert rows(other) == [1]


def test_a_rollback_and_a_close_undo(small: Box, location: str) -> None:
    connection = small.connect(LocalDatabase=location)
    made(connection).cursor().execute("INSERT INTO own VALUES (1)")
    connection.rollback()
    assert rows(connection) == []
    connection.cursor().execute("INSERT INTO own VALUES (2)")
    connection.close()
    with small.connect(LocalDatabase=location) as connection:
        assert rows(connection) == []


def test_a_block_commits_at_its_end_and_rolls_back_where_it_fails(small: Box, location: str) -> None:
    with small.connect(LocalDatabase=location) as connection:
        made(connection).cursor().execute("INSERT INTO own VALUES (1)")
    connection = small.connect(LocalDatabase=location)
    with pytest.raises(box_dialect.ProgrammingError), connection:
        connection.cursor().execute("INSERT INTO own VALUES (2)").execute("SELECT nonsense")
    with small.connect(LocalDatabase=location) as connection:
        assert rows(connection) == [1]


def test_autocommit_keeps_each_statement(small: Box, location: str) -> None:
    connection = small.connect(LocalDatabase=location)
    made(connection).cursor().execute("INSERT INTO own VALUES (1)")
    connection.autocommit = True
    assert connection.autocommit
    connection.cursor().execute("INSERT INTO own VALUES (2)")
    connection.rollback()
    assert rows(connection) == [1, 2]
    connection.autocommit = False
    connection.cursor().execute("INSERT INTO own VALUES (3)")
    connection.rollback()
    assert rows(connection) == [1, 2]
    connection.close()


def test_a_savepoint_is_part_of_a_transaction(small: Box) -> None:
    with small.connect() as connection:
        cursor = made(connection).cursor()
        for sql in ("SAVEPOINT s", "INSERT INTO own VALUES (1)", "RELEASE s"):
            cursor.execute(sql)
        connection.rollback()
        assert rows(connection) == []


def test_savepoints_of_sqlalchemy_nest(small: Box) -> None:
    engine = sa.create_engine(small.url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE own (a)"))
        connection.execute(sa.text("INSERT INTO own VALUES (1)"))
        nested = connection.begin_nested()
        connection.execute(sa.text("INSERT INTO own VALUES (2)"))
        nested.rollback()
        with connection.begin_nested():
            connection.execute(sa.text("INSERT INTO own VALUES (3)"))
    with engine.connect() as connection:
        assert connection.execute(sa.text(ROWS)).scalars().all() == [1, 3]
    engine.dispose()


def test_statements_on_box_wait_for_no_transaction(fresh: Box, location: str) -> None:
    with fresh.connect(LocalDatabase=location) as one, fresh.connect(LocalDatabase=location) as other:
        made(one).cursor().execute("INSERT INTO own VALUES (1)")
        other.sqlite.set_busy_timeout(0)
        assert other.cursor().execute("SELECT count(*) > 0 FROM files").fetchone() == (True,)
        assert other.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('x', '0')").rowcount == 1
        assert other.cursor().execute("DELETE FROM folders WHERE name = 'x' AND parent_id = '0'").rowcount == 1
        with pytest.raises(box_dialect.OperationalError, match="locked"):
            other.cursor().execute("INSERT INTO own VALUES (2)")
        one.commit()
        other.cursor().execute("INSERT INTO own VALUES (2)")


def test_reading_and_writing_box_begins_no_transaction(fresh: Box) -> None:
    with fresh.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore", box_dialect.BoxTransactionWarning)
        connection.cursor().execute("SELECT id FROM files").fetchone()
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('x', '0')")
        assert not connection.sqlite.in_transaction
        connection.rollback()


def test_local_tables_are_made_of_box_and_joined_with_it(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE inventory AS SELECT id, name, size FROM files")
        cursor.execute("CREATE INDEX by_id ON inventory (id)")
        joined = "SELECT count(*) FROM inventory i JOIN files f ON f.id = i.id AND f.size = i.size"
        counts = cursor.execute(f"SELECT count(*), ({joined}) FROM files").fetchone()
        assert counts is not None
        assert counts[0] == counts[1] > 5
        cursor.execute("INSERT INTO inventory (id, name) SELECT id, name FROM folders")
        connection.rollback()
        assert cursor.execute("SELECT count(*) FROM inventory").fetchone() == counts[:1]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "TEXT COLLATE NOCASE"])
def test_ids_compare_with_local_columns_of_any_type_as_texts_do(small: Box, kind: str) -> None:
    joined = (
        "SELECT count({0}.name) FROM ids CROSS JOIN {0} ON {0}.id = ids.id",
        "SELECT count({0}.name) FROM ids LEFT JOIN {0} ON {0}.parent_id = ids.id",
        "SELECT count({0}.name) FROM ids LEFT JOIN {0} ON {0}.parent_id = +ids.id",
        "SELECT count({0}.name) FROM {0} WHERE id IN (SELECT id FROM ids)",
        "SELECT count(*) FROM ids JOIN memberships ON user_id = ids.id JOIN {0} ON memberships.id <> {0}.id",
        "SELECT count(users.name) FROM ids LEFT JOIN users ON users.id = ids.id",
    )
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TABLE ids (id {kind})")
        for table in ("files", "folders", "users"):
            cursor.execute(f"INSERT INTO ids SELECT id FROM {table} LIMIT 6")
        for number in ("INTEGER", "REAL"):
            cursor.execute(f"INSERT INTO ids SELECT CAST(id AS {number}) FROM folders LIMIT 6")
        cursor.execute("CREATE TABLE kept AS SELECT id, name, parent_id FROM files")
        for statement in joined:
            expected = cursor.execute(statement.format("kept")).fetchone()
            assert cursor.execute(statement.format("files")).fetchone() == expected, statement
            assert expected != (0,) or "+" in statement


@pytest.mark.parametrize("schema", ["main", "temp"])
def test_full_text_tables_are_local(small: Box, schema: str) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE VIRTUAL TABLE {schema}.words USING fts5(name)")
        cursor.execute("INSERT INTO words SELECT name FROM files WHERE parent_id = '0'")
        assert (cursor.rowcount, cursor.lastrowid) == (3, 3)
        connection.rollback()
        assert cursor.execute("SELECT count(*) FROM words").fetchone() == (0,)
        cursor.executemany("INSERT INTO words VALUES (?)", [("one two",), ("three",)])
        assert cursor.rowcount == 2
        connection.commit()
        assert cursor.execute("SELECT name FROM words WHERE words MATCH 'two'").fetchall() == [("one two",)]


def test_a_trigger_that_keeps_a_full_text_table_allows_returning(small: Box) -> None:
    with small.connect() as connection:
        cursor = made(connection).cursor()
        cursor.execute("CREATE VIRTUAL TABLE words USING fts5(a)")
        cursor.execute("CREATE TRIGGER kept AFTER INSERT ON own BEGIN INSERT INTO words VALUES (new.a); END")
        assert cursor.execute("INSERT INTO own VALUES ('one') RETURNING a").fetchall() == [("one",)]
        connection.rollback()
        assert cursor.execute("SELECT count(*) FROM words").fetchone() == (0,)


def test_a_temporary_table_is_rolled_back_though_its_trigger_wrote_to_box(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TEMP TABLE own (a)")
        trigger = "CREATE TEMP TRIGGER made AFTER INSERT ON own BEGIN {}; END"
        cursor.execute(trigger.format("INSERT INTO folders (name, parent_id) VALUES (new.a, '0')"))
        cursor.execute("INSERT INTO own VALUES ('by a trigger')")
        with pytest.warns(box_dialect.BoxTransactionWarning):
            connection.rollback()
        assert rows(connection) == []
        assert cursor.execute("SELECT 1 FROM folders WHERE path = '/by a trigger'").fetchall() == [(1,)]


def test_temporary_tables_end_with_the_connection(small: Box, location: str) -> None:
    with small.connect(LocalDatabase=location) as connection:
        connection.cursor().execute("CREATE TEMP TABLE passing AS SELECT 1 AS a")
        assert connection.cursor().execute("SELECT a FROM passing").fetchall() == [(1,)]
    with small.connect(LocalDatabase=location) as connection, pytest.raises(box_dialect.ProgrammingError):
        connection.cursor().execute("SELECT a FROM passing")


def test_foreign_keys_are_kept_where_that_is_asked_for(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        cursor.execute("CREATE TABLE child (parent_id REFERENCES parent (id))")
        with pytest.raises(box_dialect.IntegrityError, match="FOREIGN KEY"):
            cursor.execute("INSERT INTO child VALUES (1)")


@pytest.mark.parametrize("content", [b"this is no database" * 100, None])
def test_what_is_no_database_is_told(small: Box, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / ("no.db" if content else "missing/no.db")
    if content:
        path.write_bytes(content)
    with pytest.raises(box_dialect.OperationalError, match=r"LocalDatabase: .*no\.db"):
        small.connect(LocalDatabase=str(path))
    assert not content or path.read_bytes() == content


def test_a_file_of_a_readonly_connection_stays_as_it_is(small: Box, location: str) -> None:
    with small.connect(LocalDatabase=location) as connection:
        made(connection).cursor().execute("INSERT INTO own VALUES (1)")
    with small.connect(LocalDatabase=location, Readonly=True) as connection:
        assert rows(connection) == [1]
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
            connection.cursor().execute("DELETE FROM own")
    with pytest.raises(box_dialect.OperationalError, match="LocalDatabase"):
        small.connect(LocalDatabase=location + ".missing", Readonly=True)


@pytest.mark.parametrize(
    "disguise",
    [
        "CREATE VIEW names AS SELECT name FROM folders",
        "CREATE TRIGGER t AFTER INSERT ON own BEGIN INSERT INTO own SELECT name FROM folders; END",
    ],
)
def test_a_file_of_somebody_else_reaches_nothing_at_box(small: Box, location: str, disguise: str) -> None:
    with small.connect(LocalDatabase=location) as connection:
        made(connection).cursor().execute(disguise)
        small.reset()
        sql = "SELECT * FROM names" if "VIEW" in disguise else "INSERT INTO own VALUES (1)"
        with pytest.raises(box_dialect.Error, match=r"unsafe use of virtual table|no such table"):
            connection.cursor().execute(sql)
        assert small.stats()["calls"] == 0


def test_a_local_table_takes_no_name_of_boxs(small: Box, location: str) -> None:
    with contextlib.closing(sqlite3.connect(location)) as foreign, foreign:
        foreign.execute("CREATE TABLE files (id, name)")
        foreign.execute("INSERT INTO files VALUES ('1', 'planted')")
    with small.connect(LocalDatabase=location) as connection:
        names = [name for (name,) in connection.cursor().execute("SELECT name FROM files")]
        assert "planted" not in names
        assert len(names) > 5


def test_a_view_that_box_hides_is_not_shown(small: Box, location: str) -> None:
    with contextlib.closing(sqlite3.connect(location)) as foreign, foreign:
        foreign.executescript("CREATE VIEW users AS SELECT 1 AS a; CREATE VIEW shown AS SELECT 2 AS a")
        foreign.execute("CREATE VIEW stale_files AS SELECT 'planted' AS name")
        foreign.execute("CREATE TABLE items AS SELECT 'planted' AS name, 'open' AS shared_link_effective_access")
    engine = sa.create_engine(small.url, connect_args={"LocalDatabase": location})
    names = [*VIEWS, "shown"]
    assert sa.inspect(engine).get_view_names() == sa.inspect(engine).get_view_names(schema="main") == names
    with engine.connect() as connection:
        for schema in ("", "main."):
            assert "planted" not in connection.scalars(sa.text(f"SELECT name FROM {schema}stale_files")).all()
        assert connection.scalars(sa.text("SELECT item_name FROM open_shared_links")).all() == ["Notes.txt"]
    engine.dispose()


def test_sql_may_ask_for_the_key_of_the_last_insert(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY, name UNIQUE)")
        cursor.execute("CREATE TABLE children (parent_id, name TEXT PRIMARY KEY) WITHOUT ROWID")
        cursor.executemany("INSERT INTO parents (name) VALUES (?)", [("one",), ("two",)])
        cursor.execute("UPDATE parents SET name = 'second' WHERE name = 'two'")
        assert cursor.lastrowid is None
        cursor.executemany("INSERT INTO children VALUES (last_insert_rowid(), ?)", [("of two",), ("of two, too",)])
        with pytest.raises(box_dialect.IntegrityError):
            cursor.execute("INSERT INTO parents (name) VALUES ('one')")
        cursor.execute("INSERT INTO children VALUES (2, 'counted')")
        assert (cursor.rowcount, cursor.lastrowid) == (1, None)
        cursor.execute("INSERT INTO children SELECT id, 'found' FROM parents WHERE id = LAST_INSERT_ROWID()")
        assert cursor.execute("SELECT DISTINCT parent_id FROM children").fetchall() == [(2,)]
        assert cursor.execute("SELECT last_insert_rowid()").fetchone() == (2,)


def test_the_garbage_collector_may_let_go_of_memory_while_another_is_made() -> None:
    with shared_memory._lock:
        collecting = threading.Thread(target=shared_memory.forget, args=("of-an-engine",), daemon=True)
        collecting.start()
        collecting.join(PATIENCE_SECONDS)
        assert not collecting.is_alive()


KEYS = ("files.id", "files.parent_id", "folders.id", "comments.item_id", "groups.id", "memberships.user_id", "items.id")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["TEXT", "INTEGER", "REAL", "NUMERIC", ""])
@pytest.mark.parametrize("key", KEYS)
def test_ids_are_compared_as_sqlite_does(small: Box, key: str, kind: str) -> None:
    """As over an ordinary table of the same ids, whichever column they are kept in, and with numbers by themselves."""
    table, _, column = key.partition(".")
    with small.connect() as connection:
        cursor = connection.cursor()
        ids = [identity for (identity,) in cursor.execute(f"SELECT DISTINCT {column} FROM {table}") if identity][:2]
        values = [*ids, *map(int, ids), *map(float, ids), None, "1.5", 1.5, 1]
        cursor.execute(f"CREATE TEMP TABLE kept (value {kind})")
        cursor.executemany("INSERT INTO kept VALUES (?)", [(value,) for value in values])
        cursor.execute("CREATE TEMP TABLE plain (key TEXT)")
        cursor.execute(f"INSERT INTO plain SELECT DISTINCT {column} FROM {table}")
        join = "SELECT DISTINCT kept.rowid FROM kept CROSS JOIN {} ON {} = {} ORDER BY 1"
        for value in ("value", "CAST(value AS REAL)", "+value", f"{ids[0]}.0", ids[0], f"'{ids[0]}.0'"):
            expected = cursor.execute(join.format("plain", "key", value)).fetchall()
            assert cursor.execute(join.format(table, key, value)).fetchall() == expected
        for parameter in (float(ids[0]), int(ids[0]), ids[0]):
            expected = cursor.execute("SELECT count(DISTINCT key) FROM plain WHERE key = ?", (parameter,)).fetchall()
            found = cursor.execute(f"SELECT count(DISTINCT {column}) FROM {table} WHERE {key} = ?", (parameter,))
            assert found.fetchall() == expected


def test_paths_are_found_in_whatever_order_the_encoding_sorts_them(fresh: Box, location: str) -> None:
    """In UTF-16, SQLite's order of texts is that of the bytes of their characters, the lower one first."""
    with contextlib.closing(sqlite3.connect(location)) as plain:
        plain.executescript("PRAGMA encoding = 'UTF-16le'; CREATE TABLE own (a)")
    folder = fresh.store.add_folder("\u0101", fresh.store.root, fresh.store.admin)
    fresh.store.add_folder("below", folder, fresh.store.admin)
    with fresh.connect(local_database=location) as connection:
        cursor = connection.cursor()
        found = cursor.execute("SELECT path FROM folders WHERE path < '/b' AND +path LIKE '/\u0101%'").fetchall()
    assert sorted(found) == [("/\u0101",), ("/\u0101/below",)]
