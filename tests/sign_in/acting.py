"""Those who act in the tests: an emulator as an application sees it, and a browser without a person."""

from __future__ import annotations

import threading
import webbrowser
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import plain_http
from patience import PATIENCE_SECONDS

import box_dialect
from box_dialect import api
from box_dialect.properties import from_url, merged, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx
    import pytest

    from box_dialect.emulator import Emulator
    from box_dialect.properties import Properties

ANY_PORT: Final = "http://localhost:0"
"""A callback URL whose port is found when it is listened at."""


class Box:
    """An emulator as an application sees it: URLs to connect with, counts of what it was asked."""

    def __init__(self, emulator: Emulator, settings: Path) -> None:
        self.emulator, self.ready, self.settings = emulator, emulator.ready, settings
        self._root = emulator.ready["api_base_url"].removesuffix("/2.0")
        self._opened: list[box_dialect.Connection] = []

    def url(self, **properties: Any) -> str:
        """Return a URL with the application's id and secret; tokens are kept in the test's own folder."""
        host = self._root.removeprefix("http://")
        chosen = {"OAuthSettingsLocation": str(self.settings), **properties}
        query = urlencode({name: value for name, value in chosen.items() if value is not None}, quote_via=quote)
        return f"box://{self.ready['client_id']}:{self.ready['client_secret']}@{host}/?{query}"

    def properties(self, **given: Any) -> Properties:
        return parse(merged(from_url(self.url()), list(given.items())))

    def connect(self, **properties: Any) -> box_dialect.Connection:
        """Open a connection as a process of its own would: it shares nothing but the token cache."""
        self.forget_clients()
        connection = box_dialect.connect(self.url(**properties))
        self._opened.append(connection)
        return connection

    def forget_clients(self) -> None:
        portal = api.portal()
        for connection in self._opened:
            connection.close()
            client = portal._clients.pop(connection.properties, None)
            if client is not None:
                portal.run(client.aclose)
        self._opened.clear()

    @property
    def token_calls(self) -> int:
        """How often the token endpoint was asked."""
        return int(self._stats["token_calls"])

    @property
    def grants(self) -> dict[str, int]:
        """How often the token endpoint gave tokens, by the type of the grant."""
        return dict(self._stats["grants"])

    @property
    def _stats(self) -> Any:
        return self.get(f"{self._root}/_emulator/stats").raise_for_status().json()

    def get(self, url: str) -> httpx.Response:
        return plain_http.get(url)

    def control(self, path: str, body: Any = None) -> None:
        plain_http.post(f"{self._root}/_emulator/{path}", json=body).raise_for_status()


def authorize(address: str, decision: str = "grant", login: str | None = None) -> str:
    """Do at the authorization page what a person does; return where it sends the browser."""
    form = {"decision": decision} | ({"login": login} if login else {})
    answer = plain_http.post(address, data=form)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def sign_in_at(address: str) -> httpx.Response:
    """Grant access at the authorization page and return the page that is shown at last."""
    return plain_http.get(authorize(address))


def authorization_code(ready: Mapping[str, Any], callback_url: str = "http://localhost:33333") -> str:
    """Return a new code, as a person would copy it out of the address bar."""
    question = {"response_type": "code", "client_id": ready["client_id"], "redirect_uri": callback_url}
    sent_to = authorize(f"{ready['authorize_url']}?{urlencode(question)}")
    return parse_qs(urlsplit(sent_to).query)["code"][0]


def me(connection: box_dialect.Connection) -> str:
    """Return the id of the user that a connection acts for."""
    rows = connection.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall()
    return str(rows[0][0])


class Browser(webbrowser.BaseBrowser):
    """A browser that does with an address what a test says, in a thread as browsers do; `shown` are its pages."""

    def __init__(self) -> None:
        super().__init__("the browser of the tests")
        self.visit: Callable[[str], Any] = lambda _: None
        self.opened: list[str] = []
        self.shown: list[Any] = []
        self.can_open = True
        self._threads: list[threading.Thread] = []

    def become_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be the browser that programs open."""
        monkeypatch.setattr(webbrowser, "_tryorder", ["tests"])
        monkeypatch.setattr(webbrowser, "_browsers", {"tests": [None, self]})

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002 - as webbrowser calls it
        self.opened.append(url)
        if self.can_open:
            thread = threading.Thread(target=self._show, args=(url,))
            self._threads.append(thread)
            thread.start()
        return self.can_open

    def _show(self, url: str) -> None:
        page = self.visit(url)
        if page is not None:
            self.shown.append(page)

    def page(self) -> Any:
        """Return the page that is shown at last."""
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        return self.shown[-1]
