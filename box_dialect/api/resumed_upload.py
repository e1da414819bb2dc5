"""Resumed upload: go on with an upload in parts that another call, or another process, has left unfinished.

Source: https://developer.box.com/guides/uploads/chunked/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from box_dialect.api.caller import called
from box_dialect.api.source import StreamSource
from box_dialect.api.unfinished_upload import KeptUpload
from box_dialect.api.upload_session import OtherContentError, Parts, Session, begun, ended
from box_dialect.errors import DatabaseError, DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.api.progress import Progress
    from box_dialect.api.source import Source
    from box_dialect.api.unfinished_upload import UnfinishedUpload
    from box_dialect.api.upload_target import UploadTarget


async def upload_resumably(
    target: UploadTarget, source: Source, progress: Progress, unfinished: UnfinishedUpload
) -> dict[str, Any]:
    """Upload a source, from what has come of it already, and return the file.

    Where that fails or is cancelled, Box keeps the session, and the file of this machine tells of it. A session that
    Box has ended, or whose file goes elsewhere, has another size or other bytes, is followed by a new one.

    Raises DataError for a stream that has other bytes than before, since it cannot be read again.
    """
    kept = unfinished.kept
    session = None if kept is None else await _session(target, source, kept)
    if session is None and kept is not None and (made := await _made(target, source, unfinished, kept)) is not None:
        await progress.reached(source.size)
        await called(unfinished.end)
        return made
    await target.check(source.size)
    if session is not None:
        try:
            return await _sent(session, source, progress, unfinished, await session.parts())
        except OtherContentError:
            await session.abort()
            await _read_again(source, unfinished)
    session = await begun(target, source.size)
    try:
        await called(unfinished.keep, KeptUpload.of(target, session.id, session.part_size, session.size))
    except Exception:
        await session.abort()
        raise
    return await _sent(session, source, progress, unfinished, {})


async def given_up(target: UploadTarget, unfinished: UnfinishedUpload) -> None:
    """Have Box forget the session that is kept, and remove the file of this machine."""
    kept = unfinished.kept
    if kept is not None:
        await Session(target, kept.session_id, kept.part_size, kept.size).abort()
    await called(unfinished.end)


async def _session(target: UploadTarget, source: Source, kept: KeptUpload) -> Session | None:
    """Return the session that is kept; None where Box has ended it, or it is of another file, and aborted."""
    session = Session(target, kept.session_id, kept.part_size, kept.size)
    told = await session.told()
    if told is None:
        return None
    if kept.size == source.size and kept.goes_to(target) and told.get("part_size") == kept.part_size:
        return session
    await session.abort()
    return None


async def _made(
    target: UploadTarget, source: Source, unfinished: UnfinishedUpload, kept: KeptUpload
) -> dict[str, Any] | None:
    """Return the file if Box has made it of what is kept, and that is the source: only the answer was lost."""
    if kept.sha1 is None or kept.size != source.size:
        return None
    file = await target.found(kept.sha1)
    if file is None or not (kept.goes_to(target) or kept.is_of(file)):
        return None
    if await source.sha1() == kept.sha1:
        return file
    await _read_again(source, unfinished)
    return None


async def _sent(
    session: Session,
    source: Source,
    progress: Progress,
    unfinished: UnfinishedUpload,
    known: Mapping[int, dict[str, Any]],
) -> dict[str, Any]:
    """Send the parts that Box does not know, and have it make the file; raises OtherContentError by a known one."""
    try:
        parts, whole = await Parts(session, source, progress, known).send()
        if unfinished.kept is not None:
            await called(unfinished.keep, msgspec.structs.replace(unfinished.kept, sha1=whole.hex()))
        file = await session.commit(parts, whole)
    except OtherContentError:
        raise
    except Exception as error:
        if isinstance(error, DatabaseError) and (gone := ended(error)) is not None:
            raise gone from None
        unfinished.tell(error)
        raise
    await called(unfinished.end)
    return file


async def _read_again(source: Source, unfinished: UnfinishedUpload) -> None:
    """Raise DataError for a source that cannot be read again, with which the next call begins anew."""
    if isinstance(source, StreamSource):
        await called(unfinished.end)
        raise DataError(
            "the stream has other bytes than those of the unfinished upload, which is given up; upload the stream "
            "again, from its beginning"
        )
