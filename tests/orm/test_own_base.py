"""Box's tables under a base of the user's own, and under automap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import configure_mappers, declarative_base
from sqlalchemy.orm.exc import StaleDataError

from box_dialect import orm
from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box
    from sqlalchemy.orm import Session

REFERENCES = [reference for table in TABLES.values() for reference in table.references if reference.by is None]


def new_base(kind: str) -> Any:
    if kind == "declarative_base":
        return declarative_base()
    declarative = pytest.importorskip("sqlalchemy.orm", reason="SQLAlchemy 1.4 has no DeclarativeBase")
    if not hasattr(declarative, "DeclarativeBase"):
        pytest.skip("SQLAlchemy 1.4 has no DeclarativeBase")
    return type("Own", (declarative.DeclarativeBase,), {})


@pytest.mark.parametrize("kind", ["declarative_base", "DeclarativeBase"])
def test_columns_are_mapped_under_another_base(session: Session, kind: str) -> None:
    base = new_base(kind)

    class Document(orm.FileColumns, base):
        def title(self) -> str:
            return str(self.name).title()

    class Remark(orm.CommentColumns, base):
        pass

    class Note(base):
        __tablename__ = "notes"
        id = sa.Column(sa.Integer, primary_key=True)
        file_id = sa.Column(sa.ForeignKey("files.id"))

    orm.relate(base)
    document = session.execute(sa.select(Document).where(Document.name == "README")).scalar_one()
    assert document.title() == "Readme"
    assert all(isinstance(remark, Remark) and remark.file is document for remark in document.comments)
    assert not hasattr(Document, "parent")
    assert list(Note.__table__.foreign_keys)[0].column is Document.__table__.c.id  # noqa: RUF015 - a set
    base.metadata.create_all(session.connection())
    assert sa.inspect(session.connection()).has_table("notes")
    session.rollback()


def test_a_subclass_may_have_a_local_table_of_its_own(fresh: Box, writing: Session) -> None:
    base = new_base("declarative_base")

    class Place(orm.FolderColumns, base):
        pass

    class Project(Place):
        __tablename__ = "projects"
        id = sa.Column(sa.ForeignKey("folders.id"), primary_key=True)
        budget = sa.Column(sa.Integer)

    base.metadata.create_all(writing.connection())
    project = Project(name="Project", parent_id="0", budget=1)
    writing.add(project)
    writing.commit()
    project.budget = 2
    writing.commit()
    project.budget, project.description = 3, "Dear"
    writing.commit()
    assert writing.execute(sa.select(Project.path).where(Project.budget == 3)).scalars().all() == ["/Project"]
    assert project.description == "Dear"
    fresh.store.items["folder"][project.id].etag = 7
    project.budget = 4
    with pytest.raises(StaleDataError):
        writing.commit()
    writing.rollback()
    assert project.budget == 3
    writing.delete(project)
    writing.commit()
    assert writing.execute(sa.select(sa.func.count()).select_from(Project.__table__)).scalar() == 0


@pytest.mark.long
def test_automap_names_every_relationship(session: Session) -> None:
    base = automap_base()
    with session.get_bind().begin() as connection:
        connection.execute(sa.text("CREATE TABLE shelves (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("CREATE TABLE books (id INTEGER PRIMARY KEY, shelf REFERENCES shelves (id))"))
        base.prepare(autoload_with=connection, **orm.AUTOMAP)
        connection.execute(sa.text("DROP TABLE books"))
        connection.execute(sa.text("DROP TABLE shelves"))
    configure_mappers()
    templates = {"EnterpriseDocumentReview", "EnterpriseSecurityClassification6VMVochwUWo", "GlobalProperty"}
    of_tables = {name for name, model in orm.MODELS.items() if model.__table__.name in TABLES}
    assert set(base.classes.keys()) == {*of_tables, *templates, "books", "shelves"}
    assert base.classes.books.shelves.property.mapper.class_ is base.classes.shelves
    for reference in REFERENCES:
        many, one = (
            base.classes[next(name for name, model in orm.MODELS.items() if model.__table__.name == table)]
            for table in (reference.table, reference.target)
        )
        forward = getattr(many, reference.name).property
        assert {column.name for column in forward.local_columns} == {*reference.columns}
        if reference.reverse is None:
            assert not any(each.mapper.class_ is many for each in sa.inspect(one).relationships)
            continue
        back = getattr(one, reference.reverse).property
        assert (forward.mapper.class_, back.mapper.class_) == (one, many)
    file = session.execute(sa.select(base.classes.File).where(base.classes.File.name == "README")).scalar_one()
    assert file in file.parent.files


@pytest.mark.long
def test_automap_names_all_tables_by_itself(session: Session) -> None:
    metadata = sa.MetaData()
    metadata.reflect(session.get_bind(), only=list(TABLES))
    base = automap_base(metadata=metadata)
    base.prepare()
    configure_mappers()
    assert set(base.classes.keys()) == set(TABLES)
    columns: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for reference in REFERENCES:
        columns.setdefault((reference.table, reference.target), []).append(reference.columns)
    assert max(map(len, columns.values())) > 2
    for (table, target), (first, *others) in columns.items():
        many, one = base.classes[table], base.classes[target]
        forward, back = getattr(many, target).property, getattr(one, f"{table}_collection").property
        assert {each.name for each in forward.local_columns} == {*first}
        assert {each.name for each in back.remote_side} == {
            *(others[0] if others else first)
        }  # automap itself mixes them
        assert (forward.mapper.class_, back.mapper.class_) == (one, many)


def test_references_of_local_tables_keep_their_order_too(session: Session) -> None:
    columns = [f"ref{number}" for number in range(9)]
    with session.get_bind().begin() as connection:
        connection.execute(sa.text("CREATE TABLE shelves (id INTEGER PRIMARY KEY)"))
        declared = ", ".join(f"{column} REFERENCES shelves (id)" for column in columns)
        connection.execute(sa.text(f"CREATE TABLE books (id INTEGER PRIMARY KEY, {declared})"))
        books = sa.Table("books", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.text("DROP TABLE books"))
        connection.execute(sa.text("DROP TABLE shelves"))
    keys = [each for each in books.constraints if isinstance(each, sa.ForeignKeyConstraint)]
    assert [key.column_keys for key in keys] == [[column] for column in columns]
