"""Answer HTTP requests: an ASGI application that leads each one to the API, the sign-in, downloads or the controls."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from . import access, clock, errors, realtime
from .control import DOWNLOAD, Control
from .errors import BoxError
from .oauth import OAuthError, answer_authorization, answer_token_request
from .origin import Origin
from .rates import Allowance
from .reply import Reply
from .resources.downloads import download
from .routing import API_VERSION, Call, Operation, Router
from .sharing import open_link
from .unserved import unserved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    from .control import Fault
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
        served = [operation for resource in store.resources for operation in resource.operations]
        self._router = Router([*served, *unserved(served)])
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
        elif path.startswith("/dl/"):
            reply = await self._download(path, dict(scope["headers"]))
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
            fault = self.control.fault_for(name)
            if fault is not None and not fault.carried_out:
                return await _failed(fault)
            if found is None:
                reply = _unknown(known=root is not None and self._router.knows(path[len(root) :]))
            else:
                reply = _guarded(self._serve, found, values, scope, body)
            return reply if fault is None else await _failed(fault)
        finally:
            self.control.leave()

    def _serve(self, found: Operation, values: list[str], scope: Message, body: bytes) -> Reply:
        call = Call(found, self.store, self.base_url, values, scope["query_string"], dict(scope["headers"]), body)
        call.session, call.user = self._caller(call, found)
        access.reader.set(call.user)  # as with the clock, for this request only
        wait = self._allowance.wait(call.user, found.name)
        if wait:
            raise errors.rate_limited(int(wait) + 1)
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

    def _caller(self, call: Call, found: Operation) -> tuple[Session, User]:
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" and found.name == "get_files_id_content":
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

    async def _download(self, path: str, headers: dict[bytes, bytes]) -> Reply | None:
        await asyncio.sleep(self._latency)
        fault = self.control.fault_for(DOWNLOAD, wildcard=False)
        return _guarded(download, self.store, path, headers) if fault is None else await _failed(fault)

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
        fault = self.control.fault_for(name, wildcard=False)
        if fault is not None and not fault.carried_out:
            return await _failed(fault)
        try:
            reply = self._sign(endpoint, scope, _form(body))
        except OAuthError as error:
            reply = Reply(error.status, error.body)
        reply.headers = {"cache-control": "no-store", **reply.headers}
        return reply if fault is None else await _failed(fault)

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


async def _failed(fault: Fault) -> Reply | None:
    await asyncio.sleep(fault.delay_ms / 1000)
    return None if fault.drop_connection else fault.reply()


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
    if body is None:
        payload = b""
    elif isinstance(body, bytes):
        payload = body
    else:
        payload = msgspec.json.encode(body)
        headers = {"content-type": "application/json", **headers}
        if len(payload) >= _COMPRESSED_FROM and _takes_gzip(asked):
            payload = gzip.compress(payload, 1, mtime=0)
            headers["content-encoding"] = "gzip"
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    sent.append((b"date", clock.http_date(clock.now())))
    sent.append((b"box-request-id", secrets.token_hex(8).encode()))
    if reply.status not in (204, 304):
        sent.append((b"content-length", b"%d" % len(payload)))
    await send({"type": "http.response.start", "status": reply.status, "headers": sent})
    await send({"type": "http.response.body", "body": payload})


async def _hang_up(send: Send) -> None:
    """Close the connection without an answer, for which ASGI has no message: uvicorn's transport can."""
    send.__self__.transport.close()  # type: ignore[attr-defined]
    await asyncio.sleep(0)  # lets the server learn of it, or it would miss the answer
