"""Tables of the catalog are found by their names, and defined in the schema `temp` once a statement may name them."""

from __future__ import annotations

import itertools
import sqlite3
from typing import TYPE_CHECKING

import pytest

import box_dialect
from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Box


def defined(connection: box_dialect.Connection) -> set[str]:
    """Return the tables that SQLite has in the schema `temp`, past the driver."""
    return {name for (name,) in connection.sqlite.execute("SELECT name FROM temp.sqlite_schema")}


def one(connection: box_dialect.Connection, statement: str) -> object:
    (value,) = connection.cursor().execute(statement).fetchone() or (None,)
    return value


def test_a_connection_defines_what_its_statements_name(connection: box_dialect.Connection) -> None:
    assert defined(connection) == set()
    connection.cursor().execute("SELECT 1")
    assert defined(connection) == set()
    connection.cursor().execute('SELECT count(*) FROM "FILES" JOIN [folders] USING (id)')
    assert defined(connection) == {"files", "folders"}
    connection.estimate("SELECT * FROM users")
    assert defined(connection) == {"files", "folders", "users"}


@pytest.mark.parametrize("listing", ["sqlite_temp_schema", "temp.sqlite_master", "pragma_table_list"])
def test_a_statement_that_lists_tables_finds_all(connection: box_dialect.Connection, listing: str) -> None:
    listed = {name for (name,) in connection.cursor().execute(f"SELECT name FROM {listing}")}
    assert listed >= {*TABLES}


@pytest.fixture
def hiding(tmp_path: Path) -> Path:
    """A file with tables that are called as Box's are, of another program's."""
    file = tmp_path / "own.db"
    own = sqlite3.connect(file)
    own.executescript("CREATE TABLE users (id); CREATE TABLE groups (id); CREATE TABLE own (id)")
    own.close()
    return file


def test_no_table_of_a_file_hides_one_of_box(small: Box, hiding: Path) -> None:
    with small.connect(LocalDatabase=str(hiding)) as connection:
        assert one(connection, "SELECT count(*) FROM users") != 0
        assert one(connection, "SELECT count(*) FROM main.users") == 0


def test_nor_after_a_rollback_of_what_named_it_first(small: Box, hiding: Path) -> None:
    with small.connect(LocalDatabase=str(hiding)) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO own VALUES (1)")
        users = one(connection, "SELECT count(*) FROM users")
        assert "users" in defined(connection)
        connection.rollback()
        assert "users" not in defined(connection)
        assert one(connection, "SELECT count(*) FROM users") == users != 0
        cursor.execute("SAVEPOINT s")
        groups = one(connection, "SELECT count(*) FROM groups")
        cursor.execute("ROLLBACK TO s")
        assert one(connection, "SELECT count(*) FROM groups") == groups != 0


def test_what_a_file_is_locked_for_hinders_no_statement_on_box(small: Box, tmp_path: Path) -> None:
    file = tmp_path / "own.db"
    with small.connect(LocalDatabase=str(file)) as connection:
        connection.cursor().execute("CREATE TABLE own (id)")
        connection.commit()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert one(connection, "SELECT count(*) FROM users") != 0
        other.close()


def test_a_file_that_nothing_may_be_written_to_hinders_none_either(small: Box, hiding: Path) -> None:
    with small.connect(LocalDatabase=str(hiding), Readonly=True) as connection:
        assert one(connection, "SELECT count(*) FROM users") != 0


def test_it_is_no_change_of_the_users(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE own (id INTEGER PRIMARY KEY)")
    cursor.execute("INSERT INTO own VALUES (40), (41)")
    cursor.execute("SELECT changes(), last_insert_rowid(), count(*) FROM groups")
    assert (cursor.fetchone() or ())[:2] == (2, 41)


def test_rows_that_are_still_to_come_are_not_disturbed(connection: box_dialect.Connection) -> None:
    every = connection.cursor().execute("SELECT id FROM files ORDER BY id").fetchall()
    reading = connection.cursor().execute("SELECT id FROM files ORDER BY id")
    first = reading.fetchone()
    connection.cursor().execute("SELECT count(*) FROM users, groups")
    assert [first, *reading.fetchall()] == every


def pressed_at(step: int) -> Callable[[], bool]:
    """Return what interrupts SQLite once, when it was called so many times."""
    calls = itertools.count(1)

    def press() -> bool:
        if next(calls) == step:
            raise KeyboardInterrupt
        return False

    return press


@pytest.mark.long
def test_ctrl_c_leaves_nothing_half_defined(small: Box) -> None:
    for step in itertools.count(1):
        with small.connect() as connection:
            connection.sqlite.set_progress_handler(pressed_at(step), 1)
            try:
                connection.backend.define("SELECT * FROM users")
            except KeyboardInterrupt:
                assert not connection.sqlite.in_transaction
                connection.sqlite.set_progress_handler(None)
                assert one(connection, "SELECT count(*) FROM users") != 0
            else:
                break
    assert step > 10


@pytest.mark.parametrize("files", ["files", "main.files"])
def test_a_moment_is_compared_as_one_by_any_name_of_the_table(connection: box_dialect.Connection, files: str) -> None:
    moments = f"SELECT (SELECT modified_at) AS moment FROM {files} WHERE parent_id = '0'"
    with pytest.raises(box_dialect.ProgrammingError, match=r"files\.modified_at would be compared with a number"):
        connection.cursor().execute(f"SELECT moment FROM ({moments}) WHERE moment > 5")
