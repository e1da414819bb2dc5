"""What `Readonly=true` refuses, and what a procedure's name protects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from procedures.conftest import Recorder, user_url

import box_dialect
from box_dialect.catalog.procedures import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

CALLS = (
    "SELECT {}('a')",
    "SELECT * FROM {}('a')",
    "SELECT count(*) FROM {}",
    "SELECT 1 FROM {} WHERE 0",
    "SELECT {}(id) FROM files",
    "SELECT CASE WHEN 0 THEN {}('a') END",
    "EXPLAIN SELECT {}('a')",
    "EXEC {} 'a'",
    "CALL {}('a')",
)


@pytest.fixture
def readonly(small: Box, recorder: Recorder) -> Iterator[box_dialect.Connection]:
    with small.connect(Readonly="true") as connection:
        connection.catalog.add(*recorder.procedures)
        yield connection


@pytest.mark.parametrize("sql", CALLS)
def test_readonly_refuses_side_effects_before_any_call(
    small: Box, readonly: box_dialect.Connection, recorder: Recorder, sql: str
) -> None:
    small.reset()
    for name in ("Stamp", "sTaMP"):
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true, so Stamp, which has a side effect"):
            readonly.cursor().execute(sql.format(name)).fetchall()
    with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
        readonly.cursor().callproc("Stamp", ("a",))
    assert (recorder.calls, small.stats()["calls"]) == ([], 0)


@pytest.mark.parametrize(
    "sql", ["SELECT name FROM files WHERE Stamp(id) > 0", "WITH x AS (SELECT Stamp('a')) SELECT 1 FROM x"]
)
def test_readonly_calls_nothing_where_nothing_may_be_called(
    small: Box, readonly: box_dialect.Connection, recorder: Recorder, sql: str
) -> None:
    small.reset()
    with pytest.raises(box_dialect.ProgrammingError, match="Stamp has a side effect, so it is not called"):
        readonly.cursor().execute(sql)
    assert (recorder.calls, small.stats()["calls"]) == ([], 0)


def test_readonly_lets_read(readonly: box_dialect.Connection, recorder: Recorder) -> None:
    cursor = readonly.cursor()
    assert cursor.execute("SELECT Peek('a')").fetchall() == [(1,)]
    assert cursor.execute("CALL Peek('a')").fetchall() == [(2,)]
    assert cursor.execute("SELECT GetOAuthAuthorizationURL()").fetchone() != (None,)
    assert recorder.calls == ["a", "a"]


@pytest.mark.parametrize(
    "name",
    [procedure.name for procedure in PROCEDURES.values() if procedure.side_effect and not procedure.reads_when],
)
def test_readonly_refuses_each_procedure_that_has_a_side_effect(fresh: Box, name: str) -> None:
    with box_dialect.connect(user_url(fresh, Readonly="true")) as connection:
        token = fresh.emulator.ready["user_refresh_token"]
        with pytest.raises(box_dialect.ProgrammingError, match=f"so {name}, which has a side effect"):
            connection.cursor().execute(f"SELECT {name}(?)", (token,))
        assert fresh.stats()["token_calls"] == 0


@pytest.mark.parametrize("name", [*(procedure.name for procedure in PROCEDURES.values()), "revokeoauthaccesstoken"])
def test_nothing_else_takes_the_name_of_a_procedure(connection: box_dialect.Connection, name: str) -> None:
    cursor = connection.cursor()
    for sql in (
        f"CREATE TABLE {name} (a)",
        f'CREATE TEMP TABLE IF NOT EXISTS "{name}" (a)',
        f"CREATE TABLE {name} AS SELECT 1",
        f"CREATE VIEW {name} AS SELECT 1",
        f"CREATE VIRTUAL TABLE {name} USING fts5(a)",
    ):
        with pytest.raises(box_dialect.ProgrammingError, match=f"{name} is a procedure of Box"):
            cursor.execute(sql)
    for sql in (f"INSERT INTO {name} VALUES (1)", f"UPDATE {name} SET a = 1", f"DELETE FROM {name}"):
        with pytest.raises((box_dialect.NotSupportedError, box_dialect.ProgrammingError)):
            cursor.execute(sql)


def test_a_common_table_expression_may_have_the_name_for_its_statement(
    cursor: box_dialect.Cursor, recorder: Recorder
) -> None:
    assert cursor.execute("WITH Stamp (x) AS (SELECT 1) SELECT x FROM Stamp").fetchall() == [(1,)]
    assert cursor.execute(
        "WITH Stamp AS (SELECT 1 AS x), Record(y) AS (SELECT 2) SELECT * FROM Stamp, Record"
    ).fetchall()
    assert cursor.execute("SELECT 1 AS Stamp, t.a AS record FROM t ORDER BY Stamp, record LIMIT 1").fetchall() == [
        (1, "1")
    ]
    assert recorder.calls == []


def test_procedures_are_no_tables(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    names = {name for (name,) in cursor.execute("SELECT name FROM sqlite_schema").fetchall()}
    assert not names & {procedure.name for procedure in PROCEDURES.values()}
