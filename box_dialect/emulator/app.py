"""Answer HTTP requests: an ASGI application that leads each one to the API, the sign-in, downloads or the controls."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from . import clock, errors
from .control import DOWNLOAD, Control
from .errors import BoxError
from .oauth import OAuthError, answer_authorization
from .representations import reader
from .routes import download, operations, unserved
from .routing import API_VERSION, Call, Operation, Reply, Router

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from .control import Fault
    from .model import User
    from .oauth import Authority
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


class Allowance:
    """A number of calls per minute and user: that many at once, and then one by one as the minute passes.

    `clock` tells the seconds.
    """

    def __init__(self, calls_per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._clock = float(calls_per_minute), clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, user: User) -> float:
        """Take a call from the user's allowance and return 0, or return after how many seconds there is one."""
        now = self._clock()
        left, since = self._left.get(user.id, (self._capacity, now))
        left = min(self._capacity, left + (now - since) * self._capacity / 60)
        taken = left >= 1
        self._left[user.id] = (left - taken, now)
        return 0.0 if taken else (1 - left) * 60 / self._capacity


class App:
    """The ASGI application of one emulator."""

    def __init__(
        self,
        store: Store,
        authority: Authority,
        base_url: str,
        latency_ms: float,
        rate_limit: int | None,
        clock_offset: float,
    ) -> None:
        self.store, self.authority, self.base_url = store, authority, base_url
        self.control = Control(authority, clock_offset, store.index)
        self._latency = latency_ms / 1000
        self._allowance = None if rate_limit is None else Allowance(rate_limit)
        self._router = Router([*operations(), *unserved()])

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read(receive)
        method, path = scope["method"], scope["path"]
        clock.offset.set(self.control.clock_offset)  # each request runs in a context of its own
        root, _, endpoint = path.rpartition("/")
        if path.startswith("/_emulator/"):
            reply: Reply | None = self.control.answer(method, path.removeprefix("/_emulator"), body)
        elif root in _OAUTH_ROOTS:
            reply = await self._sign_in(method, endpoint, scope, body)
        elif path.startswith("/dl/"):
            reply = await self._download(path, dict(scope["headers"]))
        else:
            reply = await self._api(method, path, scope, body)
        await (_hang_up(send) if reply is None else _write(send, reply))

    async def _api(self, method: str, path: str, scope: Message, body: bytes) -> Reply | None:
        root = next((root for root in _API_ROOTS if path.startswith(f"{root}/")), None)
        found, values = (None, []) if root is None else self._router.find(method, path[len(root) :])
        name = f"{method} {path}" if found is None else found.name
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
        call = Call(self.store, self.base_url, values, scope["query_string"], dict(scope["headers"]), body)
        call.user = self._caller(call, found)
        reader.set(call.user)
        wait = 0.0 if self._allowance is None else self._allowance.wait(call.user)
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
        self.store.expire()
        answer = found.handler(call)
        return answer if isinstance(answer, Reply) else Reply(200, answer)

    def _caller(self, call: Call, found: Operation) -> User:
        scheme, _, token = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" and found.name == "get_files_id_content":
            token = call.query.get("access_token", "")
        elif scheme.lower() != "bearer":
            token = ""
        user = self.authority.user_of(token)
        if user is None:
            raise errors.unauthorized()
        other = call.header("as-user")
        if other is None:
            return user
        # A service account is no managed user, and nobody acts as one; nor as somebody of another enterprise.
        subject = self.store.users.get(other) if user.administers else None
        if subject is None or subject.enterprise is None:
            raise errors.forbidden()
        return subject

    async def _download(self, path: str, headers: dict[bytes, bytes]) -> Reply | None:
        await asyncio.sleep(self._latency)
        fault = self.control.fault_for(DOWNLOAD, wildcard=False)
        return _guarded(download, self.store, path, headers) if fault is None else await _failed(fault)

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
            reply = Reply(400, error.body)
        reply.headers = {"cache-control": "no-store", **reply.headers}
        return reply if fault is None else await _failed(fault)

    def _sign(self, endpoint: str, scope: Message, form: dict[str, str]) -> Reply:
        if endpoint == "authorize":
            consent = form if scope["method"] == "POST" else None
            return answer_authorization(self.authority, _form(scope["query_string"]), consent, dict(scope["headers"]))
        if endpoint == "token":
            answer = self.authority.grant(form)
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


async def _write(send: Send, reply: Reply) -> None:
    body, headers = reply.body, reply.headers
    if body is None:
        payload = b""
    elif isinstance(body, bytes):
        payload = body
    else:
        payload = msgspec.json.encode(body)
        headers = {"content-type": "application/json", **headers}
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
