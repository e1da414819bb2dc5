"""The sign-in by the browser: what comes to the loopback server, and what becomes of it."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from box_dialect.auth import loopback
from box_dialect.auth.loopback import browser_sign_in
from box_dialect.errors import OperationalError, ProgrammingError, SignInError
from sign_in.acting import ANY_PORT, PATIENCE_SECONDS, authorize, sign_in_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sign_in.acting import Box, Browser


@pytest.fixture
def sign_in(box: Box, await_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that signs in by the browser."""

    def signing_in(callback_url: str = ANY_PORT, **options: Any) -> Any:
        return await_(browser_sign_in(box.properties(CallbackURL=callback_url), **options))

    return signing_in


def callback_of(address: str) -> str:
    """Return where an authorization page sends the browser to."""
    return parse_qs(urlsplit(address).query)["redirect_uri"][0]


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE_SECONDS)


def answering(**answer: str) -> Callable[[str], httpx.Response]:
    """Return a visit that brings such an answer, with the state that it belongs to unless it says another."""
    return lambda address: get(f"{callback_of(address)}?{urlencode({'state': state_of(address), **answer})}")


def test_the_tokens_are_the_ones_of_who_granted(box: Box, person: Browser, sign_in: Callable[..., Any]) -> None:
    tokens = sign_in()
    answer = httpx.get(
        f"{box.ready['api_base_url']}/users/me",
        headers={"Authorization": f"Bearer {tokens.access_token}"},
        timeout=PATIENCE_SECONDS,
    )
    assert answer.json()["id"] == box.ready["admin_user_id"]
    assert tokens.refresh_token
    assert "You are signed in to Box" in person.page().text


def test_the_page_needs_nothing_else_and_is_not_kept(person: Browser, sign_in: Callable[..., Any]) -> None:
    sign_in()
    page = person.page()
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert re.findall(r"(?:src|href|url)\W+([\w:,/]+)|<script", page.text) == ["data:,"]


def test_the_address_is_announced_and_opened(person: Browser, sign_in: Callable[..., Any]) -> None:
    announced: list[str] = []
    sign_in(announce=announced.append)
    assert announced == person.opened
    assert urlsplit(announced[0]).path == "/api/oauth2/authorize"


def test_each_sign_in_has_a_state_of_its_own(person: Browser, sign_in: Callable[..., Any]) -> None:
    sign_in()
    sign_in()
    first, second = map(state_of, person.opened)
    assert first != second
    assert min(len(first), len(second)) >= 32


def test_without_a_browser_the_address_is_only_announced(browser: Browser, sign_in: Callable[..., Any]) -> None:
    other = type(browser)()
    other.visit = sign_in_at
    assert sign_in(announce=other.open, open_browser=False).access_token
    assert browser.opened == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_each_loopback_host_can_be_listened_at(
    host: str, person: Browser, sign_in: Callable[..., Any], ipv6: bool
) -> None:
    if "::" in host and not ipv6:
        pytest.skip("this machine has no IPv6")
    sign_in(f"http://{host}:0/box/callback")
    assert urlsplit(callback_of(person.opened[0])).path == "/box/callback"
    assert callback_of(person.opened[0]).startswith(f"http://{host}:")
    assert ":0/" not in callback_of(person.opened[0])


@pytest.fixture
def ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_localhost_is_listened_at_under_each_of_its_addresses(
    browser: Browser, sign_in: Callable[..., Any], ipv6: bool
) -> None:
    if not ipv6:
        pytest.skip("this machine has no IPv6")
    for address in ("127.0.0.1", "[::1]"):
        browser.visit = lambda page, address=address: get(authorize(page).replace("localhost", address))
        sign_in()
        assert browser.page().status_code == 200


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/?code=", "/other?code=x&state=y", "//?code=x&state=y"])
def test_a_stray_request_does_not_end_the_wait(path: str, browser: Browser, sign_in: Callable[..., Any]) -> None:
    strays = []

    def visit(address: str) -> httpx.Response:
        strays.append(get(f"{callback_of(address)}{path}"))
        return sign_in_at(address)

    browser.visit = visit
    sign_in()
    assert strays[0].status_code == 404
    assert browser.page().status_code == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /?code=x&state=y HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", b"400"),
        (b"GET http://[x HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: loc", b""),
        (b"", b""),
    ],
)
def test_what_is_no_request_does_not_end_the_wait(
    request_: bytes, status: bytes, browser: Browser, sign_in: Callable[..., Any]
) -> None:
    answers = []

    def visit(address: str) -> httpx.Response:
        with connected(callback_of(address)) as connection:
            connection.sendall(request_)
            connection.shutdown(socket.SHUT_WR)
            answers.append(connection.recv(100).split(b" ")[1:2])
        return sign_in_at(address)

    browser.visit = visit
    sign_in()
    assert answers == [[status] if status else []]


def connected(callback_url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(callback_url).port or 80), PATIENCE_SECONDS)


def test_connections_that_are_not_used_hold_nothing_up(browser: Browser, sign_in: Callable[..., Any]) -> None:
    idle = []

    def visit(address: str) -> httpx.Response:
        idle.append(connected(callback_of(address)))
        return sign_in_at(address)

    browser.visit = visit
    sign_in()
    with idle[0] as connection, pytest.raises((ConnectionResetError, StopIteration)):
        next(iter(connection.makefile("rb")))  # it was closed by the other side


