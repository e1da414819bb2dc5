"""The models are the catalog, and are read with few calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import wait_until
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from box_dialect import orm
from box_dialect.catalog import Catalog
from box_dialect.orm.models import class_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


def downloads(box: Box) -> Any:
    by_operation: Any = box.stats()["by_operation"]
    return by_operation.get("get_files_id_content", 0)


RELATIONS = Catalog().relations
"""What every connection has, by name."""


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    """The statements that the session's engine runs."""
    heard: list[str] = []

    def hear(*event: Any) -> None:
        heard.append(event[2])

    sa.event.listen(session.get_bind(), "before_cursor_execute", hear)
    yield heard
    sa.event.remove(session.get_bind(), "before_cursor_execute", hear)


def test_every_table_has_a_class_with_every_column() -> None:
    assert [model.__table__.name for model in orm.MODELS.values()] == list(RELATIONS)
    for model in orm.MODELS.values():
        table = RELATIONS[model.__table__.name]
        mapper = sa.inspect(model)
        assert {attribute.key for attribute in mapper.column_attrs} == {
            column.name for column in table.columns if column.name != table.name
        }
        assert getattr(orm, model.__name__) is model
        assert model.__doc__ == table.doc


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("web_links", "WebLink"),
        ("retention_policies", "RetentionPolicy"),
        ("email_aliases", "EmailAlias"),
        ("terms_of_service_user_statuses", "TermsOfServiceUserStatus"),
        ("files_on_hold", "FilesOnHold"),
    ],
)
def test_a_class_is_called_after_one_row(table: str, name: str) -> None:
    assert class_name(table) == name


def test_the_tables_are_those_that_reflection_gives(session: Session) -> None:
    reflected = sa.MetaData()
    for name in RELATIONS:
        sa.Table(name, reflected, autoload_with=session.get_bind(), box_hidden_columns=True)
    for name, made in orm.tables(sa.MetaData()).items():
        for column in made.columns:
            other = reflected.tables[name].c[column.name]
            assert (column.nullable, column.primary_key, column.comment) == (
                other.nullable,
                other.primary_key,
                other.comment,
            )
            assert isinstance(column.type, type(other.type)) or column.name == "etag"
            assert {key.target_fullname for key in column.foreign_keys} == {
                key.target_fullname for key in other.foreign_keys
            }
            assert bool(column.server_default) == bool(other.server_default)


def test_relationships_are_followed(small: Box, session: Session) -> None:
    stored = next(file for file in small.store.items["file"].values() if file.name == "Notes.txt")
    file = session.execute(sa.select(orm.File).where(orm.File.name == "Notes.txt")).scalar_one()
    assert (file.id, file.parent.id, file.owned_by.id) == (stored.id, stored.parent.id, stored.owned_by.id)
    comments = [comment for comment in small.store.comments.values() if comment.file is stored]
    assert {comment.id for comment in file.comments} == {comment.id for comment in comments}
    assert {comment.file for comment in file.comments} == {file}
    root = session.get(orm.Folder, "0")
    assert (root.etag, root.parent) == ("", None)
    assert file in root.files
    assert {folder.parent for folder in root.folders} == {root}
    memberships = [one for group in session.execute(sa.select(orm.Group)).scalars() for one in group.memberships]
    assert memberships
    for membership in memberships:
        assert membership in membership.group.memberships
        assert membership in membership.user.memberships


def test_the_content_of_a_file_is_downloaded_when_it_is_read(small: Box, session: Session) -> None:
    stored = {
        item.id: item.content.read()
        for item in small.store.items["file"].values()
        if item.parent is small.store.root and not item.is_trashed
    }
    query = sa.select(orm.File).where(orm.File.parent_id == "0")
    file = session.execute(query).scalars().first()
    assert downloads(small) == 0
    assert file.content == stored[file.id]
    assert downloads(small) == 1
    files = session.execute(query.options(undefer(orm.File.content))).scalars().all()
    assert {file.id: file.content for file in files} == stored
    assert orm.File.content.property.columns[0].type.python_type is bytes


def test_a_reply_knows_its_comment(session: Session) -> None:
    replies = session.execute(sa.select(orm.Comment).where(orm.Comment.is_reply_comment)).scalars().all()
    assert replies
    assert all(reply in reply.reply_to.replies for reply in replies)


def test_selectinload_is_one_scan_of_all_keys(small: Box, session: Session, statements: list[str]) -> None:
    query = sa.select(orm.File).where(orm.File.parent_id == "0").options(selectinload(orm.File.comments))
    files = session.execute(query).scalars().all()
    assert len(files) > 2
    assert [" IN (" in statement for statement in statements] == [False, True]
    commented = sum(file.comment_count > 0 for file in files)  # others are not asked for comments
    assert small.stats()["calls"] == 1 + commented
    assert sum(len(file.comments) for file in files) > 0
    assert small.stats()["calls"] == 1 + commented


