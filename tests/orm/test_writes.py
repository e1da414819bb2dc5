"""Objects are written in the right order, with one call each; a change by somebody else is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

import box_dialect
from box_dialect import orm

if TYPE_CHECKING:
    from conftest import Box
    from sqlalchemy.orm import Session

MANY = 1_000


def file_of(session: Session, name: str = "Notes.txt") -> orm.File:
    found: orm.File = session.execute(sa.select(orm.File).where(orm.File.name == name)).scalar_one()
    return found


def test_a_comment_is_added_to_a_file(fresh: Box, writing: Session) -> None:
    file = file_of(writing)
    fresh.reset()
    comment = orm.Comment(file=file, message="by the ORM")
    writing.add(comment)
    writing.flush()
    assert fresh.stats()["calls"] == 1
    assert fresh.store.comments[comment.id].message == "by the ORM"
    assert (comment.item_id, comment.is_reply_comment, comment.created_by_name) == (file.id, False, "Ada Admin")
    assert fresh.stats()["calls"] == (1 if has_returning() else 2)
    writing.commit()
    assert comment in file.comments


def test_a_file_is_added_with_its_folder_and_content(fresh: Box, writing: Session) -> None:
    folder = orm.Folder(name="by the ORM", parent_id="0")
    file = orm.File(name="x.txt", parent=folder, content=b"what it says")
    writing.add(file)
    writing.flush()
    assert (file.parent_id, fresh.store.files[file.id].content.read()) == (folder.id, b"what it says")
    fresh.reset()
    file.content = b"what it says now"
    writing.flush()
    by_operation: dict[str, int] = fresh.stats()["by_operation"]  # type: ignore[assignment]
    assert (by_operation["post_files_id_content"], by_operation.get("put_files_id", 0)) == (1, 0)
    assert fresh.store.files[file.id].content.read() == b"what it says now"
    writing.commit()


def has_returning() -> bool:
    """Tell whether the ORM takes what it inserts from RETURNING; that of SQLAlchemy 1.4 asks again."""
    return not sa.__version__.startswith("1.")


def test_what_is_none_is_left_to_box(fresh: Box, writing: Session) -> None:
    """Classes that give every attribute, such as SQLModel's, give None for those that nobody set."""
    names = {column.name for column in orm.Folder.__table__.columns} - {"name", "parent_id", "search"}
    folder = orm.Folder(name="by the ORM", parent_id="0", **dict.fromkeys(names))
    writing.add(folder)
    writing.flush()
    assert fresh.store.items["folder"][folder.id].name == folder.name
    assert folder.tags == []
    writing.commit()


@pytest.mark.long
def test_many_comments_are_one_statement(fresh: Box, writing: Session) -> None:
    if not has_returning():
        pytest.skip("SQLAlchemy 1.4 inserts each row by itself where the database chooses the key")
    file = file_of(writing)
    statements: list[str] = []
    sa.event.listen(writing.get_bind(), "before_cursor_execute", lambda *event: statements.append(event[2]))
    fresh.reset()
    comments = [orm.Comment(file=file, message=f"number {number}") for number in range(MANY)]
    writing.add_all(comments)
    writing.flush()
    assert fresh.stats()["calls"] == MANY
    assert len(statements) == 1
    assert all(fresh.store.comments[comment.id].message == comment.message for comment in comments)


def test_objects_are_inserted_and_deleted_in_their_order(fresh: Box, writing: Session) -> None:
    above = orm.Folder(name="above", parent_id="0")
    below = orm.Folder(name="below", parent=above)
    lowest = orm.Folder(name="lowest", parent=below)
    writing.add(lowest)
    fresh.reset()
    writing.flush()
    assert fresh.stats()["calls"] == 3
    stored = fresh.store.items["folder"]
    assert [stored[folder.id].parent.id for folder in (lowest, below, above)] == [below.id, above.id, "0"]
    for folder in (above, lowest, below):
        writing.delete(folder)
    writing.flush()
    assert all(stored[folder.id].is_trashed for folder in (above, below, lowest))


def test_a_folder_with_rows_that_are_not_deleted_is_left_to_box(fresh: Box, writing: Session) -> None:
    photos = writing.execute(sa.select(orm.Folder).where(orm.Folder.name == "Photos")).scalar_one()
    assert photos.files
    writing.delete(photos)
    with pytest.raises(sa.exc.IntegrityError, match="not empty"):
        writing.flush()
    writing.rollback()
    assert not fresh.store.items["folder"][photos.id].is_trashed


def test_the_etag_counts_versions(fresh: Box, writing: Session) -> None:
    photos = writing.execute(sa.select(orm.Folder).where(orm.Folder.name == "Photos")).scalar_one()
    before = photos.etag
    photos.description = "changed"
    writing.flush()
    assert photos.etag == str(fresh.store.items["folder"][photos.id].etag) != before
    photos.description = "again"
    writing.flush()
    assert fresh.store.items["folder"][photos.id].description == "again"


@pytest.mark.parametrize("verb", ["update", "delete"])
@pytest.mark.parametrize("kind", ["folder", "web_link"])
def test_a_change_by_somebody_else_is_stale(fresh: Box, writing: Session, kind: str, verb: str) -> None:
    if kind == "folder":
        contested = orm.Folder(name="contested", parent_id="0")
    else:
        contested = orm.WebLink(name="contested", url="https://example.com/", parent_id="0")
    writing.add(contested)
    writing.commit()
    key, etag = contested.id, contested.etag
    assert etag
    with fresh.connect() as other:
        other.cursor().execute(f"UPDATE {kind}s SET description = 'theirs' WHERE id = ?", (key,))
        other.commit()
    if verb == "update":
        contested.description = "ours"
    else:
        writing.delete(contested)
    with pytest.raises(StaleDataError):
        writing.flush()
    writing.rollback()
    stored = fresh.store.items[kind][key]
    assert (stored.description, stored.is_trashed) == ("theirs", False)


def test_what_the_etag_counts_is_what_can_be_written() -> None:
    counted = {name for name, model in orm.MODELS.items() if model.__mapper__.version_id_col is not None}
    assert counted == {"File", "FileRequest", "Folder", "MetadataInstance", "TrashedItem", "WebLink"}


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_root_folder_cannot_be_written(fresh: Box, writing: Session, verb: str) -> None:
    root = writing.get(orm.Folder, "0")
    assert root.etag == ""
    if verb == "update":
        root.description = "ours"
    else:
        writing.delete(root)
    fresh.reset()
    with pytest.raises(box_dialect.NotSupportedError, match="root folder"):
        writing.flush()
    assert fresh.stats()["calls"] == 0
    writing.rollback()


def test_what_lies_in_the_root_folder_is_written_without_it(fresh: Box, writing: Session) -> None:
    root = writing.get(orm.Folder, "0")
    assert "new" not in [folder.name for folder in root.folders]
    root.folders.append(orm.Folder(name="new"))
    writing.commit()
    assert [folder.parent.id for folder in fresh.store.items["folder"].values() if folder.name == "new"] == ["0"]
