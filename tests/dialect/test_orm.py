"""Classes of the ORM that are mapped to reflected tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship, selectinload

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box


@pytest.fixture(scope="module")
def mapped(small: Box) -> dict[str, Any]:
    engine = sa.create_engine(small.url)
    base = declarative_base()
    base.metadata.reflect(engine, only=["files", "folders", "comments", "users"])
    engine.dispose()
    tables = base.metadata.tables

    class User(base):
        __table__ = tables["users"]

    class Comment(base):
        __table__ = tables["comments"]
        author = relationship(User, viewonly=True)

    class Folder(base):
        __table__ = tables["folders"]
        parent = relationship("Folder", remote_side=[tables["folders"].c.id], viewonly=True)

    class File(base):
        __table__ = tables["files"]
        folder = relationship(Folder, viewonly=True)
        comments = relationship(Comment, viewonly=True, order_by=tables["comments"].c.id)

    return {"User": User, "Comment": Comment, "Folder": Folder, "File": File}


def test_relationships_are_followed(small: Box, engine: sa.engine.Engine, mapped: dict[str, Any]) -> None:
    file_class = mapped["File"]
    (expected,) = (file for file in small.store.items["file"].values() if file.name == "Notes.txt")
    with Session(engine) as session:
        file = session.execute(sa.select(file_class).where(file_class.name == "Notes.txt")).scalar_one()
        assert file.id == expected.id
        assert file.folder.id == "0"
        comments = [comment for comment in small.store.comments.values() if comment.file is expected]
        assert {comment.id for comment in file.comments} == {comment.id for comment in comments}
        assert {comment.author.name for comment in file.comments} == {c.created_by.name for c in comments}


@pytest.mark.parametrize("strategy", [joinedload, selectinload])
def test_relationships_are_loaded_ahead(engine: sa.engine.Engine, mapped: dict[str, Any], strategy: Any) -> None:
    file_class = mapped["File"]
    with Session(engine) as session:
        statement = sa.select(file_class).options(strategy(file_class.comments), strategy(file_class.folder))
        files = session.execute(statement).unique().scalars().all()
        session.expunge_all()
    assert sum(len(file.comments) for file in files) == 5
    assert all(file.folder.id == file.parent_id for file in files)


def test_an_object_is_got_by_its_key(engine: sa.engine.Engine, mapped: dict[str, Any]) -> None:
    with Session(engine) as session:
        photos = session.execute(sa.select(mapped["Folder"]).filter_by(name="Photos")).scalar_one()
        session.expunge_all()
        again = session.get(mapped["Folder"], photos.id)
        assert (again.name, again.parent.name) == ("Photos", "All Files")
        assert session.get(mapped["Folder"], "1") is None


def test_automap_maps_every_table(engine: sa.engine.Engine) -> None:
    metadata = sa.MetaData()
    metadata.reflect(engine, only=list(TABLES))
    base = automap_base(metadata=metadata)
    base.prepare()
    with Session(engine) as session:
        membership = session.execute(sa.select(base.classes.memberships).limit(1)).scalar_one()
        assert membership.users.id == membership.user_id
        assert membership.groups.id == membership.group_id


def test_a_new_object_gets_the_key_that_box_chose(
    fresh: Box, changeable: sa.engine.Engine, mapped: dict[str, Any]
) -> None:
    with Session(changeable) as session:
        folder = mapped["Folder"](name="from the ORM", parent_id="0")
        session.add(folder)
        session.commit()
        assert fresh.store.items["folder"][folder.id].name == "from the ORM"
        folder.description = "changed"
        session.commit()
        assert fresh.store.items["folder"][folder.id].description == "changed"
        session.delete(folder)
        session.commit()
        assert fresh.store.items["folder"][folder.id].is_trashed


def test_a_class_need_not_say_that_box_assigns_its_key(fresh: Box) -> None:
    """SQLAlchemy warns of such a key, and would fail once the row is made."""

    class Folder(declarative_base()):  # type: ignore[misc]
        __tablename__ = "folders"
        id = sa.Column(sa.String, primary_key=True)
        name = sa.Column(sa.String)
        parent_id = sa.Column(sa.String)

    engine = sa.create_engine(fresh.url)
    with Session(engine) as session:
        made = [Folder(name=f"made {number}", parent_id="0") for number in range(3)]
        session.add(made[0])
        session.commit()
        session.add_all(made[1:])
        session.commit()
        assert [fresh.store.items["folder"][each.id].name for each in made] == ["made 0", "made 1", "made 2"]
    engine.dispose()
