"""Views and system tables: each gives what it declares, for the calls that it tells of, and belongs to Box."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows import CALLS, ROWS
from sweep import sweep

import box_dialect
from box_dialect import orm
from box_dialect.catalog import TABLES, Catalog, Column, Type
from box_dialect.catalog.catalog import installed
from box_dialect.catalog.model import View
from box_dialect.catalog.system import SYSTEM_TABLES
from box_dialect.catalog.views import VIEWS
from box_dialect.emulator.content import MemoryContent
from box_dialect.properties import from_url

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

RELATIONS = {**VIEWS, **SYSTEM_TABLES}

BRANCH = {
    "effective_access": 8,
    "external_access": 10,
    "open_shared_links": 6,
    "stale_files": 6,
    "inactive_users_content": 7,
}
"""What those views take of which a WHERE on `path` leaves a branch, for one of five folders; 8 are in the way."""

PYTHON = {Type.TEXT: str, Type.INTEGER: int, Type.REAL: float, Type.BOOLEAN: bool, Type.JSON: str}


def query(connection: box_dialect.Connection, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        return cursor.execute(sql, parameters).fetchall()


@pytest.mark.parametrize("name", RELATIONS)
def test_a_query_gives_the_rows_that_there_are(connection: box_dialect.Connection, name: str) -> None:
    sql, rows = ROWS[name]
    assert Counter(query(connection, sql)) == Counter(rows)


@pytest.mark.parametrize("name", RELATIONS)
def test_the_columns_are_those_that_are_declared(small: Box, name: str) -> None:
    relation = RELATIONS[name]
    with small.connect() as connection, connection.cursor() as cursor:
        rows = cursor.execute(f"SELECT * FROM {name}").fetchall()
        assert [each[0] for each in cursor.description or ()] == [column.name for column in relation.columns]
        assert cursor.api_calls == CALLS.get(name, 0)
    assert rows
    for column, values in zip(relation.columns, zip(*rows, strict=True), strict=True):
        assert column.nullable or None not in values, column.name
        given = {type(value) for value in values if value is not None}
        assert given <= {PYTHON.get(column.type, object)} or column.type is Type.TIMESTAMP, column.name
        if column.type is Type.JSON:
            assert all(isinstance(json.loads(value), list) for value in values if value is not None)
    places = [relation.numbers[key] for key in relation.keys]
    assert len({tuple(row[place] for place in places) for row in rows}) == len(rows)


def test_a_file_is_stale_after_a_year(fresh: Box) -> None:
    now, day = int(time.time()), 86_400
    for days in (0, 360, 370):
        file = fresh.store.add_file(f"{days}.txt", fresh.store.root, MemoryContent(b"text"), fresh.store.admin)
        file.modified_at = now - days * day
    with fresh.connect() as connection:
        stale = "SELECT name, days_unchanged FROM stale_files WHERE name GLOB '[0-9]*'"
        assert query(connection, stale) == [("370.txt", 370)]


@pytest.mark.parametrize("name", [name for name in VIEWS if any(c.type is Type.TIMESTAMP for c in VIEWS[name].columns)])
def test_moments_are_moments(connection: box_dialect.Connection, name: str) -> None:
    (column, *_) = (each.name for each in VIEWS[name].columns if each.type is Type.TIMESTAMP)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {name} WHERE {column} < '2100-01-01T00:00:00+01:00' LIMIT 1")
        assert cursor.description is not None
        assert cursor.description[0][1] == box_dialect.DATETIME


@sweep(("name", "calls"), BRANCH.items())
def test_a_branch_takes_its_calls_alone(small: Box, name: str, calls: int) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name} WHERE path LIKE '/Contracts/%'").fetchall()
        assert cursor.api_calls <= calls


@sweep("name", RELATIONS)
def test_an_estimate_is_near_to_what_it_takes(small: Box, name: str) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        calls = cursor.execute(f"SELECT * FROM {name}").fetchall() and cursor.api_calls
        estimate = connection.estimate(f"SELECT * FROM {name}")
    assert estimate.most is not None
    assert estimate.least <= calls <= estimate.most <= 4 * calls


@sweep("name", RELATIONS)
def test_everything_is_described(name: str) -> None:
    relation = RELATIONS[name]
    told = [relation.doc, *(column.doc for column in relation.columns)]
    told += [relation.calls, relation.cheaper] if isinstance(relation, View) else []
    assert all(text.endswith(".") for text in told)


def test_what_every_connection_has_refers_to_what_there_is() -> None:
    catalog = Catalog([])
    catalog.add(*installed().relations.values())
    assert catalog.relations.keys() == {*TABLES, *RELATIONS}


@pytest.mark.parametrize("schema", ["", "main.", "temp.", '"main".', "[MAIN]."])
def test_a_schema_may_stand_before_the_name(connection: box_dialect.Connection, schema: str) -> None:
    sql = f"SELECT item_name FROM {schema}open_shared_links WHERE {schema}open_shared_links.url LIKE 'https:%'"
    assert query(connection, sql) == [("Notes.txt",)]
    if schema != "temp.":
        assert query(connection, f"SELECT count(*) FROM {schema}sys_tables WHERE name = 'files'") == [(1,)]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DROP VIEW stale_files", "stale_files is a view of Box, which may not be dropped"),
        ("CREATE VIEW stale_files AS SELECT 1", "stale_files is a view of Box"),
        ("CREATE TEMP TABLE stale_files (a)", "stale_files is a view of Box"),
        ("DELETE FROM stale_files", "cannot modify stale_files because it is a view"),
        ("DROP TABLE sys_tables", "sys_tables is a table of Box"),
        ("CREATE TABLE sys_tables (a)", "sys_tables is a table of Box"),
        ("UPDATE sys_properties SET value = 1", "table sys_properties may not be modified"),
    ],
)
def test_they_belong_to_box(connection: box_dialect.Connection, statement: str, message: str) -> None:
    with pytest.raises(box_dialect.Error, match=message):
        query(connection, statement)


def test_nothing_of_them_is_kept_in_a_file(small: Box, tmp_path: Path) -> None:
    with small.connect(LocalDatabase=str(tmp_path / "own.db")) as connection:
        assert query(connection, "SELECT count(*) FROM open_shared_links") == [(1,)]
        assert query(connection, "SELECT count(*) FROM main.sqlite_schema") == [(0,)]


KEPT = {
    "a query": "CREATE VIEW kept AS SELECT item_name, domain FROM external_access WHERE domain IS NOT NULL",
    "a schema": "CREATE VIEW kept AS SELECT item_name, domain FROM main.external_access WHERE domain > ''",
    "common tables": "CREATE VIEW kept AS WITH seen AS (SELECT * FROM [external_access]) "
    "SELECT item_name, domain FROM seen WHERE domain IS NOT NULL",
    "recursive": "CREATE VIEW kept (item_name, domain) AS WITH RECURSIVE seen AS (SELECT 1) "
    "SELECT item_name, domain FROM external_access, seen WHERE domain IS NOT NULL",
    "for a time": "CREATE TEMP VIEW kept AS SELECT item_name, domain FROM external_access WHERE domain IS NOT NULL",
}


@pytest.mark.parametrize("statement", KEPT.values(), ids=KEPT)
def test_a_view_of_ones_own_reads_them(small: Box, tmp_path: Path, statement: str) -> None:
    own = {"LocalDatabase": str(tmp_path / "own.db"), "TrustLocalDatabase": True}
    with small.connect(**own) as connection:
        query(connection, statement)
        found = query(connection, "SELECT item_name FROM kept WHERE domain = 'example.net' AND item_name = 'Contracts'")
        assert found == [("Contracts",)]
        connection.commit()
    if "TEMP" not in statement:
        with small.connect(**own) as connection:
            assert query(connection, "SELECT count(*) FROM kept") == [(13,)]


def test_local_tables_are_altered_beside_them(connection: box_dialect.Connection) -> None:
    query(connection, "CREATE TABLE mine (a, b)")
    query(connection, "ALTER TABLE mine RENAME COLUMN a TO c")
    query(connection, "ALTER TABLE mine RENAME TO yours")
    query(connection, "ALTER TABLE yours DROP COLUMN b")
    assert query(connection, "SELECT name FROM pragma_table_info('yours')") == [("c",)]
    connection.rollback()


def test_a_local_statement_prepares_no_view(small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT value FROM json_each('[1]') ORDER BY 1").fetchall()
        assert not {table for _, table, _ in connection.backend.columns_read} & {*VIEWS}


def test_they_are_reflected(small: Box) -> None:
    engine = sa.create_engine(small.url)
    inspector = sa.inspect(engine)
    for name, relation in RELATIONS.items():
        assert inspector.has_table(name)
        assert inspector.get_table_comment(name) == {"text": relation.doc}
        assert inspector.get_pk_constraint(name)["constrained_columns"] == [*relation.keys]
        assert [each["name"] for each in inspector.get_columns(name)] == [column.name for column in relation.columns]
    for name, view in VIEWS.items():
        assert inspector.get_view_definition(name) == view.definition
    links = sa.Table("open_shared_links", sa.MetaData(), autoload_with=engine, schema="main")
    with engine.connect() as connection:
        assert connection.execute(sa.select(links.c.item_name, links.c.is_password_enabled)).all() == [
            ("Notes.txt", False)
        ]


def test_models_lead_from_and_to_them(small: Box) -> None:
    small.reset()
    with sa.orm.Session(sa.create_engine(small.url)) as session:
        notes = session.execute(sa.select(orm.File).where(orm.File.path == "/Notes.txt")).scalar_one()
        assert {access.way for access in notes.access} == {"owner", "collaboration", "shared_link"}
        (link,) = notes.open_shared_links if isinstance(notes.open_shared_links, list) else [notes.open_shared_links]
        assert link.item_file is notes
        table = session.get(orm.SysTable, "comments")
        assert {path.name for path in table.access_paths} == {"by id", "by file", "of every file"}


OWN = View(
    name="big_files",
    doc="Files of more than 20 bytes.",
    columns=(
        Column("id", references="files.id", relation="file", reverse="big"),
        Column("name"),
        Column("days", Type.INTEGER),
    ),
    sql="SELECT id, name, days_unchanged FROM stale_files WHERE size > 20",
    calls="A listing of each folder.",
    cheaper="Nothing.",
)


def test_a_program_adds_a_view(small: Box) -> None:
    with small.connect() as connection:
        connection.catalog.add(OWN)
        assert query(connection, "SELECT name FROM big_files WHERE name LIKE 'notes'") == [("notes",)]
        assert query(connection, "SELECT type FROM sys_tables WHERE name = 'big_files'") == [("view",)]
        with pytest.raises(box_dialect.ProgrammingError, match="there is a table or procedure big_files already"):
            connection.catalog.add(OWN)


def test_a_key_is_a_column() -> None:
    with pytest.raises(ValueError, match="big_files has no column path, which `key` names"):
        View(name="big_files", doc="", columns=OWN.columns, key="path", sql=OWN.sql, calls="", cheaper="")


def test_templates_that_are_known_are_in_system_tables(small: Box) -> None:
    named = "SELECT count(*) FROM sys_tablecolumns WHERE table_name = 'enterprise_documentReview' AND type = 'REAL'"
    with small.connect() as connection:
        assert query(connection, named) == [(0,)]
        query(connection, "SELECT item_id FROM enterprise_documentReview")
        assert query(connection, named) == [(1,)]


def test_no_secret_is_a_value(small: Box) -> None:
    secret = "hush-7"
    hidden = {"OAuthAccessToken": secret, "TokenCache": f"memory://{secret}", "TokenCacheKey": secret}
    with small.connect(**hidden, CallbackURL=f"https://app.example/callback?code={secret}") as connection:
        rows = query(connection, "SELECT * FROM sys_properties")
    assert secret not in repr(rows)
    told = {row[0]: row[4] for row in rows}
    assert told["CallbackURL"] == "https://app.example/callback"
    assert {row[0] for row in rows if row[6]} >= {"OAuthClientSecret", "OAuthJWTCert", "OAuthRefreshToken"}


@pytest.mark.parametrize("is_restricted", [False, True])
def test_no_path_of_the_machine_is_told_where_others_write_sql(
    small: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_restricted: bool
) -> None:
    if is_restricted:
        monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    local = str(tmp_path / "local.db")
    told = "SELECT value FROM sys_properties WHERE name = 'LocalDatabase'"
    with box_dialect.connect(**{**from_url(small.url), "LocalDatabase": local}) as connection:
        if not is_restricted:
            assert query(connection, told) == [(local,)]
            assert query(connection, "PRAGMA database_list")[0] == (0, "main", local)
            connection.session.hide_paths()
        assert query(connection, told) == [(None,)]
        for statement in ("PRAGMA database_list", "SELECT * FROM pragma_database_list"):
            with pytest.raises(box_dialect.NotSupportedError, match="where files of this machine are"):
                query(connection, statement)
