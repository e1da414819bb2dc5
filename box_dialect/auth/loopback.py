"""Sign in by the browser: a server on this machine takes the authorization code that Box redirects the browser with.

Sources: https://developer.box.com/guides/authentication/oauth2/without-sdk and https://www.rfc-editor.org/rfc/rfc8252
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import threading
import webbrowser
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from box_dialect.auth.authorization_code import authorization_url, exchange
from box_dialect.auth.page import page
from box_dialect.errors import Diagnostics, Error, ProgrammingError, SignInError, printable, without_frames
from box_dialect.properties import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties

SIGN_IN_SECONDS: Final = 300
"""How long the person at the browser may take."""

_ATTEMPTS: Final = 10
"""How many ports are tried where any will do."""

_MAX_REQUEST_BYTES: Final = 16_384
_HEADERS: Final = (
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Security-Policy: default-src 'none'; img-src data:; style-src 'unsafe-inline'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n"
)
_OTHER_WAYS: Final = (
    "`box-dialect login --no-browser` prints the address to open by hand, and docs/sign-in-headless.md tells how to "
    "sign in on another machine"
)


@without_frames
async def browser_sign_in(
    properties: Properties, announce: Callable[[str], None] | None = None, *, open_browser: bool = True
) -> TokenSet:
    """Let a person sign in with the default browser, and return the tokens.

    Box redirects the browser to `CallbackURL`, where this listens until it comes, or for `SIGN_IN_SECONDS`. `announce`
    is called with the address of Box's authorization page, for a person who opens it by hand. Raises ProgrammingError
    where `CallbackURL` is not on this machine, SignInError where its port is taken, no browser can be opened, the
    person refuses or takes too long, or Box does not exchange the code. Nothing listens any more when this returns.
    """
    state = secrets.token_urlsafe(32)
    with _listening(properties.callback_url) as (listeners, callback_url):
        redirect = _Redirect(urlsplit(callback_url).path)
        try:
            await redirect.serve(listeners)
            address = authorization_url(properties, callback_url=callback_url, state=state)
            if announce is not None:
                announce(address)
            if open_browser:
                _open_browser(address, None if announce is not None else redirect.no_browser)
            answer = await redirect.wait()
            try:
                tokens = await exchange(properties, _code(answer, state), callback_url)
            except Error as error:
                await redirect.show(page("You are not signed in", str(error), good=False))
                raise
            await redirect.show(page("You are signed in to Box", "You can close this page.", good=True))
            return tokens
        finally:
            redirect.close()


def _code(answer: Mapping[str, str], state: str) -> str:
    """Return the authorization code of Box's answer; raises SignInError where it holds none, or not ours."""
    if not secrets.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise SignInError(
            "the browser brought the answer to another sign-in (its state differs), so it was not used; close other "
            "pages that sign in, and sign in again"
        )
    code, error = answer.get("code"), answer.get("error")
    if code:
        return code
    if error == "access_denied":
        raise SignInError(
            "the user refused access to Box; sign in again and grant it", Diagnostics(code=error, operation=_OPERATION)
        )
    said = answer.get("error_description") or "no reason given"
    raise SignInError(
        f"Box refused the sign-in: {printable(said, 200)} ({printable(error)}); check the application in Box's "
        "developer console",
        Diagnostics(code=error, operation=_OPERATION),
    )


_OPERATION: Final = "GET /oauth2/authorize"


