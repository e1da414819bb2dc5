"""Sixteen processes that share a cache refresh at the same moment: one does, and all have its tokens."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from token_cache.conftest import Worker, opened
from token_cache.worker import KEY

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("properties", ["file", "redis", "postgresql", "sqlite"], indirect=True)
def test_sixteen_processes_refresh_once(properties, tmp_path):
    server = tmp_path / "server"
    server.mkdir()
    opened(properties).store(KEY, b"token 1")
    workers = [Worker("refresh", json.dumps(properties), str(server)) for _ in range(16)]
    for worker in workers:
        worker.wait_until_ready()
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(Worker.result, workers)) == ["token 2\n"] * 16
    assert [used.name for used in server.iterdir()] == ["token 1"]
    assert opened(properties).load(KEY) == b"token 2"
