"""Download the values that rows do not hold, where SQLite reads them, and those of the rows that come next ahead.

Nothing is got ahead for the first row, one value more with each row whose turn was foreseen, twice as many each time;
and fewer again where rows were passed over, or where the LIMIT of the statement will be reached.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from box_dialect.api import ApiCall, ApiPath, says_absent
from box_dialect.engine.guard import MOST_BYTES_OF_VALUE
from box_dialect.engine.window import Window
from box_dialect.errors import DatabaseError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from box_dialect.catalog.model import Remote
    from box_dialect.engine.lookahead import Level, Stand
    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session
    from box_dialect.engine.statement import Statement

Get: TypeAlias = "Callable[[ApiPath], Coroutine[None, None, bytes | None]]"
"""Download the value at a path of the API."""

MOST_BYTES_AHEAD: Final = 32 * 1024 * 1024
"""Bytes that a statement gets ahead at most; a value that is larger is got when SQLite reads it."""

MOST_BYTES_KEPT: Final = 32 * 1024 * 1024
"""Bytes that a statement keeps at most of values that it has read, for where it reads them again.

The last one is kept whatever its size until it reads another, since a row may show and compare its value.
"""

_BYTES_BESIDE: Final = 256
"""Bytes that a value which is kept takes beside its own, at a guess; most files may be empty."""


class Downloads:
    """The values that a statement downloads, each once as far as there is room to keep them.

    Its coroutines run on the event loop.
    """

    def __init__(self) -> None:
        self._ahead: dict[ApiPath, tuple[asyncio.Future[bytes | None], int]] = {}
        self._kept: OrderedDict[ApiPath, bytes | None] = OrderedDict()
        self._bytes_ahead = self._bytes_kept = 0

    async def read(self, remote: Remote, coming: Sequence[Remote], passed: Sequence[Remote], get: Get) -> bytes | None:
        """Return a value, None for that of a file which is gone; begin those that come, and cancel those passed by."""
        for each in passed:
            if (unneeded := self._taken(each.path)) is not None:
                unneeded.cancel()
        if remote.path in self._kept:
            self._begin(coming, get)
            self._kept.move_to_end(remote.path)
            return self._kept[remote.path]
        self._make_room(least=0)
        task = self._taken(remote.path) or asyncio.ensure_future(get(remote.path))
        self._begin(coming, get)
        try:
            value = await task
        except asyncio.CancelledError:  # its statement has come to its end, perhaps before this was begun
            await self.aclose()
            raise
        finally:
            del task  # it refers to the exception, whose traceback refers to this frame
        self._kept[remote.path] = value
        self._bytes_kept += _weight(value)
        self._make_room(least=1)
        return value

    @property
    def is_in_use(self) -> bool:
        """Whether values are got ahead."""
        return bool(self._ahead)

    async def aclose(self) -> None:
        """Cancel what is in flight."""
        tasks = [task for task, _ in self._ahead.values()]
        self._ahead.clear()
        self._bytes_ahead = 0
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, coming: Sequence[Remote], get: Get) -> None:
        for path, size in coming:
            if path in self._ahead or path in self._kept:
                continue
            if size is None or self._bytes_ahead + size > MOST_BYTES_AHEAD:
                return
            task = asyncio.ensure_future(get(path))
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # it is raised to who reads it
            self._ahead[path] = task, size
            self._bytes_ahead += size

    def _taken(self, path: ApiPath) -> asyncio.Future[bytes | None] | None:
        """Return a value that was begun ahead, and make room for another."""
        task, size = self._ahead.pop(path, (None, 0))
        self._bytes_ahead -= size
        return task

    def _make_room(self, least: int) -> None:
        """Let go of the values that were read least lately, as far as they are too many; keep so many at least."""
        while self._bytes_kept > MOST_BYTES_KEPT and len(self._kept) > least:
            _, unneeded = self._kept.popitem(last=False)
            self._bytes_kept -= _weight(unneeded)


def _weight(value: bytes | None) -> int:
    return len(value or b"") + _BYTES_BESIDE


class Reader:
    """Read the values of one table in a statement, row after row. Used by the thread of the statement."""

    def __init__(self, statement: Statement, session: Session) -> None:
        self._statement, self._session = statement, session
        self._count = statement.shared.count
        self._window = Window(session.properties.max_concurrency, statement.shared)
        self._last: Remote | None = None
        self._expected: list[Remote] = []

    def read(self, remote: Remote, stand: Stand, level: Level, place: int) -> bytes | None:
        """Return the value of the row that a cursor has come to; raises DataError where it is too large for SQLite."""
        if remote.size is not None and remote.size > MOST_BYTES_OF_VALUE:
            raise DataError(
                f"GET {remote.path}: the content has {remote.size:,} bytes, and a value in SQL at most "
                f"{MOST_BYTES_OF_VALUE:,}; leave such files out by a comparison of their size"
            )
        passed = self._advance(remote)
        with self._statement.lock:
            following = (cast("Remote", row[place]) for row in _following(stand) if level.keeps(row))
            # What was begun stays in sight where fewer are to be begun now, so that it is cancelled when passed over.
            self._expected = list(islice(following, max(1, self._window.size, len(self._expected))))
        coming = self._expected[: self._window.size]
        return self._session.run(self._statement.downloads.read, remote, coming, passed, self._get)

    def _advance(self, remote: Remote) -> list[Remote]:
        """Learn from a value that is asked for how far to look ahead; return those that were passed over."""
        if remote == self._last:
            return []
        self._last = remote
        passed, self._expected = self._expected, []
        was_foreseen = remote in passed if passed else None
        if was_foreseen:
            place = passed.index(remote)
            passed, self._expected = passed[:place], passed[place + 1 :]
        self._window.learn(was_foreseen=was_foreseen, skipped=len(passed))
        return passed

    async def _get(self, path: ApiPath) -> bytes | None:
        call = ApiCall("GET", path, is_download=True, most_bytes=MOST_BYTES_OF_VALUE)
        try:
            content: bytes = await self._session.client.send(call, self._count)
        except DatabaseError as error:
            if says_absent(error):  # its row was read before
                return None
            raise
        return content


def _following(stand: Stand) -> Iterator[Row]:
    """Give the rows that come after the one that a cursor stands on, as far as they are there."""
    reading, page, place = stand.reading, stand.page, stand.place
    while True:
        yield from page.rows[place:]
        place = 0
        if page.following is not None:
            page = page.following
        elif reading.is_finished and (follower := reading.follower) is not None and follower.first is not None:
            reading, page = follower, follower.first
        else:
            return
