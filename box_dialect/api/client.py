"""The client: one call to Box's API, with a token, within the limits, sent again where that is right."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect._http import httpx
from box_dialect._http.answers import ACCEPT_ENCODING, AnswerTooLargeError
from box_dialect._http.failures import reason
from box_dialect.api import error_responses
from box_dialect.api.as_user import AsUser
from box_dialect.api.concurrency import Slots
from box_dialect.api.connections import Connections, exchanged
from box_dialect.api.download import is_redirect, received_headers, redirected
from box_dialect.api.multipart import Form
from box_dialect.api.ratelimit import LimitsOfUsers
from box_dialect.api.refusals import Refusals
from box_dialect.api.retry import NOT_READY, FailedAttemptError, Failure, RetryPolicy, is_repeatable
from box_dialect.api.seen import Seen
from box_dialect.api.single_flight import SingleFlight, end_sharing
from box_dialect.api.templates import Templates
from box_dialect.auth import token_provider
from box_dialect.errors import (
    DatabaseError,
    DataError,
    Diagnostics,
    OperationalError,
    ProgrammingError,
    printable,
    without_frames,
)
from box_dialect.properties.declared import DECLARED

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Coroutine, Mapping

    from box_dialect.api.calls import ApiCall, CallCount
    from box_dialect.api.single_flight import Counts
    from box_dialect.properties import Properties

_log: Final = logging.getLogger("box_dialect")

_PRECONDITION_FAILED: Final = 412
_DONE: Final = (204, b"")

_SECONDS_AFTERWARDS: Final = 2.0
"""How long the end of a client waits for what nobody else waits for."""

_MOST_CHARACTERS_OF_URL: Final = 65_536
"""Characters of a URL that httpx takes."""

_HEADERS: Final = {"User-Agent": "box-dialect", "Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING}


class BoxClient:
    """Send calls to Box's API; shared by all connections with equal properties.

    `part_slots` are for the parts of uploads that are in memory: who has one waits for the slot of a call, never the
    other way round.

    Made in any thread, used on the portal's event loop only.
    """

    def __init__(self, properties: Properties) -> None:
        self.properties = properties
        self._tokens = token_provider(properties)
        self._as_user = AsUser(properties.as_user)
        self._slots = Slots(properties.max_concurrency)
        self.part_slots = asyncio.Semaphore(properties.max_concurrency)
        self._afterwards: set[asyncio.Task[None]] = set()
        self._limits = LimitsOfUsers(properties.max_calls_per_minute)
        self._retry = RetryPolicy(properties.max_retries, properties.retry_seconds)
        self._connections = Connections()
        self._flights: SingleFlight[tuple[int, bytes]] = SingleFlight()
        self.seen = Seen()
        self.templates = Templates()
        self.refusals = Refusals()
        self._extensions = {"timeout": httpx.Timeout(properties.request_timeout).as_dict()}

    async def sign_in(self) -> None:
        """Sign in now, so that wrong credentials fail here; raises OperationalError."""
        await self._tokens.sign_in()

    async def send(self, call: ApiCall, count: CallCount) -> Any:
        """Send a call and return the decoded JSON of its answer, or None for an empty one.

        Raises a DatabaseError by Box's answer, OperationalError where Box cannot be reached, EndOfPreviewError where a
        preview has made its calls.
        """
        if call.is_ai:
            count.add_ai()
        count.begin()
        try:
            return await self._sent(await self._as_user.applied(call, lambda lookup: self._sent(lookup, count)), count)
        except asyncio.CancelledError:
            count.give_back()
            raise

    async def _sent(self, call: ApiCall, count: CallCount) -> Any:
        if not call.is_safe:
            try:
                return _decoded(call, *await self._answered(call, count))
            finally:
                end_sharing()
        if call.is_download:
            return (await self._answered(call, count))[1]
        return _decoded(call, *await self._flights.share(call.key, count, partial(self._answered, call)))

    async def _answered(self, call: ApiCall, count: CallCount | Counts) -> tuple[int, bytes]:
        """Send a call, again where that is right, and return the status and the content of its answer."""
        began = time.monotonic()
        failures: list[Failure] = []
        while True:
            try:
                return await self._once(call, count)
            except FailedAttemptError as failed:
                failure, problem = failed.failure, failed.problem
            may_be_done = call.method == "DELETE" and any(each.may_have_acted for each in failures)
            if may_be_done and error_responses.says_absent(problem):
                return _DONE  # by an earlier attempt, whose answer was lost
            kind = failure.is_refusal, failure.is_at_it
            before = sum((each.is_refusal, each.is_at_it) == kind for each in failures)
            delay = self._retry.delay(call.repeated_as, failure, before, time.monotonic() - began)
            if failure.is_refusal:
                if self._limits.refused(call, delay or 0.0, failure.sent_at):
                    self._slots.refused()
            elif delay is not None:
                await asyncio.sleep(delay)
            if delay is None:
                raise _final(call, failures, failure, problem) from None
            failures.append(failure)

    def seconds(self, calls: int) -> float | None:
        """Return how long so many calls are thought to take from now on, None where nothing tells that."""
        paced, answered = self._limits.seconds(calls, self._as_user.id), self._slots.seconds(calls)
        return paced if answered is None else max(paced or 0.0, answered)

    def waiting(self) -> contextlib.AbstractContextManager[None]:
        """Tell, to what begins in the block, that a call in flight waits for it."""
        return self._slots.waiting()

    def afterwards(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Await a coroutine for which nobody waits any more."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)

    async def aclose(self) -> None:
        """Close the connections to Box, once no new token can be lost; whoever still calls opens one for each call."""
        if self._afterwards:
            await asyncio.wait(self._afterwards, timeout=_SECONDS_AFTERWARDS)
        self._connections.keep_no_more()
        await self._tokens.aclose()
        await self._connections.aclose()

    async def _once(self, call: ApiCall, count: CallCount | Counts) -> tuple[int, bytes]:
        """Send once and return the answer; raises FailedAttemptError where another attempt may be better."""
        try:
            response, sent_at = await self._attempt(call, count)
        except DatabaseError as error:
            if not error.diag.retryable:
                raise
            # No token could be had, so the call itself was never sent.
            raise FailedAttemptError(Failure(None, sent=False), error) from None
        except AnswerTooLargeError:
            raise _too_large(call) from None
        except httpx.TransportError as error:
            was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise FailedAttemptError(Failure(None, sent=was_sent), self._unreachable(call, error)) from None
        status, headers = response.status_code, response.headers
        if status != 429:
            self._limits.passed(call)
        if status < 300 and not (status == NOT_READY and (call.waits or call.method == "GET")):
            return status, response.content
        refusal = error_responses.from_response(call.operation, status, headers, response.content, call.route)
        raise FailedAttemptError(
            Failure(
                status,
                retry_after=headers.get("retry-after"),
                sent_at=sent_at,
                is_broken=refusal.diag.code == error_responses.BAD_DIGEST,
                is_at_it=status == NOT_READY and call.waits,
            ),
            self._as_user.doubted(call, refusal),
        )

    @without_frames
    async def _attempt(self, call: ApiCall, count: CallCount | Counts) -> tuple[httpx.Response, float]:
        """Send once; a token that Box refuses is replaced once and the call sent with the new one.

        The token is taken last, for it may end while the call waits for its turn; one that is to be got first is got
        before, so that nobody waits for the slot of a call that waits for a sign-in.
        """
        await self._tokens.access_token()
        await self._limits.admit(call)
        async with self._slots.one():
            async with self._connections.lent(self._base(call)) as http:
                token = await self._tokens.access_token()
                response, sent_at = await self._transmit(call, token, http, count)
                if response.status_code == 401 and not call.path.is_signed:
                    await self._limits.admit(call)
                    token = await self._tokens.replace(token)
                    response, sent_at = await self._transmit(call, token, http, count)
            if call.is_download and call.follows and is_redirect(response):
                url = self._base(call) + call.target
                response = await redirected(call, response, url, self._connections, self._extensions)
        return response, sent_at

    async def _transmit(
        self, call: ApiCall, token: str, http: httpx.AsyncHTTPTransport, count: CallCount | Counts
    ) -> tuple[httpx.Response, float]:
        """Send once, and return the answer with the moment when the call went, by the monotonic clock."""
        request = self._request(call, token)
        count.add()
        began = time.monotonic()
        try:
            response = await exchanged(http, request, call)
        except httpx.DecodingError:
            raise _not_box(call, "not in the encoding that it names") from None
        elapsed = time.monotonic() - began
        self._slots.answered(elapsed)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s: HTTP %d in %.0f ms", call.method, call.shown, response.status_code, elapsed * 1000)
        return response, began

    def _request(self, call: ApiCall, token: str) -> httpx.Request:
        described, content = _content(call)
        authorization = {} if call.path.is_signed else {"Authorization": f"Bearer {token}"}
        own = {**described, **call.headers, **received_headers(call)}
        headers = {**_HEADERS, **authorization, **own}
        _check_headers(call, own)
        # httpx takes longer to put parameters into a URL than to parse the finished one.
        base = self._base(call)
        url = base + call.target
        try:
            return httpx.Request(call.method, url, headers=headers, content=content, extensions=self._extensions)
        except (httpx.InvalidURL, UnicodeError):  # the latter from the encoding of international names
            if len(url) > _MOST_CHARACTERS_OF_URL:
                raise _too_long(call, len(url)) from None
            name = DECLARED[call.host.value].name
            raise ProgrammingError(f"property {name}: {base} has no host that can be called") from None

    def _base(self, call: ApiCall) -> str:
        """Return the base URL of the host that a call goes to."""
        base: str = call.path.base or getattr(self.properties, call.host.value)
        return base

    def _unreachable(self, call: ApiCall, error: httpx.TransportError) -> OperationalError:
        if isinstance(error, httpx.TimeoutException):
            advice = f"no answer within RequestTimeout={self.properties.request_timeout} seconds"
        else:
            advice = f"check the network, the host in the URL and the property {DECLARED[call.host.value].name}"
        return OperationalError(
            f"{call.operation}: cannot reach {self._base(call)} ({reason(error)}); {advice}",
            Diagnostics(operation=call.operation, retryable=True),
        )


def _final(call: ApiCall, before: list[Failure], failure: Failure, problem: DatabaseError) -> DatabaseError:
    """Return what to raise at last; what Box may have carried out is not to be sent again unseen.

    That is so for a POST or a PATCH, and where If-Match fails since an attempt before, whose answer was lost, changed
    the item.
    """
    diag = dataclasses.replace(problem.diag, retryable=False, is_unknown=True)
    if failure.status == _PRECONDITION_FAILED and any(each.may_have_acted for each in before):
        diag = dataclasses.replace(diag, status=None)
    elif call.repeats or call.is_safe or is_repeatable(call.method) or not failure.may_have_acted:
        return problem
    advice = "Box may have carried it out all the same, so look before you try again"
    return type(problem)(f"{problem}; {advice}", diag)


def _content(call: ApiCall) -> tuple[dict[str, str], bytes | AsyncIterable[bytes] | None]:
    """Return the headers of what a call sends, and that itself."""
    if call.parts:
        form = Form(call.parts)
        return {"Content-Type": form.content_type, "Content-Length": str(form.size)}, form
    if call.content is not None:
        size = str(call.content.size)
        return {"Content-Type": "application/octet-stream", "Content-Length": size}, call.content
    if call.body is None:
        return {}, None
    return {"Content-Type": "application/json"}, msgspec.json.encode(call.body)


def _check_headers(call: ApiCall, headers: Mapping[str, str]) -> None:
    """Raise DataError for a value that no header can have (RFC 9110), such as an etag with a line break in it."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise DataError(f"{call.operation}: {name} takes printable ASCII alone, not {printable(value)!r}")


