"""What SQLAlchemy's inspector tells comes from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box


def test_all_tables_are_named(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == list(TABLES)
    assert inspector.get_table_names(schema="main") == list(TABLES)
    assert inspector.get_view_names() == []
    assert inspector.get_schema_names() == ["main"]


def test_a_table_is_told_from_what_is_none(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.has_table("files")
    assert inspector.has_table("files", schema="main")
    assert not inspector.has_table("filez")
    with pytest.raises(sa.exc.NoSuchTableError):
        sa.Table("filez", sa.MetaData(), autoload_with=engine)


def test_columns_are_those_that_a_star_gives(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in TABLES:
            result = connection.execute(sa.text(f"SELECT * FROM {name} LIMIT 0"))
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
def test_all_tables_are_reflected_at_once(small: Box, engine: sa.engine.Engine, schema: str | None) -> None:
    small.reset()
    metadata = sa.MetaData()
    metadata.reflect(engine, schema=schema)
    prefix = f"{schema}." if schema else ""
    assert set(metadata.tables) == {prefix + name for name in TABLES}
    files = metadata.tables[f"{prefix}files"]
    assert [column.name for column in files.primary_key] == ["id"]
    assert [key.target_fullname for key in files.c.parent_id.foreign_keys] == [f"{prefix}folders.id"]
    assert files.comment == TABLES["files"].doc
    assert files.c.path.comment == TABLES["files"].columns[TABLES["files"].numbers["path"]].doc
    assert small.stats()["calls"] == 0
    with engine.connect() as connection:
        assert connection.execute(sa.select(files.c.name).limit(1)).scalar()


def test_a_table_that_the_connection_made_is_reflected_too(engine: sa.engine.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TABLE mine (a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE, c REFERENCES mine)")
        )
        connection.execute(sa.text("CREATE VIEW seen AS SELECT b FROM mine"))
        inspector = sa.inspect(connection)
        assert inspector.get_table_names() == [*TABLES, "mine"]
        assert inspector.get_view_names() == ["seen"]
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


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if any(c.hidden for c in table.columns)])
def test_hidden_columns_are_reflected_on_request(engine: sa.engine.Engine, name: str) -> None:
    every = [column.name for column in TABLES[name].columns]
    shown = [column.name for column in TABLES[name].columns if not column.hidden]
    inspector = sa.inspect(engine)
    assert [column["name"] for column in inspector.get_columns(name)] == shown
    assert [column["name"] for column in inspector.get_columns(name, box_hidden=True)] == every
    assert [column.name for column in sa.Table(name, sa.MetaData(), autoload_with=engine).columns] == shown
    table = sa.Table(name, sa.MetaData(), autoload_with=engine, box_hidden=True)
    assert [column.name for column in table.columns] == every


def test_a_hidden_column_is_searched_by_match(small: Box, engine: sa.engine.Engine) -> None:
    files = sa.Table("files", sa.MetaData(), autoload_with=engine, box_hidden=True)
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


def test_a_column_that_is_not_nullable_has_a_value_in_every_row(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for name in TABLES:
            kept = [column["name"] for column in inspector.get_columns(name) if not column["nullable"]]
            assert TABLES[name].key in kept
            empty = " OR ".join(f"{column} IS NULL" for column in kept)
            assert connection.execute(sa.text(f"SELECT count(*) FROM {name} WHERE {empty}")).scalar() == 0
            assert connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar()
