"""Upload the content of a new file, or a new version of one: in one call, or a large one in parts.

Source: https://developer.box.com/guides/uploads/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api.caller import CallerError
from box_dialect.api.calls import ApiCall, Host, Part
from box_dialect.api.progress import Progress, Reported
from box_dialect.api.resumed_upload import given_up, upload_resumably
from box_dialect.api.source import BytesSource, FileSource, StreamSource, changed, spooled
from box_dialect.api.upload_session import upload_in_parts
from box_dialect.api.upload_target import UploadTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.api.source import Source
    from box_dialect.api.unfinished_upload import UnfinishedUpload

MOST_BYTES_AT_ONCE: Final = 20_000_000
"""Bytes that are sent in one call; an upload session takes no fewer."""

_MEGABYTE: Final = 1 << 20


async def upload(
    client: BoxClient,
    count: CallCount,
    source: Source,
    *,
    name: str | None = None,
    parent_id: str | None = None,
    file_id: str | None = None,
    etag: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    as_user: str | None = None,
    fields: Sequence[str] = (),
    progress: Callable[[int, int | None], None] | None = None,
    unfinished: UnfinishedUpload | None = None,
) -> dict[str, Any]:
    """Upload a new file by its `name` and `parent_id`, or a new version of the file `file_id`; return Box's file.

    `etag` is the one that the file must have, `attributes` are further ones of Box's, such as `content_modified_at`,
    and `fields` what is asked for of the file. `progress` is called in a worker thread with the bytes that were sent,
    and with all of them; what it raises ends the upload. The source is closed. An upload in parts goes on from what is
    `unfinished`, and is kept there if it fails or is cancelled; a smaller one ends what is kept there.

    Raises IntegrityError for a name that is in use, OperationalError for an etag that differs (HTTP 412) and for a full
    quota, DataError for a source that changes while it is read, and what reading it raises.
    """
    try:
        target = UploadTarget(client, count, name, parent_id, file_id, etag, attributes or {}, as_user, tuple(fields))
        settled = await _settled(source, client.properties.max_temporary_disk * _MEGABYTE)
        try:
            told = Progress(progress, settled.size)
            if settled.size <= MOST_BYTES_AT_ONCE:
                file = await _upload_at_once(target, settled, told)
                if unfinished is not None:
                    await given_up(target, unfinished)
                return file
            if unfinished is not None:
                return await upload_resumably(target, settled, told, unfinished)
            await target.check(settled.size)
            return await upload_in_parts(target, settled, told)
        finally:
            settled.close()
    except CallerError as error:
        if isinstance(error.problem, Exception):
            raise error.problem from None
        raise
    finally:
        source.close()


async def _upload_at_once(target: UploadTarget, source: Source, progress: Progress) -> dict[str, Any]:
    sha1 = await source.sha1()
    described = Part("attributes", msgspec.json.encode(target.description), "application/json")
    file = Part("file", Reported(source, progress, target.client.waiting), "application/octet-stream", "file")
    headers = {**target.headers, **target.condition, "content-md5": sha1}
    call = ApiCall(
        "POST", target.content_path, target.parameters, headers=headers, host=Host.UPLOAD, parts=(described, file)
    )
    return await target.surely(call, sha1)


async def _settled(source: Source, most_on_disk: int) -> Source:
    """Return a source of known size, which can be read again unless it is sent in parts.

    What is sent in one call must not need another one meanwhile, for which there may be no slot.
    """
    if isinstance(source, FileSource) and not source.is_local and source.size <= MOST_BYTES_AT_ONCE:
        content = await source.read(0, source.size)
        await source.check_end()
        return BytesSource(content)
    if not isinstance(source, StreamSource):
        return source
    beginning = await source.read_up_to(MOST_BYTES_AT_ONCE + 1)
    if len(beginning) <= MOST_BYTES_AT_ONCE:
        if source.told_size not in {None, len(beginning)}:
            raise changed(f"it ends after {len(beginning):,} bytes", source.told_size)
        return BytesSource(beginning)
    source.give_back(beginning)
    if source.told_size is None:
        return await spooled(source, most_on_disk or None)
    if source.size <= MOST_BYTES_AT_ONCE:
        raise changed("it goes on", source.size)
    return source
