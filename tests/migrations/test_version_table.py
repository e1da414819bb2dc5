"""The version table stands in Box where the metadata has templates, and one migration runs at a time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic_project import Project
from patience import PATIENCE_SECONDS, wait_until

import box_dialect

pytest.importorskip("alembic")
from alembic.util import CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box


def metadata(*names: str) -> sa.MetaData:
    made = sa.MetaData()
    for name in names or ("enterprise_contract",):
        sa.Table(name, made, sa.Column("title", sa.String))
    return made


def versions(box: Box, key: str = "alembicVersion") -> list[str]:
    """Return the revisions that the template of a version table has."""
    options = "SELECT key FROM metadata_template_field_options WHERE template_key = ? AND field_key = 'revisions'"
    with box.connect() as connection:
        return [row[0] for row in connection.cursor().execute(options, [key])]


def holder(box: Box) -> str:
    options = "SELECT key FROM metadata_template_field_options WHERE template_key = ? AND field_key = 'lock'"
    with box.connect() as connection:
        (row,) = connection.cursor().execute(options, ["alembicVersion"])
        return str(row[0])


def hold(box: Box, name: str) -> None:
    with box.connect() as connection:
        connection.cursor().execute(
            "UPDATE metadata_template_field_options SET key = ? WHERE template_key = 'alembicVersion' "
            "AND field_key = 'lock'",
            [name],
        )


@pytest.fixture
def project(fresh: Box, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", fresh.url, metadata(), box_lock_wait=0)
    project.add("a1")
    project.add("b2")
    return project


def test_revisions_are_options_of_a_hidden_template(project: Project, fresh: Box) -> None:
    assert project.run("current") == ""
    assert versions(fresh) == []
    project.run("upgrade", "head")
    assert versions(fresh) == ["base", "b2"]
    assert project.run("current") == "b2 (head)\n"
    with fresh.connect() as connection:
        hidden = "SELECT hidden FROM metadata_templates WHERE template_key = 'alembicVersion'"
        assert connection.cursor().execute(hidden).fetchone() == (True,)
    project.run("downgrade", "-1")
    assert versions(fresh) == ["base", "a1"]
    project.run("downgrade", "base")
    assert versions(fresh) == ["base"]
    project.run("stamp", "head")
    assert versions(fresh) == ["base", "b2"]
    project.run("stamp", "a1", purge=True)
    assert versions(fresh) == ["base", "a1"]
    with pytest.raises(sa.exc.ProgrammingError, match="no such table: alembic_version"):
        local(project)


def test_a_revision_moves_by_one_call(project: Project, fresh: Box) -> None:
    project.run("upgrade", "a1")
    fresh.reset()
    project.run("upgrade", "b2")
    calls: Any = fresh.stats()["by_operation"]
    writes = {name: count for name, count in calls.items() if name.startswith(("put", "post", "delete"))}
    assert writes == {"put_metadata_templates_id_id_schema": 3}  # the lock, the revision, the lock


def test_branches_have_several_heads(project: Project, fresh: Box) -> None:
    project.add("c3", down="a1")
    project.run("upgrade", "heads")
    assert sorted(versions(fresh)) == ["b2", "base", "c3"]
    project.add("d4", down=("b2", "c3"))
    project.run("upgrade", "head")
    assert versions(fresh) == ["base", "d4"]
    project.run("downgrade", "b2")
    assert sorted(versions(fresh)) == ["b2", "base", "c3"]


def test_the_name_of_the_version_table_tells_the_template(fresh: Box, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", fresh.url, metadata(), version_table="my_own_versions")
    project.add("a1")
    project.run("upgrade", "head")
    assert versions(fresh, "myOwnVersions") == ["base", "a1"]
    project.given["options"] = {"version_table": "versionen_ü"}
    with pytest.raises(box_dialect.ProgrammingError, match="no template of the key 'versionenÜ'"):
        project.run("upgrade", "head")


def test_a_template_that_is_none_of_a_version_table_is_left_alone(project: Project, fresh: Box) -> None:
    fresh.store.add_template("alembicVersion", {"type": "string", "key": "title"})
    with pytest.raises(box_dialect.ProgrammingError, match="name another one by version_table"):
        project.run("upgrade", "head")


@pytest.mark.parametrize("names", [("notes",), ("notes", "global_properties")], ids=str)
def test_without_templates_it_is_local(fresh: Box, tmp_path: Path, names: tuple[str, ...]) -> None:
    project = Project(tmp_path / "project", fresh.url, metadata(*names))
    project.add("a1")
    project.run("upgrade", "head")
    assert local(project) == ["a1"]
    assert versions(fresh) == []


def test_with_the_schema_of_local_tables_it_is_local(project: Project, fresh: Box) -> None:
    project.given["options"] = {"version_table_schema": "main"}
    project.run("upgrade", "head")
    assert local(project) == ["b2"]
    assert versions(fresh) == []


def test_a_local_one_that_there_is_stays(project: Project, fresh: Box) -> None:
    project.given["metadata"] = metadata("notes")
    project.run("upgrade", "a1")
    project.given["metadata"] = metadata()
    project.run("upgrade", "head")
    assert local(project) == ["b2"]
    assert versions(fresh) == []


def local(project: Project) -> list[str]:
    engine = sa.create_engine(project.given["url"], connect_args=project.properties)
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(sa.text("SELECT version_num FROM alembic_version"))]
    engine.dispose()
    return found


@pytest.mark.parametrize("command", ["current", "history", "heads", "check"])
def test_a_command_that_only_reads_makes_nothing_and_takes_no_lock(project: Project, fresh: Box, command: str) -> None:
    for _ in range(2):
        fresh.reset()
        with contextlib.suppress(CommandError):  # `check` wants what is newest
            project.run(command, **({"indicate_current": True} if command == "history" else {}))
        assert not [name for name in fresh.stats()["by_operation"] if not name.startswith("get_")]  # type: ignore[attr-defined]
        if _ == 0:
            project.run("upgrade", "a1")
            hold(fresh, "2999-01-01T00:00:00Z by another")


def test_what_another_migration_holds_is_waited_for(project: Project, fresh: Box) -> None:
    project.run("upgrade", "a1")
    hold(fresh, "2999-01-01T00:00:00Z by another")
    with pytest.raises(
        box_dialect.OperationalError, match=r"nothing was changed: .* until 2999-01-01T00:00:00Z by another"
    ):
        project.run("upgrade", "head")
    assert versions(fresh) == ["base", "a1"]
    project.given["options"] = {"box_lock_wait": 60}
    freed = threading.Timer(0.5, hold, [fresh, "free"])
    freed.start()
    project.run("upgrade", "head")
    freed.join()
    assert versions(fresh) == ["base", "b2"]
    assert holder(fresh) == "free"


def test_a_lock_that_has_expired_is_taken_over(project: Project, fresh: Box) -> None:
    project.run("upgrade", "a1")
    hold(fresh, "2020-01-01T00:00:00Z by another")
    project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "free")


def test_a_lock_that_is_taken_though_the_answer_is_lost_is_held(project: Project, fresh: Box) -> None:
    project.run("upgrade", "a1")
    fresh.faults({"operation": "put_metadata_templates_id_id_schema", "drop_connection": True, "carried_out": True})
    project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "free")


@pytest.mark.long
def test_a_lock_is_renewed_while_an_operation_runs(project: Project, fresh: Box) -> None:
    project.add(
        "c3",
        """
        from patience import wait_until
        holders = set()
        with box_dialect.connect(op.get_context().config.attributes["url"]) as connection:
            def changes():
                holders.update(connection.cursor().execute(
                    "SELECT key FROM metadata_template_field_options "
                    "WHERE template_key = 'alembicVersion' AND field_key = 'lock'"
                ))
                return len(holders) > 2
            wait_until(changes)
        """,
    )
    project.given["options"] = {"box_lock_seconds": 3}
    project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "c3"], "free")


def test_a_migration_that_fails_gives_the_lock_back(project: Project, fresh: Box) -> None:
    project.add("c3", "raise ValueError('no')")
    with pytest.raises(ValueError, match="no"):
        project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "free")


def test_a_lock_that_was_taken_over_stops_the_migration(project: Project, fresh: Box) -> None:
    """Nothing of the revision is noted, though the lock lasts for no time at all, so that it is renewed each time."""
    project.add(
        "c3",
        """
        with box_dialect.connect(op.get_context().config.attributes["url"]) as connection:
            connection.cursor().execute(
                "UPDATE metadata_template_field_options SET key = 'another' "
                "WHERE template_key = 'alembicVersion' AND field_key = 'lock'"
            )
        """,
    )
    project.given["options"] = {"box_lock_seconds": 0}
    with pytest.raises(box_dialect.OperationalError, match="has expired, and another migration has taken it"):
        project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "another")


@pytest.mark.long
def test_of_two_processes_at_once_one_migrates(fresh: Box, tmp_path: Path) -> None:
    """Both begin before the template of the version table is there."""
    folder = tmp_path / "project"
    project = Project(folder, fresh.url, metadata())
    project.add(
        "a1",
        f"""
        import os, pathlib, time
        pathlib.Path({str(tmp_path)!r}, f"ran-{{os.getpid()}}").touch()
        time.sleep(0.5)
    """,
    )
    program = f"""
