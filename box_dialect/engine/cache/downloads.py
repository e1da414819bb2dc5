"""Download cache: the values that rows do not hold, each downloaded once in a statement, where SQLite reads it."""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeAlias

from box_dialect.api import AS_USER_HEADER, ApiCall, EndOfPreviewError, says_absent
from box_dialect.api.representations import RepresentationError, content_of
from box_dialect.engine.caller_warnings import warning_of_text
from box_dialect.engine.sql.authorizer import MOST_BYTES_OF_VALUE
from box_dialect.errors import DatabaseError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from box_dialect.api import ApiPath, CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.catalog.model import Remote
    from box_dialect.engine.scan.context import ScanContext

Value: TypeAlias = bytes | str | None
"""What is downloaded: bytes, or a text; None where there is nothing."""

Get: TypeAlias = "Callable[[Remote], Coroutine[None, None, Value]]"
"""Download a value."""

Key: TypeAlias = "tuple[ApiPath, str | None, str | None]"
"""What tells values apart: the path of the API, as whom it is read, and what of it."""

MOST_BYTES_AHEAD: Final = 32 * 1024 * 1024
"""Bytes that a statement gets ahead at most; a value that is larger is got when SQLite reads it."""

MOST_BYTES_KEPT: Final = 32 * 1024 * 1024
"""Bytes that a statement keeps at most of values that it has read, for where it reads them again.

The last one is kept whatever its size until it reads another, since a row may show and compare its value.
"""

_MOST_LET_GO: Final = 10_000
"""Values that a statement has read and kept no longer which it knows of; it gets none of those ahead once more."""

_BYTES_BESIDE: Final = 256
"""Bytes that a value which is kept takes beside its own, at a guess; most files may be empty."""

BYTES_OF_TEXT: Final = 256 * 1024
"""Bytes that a text is thought to have until it is there, since Box does not tell."""


class Downloads:
    """The values that a statement downloads, each once as far as there is room to keep them.

    Its coroutines run on the event loop.
    """

    def __init__(self) -> None:
        self._ahead: dict[Key, asyncio.Future[Value]] = {}
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._let_go: OrderedDict[Key, None] = OrderedDict()
        self._bytes_kept = 0

    def known(self, remote: Remote) -> tuple[bool, Value]:
        """Return whether a value was read, and what it is, None for that of a file which is gone; on any thread."""
        return remote.key in self._kept, self._kept.get(remote.key)

    def is_let_go(self, remote: Remote) -> bool:
        """Tell whether a value was read and is kept no longer; on any thread."""
        return remote.key in self._let_go

    def is_begun(self, remote: Remote) -> bool:
        """Tell whether a value was read, or its download was begun."""
        return remote.key in self._kept or remote.key in self._ahead

    def is_ready(self, remote: Remote) -> bool:
        """Tell whether a value is there, or its download has failed; on any thread."""
        task = self._ahead.get(remote.key)
        return remote.key in self._kept or (task is not None and task.done())

    def taken(self, remote: Remote) -> tuple[bool, Value]:
        """Return whether a value is there, and what it is, which is read by that; on the statement's thread."""
        if remote.key in self._kept:
            self._kept.move_to_end(remote.key)
            return True, self._kept[remote.key]
        task = self._ahead.get(remote.key)
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return False, None
        return True, self._keep(remote, task.result())

    async def read(self, remote: Remote, get: Get) -> Value:
        """Return a value, None for that of a file which is gone; it is waited for where it is not there."""
        is_there, value = self.taken(remote)
        if is_there:
            return value
        self._make_room(least=0)
        task = self._begun(remote, get)
        try:
            return self._keep(remote, await task)
        finally:
            self._ahead.pop(remote.key, None)
            del task  # it refers to the exception, whose traceback refers to this frame

    async def get_ahead(self, remote: Remote, get: Get) -> None:
        """Download a value that nobody reads yet; what fails is raised to who does."""
        if not self.is_begun(remote):
            task = self._begun(remote, get)
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # it is known now

    def bytes_ahead(self, remote: Remote) -> int:
        """Return how many bytes are held of a value that nobody has read yet."""
        task = self._ahead.get(remote.key)
        is_there = task is not None and task.done() and not task.cancelled() and task.exception() is None
        return _weight(task.result()) if task is not None and is_there else 0

    @property
    def is_in_use(self) -> bool:
        """Whether values are got ahead."""
        return bool(self._ahead)

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        tasks = [*self._ahead.values()]
        self._ahead.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _keep(self, remote: Remote, value: Value) -> Value:
        """Keep a value, and return it; the event loop finds it in one of both places meanwhile."""
        self._kept[remote.key] = value
        self._ahead.pop(remote.key, None)
        self._bytes_kept += _weight(value)
        self._make_room(least=1)
        return value

    def _begun(self, remote: Remote, get: Get) -> asyncio.Future[Value]:
        if remote.key not in self._ahead:
            self._ahead[remote.key] = asyncio.ensure_future(get(remote))
        return self._ahead[remote.key]

    def _make_room(self, least: int) -> None:
        """Let go of the values that were read least lately, as far as they are too many; keep so many at least."""
        while self._bytes_kept > MOST_BYTES_KEPT and len(self._kept) > least:
            key, unneeded = self._kept.popitem(last=False)
            self._bytes_kept -= _weight(unneeded)
            self._let_go[key] = None
            if len(self._let_go) > _MOST_LET_GO:
                self._let_go.popitem(last=False)


def _weight(value: Value) -> int:
    return sys.getsizeof(value) + _BYTES_BESIDE


def bytes_foreseen(remote: Remote) -> int | None:
    """Return how many bytes a value is going to have, None where nothing tells that."""
    return remote.size if remote.hint is None else BYTES_OF_TEXT


def check_size(remote: Remote) -> None:
    """Raise DataError where a value is too large for SQLite."""
    if remote.size is not None and remote.size > MOST_BYTES_OF_VALUE:
        raise DataError(
            f"GET {remote.path}: the content has {remote.size:,} bytes, and a value in SQL at most "
            f"{MOST_BYTES_OF_VALUE:,}; leave such files out by a comparison of their size"
        )


def getter(client: BoxClient, context: ScanContext) -> Get:
    """Return what downloads a value for a statement; a text that Box fails to make is None, with a warning."""

    async def get(remote: Remote) -> Value:
        try:
            return await (_content if remote.hint is None else _text)(client, context.count, remote)
        except EndOfPreviewError:
            return None
        except RepresentationError as error:
            if not context.lacks_texts:
                context.lacks_texts = True
                context.warnings.append(warning_of_text(error))
            return None
        except DatabaseError as error:
            if says_absent(error):  # its row was read before
                return None
            raise

    return get


async def _content(client: BoxClient, count: CallCount, remote: Remote) -> Value:
    headers = {} if remote.as_user is None else {AS_USER_HEADER: remote.as_user}
    call = ApiCall("GET", remote.path, headers=headers, is_download=True, most_bytes=MOST_BYTES_OF_VALUE)
    content: bytes = await client.send(call, count)
    return content


async def _text(client: BoxClient, count: CallCount, remote: Remote) -> Value:
    """Return a text, which is in UTF-8; U+FFFD stands for what is not."""
    content = await content_of(
        client, count, remote.path, remote.hint or "", as_user=remote.as_user, most_bytes=MOST_BYTES_OF_VALUE
    )
    return None if content is None else content.decode(errors="replace")
