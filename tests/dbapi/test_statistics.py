"""SQLite knows how many rows small local tables have before a statement joins them with Box's, and leaves no trace."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa

from box_dialect import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from conftest import Box

    import box_dialect

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


def walks(connection: box_dialect.Connection) -> bool:
    """Tell whether the join is going to read all files."""
    plan = connection.cursor().execute(f"EXPLAIN QUERY PLAN {JOIN}").fetchall()
    return "walk" in plan[0][-1]


@pytest.mark.long
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


def numbers(connection: box_dialect.Connection, count: int) -> None:
    """Add so many rows to the table, of ids that no file has."""
    cursor = connection.cursor()
    cursor.execute(
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        "INSERT INTO wanted (id) SELECT 'x' || i FROM n"
    )


@pytest.mark.parametrize("kind", TABLES)
def test_nothing_is_asked_for_an_empty_table(connection: box_dialect.Connection, kind: str) -> None:
    fill(connection, (), TABLES[kind])
    assert calls(connection) == 0


@pytest.mark.parametrize("name", ["w", 'want\'ed "ones"', "gewünschte_dateien_" * 5, "main"])
def test_a_table_may_have_any_name(connection: box_dialect.Connection, ids: Sequence[tuple[str]], name: str) -> None:
    table = '"' + name.replace('"', '""') + '"'
    cursor = connection.cursor()
    cursor.execute(f"CREATE TEMP TABLE {table} (id)")
    assert calls(connection, JOIN.replace("wanted", table)) == 0
    cursor.executemany(f"INSERT INTO {table} VALUES (?)", ids)
    assert calls(connection, JOIN.replace("wanted", table)) == FEW


def test_a_large_table_is_left_as_it_is(connection: box_dialect.Connection) -> None:
    fill(connection, ())
    numbers(connection, MANY)
    assert calls(connection) > WALK


def test_a_table_is_told_of_anew_when_it_has_grown_and_shrunk(
    connection: box_dialect.Connection, ids: Sequence[tuple[str]]
) -> None:
    fill(connection, ids)
    assert calls(connection) == FEW
    numbers(connection, MANY)
    assert walks(connection)
    connection.cursor().execute("DELETE FROM wanted WHERE id LIKE 'x%'")
    assert calls(connection) == FEW


def test_a_rollback_takes_back_what_sqlite_was_told(
    connection: box_dialect.Connection, ids: Sequence[tuple[str]]
) -> None:
    fill(connection, ids)
    numbers(connection, MANY)
    connection.commit()
    connection.cursor().execute("DELETE FROM wanted WHERE id LIKE 'x%'")
    assert calls(connection) == FEW
    connection.rollback()
    assert walks(connection)


def test_a_table_that_is_made_anew_is_told_of_anew(
    connection: box_dialect.Connection, ids: Sequence[tuple[str]]
) -> None:
    fill(connection, ids)
    connection.commit()
    cursor = connection.cursor()
    assert calls(connection) == FEW
    for undone in ("DROP TABLE wanted", "CREATE INDEX by_id ON wanted (id)", "ALTER TABLE wanted ADD COLUMN more"):
        for statement in ("SAVEPOINT before", undone, "ROLLBACK TO before", "RELEASE before"):
            cursor.execute(statement)
        assert calls(connection) == FEW
    cursor.execute("DROP TABLE wanted")
    fill(connection, ids)
    assert calls(connection) == FEW
    cursor.execute("ALTER TABLE wanted RENAME TO those")
    cursor.execute("CREATE INDEX by_id ON those (id)")
    assert calls(connection, JOIN.replace("wanted", "those")) == FEW


@pytest.mark.parametrize("kind", TABLES)
def test_the_user_sees_none_of_it(connection: box_dialect.Connection, ids: Sequence[tuple[str]], kind: str) -> None:
    fill(connection, ids, TABLES[kind])
    cursor = connection.cursor()
    state = "SELECT changes(), total_changes(), last_insert_rowid()"
    before = cursor.execute(state).fetchone()
    cursor.execute(JOIN).fetchall()
    assert cursor.execute(state).fetchone() == before
    cursor.execute("DELETE FROM wanted")
    before = cursor.execute(state).fetchone()
    cursor.execute(JOIN).fetchall()
    assert cursor.execute(state).fetchone() == before
    assert cursor.execute("SELECT name FROM sqlite_schema").fetchall() in ([], [("wanted",)])
    left = "SELECT name FROM sqlite_temp_schema WHERE name LIKE '%stat%' OR name LIKE 'box_dialect%'"
    assert {name for (name,) in cursor.execute(left).fetchall()} <= {*catalog.TABLES}


def test_rows_that_are_changed_are_counted_as_ever(
    connection: box_dialect.Connection, ids: Sequence[tuple[str]]
) -> None:
    fill(connection, ids)
    cursor = connection.cursor()
    cursor.execute(SHAPES["update"])
    assert (cursor.rowcount, cursor.lastrowid, cursor.api_calls) == (FEW, None, FEW)
    cursor.executemany(f"{SHAPES['update']} AND wanted.id = ?", ids)
    assert (cursor.rowcount, cursor.api_calls) == (FEW, FEW)


def test_explain_shows_the_plan_that_runs(connection: box_dialect.Connection, ids: Sequence[tuple[str]]) -> None:
    fill(connection, ids)
    plan = connection.cursor().execute(f"EXPLAIN QUERY PLAN {JOIN}").fetchall()
    (_, _, _, outer), (_, _, _, inner), (number, parent, _, estimate) = plan
    assert outer == "SCAN w"
    assert "by id" in inner
    assert estimate.startswith(f"ESTIMATE 0 to {FEW} API calls")
    assert (parent, number in {row[0] for row in plan[:-1]}) == (0, False)


def test_a_statement_that_is_half_read_goes_on(connection: box_dialect.Connection, ids: Sequence[tuple[str]]) -> None:
    fill(connection, ids)
    first = connection.cursor().execute("SELECT id, (SELECT count(*) FROM wanted o WHERE o.id > w.id) FROM wanted w")
    rows = [first.fetchone()]
    assert walks(connection)
    assert len(rows + first.fetchall()) == FEW
    assert calls(connection) == FEW


def pressed_at(step: int) -> Callable[[], bool]:
    """Return what interrupts SQLite once, when it was called so many times."""
    left = iter(range(step))

    def press() -> bool:
        if next(left, -1) == step - 1:
            raise KeyboardInterrupt
        return False

    return press


def test_ctrl_c_leaves_no_trace_of_it_either(connection: box_dialect.Connection, ids: Sequence[tuple[str]]) -> None:
    fill(connection, ids, TABLES["in memory"])
    connection.commit()
    sqlite, cursor = connection.sqlite, connection.cursor()
    for step in itertools.count(1, 5):
        sqlite.set_progress_handler(pressed_at(step), 1)
        try:
            cursor.execute(JOIN).fetchall()
        except KeyboardInterrupt:
            assert not sqlite.in_transaction
            assert sqlite.execute("SELECT name FROM sqlite_master").get == "wanted"
        else:
            break
    assert step > 100


def test_statistics_of_the_user_stay(connection: box_dialect.Connection, ids: Sequence[tuple[str]]) -> None:
    fill(connection, ids, TABLES["in memory"])
    cursor = connection.cursor()
    numbers(connection, MANY)
    cursor.execute("ANALYZE")
    before = cursor.execute("SELECT * FROM sqlite_stat1").fetchall()
    cursor.execute("DELETE FROM wanted WHERE id LIKE 'x%'")
    connection.commit()
    assert calls(connection) == FEW
    assert cursor.execute("SELECT * FROM sqlite_stat1").fetchall() == before
    numbers(connection, MANY)
    assert walks(connection)


@pytest.fixture
def file(tmp_path: Path, ids: Sequence[tuple[str]]) -> Path:
    """A file of somebody's with a small table."""
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as foreign, foreign:
        foreign.execute("CREATE TABLE wanted (id TEXT, name)")
        foreign.executemany("INSERT INTO wanted (id) VALUES (?)", ids)
    return path


