"""The content of files without SQL: upload, download, and open it as a file object.

Each function takes a connection of the driver, or an engine, a connection or a session of SQLAlchemy, of which it uses
the properties only: any thread may call it. With asyncio: `box_dialect.content.aio`. See docs/upload-and-download.md.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, overload

from box_dialect.api.remote_file import RemoteFile
from box_dialect.content.account import account_of
from box_dialect.content.file_info import FileInfo
from box_dialect.content.targets import target_of
from box_dialect.content.transfers import Named, Place, content_of, downloaded, uploaded
from box_dialect.content.written_file import WrittenFile
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Iterable

    from box_dialect.content.account import Account, Source
    from box_dialect.content.transfers import Progress, UploadProgress

__all__ = ["FileInfo", "RemoteFile", "WrittenFile", "download", "open", "upload"]


def download(
    connection: Source,
    file_id: str | None = None,
    target: str | os.PathLike[str] | BinaryIO | None = None,
    *,
    path: str | None = None,
    version_id: str | None = None,
    progress: Progress | None = None,
) -> FileInfo:
    """Download a file, by id or by `path`, to a path of this machine or to a binary file object.

    What has come of a download to a path is kept in a file beside it that ends in `.part`, and the next download of the
    same version goes on from there; the path itself is replaced once all has come. `progress` is called with the bytes
    that are there and the size of the whole, in another thread; what it raises ends the download.

    Raises OperationalError where there is no such file, where Box cannot be reached, and where the SHA-1 is not the one
    that Box tells; ProgrammingError for a target that is none; OSError for what cannot be written.
    """
    found = account_of(connection)
    named = Named(file_id, path, version_id)
    return found.run(downloaded, found.client, found.count(), named, target_of(target), progress)


def upload(
    connection: Source,
    source: bytes | str | os.PathLike[str] | BinaryIO | Iterable[bytes],
    *,
    path: str | None = None,
    parent_id: str | None = None,
    name: str | None = None,
    file_id: str | None = None,
    etag: str | None = None,
    size: int | None = None,
    create_folders: bool | None = None,
    content_created_at: dt.datetime | str | None = None,
    content_modified_at: dt.datetime | str | None = None,
    progress: UploadProgress | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> FileInfo:
    """Upload bytes, a local path, a binary file or an iterable of bytes, and return the file that Box made of it.

    `path` names the new file, or an existing one, of which it becomes a new version; `parent_id` and `name` a new one;
    `file_id` an existing one. With `etag` the file is there and has that one, or nothing is uploaded. `size` is
    that of a stream, where it is known. `create_folders` makes the folders of `path` that are missing; by default the
    property `CreateFolders` decides. `progress` is called with the bytes that were sent and the size of the whole, in
    another thread; what it raises ends the upload.

    `resume` is the path of a small file of this machine, which keeps an upload of more than 20 MB until it is whole: if
    it fails, is cancelled, or its process ends, the same call goes on from the parts that Box has, within seven days.
    The source is read from its beginning again, also a stream, and compared: where a part, the size or the place is
    another one, or Box has ended the upload, all is uploaded anew. The file has no secret, and is removed once the
    upload is whole. What goes in one call is sent again as a whole, and ends what the file keeps.

    Raises ProgrammingError where the connection may not write, and where the file `resume` has anything else, before
    any call; IntegrityError for a name that is in use and for a missing folder; OperationalError for another etag, a
    full quota, where another upload has `resume`, and where Box cannot be reached; DataError for a source that changes
    meanwhile; OSError where `resume` cannot be written; what reading the source raises.
    """
    found = account_of(connection)
    place = Place(path, parent_id, name, file_id, etag, found.creates_folders(create_folders))
    attributes = {"content_created_at": content_created_at, "content_modified_at": content_modified_at}
    return _uploaded(found, place, attributes, progress, size, resume, source)


@overload
def open(
    connection: Source,
    path: str | None = None,
    mode: Literal["rb"] = "rb",
    *,
    file_id: str | None = None,
    version_id: str | None = None,
) -> RemoteFile: ...


@overload
def open(
    connection: Source,
    path: str | None = None,
    *,
    mode: Literal["wb"],
    file_id: str | None = None,
    create_folders: bool | None = None,
) -> WrittenFile: ...


@overload
def open(
    connection: Source,
    path: str | None,
    mode: Literal["wb"],
    *,
    file_id: str | None = None,
    create_folders: bool | None = None,
) -> WrittenFile: ...


def open(
    connection: Source,
    path: str | None = None,
    mode: str = "rb",
    *,
    file_id: str | None = None,
    version_id: str | None = None,
    create_folders: bool | None = None,
) -> RemoteFile | WrittenFile:
    """Open a file at Box, by path or by id, for reading (`rb`) or for writing (`wb`).

    For reading, it seeks, and fetches as far as it is read; it is the version that was current when it was opened, or
    the one of `version_id`. For writing, what is written is uploaded by `close()`: a new file, or a new version of one
    that is there. Raises what `download` and `upload` raise; ProgrammingError for another mode.
    """
    found = account_of(connection)
    if mode == "rb":
        info, content = found.run(content_of, found.client, found.count(), Named(file_id, path, version_id))
        return RemoteFile(content, found.run, info.name)
    if mode != "wb":
        raise ProgrammingError(f"a file is opened by the mode 'rb' or 'wb', not {mode!r}; text is io.TextIOWrapper's")
    if version_id is not None:
        raise ProgrammingError("an earlier version cannot be written; write the file, which makes a new one")
    place = Place(path, None, None, file_id, None, found.creates_folders(create_folders))
    found.check_writable("Box")
    return WrittenFile(partial(_uploaded, found, place, {}, None, None, None), path or str(file_id))


def _uploaded(
    found: Account,
    place: Place,
    attributes: dict[str, Any],
    progress: UploadProgress | None,
    size: int | None,
    resume: str | os.PathLike[str] | None,
    source: Any,
) -> FileInfo:
    found.check_writable("Box")
    return found.run(uploaded, found.client, found.count(), place, source, size, attributes, progress, resume)