import pathlib, sys, time
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
import box_dialect.alembic
metadata = sa.MetaData()
sa.Table("enterprise_contract", metadata, sa.Column("title", sa.String))
config = Config(attributes=dict(url={fresh.url!r}, metadata=metadata, options={{}}, properties={{}}))
config.set_main_option("script_location", {str(folder)!r})
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path({str(tmp_path / "go")!r}).exists():
    time.sleep(0.01)
command.upgrade(config, "head")
"""
    marks = [tmp_path / f"ready-{number}" for number in range(2)]
    running = [subprocess.Popen([sys.executable, "-c", program, str(mark)]) for mark in marks]
    wait_until(lambda: all(mark.exists() for mark in marks))
    (tmp_path / "go").touch()
    assert [each.wait(PATIENCE_SECONDS) for each in running] == [0, 0]
    assert len([*tmp_path.glob("ran-*")]) == 1
    assert (versions(fresh), holder(fresh)) == (["base", "a1"], "free")


ASYNCHRONOUS = """
import asyncio
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

given = context.config.attributes


def migrate(connection):
    context.configure(connection=connection, target_metadata=given["metadata"], **given["options"])
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(given["url"].replace("box://", "box+aioapsw://"))
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""


def test_it_runs_in_an_engine_for_asyncio(project: Project, fresh: Box) -> None:
    pytest.importorskip("greenlet")
    (project.folder / "env.py").write_text(ASYNCHRONOUS)
    project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "free")


def test_a_connection_that_stays_open_keeps_the_lock_until_it_goes_back(project: Project, fresh: Box) -> None:
    """A program that gives its own connection may run several commands by it."""
    (project.folder / "env.py").write_text(
        """
from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=given["metadata"])
with context.begin_transaction():
    context.run_migrations()
"""
    )
    engine = sa.create_engine(fresh.url)
    with engine.begin() as connection:
        project.given["connection"] = connection
        project.run("upgrade", "a1")
        assert holder(fresh) != "free"
        project.run("upgrade", "b2")
    assert (versions(fresh), holder(fresh)) == (["base", "b2"], "free")
    engine.dispose()


def test_the_lock_is_renewed_amid_a_transaction_on_local_tables(project: Project, fresh: Box) -> None:
    project.add(
        "c3",
        """
        op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
        for _ in range(3):
            op.execute("INSERT INTO notes DEFAULT VALUES")
        """,
    )
    project.given["options"] = {"box_lock_seconds": 0}
    project.run("upgrade", "head")
    assert (versions(fresh), holder(fresh)) == (["base", "c3"], "free")
    engine = sa.create_engine(fresh.url, connect_args=project.properties)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM notes")).scalar() == 3
    engine.dispose()