@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_that_is_only_read_is_left_as_it_is(synthetic: Box, file: Path, readonly: bool) -> None:
    content = file.read_bytes()
    with synthetic.connect(local_database=str(file), readonly=readonly) as connection:
        assert walks(connection)
        connection.cursor().execute("BEGIN")
        assert walks(connection)
        with closing(sqlite3.connect(file, timeout=0)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            foreign.rollback()
    assert file.read_bytes() == content


def test_a_file_is_analysed_while_it_is_written_and_keeps_no_statistics(synthetic: Box, file: Path) -> None:
    with synthetic.connect(local_database=str(file)) as connection:
        cursor = connection.cursor()
        cursor.execute("UPDATE wanted SET name = 'some'")
        assert calls(connection) == FEW
        connection.commit()
        assert calls(connection) == FEW
        numbers(connection, MANY)
        connection.commit()
        assert walks(connection)
    with closing(sqlite3.connect(file)) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_schema").fetchall() == [("wanted",)]


def test_statistics_that_a_file_has_are_used(synthetic: Box, file: Path) -> None:
    with closing(sqlite3.connect(file)) as foreign, foreign:
        foreign.execute("ANALYZE")
    with synthetic.connect(local_database=str(file), readonly=True) as connection:
        assert calls(connection) == FEW


def test_temporary_tables_are_analysed_whoever_has_the_lock_of_a_file(synthetic: Box, file: Path) -> None:
    with synthetic.connect(local_database=str(file)) as connection:
        connection.cursor().execute("CREATE TEMP TABLE mine AS SELECT id FROM wanted")
        connection.commit()
        with closing(sqlite3.connect(file)) as foreign:
            foreign.execute("BEGIN EXCLUSIVE")
            assert calls(connection, JOIN.replace("wanted", "mine")) == FEW
            foreign.rollback()


def test_shared_memory_is_analysed_where_nobody_writes(synthetic: Box, ids: Sequence[tuple[str]]) -> None:
    location = "memory://sizes"
    with (
        synthetic.connect(local_database=location) as writer,
        synthetic.connect(local_database=location) as reader,
        synthetic.connect(local_database=location) as upgrading,
    ):
        fill(writer, ids, TABLES["in memory"])
        writer.commit()
        for statement in ("BEGIN", "SELECT count(*) FROM wanted"):
            upgrading.cursor().execute(statement).fetchall()
        assert calls(reader) == FEW
        upgrading.cursor().execute("UPDATE wanted SET name = 'mine'")  # it would fail if something had been written
        upgrading.commit()
        numbers(writer, MANY)
        assert calls(reader) == FEW
        writer.commit()
        assert walks(reader)


def test_shared_memory_that_somebody_writes_is_left_as_it_is(synthetic: Box, ids: Sequence[tuple[str]]) -> None:
    location = "memory://locked"
    with synthetic.connect(local_database=location) as writer, synthetic.connect(local_database=location) as reader:
        fill(writer, ids, TABLES["in memory"])
        writer.commit()
        writer.cursor().execute("DELETE FROM wanted")
        assert walks(reader)
        assert calls(writer, f"{JOIN} WHERE w.name IS NULL") > 0
        writer.rollback()
        reader.cursor().execute("BEGIN")
        reader.cursor().execute("SELECT count(*) FROM wanted").fetchall()
        assert walks(reader)
        reader.rollback()
        assert calls(reader) == FEW


def test_tables_of_an_engine_are_told_of(synthetic: Box, ids: Sequence[tuple[str]]) -> None:
    engine = sa.create_engine(synthetic.url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE wanted (id TEXT)"))
        connection.execute(sa.text("INSERT INTO wanted VALUES (:id)"), [{"id": each} for (each,) in ids])
    with engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        assert cursor.execute(JOIN).api_calls <= FEW
        assert len(cursor.fetchall()) == cursor.api_calls == FEW
    inspector = sa.inspect(engine)
    assert {name for name in inspector.get_table_names() if "stat" in name} <= {*catalog.TABLES}
    assert inspector.get_temp_table_names() == []
    engine.dispose()
