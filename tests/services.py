"""Servers that tests talk to: Redis and PostgreSQL, started where they are installed.

Where one is missing, its tests are skipped; with the environment variable BOX_REQUIRE_SERVICES they fail.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest
from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHROMIUM_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DRIVER: Final = "psycopg" if version("sqlalchemy") >= "2" else "psycopg2"  # SQLAlchemy 1.4 knows the older one only


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where all services must be there."""
    if os.environ.get("BOX_REQUIRE_SERVICES"):
        pytest.fail(f"{reason}, and BOX_REQUIRE_SERVICES is set")
    pytest.skip(reason)


def playwright_and_chromium() -> tuple[Any, str]:
    """Return what begins Playwright, and the browser for it, whose tests are treated as those of a server."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    return sync_playwright, shutil.which("chromium") or missing("there is no chromium on the PATH")


def answers(process: subprocess.Popen[bytes], ask: Callable[[], object], refused: type[Exception]) -> bool:
    """Wait until the server answers; False where it ended before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None:
        try:
            ask()
        except refused:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)
        else:
            return True
    return False


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis that asks for a password."""
    binary = shutil.which("redis-server") or missing("redis-server is not installed")
    redis = pytest.importorskip("redis")
    folder, password = tmp_path_factory.mktemp("redis"), secrets.token_hex(8)
    for _ in range(20):  # a free port may be taken before Redis has it
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--save", "", "--dir", folder]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen([binary, *options], stdout=log, stderr=log)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            if answers(process, client.ping, redis.RedisError):
                break
    else:
        pytest.fail(f"Redis does not start:\n{(folder / 'log').read_text()}")
    yield url
    process.terminate()
    process.wait()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a Redis that holds nothing."""
    import redis

    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


class PostgreSQL:
    """A PostgreSQL server."""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder, self._password = folder, password
        self._numbers = itertools.count(1)

    def connect(self, database: str = "postgres") -> Any:
        import psycopg

        return psycopg.connect(
            host=str(self._folder), user="box", password=self._password, dbname=database, autocommit=True
        )

    def new_database(self) -> str:
        """Return the URL of an empty database."""
        pytest.importorskip(DRIVER)
        name = f"test{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+{DRIVER}://box:{self._password}@/{name}?host={self._folder}"

    def empty(self, url: str) -> None:
        """Make a database as new, which is hundreds of files less than a new one: end its users, drop what it holds."""
        with self.connect(url.partition("@/")[2].partition("?")[0]) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server that is reached by a socket in its folder, and so needs no port."""
    found = shutil.which("postgres") or max(map(str, Path("/usr/lib/postgresql").glob("*/bin/postgres")), default=None)
    binaries = Path(found or missing("PostgreSQL is not installed")).parent
    psycopg = pytest.importorskip("psycopg")
    account: dict[str, Any] = {}
    if os.name == "posix" and os.geteuid() == 0:  # as whom it does not run
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="box-postgresql-", dir="/tmp" if account else None))
    password = secrets.token_hex(8)
    (folder / "password").write_text(password)
    if account:
        for path in (folder, folder / "password"):
            shutil.chown(path, account["user"], account["group"])
    initdb = [binaries / "initdb", "-D", folder / "data", "-U", "box", "-A", "scram-sha-256", "--no-sync"]
    run: dict[str, Any] = {"cwd": folder, **account}
    try:
        with (folder / "log").open("wb") as log:
            made = subprocess.run(
                [*initdb, "--pwfile", folder / "password"], stdout=log, stderr=log, check=False, **run
            )
            options = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
            process = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", *options], stdout=log, stderr=log, **run
            )
        server = PostgreSQL(folder, password)
        is_up = made.returncode == 0 and answers(process, lambda: server.connect().close(), psycopg.OperationalError)
        if not is_up:
            pytest.fail(f"PostgreSQL does not start:\n{(folder / 'log').read_text()}")
        yield server
        process.send_signal(signal.SIGQUIT)  # at once, for nobody needs what it holds
        process.wait()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_database(postgresql: PostgreSQL) -> str:
    """The URL of a database for one test after the other."""
    return postgresql.new_database()


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, postgresql_database: str) -> str:
    """The URL of a database that holds nothing."""
    postgresql.empty(postgresql_database)
    return postgresql_database
