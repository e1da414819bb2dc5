"""Procedures that upload the contents of files.

Source: https://developer.box.com/guides/uploads/
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Context, Input, Procedure

from ._contents import CONTENT, SOURCE_PATH, source
from ._items import FILE_ID, ITEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model import JsonObject

_FIELDS: Final = ("id", "type", "name", "parent", "etag", "size", "sha1", "file_version")
_UPLOADED: Final = (
    *ITEM,
    Column("Size", Type.INTEGER, doc="Size in bytes."),
    Column("SHA1", source="sha1", doc="SHA-1 of the content, in hexadecimal."),
    Column("VersionId", source="file_version.id", doc="Id of the version that it made."),
)
_MODIFIED_AT: Final = Input(
    name="ContentModifiedAt", type=Type.TIMESTAMP, doc="When the content was changed last. Default: now."
)


async def _uploaded(
    context: Context,
    *,
    name: str | None,
    parent_id: str,
    content: bytes | None,
    local_path: str | None,
    content_created_at: str | None,
    content_modified_at: str | None,
) -> list[JsonObject]:
    name = name or (None if local_path is None else PurePath(local_path).name)
    times = {"content_created_at": content_created_at, "content_modified_at": content_modified_at}
    with source(context, "UploadFile", content, local_path) as given:
        return [await _upload(context, given, times, name=name, parent_id=parent_id)]


async def _uploaded_version(
    context: Context,
    *,
    file_id: str,
    content: bytes | None,
    local_path: str | None,
    name: str | None,
    content_modified_at: str | None,
    e_tag: str | None,
) -> list[JsonObject]:
    times = {"content_modified_at": content_modified_at}
    with source(context, "UploadFileVersion", content, local_path) as given:
        return [await _upload(context, given, times, file_id=file_id, name=name, etag=e_tag)]


async def _upload(context: Context, given: object, times: Mapping[str, str | None], **where: str | None) -> JsonObject:
    from box_dialect.api.source import Source
    from box_dialect.api.upload import upload

    attributes = {name: moment for name, moment in times.items() if moment is not None}
    uploaded: JsonObject = await context.perform(
        upload, Source.of(given), attributes=attributes, fields=_FIELDS, writes="POST /files/content", **where
    )
    return uploaded


upload_file: Final = Procedure(
    name="UploadFile",
    doc="Upload a new file, out of a value or a file of this machine. INSERT INTO `files` does the same to many.",
    reference="https://developer.box.com/reference/post-files-content/",
    inputs=(
        Input(name="Name", doc="Its name. Default: that of the file at `LocalPath`."),
        Input(name="ParentId", default="0", doc="Id of the folder that shall hold it."),
        CONTENT,
        SOURCE_PATH,
        Input(name="ContentCreatedAt", type=Type.TIMESTAMP, doc="When the content was made. Default: now."),
        _MODIFIED_AT,
    ),
    outputs=_UPLOADED,
    side_effect=True,
    run=_uploaded,
)

upload_file_version: Final = Procedure(
    name="UploadFileVersion",
    doc="Upload a new version of a file, out of a value or a file of this machine.",
    reference="https://developer.box.com/reference/post-files-id-content/",
    inputs=(
        FILE_ID,
        CONTENT,
        SOURCE_PATH,
        Input(name="Name", doc="Its name from then on. Default: the one that it has."),
        _MODIFIED_AT,
        Input(name="ETag", doc="The `etag` that the file must still have. Default: any."),
    ),
    outputs=_UPLOADED,
    side_effect=True,
    run=_uploaded_version,
)