def test_the_calls_of_selectinload_are_in_flight_together(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    query = sa.select(orm.File).where(orm.File.parent_id == "0").options(selectinload(orm.File.comments))
    with fresh.connect() as connection:
        every = "INSERT INTO comments (item_id, message) SELECT id, 'one' FROM files WHERE parent_id = '0'"
        files = connection.cursor().execute(every).rowcount
        connection.commit()
    with Session(engine) as session, ThreadPoolExecutor(1) as thread:
        driver = session.connection().connection.dbapi_connection
        fresh.reset()
        fresh.faults({"operation": "get_files_id_comments", "delay_ms": 600_000, "times": 100})
        loading = thread.submit(lambda: session.execute(query).scalars().all())
        wait_until(lambda: fresh.stats()["max_in_flight"] == files)
        driver.interrupt()
        with pytest.raises(sa.exc.OperationalError, match="interrupted"):
            loading.result()
        assert fresh.stats()["by_operation"] == {"get_folders_id_items": 1, "get_files_id_comments": files}
    engine.dispose()


def test_selectinload_asks_for_each_parent_once(small: Box, session: Session, statements: list[str]) -> None:
    query = sa.select(orm.Comment).where(orm.Comment.item_id.in_(commented(small)))
    session.execute(query.options(selectinload(orm.Comment.file))).scalars().all()
    assert len(statements) == 2
    assert small.stats()["calls"] == 2 * len(commented(small))


def commented(small: Box) -> list[str]:
    return sorted({comment.file.id for comment in small.store.comments.values() if not comment.file.is_trashed})


def test_joinedload_is_one_statement(session: Session, statements: list[str]) -> None:
    query = sa.select(orm.File).where(orm.File.parent_id == "0").options(joinedload(orm.File.comments))
    files = session.execute(query).unique().scalars().all()
    assert any(file.comments for file in files)
    assert len(statements) == 1


def test_hidden_columns_search_and_are_not_loaded(session: Session, statements: list[str]) -> None:
    file = session.execute(sa.select(orm.File).where(orm.File.search.match("README"))).scalar_one()
    assert file.name == "README"
    assert "search" in sa.inspect(file).unloaded
    assert "files.search" not in statements[0].partition("FROM")[0]
    changes = sa.select(orm.Event.event_type).where(orm.Event.stream_type == "changes")
    assert session.execute(changes).scalars().all()


def test_json_is_read_by_key(small: Box, session: Session) -> None:
    tagged = {file.id: file.tags[0] for file in small.store.items["file"].values() if file.tags and not file.is_trashed}
    first = sa.select(orm.File.id, orm.File.tags[0].as_string()).where(orm.File.id.in_(tagged))
    assert dict(map(tuple, session.execute(first))) == tagged
    may = orm.File.permissions["can_download"].as_boolean()
    assert session.execute(sa.select(may).where(orm.File.id.in_(tagged))).scalars().all() == [True] * len(tagged)


def test_a_subclass_shares_the_table(session: Session) -> None:
    class Text(orm.File):
        """A file with text."""

        @property
        def shout(self) -> str:
            return str(self.name).upper()

    text = session.execute(sa.select(Text).where(Text.name == "Notes.txt")).scalar_one()
    assert text.shout == "NOTES.TXT"
    assert text.parent.id == "0"


def test_what_is_found_by_id_only_is_no_list_of_what_it_refers_to() -> None:
    unlisted = {each.table for table in RELATIONS.values() for each in table.references if each.reverse is None}
    assert unlisted == {"file_requests", "invites"}
    assert not hasattr(orm.Folder, "file_requests")
    assert orm.FileRequest.folder.property.mapper.class_ is orm.Folder


@pytest.mark.long
def test_each_relationship_can_be_loaded(small: Box, session: Session) -> None:
    by_id = {"file_requests": small.store.file_requests, "invites": small.store.invites, "upload_sessions": {}}
    loaded: set[tuple[str, str]] = set()
    for name, model in orm.MODELS.items():
        ids = by_id.get(model.__table__.name)
        query = sa.select(model).limit(1) if ids is None else sa.select(model).where(model.id.in_([*ids][:1]))
        for found in session.execute(query).scalars():
            for relationship in sa.inspect(model).relationships:
                getattr(found, relationship.key)
                loaded.add((name, relationship.key))
    declared = {(name, each.key) for name, model in orm.MODELS.items() for each in sa.inspect(model).relationships}
    assert {name for name, _ in declared - loaded} <= {"Invite", "UploadSession"}
