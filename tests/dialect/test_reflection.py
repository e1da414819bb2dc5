"""What SQLAlchemy's inspector tells comes from the catalog."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows import those_known
from known_rows.metadata import TEMPLATE_TABLES
from sqlalchemy.sql.elements import quoted_name

from box_dialect.catalog import TABLES, Type
from box_dialect.catalog.views import VIEWS
from box_dialect.dbapi import template_tables
from box_dialect.dialect.reflection import is_assigned
from box_dialect.dialect.types import REFLECTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

LISTING = 2
"""Calls that list the metadata templates, which nobody has done yet."""


def test_all_tables_are_named(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == [*TABLES, *TEMPLATE_TABLES]
    assert inspector.get_table_names(schema="main") == [*TABLES, *TEMPLATE_TABLES]
    assert inspector.get_view_names() == inspector.get_view_names(schema="main") == [*VIEWS]
    assert inspector.get_temp_view_names() == []
    with engine.connect() as connection:  # SQLAlchemy 1.4 has no inspector for these, and some tools ask for them
        assert engine.dialect.get_materialized_view_names(connection) == []
    assert inspector.get_schema_names() == ["main"]


def test_schemas_are_named_where_no_path_of_the_machine_is_told(small: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    restricted = sa.create_engine(small.url)
    assert sa.inspect(restricted).get_schema_names() == ["main"]
    restricted.dispose()


def test_a_table_is_told_from_what_is_none(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.has_table("files")
    assert inspector.has_table("files", schema="main")
    assert not inspector.has_table("filez")
    with pytest.raises(sa.exc.NoSuchTableError):
        sa.Table("filez", sa.MetaData(), autoload_with=engine)


@pytest.mark.parametrize("spelled", ["FILES", "Files", quoted_name("Files", quote=True)])
@pytest.mark.parametrize("schema", [None, "main", "MAIN"])
def test_names_are_caseless(engine: sa.engine.Engine, spelled: str, schema: str | None) -> None:
    inspector = sa.inspect(engine)
    assert inspector.has_table(spelled, schema)
    for told in ("columns", "pk_constraint", "foreign_keys", "indexes", "table_comment", "unique_constraints"):
        assert str(getattr(inspector, f"get_{told}")(spelled, schema)) == str(
            getattr(inspector, f"get_{told}")("files", schema)
        )
    files = sa.Table(spelled, sa.MetaData(), schema=schema, autoload_with=engine, box_hidden_columns=True)
    assert files.primary_key.columns.keys() == ["id"]
    assert files.c.created_at.type.timezone
    with engine.connect() as connection:
        assert connection.execute(sa.select(files.c.name).where(files.c.search.match("README"))).scalar() == "README"


def test_what_is_written_to_another_spelling_has_its_key(fresh: Box, changeable: sa.engine.Engine) -> None:
    folders = sa.Table("Folders", sa.MetaData(), autoload_with=changeable)
    with changeable.begin() as connection:
        key = connection.execute(folders.insert(), {"name": "spelled", "parent_id": "0"}).inserted_primary_key
        assert fresh.store.items["folder"][key[0]].name == "spelled"


def test_a_procedure_is_no_table(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert not inspector.has_table("getoauthaccesstoken")
    with pytest.raises(sa.exc.NoSuchTableError):
        inspector.get_columns("GetOAuthAccessToken")


@pytest.fixture
def beside(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    """A connection with tables and views of its own, temporary ones too."""
    with engine.begin() as connection:
        for sql in (
            "CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT)",
            "CREATE VIEW kept_view AS SELECT id FROM kept",
            "CREATE TEMP TABLE passing (id INTEGER PRIMARY KEY, name TEXT)",
            "CREATE TEMP VIEW passing_view AS SELECT name FROM passing",
        ):
            connection.execute(sa.text(sql))
        yield connection
        for kind in ("VIEW passing_view", "TABLE passing", "VIEW kept_view", "TABLE kept"):
            connection.execute(sa.text(f"DROP {kind}"))


def test_local_columns_may_have_boxs_types(beside: sa.engine.Connection) -> None:
    box = sa.Table("files", sa.MetaData(), autoload_with=beside)
    declared = ", ".join(f'"{kind.name}" {kind.value}' for kind in Type)
    beside.execute(sa.text(f"CREATE TEMP TABLE typed ({declared})"))
    own = sa.Table("typed", sa.MetaData(), schema="temp", autoload_with=beside)
    beside.execute(sa.text("DROP TABLE typed"))
    assert repr(own.c.TIMESTAMP.type) == repr(box.c.modified_at.type)
    assert repr(own.c.JSON.type) == repr(box.c.tags.type)
    affinities = [column.type._type_affinity for column in own.c]
    assert affinities == [REFLECTED[kind]._type_affinity for kind in Type]


def test_each_schema_has_its_own_tables(beside: sa.engine.Connection) -> None:
    inspector = sa.inspect(beside)
    for schema in (None, "main"):
        assert inspector.get_table_names(schema) == [*TABLES, *TEMPLATE_TABLES, "kept"]
        assert inspector.get_view_names(schema) == [*VIEWS, "kept_view"]
        assert all(inspector.has_table(name, schema) for name in ("files", "kept", "kept_view"))
    assert inspector.get_table_names("temp") == inspector.get_temp_table_names() == ["passing"]
    assert inspector.get_view_names("temp") == inspector.get_temp_view_names() == ["passing_view"]
    assert inspector.has_table("passing", "temp")
    assert inspector.has_table("passing_view", "TEMP")
    assert not inspector.has_table("passing", "main")
    assert not [name for name in ("files", "Files", "kept", "nothing") if inspector.has_table(name, "temp")]
    with pytest.raises(sa.exc.NoSuchTableError):
        inspector.get_columns("files", "temp")
    for name in ("files", "kept"):
        with pytest.raises(sa.exc.NoSuchTableError):
            inspector.get_table_comment(name, "temp")
    assert inspector.get_table_comment("passing", "temp") == {"text": None}
    assert [column["name"] for column in inspector.get_columns("passing", "temp")] == ["id", "name"]
    metadata = sa.MetaData()
    metadata.reflect(beside, schema="temp", views=True)
    assert sorted(metadata.tables) == ["temp.passing", "temp.passing_view"]
    assert inspector.get_view_definition("passing_view", "temp").endswith("FROM passing")
    with pytest.raises(sa.exc.NoSuchTableError) if not sa.__version__.startswith("1.") else nullcontext():
        assert inspector.get_view_definition("files") is None


@pytest.mark.skipif(sa.__version__.startswith("1."), reason="SQLAlchemy 1.4 reflects table by table")
def test_many_are_reflected_at_once(small: Box, beside: sa.engine.Connection) -> None:
    from sqlalchemy.engine.reflection import ObjectKind, ObjectScope

    small.reset()
    inspector = sa.inspect(beside)
    boxes = {(None, name) for name in (*TABLES, *TEMPLATE_TABLES)}
    kept, views = {(None, "kept")}, {(None, name) for name in (*VIEWS, "kept_view")}
    passing, passing_views = {(None, "passing")}, {(None, "passing_view")}
    everything = {"scope": ObjectScope.ANY, "kind": ObjectKind.ANY}
    for told in ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "table_comment"):
        many = getattr(inspector, f"get_multi_{told}")
        assert set(many()) == boxes | kept
        assert set(many(scope=ObjectScope.TEMPORARY)) == passing
        assert set(many(kind=ObjectKind.VIEW)) == views
        assert set(many(**everything)) == boxes | kept | views | passing | passing_views
        assert set(many(schema="main")) == {("main", name) for _, name in boxes | kept}
        assert set(many(schema="temp")) == {("temp", "passing")}
        assert set(many(filter_names=["Files", "kept"], **everything)) == {(None, "Files"), (None, "kept")}
    found = inspector.get_multi_columns(filter_names=["files"], box_hidden_columns=True)
    assert "search" in [column["name"] for column in found[(None, "files")]]
    asked: Any = small.stats()["by_operation"]
    assert asked.keys() <= {"get_metadata_templates_enterprise", "get_metadata_templates_global"}


def test_what_box_assigns_is_told_by_tables_and_is_no_default(engine: sa.engine.Engine) -> None:
    """What reads an inspector's defaults, as Alembic does, takes them for SQL."""
    assert {column["default"] for name in TABLES for column in sa.inspect(engine).get_columns(name)} == {None}
    whole, part = sa.MetaData(), sa.MetaData()
    whole.reflect(engine)
    comments = sa.Table("Comments", part, sa.Column("message", sa.Text), autoload_with=engine)
    for table in (*(whole.tables[name] for name in TABLES), comments, part.tables["users"]):
        defaults = {column.name: column.server_default for column in table.columns if column.server_default is not None}
        told = {name for name, default in defaults.items() if str(default.arg) == "NULL"}  # which tools can write out
        own = {"message"} if table is comments else set()
        box = TABLES[table.name.lower()]
        assert told == {column.name for column in table.columns if is_assigned(box, column.name)} - own


