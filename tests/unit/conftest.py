"""Settings of the unit tests: they open no connection, and a slow machine fails none of them."""

import asyncio
import socket

import pytest
from hypothesis import settings

settings.register_profile("unit", deadline=None, derandomize=True, database=None)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail a test that would open a connection to anywhere."""

    def refuse(*_):
        raise AssertionError("a unit test opened a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture
def run():
    """Return a function that awaits a coroutine on a new event loop."""
    return asyncio.run
