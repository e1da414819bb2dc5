"""SHOW and DESCRIBE: what they show, what they cost, and what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.catalog.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

TEMPLATE = "enterprise_documentReview"


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def names(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[str]:
    return [row[0] for row in rows(connection, statement, *parameters)]


@pytest.fixture
def own(connection: box_dialect.Connection) -> box_dialect.Connection:
    """A connection with tables of its own."""
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE own (a INTEGER PRIMARY KEY, b VARCHAR(9) NOT NULL)")
    cursor.execute("CREATE VIEW own_view AS SELECT b FROM own")
    cursor.execute("CREATE TEMP TABLE passing (c BLOB, d AS (c))")
    return connection


def test_tables_are_those_that_reflection_has_and_the_views(own: box_dialect.Connection, small: Box) -> None:
    engine = sa.create_engine(small.url)
    found = sa.inspect(engine)
    reflected = {*found.get_table_names(), *found.get_view_names(), "document_rows"}
    engine.dispose()
    assert names(own, "SHOW TABLES") == sorted(reflected | {"own", "own_view", "passing"})
    assert {TEMPLATE.lower(), *VIEWS} < {name.lower() for name in reflected}
    assert names(own, "show tables from temp;") == ["passing"]
    assert {*names(own, "SHOW TABLES IN main")} == reflected | {"own", "own_view"}
    assert "sys_tables" in names(own, "SHOW FULL TABLES")
    assert names(own, "SHOW VIEWS") == sorted([*VIEWS, "own_view"])


def test_a_table_by_a_further_name_is_shown_once(connection: box_dialect.Connection) -> None:
    rows(connection, 'SELECT 1 FROM "enterprise.documentReview"')
    assert names(connection, r"SHOW TABLES LIKE 'enterprise.%'") == []
    assert rows(connection, 'DESC "enterprise.documentReview"') == rows(connection, f"DESC {TEMPLATE}") != []
    assert rows(connection, "DESC enterprise.documentReview") == rows(connection, f"DESC {TEMPLATE}")


def test_columns_have_their_types_and_names(own: box_dialect.Connection) -> None:
    cursor = own.cursor().execute("SHOW FULL TABLES LIKE 'own'")
    assert [item[:2] for item in cursor.description or ()] == [
        *((name, "TEXT") for name in ("name", "type", "description")),
        *((f"is_{verb}able", "BOOLEAN") for verb in ("insert", "updat", "delet")),
    ]
    assert cursor.fetchall() == [("own", "table", None, True, True, True)]
    (described,) = rows(own, "DESCRIBE files LIKE 'size'")
    assert described[:4] == ("size", "INTEGER", True, None)
    cursor = own.cursor().execute("DESCRIBE own")
    assert [item[0] for item in cursor.description or ()] == [
        "name", "type", "is_nullable", "key_ordinal", "description"
    ]  # fmt: skip
    assert cursor.fetchall() == [("a", "INTEGER", True, 1, None), ("b", "VARCHAR(9)", False, None, None)]


@sweep("name", [*TABLES, *VIEWS, "sys_tables", "document_rows"])
@pytest.mark.usefixtures("no_network")
def test_every_table_is_described(connection: box_dialect.Connection, name: str) -> None:
    relation = connection.catalog.relations[name]
    shown = [column.name for column in relation.columns if not column.hidden]
    assert names(connection, f"DESCRIBE {name}") == shown
    assert names(connection, f"DESCRIBE FULL {name}") == [column.name for column in relation.columns]


@pytest.mark.parametrize(
    "statement",
    [
        "DESCRIBE own",
        "desc own",
        "DESC TABLE own",
        "DESCRIBE VIEW 'own'",
        "DESC main.own",
        'DESCRIBE "OWN"',
        "SHOW COLUMNS FROM own",
        "SHOW FIELDS IN own FROM main",
        "/* a */ ; DESC `own` -- b",
        "DESC EXTENDED own",
    ],
)
def test_a_table_is_described_in_many_words(own: box_dialect.Connection, statement: str) -> None:
    assert names(own, statement) == ["a", "b"]


def test_generated_and_temporary_columns_are_described(own: box_dialect.Connection) -> None:
    assert names(own, "DESCRIBE passing") == names(own, "DESCRIBE temp.passing") == ["c", "d"]


def test_words_of_the_statement_may_be_names(connection: box_dialect.Connection) -> None:
    connection.cursor().execute('CREATE TABLE "full" (a)')
    connection.cursor().execute('CREATE TABLE "table" (b)')
    connection.cursor().execute("CREATE TABLE procedure (c)")
    assert names(connection, "DESCRIBE procedure") == names(connection, "DESC procedure LIKE '%'") == ["c"]
    assert names(connection, "DESCRIBE full") == names(connection, 'DESC TABLE "full"') == ["a"]
    assert names(connection, "DESCRIBE table LIMIT 1") == names(connection, "DESC main.table") == ["b"]


def test_procedures_and_properties_are_shown(connection: box_dialect.Connection) -> None:
    shown = names(connection, "SHOW PROCEDURES")
    assert shown == names(connection, "SHOW PROCEDURE STATUS")
    assert {"DeleteItem", "ShareAnItem"} < {*shown}
    assert {name.lower() for name in shown} == {*connection.session.procedures}
    inputs = [each.name for each in PROCEDURES["downloadfile"].inputs]
    told = rows(connection, "DESCRIBE PROCEDURE downloadfile")
    assert [row[1] for row in told if row[0] == "input"] == inputs
    assert rows(connection, "SHOW PROPERTIES LIKE 'Readonly'")[0][:2] == ("Readonly", "false")
    assert names(connection, "SHOW DATABASES") == names(connection, "SHOW SCHEMAS") == ["main", "temp"]


def test_names_are_found_by_a_pattern_and_a_limit(connection: box_dialect.Connection) -> None:
    assert names(connection, "SHOW TABLES LIKE 'FILE\\_V%' LIMIT 1") == ["file_version_legal_holds"]
    assert names(connection, "SHOW TABLES LIKE ? LIMIT ?", "folder%", 1) == ["folder_locks"]
    cursor = connection.cursor().execute("SHOW TABLES LIKE :pattern", {"pattern": "fil_s"})
    assert [row[0] for row in cursor] == ["files"]


def test_only_templates_are_called_for(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        for statement in ("DESCRIBE files", "SHOW PROCEDURES", "SHOW PROPERTIES", "SHOW COLUMNS FROM sys_tables"):
            assert cursor.execute(statement).api_calls == 0, statement
        assert cursor.execute("SHOW TABLES FROM temp").api_calls == 0
        assert cursor.execute("SHOW TABLES").api_calls == 2
        assert cursor.execute(f"DESCRIBE {TEMPLATE}").api_calls == 0


def test_readonly_allows_them_and_a_restricted_connection_too(small: Box) -> None:
    with small.connect(Readonly=True) as connection:
        assert (
            names(connection, "SHOW TABLES LIKE 'files'") == names(connection, "SHOW TABLES LIKE 'FILES'") == ["files"]
        )
        assert names(connection, "DESC files LIMIT 1") == ["id"]


def test_what_is_called_for_counts_and_is_bounded(fresh: Box) -> None:
    with (
        fresh.connect(MaxApiCalls=1) as connection,
        pytest.raises(box_dialect.OperationalError, match="MaxApiCalls"),
    ):
        connection.cursor().execute("SHOW TABLES")


def test_a_plan_and_an_estimate_are_told(connection: box_dialect.Connection) -> None:
    assert any("sys_tables" in row[3] for row in rows(connection, "EXPLAIN QUERY PLAN SHOW TABLES"))
    assert rows(connection, "EXPLAIN DESC files")
    estimate = connection.estimate("DESCRIBE files")
    assert (estimate.least, estimate.most) == (0, 0)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DESCRIBE fils", "no such table: fils; did you mean files?"),
        ("DESCRIBE enterprise_nothing", "no such table: enterprise_nothing"),
        ("DESCRIBE temp.files", "no such table: temp.files"),
        ("DESCRIBE PROCEDURE DownloadFil", "did you mean DownloadFile"),
        ("SHOW", "at its end: SHOW is there for TABLES, VIEWS, COLUMNS, PROCEDURES, PROPERTIES, SCHEMAS"),
        ("SHOW GRANTS", "at character 6: SHOW is there for"),
        ("SHOW COLUMNS", "SHOW COLUMNS needs FROM"),
        ("DESCRIBE", "the name of a table is to stand here"),
        ("DESC SELECT 1", "cursor.description tells the columns of a query"),
        ("SHOW TABLES FROM attic", "FROM takes a schema, which is main or temp"),
        ("SHOW TABLES LIKE f", "LIKE takes a pattern"),
        ("SHOW TABLES LIMIT 'f'", "LIMIT takes a number"),
        ("SHOW TABLES WHERE name = 'files'", "it takes LIKE 'pattern', and LIMIT n"),
        ("SHOW TABLES LIKE 'f%' OR (SELECT 1 FROM files)", "it takes LIKE"),
        ("SHOW TABLES; SELECT 1", "one statement at a time"),
        ("DESCRIBE files.", "the name of a table is to stand here"),
    ],
)
def test_what_is_wrong_is_told(connection: box_dialect.Connection, statement: str, told: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=re.escape(told)):
        connection.cursor().execute(statement)
    assert rows(connection, "SELECT 1") == [(1,)]


def test_a_name_is_no_sql(connection: box_dialect.Connection) -> None:
    connection.cursor().execute('CREATE TABLE "it\'s {name}" (a)')
    assert names(connection, "SHOW TABLES LIKE 'it''s%'") == ["it's {name}"]
    assert names(connection, 'DESCRIBE "it\'s {name}"') == ["a"]
    with pytest.raises(box_dialect.ProgrammingError, match="no such table: x' OR 'a' = 'a"):
        connection.cursor().execute("DESCRIBE \"x' OR 'a' = 'a\"")


@pytest.mark.long
def test_a_long_statement_may_be_explained(connection: box_dialect.Connection) -> None:
    values = ", ".join(["1"] * 150_000)
    assert rows(connection, f"EXPLAIN QUERY PLAN SELECT 1 FROM files WHERE size IN ({values})")


def test_executemany_is_refused(connection: box_dialect.Connection) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="executemany"):
        connection.cursor().executemany("SHOW TABLES", [(), ()])


def test_sqlalchemy_and_asyncio_run_them(small: Box, run: Callable[[Any], Any]) -> None:
    engine = sa.create_engine(small.url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SHOW TABLES LIKE :pattern"), {"pattern": "fil_s"}).mappings().one()
        assert (found["name"], found["type"]) == ("files", "table")
        assert connection.exec_driver_sql("DESCRIBE files LIKE 'size'").one().type == "INTEGER"
    engine.dispose()

    async def described() -> list[str]:
        async with await box_dialect.aio.connect(small.url) as connection:
            cursor = await connection.cursor().execute("DESCRIBE files LIMIT 1")
            return [row[0] for row in await cursor.fetchall()]

    assert run(described()) == ["id"]


def test_pandas_reads_them(small: Box) -> None:
    pytest.importorskip("pandas")
    from box_dialect.pandas import read_sql

    frame = read_sql("DESCRIBE FULL files", small.url)
    assert (frame["is_hidden"].dtype, frame["key_ordinal"].dtype) == ("boolean", "Int64")


def test_the_log_has_the_statement_as_it_was_written(
    connection: box_dialect.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "box_dialect"):
        rows(connection, "DESCRIBE files")
    assert "DESCRIBE files: 0 API calls" in caplog.text
