"""Items by their paths, out of listings of the folders on the way. What runs here runs on the event loop.

Source: https://developer.box.com/reference/get-folders-id-items/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.paging import Paging, first, following
from box_dialect.content.file_info import FIELDS, FileInfo, file_info
from box_dialect.errors import Diagnostics, OperationalError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient

    JsonObject = Mapping[str, Any]

ROOT: Final[Mapping[str, Any]] = {"type": "folder", "id": "0", "name": ""}
"""The folder that holds all others."""

_PAGE: Final = 1000


def names_of(path: str) -> tuple[str, ...]:
    """Return the names that a path such as `/Sales/2026.csv` is made of; the slash before it may be left out."""
    return tuple(name for name in path.split("/") if name)


async def entries(
    client: BoxClient, count: CallCount, folder_id: str, fields: Sequence[str] = FIELDS
) -> AsyncIterator[JsonObject]:
    """Yield the items of a folder, a call for each thousand; raises what a call raises."""
    path = ApiPath("/folders/{folder_id}/items", folder_id=folder_id)
    position = first(Paging.MARKER, _PAGE)
    while True:
        parameters = {"usemarker": "true", "fields": ",".join(fields), **position.parameters}
        page = await client.send(ApiCall("GET", path, parameters), count)
        found = page.get("entries") if isinstance(page, dict) else None
        if not isinstance(found, list) or not all(isinstance(each, dict) and "id" in each for each in found):
            raise OperationalError(
                f"GET {path}: the answer is no listing of a folder, so something else than Box answered; check the "
                "host in the URL, the property APIBaseURL and proxies"
            )
        for entry in found:
            yield entry
        coming = following(Paging.MARKER, position, page, limit=_PAGE)
        if coming is None:
            return
        position = coming


async def item_at(client: BoxClient, count: CallCount, names: Sequence[str]) -> JsonObject:
    """Return the item at a path, with `FIELDS`, by a listing of each folder on the way.

    Raises OperationalError where there is none, as Box does of an id (HTTP 404).
    """
    item = ROOT
    for depth, name in enumerate(names):
        if item.get("type") != "folder":
            raise no_item(names, depth - 1, "is no folder")
        found = await child(client, count, str(item["id"]), name)
        if found is None:
            raise no_item(names, depth, "is not there, or the signed-in user cannot see it")
        item = found
    return item


async def make_folder(client: BoxClient, count: CallCount, parent_id: str, name: str) -> JsonObject:
    """Make a folder, and return it; raises IntegrityError where the name is in use."""
    body = {"name": name, "parent": {"id": parent_id}}
    made: JsonObject = await client.send(
        ApiCall("POST", ApiPath("/folders"), {"fields": ",".join(FIELDS)}, body=body), count
    )
    return made


async def child(client: BoxClient, count: CallCount, folder_id: str, name: str) -> JsonObject | None:
    """Return the item of a folder that has a name, None where there is none; raises what a call raises."""
    async for entry in entries(client, count, folder_id):
        if entry.get("name") == name:
            return entry
    return None


async def file_by_id(client: BoxClient, count: CallCount, file_id: str, version_id: str | None = None) -> FileInfo:
    """Return what Box says of a file, and of an earlier version of it, by a further call; raises what a call raises."""
    path = ApiPath("/files/{file_id}", file_id=file_id)
    entry = await client.send(ApiCall("GET", path, {"fields": ",".join(FIELDS)}), count)
    current = file_info(entry)
    if version_id in {None, current.version_id}:
        return current
    path = ApiPath("/files/{file_id}/versions/{version_id}", file_id=file_id, version_id=version_id)
    fields = "name,size,sha1,created_at,modified_at"
    return file_info(entry, await client.send(ApiCall("GET", path, {"fields": fields}), count))


async def file_at(client: BoxClient, count: CallCount, path: str, version_id: str | None = None) -> FileInfo:
    """Return what Box says of the file at a path; raises OperationalError where none is there (HTTP 404)."""
    names = names_of(path)
    item = await item_at(client, count, names)
    if item.get("type") != "file":
        raise no_item(names, len(names) - 1, "is no file")
    if version_id is not None:
        return await file_by_id(client, count, str(item["id"]), version_id)
    return file_info(item)


def no_item(names: Sequence[str], depth: int, why: str) -> OperationalError:
    """Return the error for a path of which the name at a depth is not what is looked for."""
    return OperationalError(f"/{'/'.join(names[: depth + 1])} {why}", Diagnostics(status=404, code="not_found"))
