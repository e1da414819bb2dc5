"""An emulator to get tokens from, a clock that the tests set, and caches that they look into."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from contextlib import contextmanager

import plain_http
import pytest
from sign_in.acting import PATIENCE_SECONDS, authorization_code

from box_dialect import auth
from box_dialect.auth.entry import decoded
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.oauth import authority
from box_dialect.properties import from_url, merged, parse
from box_dialect.token_cache.memory import MemoryCache

_numbers = itertools.count()


class Clock:
    """A clock that shows the time of the machine, `ahead` seconds ahead."""

    def __init__(self):
        self.ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


class Cache(MemoryCache):
    """A token cache in memory that nobody else knows.

    `locked` is set once it is held, `held` has the keys that are, and `events` tells what happened in its order; who
    holds it goes on while `may_go_on` is set. `problem` is raised by what `fails` names.
    """

    def __init__(self):
        super().__init__(f"test {next(_numbers)}")
        self.locked, self.held, self.events = threading.Event(), set(), []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fails, self.problem = (), OSError("no space left")

    def load(self, key):
        if "load" in self.fails:
            raise self.problem
        return super().load(key)

    def store(self, key, entry):
        if "store" in self.fails:
            raise self.problem
        self.events.append("store" if key in self.held else "store without lock")
        super().store(key, entry)

    @contextmanager
    def lock(self, key):
        if "lock" in self.fails:
            raise self.problem
        with super().lock(key):
            self.held.add(key)
            self.locked.set()
            self.events.append("lock")
            assert self.may_go_on.wait(PATIENCE_SECONDS)
            try:
                yield
            finally:
                self.held.remove(key)
                self.events.append("unlock")

    @property
    def entries(self):
        return [decoded(entry) for entry in self._entries.values()]

    @property
    def entry(self):
        (entry,) = self.entries
        return entry


class Box:
    """An emulator as an application sees it."""

    def __init__(self, emulator, clock):
        self.emulator, self.ready, self.clock = emulator, emulator.ready, clock
        self._root = self.ready["api_base_url"].removesuffix("/2.0")

    def properties(self, **given):
        url = f"box://{self.ready['client_id']}:{self.ready['client_secret']}@{self._root.removeprefix('http://')}/"
        return parse(merged(from_url(url), list({"InitiateOAuth": "REFRESH", **given}.items())))

    def provider(self, cache, **given):
        """Return a provider as a process of its own has it: it shares nothing but the cache."""
        return auth.token_provider(self.properties(**given), cache, self.clock)

    def pair(self):
        """Return an access and a refresh token that Box issued to a user just now."""
        access, refresh = self._authority.issue_pair(self.emulator.store.accounts[self.ready["user_id"]])
        return {"OAuthAccessToken": access, "OAuthRefreshToken": refresh}

    def code(self):
        return authorization_code(self.ready)

    def control(self, path, body=None):
        plain_http.post(f"{self._root}/_emulator/{path}", json=body).raise_for_status()

    def fault(self, **fault):
        self.control("faults", [{"operation": "post_oauth2_token", **fault}])

    @property
    def stats(self):
        return plain_http.get(f"{self._root}/_emulator/stats").raise_for_status().json()

    @property
    def asked(self):
        """How often the token endpoint was asked."""
        return self.stats["token_calls"]

    @property
    def grants(self):
        return self.stats["grants"]

    def accepts(self, access_token):
        url = f"{self.ready['api_base_url']}/users/me"
        return plain_http.get(url, headers={"Authorization": f"Bearer {access_token}"}).status_code == 200

    @property
    def _authority(self):
        return self.emulator._server.config.app.authority


@pytest.fixture(scope="module")
def emulator():
    with Emulator(Options()) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def lasting_codes(monkeypatch):
    """Let authorization codes outlive any pause of the machine."""
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def box(emulator, clock):
    """Return the emulator's handle, without faults, counts and clock of an earlier test."""
    box = Box(emulator, clock)
    box.control("reset")
    yield box
    box.control("clock", {"offset": 0})
    box.control("reset")


@pytest.fixture
def cache():
    return Cache()


@pytest.fixture
def run():
    """Return a function that awaits a coroutine on a new event loop, for a generous while."""
    return lambda coroutine: asyncio.run(asyncio.wait_for(coroutine, PATIENCE_SECONDS))