def test_an_answer_with_another_state_is_not_used(box: Box, browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.visit = answering(code="a-code", state="another")
    with pytest.raises(OperationalError, match="another sign-in"):
        sign_in()
    assert "You are not signed in" in browser.page().text
    assert box.token_calls == 0


def test_an_answer_without_a_state_is_not_used(box: Box, browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.visit = lambda address: get(f"{callback_of(address)}?code=a-code")
    with pytest.raises(OperationalError, match="another sign-in"):
        sign_in()
    assert box.token_calls == 0


def test_a_person_may_refuse(box: Box, browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.visit = lambda address: get(authorize(address, "deny"))
    with pytest.raises(OperationalError, match="the user refused access to Box; sign in again") as raised:
        sign_in()
    assert raised.value.diag.code == "access_denied"
    assert "the user refused access to Box" in browser.page().text
    assert box.token_calls == 0


def test_what_else_box_refuses_is_told(browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.visit = answering(error="invalid_scope", error_description="<b>No</b> such scope")
    with pytest.raises(SignInError, match=r"Box refused the sign-in: <b>No</b> such scope \(invalid_scope\)"):
        sign_in()
    page = browser.page().text
    assert "&lt;b&gt;No&lt;/b&gt; such scope" in page
    assert "<b>" not in page


def test_the_page_tells_that_the_code_was_not_exchanged(browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.visit = answering(code="a-code-that-box-does-not-know")
    with pytest.raises(OperationalError, match="The authorization code has expired"):
        sign_in()
    page = browser.page().text
    assert "You are not signed in" in page
    assert "The authorization code has expired" in page


def test_one_answer_is_taken(await_: Callable[..., Any]) -> None:
    async def answered_twice() -> tuple[httpx.Response, httpx.Response]:
        with loopback._listening(ANY_PORT) as (listeners, url):
            redirect = loopback._Redirect("")
            await redirect.serve(listeners)
            async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
                first = asyncio.create_task(http.get(f"{url}?code=first"))
                assert await redirect.wait() == {"code": "first"}
                second = await http.get(f"{url}?code=second")
                await redirect.show(b"the page")
                redirect.close()
                return await first, second

    first, second = await_(answered_twice())
    assert (first.status_code, first.content) == (200, b"the page")
    assert second.status_code == 410


def test_a_port_in_use_is_named_with_what_to_do(taken_port: int, browser: Browser, sign_in: Callable[..., Any]) -> None:
    with pytest.raises(OperationalError, match=f"port {taken_port} of CallbackURL is taken .* set CallbackURL to"):
        sign_in(f"http://localhost:{taken_port}")
    assert browser.opened == []


def test_any_port_is_one_that_both_addresses_have(
    person: Browser, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bind, passed_over = loopback._bound, []

    def bound(address: str, port: int) -> socket.socket:
        if address == "::1" and len(passed_over) < 3:
            passed_over.append(port)
            raise OSError(errno.EADDRINUSE, "Address already in use")
        return bind(address, port)

    monkeypatch.setattr(loopback, "_bound", bound)
    assert sign_in().access_token
    assert len(passed_over) == 3
    assert len(person.opened) == 1


@pytest.mark.parametrize("callback_url", ["https://app.example.com/callback", "https://localhost:33333"])
def test_only_a_plain_callback_url_on_this_machine_will_do(
    callback_url: str, browser: Browser, sign_in: Callable[..., Any]
) -> None:
    with pytest.raises(ProgrammingError, match=r"CallbackURL=https://.* http://localhost:33333.*docs/sign-in-web.md"):
        sign_in(callback_url)
    assert browser.opened == []


@pytest.mark.usefixtures("browser")
def test_the_wait_has_an_end(sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "SIGN_IN_SECONDS", 0)
    with pytest.raises(OperationalError, match="nobody signed in within 0 seconds; sign in again"):
        sign_in()


def test_without_any_browser_it_fails_at_once_and_says_how_else(browser: Browser, sign_in: Callable[..., Any]) -> None:
    browser.can_open = False
    with pytest.raises(OperationalError, match=r"no browser can be opened here; .*--no-browser"):
        sign_in()


def test_without_any_browser_it_waits_for_who_was_told_the_address(
    browser: Browser, sign_in: Callable[..., Any]
) -> None:
    browser.can_open = False
    other = type(browser)()
    other.visit = sign_in_at
    assert sign_in(announce=other.open).access_token


@pytest.mark.usefixtures("browser")
def test_nothing_listens_when_it_is_cancelled(
    box: Box, listeners: list[socket.socket], await_: Callable[..., Any]
) -> None:
    async def cancelled() -> None:
        announced: asyncio.Queue[str] = asyncio.Queue()
        properties = box.properties(CallbackURL=ANY_PORT)
        signing_in = asyncio.create_task(browser_sign_in(properties, announced.put_nowait))
        await announced.get()
        signing_in.cancel()
        with pytest.raises(asyncio.CancelledError):
            await signing_in

    await_(cancelled())
    assert listeners
    assert {listener.fileno() for listener in listeners} == {-1}


@pytest.fixture(autouse=True)
def no_traces(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Fail where the event loop complains of what was left behind."""
    yield
    assert capfd.readouterr().err == ""