def _decoded(call: ApiCall, status: int, content: bytes) -> Any:
    if not content:
        return None
    if call.decoder is not None:
        # An answer of another form is decoded whole: who asked says what is wrong with it.
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return call.decoder.decode(content)
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _not_box(call, "not JSON", status) from None


def _too_long(call: ApiCall, length: int) -> DataError:
    texts = {"its path": call.path.text, **call.parameters}
    longest = max(texts, key=lambda name: len(texts[name]))
    return DataError(
        f"{call.operation}: the text for {longest} is too long, since it makes a URL of {length:,} characters, which "
        f"may have {_MOST_CHARACTERS_OF_URL:,}; search for, or compare with, a shorter one"
    )


def _too_large(call: ApiCall) -> DatabaseError:
    if call.is_download:
        return DataError(
            f"{call.operation}: the content has more bytes than a value in SQL may have, {call.most_bytes:,}; "
            "leave such files out by a comparison of their size"
        )
    return _not_box(call, f"larger than any of Box's, beyond {call.most_bytes:,} bytes")


def _not_box(call: ApiCall, what: str, status: int | None = None) -> OperationalError:
    return OperationalError(
        f"{call.operation}: the answer is {what}, so something else than Box answered; "
        "check the host in the URL, the property APIBaseURL and proxies",
        Diagnostics(status=status, operation=call.operation),
    )
