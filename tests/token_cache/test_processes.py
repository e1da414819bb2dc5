"""Sixteen processes that share a cache refresh at the same moment: one does, and all have its tokens."""

from __future__ import annotations

import json

import pytest

import box_dialect
from token_cache.conftest import Worker, opened
from token_cache.worker import KEY

pytestmark = pytest.mark.long

among_hosts = pytest.mark.parametrize("properties", ["file", "redis", "postgresql", "sqlite"], indirect=True)


@among_hosts
def test_sixteen_processes_refresh_once(properties, tmp_path):
    server = tmp_path / "server"
    server.mkdir()
    opened(properties).store(KEY, b"token 1")
    workers = Worker("refresh", json.dumps(properties), str(server), count=16)
    workers.wait_until_ready()
    assert workers.result() == "token 2\n" * 16
    assert [used.name for used in server.iterdir()] == ["token 1"]
    assert opened(properties).load(KEY) == b"token 2"


@among_hosts
def test_sixteen_connections_whose_token_is_refused_refresh_once(properties, fresh):
    ready = fresh.emulator.ready
    host = ready["api_base_url"].removeprefix("http://").removesuffix("/2.0")
    url = f"box://{ready['client_id']}:{ready['client_secret']}@{host}/?InitiateOAuth=REFRESH"
    with box_dialect.connect(url, **properties, OAuthRefreshToken=ready["user_refresh_token"]) as connection:
        login = connection.cursor().execute("SELECT login FROM users WHERE id = 'me'").fetchone()[0]
    workers = Worker("query", json.dumps(properties), url, count=16)
    workers.wait_until_ready()
    fresh.reset()
    fresh.expire("access_token")
    assert workers.result() == f"{login}\n" * 16
    stats = fresh.stats()
    assert (stats["token_calls"], stats["grants"]) == (1, {"refresh_token": 1})
