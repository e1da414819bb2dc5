"""`mypy --strict` sees the types of the package in a user's program."""

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

PROGRAM = Path(__file__).with_name("user.py").read_text(encoding="utf-8")


def without(program: str) -> Iterator[str]:
    """Yield programs with one error each."""
    yield program + '    Comment(file=file, mesage="text")\n'
    yield program + "    file.nam\n"
    yield program + '    Folder(name=1, parent_id="0")\n'
    yield program + "    connection.IntegrityErr\n"


def checked(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "user.py").write_text(program, encoding="utf-8")
    place = Path(box_dialect.__file__).parents[1]
    path = {} if place.name == "site-packages" else {"MYPYPATH": str(place)}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), "user.py"]
    return subprocess.run(command, cwd=folder, env=path | {"PATH": ""}, capture_output=True, text=True, check=False)


def test_a_users_program_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed here")
    if sa.__version__.startswith("1."):
        pytest.skip("SQLAlchemy 1.4 has no types of its own")
    right = checked(PROGRAM, tmp_path)
    assert right.returncode == 0, right.stdout + right.stderr
    for program in without(PROGRAM):
        wrong = checked(program, tmp_path)
        assert wrong.returncode == 1, wrong.stdout + wrong.stderr
        assert wrong.stdout.count(": error:") == 1, wrong.stdout
