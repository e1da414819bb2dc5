"""AsyncSession over reflected tables and tables of one's own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base, relationship, selectinload

from aio.loops import on_loop


async def mapped(engine):
    """Return classes for folders and their files, and one for a local table."""
    metadata = sa.MetaData()
    async with engine.connect() as connection:
        await connection.run_sync(metadata.reflect, only=["files", "folders", "comments"])
    base = declarative_base(metadata=metadata)

    class File(base):
        __table__ = metadata.tables["files"]

    class Folder(base):
        __table__ = metadata.tables["folders"]
        files = relationship(
            File,
            primaryjoin=File.__table__.c.parent_id == sa.orm.foreign(metadata.tables["folders"].c.id),
            uselist=True,
            viewonly=True,
            order_by=File.__table__.c.name,
        )

    class Note(base):
        __tablename__ = "notes"
        id = sa.Column(sa.Integer, primary_key=True)
        text = sa.Column(sa.String)

    return Folder, Note


@on_loop
async def test_relationships_are_loaded_ahead(url):
    engine = create_async_engine(url)
    folders, _ = await mapped(engine)
    async with AsyncSession(engine) as session:
        statement = sa.select(folders).where(folders.path == "/Contracts/2024")
        folder = (await session.execute(statement.options(selectinload(folders.files)))).scalar_one()
        assert "NDA.pdf" in [file.name for file in folder.files]
        session.expunge_all()
        folder = (await session.execute(statement)).scalar_one()
        with pytest.raises(sa.exc.MissingGreenlet):
            _ = folder.files
        names = await session.run_sync(lambda _: [file.name for file in folder.files])
        assert "NDA.pdf" in names
        streamed = await session.stream_scalars(sa.select(folders.id).limit(3))
        assert len(await streamed.all()) == 3
    await engine.dispose()


@on_loop
async def test_objects_are_written(changeable):
    engine = create_async_engine(changeable)
    folders, notes = await mapped(engine)
    async with engine.begin() as connection:
        await connection.run_sync(notes.__table__.create)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        folder, note = folders(name="Made asynchronously", parent_id="0"), notes(text="to do")
        session.add_all([folder, note])
        await session.commit()
        await session.refresh(folder)
        assert (folder.path, note.id) == ("/Made asynchronously", 1)
        await session.delete(folder)
        note.text = "done"
        await session.commit()
    async with AsyncSession(engine) as session:
        assert (await session.execute(sa.select(notes.text))).scalars().all() == ["done"]
        gone = sa.select(folders.id).where(folders.path == "/Made asynchronously")
        assert (await session.execute(gone)).all() == []
    await engine.dispose()
