"""`mypy --strict` sees the types of the models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import datetime
from typing import Any, assert_type

from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, relationship

from box_dialect.orm import AUTOMAP, Comment, File, FileColumns, Folder, Membership, User, relate


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
    assert_type(file.created_at, datetime.datetime | None)
    assert_type(file.is_package, bool | None)
    assert_type(file.parent, Folder | None)
    assert_type(file.comments, list[Comment])
    assert_type(file.comments[0].created_by, User | None)
    assert_type([membership.group for membership in User().memberships][0] is None, bool)
    session.add(Comment(file=file, message="text"))
    session.add(Folder(name="new", parent=file.parent))
    for name, size in session.execute(select(File.name, File.size)):
        assert_type(name, str)
    assert_type(session.get_one(Document, "1").title(), str)
"""


def without(program: str) -> Iterator[str]:
    """Yield programs with one error each, and what mypy says of it."""
    yield program + '    Comment(file=file, mesage="text")\n'
    yield program + "    file.nam\n"
    yield program + '    Folder(name=1, parent_id="0")\n'


def checked(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "user.py").write_text(program, encoding="utf-8")
    place = Path(box_dialect.__file__).parents[1]
    path = {} if place.name == "site-packages" else {"MYPYPATH": str(place)}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), "user.py"]
    return subprocess.run(command, cwd=folder, env=path | {"PATH": ""}, capture_output=True, text=True, check=False)


def test_a_program_that_uses_the_models_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed here")
    if sa.__version__.startswith("1."):
        pytest.skip("SQLAlchemy 1.4 has no types of its own")
    right = checked(PROGRAM, tmp_path)
    assert right.returncode == 0, right.stdout + right.stderr
    for program in without(PROGRAM):
        wrong = checked(program, tmp_path)
        assert wrong.returncode == 1, wrong.stdout + wrong.stderr
        assert wrong.stdout.count(": error:") == 1, wrong.stdout
