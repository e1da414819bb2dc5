"""Folders, files and comments of Box as an API, with SQLModel and FastAPI.

How to run it: README.md beside this file.
"""

import datetime as dt
import os
from collections.abc import Iterator
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import Field, Relationship, Session, SQLModel, col, create_engine, select

engine = create_engine(os.environ["BOX_URL"])


LEFT_TO_BOX: dict[str, Any] = {"passive_deletes": "all"}
"""What becomes of the rows of a deleted one; SQLAlchemy would change them first, one by one."""


class FolderFields(SQLModel):
    """What people give a folder."""

    name: str
    parent_id: str | None = Field(default="0", foreign_key="folders.id")
    description: str | None = None


class Folder(FolderFields, table=True):
    """A row of `folders`."""

    __tablename__ = "folders"
    id: str | None = Field(default=None, primary_key=True)
    files: list["File"] = Relationship(back_populates="parent", sa_relationship_kwargs=LEFT_TO_BOX)


class File(SQLModel, table=True):
    """A row of `files`, by some of its columns."""

    __tablename__ = "files"
    id: str | None = Field(default=None, primary_key=True)
    name: str
    path: str
    size: int
    modified_at: dt.datetime
    parent_id: str = Field(foreign_key="folders.id")
    parent: Folder = Relationship(back_populates="files")
    comments: list["Comment"] = Relationship(back_populates="file", sa_relationship_kwargs=LEFT_TO_BOX)


class CommentFields(SQLModel):
    """What people say."""

    message: str


class Comment(CommentFields, table=True):
    """A row of `comments`."""

    __tablename__ = "comments"
    id: str | None = Field(default=None, primary_key=True)
    created_by_name: str | None = None
    item_id: str = Field(foreign_key="files.id")
    item_type: str = "file"
    file: File = Relationship(back_populates="comments")


class FilePublic(SQLModel):
    """A file in an answer."""

    id: str
    path: str
    size: int
    modified_at: dt.datetime


class FolderPublic(FolderFields):
    """A folder in an answer, with what lies in it."""

    id: str
    files: list[FilePublic]


class FolderChanges(SQLModel):
    """What of a folder is to change."""

    name: str | None = None
    parent_id: str | None = None
    description: str | None = None


class CommentPublic(CommentFields):
    """A comment in an answer."""

    id: str
    created_by_name: str | None


class FileWithComments(FilePublic):
    """A file in an answer, with what was said about it."""

    comments: list[CommentPublic]


app = FastAPI(title="Box by SQLModel")


def opened() -> Iterator[Any]:
    """Give a session for one request."""
    with Session(engine) as session:
        yield session


BoxSession = Annotated[Any, Depends(opened)]


@app.exception_handler(sa.exc.DBAPIError)
async def refused(_: Request, error: Any) -> Response:
    """Pass on what Box refused, such as a second folder of one name."""
    return JSONResponse({"detail": str(error.orig)}, 409 if isinstance(error, sa.exc.IntegrityError) else 502)


def found(session: Any, model: Any, identity: str) -> Any:
    """Return a row by its key."""
    row = session.get(model, identity)
    if row is None:
        raise HTTPException(404, f"There is no such {model.__name__.lower()}")
    return row


@app.get("/folders/{folder_id}", response_model=FolderPublic)
def read_folder(session: BoxSession, folder_id: str) -> Any:
    """Show a folder with its files, by two calls."""
    return found(session, Folder, folder_id)


@app.post("/folders", response_model=FolderPublic, status_code=201)
def make_folder(session: BoxSession, given: FolderFields) -> Any:
    """Make a folder."""
    folder = Folder.model_validate(given)
    session.add(folder)
    session.commit()
    session.refresh(folder)
    return folder


@app.patch("/folders/{folder_id}", response_model=FolderPublic)
def change_folder(session: BoxSession, folder_id: str, changes: FolderChanges) -> Any:
    """Change what is given of a folder."""
    folder = found(session, Folder, folder_id)
    folder.sqlmodel_update(changes.model_dump(exclude_unset=True))
    session.add(folder)
    session.commit()
    session.refresh(folder)
    return folder


@app.delete("/folders/{folder_id}", status_code=204)
def delete_folder(session: BoxSession, folder_id: str) -> None:
    """Delete an empty folder."""
    session.delete(found(session, Folder, folder_id))
    session.commit()


@app.get("/files", response_model=list[FilePublic])
def list_files(
    session: BoxSession, below: str = "/", offset: int = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Any:
    """List the files below a path, the largest first, by a call for each folder that is there."""
    query = select(File).where(col(File.path).startswith(below))
    return session.exec(query.order_by(col(File.size).desc(), File.path).offset(offset).limit(limit)).all()


@app.get("/files/{file_id}", response_model=FileWithComments)
def read_file(session: BoxSession, file_id: str) -> Any:
    """Show a file with its comments."""
    return found(session, File, file_id)


@app.post("/files/{file_id}/comments", response_model=CommentPublic, status_code=201)
def comment(session: BoxSession, file_id: str, said: CommentFields) -> Any:
    """Say something about a file."""
    made = Comment(item_id=found(session, File, file_id).id, message=said.message)
    session.add(made)
    session.commit()
    session.refresh(made)
    return made
