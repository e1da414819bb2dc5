"""Children of fork(), as gunicorn and Celery make them, use the engine that they inherit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa
from forks import by_fork, in_child
from patience import PATIENCE_SECONDS, wait_until

import box_dialect

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

pytestmark = by_fork
COUNT = sa.text("SELECT count(*) FROM files")


def count(engine: sa.engine.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(COUNT).scalar())


@pytest.mark.long
def test_a_child_uses_the_engine_that_it_inherits(small: Box) -> None:
    engine = sa.create_engine(small.url, pool_size=2, max_overflow=0)
    expected = count(engine)
    raw = engine.raw_connection()
    parents = raw.dbapi_connection

    def use() -> object:
        with engine.connect() as one, engine.connect() as other:  # the pool is as large as it was
            connections = {one.connection.dbapi_connection, other.connection.dbapi_connection}
            return one.execute(COUNT).scalar(), parents in connections

    assert in_child(use) == str((expected, False))
    assert in_child(lambda: in_child(use)) == str((expected, False))
    assert parents.cursor().execute("SELECT 1").fetchone() == (1,)
    raw.close()
    assert count(engine) == expected
    engine.dispose()


def test_a_connection_in_use_is_made_anew(small: Box) -> None:
    engine = sa.create_engine(small.url)
    with engine.connect() as connection:
        expected = connection.execute(COUNT).scalar()

        def use() -> object:
            with pytest.raises(sa.exc.InterfaceError, match=r"before fork\(\)") as failure:
                connection.execute(COUNT)
            connection.rollback() if hasattr(connection, "rollback") else None
            return failure.value.connection_invalidated, connection.execute(COUNT).scalar()

        assert in_child(use) == str((True, expected))
        assert connection.execute(COUNT).scalar() == expected
    engine.dispose()


def test_a_raw_connection_is_refused(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor().execute("SELECT id FROM files")
        first = cursor.fetchone()

        def use() -> object:
            for attempt in (cursor.fetchone, connection.cursor, connection.commit, lambda: cursor.execute("SELECT 1")):
                with pytest.raises(box_dialect.InterfaceError, match="open a new one here"):
                    attempt()
            cursor.close()
            connection.close()
            with small.connect() as own:
                return own.cursor().execute("SELECT id FROM files").fetchone() == first

        assert in_child(use) == "True"
        assert cursor.fetchone() not in {None, first}


def test_a_child_has_a_memory_of_its_own_that_begins_with_its_parents(small: Box) -> None:
    engine = sa.create_engine(small.url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE own (a)"))
        connection.execute(sa.text("INSERT INTO own VALUES (1)"))
    rows = sa.text("SELECT a FROM own ORDER BY a")

    def use() -> object:
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO own VALUES (2)"))
        with engine.connect() as connection:
            return connection.execute(rows).scalars().all()

    assert in_child(use) == "[1, 2]"
    with engine.connect() as connection:
        assert connection.execute(rows).scalars().all() == [1]
    engine.dispose()


APPLICATION = """
import os
import sqlalchemy as sa

engine = sa.create_engine(os.environ["BOX_URL"])
with engine.connect() as connection:
    expected = connection.execute(sa.text("SELECT count(*) FROM files")).scalar()

def application(environ, start_response):
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM files")).scalar()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.getpid()} {os.getppid()} {found == expected}".encode()]
"""


@pytest.mark.long
def test_gunicorn_with_preload(small: Box, tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "application.py").write_text(APPLICATION)
    log = tmp_path / "log"
    options = [
        "--preload",
        "--workers",
        "2",
        "--bind",
        "127.0.0.1:0",
        "--worker-tmp-dir",
        str(tmp_path),
        "--timeout",
        "300",
    ]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "application:application"],
            cwd=tmp_path,
            env={**os.environ, "BOX_URL": small.url},
            stdout=out,
            stderr=out,
        )
    try:
        wait_until(lambda: "Listening at: " in log.read_text() or server.poll() is not None)
        assert server.poll() is None, log.read_text()
        url = log.read_text().partition("Listening at: ")[2].split()[0]
        pid, parent, is_right = httpx.get(url, timeout=PATIENCE_SECONDS).text.split()
        assert (int(parent), is_right) == (server.pid, "True")
        assert int(pid) != server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE_SECONDS)
