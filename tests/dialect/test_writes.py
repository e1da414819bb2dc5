"""INSERT, UPDATE and DELETE through SQLAlchemy Core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import box_dialect

if TYPE_CHECKING:
    from conftest import Box


@pytest.fixture
def connection(changeable: sa.engine.Engine) -> Any:
    with changeable.begin() as connection:
        yield connection


def live(box: Box, kind: str, name: str) -> list[Any]:
    return [item for item in box.store.items[kind].values() if item.name == name and not item.is_trashed]


def test_folders_are_made_changed_and_deleted(fresh: Box, connection: Any, tables: sa.MetaData) -> None:
    folders = tables.tables["folders"]
    made = connection.execute(folders.insert().values(name="made", parent_id="0", description="by Core"))
    assert made.rowcount == 1
    (folder,) = live(fresh, "folder", "made")
    assert folder.description == "by Core"
    assert tuple(made.inserted_primary_key) == (folder.id,)
    changed = connection.execute(folders.update().where(folders.c.id == folder.id).values(name="renamed"))
    assert changed.rowcount == 1
    assert folder.name == "renamed"
    assert connection.execute(folders.delete().where(folders.c.id == folder.id)).rowcount == 1
    assert not live(fresh, "folder", "renamed")
    assert connection.execute(folders.delete().where(folders.c.id == folder.id)).rowcount == 0


def test_web_links_are_made_changed_and_deleted(fresh: Box, connection: Any, tables: sa.MetaData) -> None:
    links = tables.tables["web_links"]
    connection.execute(links.insert(), {"name": "link", "url": "https://example.com/a", "parent_id": "0"})
    (link,) = live(fresh, "web_link", "link")
    connection.execute(links.update().where(links.c.id == link.id), {"url": "https://example.com/b"})
    assert connection.execute(sa.select(links.c.url).where(links.c.id == link.id)).scalar() == "https://example.com/b"
    connection.execute(links.delete().where(links.c.id == link.id))
    assert not live(fresh, "web_link", "link")


def test_comments_are_made_changed_and_deleted(fresh: Box, connection: Any, tables: sa.MetaData) -> None:
    files, comments = tables.tables["files"], tables.tables["comments"]
    file = connection.execute(sa.select(files.c.id).where(files.c.name == "README")).scalar()
    connection.execute(comments.insert().values(item_id=file, message="first"))
    of_file = sa.select(comments.c.id, comments.c.message).where(comments.c.item_id == file)
    ((id_, message),) = connection.execute(of_file).all()
    assert message == "first"
    connection.execute(comments.update().where(comments.c.id == id_).values(message="second"))
    assert fresh.store.comments[id_].message == "second"
    connection.execute(comments.delete().where(comments.c.id == id_))
    assert connection.execute(of_file).all() == []


def test_many_rows_are_made_at_once(fresh: Box, connection: Any, tables: sa.MetaData) -> None:
    rows = [{"name": f"many {number}", "parent_id": "0"} for number in range(4)]
    connection.execute(tables.tables["folders"].insert(), rows)
    assert [len(live(fresh, "folder", row["name"])) for row in rows] == [1] * 4


def test_a_conflict_is_an_integrity_error(connection: Any, tables: sa.MetaData) -> None:
    with pytest.raises(sa.exc.IntegrityError) as failure:
        connection.execute(tables.tables["folders"].insert().values(name="Photos", parent_id="0"))
    assert isinstance(failure.value.orig, box_dialect.IntegrityError)
    assert failure.value.orig.diag.status == 409


def test_what_cannot_be_written_is_refused_before_any_call(fresh: Box, connection: Any, tables: sa.MetaData) -> None:
    fresh.reset()
    with pytest.raises(sa.exc.NotSupportedError, match="only reads it"):
        connection.execute(tables.tables["events"].insert().values(event_id="x"))
    assert fresh.stats()["calls"] == 0
