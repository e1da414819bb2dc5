"""Processes that `multiprocessing` starts, by whichever method, use an engine of their own module."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

PROGRAM = """
import multiprocessing
import os
import sys

import sqlalchemy as sa

engine = sa.create_engine(os.environ["BOX_URL"])

def count(_):
    with engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM files")).scalar()

if __name__ == "__main__":
    expected = count(0)
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(count, range(4)) == [expected] * 4)
        pool.close()
        pool.join()
"""


@pytest.mark.long
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(small: Box, tmp_path: Path, method: str) -> None:
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("this platform has no fork")
    (tmp_path / "program.py").write_text(PROGRAM)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "program.py", method],
        cwd=tmp_path,
        env={**os.environ, "BOX_URL": small.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert (ran.stdout, ran.stderr) == ("True\n", "")
