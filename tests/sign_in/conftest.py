"""An emulator to sign in to, and browsers that act without a person."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.auth import loopback
from box_dialect.emulator import Options
from box_dialect.emulator.oauth import authority
from sign_in.acting import PATIENCE_SECONDS, Box, Browser, sign_in_at

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from box_dialect.emulator import Emulator


@pytest.fixture(autouse=True)
def lasting_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let authorization codes outlive any pause of the machine."""
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


@pytest.fixture
def box(serving: Callable[[Options], AbstractContextManager[Emulator]], tmp_path: Path) -> Iterator[Box]:
    with serving(Options()) as emulator:
        box = Box(emulator, tmp_path / "OAuthSettings.txt")
        yield box
        box.forget_clients()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Return the default browser, which a test tells what to do."""
    browser = Browser()
    browser.become_default(monkeypatch)
    return browser


@pytest.fixture
def person(browser: Browser) -> Browser:
    """Return a default browser at which somebody signs in and grants access."""
    browser.visit = sign_in_at
    return browser


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """The sockets that sign-ins listen at; a closed one has no descriptor any more."""
    opened: list[socket.socket] = []

    def bound(address: str, port: int) -> socket.socket:
        opened.append(bind(address, port))
        return opened[-1]

    bind = loopback._bound
    monkeypatch.setattr(loopback, "_bound", bound)
    return opened


@pytest.fixture
def await_() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Return a function that awaits a coroutine on a new event loop, for a generous while."""
    return lambda coroutine: asyncio.run(asyncio.wait_for(coroutine, PATIENCE_SECONDS))


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port of 127.0.0.1 that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
