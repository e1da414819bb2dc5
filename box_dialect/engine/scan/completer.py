"""Completer: finds the columns that a listing's objects lack, by further calls."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.api import ApiCall, ApiPath, EndOfPreviewError, says_absent
from box_dialect.api.template import filled_headers
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from box_dialect.catalog.model import Completion, JsonObject
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.listing import Listing


class Completer:
    """Completes the objects of a scan; `send` makes a call."""

    def __init__(self, send: Callable[[ApiCall], Coroutine[Any, Any, Any]], context: ScanContext) -> None:
        self._send, self._context = send, context

    async def completed(self, lacking: Completion, entries: Iterable[JsonObject], listing: Listing) -> list[JsonObject]:
        """Return the objects of a listing with what they lack, without those that a preview makes no call for.

        The first failure cancels the other calls.
        """
        tasks = [asyncio.create_task(self._one(lacking, entry, listing)) for entry in entries]
        try:
            return [entry for entry in await asyncio.gather(*tasks) if entry is not None]
        finally:
            for task in tasks:
                task.cancel()

    async def _one(self, lacking: Completion, entry: JsonObject, listing: Listing) -> JsonObject | None:
        try:
            await lacking.add(entry, partial(self._fetch, lacking, listing))
        except EndOfPreviewError:
            return None
        return entry

    async def _fetch(
        self, completion: Completion, listing: Listing, identity: str, **further: str
    ) -> JsonObject | None:
        parameters = {"fields": self._context.fields.of(completion.path)} if completion.takes_fields else {}
        template = listing.endpoint.headers if completion.headers is None else completion.headers
        headers, host = filled_headers(template, listing.keys), listing.endpoint.host
        try:
            path = ApiPath(completion.path, id=identity, **further)
            call = ApiCall("GET", path, parameters, headers=headers, host=host)
            found: JsonObject | None = await self._context.answers.send(call, self._send)
        except DatabaseError as error:
            if says_absent(error):
                return None
            raise
        return found
