"""Databases: the table, the hold of a row, and what nobody sees."""

from __future__ import annotations

import json
import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from forks import by_fork

from box_dialect.errors import OperationalError
from box_dialect.token_cache.database import tokens
from token_cache.conftest import Worker, opened
from token_cache.worker import KEY

CANARY = "kanarienvogel7"

databases = pytest.mark.parametrize("properties", ["postgresql", "sqlite"], indirect=True)


def execute(properties, statement):
    engine = sa.create_engine(properties["TokenCache"], poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        return result.fetchall() if result.returns_rows else []


def signed_in(url, user):
    """Return the URL with another user and the canary as password."""
    return f"{url.partition('://')[0]}://{user}:{CANARY}@{url.partition('@')[2]}"


@databases
def test_the_first_use_makes_the_table_and_later_ones_find_it(properties):
    opened(properties).store(KEY, b"tokens")
    assert [name for (name,) in execute(properties, "SELECT account FROM box_dialect_tokens")] == [KEY]
    with opened(properties).lock(KEY):
        assert opened(properties).load(KEY) == b"tokens"


@pytest.mark.long
@by_fork[0]
@databases
def test_processes_that_make_the_table_at_once_do_not_fail(properties):
    workers = Worker("store", json.dumps(properties), "account NUMBER", "tokens", count=4)
    workers.wait_until_ready()
    assert workers.result() == ""
    assert [opened(properties).load(f"account {number}") for number in range(4)] == [b"tokens"] * 4


@databases
def test_a_table_that_another_process_makes_at_that_moment_is_used(properties):
    statement = "CREATE TABLE box_dialect_tokens (account VARCHAR(255) PRIMARY KEY, entry {}, holds INTEGER NOT NULL)"
    binary = "BYTEA" if "postgresql" in properties["TokenCache"] else "BLOB"

    def make(*_, **__):
        execute(properties, statement.format(binary))

    sa.event.listen(tokens, "before_create", make)
    try:
        opened(properties).store(KEY, b"tokens")
    finally:
        sa.event.remove(tokens, "before_create", make)
    assert opened(properties).load(KEY) == b"tokens"


@databases
def test_threads_that_hold_a_row_before_it_is_there_take_turns(properties):
    opened(properties).load(KEY)

    def hold(_):
        cache = opened(properties)
        with cache.lock(KEY):
            assert cache.load(KEY) in {None, b"tokens"}
            cache.store(KEY, b"tokens")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(hold, range(8)))
    assert execute(properties, "SELECT COUNT(*) FROM box_dialect_tokens") == [(1,)]


def test_nothing_is_stored_where_the_server_ended_the_hold(postgresql, postgresql_url):
    cache = opened({"TokenCache": postgresql_url})
    cache.store(KEY, b"older")
    with cache.lock(KEY):
        with postgresql.connect() as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            )
        with pytest.raises(OperationalError, match=r"cannot be used .*check the property TokenCache") as caught:
            cache.store(KEY, b"newer")
        assert caught.value.diag.retryable
    assert cache.load(KEY) == b"older"


def test_a_hold_in_postgresql_ends_with_a_host_that_is_silent(postgresql_url):
    cache = opened({"TokenCache": postgresql_url})
    with cache.lock(KEY):
        held = cache._cache._holds()[KEY].connection
        limits = [held.exec_driver_sql(f"SHOW {name}").scalar() for name in ("lock_timeout", IDLE)]
        assert limits == ["5min", "5min"]


IDLE = "idle_in_transaction_session_timeout"


def test_a_user_who_may_not_make_tables_uses_one_that_is_there(postgresql, postgresql_url):
    opened({"TokenCache": postgresql_url}).store(KEY, b"tokens")
    execute({"TokenCache": postgresql_url}, "DROP ROLE IF EXISTS guest")
    execute({"TokenCache": postgresql_url}, f"CREATE ROLE guest LOGIN PASSWORD '{CANARY}'")
    execute({"TokenCache": postgresql_url}, "GRANT SELECT, INSERT, UPDATE, DELETE ON box_dialect_tokens TO guest")
    cache = opened({"TokenCache": signed_in(postgresql_url, "guest")})
    with cache.lock(KEY):
        assert cache.load(KEY) == b"tokens"
    refused = opened({"TokenCache": signed_in(postgresql.new_database(), "guest")})
    with pytest.raises(OperationalError, match="permission denied") as caught:
        refused.store(KEY, b"tokens")
    assert CANARY not in str(caught.value)


def test_a_wrong_password_is_reported_without_it(postgresql_url):
    cache = opened({"TokenCache": signed_in(postgresql_url, "box")})
    with pytest.raises(OperationalError, match="password authentication failed") as caught:
        cache.load(KEY)
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_folder_that_is_not_there_is_reported(tmp_path):
    cache = opened({"TokenCache": f"sqlite:///{tmp_path}/missing/tokens.db"})
    with pytest.raises(OperationalError, match=r"the database .*tokens\.db cannot be used"):
        cache.store(KEY, b"tokens")


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_the_file_of_sqlite_is_for_the_user_alone(tmp_path):
    before = os.umask(0)
    try:
        opened({"TokenCache": f"sqlite:///{tmp_path}/tokens.db"}).store(KEY, b"tokens")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "tokens.db").stat().st_mode) == 0o600


@databases
def test_sqlalchemys_log_shows_no_token(properties, caplog):
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "sqlalchemy.engine"):
        engine = sa.create_engine(properties["TokenCache"])
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 'this is logged'"))
        engine.dispose()
        cache = opened(properties)
        with cache.lock(KEY):
            cache.store(KEY, CANARY.encode())
        assert cache.load(KEY) == CANARY.encode()
    assert "this is logged" in caplog.text
    assert CANARY not in caplog.text
    assert repr(CANARY.encode()) not in caplog.text
