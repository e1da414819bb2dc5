"""Get the content of a file from where Box's API redirects to.

That address is signed and good for some minutes, so it needs no token and is shown nowhere.
Source: https://developer.box.com/guides/downloads/file/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from box_dialect._http import httpx
from box_dialect.api import errors
from box_dialect.api.connections import exchanged
from box_dialect.api.retry import FailedAttemptError, Failure
from box_dialect.errors import Diagnostics, OperationalError

if TYPE_CHECKING:
    from typing import Any

    from box_dialect.api.calls import ApiCall
    from box_dialect.api.connections import Connections

_MOST_REDIRECTS: Final = 5
_HEADERS: Final = {"User-Agent": "box-dialect", "Accept-Encoding": "gzip, deflate"}


def is_redirect(response: httpx.Response) -> bool:
    """Tell whether an answer says that the content is elsewhere."""
    return response.status_code in {301, 302, 303, 307, 308} and "location" in response.headers


async def redirected(
    call: ApiCall, response: httpx.Response, url: str, connections: Connections, extensions: dict[str, Any]
) -> httpx.Response:
    """Follow the redirect of an answer from `url`, and return the one with the content.

    Raises FailedAttemptError where the content cannot be had, OperationalError where its address cannot be right.
    """
    for _ in range(_MOST_REDIRECTS):
        url = _address(call, url, response.headers["location"])
        response = await _got(call, url, connections, extensions)
        if not is_redirect(response):
            break
    status = response.status_code
    if status != 200:
        problem = errors.from_response(call.operation, status, response.headers, response.content)
        raise FailedAttemptError(Failure(status, retry_after=response.headers.get("retry-after")), problem)
    return response


def _address(call: ApiCall, url: str, location: str) -> str:
    address = urljoin(url, location)
    if urlsplit(address).scheme not in {"https", urlsplit(url).scheme}:
        raise OperationalError(
            f"{call.operation}: the content is said to be where it cannot be got by https, so something else than Box "
            "answered; check the property APIBaseURL and proxies",
            Diagnostics(operation=call.operation),
        )
    return address


async def _got(call: ApiCall, url: str, connections: Connections, extensions: dict[str, Any]) -> httpx.Response:
    try:
        request = httpx.Request("GET", url, headers=_HEADERS, extensions=extensions)
        async with connections.lent(url) as http:
            return await exchanged(http, request)
    except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL, UnicodeError) as error:
        problem = OperationalError(
            f"{call.operation}: the content cannot be got from {urlsplit(url).hostname} ({type(error).__name__}); "
            "check that the network lets that host be reached",
            Diagnostics(operation=call.operation, retryable=True),
        )
        raise FailedAttemptError(Failure(None), problem) from None
