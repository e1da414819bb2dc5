"""An emulator whose failures the tests script, and connections that give up soon."""

import httpx
import pytest

import box_dialect
from box_dialect import api
from box_dialect.api import retry
from box_dialect.emulator import Emulator, Options

FILES, FOLDERS = 200, 10
LARGE_FOLDERS = 300


class Box:
    """An emulator, its faults and its counts."""

    def __init__(self, emulator):
        self.ready = emulator.ready
        self.url = emulator.ready["url"]
        self._root = emulator.ready["api_base_url"].removesuffix("/2.0")
        self._opened = []

    def connect(self, **given):
        """Return a connection that shares its client with those of the same test only."""
        properties = {"MaxRetries": 2, "RetrySeconds": 20, "RequestTimeout": 20} | given
        connection = box_dialect.connect(properties.pop("url", self.url), **properties)
        self._opened.append(connection)
        return connection

    def close(self):
        portal = api.portal()
        for connection in self._opened:
            connection.close()
            client = portal._clients.pop(connection.properties, None)
            if client is not None:
                portal.run(client.aclose)

    def fault(self, operation="*", **fault):
        httpx.post(f"{self._root}/_emulator/faults", json=[{"operation": operation, **fault}]).raise_for_status()

    def expire(self, token):
        """Let an access token end, whose refresh token stays good."""
        body = {"kind": "access_token", "token": token}
        httpx.post(f"{self._root}/_emulator/expire", json=body).raise_for_status()

    def reset(self):
        httpx.post(f"{self._root}/_emulator/reset").raise_for_status()

    @property
    def stats(self):
        return httpx.get(f"{self._root}/_emulator/stats").raise_for_status().json()

    def calls(self, operation):
        return self.stats["by_operation"].get(operation, 0)

    def token_of(self, connection):
        """Return the access token that a connection uses."""
        return connection.session.portal.run(connection.session.client._tokens.access_token)

    def revoke(self, token):
        form = {name: self.ready[name] for name in ("client_id", "client_secret")} | {"token": token}
        httpx.post(self.ready["revoke_url"], data=form).raise_for_status()


@pytest.fixture(scope="module")
def emulator():
    with Emulator(Options(synthetic=FILES)) as emulator:
        yield emulator


@pytest.fixture
def box(emulator, monkeypatch):
    """Return the emulator's handle, without faults and counts of an earlier test; waits between attempts are short."""
    monkeypatch.setattr(retry, "FIRST_DELAY_SECONDS", 0.002)
    box = Box(emulator)
    box.reset()
    yield box
    box.close()
    box.reset()


@pytest.fixture
def large(monkeypatch):
    """Return the handle of an emulator with a tree that takes many calls to walk."""
    monkeypatch.setattr(retry, "FIRST_DELAY_SECONDS", 0.002)
    with Emulator(Options(synthetic=20 * LARGE_FOLDERS)) as emulator:
        box = Box(emulator)
        yield box
        box.close()


@pytest.fixture
def connection(box):
    return box.connect()