def test_columns_are_those_that_a_star_gives(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in TABLES:
            condition, key = those_known(name)
            result = connection.exec_driver_sql(f"SELECT * FROM {name} WHERE {condition} LIMIT 0", key)
            assert [column["name"] for column in inspector.get_columns(name)] == list(result.keys())
            result.close()


def test_columns_have_types_and_comments(engine: sa.engine.Engine) -> None:
    columns = {column["name"]: column for column in sa.inspect(engine).get_columns("files")}
    kinds = {
        "name": sa.String,
        "size": sa.BigInteger,
        "created_at": sa.DateTime,
        "shared_link_is_password_enabled": sa.Boolean,
        "tags": sa.JSON,
    }
    for name, kind in kinds.items():
        assert isinstance(columns[name]["type"], kind)
        assert columns[name]["comment"]
    assert columns["created_at"]["type"].timezone
    assert [name for name, column in columns.items() if not column["nullable"]] == ["id", "type", "name"]


def test_columns_of_views_have_the_types_of_boxs(engine: sa.engine.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW seen AS SELECT name, size, modified_at, tags, is_package FROM files"))
        seen = sa.Table("seen", sa.MetaData(), autoload_with=connection)
        days = seen.c.modified_at - sa.cast("2015-07-20", sa.DateTime)
        row = connection.execute(sa.select(seen, days.label("days")).where(seen.c.name == "Notes.txt")).one()
        connection.execute(sa.text("DROP VIEW seen"))
    types = [type(value) for value in (row.name, row.size, row.modified_at, row.tags, row.is_package, row.days)]
    assert types == [str, int, dt.datetime, list, bool, dt.timedelta]
    assert row.modified_at.tzinfo is dt.UTC


def test_keys_are_told(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.get_pk_constraint("comments")["constrained_columns"] == ["id"]
    assert inspector.get_pk_constraint("events")["constrained_columns"] == ["event_id"]
    keys = {
        tuple(key["constrained_columns"]): (key["referred_table"], key["referred_columns"])
        for key in inspector.get_foreign_keys("comments")
    }
    assert keys[("item_id",)] == ("files", ["id"])
    assert keys[("created_by_id",)] == ("users", ["id"])
    for table in ("comments", "files"):
        assert inspector.get_indexes(table) == []
        assert inspector.get_unique_constraints(table) == []
        assert inspector.get_check_constraints(table) == []


def test_tables_have_comments(engine: sa.engine.Engine) -> None:
    assert sa.inspect(engine).get_table_comment("files")["text"] == TABLES["files"].doc


@pytest.mark.parametrize("schema", [None, "main"])
def test_all_tables_are_reflected_at_once(
    fresh: Box, changeable: sa.engine.Engine, schema: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_tables, "SECONDS_REFLECTED", 3_600.0)  # however long it takes
    metadata = sa.MetaData()
    metadata.reflect(changeable, schema=schema)
    prefix = f"{schema}." if schema else ""
    assert set(metadata.tables) == {prefix + name for name in (*TABLES, *TEMPLATE_TABLES)}
    files = metadata.tables[f"{prefix}files"]
    assert [column.name for column in files.primary_key] == ["id"]
    assert [key.target_fullname for key in files.c.parent_id.foreign_keys] == [f"{prefix}folders.id"]
    assert files.comment == TABLES["files"].doc
    assert files.c.path.comment == TABLES["files"].columns[TABLES["files"].numbers["path"]].doc
    assert fresh.stats()["calls"] == LISTING
    with changeable.connect() as connection:
        assert connection.execute(sa.select(files.c.name).limit(1)).scalar()


def test_a_table_that_the_connection_made_is_reflected_too(engine: sa.engine.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE mine (a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE, c REFERENCES mine)")
        )
        connection.execute(sa.text("CREATE VIEW seen AS SELECT b FROM mine"))
        inspector = sa.inspect(connection)
        assert inspector.get_table_names() == [*TABLES, *TEMPLATE_TABLES, "mine"]
        assert inspector.get_view_names() == [*VIEWS, "seen"]
        assert inspector.has_table("mine")
        assert [column["name"] for column in inspector.get_columns("mine")] == ["a", "b", "c"]
        assert inspector.get_pk_constraint("mine")["constrained_columns"] == ["a"]
        assert inspector.get_foreign_keys("mine")[0]["referred_table"] == "mine"
        assert inspector.get_unique_constraints("mine")[0]["column_names"] == ["b"]
        metadata = sa.MetaData()
        metadata.reflect(connection)
        mine = metadata.tables["mine"]
        connection.execute(mine.insert(), [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
        assert connection.execute(sa.select(mine.c.b).order_by(mine.c.a)).scalars().all() == ["x", "y"]
        connection.execute(sa.text("DROP VIEW seen"))
        mine.drop(connection)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if any(c.hidden for c in table.columns)])
def test_hidden_columns_are_reflected_on_request(engine: sa.engine.Engine, name: str) -> None:
    every = [column.name for column in TABLES[name].columns]
    shown = [column.name for column in TABLES[name].columns if not column.hidden]
    inspector = sa.inspect(engine)
    assert [column["name"] for column in inspector.get_columns(name)] == shown
    assert [column["name"] for column in inspector.get_columns(name, box_hidden_columns=True)] == every
    assert [column.name for column in sa.Table(name, sa.MetaData(), autoload_with=engine).columns] == shown
    table = sa.Table(name, sa.MetaData(), autoload_with=engine, box_hidden_columns=True)
    assert [column.name for column in table.columns] == every


def test_a_hidden_column_is_searched_by_match(small: Box, engine: sa.engine.Engine) -> None:
    files = sa.Table("files", sa.MetaData(), autoload_with=engine, box_hidden_columns=True)
    with engine.connect() as connection:
        for column in (files.c.search, files.c.files):
            small.reset()
            assert connection.execute(sa.select(files.c.name).where(column.match("README"))).all() == [("README",)]
            assert small.stats()["calls"] == 1


def test_match_of_another_column_is_refused(small: Box, engine: sa.engine.Engine, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    small.reset()
    with engine.connect() as connection, pytest.raises(sa.exc.NotSupportedError, match="files MATCH 'budget'"):
        connection.execute(sa.select(files.c.id).where(files.c.name.match("README")))
    assert small.stats()["calls"] == 0


def test_a_table_takes_no_option_of_another_dialect(engine: sa.engine.Engine) -> None:
    with pytest.raises(sa.exc.ArgumentError, match="box_with_rowid"):
        sa.Table("files", sa.MetaData(), autoload_with=engine, box_with_rowid=False)


def test_nothing_of_a_table_of_box_is_asked_of_sqlite(engine: sa.engine.Engine) -> None:
    heard: list[tuple[str, object]] = []
    with engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *event: heard.append(event[2:4]))
        sa.MetaData().reflect(connection)
        for name in TABLES:
            assert sa.inspect(connection).has_table(name)
    assert heard  # which tables the connection has of its own
    assert [sql for sql, values in heard if values or "_master" not in sql] == []


@pytest.mark.long
def test_a_column_that_is_not_nullable_has_a_value_in_every_row(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in TABLES:
            kept = [column["name"] for column in inspector.get_columns(name) if not column["nullable"]]
            assert {*TABLES[name].keys} <= {*kept}
            empty = " OR ".join(f"{column} IS NULL" for column in kept)
            condition, key = those_known(name)
            count = f"SELECT count(*) FROM {name} WHERE {condition}"
            assert connection.exec_driver_sql(f"{count} AND ({empty})", key).scalar() == 0
            assert connection.exec_driver_sql(count, key).scalar()
