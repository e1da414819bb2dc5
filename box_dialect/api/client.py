"""The client: one call to Box's API, with a token, within the limits, sent again where that is right."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

from box_dialect._http import httpx
from box_dialect.api import errors
from box_dialect.api.as_user import AsUser
from box_dialect.api.cancellation import cancelled_when_connected
from box_dialect.api.concurrency import Slots
from box_dialect.api.ratelimit import CallLimits
from box_dialect.api.retry import Failure, RetryPolicy
from box_dialect.auth import token_provider
from box_dialect.errors import DatabaseError, Diagnostics, OperationalError, ProgrammingError
from box_dialect.properties import is_local

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from box_dialect.api.calls import ApiCall, CallCount
    from box_dialect.properties import Properties

_log: Final = logging.getLogger("box_dialect")

_PRECONDITION_FAILED: Final = 412

_HEADERS: Final = {"User-Agent": "box-dialect", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


class _FailedError(Exception):
    """One attempt failed, as `failure` says; `problem` is what to raise if it is the last."""

    def __init__(self, failure: Failure, problem: DatabaseError) -> None:
        super().__init__()
        self.failure, self.problem = failure, problem


class BoxClient:
    """Send calls to Box's API; shared by all connections with equal properties.

    Made in any thread, used on the portal's event loop only.
    """

    def __init__(self, properties: Properties) -> None:
        self.properties = properties
        self._tokens = token_provider(properties)
        self._as_user = AsUser(properties.as_user)
        self._slots = Slots(properties.max_concurrency)
        self._limits = CallLimits(properties.max_calls_per_minute)
        self._retry = RetryPolicy(properties.max_retries, properties.retry_seconds)
        self._idle: list[httpx.AsyncHTTPTransport] = []
        self._is_closed = False
        self._tls: ssl.SSLContext | None = None
        self._extensions = {"timeout": httpx.Timeout(properties.request_timeout).as_dict()}

    async def sign_in(self) -> None:
        """Sign in now, so that wrong credentials fail here; raises OperationalError."""
        await self._tokens.sign_in()

    async def send(self, call: ApiCall, count: CallCount) -> Any:
        """Send a call and return the decoded JSON of its answer, or None for an empty one.

        Raises a DatabaseError by Box's answer, OperationalError where Box cannot be reached.
        """
        return await self._sent(await self._as_user.applied(call, lambda lookup: self._sent(lookup, count)), count)

    async def _sent(self, call: ApiCall, count: CallCount) -> Any:
        began = time.monotonic()
        failures: list[Failure] = []
        while True:
            try:
                return await self._once(call, count)
            except _FailedError as failed:
                failure, problem = failed.failure, failed.problem
            if call.method == "DELETE" and failure.status == 404 and any(f.may_have_acted for f in failures):
                return None  # an earlier attempt, whose answer was lost, did the work
            before = sum(f.is_refusal == failure.is_refusal for f in failures)
            delay = self._retry.delay(call.method, failure, before, time.monotonic() - began)
            if failure.is_refusal:
                if self._limits.refused(call, delay or 0.0, failure.sent_at):
                    self._slots.refused()
            elif delay is not None:
                await asyncio.sleep(delay)
            if delay is None:
                raise _final(call, failures, failure, problem) from None
            failures.append(failure)

    async def aclose(self) -> None:
        """Close the connections to Box, once no new token can be lost; whoever still calls opens one for each call."""
        self._is_closed = True
        await self._tokens.aclose()
        while self._idle:
            await self._idle.pop().aclose()

    async def _once(self, call: ApiCall, count: CallCount) -> Any:
        """Send once and return the decoded answer; raises _FailedError where another attempt may be better."""
        try:
            response, sent_at = await self._attempt(call, count)
        except DatabaseError as error:
            if not error.diag.retryable:
                raise
            # No token could be had, so the call itself was never sent.
            raise _FailedError(Failure(None, sent=False), error) from None
        except httpx.TransportError as error:
            was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise _FailedError(Failure(None, sent=was_sent), self._unreachable(call, error)) from None
        status, headers = response.status_code, response.headers
        if status != 429:
            self._limits.passed(call)
        if status < 300:
            return _decoded(call, response)
        refusal = errors.from_response(call.operation, status, headers, response.content)
        raise _FailedError(
            Failure(status, retry_after=headers.get("retry-after"), sent_at=sent_at),
            self._as_user.doubted(call, refusal),
        )

    async def _attempt(self, call: ApiCall, count: CallCount) -> tuple[httpx.Response, float]:
        """Send once; a token that Box refuses is replaced once and the call sent with the new one.

        The token is taken last, for it may end while the call waits for its turn; one that is to be got first is got
        before, so that nobody waits for the slot of a call that waits for a sign-in.
        """
        await self._tokens.access_token()
        await self._limits.admit(call)
        async with self._slots.one(), self._lent() as http:
            token = await self._tokens.access_token()
            response, sent_at = await self._transmit(call, token, http, count)
            if response.status_code == 401:
                await self._limits.admit(call)
                token = await self._tokens.replace(token)
                response, sent_at = await self._transmit(call, token, http, count)
        return response, sent_at

    async def _transmit(
        self, call: ApiCall, token: str, http: httpx.AsyncHTTPTransport, count: CallCount
    ) -> tuple[httpx.Response, float]:
        """Send once, and return the answer with the moment when the call went, by the monotonic clock."""
        request = self._request(call, token)
        count.add()
        began = time.monotonic()
        try:
            response = await cancelled_when_connected(lambda trace: _exchanged(http, request, trace))
        except httpx.DecodingError:
            raise _not_box(call, "not in the encoding that it names") from None
        # The stream refers back to its response; without it the body is freed as soon as it is decoded.
        response.stream = httpx.ByteStream(b"")
        elapsed = time.monotonic() - began
        self._slots.answered(elapsed)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s: HTTP %d in %.0f ms", call.method, call.target, response.status_code, elapsed * 1000)
        return response, began

    def _request(self, call: ApiCall, token: str) -> httpx.Request:
        content = None if call.body is None else msgspec.json.encode(call.body)
        headers = {**_HEADERS, "Authorization": f"Bearer {token}", **_content_type(call), **call.headers}
        # httpx takes longer to put parameters into a URL than to parse the finished one.
        url = self.properties.api_base_url + call.target
        try:
            return httpx.Request(call.method, url, headers=headers, content=content, extensions=self._extensions)
        except (httpx.InvalidURL, UnicodeError):  # the latter from the encoding of international names
            base = self.properties.api_base_url
            raise ProgrammingError(f"property APIBaseURL: {base} has no host that can be called") from None

    @contextlib.asynccontextmanager
    async def _lent(self) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Lend an HTTP connection for one call; one whose call failed or was cancelled is closed and not lent again.

        A call that is cancelled when it has been given its connection, but has not begun to use it, leaves that
        connection in httpcore's pool as if it were in use for ever.
        """
        http = self._idle.pop() if self._idle else self._connected()
        try:
            yield http
        except BaseException:
            await http.aclose()
            raise
        if self._is_closed:
            await http.aclose()
        else:
            self._idle.append(http)

    def _connected(self) -> httpx.AsyncHTTPTransport:
        """Return a new pool of one connection.

        A pool looks at each of its connections for each call, so one pool of many costs more than many of one. A whole
        httpx client does nothing more that Box needs, and takes a fourth of the time of a call for it.
        """
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            proxy=_proxy(self.properties.api_base_url),
            verify=self._tls,
        )

    def _unreachable(self, call: ApiCall, error: httpx.TransportError) -> OperationalError:
        if isinstance(error, httpx.TimeoutException):
            advice = f"no answer within RequestTimeout={self.properties.request_timeout} seconds"
        else:
            advice = "check the network, the host in the URL and the property APIBaseURL"
        return OperationalError(
            f"{call.operation}: cannot reach {self.properties.api_base_url} ({type(error).__name__}); {advice}",
            Diagnostics(operation=call.operation, retryable=True),
        )


