"""Upload session: a large file that is sent in parts, several at once.

Source: https://developer.box.com/guides/uploads/chunked/
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.api.caller import called
from box_dialect.api.calls import ApiCall, CallCount, Host
from box_dialect.api.error_responses import says_absent
from box_dialect.api.paging import Paging, first, following
from box_dialect.api.path import ApiPath
from box_dialect.api.retry import NOT_READY
from box_dialect.api.source import BytesSource
from box_dialect.errors import DatabaseError, Diagnostics, IntegrityError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.api.paging import Position
    from box_dialect.api.progress import Progress
    from box_dialect.api.source import Buffer, Source
    from box_dialect.api.upload_target import UploadTarget

MOST_BYTES_OF_PART: Final = 256 << 20
"""Bytes of a part that Box may ask for; it asks for 8 MiB, and more of files of many gigabytes."""

_PARTS_OF_PAGE: Final = 1000
"""Parts that are listed by one call, the most that Box takes."""

_ENDED: Final = frozenset({404, 410})
"""The statuses of a session that was committed or aborted, or has expired."""


class _PartDigest(Struct, frozen=True):
    offset: int
    data: Buffer
    sha1: bytes


class OtherContentError(Exception):
    """A part of the source is not the one that has come before."""


async def upload_in_parts(target: UploadTarget, source: Source, progress: Progress) -> dict[str, Any]:
    """Upload a source, and return the file; the session is aborted where that fails or is cancelled.

    Where Box is still making the file when `RetrySeconds` end, it is left at that.

    Parts are read one after another. In memory are as many of all uploads of the client as calls may be in flight, and
    one more of each upload. The addresses in Box's answer are not followed: they are those of the base URL of uploads.
    """
    session = await begun(target, source.size)
    try:
        parts, whole = await Parts(session, source, progress).send()
        return await session.commit(parts, whole)
    except asyncio.CancelledError:
        target.client.afterwards(session.abort())  # nobody waits for what was cancelled
        raise
    except BaseException as error:
        if session.is_left_to_box and isinstance(error, DatabaseError):
            raise _late(error) from None
        await session.abort()
        if isinstance(error, DatabaseError) and (gone := ended(error)) is not None:
            raise gone from None
        raise


async def begun(target: UploadTarget, size: int) -> Session:
    """Have Box begin a session for a file of so many bytes."""
    name = {} if target.name is None else {"file_name": target.name}
    folder = {"folder_id": target.parent_id} if target.file_id is None else {}
    body = {**folder, "file_size": size, **name}
    call = ApiCall("POST", target.sessions_path, body=body, headers=target.headers, host=Host.UPLOAD, repeats=True)
    answer = await target.client.send(call, target.count)
    identity, part_size = (answer.get("id"), answer.get("part_size")) if isinstance(answer, dict) else (None, None)
    if not isinstance(identity, str) or not isinstance(part_size, int) or not 0 < part_size <= MOST_BYTES_OF_PART:
        raise _strange(call, "no session with a size of parts")
    return Session(target, identity, part_size, size)


class Session:
    """A session of a file of `size` bytes: its calls. Where it `is_left_to_box`, Box still makes the file."""

    def __init__(self, target: UploadTarget, identity: str, part_size: int, size: int) -> None:
        self._target, self.id, self.part_size, self.size = target, identity, part_size, size
        self._path = ApiPath("/files/upload_sessions/{id}", id=identity)
        self._parts_path = ApiPath("/files/upload_sessions/{id}/parts", id=identity)
        self._commit_path = ApiPath("/files/upload_sessions/{id}/commit", id=identity)
        self.slots = target.client.part_slots
        self.is_left_to_box = False

    @property
    def offsets(self) -> range:
        """Where the parts begin."""
        return range(0, self.size, self.part_size)

    def bytes_at(self, offset: int) -> int:
        """Return the bytes of the part that begins there: all are alike but the last one."""
        return min(self.part_size, self.size - offset)

    async def told(self) -> dict[str, Any] | None:
        """Return what Box tells of the session, None where it has ended."""
        call = self._call("GET", self._path)
        try:
            answer = await self._sent(call)
        except DatabaseError as error:
            if error.diag.status not in _ENDED:
                raise
            return None
        if not isinstance(answer, dict):
            raise _strange(call, "no session")
        return answer

    async def parts(self) -> dict[int, dict[str, Any]]:
        """Return what Box tells of the parts that have come, by their offsets."""
        found: dict[int, dict[str, Any]] = {}
        listed = 0
        position: Position | None = first(Paging.OFFSET, _PARTS_OF_PAGE)
        while position is not None:
            call = self._call("GET", self._parts_path, parameters=position.parameters)
            answer = await self._sent(call)
            entries = answer.get("entries") if isinstance(answer, dict) else None
            if not isinstance(entries, list):
                raise _strange(call, "no parts")
            for each in entries:
                offset = each.get("offset") if isinstance(each, dict) else None
                if not isinstance(offset, int) or offset not in self.offsets:
                    raise _strange(call, "no part of the session")
                found[offset] = each
            listed += len(entries)
            if listed > len(self.offsets):
                raise _strange(call, "more parts than the session has")
            position = following(Paging.OFFSET, position, answer, limit=_PARTS_OF_PAGE) if entries else None
        return found

    async def send(self, part: _PartDigest) -> dict[str, Any]:
        """Send a part, and return what Box tells of it.

        A part that came, but whose answer was lost, is found among those that Box has.
        """
        last = part.offset + len(part.data) - 1
        headers = {"digest": _digest(part.sha1), "content-range": f"bytes {part.offset}-{last}/{self.size}"}
        call = self._call("PUT", self._path, content=BytesSource(part.data), headers=headers)
        try:
            answer = await self._sent(call)
            sent = answer.get("part") if isinstance(answer, dict) else None
        except IntegrityError as error:
            sent = (await self.parts()).get(part.offset)
            if sent is None:
                raise error from None
        if not isinstance(sent, dict) or not _is_same(part, sent):
            raise OperationalError(f"{call.operation}: Box tells of another part than was sent; upload the file again")
        return sent

    async def commit(self, parts: list[dict[str, Any]], whole: bytes) -> dict[str, Any]:
        """Have Box make the file of its parts, which it may take a while for."""
        target = self._target
        attributes = {"attributes": dict(target.attributes)} if target.attributes else {}
        call = self._call(
            "POST",
            self._commit_path,
            body={"parts": parts, **attributes},
            headers={"digest": _digest(whole), **target.condition},
            waits=True,
        )
        try:
            file = await target.surely(call, whole.hex())
        except DatabaseError as error:
            self.is_left_to_box = error.diag.status == NOT_READY
            raise
        return await target.completed(file)

    async def abort(self) -> None:
        """Have Box forget the session; one that it cannot be told of ends by itself after seven days."""
        with contextlib.suppress(DatabaseError):
            await self._target.client.send(self._call("DELETE", self._path), CallCount())

    async def _sent(self, call: ApiCall) -> Any:
        return await self._target.client.send(call, self._target.count)

    def _call(self, method: str, path: ApiPath, *, headers: Mapping[str, str] | None = None, **sent: Any) -> ApiCall:
        return ApiCall(method, path, headers={**self._target.headers, **(headers or {})}, host=Host.UPLOAD, **sent)


class Parts:
    """The parts of a source on their way; those that are `known` have come before, by their offsets."""

    def __init__(
        self, session: Session, source: Source, progress: Progress, known: Mapping[int, dict[str, Any]] | None = None
    ) -> None:
        self._session, self._source, self._progress = session, source, progress
        self._known = known or {}
        self._running: set[asyncio.Task[None]] = set()
        self._sent: dict[int, dict[str, Any]] = {}
        self._done = sum(map(session.bytes_at, self._known))
        self._telling = asyncio.Lock()

    async def send(self) -> tuple[list[dict[str, Any]], bytes]:
        """Send all parts, and return what Box tells of them, in their order, and the SHA-1 of the whole.

        Raises OtherContentError where a known part is not that of the source.
        """
        whole = hashlib.sha1(usedforsecurity=False)
        await self._progress.reached(self._done)
        try:
            for offset in self._session.offsets:
                await self._begin(offset, self._session.bytes_at(offset), whole)
                self._raise_failed()
            await self._source.check_end()
            while self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                self._raise_failed()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
        return [self._sent[offset] for offset in sorted(self._sent)], whole.digest()

    async def _begin(self, offset: int, length: int, whole: hashlib._Hash) -> None:
        """Read a part, and have it sent once it may be; a source that is slow to read keeps no other upload waiting."""
        data = await self._source.read(offset, length)
        sha1, _ = await asyncio.gather(called(_sha1, data), called(whole.update, data))
        part, known = _PartDigest(offset, data, sha1), self._known.get(offset)
        if known is not None:
            if not _is_same(part, known):
                raise OtherContentError
            self._sent[offset] = known
            return
        await self._session.slots.acquire()
        task = asyncio.create_task(self._send(part))
        self._running.add(task)
        task.add_done_callback(lambda _: self._session.slots.release())

    async def _send(self, part: _PartDigest) -> None:
        self._sent[part.offset] = await self._session.send(part)
        async with self._telling:
            self._done += len(part.data)
            await self._progress.reached(self._done)

    def _raise_failed(self) -> None:
        """Raise what the first part failed of, of those that have ended."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        for problem in [task.exception() for task in ended]:
            if problem is not None:
                raise problem


