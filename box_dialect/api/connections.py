"""Connection pool: HTTP connections that are kept open, each of which serves one call at a time, to one host."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from box_dialect._http import httpx
from box_dialect._http.answers import bound
from box_dialect.api.caller import CallerError
from box_dialect.api.cancellation import cancelled_when_connected
from box_dialect.errors import DatabaseError
from box_dialect.properties.proxies import proxy_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator

    from box_dialect.api.calls import ApiCall, Receiver

_SECONDS_IDLE: Final = 10.0
"""How long a connection is kept that nobody uses; after five of them httpx makes another in its place anyway."""

_BYTES_IN_TIME: Final = 1 << 20
"""Bytes of a download that have to come within the time for an answer; so a large file may take longer in all."""


CONTENT: Final = frozenset({200, 206})
"""The statuses of answers that are a content, or a range of one."""


class Connections:
    """Lend connections by the host of a URL. Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], list[tuple[float, httpx.AsyncHTTPTransport]]] = {}
        self._expiring: asyncio.Task[None] | None = None
        self._is_closed = False
        self._tls: ssl.SSLContext | None = None

    @property
    def idle(self) -> int:
        """How many are open that nobody uses."""
        return sum(map(len, self._idle.values()))

    @contextlib.asynccontextmanager
    async def lent(self, url: str) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend one for one call; one whose call failed or was cancelled is closed and not lent again.

        A call that is cancelled when it has been given its connection, but has not begun to use it, leaves that
        connection in httpcore's pool as if it were in use for ever.
        """
        parts = urlsplit(url)
        idle = self._idle.setdefault((parts.scheme, parts.netloc), [])
        http = idle.pop()[1] if idle else self._made(url)
        try:
            yield http
        except BaseException:
            await http.aclose()
            raise
        if self._is_closed:
            await http.aclose()
        else:
            idle.append((asyncio.get_running_loop().time(), http))
            if self._expiring is None or self._expiring.done():
                self._expiring = asyncio.create_task(self._expire())

    async def _expire(self) -> None:
        """Close those that nobody has used for a while, until there are none."""
        loop = asyncio.get_running_loop()
        while oldest := min((each[0][0] for each in self._idle.values() if each), default=None):
            await asyncio.sleep(max(0.0, oldest + _SECONDS_IDLE - loop.time()))
            for idle in self._idle.values():
                while idle and idle[0][0] + _SECONDS_IDLE <= loop.time():
                    await idle.pop(0)[1].aclose()

    def keep_no_more(self) -> None:
        """Close from now on what is given back; who still calls opens one for each call."""
        self._is_closed = True

    async def aclose(self) -> None:
        """Close those that nobody uses."""
        if self._expiring is not None:
            self._expiring.cancel()
        for idle in self._idle.values():
            while idle:
                await idle.pop()[1].aclose()

    def _made(self, url: str) -> httpx.AsyncHTTPTransport:
        """Return a new pool of one connection.

        A pool looks at each of its connections for each call, so one pool of many costs more than many of one. A whole
        httpx client does nothing more that Box needs, and takes a fourth of the time of a call for it.
        """
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1), proxy=proxy_of(url), verify=self._tls
        )


class _Timed(httpx.AsyncByteStream):
    """The body of a request, of which `begun` is called before each piece is sent, and at the end.

    Raises CallerError for what reading it raises.
    """

    def __init__(self, stream: httpx.AsyncByteStream, begun: Callable[[], object]) -> None:
        self._stream, self._begun = stream, begun

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                self._begun()
                yield piece
        except (CallerError, DatabaseError):
            raise
        except Exception as problem:  # which may be a TimeoutError, and is none of this exchange
            raise CallerError(problem) from problem
        self._begun()


async def exchanged(http: httpx.AsyncHTTPTransport, request: httpx.Request, call: ApiCall) -> httpx.Response:
    """Send a request of a call and return the answer with its body; a cancellation waits for the connection.

    From then on the whole answer has to come within the request's time to read; that of a download, each MiB of it. So
    has each piece of what is uploaded to be taken. The time that a receiver takes for what has come is its own.
    Raises httpx.ReadTimeout, AnswerTooLargeError past the bytes that the call allows, and what httpx raises.
    """
    seconds, loop, bytes_come = request.extensions["timeout"]["read"], asyncio.get_running_loop(), 0
    try:
        async with asyncio.timeout(None) as deadline:

            def begin() -> None:
                deadline.reschedule(loop.time() + seconds)

            def progressed(number: int) -> None:
                nonlocal bytes_come
                bytes_come += number
                if call.is_download and bytes_come >= _BYTES_IN_TIME:
                    bytes_come = 0
                    begin()

            @contextlib.contextmanager
            def paused() -> Iterator[None]:
                left = (deadline.when() or loop.time()) - loop.time()
                deadline.reschedule(None)
                yield
                deadline.reschedule(loop.time() + left)

            async def exchange(extensions: dict[str, Any]) -> httpx.Response:
                request.extensions = {**request.extensions, **extensions}
                response = await http.handle_async_request(request)
                bound(response, call.most_bytes, progressed)
                if call.receiver is not None and response.status_code in CONTENT:
                    await _received(response, call.receiver, paused)
                await response.aread()
                return response

            if call.is_upload:
                assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 - it was made of a source
                request.stream = _Timed(request.stream, begin)
            response = await cancelled_when_connected(exchange, begin)
    except TimeoutError:
        raise httpx.ReadTimeout("the answer did not come to its end", request=request) from None
    # The stream refers back to its response; without it the body is freed as soon as it is decoded.
    response.stream = httpx.ByteStream(b"")
    return response


async def _received(
    response: httpx.Response, receiver: Receiver, paused: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """Have a receiver take the body of an answer, whose connection ends where it does not take all."""
    try:
        await receiver.receive(response, paused)
    finally:
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - as `bound` has made it
        await response.stream.aclose()
    response.stream = httpx.ByteStream(b"")
