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


class _PartDigest(Struct, frozen=True):
    offset: int
    data: Buffer
    sha1: bytes


async def upload_in_parts(target: UploadTarget, source: Source, progress: Progress) -> dict[str, Any]:
    """Upload a source, and return the file; the session is aborted where that fails or is cancelled.

    Where Box is still making the file when `RetrySeconds` end, it is left at that.

    Parts are read one after another. In memory are as many of all uploads of the client as calls may be in flight, and
    one more of each upload. The addresses in Box's answer are not followed: they are those of the base URL of uploads.
    """
    session = await _begun(target, source.size)
    try:
        parts, whole = await _Parts(session, source, progress).send()
        return await session.commit(parts, whole)
    except asyncio.CancelledError:
        target.client.afterwards(session.abort())  # nobody waits for what was cancelled
        raise
    except BaseException as error:
        if not session.is_left_to_box:
            await session.abort()
        if isinstance(error, DatabaseError) and says_absent(error) and not error.diag.is_unknown:
            raise _ended(error) from None
        raise


async def _begun(target: UploadTarget, size: int) -> _Session:
    name = {} if target.name is None else {"file_name": target.name}
    folder = {"folder_id": target.parent_id} if target.file_id is None else {}
    body = {**folder, "file_size": size, **name}
    call = ApiCall("POST", target.sessions_path, body=body, headers=target.headers, host=Host.UPLOAD, repeats=True)
    answer = await target.client.send(call, target.count)
    identity, part_size = (answer.get("id"), answer.get("part_size")) if isinstance(answer, dict) else (None, None)
    if not isinstance(identity, str) or not isinstance(part_size, int) or not 0 < part_size <= MOST_BYTES_OF_PART:
        raise OperationalError(
            f"{call.operation}: Box's answer is not as its reference says: no session with a size of parts"
        )
    return _Session(target, identity, part_size)


class _Session:
    """A session that was begun: its calls. Where it `is_left_to_box`, Box still makes the file."""

    def __init__(self, target: UploadTarget, identity: str, part_size: int) -> None:
        self._target, self.part_size = target, part_size
        self._path = ApiPath("/files/upload_sessions/{id}", id=identity)
        self._parts_path = ApiPath("/files/upload_sessions/{id}/parts", id=identity)
        self._commit_path = ApiPath("/files/upload_sessions/{id}/commit", id=identity)
        self.slots = target.client.part_slots
        self.is_left_to_box = False

    async def send(self, part: _PartDigest, size: int) -> dict[str, Any]:
        """Send a part of a file of so many bytes, and return what Box tells of it.

        A part that came, but whose answer was lost, is found among those that Box has.
        """
        last = part.offset + len(part.data) - 1
        headers = {"digest": _digest(part.sha1), "content-range": f"bytes {part.offset}-{last}/{size}"}
        call = self._call("PUT", self._path, content=BytesSource(part.data), headers=headers)
        try:
            answer = await self._sent(call)
            sent = answer.get("part") if isinstance(answer, dict) else None
        except IntegrityError as error:
            sent = await self._listed(part)
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
            if error.diag.status != NOT_READY:
                raise
            self.is_left_to_box = True
            raise _late(error) from None
        return await target.completed(file)

    async def abort(self) -> None:
        """Have Box forget the session; one that it cannot be told of ends by itself after seven days."""
        with contextlib.suppress(DatabaseError):
            await self._target.client.send(self._call("DELETE", self._path), CallCount())

    async def _listed(self, part: _PartDigest) -> dict[str, Any] | None:
        position: Position | None = first(Paging.OFFSET, None)
        while position is not None:
            answer = await self._sent(self._call("GET", self._parts_path, parameters=position.parameters))
            for each in answer["entries"]:
                if each.get("offset") == part.offset:
                    return dict(each)
            position = following(Paging.OFFSET, position, answer, limit=None)
        return None

    async def _sent(self, call: ApiCall) -> Any:
        return await self._target.client.send(call, self._target.count)

    def _call(self, method: str, path: ApiPath, *, headers: Mapping[str, str] | None = None, **sent: Any) -> ApiCall:
        return ApiCall(method, path, headers={**self._target.headers, **(headers or {})}, host=Host.UPLOAD, **sent)


class _Parts:
    """The parts of a source on their way."""

    def __init__(self, session: _Session, source: Source, progress: Progress) -> None:
        self._session, self._source, self._progress = session, source, progress
        self._running: set[asyncio.Task[None]] = set()
        self._sent: dict[int, dict[str, Any]] = {}
        self._done = 0
        self._telling = asyncio.Lock()

    async def send(self) -> tuple[list[dict[str, Any]], bytes]:
        """Send all parts, and return what Box tells of them, in their order, and the SHA-1 of the whole."""
        whole = hashlib.sha1(usedforsecurity=False)
        size, part_size = self._source.size, self._session.part_size
        try:
            for offset in range(0, size, part_size):
                await self._begin(offset, min(part_size, size - offset), whole)
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
        await self._session.slots.acquire()
        task = asyncio.create_task(self._send(_PartDigest(offset, data, sha1)))
        self._running.add(task)
        task.add_done_callback(lambda _: self._session.slots.release())

    async def _send(self, part: _PartDigest) -> None:
        self._sent[part.offset] = await self._session.send(part, self._source.size)
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


def _ended(error: DatabaseError) -> OperationalError:
    """Return the error for a session that Box does not know any more, which says nothing of the file."""
    diag = error.diag
    return OperationalError(
        f"{diag.operation}: Box has ended the upload before the file had come, as after seven days, or since its "
        "file or folder was deleted meanwhile; nothing was changed, so upload the file again",
        Diagnostics(status=diag.status, request_id=diag.request_id, operation=diag.operation, retryable=True),
    )


def _sha1(data: Buffer) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _digest(sha1: bytes) -> str:
    """Return what the header `digest` has (RFC 3230)."""
    return f"sha={base64.b64encode(sha1).decode()}"


def _is_same(part: _PartDigest, sent: Mapping[str, Any]) -> bool:
    """Tell whether a part is the one that Box tells of."""
    return (sent.get("offset"), sent.get("size"), sent.get("sha1")) == (part.offset, len(part.data), part.sha1.hex())
