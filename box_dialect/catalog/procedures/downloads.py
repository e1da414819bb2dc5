"""Procedures that download contents: of a file, of several as an archive, and what Box makes of them.

Sources: https://developer.box.com/guides/downloads/ and https://developer.box.com/guides/representations/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Context, Input, Procedure
from box_dialect.errors import DatabaseError, Diagnostics, OperationalError

from ._contents import AS_VALUE, TARGET, TO_FILE, Target, target
from ._items import FILE_ID

if TYPE_CHECKING:
    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.api.remote_content import Version
    from box_dialect.catalog.model import JsonObject

_NO_THUMBNAIL: Final = frozenset({"preview_cannot_be_generated"})
_FOUND: Final = 302
"""The status by which Box gives a picture of the kind of a file, of which it makes no thumbnail."""

_DESCRIBED: Final = "name,size,sha1"


async def _downloaded(
    context: Context, *, file_id: str, version_id: str | None, local_path: str | None, replace: bool
) -> list[JsonObject]:
    from box_dialect.api.remote_content import Version

    if version_id is None:
        path, fields = ApiPath("/files/{file_id}", file_id=file_id), f"{_DESCRIBED},file_version"
    else:
        path = ApiPath("/files/{file_id}/versions/{version_id}", file_id=file_id, version_id=version_id)
        fields = _DESCRIBED
    file = await context.send(ApiCall("GET", path, {"fields": fields}))
    version = Version(file_id, version_id or (file.get("file_version") or {}).get("id"), int(file["size"]))
    with target(context, local_path, replaces=replace) as taken:
        taken.check(version.size)
        await context.perform(_pour, version, taken)
        if taken.sha1 != file["sha1"]:
            raise OperationalError(
                f"GET {path}/content: what came has another SHA-1 than the file; try again",
                Diagnostics(operation=f"GET {path}/content", retryable=True),
            )
    told = {"id": file_id, "version_id": version.id, "local_path": local_path, "content": taken.content}
    return [{**file, **told}]


async def _pour(client: BoxClient, count: CallCount, version: Version, taken: Target) -> None:
    """Have a content taken as it comes."""
    from box_dialect.api.remote_content import RemoteContent

    stream = RemoteContent(client, count, version).stream()
    try:
        while piece := await stream.next():
            await taken.take(piece)
        await taken.flush()
    finally:
        await stream.aclose()


async def _zipped(
    context: Context,
    *,
    items: list[JsonObject],
    download_file_name: str | None,
    local_path: str | None,
    replace: bool,
) -> list[JsonObject]:
    from box_dialect.api.zip_downloads import download_zip

    with target(context, local_path, replaces=replace) as taken:
        status: JsonObject = await context.perform(download_zip, items, download_file_name, taken.take)
        await taken.flush()
    return [{**status, "size": taken.size, "local_path": local_path, "content": taken.content}]


async def _thumbnail(
    context: Context, *, file_id: str, extension: str, **bounds: int | None
) -> list[tuple[bytes | None]]:
    path = ApiPath("/files/{file_id}/thumbnail.{extension}", file_id=file_id, extension=extension)
    asked = {name: str(pixels) for name, pixels in bounds.items() if pixels is not None}
    try:
        return [(await context.send(ApiCall("GET", path, asked, is_download=True, follows=False)),)]
    except DatabaseError as error:
        if error.diag.status == _FOUND or error.diag.code in _NO_THUMBNAIL:
            return [(None,)]
        raise


async def _representation(
    context: Context, *, file_id: str, hints: str, asset_path: str | None
) -> list[tuple[bytes | None]]:
    from box_dialect.api.representations import content_of

    path, bracketed = ApiPath("/files/{file_id}", file_id=file_id), hints if "[" in hints else f"[{hints}]"
    content: bytes | None = await context.perform(
        content_of, path, bracketed, asset_path=asset_path or "", most_bytes=context.most_bytes
    )
    return [(content,)]


download_file: Final = Procedure(
    name="DownloadFile",
    doc="Download a file, as a value or to a file of this machine, and compare its SHA-1.",
    reference="https://developer.box.com/reference/get-files-id-content/",
    inputs=(
        FILE_ID,
        Input(name="VersionId", doc="Id of the version. Default: the current one."),
        *TARGET,
    ),
    outputs=(
        Column("Id", doc="Id of the file."),
        Column("VersionId", doc="Id of the version."),
        Column("Name", doc="Its name."),
        Column("Size", Type.INTEGER, doc="Size in bytes."),
        Column("SHA1", source="sha1", doc="SHA-1 of the content, in hexadecimal."),
        TO_FILE,
        AS_VALUE,
    ),
    side_effect=True,
    reads_when=(("LocalPath", None),),
    run=_downloaded,
)

download_zip: Final = Procedure(
    name="DownloadZip",
    doc="Download files and folders as one archive, as a value or to a file of this machine.",
    reference="https://developer.box.com/reference/post-zip-downloads/",
    inputs=(
        Input(
            name="Items",
            type=Type.JSON,
            form=OBJECTS,
            required=True,
            doc='The items, such as `[{"type": "folder", "id": "7"}]`; Box takes 10,000 files at most.',
        ),
        Input(name="DownloadFileName", doc="What Box calls the archive."),
        *TARGET,
    ),
    outputs=(
        Column("Size", Type.INTEGER, doc="Size of the archive in bytes."),
        Column("State", doc="How far Box is: `succeeded`, or `in_progress`."),
        Column("TotalFileCount", Type.INTEGER, doc="Files that were asked for."),
        Column("DownloadedFileCount", Type.INTEGER, doc="Files that are in it."),
        Column("SkippedFileCount", Type.INTEGER, doc="Files that Box left out."),
        Column("SkippedFolderCount", Type.INTEGER, doc="Folders that Box left out."),
        Column("NameConflicts", Type.JSON, doc="Items that are called otherwise in it, for others have their names."),
        TO_FILE,
        AS_VALUE,
    ),
    side_effect=True,
    reads_when=(("LocalPath", None),),
    run=_zipped,
)

_PIXELS: Final[dict[str, Any]] = {"type": Type.INTEGER}

get_thumbnail: Final = Procedure(
    name="GetThumbnail",
    doc="A small picture of a file, NULL where Box makes none of such a file. One that Box still makes is waited for.",
    reference="https://developer.box.com/reference/get-files-id-thumbnail-id/",
    inputs=(
        FILE_ID,
        Input(name="Extension", choices=("png", "jpg"), default="png", doc="The format of the picture."),
        Input(name="MinHeight", doc="The least height in pixels, from 32 to 320.", **_PIXELS),
        Input(name="MinWidth", doc="The least width in pixels, from 32 to 320.", **_PIXELS),
        Input(name="MaxHeight", doc="The greatest height in pixels, from 32 to 320.", **_PIXELS),
        Input(name="MaxWidth", doc="The greatest width in pixels, from 32 to 320.", **_PIXELS),
    ),
    outputs=(Column("Content", Type.BLOB, doc="The picture."),),
    side_effect=False,
    run=_thumbnail,
)

get_representation: Final = Procedure(
    name="GetRepresentation",
    doc="What Box makes of the content of a file: its text, a PDF, a picture of a page. NULL where Box makes none of "
    "such a file. One that Box still makes is waited for.",
    reference="https://developer.box.com/reference/get-files-id/",
    inputs=(
        FILE_ID,
        Input(
            name="Hints",
            default="[extracted_text]",
            doc="What is asked for, as in the header `X-Rep-Hints`: `[pdf]`, `[jpg?dimensions=320x320]`. Of several "
            "the first one that there is counts.",
        ),
        Input(name="AssetPath", doc="The part of one that has several, such as a page: `1.png`."),
    ),
    outputs=(Column("Content", Type.BLOB, doc="The bytes."),),
    side_effect=False,
    run=_representation,
)
