"""AsyncSession over the models of `box_dialect.orm`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import selectinload

from aio.conftest import DRIVERNAME
from aio.loops import on_loop, until
from aio.silent import silent_box
from box_dialect.orm import Comment, File, Folder, User

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Box

NOTES = sa.select(File).where(File.path == "/Notes.txt")


@contextlib.asynccontextmanager
async def session_for(url: str, **options: object) -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(url)
    try:
        async with AsyncSession(engine, **options) as session:
            yield session
    finally:
        await engine.dispose()


@on_loop
async def test_objects_are_read_with_what_they_refer_to(url: str) -> None:
    async with session_for(url) as session:
        ahead = NOTES.options(selectinload(File.comments).selectinload(Comment.created_by), selectinload(File.parent))
        file = (await session.execute(ahead)).scalar_one()
        assert [file.name, file.parent.name] == ["Notes.txt", "All Files"]
        assert [comment.message for comment in file.comments][:2] == ["Who wrote this?", "I did."]
        assert all(isinstance(comment.created_by, User) for comment in file.comments)
        assert await session.get(Folder, "0") is file.parent


@on_loop
async def test_what_was_not_loaded_ahead_is_loaded_by_run_sync_alone(url: str) -> None:
    async with session_for(url) as session:
        file = (await session.execute(NOTES)).scalar_one()
        with pytest.raises(MissingGreenlet):
            _ = file.comments
        assert len(await session.run_sync(lambda _: file.comments)) == len(file.comments) == 4


@on_loop
async def test_a_flush_brings_what_box_assigns(fresh: Box, changeable: str) -> None:
    async with session_for(changeable, expire_on_commit=False) as session:
        file = (await session.execute(NOTES)).scalar_one()
        fresh.reset()
        comments = [Comment(file=file, message=f"number {number}") for number in range(5)]
        session.add_all(comments)
        await session.flush()
        assert {fresh.store.comments[comment.id].message for comment in comments} == {f"number {n}" for n in range(5)}
        assert fresh.stats()["by_operation"]["post_comments"] == 5
        for comment in comments:
            await session.refresh(comment)  # as SQLAlchemy 1.4 needs, whose ORM takes no RETURNING
            assert comment.created_by_name == "Ada Admin"
        above = Folder(name="above", parent_id="0")
        session.add_all([above, Folder(name="below", parent=above)])
        await session.commit()
        below = (await session.execute(sa.select(Folder).where(Folder.name == "below"))).scalar_one()
        assert (below.path, below.parent_id) == ("/above/below", above.id)
        await session.delete(below)
        await session.commit()
        assert (await session.execute(sa.select(Folder.id).where(Folder.name == "below"))).all() == []


@on_loop
async def test_a_commit_expires_objects_unless_it_is_told_not_to(changeable: str) -> None:
    async with session_for(changeable) as session:
        folder = Folder(name="new", parent_id="0")
        session.add(folder)
        await session.commit()
        with pytest.raises(MissingGreenlet):
            _ = folder.name
        await session.refresh(folder)
        assert (folder.name, folder.path) == ("new", "/new")


@pytest.mark.long
@on_loop
async def test_a_stream_of_objects_asks_for_the_pages_that_are_taken(synthetic: Box) -> None:
    async with session_for(synthetic.url.replace("box:", f"{DRIVERNAME}:", 1)) as session:
        every = sa.select(File)
        whole = len((await session.execute(sa.select(File.id))).all())
        synthetic.reset()
        session.expunge_all()
        stream = await session.stream_scalars(every, execution_options={"yield_per": 20})
        async for part in stream.partitions():
            assert len(part) == 20
            assert isinstance(part[0], File)
            break
        await stream.close()
        stopped = synthetic.stats()["calls"]
        stream = await session.stream_scalars(every, execution_options={"yield_per": 100})
        assert [len(part) async for part in stream.partitions()] == [100] * (whole // 100)
        assert stopped < (synthetic.stats()["calls"] - stopped) / 2


@on_loop
async def test_a_session_whose_statement_is_cancelled_goes_on() -> None:
    async with silent_box() as box, session_for(box.url.replace("box:", f"{DRIVERNAME}:", 1)) as session:
        users = sa.select(User.name)
        task = asyncio.create_task(session.execute(users))
        await until(lambda: box.calls == 1)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await until(lambda: box.hung_up == 1)
        box.answers.set()
        await session.rollback()
        assert (await session.execute(users)).scalars().all() == ["Ada"]


@on_loop
async def test_a_flush_that_is_cancelled_is_told_of_by_nothing_but_the_cancellation() -> None:
    async with silent_box() as box, session_for(box.url.replace("box:", f"{DRIVERNAME}:", 1)) as session:
        session.add(Folder(name="new", parent_id="0"))
        task = asyncio.create_task(session.commit())
        await until(lambda: box.calls == 1)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await until(lambda: box.hung_up == 1)
        await session.rollback()
        assert not session.new
