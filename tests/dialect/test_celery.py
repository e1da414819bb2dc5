"""Tasks in Celery's prefork pool use the engine that its parent made, and used, before the fork."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS
from services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

APPLICATION = """
import os

import sqlalchemy as sa
from celery import Celery

app = Celery("tasks", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)
engine = sa.create_engine(os.environ["BOX_URL"])
made_in = os.getpid()
with engine.begin() as connection:
    connection.execute(sa.text("CREATE TABLE names AS SELECT name FROM files"))

@app.task
def compare():
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM names WHERE name = 'Notes.txt'"))
        found = connection.execute(sa.text("SELECT name FROM files WHERE name NOT IN (SELECT name FROM names)"))
        return os.getpid(), os.getppid() == made_in, found.scalars().all()
"""
TASKS = 8


@pytest.fixture
def application(small: Box, redis_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which the application is imported, while a worker of it runs."""
    if find_spec("celery") is None:
        missing("Celery is not installed")
    (tmp_path / "tasks.py").write_text(APPLICATION)
    # Python may be told to import nothing from where it stands.
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "BOX_URL": small.url, "REDIS_URL": redis_url, "C_FORCE_ROOT": "1"}
    options = ["--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "info"]
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "tasks", "worker", *options],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield environment
    finally:
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)


def test_the_tasks_of_a_prefork_pool_use_the_engine_of_the_parent(application: dict[str, str], tmp_path: Path) -> None:
    """The answers are asked for in a process of their own, where the application is imported once more."""
    program = f"""
import tasks
asked = [tasks.compare.delay() for _ in range({TASKS})]
for each in asked:
    print(*each.get(timeout={PATIENCE_SECONDS}))
"""
    asked = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=application,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr + (tmp_path / "log").read_text()
    answers = [line.split(" ", 1) for line in asked.stdout.splitlines()]
    assert [answer for _, answer in answers] == ["True ['Notes.txt']"] * TASKS