def _final(call: ApiCall, before: list[Failure], failure: Failure, problem: DatabaseError) -> DatabaseError:
    """Return what to raise at last; what Box may have carried out is not to be sent again unseen.

    That is so for a POST, and where If-Match fails since an attempt before, whose answer was lost, changed the item.
    """
    diag = dataclasses.replace(problem.diag, retryable=False)
    if failure.status == _PRECONDITION_FAILED and any(each.may_have_acted for each in before):
        diag = dataclasses.replace(diag, status=None)
    elif call.method != "POST" or not failure.may_have_acted:
        return problem
    advice = "Box may have carried it out all the same, so look before you try again"
    return type(problem)(f"{problem}; {advice}", diag)


async def _exchanged(
    http: httpx.AsyncHTTPTransport, request: httpx.Request, extensions: dict[str, Any]
) -> httpx.Response:
    """Send a request and return the answer with its body."""
    request.extensions = {**request.extensions, **extensions}
    response = await http.handle_async_request(request)
    await response.aread()
    return response


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; there is none before this machine."""
    parts = urlsplit(url)
    if is_local(url) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def _content_type(call: ApiCall) -> dict[str, str]:
    return {} if call.body is None else {"Content-Type": "application/json"}


def _decoded(call: ApiCall, response: httpx.Response) -> Any:
    if not response.content:
        return None
    if call.decoder is not None:
        # An answer of another form is decoded whole: who asked says what is wrong with it.
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return call.decoder.decode(response.content)
    try:
        return msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _not_box(call, "not JSON", response.status_code) from None


def _not_box(call: ApiCall, what: str, status: int | None = None) -> OperationalError:
    return OperationalError(
        f"{call.operation}: the answer is {what}, so something else than Box answered; "
        "check the host in the URL, the property APIBaseURL and proxies",
        Diagnostics(status=status, operation=call.operation),
    )
