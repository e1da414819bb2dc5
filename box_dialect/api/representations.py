"""Representations of files, which Box makes of their contents: the text in it, a PDF, pictures of its pages.

Source: https://developer.box.com/guides/representations/
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.addresses import trusted
from box_dialect.api.calls import AS_USER_HEADER, ApiCall
from box_dialect.api.path import expanded
from box_dialect.api.retry import FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS, NOT_READY
from box_dialect.errors import Diagnostics, OperationalError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.api.path import ApiPath

_INFO: Final = "/internal_files/{file_id}/versions/{version_id}/representations/{representation}"
_CONTENT: Final = f"{_INFO}/content/{{asset_path}}"
"""Where representations are, as errors and logs name the calls."""

_READY: Final = frozenset({"success", "viewable"})
_HINTED: Final = re.compile(r"\[([^\[\]?]+)[^\[\]]*\]")


class RepresentationError(OperationalError):
    """Tell that Box cannot make a representation of a file; `diag.code` is Box's reason, where it gives one."""


async def content_of(
    client: BoxClient,
    count: CallCount,
    path: ApiPath,
    hint: str,
    *,
    most_bytes: int,
    as_user: str | None = None,
    asset_path: str = "",
) -> bytes | None:
    """Return the bytes of the representation that a hint asks for of a file, None where Box makes none of it.

    `path` is that of the file, `/files/{id}`; `hint` is as in the header X-Rep-Hints, `[extracted_text]`. Of several
    in it the first one that there is counts. `asset_path` is the part of a paged one, `1.png`. Where Box is still at
    it, it is asked again, after growing pauses, for the seconds of `Timeout`, without that of `RetrySeconds`. Raises a
    DatabaseError by Box's answer, RepresentationError where Box fails to make it, OperationalError where it takes
    longer.
    """
    entry = await ready(client, count, path, hint, as_user=as_user)
    if entry is None:
        return None
    call = content_call(client, entry, path, asset_path=asset_path, as_user=as_user, most_bytes=most_bytes)
    content: bytes = await client.send(call, count)
    return content


async def ready(
    client: BoxClient, count: CallCount, path: ApiPath, hint: str, *, as_user: str | None = None
) -> Mapping[str, Any] | None:
    """Return Box's object of a representation once it is made, None where Box makes none; raises as `content_of`."""
    headers = {"x-rep-hints": hint, **_as_user(as_user)}
    answer = await client.send(ApiCall("GET", path, {"fields": "representations"}, headers=headers), count)
    entry = _chosen(answer, hint)
    properties = client.properties
    waits, is_asked_for = pauses(properties.timeout or properties.retry_seconds), False
    while entry is not None and (state := _at(entry, "status", "state")) not in _READY:
        if state == "none" and is_asked_for:
            return None
        if state not in {"none", "pending"}:
            raise _failed(path, hint, entry)
        if is_asked_for:
            wait = next(waits, None)
            if wait is None:
                raise _not_ready(path, hint)
            await asyncio.sleep(wait)
        is_asked_for = True  # which also has Box make one that was never asked for
        info = trusted(client, _at(entry, "info", "url"), shown=_INFO, said_by=f"GET {path}")
        entry = await client.send(ApiCall("GET", info, headers=_as_user(as_user)), count)
    return entry


def pauses(most_seconds: float) -> Iterator[float]:
    """Give the seconds to wait before each further look at what is not ready, together so many."""
    wait, left = FIRST_DELAY_SECONDS, most_seconds
    while left > 0:
        yield min(wait, left)
        left -= wait
        wait = min(2 * wait, LONGEST_DELAY_SECONDS)


def content_call(
    client: BoxClient,
    entry: Mapping[str, Any],
    path: ApiPath,
    *,
    most_bytes: int,
    asset_path: str = "",
    as_user: str | None = None,
) -> ApiCall:
    """Return the call that downloads a representation; raises OperationalError where no token may be sent there."""
    url = expanded(str(_at(entry, "content", "url_template")), asset_path=asset_path)
    address = trusted(client, url, shown=_CONTENT, said_by=f"GET {path}")
    return ApiCall("GET", address, headers=_as_user(as_user), is_download=True, most_bytes=most_bytes)


def _chosen(answer: Any, hint: str) -> Mapping[str, Any] | None:
    """Return the first representation that a hint names; without an answer to it there is none."""
    entries = _at(answer, "representations", "entries") or []
    known = {_at(each, "representation"): each for each in reversed(entries) if isinstance(each, dict)}
    return next((known[name] for name in _HINTED.findall(hint) if name in known), None)


def _as_user(user: str | None) -> dict[str, str]:
    return {} if user is None else {AS_USER_HEADER: user}


def _at(entry: Any, *place: str) -> Any:
    for key in place:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def _failed(path: ApiPath, hint: str, entry: Mapping[str, Any]) -> RepresentationError:
    state, code = (printable(str(_at(entry, "status", each) or "")) for each in ("state", "code"))
    return RepresentationError(
        f"GET {path}: Box cannot make the representation {printable(hint)} ({code or state or 'no state'}); the "
        "file may be broken, or protected by a password; leave it out, or read its content",
        Diagnostics(code=code or None, operation=f"GET {path}"),
    )


def _not_ready(path: ApiPath, hint: str) -> OperationalError:
    return OperationalError(
        f"GET {path}: Box is still at the representation {printable(hint)}; try again later, or raise the property "
        "Timeout, or RetrySeconds where that is 0",
        Diagnostics(status=NOT_READY, operation=f"GET {path}", retryable=True),
    )