class _Redirect:
    """The request that Box sends the browser with, among all that come to the port; it can be answered once."""

    def __init__(self, path: str) -> None:
        self._path = path or "/"
        self._request: asyncio.Future[tuple[Mapping[str, str], asyncio.StreamWriter]] = (
            asyncio.get_running_loop().create_future()
        )
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._shown_to: asyncio.StreamWriter | None = None

    async def serve(self, listeners: list[socket.socket]) -> None:
        """Take requests at the sockets."""
        for listener in listeners:
            self._servers.append(await asyncio.start_server(self._take, sock=listener, limit=_MAX_REQUEST_BYTES))

    async def wait(self) -> Mapping[str, str]:
        """Return what Box's answer says; raises SignInError where it does not come in time."""
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                answer, self._shown_to = await self._request
        except TimeoutError:
            raise SignInError(
                f"nobody signed in within {SIGN_IN_SECONDS} seconds; sign in again. Without a browser on this machine, "
                f"{_OTHER_WAYS}"
            ) from None
        return answer

    async def show(self, content: bytes) -> None:
        """Answer the request with a page."""
        assert self._shown_to is not None  # noqa: S101 - `wait` comes before
        await self._answer(self._shown_to, HTTPStatus.OK, content)

    def no_browser(self) -> None:
        """Let `wait` raise, since there is no browser that could bring an answer."""
        if not self._request.done():
            self._request.set_exception(SignInError(f"no browser can be opened here; {_OTHER_WAYS}"))

    def close(self) -> None:
        """Let go of the port and of all connections."""
        for server in self._servers:
            server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._request.cancel()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, or keep it for `show` where it is the redirect."""
        self._writers.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            parts = urlsplit(target)
            answer = dict(parse_qsl(parts.query))
        except (asyncio.IncompleteReadError, OSError):  # browsers open connections that they then do not use
            writer.transport.abort()
            self._writers.discard(writer)
            return
        except (asyncio.LimitOverrunError, ValueError):
            await self._refuse(writer, HTTPStatus.BAD_REQUEST)
            return
        if method != "GET":
            await self._refuse(writer, HTTPStatus.METHOD_NOT_ALLOWED)
        elif parts.path != self._path or not answer.keys() & {"code", "error"}:
            await self._refuse(writer, HTTPStatus.NOT_FOUND)
        elif self._request.done():
            await self._refuse(writer, HTTPStatus.GONE)
        else:
            self._request.set_result((answer, writer))

    async def _refuse(self, writer: asyncio.StreamWriter, status: HTTPStatus) -> None:
        await self._answer(writer, status, page(status.phrase, f"{status.description}.", good=False))

    async def _answer(self, writer: asyncio.StreamWriter, status: HTTPStatus, content: bytes) -> None:
        head = f"HTTP/1.1 {status:d} {status.phrase}\r\n{_HEADERS}Content-Length: {len(content)}\r\n\r\n"
        with contextlib.suppress(OSError):  # the browser may be gone by now
            writer.write(head.encode() + content)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        self._writers.discard(writer)


def _open_browser(address: str, on_failure: Callable[[], None] | None) -> None:
    """Open the default browser, the one that `BROWSER` names where it is set, in a thread, since some block."""
    loop = asyncio.get_running_loop()

    def run() -> None:
        try:
            is_open = webbrowser.open(address)
        except (webbrowser.Error, OSError):
            is_open = False
        if not is_open and on_failure is not None:
            with contextlib.suppress(RuntimeError):  # the loop is gone, so nobody waits any more
                loop.call_soon_threadsafe(on_failure)

    threading.Thread(target=run, name="box-dialect-browser", daemon=True).start()


def _loopback(callback_url: str) -> SplitResult:
    """Return the parts of a callback URL that this machine can listen at; raises ProgrammingError for another."""
    parts = urlsplit(callback_url)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise ProgrammingError(
            f"CallbackURL={callback_url} is not on this machine, where the browser sign-in listens; it must be as "
            "http://localhost:33333. A web application signs in as docs/sign-in-web.md says"
        )
    return parts


@contextlib.contextmanager
def _listening(callback_url: str) -> Iterator[tuple[list[socket.socket], str]]:
    """Listen where the callback URL leads, and yield the sockets and that URL, with the port in place of 0.

    A browser may take either address of `localhost`, so that both are listened at.
    """
    callback = _loopback(callback_url)
    host, port = callback.hostname or "", 80 if callback.port is None else callback.port
    addresses = ("127.0.0.1", "::1") if host == "localhost" else (host,)
    try:
        listeners = _listeners(addresses, port)
    except OSError as error:
        raise _not_free(port, error) from None
    with contextlib.ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(listener)
        if callback.port == 0:
            port = listeners[0].getsockname()[1]
            callback_url = callback._replace(netloc=callback.netloc.removesuffix("0") + str(port)).geturl()
        yield listeners, callback_url


def _listeners(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    """Return sockets that listen; where any port will do, one that an address has and another lacks is passed over."""
    for _ in range(0 if port else _ATTEMPTS - 1):
        with contextlib.suppress(OSError):
            return _all_bound(addresses, port)
    return _all_bound(addresses, port)


def _all_bound(addresses: tuple[str, ...], port: int) -> list[socket.socket]:
    """Listen at the port of each address, the same one also where it is 0; raises OSError where one is taken."""
    with contextlib.ExitStack() as stack:
        listeners: list[socket.socket] = []
        for address in addresses:
            try:
                listener = stack.enter_context(_bound(address, port))
            except OSError as error:
                if listeners and error.errno != errno.EADDRINUSE:
                    continue  # a machine without IPv6
                raise
            listeners.append(listener)
            port = listener.getsockname()[1]
        stack.pop_all()
        return listeners


def _bound(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # where it only lets a port be used again at once; on Windows it lets another share it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _not_free(port: int, error: OSError) -> SignInError:
    why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return SignInError(
        f"port {port} of CallbackURL {why}; set CallbackURL to another one, such as http://localhost:{port + 1}, that "
        "is among the redirect URIs of the application in Box's developer console"
    )
