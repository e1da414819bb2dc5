"""An emulator whose failures the tests script, and connections that give up after few attempts."""

import plain_http
import pytest
from patience import PATIENCE_SECONDS, wait_until, wait_until_quiet

import box_dialect
from box_dialect import api
from box_dialect.api import ratelimit, retry
from box_dialect.emulator import Emulator, Options

FILES, FOLDERS = 200, 10
LARGE_FOLDERS = 300


class Box:
    """An emulator, its faults and its counts."""

    def __init__(self, emulator):
        self.emulator, self.ready = emulator, emulator.ready
        self.url = emulator.ready["url"]
        self._root = emulator.ready["api_base_url"].removesuffix("/2.0")
        self._opened = []

    def connect(self, **given):
        """Return a connection that shares its client with those of the same test only."""
        properties = {"MaxRetries": 2, "RetrySeconds": PATIENCE_SECONDS, "RequestTimeout": PATIENCE_SECONDS} | given
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
        plain_http.post(f"{self._root}/_emulator/faults", json=[{"operation": operation, **fault}]).raise_for_status()

    def expire(self, token):
        """Let an access token end, whose refresh token stays good."""
        body = {"kind": "access_token", "token": token}
        plain_http.post(f"{self._root}/_emulator/expire", json=body).raise_for_status()

    def expire_at(self, operation, number, token, monkeypatch):
        """Let an access token end as the call of an operation comes that has this number since the last reset."""
        application = self.emulator._server.config.app
        enter = application.control.enter

        def enter_and_expire(entered):
            enter(entered)
            if entered == operation and application.control.by_operation[operation] == number:
                application.authority.expire("access_token", token)

        monkeypatch.setattr(application.control, "enter", enter_and_expire)

    def reset(self):
        """Forget the counts and the faults, once no call can come that belongs to them."""
        wait_until_quiet()
        plain_http.post(f"{self._root}/_emulator/reset").raise_for_status()

    @property
    def stats(self):
        return plain_http.get(f"{self._root}/_emulator/stats").raise_for_status().json()

    def calls(self, operation):
        return self.stats["by_operation"].get(operation, 0)

    def wait_for_calls(self, operation, number):
        """Return once so many calls of an operation have come."""
        wait_until(lambda: self.calls(operation) >= number)

    def settle(self, connection):
        """Return once no call of the only connection is on its way, here or, though cancelled, to the emulator.

        Whatever this side has closed comes to the emulator before the count that is asked for then.
        """
        client = connection.session.client
        wait_until(lambda: client._slots._taken == 0)
        wait_until(
            lambda: self.stats and len(self.emulator._server.server_state.connections) <= client._connections.idle
        )

    def token_of(self, connection):
        """Return the access token that a connection uses."""
        return connection.session.portal.run(connection.session.client._tokens.access_token)

    def revoke(self, token):
        form = {name: self.ready[name] for name in ("client_id", "client_secret")} | {"token": token}
        plain_http.post(self.ready["revoke_url"], data=form).raise_for_status()


@pytest.fixture(scope="module")
def emulator():
    with Emulator(Options(synthetic=FILES)) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    """Let little time pass between attempts."""
    monkeypatch.setattr(retry, "FIRST_DELAY_SECONDS", 0.002)
    monkeypatch.setattr(ratelimit, "SLOWEST_PACE_SECONDS", 0.1)


@pytest.fixture
def box(emulator):
    """Return the emulator's handle, without faults and counts of an earlier test."""
    box = Box(emulator)
    box.reset()
    yield box
    box.close()
    box.reset()


@pytest.fixture
def large(serving):
    """Return the handle of an emulator with a tree that takes many calls to walk."""
    with serving(Options(synthetic=20 * LARGE_FOLDERS)) as emulator:
        box = Box(emulator)
        yield box
        box.close()


@pytest.fixture
def connection(box):
    return box.connect()
