"""Get the content of a file from where Box's API redirects to.

That address is signed and good for some minutes, so it needs no token and is shown nowhere.
Source: https://developer.box.com/guides/downloads/file/
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from box_dialect._http import httpx
from box_dialect._http.answers import ACCEPT_ENCODING
from box_dialect.api import error_responses
from box_dialect.api.connections import CONTENT, exchanged
from box_dialect.api.retry import FailedAttemptError, Failure
from box_dialect.api.thread import THREAD
from box_dialect.errors import Diagnostics, OperationalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from box_dialect.api.calls import ApiCall
    from box_dialect.api.connections import Connections
    from box_dialect.errors import DatabaseError

_MOST_REDIRECTS: Final = 5
_HEADERS: Final = {"User-Agent": "box-dialect", "Accept-Encoding": ACCEPT_ENCODING}


_LOCATION: Final = re.compile(
    r"""(\(b'location', b)('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")""", re.IGNORECASE
)
"""The header as httpcore logs it."""


def _mask(record: logging.LogRecord) -> bool:
    """Take out of a record of httpcore's where our own thread is redirected to."""
    if threading.current_thread().name == THREAD:
        record.msg = _LOCATION.sub(r"\1'***'", str(record.msg))
    return True


for _name in ("httpcore.http11", "httpcore.http2", "httpcore2.http11", "httpcore2.http2"):
    logging.getLogger(_name).addFilter(_mask)


def is_redirect(response: httpx.Response) -> bool:
    """Tell whether an answer says that the content is elsewhere."""
    return response.status_code in {301, 302, 303, 307, 308} and "location" in response.headers


def received_headers(call: ApiCall) -> Mapping[str, str]:
    """Return what the receiver of a download asks for, wherever the content is."""
    return {} if call.receiver is None else call.receiver.headers


async def redirected(
    call: ApiCall, response: httpx.Response, url: str, connections: Connections, extensions: dict[str, Any]
) -> httpx.Response:
    """Follow the redirect of an answer from `url`, and return the one with the content.

    Raises FailedAttemptError where the content cannot be had. Whatever another host answers, only Box's API knows
    whether there is such a file, so it is asked anew.
    """
    for _ in range(_MOST_REDIRECTS):
        url = _address(call, url, response)
        response = await _got(call, url, connections, extensions)
        if not is_redirect(response):
            break
    if response.status_code not in (CONTENT if call.receiver is not None else {200}):
        failure = Failure(None, retry_after=response.headers.get("retry-after"))
        raise FailedAttemptError(failure, _refusal(call, url, response))
    return response


def _address(call: ApiCall, url: str, response: httpx.Response) -> str:
    address = _joined(url, response.headers["location"])
    if address is not None:
        return address
    problem = OperationalError(
        f"{call.operation}: the content is said to be where it cannot be got by https, so something else than Box "
        "answered; check the property APIBaseURL and proxies",
        Diagnostics(operation=call.operation),
    )
    raise FailedAttemptError(Failure(response.status_code), problem)


def _joined(url: str, location: str) -> str | None:
    """Return the address that a Location leads to from a URL, None where it is none of a host that may be asked."""
    try:
        address = urljoin(url, location)
        parts = urlsplit(address)
        is_good = bool(parts.hostname) and parts.port != 0  # which raises for a number that is none of a port
    except ValueError:
        return None
    return address if is_good and parts.scheme in {"https", urlsplit(url).scheme} else None


def _refusal(call: ApiCall, url: str, response: httpx.Response) -> DatabaseError:
    problem = error_responses.from_response(call.operation, response.status_code, response.headers, response.content)
    if problem.diag.retryable:
        return problem
    return OperationalError(
        f"{call.operation}: {urlsplit(url).hostname} answers HTTP {response.status_code} instead of the content; "
        "check that nothing on the way to that host refuses the download",
        Diagnostics(operation=call.operation, retryable=True),
    )


async def _got(call: ApiCall, url: str, connections: Connections, extensions: dict[str, Any]) -> httpx.Response:
    try:
        request = httpx.Request("GET", url, headers={**_HEADERS, **received_headers(call)}, extensions=extensions)
        async with connections.lent(url) as http:
            return await exchanged(http, request, call)
    except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, UnicodeError) as error:
        problem = OperationalError(
            f"{call.operation}: the content cannot be got from {urlsplit(url).hostname} ({type(error).__name__}); "
            "check that the network lets that host be reached",
            Diagnostics(operation=call.operation, retryable=True),
        )
        raise FailedAttemptError(Failure(None), problem) from None
