"""Zip downloads: several files and folders as one archive, which Box makes while it is read.

Source: https://developer.box.com/guides/downloads/folder/
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, cast

from box_dialect.api.addresses import signed, trusted
from box_dialect.api.calls import ApiCall
from box_dialect.api.path import ApiPath
from box_dialect.errors import Diagnostics, OperationalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from box_dialect._http import httpx
    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient

    Take = Callable[[bytes], Awaitable[None]]

_CREATE: Final = "POST /zip_downloads"
_CONTENT: Final = "/zip_downloads/{zip_download_id}/content"
_STATUS: Final = "/zip_downloads/{zip_download_id}/status"
"""Where an archive is, as errors and logs name the calls."""


async def download_zip(
    client: BoxClient, count: CallCount, items: Sequence[Mapping[str, Any]], name: str | None, take: Take
) -> dict[str, Any]:
    """Download items, each with its `type` and `id`, as one archive; return Box's status of it.

    `name` is what Box calls it, `take` gets its bytes in their order. The status also has the `name_conflicts` of items
    that are called otherwise in the archive. The address of an archive is good for one use, so what breaks off is not
    gone on with. Raises OperationalError where it breaks off, or Box says that it failed.
    """
    named = {} if name is None else {"download_file_name": name}
    created = await client.send(
        ApiCall("POST", ApiPath("/zip_downloads"), body={"items": items, **named}, reads=True), count
    )
    created = created if isinstance(created, dict) else {}
    content = signed(client, created.get("download_url"), shown=_CONTENT, said_by=_CREATE)
    status_at = trusted(client, created.get("status_url"), shown=_STATUS, said_by=_CREATE)
    call = ApiCall("GET", content, is_download=True, receiver=_Archive(take), most_bytes=sys.maxsize)
    await client.send(call, count)
    status = await client.send(ApiCall("GET", status_at), count)
    if status.get("state") == "failed":
        raise OperationalError(
            f"GET {_CONTENT}: Box says that the archive failed; download it anew, or fewer items at a time",
            Diagnostics(operation=f"GET {_CONTENT}", retryable=True),
        )
    return {"name_conflicts": created.get("name_conflicts"), **status}


class _Archive:
    """What takes an archive as it comes, once."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self.headers: Mapping[str, str] = {"Accept-Encoding": "identity"}

    async def receive(self, response: httpx.Response, paused: Callable[[], AbstractContextManager[None]]) -> None:
        """Take its bytes."""
        async for piece in cast("httpx.AsyncByteStream", response.stream):
            with paused():
                await self._take(piece)
