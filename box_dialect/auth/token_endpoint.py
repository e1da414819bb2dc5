"""Ask Box's token endpoint, over a session of Authlib, and say what its refusals mean.

Source: https://developer.box.com/reference/post-oauth2-token/
"""

from __future__ import annotations

import asyncio
import functools
import math
import os
import time
import warnings
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct

from box_dialect._http import httpx
from box_dialect._http.answers import ACCEPT_ENCODING, AnswerTooLargeError, bound
from box_dialect._http.failures import reason
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import Diagnostics, OperationalError, SignInError, printable
from box_dialect.properties.proxies import proxy_of
from box_dialect.properties.sign_in import require_client

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from box_dialect.properties import Properties

T = TypeVar("T")

DEAD_GRANT: Final = "invalid_grant"
"""The error code of what was granted and is no more: a code or refresh token that was used, or has expired."""

_MOST_SAID: Final = 500
"""Characters of a sentence of Box's that a message shows."""

_ODD: Final = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What comes of reading an answer of another form: infinite numbers, JSON without end."""

_ADVICE: Final = {
    "invalid_client": "check OAuthClientId and OAuthClientSecret",
    "unauthorized_client": "an administrator has to authorize the application in Box's admin console",
}


_MOST_BYTES: Final = 1 << 20
"""Bytes of an answer: Box's tokens have some thousands at most."""

