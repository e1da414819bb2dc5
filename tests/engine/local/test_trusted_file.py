"""What the views and triggers of a file may do where the program vouches for it: `TrustLocalDatabase`."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS

import box_dialect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

VIEW = "CREATE VIEW recent AS SELECT name, modified_at FROM files WHERE parent_id = '0' AND modified_at > '2015-04-10'"
ROWS = [
    ("Notes.txt", datetime(2015, 7, 20, 8, tzinfo=UTC)),
    ("notes", datetime(2015, 4, 11, 8, tzinfo=UTC)),
]
READ = "SELECT * FROM recent ORDER BY modified_at DESC"
READER = """
import sys, box_dialect
url, path = sys.argv[1:]
with box_dialect.connect(url, local_database=path, trust_local_database=True) as connection:
    cursor = connection.cursor().execute("SELECT * FROM recent ORDER BY modified_at DESC")
    print(cursor.fetchall(), cursor.api_calls)
"""
UNTRUSTED = "unsafe use of virtual table .*TrustLocalDatabase=true"


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, Any]:
    return {"LocalDatabase": str(tmp_path / "own.db"), "TrustLocalDatabase": True}


def made(box: Box, trusted: dict[str, Any], *statements: str) -> None:
    with box.connect(**trusted) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


def test_a_view_in_a_file_reads_box_in_the_next_connection(small: Box, trusted: dict[str, Any]) -> None:
    made(small, trusted, VIEW)
    with small.connect(**trusted) as connection:
        cursor = connection.cursor().execute(READ)
        assert [type_code for _, type_code, *_ in cursor.description or ()] == ["TEXT", "TIMESTAMP WITH TIME ZONE"]
        assert cursor.fetchall() == ROWS
        assert cursor.api_calls == 1
        cursor.execute("SELECT count(*) FROM recent JOIN files ON files.name = recent.name WHERE parent_id = '0'")
        assert cursor.fetchall() == [(2,)]
        assert cursor.api_calls == 1


@pytest.mark.long
def test_a_view_in_a_file_reads_box_in_another_process(small: Box, trusted: dict[str, Any]) -> None:
    made(small, trusted, VIEW)
    command = [sys.executable, "-c", READER, small.url, trusted["LocalDatabase"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS)
    assert done.stdout == f"{ROWS!r} 1\n"


def test_an_engine_finds_its_view_again(small: Box, trusted: dict[str, Any]) -> None:
    for statement in (VIEW, READ):
        engine = sa.create_engine(small.url, connect_args=trusted)  # as tools do that make one for each statement
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            assert not result.returns_rows or [*map(tuple, result)] == ROWS
        engine.dispose()


def test_a_trigger_in_a_file_writes_to_box(fresh: Box, trusted: dict[str, Any]) -> None:
    write = "INSERT INTO folders (name, parent_id) SELECT new.a, parent_id FROM files WHERE id = '1200000000027'"
    made(fresh, trusted, "CREATE TABLE own (a)", f"CREATE TRIGGER t AFTER INSERT ON own BEGIN {write}; END")
    made(fresh, trusted, "INSERT INTO own VALUES ('Made')")
    with fresh.connect(**trusted, Readonly=True) as connection:
        cursor = connection.cursor()
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
            cursor.execute("INSERT INTO own VALUES ('Not made')")
        cursor.execute("SELECT count(*) FROM folders WHERE parent_id = '0' AND name IN ('Made', 'Not made')")
        assert cursor.fetchall() == [(1,)]


def test_nothing_of_a_file_reaches_box_unless_the_program_says_so(fresh: Box, trusted: dict[str, Any]) -> None:
    write = "INSERT INTO folders (name, parent_id) VALUES (new.a, '0')"
    made(fresh, trusted, VIEW, "CREATE TABLE own (a)", f"CREATE TRIGGER t AFTER INSERT ON own BEGIN {write}; END")
    fresh.reset()
    with fresh.connect(LocalDatabase=trusted["LocalDatabase"]) as connection:
        for statement in (READ, "INSERT INTO own VALUES ('Made')"):
            with pytest.raises(box_dialect.ProgrammingError, match=UNTRUSTED):
                connection.cursor().execute(statement)
    assert fresh.stats()["calls"] == 0


def test_a_view_of_a_trusted_file_calls_no_procedure(small: Box, trusted: dict[str, Any]) -> None:
    call = "RevokeOAuthAccessToken('token')"
    with contextlib.closing(sqlite3.connect(trusted["LocalDatabase"])) as foreign, foreign:
        foreign.execute(f"CREATE VIEW scalar AS SELECT {call} AS done")
        foreign.execute(f"CREATE VIEW listed AS SELECT * FROM {call}")
    small.reset()
    with small.connect(**trusted) as connection:
        for view in ("scalar", "listed"):
            with pytest.raises(box_dialect.ProgrammingError, match=r"unsafe use of|not called from here"):
                connection.cursor().execute(f"SELECT * FROM {view}").fetchall()
    assert small.stats()["calls"] == 0
