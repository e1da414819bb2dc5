"""A user's program, which `mypy --strict` checks against the annotations of the package; nobody runs it."""

import datetime as dt
import io
from pathlib import Path
from typing import Any, NamedTuple, assert_type

from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Session

import box_dialect
from box_dialect import content, rows
from box_dialect.catalog import Catalog, Relation
from box_dialect.content import aio as async_content
from box_dialect.emulator import Emulator
from box_dialect.orm import Comment, File, FileColumns, Folder, User, columns_of, map_tables, relate, templates


def report(done: int, size: int | None) -> None: ...


with box_dialect.connect("box://?OAuthAccessToken=token", readonly=True) as connection:
    assert_type(connection, box_dialect.Connection)
    assert_type(connection.catalog, Catalog)
    assert_type(map_tables(connection.catalog.tables.values()), dict[str, Any])
    assert_type(next(map(columns_of, connection.catalog.tables.values())).box_table, Relation)
    assert_type(templates(create_engine("box://?OAuthAccessToken=token")), dict[str, Any])
    connection.catalog.add(*connection.catalog.tables.values())
    with connection.cursor() as cursor:
        assert_type(cursor.execute("SELECT id FROM files WHERE parent_id = ?", ("0",)), box_dialect.Cursor)
        assert_type(cursor.api_calls, int)
        assert_type(cursor.lastrowid, int | None)
        assert_type(cursor.fetchone(), tuple[Any, ...] | None)
        assert_type(list(cursor), list[tuple[Any, ...]])
with box_dialect.connect("box://?OAuthAccessToken=token", row_factory=rows.dict_row) as by_name:
    assert_type(by_name, box_dialect.Connection[dict[str, Any]])
    assert_type(by_name.cursor().execute("SELECT 1 AS one").fetchall(), list[dict[str, Any]])
    assert_type(by_name.cursor(row_factory=rows.class_row(dt.date)).fetchone(), dt.date | None)
    assert_type(list(by_name.cursor(row_factory=rows.args_row(int))), list[int])
    assert_type(by_name.cursor(row_factory=rows.kwargs_row(int)).fetchmany(2), list[int])
    assert_type(next(by_name.cursor(row_factory=rows.namedtuple_row)), NamedTuple)
    plain: box_dialect.Cursor = by_name.cursor(row_factory=rows.tuple_row)
    assert_type(plain.fetchall(), list[tuple[Any, ...]])
    made = content.upload(by_name, Path("a.csv"), path="/a.csv", progress=report)
    assert_type(made, content.FileInfo)
    assert_type((made.id, made.size, made.modified_at), tuple[str, int, dt.datetime | None])
    assert_type(content.download(by_name, made.id, io.BytesIO()), content.FileInfo)
    with content.open(by_name, "/a.csv") as read, content.open(by_name, "/b.csv", "wb") as written:
        assert_type(read, content.RemoteFile)
        assert_type(written, content.WrittenFile)
        assert_type(read.read(8), bytes)
        written.write(b"a")


def pairs(cursor: rows.Described) -> rows.RowMaker[list[tuple[str, Any]]]:
    names = [name for name, *_ in cursor.description or ()]
    return lambda values: list(zip(names, values, strict=True))


assert_type(connection.cursor(row_factory=pairs).fetchone(), list[tuple[str, Any]] | None)
try:
    connection.rollback()
except box_dialect.OperationalError as error:
    assert_type(error.diag.request_id, str | None)
except connection.IntegrityError as conflict:
    assert_type(conflict, box_dialect.IntegrityError)


async def on_loop() -> None:
    async with await box_dialect.aio.connect("box://?OAuthAccessToken=token", readonly=True) as connection:
        assert_type(connection, box_dialect.aio.Connection)
        async with connection.cursor() as cursor:
            assert_type(await cursor.execute("SELECT id FROM files"), box_dialect.aio.Cursor)
            assert_type(await cursor.fetchone(), tuple[Any, ...] | None)
            assert_type([row async for row in cursor], list[tuple[Any, ...]])
        async with connection.cursor(row_factory=rows.dict_row) as named:
            assert_type([row async for row in named], list[dict[str, Any]])
            assert_type(await named.fetchone(), dict[str, Any] | None)
        scalar = await box_dialect.aio.connect("box://?OAuthAccessToken=token", row_factory=rows.class_row(dt.date))
        assert_type(await scalar.cursor().fetchall(), list[dt.date])
        assert_type(await connection.run_sync(len), int)
        assert_type(await async_content.upload(connection, b"a", parent_id="0", name="a.csv"), content.FileInfo)
        assert_type(await async_content.download(connection, path="/a.csv", target="a.csv"), content.FileInfo)
        async with await async_content.open(connection, "/a.csv") as file:
            assert_type(await file.read(), bytes)
        async with await async_content.open(connection, "/b.csv", "wb") as target:
            assert_type(await target.write(b"a"), int)
        try:
            await connection.rollback()
        except connection.Error as error:
            assert_type(error, box_dialect.Error)


with Emulator() as box:
    assert_type(next(iter(box.store.files.values())).name, str)
    for comment in box.store.comments.values():
        reply = box.store.add_comment(comment.file, "Seen.", box.store.admin, reply_to=comment)
        assert_type(reply.message, str)


class Base(DeclarativeBase):
    pass


class Document(FileColumns, Base):
    def title(self) -> str:
        return self.name.title()


relate(Base)
with Session(create_engine("box://?OAuthAccessToken=token")) as session:
    file = session.execute(select(File).where(File.size > 1, File.name == "a")).scalar_one()
    assert_type(file, File)
    assert_type(file.name, str)
    assert_type(file.size, int | None)
    assert_type(file.created_at, dt.datetime | None)
    assert_type(file.is_package, bool | None)
    assert_type(file.parent, Folder | None)
    assert_type(file.comments, list[Comment])
    assert_type(file.comments[0].created_by, User | None)
    assert_type(next(membership.group for membership in User().memberships) is None, bool)
    session.add(Comment(file=file, message="text"))
    session.add(Folder(name="new", parent=file.parent))
    for name, size in session.execute(select(File.name, File.size).join(File.comments)):
        assert_type((name, size), tuple[str, int | None])
    assert_type(session.get_one(Document, "1").title(), str)
