"""Transfers: what uploading and downloading do, on the event loop of the process."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from box_dialect.api.caller import called, opened
from box_dialect.api.folder_paths import FolderPaths
from box_dialect.api.remote_content import RemoteContent
from box_dialect.api.source import Source
from box_dialect.api.unfinished_upload import UnfinishedUpload
from box_dialect.api.upload import upload
from box_dialect.content.file_info import FIELDS, FileInfo, file_info
from box_dialect.content.items import child, file_at, file_by_id, names_of, no_item
from box_dialect.content.targets import check_sha1
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.targets import Target

    Progress = Callable[[int, int], None]
    UploadProgress = Callable[[int, int | None], None]


class Wanted(Protocol):
    """What tells a file whose content is wanted."""

    async def info(self, client: BoxClient, count: CallCount) -> FileInfo:
        """Return what Box says of it; raises OperationalError where it is not there."""


@dataclass(frozen=True, slots=True)
class Known:
    """A file of which is known what Box says of it."""

    told: FileInfo

    async def info(self, client: BoxClient, count: CallCount) -> FileInfo:  # noqa: ARG002 - as others need them
        """Return what is known, without a call."""
        return self.told


@dataclass(frozen=True, slots=True)
class Named:
    """A file by its id or its path, and the version that is meant, the current one where none is.

    Raises ProgrammingError unless either is given.
    """

    file_id: str | None
    path: str | None
    version_id: str | None = None

    def __post_init__(self) -> None:
        if (self.file_id is None) == (self.path is None):
            raise ProgrammingError("a file is named by file_id, or by path")

    async def info(self, client: BoxClient, count: CallCount) -> FileInfo:
        """Return what Box says of it; raises OperationalError where it is not there."""
        if self.file_id is not None:
            return await file_by_id(client, count, self.file_id, self.version_id)
        return await file_at(client, count, self.path or "", self.version_id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upload goes: a path, a name in a folder, or a file, whose etag may have to be the one that is given.

    Raises ProgrammingError unless one of them is given.
    """

    path: str | None = None
    parent_id: str | None = None
    name: str | None = None
    file_id: str | None = None
    etag: str | None = None
    create_folders: bool = False

    def __post_init__(self) -> None:
        is_in_folder = self.parent_id is not None and self.name is not None
        is_half = not is_in_folder and (self.parent_id is not None or self.name is not None)
        if is_half or [self.path is not None, is_in_folder, self.file_id is not None].count(True) != 1:
            raise ProgrammingError("an upload goes to a path, to a name in the folder parent_id, or to a file_id")
        if self.path is not None and not names_of(self.path):
            raise ProgrammingError("the path of an upload ends in the name of a file")
        if is_in_folder and self.etag is not None:
            raise ProgrammingError("a new file has no etag yet; give the path or the file_id of the one that has it")

    async def settled(self, client: BoxClient, count: CallCount) -> dict[str, str | None]:
        """Return what `upload` takes: a path becomes the id of the file that is there, or of the folder and a name.

        Raises IntegrityError where a folder of the path is missing, and is not to be made, OperationalError where the
        file is that should have an etag.
        """
        if self.path is None:
            return {"parent_id": self.parent_id, "name": self.name, "file_id": self.file_id, "etag": self.etag}
        *folders, name = names = names_of(self.path)
        folder_id = await FolderPaths(client, count).folder_id("/" + "/".join(folders), create=self.create_folders)
        there = await child(client, count, folder_id, name)
        if there is None and self.etag is not None:
            raise no_item(names, len(names) - 1, "is not there, so that it has no etag")
        if there is None:
            return {"parent_id": folder_id, "name": name}
        if there.get("type") != "file":
            raise no_item(names, len(names) - 1, "is no file")
        return {"file_id": str(there["id"]), "etag": self.etag}


async def content_of(client: BoxClient, count: CallCount, wanted: Wanted) -> tuple[FileInfo, RemoteContent]:
    """Return what Box says of a file, and its content."""
    info = await wanted.info(client, count)
    return info, RemoteContent(client, count, info.version)


async def content_read(
    client: BoxClient, count: CallCount, wanted: Wanted, start: int | None, end: int | None
) -> bytes:
    """Return the bytes of a file from `start` up to `end`, which count from its end where they are negative.

    All of them are compared with the SHA-1 that Box tells; raises OperationalError where that is another one.
    """
    info, content = await content_of(client, count, wanted)
    first, last, _ = slice(start, end).indices(info.size)
    read = await content.read(first, last)
    if last - first == info.size:
        check_sha1(info, await called(lambda: hashlib.sha1(read, usedforsecurity=False).hexdigest()))
    return read


async def downloaded(
    client: BoxClient, count: CallCount, wanted: Wanted, target: Target, progress: Progress | None
) -> FileInfo:
    """Download a file, from where an earlier download ended, and return which version it is.

    `progress` is called in a worker thread. Raises what a call raises, what writing raises, and what `progress` raises.
    """
    info, content = await content_of(client, count, wanted)
    download = await opened(target.opened, info)
    try:
        done = download.done
        stream = content.stream(done)
        try:
            while data := await stream.next():
                await called(download.write, data)
                done += len(data)
                if progress is not None:
                    await called(progress, done, info.size)
        finally:
            await stream.aclose()
        await called(download.end)
    finally:
        await called(download.close)
    return info


async def uploaded(
    client: BoxClient,
    count: CallCount,
    place: Place,
    source: Any,
    size: int | None,
    attributes: Mapping[str, dt.datetime | str | None],
    progress: UploadProgress | None,
    resume: str | os.PathLike[str] | None = None,
) -> FileInfo:
    """Upload a source, and return the file that Box made of it; raises what `upload` raises.

    `resume` is the path of the file in which an upload in parts is kept until it is whole.
    """
    content: Source = await opened(Source.of, source, size)
    try:
        unfinished = None if resume is None else await opened(UnfinishedUpload, resume)
        try:
            where = await place.settled(client, count)
            given = {name: _text(value) for name, value in attributes.items() if value is not None}
            file = await upload(
                client,
                count,
                content,
                attributes=given,
                fields=FIELDS,
                progress=progress,
                unfinished=unfinished,
                **where,
            )
            return file_info(file)
        finally:
            if unfinished is not None:
                await called(unfinished.close)
    finally:
        content.close()


def _text(moment: dt.datetime | str) -> str:
    """Return a moment as Box takes it; one without a time zone is in UTC."""
    if isinstance(moment, str):
        return moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat(timespec="seconds")
