"""Alembic finds the package whichever of the two a program imports first."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("alembic")

FIRST = ("box_dialect.alembic", "alembic", "alembic.ddl", "box_dialect.orm", "sqlalchemy")


@pytest.mark.long
@pytest.mark.parametrize("first", [FIRST[0], *(pytest.param(each, marks=pytest.mark.long) for each in FIRST[1:])])
def test_it_is_found_whatever_is_imported_first(first: str) -> None:
    program = f"""
import {first}
import box_dialect.alembic
import sqlalchemy
from alembic.ddl.impl import DefaultImpl
print(DefaultImpl.get_by_dialect(sqlalchemy.create_engine("box://").dialect).__name__)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert (run.stdout, run.stderr) == ("BoxImpl\n", "")
