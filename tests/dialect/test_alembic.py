"""Alembic migrates local tables, and leaves Box's alone."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows.metadata import TEMPLATE_TABLES

import box_dialect
from box_dialect import orm
from box_dialect.catalog import TABLES

pytest.importorskip("alembic")
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

import box_dialect.alembic  # Alembic before 1.18 does not find it by itself

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def connection(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    with engine.begin() as connection:
        yield connection


def described(**with_box: Any) -> sa.MetaData:
    """Return what an application has: two tables of its own, and with `box` those of Box."""
    metadata = sa.MetaData()
    if with_box:
        orm.tables(metadata)
        sa.Table("files", metadata, sa.Column("mine", sa.Integer), extend_existing=True)
    else:
        sa.Table("files", metadata, sa.Column("id", sa.String, primary_key=True))
    sa.Table(
        "notes",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file_id", sa.String, sa.ForeignKey("files.id")),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("text", sa.String(50), nullable=False, index=True),
    )
    sa.Table("scratch", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


@pytest.mark.long
@pytest.mark.parametrize("options", [{}, {"box": True}], ids=["some", "all"])
def test_tables_of_box_are_in_no_comparison(connection: Any, small: Box, options: dict[str, Any]) -> None:
    small.reset()
    metadata = described(**options)
    context = MigrationContext.configure(connection)
    found = compare_metadata(context, metadata)
    assert sorted((kind, item.name) for kind, item in found) == [
        ("add_index", "ix_notes_text"),
        ("add_table", "notes"),
        ("add_table", "scratch"),
    ]
    own = [metadata.tables["notes"], metadata.tables["scratch"]]
    metadata.create_all(connection, own)
    assert compare_metadata(context, metadata) == []
    assert [kind for kind, _ in compare_metadata(context, sa.MetaData())].count("remove_table") == 2
    metadata.drop_all(connection, own)
    calls: Any = small.stats()["by_operation"]
    assert {call for call in calls if not call.startswith("get_metadata_templates_")} == set()


def test_the_applications_own_choice_holds_too(connection: Any) -> None:
    asked: list[tuple[Any, ...]] = []

    def include_object(_item: Any, name: Any, *given: Any) -> bool:
        asked.append((name, *given))
        return bool(name != "scratch")

    context = MigrationContext.configure(connection, opts={"include_object": include_object})
    assert [item.name for kind, item in compare_metadata(context, described()) if kind == "add_table"] == ["notes"]
    assert ("notes", "table", False, None) in asked
    assert not TABLES.keys() & {name for name, *_ in asked}


def test_alembic_loads_what_the_package_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = pytest.importorskip("alembic.runtime.plugins")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    entries = [EntryPoint(*each, "alembic.plugins") for each in declared["alembic.plugins"].items()]
    monkeypatch.setattr(plugins, "_all_plugins", {})
    monkeypatch.setattr(plugins.metadata, "entry_points", lambda group: [e for e in entries if e.group == group])
    plugins._setup()
    assert list(plugins._all_plugins) == ["box"]


def test_a_local_table_is_altered_in_a_batch(connection: Any) -> None:
    operations = Operations(MigrationContext.configure(connection))
    described().tables["notes"].create(connection)
    connection.execute(sa.text("INSERT INTO notes (text) VALUES ('kept')"))
    with operations.batch_alter_table("notes") as batch:
        batch.alter_column("text", new_column_name="title", existing_type=sa.String(50))
        batch.add_column(sa.Column("stars", sa.Integer, server_default="5"))
        batch.drop_column("at")
    rows = connection.execute(sa.text("SELECT * FROM notes")).mappings().all()
    assert [dict(row) for row in rows] == [{"id": 1, "file_id": None, "title": "kept", "stars": 5}]
    operations.drop_table("notes")


@pytest.mark.parametrize("recreate", ["auto", "always"])
def test_a_table_of_box_is_not_altered_in_a_batch(connection: Any, small: Box, recreate: Any) -> None:
    small.reset()
    operations = Operations(MigrationContext.configure(connection))
    with (
        pytest.raises(box_dialect.ProgrammingError, match="files is a table of Box, which may not be altered"),
        operations.batch_alter_table("files", recreate=recreate) as batch,
    ):
        batch.alter_column("name", nullable=True)
    assert small.stats()["calls"] == 0
    assert sa.inspect(connection).get_table_names() == [*TABLES, *TEMPLATE_TABLES]
