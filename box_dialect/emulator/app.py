"""Answer HTTP requests: an ASGI application that leads each one to the API, the sign-in, downloads or the controls."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import math
import re
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from . import access, clock, errors, realtime
from .content import MemoryContent
from .control import Control
from .errors import BoxError
from .faults import DOWNLOAD
from .oauth import OAuthError, answer_authorization, answer_token_request
from .origin import Origin
from .rates import Allowance
from .reply import Reply, Stream
from .resources.downloads import download
from .resources.thumbnails import PLACEHOLDERS, placeholder
from .routing import API_VERSION, Call, Operation, Router
from .sharing import open_link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    from .content import Pieces
    from .faults import Fault
    from .model import User
    from .oauth import Authority, Session
    from .rates import Rate
    from .store import Store

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_API_ROOTS, _OAUTH_ROOTS = ("/2.0", "/api/2.0"), ("/oauth2", "/api/oauth2")
_SIGN_IN = {
    ("GET", "authorize"): "get_authorize",
    ("POST", "authorize"): "post_authorize",  # the form of the page, which Box does not document
    ("POST", "token"): "post_oauth2_token",
    ("POST", "revoke"): "post_oauth2_revoke",
}
_ENDPOINTS = {endpoint for _, endpoint in _SIGN_IN}
_COMPRESSED_FROM = 1024  # bytes: a shorter answer fits into one packet as it is
_REFUSED = re.compile(rb"q=0(\.0*)?")


class App:
    """The ASGI application of one emulator."""

    def __init__(
        self,
        store: Store,
        authority: Authority,
        base_url: str,
        latency_ms: float,
        rates: Sequence[Rate],
        clock_offset: float,
    ) -> None:
        self.store, self.authority, self.base_url = store, authority, base_url
        self.control = Control(authority, clock_offset, store)
        self.origin = Origin(base_url)
        self._latency = latency_ms / 1000
        self._allowance = Allowance(rates)
        self._router = Router(operation for resource in store.resources for operation in resource.operations)
        self._held: set[asyncio.Future[Reply]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read(receive)
        method, path = scope["method"], scope["path"]
        clock.offset.set(self.control.clock_offset)  # each request runs in a context of its own
        root, _, endpoint = path.rpartition("/")
        if path.startswith("/_emulator/"):
            is_own = self.origin.is_own(scope["client"], dict(scope["headers"]))
            reply: Reply | None = self.control.answer(method, path, body) if is_own else _strange()
        elif root in _OAUTH_ROOTS:
            reply = await self._sign_in(method, endpoint, scope, body)
        elif path == realtime.PATH and method == "GET":
            reply = await self._subscribe(scope, receive)
        elif path.startswith(PLACEHOLDERS):
            reply = placeholder()
        elif path.startswith("/dl/"):
            reply = await self._download(path, scope)
        else:
            reply = await self._api(method, scope, body)
        await (_hang_up(send) if reply is None else _write(send, reply, dict(scope["headers"])))

    async def _api(self, method: str, scope: Message, body: bytes) -> Reply | None:
        path = scope["raw_path"].decode("latin-1")
        root = next((root for root in _API_ROOTS if path.startswith(f"{root}/")), None)
        found, values = (None, []) if root is None else self._router.find(method, path[len(root) :])
        name = f"{method} {scope['path']}" if found is None else found.name
        self.control.enter(name)
        try:
            await asyncio.sleep(self._latency)
            fault = self.store.faults.take(name, scope["path"])
            if found is None:
                known = root is not None and self._router.knows(path[len(root) :])
                return await _answered(fault, scope, lambda _: _unknown(known=known))
            return await _answered(fault, scope, partial(self._serve, found, values, scope, body))
        finally:
            self.control.leave()

    def _serve(
        self, found: Operation, values: list[str], scope: Message, body: bytes, headers: dict[bytes, bytes]
    ) -> Reply:
        call = Call(found, self.store, self.base_url, values, scope["query_string"], headers, body)
        if not found.is_signed:
            self._admit(call)
        version = call.header("box-version")
        if (version or API_VERSION) != found.version:
            complaint = (
                "Unsupported API version specified for this endpoint."
                if version
                else "Missing required box-version header."
            )
            raise errors.bad_request("invalid_api_version", complaint)
        if found.feature is not None:
            found.feature.check(self.store.features)
        self.store.expire()
        link = call.header("boxapi") if found.opens_links else None
        if link is not None:
            known = itertools.chain.from_iterable(table.values() for table in self.store.items.values())
            access.opened.set(open_link(link, known, call.user))
        answer = found.handler(call)
        return answer if isinstance(answer, Reply) else Reply(200, answer)

    def _admit(self, call: Call) -> None:
        """Find out whose call it is, and refuse it beyond the rates of calls."""
        call.session, call.user = self._caller(call)
        access.reader.set(call.user)  # as with the clock, for this request only
        wait = self._allowance.wait(call.user, call.name)
        if wait:
            raise errors.rate_limited(int(wait) + 1)

    def _caller(self, call: Call) -> tuple[Session, User]:
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" and call.name == "get_files_id_content":
            token = call.query.get("access_token", "")
        elif scheme.lower() != "bearer":
            token = ""
        session = self.authority.session_of(token)
        if session is None:
            raise errors.unauthorized()
        user, other = session.user, call.header("as-user")
        if other is None:
            return session, user
        # A service account is no managed user, and nobody acts as one; nor as somebody of another enterprise.
        subject = self.store.users.get(other) if user.administers else None
        if subject is None or subject.enterprise is None:
            raise errors.forbidden()
        return session, subject

    async def _download(self, path: str, scope: Message) -> Reply | None:
        await asyncio.sleep(self._latency)
        fault = self.store.faults.take(DOWNLOAD, path, wildcard=False)
        return await _answered(fault, scope, partial(download, self.store, path))

    async def _subscribe(self, scope: Message, receive: Receive) -> Reply | None:
        """Hold a request until there is an answer, or until who sent it hangs up."""
        waiting = asyncio.ensure_future(realtime.subscribe(self.store, _form(scope["query_string"])))
        leaving = asyncio.ensure_future(receive())
        self._held.add(waiting)
        try:
            await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
            return _guarded(waiting.result) if waiting.done() and not waiting.cancelled() else None
        finally:
            self._held.remove(waiting)
            waiting.cancel()
            leaving.cancel()

    def let_go(self) -> None:
        """Hang up on those whose requests are held, as the server is about to stop."""
        for waiting in self._held:
            waiting.cancel()

    async def _sign_in(self, method: str, endpoint: str, scope: Message, body: bytes) -> Reply | None:
        name = _SIGN_IN.get((method, endpoint))
        if name is None:
            return _unknown(known=endpoint in _ENDPOINTS)
        if endpoint == "token":
            self.control.token_calls += 1
        await asyncio.sleep(self._latency)
        fault = self.store.faults.take(name, scope["path"], wildcard=False)
        return await _answered(fault, scope, lambda _: self._signed(endpoint, scope, body))

    def _signed(self, endpoint: str, scope: Message, body: bytes) -> Reply:
        try:
            reply = self._sign(endpoint, scope, _form(body))
        except OAuthError as error:
            reply = Reply(error.status, error.body)
        reply.headers = {"cache-control": "no-store", **reply.headers}
        return reply

    def _sign(self, endpoint: str, scope: Message, form: dict[str, str]) -> Reply:
        if endpoint == "authorize":
            consent = form if scope["method"] == "POST" else None
            return answer_authorization(self.authority, _form(scope["query_string"]), consent, dict(scope["headers"]))
        if endpoint == "token":
            answer = answer_token_request(self.authority, form)
            self.control.grants[form["grant_type"]] += 1
            return Reply(200, answer)
        self.authority.revoke(form)
        return Reply(200)


def _form(encoded: bytes) -> dict[str, str]:
    return dict(parse_qsl(encoded.decode("latin-1"), keep_blank_values=True))


def _guarded(answer: Callable[..., Reply], *arguments: Any) -> Reply:
    try:
        return answer(*arguments)
    except BoxError as error:
        return Reply(error.status, error.body(), error.headers)
    except OSError as error:  # the bytes of a file on disk that is gone or closed to us by now
        gone = BoxError(503, "unavailable", f"The content cannot be read: {error.strerror}")
        return Reply(gone.status, gone.body())


def _unknown(*, known: bool) -> Reply:
    error = errors.method_not_allowed() if known else BoxError(404, "not_found", "Not Found")
    return Reply(error.status, error.body())


def _strange() -> Reply:
    error = BoxError(403, "forbidden", "The controls take requests from their own host only")
    return Reply(error.status, error.body())


async def _answered(fault: Fault | None, scope: Message, answer: Callable[[dict[bytes, bytes]], Reply]) -> Reply | None:
    """Answer a call by its headers, or let it fail; without an answer the connection is to be closed."""
    headers = dict(scope["headers"])
    if fault is None:
        return _guarded(answer, headers)
    own = _guarded(answer, fault.heard(headers)) if fault.carried_out or fault.alters else None
    await asyncio.sleep(fault.delay_ms / 1000)
    return None if fault.drop_connection else fault.reply(own)


async def _read(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message.get("body", b"")  # type: ignore[no-any-return]
    parts = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _takes_gzip(headers: dict[bytes, bytes]) -> bool:
    """Tell whether a client asks for compressed answers.

    https://developer.box.com/guides/api-calls/types-and-formats
    """
    codings = (coding.partition(b";") for coding in headers.get(b"accept-encoding", b"").lower().split(b","))
    return any(name.strip() == b"gzip" and not _REFUSED.fullmatch(weight.strip()) for name, _, weight in codings)


async def _write(send: Send, reply: Reply, asked: dict[bytes, bytes]) -> None:
    body, headers = reply.body, reply.headers
    if not isinstance(body, Stream | bytes | None):
        body = msgspec.json.encode(body)
        headers = {"content-type": "application/json", **headers}
        if len(body) >= _COMPRESSED_FROM and _takes_gzip(asked):
            body = gzip.compress(body, 1, mtime=0)
            headers["content-encoding"] = "gzip"
    length = body.length if isinstance(body, Stream) else len(body or b"")
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    sent.append((b"date", clock.http_date(clock.now())))
    sent.append((b"box-request-id", secrets.token_hex(8).encode()))
    if reply.status not in (204, 304) and length is not None:
        sent.append((b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": reply.status, "headers": sent})
    if isinstance(body, Stream):
        await _pour(send, body.pieces, reply.cut_after)
    elif reply.cut_after is not None:
        await _pour(send, MemoryContent(body or b"").pieces(), reply.cut_after)
    else:
        await send({"type": "http.response.body", "body": body or b""})


async def _pour(send: Send, pieces: Pieces, cut_after: int | None) -> None:
    """Send the bytes of an answer piece by piece; or so many of them, and then close the connection.

    Where they can no longer be read the connection is closed, too, as an answer that has begun can tell of no error.
    """
    left = math.inf if cut_after is None else cut_after
    with contextlib.closing(pieces), contextlib.suppress(OSError):
        for piece in pieces:
            sent = piece if len(piece) <= left else piece[: int(left)]
            await send({"type": "http.response.body", "body": sent, "more_body": True})
            left -= len(piece)
            if left < 0 or _connection(send).is_closing():
                break
        else:
            return await send({"type": "http.response.body", "body": b""})
    return await _hang_up(send)


async def _hang_up(send: Send) -> None:
    """Close the connection without an answer, or without the rest of it."""
    _connection(send).close()
    await asyncio.sleep(0)  # lets the server learn of it, or it would miss the answer


def _connection(send: Send) -> asyncio.Transport:
    """Return the connection that a request came by, for which ASGI has no message: it is uvicorn's."""
    return send.__self__.transport  # type: ignore[attr-defined,no-any-return]