def _late(error: DatabaseError) -> OperationalError:
    """Return the error for a file that Box is still making of its parts, which an abort would stop."""
    return OperationalError(
        f"{error.diag.operation}: all of the file has come, and Box is still making it after RetrySeconds; look "
        "whether it is there before you upload it again, or raise the property RetrySeconds",
        replace(error.diag, retryable=False, is_unknown=True),
    )


def ended(error: DatabaseError) -> OperationalError | None:
    """Return the error for a session that Box does not know any more, which says nothing of the file, else None."""
    diag = error.diag
    if not says_absent(error) or diag.is_unknown:
        return None
    return OperationalError(
        f"{diag.operation}: Box has ended the upload before the file had come, as after seven days, or since its "
        "file or folder was deleted meanwhile; nothing was changed, so upload the file again",
        Diagnostics(status=diag.status, request_id=diag.request_id, operation=diag.operation, retryable=True),
    )


def _strange(call: ApiCall, what: str) -> OperationalError:
    return OperationalError(f"{call.operation}: Box's answer is not as its reference says: {what}")


def _sha1(data: Buffer) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _digest(sha1: bytes) -> str:
    """Return what the header `digest` has (RFC 3230)."""
    return f"sha={base64.b64encode(sha1).decode()}"


def _is_same(part: _PartDigest, sent: Mapping[str, Any]) -> bool:
    """Tell whether a part is the one that Box tells of."""
    return (sent.get("offset"), sent.get("size"), sent.get("sha1")) == (part.offset, len(part.data), part.sha1.hex())