_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The environment variables that name whom TLS trusts."""


class _Endpoint(Struct, frozen=True):
    name: str
    url: str
    url_property: str
    operation: str


async def fetch(
    properties: Properties,
    grant_type: str,
    form: Mapping[str, str | None],
    *,
    advice: Mapping[str, str],
    clock: Callable[[], float] = time.time,
    answered: Callable[[httpx.Response], None] | None = None,
) -> TokenSet:
    """Ask for a new token set by a grant; fields of the form that are None are not sent.

    `advice` says what to do, by Box's error code; `answered` is shown each answer before it is read. Raises
    SignInError: retryable where Box or the network may answer later, final where the grant is refused.
    """
    endpoint = _Endpoint("token", properties.token_url, "TokenURL", "POST /oauth2/token")

    async def ask(oauth: Any) -> TokenSet:
        def passing(response: httpx.Response) -> httpx.Response:
            if answered is not None:
                answered(response)
            return _passing(response)

        oauth.register_compliance_hook("access_token_response", passing)
        began = clock()
        answer = await oauth.fetch_token(endpoint.url, grant_type=grant_type, **form)
        refresh_token = answer.get("refresh_token")
        return TokenSet(
            access_token=_token(answer["access_token"]),
            expires_at=began + _lifetime(answer["expires_in"]),
            refresh_token=None if refresh_token is None else _token(refresh_token),
            issued_at=began,
        )

    return await _asked(properties, endpoint, advice, ask)


async def revoke(properties: Properties, token: str) -> None:
    """Make an access or refresh token useless, and the one that was issued with it; an unknown one is no error.

    Raises SignInError where the client is refused or Box cannot be reached.
    Source: https://developer.box.com/reference/post-oauth2-revoke/
    """
    endpoint = _Endpoint("revocation", properties.revoke_url, "RevokeURL", "POST /oauth2/revoke")

    async def ask(oauth: Any) -> None:
        answer = _passing(await oauth.revoke_token(endpoint.url, token=token))
        if not answer.is_success:
            oauth.parse_response_token(answer)
            answer.raise_for_status()

    await _asked(properties, endpoint, {}, ask)


async def _asked(
    properties: Properties, endpoint: _Endpoint, advice: Mapping[str, str], ask: Callable[[Any], Awaitable[T]]
) -> T:
    """Return what `ask` gets out of an Authlib session; raises SignInError.

    What goes wrong is raised outside the handlers: what Authlib and httpx raise refers to the request and its secrets.
    """
    require_client(properties)
    oauth_error, session = _authlib()
    proxy = _proxy(endpoint)
    try:
        async with (
            asyncio.timeout(properties.request_timeout),
            session(
                client_id=properties.client_id,
                client_secret=properties.client_secret,
                # Box takes client credentials in the form body only; HTTP Basic answers invalid_client.
                token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method, no secret
                revocation_endpoint_auth_method="client_secret_post",
                timeout=properties.request_timeout,
                proxy=proxy,
                trust_env=False,
                verify=_tls(*map(os.environ.get, _CERTIFICATES)),
                headers={"Accept-Encoding": ACCEPT_ENCODING},
                event_hooks={"response": [_bound]},
            ) as oauth,
        ):
            return await ask(oauth)
    except oauth_error as error:
        problem = _refused(endpoint, str(error.error), error.description, advice)
    except httpx.HTTPStatusError as error:
        problem = _failed(endpoint, error.response.status_code)
    except TimeoutError:
        problem = _unreachable(endpoint, f"no answer within RequestTimeout={properties.request_timeout} seconds")
    except httpx.TransportError as error:
        problem = _unreachable(endpoint, reason(error))
    except (AnswerTooLargeError, httpx.DecodingError, httpx.InvalidURL, *_ODD):
        problem = SignInError(
            f"{endpoint.url} did not answer as Box's {endpoint.name} endpoint does; "
            f"check the property {endpoint.url_property}"
        )
    raise problem


def _proxy(endpoint: _Endpoint) -> str | None:
    """Return the proxy before an endpoint; raises SignInError for one that cannot be used."""
    try:
        return proxy_of(endpoint.url)
    except OperationalError as error:
        raise SignInError(str(error), Diagnostics(operation=endpoint.operation)) from None


def _unreachable(endpoint: _Endpoint, why: str) -> SignInError:
    return SignInError(
        f"cannot reach Box's {endpoint.name} endpoint {endpoint.url} ({why}); "
        f"check the network and the property {endpoint.url_property}",
        Diagnostics(operation=endpoint.operation, retryable=True),
    )


def _refused(endpoint: _Endpoint, code: str, description: Any, advice: Mapping[str, str]) -> SignInError:
    todo = advice.get(code) or _ADVICE.get(code, "check the application in Box's developer console")
    code, said = printable(code), printable(description or "no reason given", _MOST_SAID).rstrip(".")
    return SignInError(
        f"Box refused the sign-in: {said} ({code}); {todo}",
        Diagnostics(status=400, code=code, operation=endpoint.operation),
    )


def _failed(endpoint: _Endpoint, status: int) -> SignInError:
    may_pass = _may_pass(status)
    advice = "try again later" if may_pass else f"check the property {endpoint.url_property}"
    return SignInError(
        f"{endpoint.url} answered HTTP {status} as Box's {endpoint.name} endpoint; {advice}",
        # A status that Box does not answer here would be taken for one of the call: 404 for a missing item.
        Diagnostics(status=status if may_pass else None, operation=endpoint.operation, retryable=may_pass),
    )


def _may_pass(status: int) -> bool:
    return status == 429 or status >= 500


async def _bound(response: httpx.Response) -> None:
    bound(response, _MOST_BYTES)


def _passing(response: httpx.Response) -> httpx.Response:
    """Raise for an answer that says nothing of the credentials: one that is no success has to name an error.

    Authlib would take a token out of any answer.
    """
    is_refusal = not _may_pass(response.status_code) and _names_error(response)
    return response if response.is_success or is_refusal else response.raise_for_status()


def _names_error(response: httpx.Response) -> bool:
    try:
        body = response.json()
    except _ODD:
        return False
    return isinstance(body, dict) and "error" in body


def _token(value: Any) -> str:
    """Return a token that fits into a header; raises ValueError."""
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise ValueError("no token")
    return value


def _lifetime(value: Any) -> float:
    """Return seconds to live; raises ValueError, TypeError and OverflowError."""
    seconds = float(value)
    if not str(value).isascii():
        raise ValueError("no digits of JSON")
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError("no lifetime")
    return seconds


@functools.lru_cache(maxsize=8)
def _tls(*_certificates: str | None) -> ssl.SSLContext:
    """Return what TLS trusts by the environment, made once, since that takes longer than a call."""
    return httpx.create_ssl_context()


def _authlib() -> tuple[Any, Any]:
    """Import Authlib when a token is first needed: it costs a third of a second, and a given token needs none of it."""
    import authlib.deprecate  # noqa: F401 - sets a filter that would show the warning below

    with warnings.catch_warnings():
        # Authlib warns on every import that httpx is not httpx2; which one is installed is the user's choice.
        warnings.simplefilter("ignore")
        from authlib.integrations.base_client import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client
    return OAuthError, AsyncOAuth2Client
