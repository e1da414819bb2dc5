"""The metadata templates of an account, as a client has listed them; all connections with equal properties share them.

Source: https://developer.box.com/reference/get-metadata-templates-enterprise/
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.calls import ApiCall
from box_dialect.api.paging import Paging, first, following
from box_dialect.api.path import ApiPath
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

_SCOPES: Final = ("enterprise", "global")
_PAGE: Final = 1_000
_MOST_PAGES: Final = 10
"""Pages of a scope's listing that are read: an enterprise has 500 templates at most."""


class Templates:
    """The templates of the enterprise and of the global scope, and when they were listed; none before that.

    Belongs to the event loop; other threads may read it.
    """

    def __init__(self) -> None:
        self.listed: Sequence[dict[str, Any]] = ()
        self._began = float("-inf")
        self._lock = asyncio.Lock()

    def expire(self) -> None:
        """Have them listed anew when they are asked for next, however short a time ago that was."""
        self._began = float("-inf")

    async def replace(self, template: dict[str, Any]) -> None:
        """Take note of a template as it is now, a new one or one that was changed."""
        async with self._lock:
            known = {each["id"]: each for each in self.listed}
            self.listed = tuple({**known, template["id"]: template}.values())

    async def remove(self, template: dict[str, Any]) -> None:
        """Take note that a template is gone."""
        async with self._lock:
            self.listed = tuple(each for each in self.listed if each["id"] != template["id"])

    def are_known_since(self, moment: float) -> bool:
        """Tell whether they were listed at a moment of the monotonic clock or later."""
        return self._began >= moment

    async def list_anew(
        self, send: Callable[[ApiCall], Coroutine[Any, Any, Any]], moment: float
    ) -> Sequence[dict[str, Any]]:
        """List the templates, unless that was done since a moment, and return them; `send` makes a call.

        Those who wait for a listing meanwhile share the next one.
        """
        async with self._lock:
            if not self.are_known_since(moment):
                began = time.monotonic()
                scopes = await asyncio.gather(*(_of_scope(scope, send) for scope in _SCOPES))
                self.listed, self._began = tuple(each for found in scopes for each in found), began
        return self.listed


async def _of_scope(scope: str, send: Callable[[ApiCall], Coroutine[Any, Any, Any]]) -> list[dict[str, Any]]:
    return [template async for page in _pages(scope, send) for template in page]


async def _pages(
    scope: str, send: Callable[[ApiCall], Coroutine[Any, Any, Any]]
) -> AsyncIterator[list[dict[str, Any]]]:
    position = first(Paging.MARKER, _PAGE)
    for _ in range(_MOST_PAGES):
        call = ApiCall("GET", ApiPath("/metadata_templates/{scope}", scope=scope), position.parameters)
        body = await send(call)
        entries = body.get("entries") if isinstance(body, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise DataError(f"{call.operation}: Box's answer is not as its reference says: no list of objects")
        yield entries
        further = following(Paging.MARKER, position, body, limit=_PAGE)
        if further is None:
            return
        position = further
