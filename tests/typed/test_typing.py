"""`mypy --strict` sees the types of the package in a user's program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import box_dialect

PROGRAM = Path(__file__).with_name("user.py").read_text(encoding="utf-8")


WRONG = {
    "wrong_keyword.py": '    Comment(file=file, mesage="text")\n',
    "wrong_attribute.py": "    file.nam\n",
    "wrong_type.py": '    Folder(name=1, parent_id="0")\n',
    "wrong_row.py": "    by_name.cursor().fetchall()[0].keys().nothing()\n",
    "wrong_exception.py": "    connection.IntegrityErr\n",
}
"""Lines that make an error each at the end of the program."""


def checked(programs: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Check programs at once, for mypy takes far longer to read the libraries than the programs."""
    for name, program in programs.items():
        (folder / name).write_text(program, encoding="utf-8")
    place = Path(box_dialect.__file__).parents[1]
    path = {} if place.name == "site-packages" else {"MYPYPATH": str(place)}
    silent = "--follow-imports=silent"  # of the package itself, where it is not installed
    command = [sys.executable, "-m", "mypy", "--strict", silent, "--cache-dir", os.devnull, *programs]
    return subprocess.run(command, cwd=folder, env=path | {"PATH": ""}, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_a_users_program_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed here")
    if sa.__version__.startswith("1."):
        pytest.skip("SQLAlchemy 1.4 has no types of its own")
    found = checked({"user.py": PROGRAM, **{name: PROGRAM + line for name, line in WRONG.items()}}, tmp_path)
    output = found.stdout + found.stderr
    assert found.returncode == 1, output
    errors = [line.partition(":")[0] for line in found.stdout.splitlines() if ": error:" in line]
    assert sorted(errors) == sorted(WRONG), output
